//! What every report tells, whatever its form: the verdict, the gates, the reasons with their
//! places, the plan, and the pages that belong to it.

use super::check::{Cost, verdict_line};
use super::escape::uri;
use super::finding::{Paint, Sources, Spot};
use super::since::not_due;
use crate::base::finding::{Finding, Who};
use crate::base::names::{Sha, Slug, TagName};
use crate::base::version::Version;
use crate::facts::Facts;
use crate::judge::case::Case;
use crate::judge::ruling::{Answer, Poll, Verdict};
use crate::judge::target::Target;
use crate::planner::steps;
use crate::planner::{Progress, Standing};
use crate::project::manifest::Mode;
use crate::release::plan::{Plan, PlannedStage};

/// Pages of the web that a report leads to, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pages {
    /// The repository's own, without a slash at its end.
    pub repository: Option<String>,
    /// The workflow run that tminus is part of.
    pub run: Option<String>,
}

impl Pages {
    /// Pages of a repository on a server. Addresses that are none are left out.
    #[must_use]
    pub fn of(server: Option<&str>, repository: Option<&Slug>, run: Option<&str>) -> Self {
        let server = server.and_then(uri::address);
        let repository = server.zip(repository).map(|(server, slug)| {
            format!("{}/{}", server.trim_end_matches('/'), uri::path(slug.as_str()))
        });
        Self { repository, run: run.and_then(uri::address) }
    }

    /// A commit's page.
    #[must_use]
    pub fn commit(&self, sha: &Sha) -> Option<String> {
        self.repository.as_ref().map(|page| format!("{page}/commit/{sha}"))
    }

    /// A line of a file at a commit.
    #[must_use]
    pub fn line(&self, sha: &Sha, file: &str, line: usize) -> Option<String> {
        let page = self.repository.as_ref()?;
        Some(format!("{page}/blob/{sha}/{}#L{line}", uri::path(file)))
    }

    /// An address that others gave, if it leads to a page of this repository.
    #[must_use]
    pub fn own(&self, address: &str) -> Option<String> {
        let address = uri::address(address)?;
        let rest = address.strip_prefix(self.repository.as_deref()?)?;
        rest.starts_with('/').then(|| address.clone())
    }
}

/// How it came out: the word, and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// One of the words of `docs/reports.md` (`go`, `released`, `partial`).
    pub word: &'static str,
    /// What follows it, one line.
    pub said: String,
}

impl Ending {
    /// A word, and what a last line says behind its own.
    #[must_use]
    pub fn of(word: &'static str, line: &str) -> Self {
        let said = line.split_once(": ").map_or(line, |(_, said)| said);
        Self { word, said: said.to_owned() }
    }
}

/// A reason that no gate gave: a conflict, a step that failed, no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What kind (`conflict`, `error`, `unknown`).
    pub word: &'static str,
    /// The reason.
    pub finding: Finding,
}

/// Everything that there is to tell.
#[derive(Debug)]
pub struct Report<'a> {
    /// What was observed.
    pub facts: &'a Facts,
    /// What is at stake, where that could be told.
    pub target: Option<&'a Target>,
    /// What the gates said, where they were asked.
    pub poll: Option<&'a Poll>,
    /// The plan and how far it is fulfilled, where there is one.
    pub plan: Option<(&'a Plan, &'a Progress)>,
    /// Reasons beside the gates'.
    pub trouble: Vec<Trouble>,
    /// How it came out.
    pub ending: Ending,
    /// Pages that it leads to.
    pub pages: &'a Pages,
}

/// A reason, with the gates that give it.
#[derive(Debug)]
pub struct Reason<'a> {
    /// `no-go`, `hold`, `unknown`, `inform`, `conflict` or `error`.
    pub word: &'static str,
    /// The gates; none for what no gate said.
    pub gates: Vec<&'a str>,
    /// What is said.
    pub finding: &'a Finding,
    /// Where, if the file is at hand.
    pub spot: Option<Spot<'a>>,
    /// Who can do something about it, where that is known.
    pub who: Option<&'static str>,
}

impl<'a> Report<'a> {
    /// What the gates said, and whether that leaves anything to be released.
    #[must_use]
    pub fn judged(case: &'a Case<'a>, poll: &'a Poll, pages: &'a Pages, cost: Cost) -> Self {
        let due = poll.verdict() != Verdict::Go;
        let ending = match case.all_done().filter(|_| !due) {
            Some((target, tag)) => Ending {
                word: "nothing-to-release",
                said: format!(
                    "{} is out, {} at {}",
                    target.version,
                    target.tag,
                    tag.commit.short()
                ),
            },
            None => match case.in_development().filter(|_| !due) {
                Some((target, path)) => {
                    let line = not_due(&target.version, path, Paint::Plain);
                    Ending::of("nothing-to-release", &line)
                }
                None => Ending::of(poll.verdict().word(), &verdict_line(poll, cost, Paint::Plain)),
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

    /// Where each stage stands.
    #[must_use]
    pub fn stages(&self) -> Vec<(&'a str, &'static str)> {
        let Some((plan, progress)) = self.plan else { return Vec::new() };
        plan.stages.iter().map(|stage| (stage.name.as_str(), standing(stage, progress))).collect()
    }

    /// Every reason: those of gates that count, those of gates that inform, and the others.
    #[must_use]
    pub fn reasons(&self, sources: &'a Sources) -> Vec<Reason<'a>> {
        let mut reasons: Vec<Reason<'a>> = Vec::new();
        for (mode, inform) in [(Mode::On, None), (Mode::Inform, Some("inform"))] {
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
        inform: Option<&'static str>,
        sources: &'a Sources,
        reasons: &mut Vec<Reason<'a>>,
    ) {
        let Some(ruling) = answer.ruling.as_ref() else { return };
        let word = inform.unwrap_or(match ruling.verdict() {
            Verdict::Go => return,
            Verdict::Hold => "hold",
            Verdict::Unknown => "unknown",
            Verdict::NoGo => "no-go",
        });
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

/// Who can take a reason away. A change that is to be merged is its author's.
fn who(finding: &Finding, facts: &Facts) -> Option<&'static str> {
    match (finding.who?, &facts.merge) {
        (Who::Author, Some(_)) => Some("the author of the pull request"),
        (who, _) => Some(who.words()),
    }
}

/// A stage in one word.
fn standing(stage: &PlannedStage, progress: &Progress) -> &'static str {
    let (mut done, mut unseen) = (0, false);
    for planned in &stage.steps {
        match progress.of(&planned.key) {
            Standing::Done { .. } => done += 1,
            Standing::Unseen(_) => unseen = true,
            Standing::Missing => {}
        }
    }
    match done {
        n if n == stage.steps.len() => "done",
        _ if unseen => "unseen",
        0 => "missing",
        _ => "partial",
    }
}
