//! The content of every report, independent of its format: the verdict, the gates, the reasons with
//! their locations, the plan, and links.

use super::check::verdict;
use super::dates::Dates;
use super::ending::Ending;
use super::escape::uri;
use super::finding::{Sources, Spot, Tree};
use super::pages::Pages;
use super::since::{not_due, not_given, not_set, released};
use super::stats::Stats;
use crate::base::finding::{Finding, Who};
use crate::base::names::{Sha, StageName, TagName};
use crate::base::version::Version;
use crate::base::word::{Tone, Word};
use crate::facts::Facts;
use crate::judge::calendar;
use crate::judge::case::{Case, Since};
use crate::judge::gates::{Feedback, feedback};
use crate::judge::ruling::{Answer, Poll, Verdict};
use crate::judge::target::Target;
use crate::planner::Progress;
use crate::planner::accounting::Accounting;
use crate::planner::blockers::{Blockers, order, usual};
use crate::planner::cost::Costs;
use crate::planner::steps;
use crate::planner::usual::Usual;
use crate::project::manifest::Mode;
use crate::project::schedule::Schedule;
use crate::release::outcome::Outcome;
use crate::release::plan::Plan;
use crate::release::waiver::UsedWaiver;
use jiff::Timestamp;
use std::borrow::Cow;

/// The kind of a report; each belongs to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The results of the gates: `check`.
    Verdict,
    /// The steps of a release: `plan`.
    Plan,
    /// The result of a release: `release`.
    Run,
    /// The result of an attempt to cancel a release: `abort`.
    Abort,
    /// The progress of a release: `status`.
    Status,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Verdict, Self::Plan, Self::Run, Self::Abort, Self::Status];
}

/// Why there is nothing to release, if there is no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NothingToDo {
    /// The version was released, and tminus has no ledger for it.
    Out {
        /// The version.
        version: Version,
        /// Its tag.
        tag: TagName,
        /// The commit of the tag.
        commit: Sha,
    },
    /// A file contains a development version.
    Development {
        /// The version.
        version: Version,
        /// The file.
        path: String,
    },
    /// A file contains a placeholder between releases.
    NotSet {
        /// The file.
        path: String,
        /// The placeholder.
        text: String,
    },
    /// A person must pass the version, and none was passed.
    NotGiven {
        /// The number of commits since the last release.
        commits: usize,
        /// Its tag.
        tag: Option<TagName>,
    },
}

impl NothingToDo {
    /// The reason if a file does not contain a version to release: a development version or a
    /// placeholder.
    #[must_use]
    pub fn not_due(case: &Case<'_>) -> Option<Self> {
        if let Some((target, path)) = case.in_development() {
            return Some(Self::Development {
                version: target.version.clone(),
                path: path.to_owned(),
            });
        }
        let (path, text) = case.not_set()?;
        Some(Self::NotSet { path: path.to_owned(), text: text.to_owned() })
    }

    /// The sentence about it.
    #[must_use]
    pub fn said(&self) -> String {
        match self {
            Self::Out { version, tag, commit } => released(version, tag, commit),
            Self::Development { version, path } => not_due(version, path),
            Self::NotSet { path, text } => not_set(path, text),
            Self::NotGiven { commits, tag } => not_given(*commits, tag.as_ref()),
        }
    }
}

/// A reason that does not come from a gate: a conflict, a failed step, a missing plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Its word (`conflict`, `error`, `unknown`).
    pub word: Word,
    /// The reason.
    pub finding: Finding,
}

/// The content of a report: every format is a function of it.
#[derive(Debug)]
pub struct Report<'a> {
    /// Its kind.
    pub kind: Kind,
    /// The observed state.
    pub facts: &'a Facts,
    /// The version to release, if known.
    pub target: Option<&'a Target>,
    /// The rulings of the gates, if they ran.
    pub poll: Option<&'a Poll>,
    /// The plan and its progress, if there is a plan.
    pub plan: Option<(&'a Plan, &'a Progress)>,
    /// The requests that the rest of the plan needs.
    pub costs: Costs,
    /// Why there is no plan although nothing is wrong.
    pub idle: Option<NothingToDo>,
    /// The commits since the last release.
    pub since: Option<Since>,
    /// Whether the notes list each of these commits, if requested.
    pub accounting: Option<Accounting>,
    /// What blocks the release, if it differs from the findings of the gates.
    pub blockers: Option<Blockers>,
    /// What testers reported, if a gate lists it.
    pub feedback: Option<Feedback<'a>>,
    /// Reasons other than those of the gates.
    pub trouble: Vec<Trouble>,
    /// The outcome.
    pub ending: Ending,
    /// The stage that the next run can start, if this run stopped before it.
    pub next_stage: Option<StageName>,
    /// The requests and the time.
    pub stats: Stats,
    /// The schedule that the release has to keep, if there is one.
    pub schedule: Option<Schedule>,
    /// The train that it leaves with, and when its tasks are due.
    pub dates: Dates,
    /// Web pages that it links to.
    pub pages: &'a Pages,
}

/// A reason, with the gates that give it.
#[derive(Debug)]
pub struct Reason<'a> {
    /// `no-go`, `hold`, `unknown`, `inform`, `conflict` or `error`.
    pub word: Word,
    /// The gates; empty if the reason does not come from a gate.
    pub gates: Vec<&'a str>,
    /// The finding.
    pub finding: Cow<'a, Finding>,
    /// The location, if its file is known.
    pub spot: Option<Spot<'a>>,
    /// Who can fix it, if known.
    pub who: Option<String>,
    /// Until when it lasts, at the earliest, if that is known.
    pub until: Option<Timestamp>,
    /// How long it usually takes.
    pub usual: Option<Usual>,
}

impl<'a> Report<'a> {
    /// A report of a kind about a case, without gates and without a plan.
    #[must_use]
    pub fn new(kind: Kind, case: &'a Case<'a>, pages: &'a Pages, ending: Ending) -> Self {
        Self {
            kind,
            facts: case.facts,
            target: case.target().ok(),
            poll: None,
            plan: None,
            costs: Costs::default(),
            idle: None,
            since: None,
            accounting: None,
            blockers: None,
            feedback: feedback(case),
            trouble: Vec::new(),
            ending,
            next_stage: None,
            stats: Stats::default(),
            schedule: calendar::applied(case),
            dates: Dates::of(case),
            pages,
        }
    }

    /// Adds the rulings of the gates, and determines whether there is anything to release.
    #[must_use]
    pub fn judged(case: &'a Case<'a>, poll: &'a Poll, pages: &'a Pages, stats: Stats) -> Self {
        let nothing = case.facts.request.nothing();
        let not_given = case
            .not_given()
            .map(|(commits, tag)| NothingToDo::NotGiven { commits, tag: tag.cloned() });
        let idle = NothingToDo::not_due(case).or(not_given);
        let ending = match (poll.verdict(), &idle, case.all_done()) {
            (Verdict::Go, Some(idle @ NothingToDo::NotGiven { .. }), _) => {
                Ending::new(Outcome::VersionNotGiven, idle.said())
            }
            (Verdict::Go, Some(idle), _) => Ending::new(nothing, idle.said()),
            (Verdict::Go, None, Some((target, tag))) => {
                Ending::new(nothing, released(&target.version, &target.tag, &tag.commit))
            }
            (Verdict::Go, None, None) | (Verdict::Hold | Verdict::Unknown | Verdict::NoGo, ..) => {
                verdict(poll, stats.cost())
            }
        };
        let (poll, since) = (Some(poll), case.since());
        Self { poll, since, idle, stats, ..Self::new(Kind::Verdict, case, pages, ending) }
    }

    /// The verdict of the gates or, without gates, the verdict that corresponds to the exit code,
    /// if there is one.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        let of_exit = || match self.kind {
            Kind::Run => Verdict::of(self.ending.outcome.exit()),
            Kind::Verdict | Kind::Plan | Kind::Abort | Kind::Status => None,
        };
        self.poll.map(Poll::verdict).or_else(of_exit)
    }

    /// The version, its tag and the previous release, from the plan or, without a plan, from the
    /// target.
    #[must_use]
    pub fn subject(&self) -> Option<(&'a Version, &'a TagName)> {
        match (self.plan, self.target) {
            (Some((plan, _)), _) => Some((&plan.version, &plan.tag)),
            (None, Some(target)) => Some((&target.version, &target.tag)),
            (None, None) => None,
        }
    }

    /// The previous release on the same line.
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

    /// The page of the release, if it exists.
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

    /// All reasons: of gates that count, of gates that only inform, and others.
    #[must_use]
    pub fn reasons(&self, sources: &'a Sources) -> Vec<Reason<'a>> {
        let mut reasons: Vec<Reason<'a>> = Vec::new();
        let answers = |mode| {
            let all = self.poll.into_iter().flat_map(|poll| &poll.answers);
            all.filter(move |answer| answer.mode == mode)
        };
        for answer in answers(Mode::On) {
            self.said(answer, None, sources, &mut reasons);
        }
        self.remarks(sources, &mut reasons);
        for answer in answers(Mode::Inform) {
            self.said(answer, Some(Word::INFORM), sources, &mut reasons);
        }
        reasons
    }

    /// The waivers that were used: those of the gates, else those of the ledger.
    #[must_use]
    pub fn waived(&self) -> Vec<&'a UsedWaiver> {
        match (self.poll, self.facts.ledger.known()) {
            (Some(poll), _) => poll.waived().map(|waived| &waived.used).collect(),
            (None, Ok(ledger)) if self.kind != Kind::Verdict => ledger.waived().collect(),
            (None, Ok(_) | Err(_)) => Vec::new(),
        }
    }

    /// The commit that a file is of.
    #[must_use]
    pub fn commit_of(&self, tree: Tree) -> &Sha {
        let facts = self.facts;
        let other = match tree {
            Tree::Judged => None,
            Tree::Base => facts.merge.as_ref().map(|merge| &merge.onto),
            Tree::Head => facts.waivers.known().ok().and_then(|file| file.commit.as_ref()),
        };
        other.unwrap_or(&facts.commit.sha)
    }

    /// Each waiver that was used, further notes of gates, and notes about other waivers.
    fn remarks(&self, sources: &'a Sources, reasons: &mut Vec<Reason<'a>>) {
        let mut say = |word, gates, finding: Cow<'a, Finding>, spot| {
            let who = who(&finding, self.facts);
            reasons.push(Reason { word, gates, finding, spot, who, until: None, usual: None });
        };
        let Some(poll) = self.poll else {
            for used in self.waived() {
                let said = format!("{}: {}", used.ruling, used.said);
                let finding = Finding::new(said).note(format!("waiver {}", used.grant()));
                say(Word::WAIVED, vec![used.gate.as_str()], Cow::Owned(finding), None);
            }
            return;
        };
        for waived in poll.waived() {
            let (gate, finding) = (waived.used.gate.as_str(), &waived.finding);
            let spot = sources.spot(finding);
            say(Word::WAIVED, vec![gate], Cow::Borrowed(finding), spot);
        }
        for (gate, finding) in poll.notes() {
            say(Word::NOTE, vec![gate], Cow::Borrowed(finding), sources.spot(finding));
        }
        for (word, findings) in
            [(Word::ERROR, &poll.waiver_faults), (Word::NOTE, &poll.waiver_notes)]
        {
            for finding in findings {
                say(word, Vec::new(), Cow::Borrowed(finding), sources.spot(finding));
            }
        }
    }

    /// Reasons that do not come from a gate.
    pub fn troubles<'r>(&'r self, sources: &'r Sources) -> impl Iterator<Item = Reason<'r>> {
        self.trouble.iter().map(|one| Reason {
            word: one.word,
            gates: Vec::new(),
            finding: Cow::Borrowed(&one.finding),
            spot: sources.spot(&one.finding),
            who: who(&one.finding, self.facts),
            until: None,
            usual: usual(self.facts, &one.finding),
        })
    }

    /// What blocks, in the order in which it can be resolved.
    #[must_use]
    pub fn blocking(&'a self, sources: &'a Sources) -> Vec<Reason<'a>> {
        let mut reasons: Vec<Reason<'a>> = match &self.blockers {
            Some(blockers) => blockers.all.iter().map(Reason::of).collect(),
            None => self.reasons(sources),
        };
        reasons.retain(|reason| reason.word.tone != Tone::Remark);
        reasons.sort_by_key(|reason| order(reason.word.tone, &reason.finding));
        self.troubles(sources).chain(reasons).collect()
    }

    /// What gates say besides, which blocks nothing.
    #[must_use]
    pub fn notes_of_gates(&self) -> Vec<Reason<'_>> {
        let notes = self.blockers.iter().flat_map(|blockers| &blockers.notes);
        let note = |note| Reason::note(note, self.facts);
        notes.map(note).collect()
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
        for finding in answer.open() {
            let same = |one: &&mut Reason<'_>| one.word == word && *one.finding == *finding;
            match reasons.iter_mut().find(same) {
                Some(one) => one.gates.push(&answer.gate),
                None => reasons.push(Reason {
                    word,
                    gates: vec![&answer.gate],
                    finding: Cow::Borrowed(finding),
                    spot: sources.spot(finding),
                    who: who(finding, self.facts),
                    until: None,
                    usual: usual(self.facts, finding),
                }),
            }
        }
    }
}

/// Who can fix a finding. Before a merge, the author is the pull request's.
pub(super) fn who(finding: &Finding, facts: &Facts) -> Option<String> {
    match (finding.who?, &facts.merge) {
        (Who::Author, Some(_)) => Some("the author of the pull request".into()),
        (_, _) => finding.waits_on(),
    }
}
