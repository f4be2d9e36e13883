//! The content of every report, independent of its format: the verdict, the gates, the reasons with
//! their locations, the plan, and links.

use super::check::{Cost, verdict_line};
use super::escape::uri;
use super::finding::{Paint, Sources, Spot};
use super::since::{not_due, not_given};
use crate::base::finding::{Finding, Who};
use crate::base::names::{Sha, Slug, TagName};
use crate::base::version::Version;
use crate::base::word::Word;
use crate::facts::Facts;
use crate::judge::case::Case;
use crate::judge::ruling::{Answer, Poll, Verdict};
use crate::judge::target::Target;
use crate::planner::Progress;
use crate::planner::steps;
use crate::project::manifest::Mode;
use crate::release::outcome::Outcome;
use crate::release::plan::Plan;

/// Web pages that a report links to, if known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pages {
    /// The repository's own, without a slash at its end.
    pub repository: Option<String>,
    /// The workflow run that tminus is part of.
    pub run: Option<String>,
    /// Where the repository's pages are.
    pub links: Links,
}

/// Where a forge has its pages, as texts behind the repository's address. `{commit}`, `{path}` and
/// `{line}` are filled in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Links {
    /// A commit.
    pub commit: &'static str,
    /// A line of a file at a commit.
    pub line: &'static str,
}

impl Pages {
    /// Pages of a repository on a server. Invalid URLs are omitted.
    #[must_use]
    pub fn of(
        links: Links,
        server: Option<&str>,
        repository: Option<&Slug>,
        run: Option<&str>,
    ) -> Self {
        let server = server.and_then(uri::address);
        let repository = server.zip(repository).map(|(server, slug)| {
            format!("{}/{}", server.trim_end_matches('/'), uri::path(slug.as_str()))
        });
        Self { repository, run: run.and_then(uri::address), links }
    }

    /// A commit's page.
    #[must_use]
    pub fn commit(&self, sha: &Sha) -> Option<String> {
        let page = self.repository.as_ref().filter(|_| !self.links.commit.is_empty())?;
        Some(format!("{page}{}", self.links.commit.replace("{commit}", sha.as_str())))
    }

    /// A line of a file at a commit.
    #[must_use]
    pub fn line(&self, sha: &Sha, file: &str, line: usize) -> Option<String> {
        let page = self.repository.as_ref().filter(|_| !self.links.line.is_empty())?;
        let at = self.links.line.replace("{commit}", sha.as_str());
        let at = at.replace("{line}", &line.to_string()).replace("{path}", &uri::path(file));
        Some(format!("{page}{at}"))
    }

    /// An address that others gave, if it leads to a page of this repository.
    #[must_use]
    pub fn own(&self, address: &str) -> Option<String> {
        let address = uri::address(address)?;
        let rest = address.strip_prefix(self.repository.as_deref()?)?;
        rest.starts_with('/').then(|| address.clone())
    }
}

/// The outcome, and a sentence about it for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// How.
    pub outcome: Outcome,
    /// What follows its word, one line.
    pub said: String,
}

impl Ending {
    /// An outcome, and what a last line says behind its word.
    #[must_use]
    pub fn of(outcome: Outcome, line: &str) -> Self {
        let said = line.split_once(": ").map_or(line, |(_, said)| said);
        Self { outcome, said: said.to_owned() }
    }
}

/// A reason that no gate gave: a conflict, a step that failed, no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What kind (`conflict`, `error`, `unknown`).
    pub word: Word,
    /// The reason.
    pub finding: Finding,
}

/// The content of a report.
#[derive(Debug)]
pub struct Report<'a> {
    /// What was observed.
    pub facts: &'a Facts,
    /// The version to release, if known.
    pub target: Option<&'a Target>,
    /// The rulings of the gates, if they ran.
    pub poll: Option<&'a Poll>,
    /// The plan and its progress, if there is a plan.
    pub plan: Option<(&'a Plan, &'a Progress)>,
    /// Reasons beside the gates'.
    pub trouble: Vec<Trouble>,
    /// The outcome.
    pub ending: Ending,
    /// Web pages that it links to.
    pub pages: &'a Pages,
}

/// A reason, with the gates that give it.
#[derive(Debug)]
pub struct Reason<'a> {
    /// `no-go`, `hold`, `unknown`, `inform`, `conflict` or `error`.
    pub word: Word,
    /// The gates; none for what no gate said.
    pub gates: Vec<&'a str>,
    /// What is said.
    pub finding: &'a Finding,
    /// Where, if the file is at hand.
    pub spot: Option<Spot<'a>>,
    /// Who can fix it, if known.
    pub who: Option<&'static str>,
}

impl<'a> Report<'a> {
    /// A report of the gates' rulings, and whether anything remains to be released.
    #[must_use]
    pub fn judged(case: &'a Case<'a>, poll: &'a Poll, pages: &'a Pages, cost: Cost) -> Self {
        let due = poll.verdict() != Verdict::Go;
        let nothing = case.facts.request.nothing();
        let early = case.in_development().filter(|_| !due);
        let ending = match (early, case.all_done().filter(|_| !due)) {
            (Some((target, path)), _) => {
                Ending::of(nothing, &not_due(&target.version, path, Paint::Plain))
            }
            (None, Some((target, tag))) => Ending {
                outcome: nothing,
                said: format!(
                    "{} is already released, {} at {}",
                    target.version,
                    target.tag,
                    tag.commit.short()
                ),
            },
            (None, None) => match case.not_given().filter(|_| !due) {
                Some(since) => {
                    Ending::of(Outcome::VersionNotGiven, &not_given(since, Paint::Plain))
                }
                None => Ending::of(poll.verdict().into(), &verdict_line(poll, cost, Paint::Plain)),
            },
        };
        let (facts, target) = (case.facts, case.target().ok());
        Self { facts, target, poll: Some(poll), plan: None, trouble: Vec::new(), ending, pages }
    }

    /// The version, its tag and the release before, from the plan, else from the target.
    #[must_use]
    pub fn subject(&self) -> Option<(&'a Version, &'a TagName)> {
        match (self.plan, self.target) {
            (Some((plan, _)), _) => Some((&plan.version, &plan.tag)),
            (None, Some(target)) => Some((&target.version, &target.tag)),
            (None, None) => None,
        }
    }

    /// The release before this one, on the same line.
    #[must_use]
    pub fn previous(&self) -> Option<&'a TagName> {
        match self.plan {
            Some((plan, _)) => plan.previous.as_ref(),
            None => {
                let history = self.facts.history.known().ok();
                history.and_then(|history| history.base.as_ref()).map(|base| &base.tag)
            }
        }
    }

    /// The notes of the release.
    #[must_use]
    pub fn notes(&self) -> Option<String> {
        steps::notes(self.plan?.0)
    }

    /// The page of the release, once there is one.
    #[must_use]
    pub fn release_page(&self) -> Option<String> {
        let (_, progress) = self.plan?;
        progress.release.as_ref().and_then(|release| uri::address(&release.url))
    }

    /// The state of each stage.
    #[must_use]
    pub fn stages(&self) -> Vec<(&'a str, Word)> {
        let Some((plan, progress)) = self.plan else { return Vec::new() };
        let stages = plan.stages.iter();
        stages.map(|stage| (stage.name.as_str(), progress.of_stage(stage))).collect()
    }

    /// Every reason: those of gates that count, those of gates that inform, and the others.
    #[must_use]
    pub fn reasons(&self, sources: &'a Sources) -> Vec<Reason<'a>> {
        let mut reasons: Vec<Reason<'a>> = Vec::new();
        for (mode, inform) in [(Mode::On, None), (Mode::Inform, Some(Word::INFORM))] {
            let answers = self.poll.into_iter().flat_map(|poll| &poll.answers);
            for answer in answers.filter(|answer| answer.mode == mode) {
                self.said(answer, inform, sources, &mut reasons);
            }
        }
        reasons
    }

    /// Reasons that no gate gave.
    pub fn troubles<'r>(&'r self, sources: &'r Sources) -> impl Iterator<Item = Reason<'r>> {
        self.trouble.iter().map(|one| Reason {
            word: one.word,
            gates: Vec::new(),
            finding: &one.finding,
            spot: sources.spot(&one.finding),
            who: who(&one.finding, self.facts),
        })
    }

    fn said(
        &self,
        answer: &'a Answer,
        inform: Option<Word>,
        sources: &'a Sources,
        reasons: &mut Vec<Reason<'a>>,
    ) {
        let Some(ruling) = answer.ruling.as_ref() else { return };
        let word = match (ruling.verdict(), inform) {
            (Verdict::Go, None) => return,
            (verdict, inform) => inform.unwrap_or(verdict.word()),
        };
        for finding in ruling.findings() {
            let same = |one: &&mut Reason<'_>| one.word == word && one.finding == finding;
            match reasons.iter_mut().find(same) {
                Some(one) => one.gates.push(&answer.gate),
                None => reasons.push(Reason {
                    word,
                    gates: vec![&answer.gate],
                    finding,
                    spot: sources.spot(finding),
                    who: who(finding, self.facts),
                }),
            }
        }
    }
}

/// Who can fix a finding. Before a merge, the author is the pull request's.
fn who(finding: &Finding, facts: &Facts) -> Option<&'static str> {
    match (finding.who?, &facts.merge) {
        (Who::Author, Some(_)) => Some("the author of the pull request"),
        (who, _) => Some(who.words()),
    }
}
