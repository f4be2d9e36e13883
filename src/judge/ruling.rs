//! The ruling of one gate, and the verdict over all of them.

use crate::base::finding::{Finding, Who};
use crate::base::names::Sha;
use crate::base::word::Word;
use crate::facts::{Facts, Unseen};
use crate::project::manifest::Mode;
use crate::release::outcome::{Exit, Outcome};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The ruling of one gate. A go also says what was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ruling {
    /// The condition is met.
    Go {
        /// What was checked, in one line.
        evidence: String,
    },
    /// Not yet: something is pending.
    Hold {
        /// A line for the table.
        summary: String,
        /// The reasons, each with its location.
        findings: Vec<Finding>,
    },
    /// The condition is not met.
    NoGo {
        /// A line for the table.
        summary: String,
        /// The reasons, each with its location.
        findings: Vec<Finding>,
    },
    /// A fact could not be read.
    Unknown {
        /// A line for the table.
        summary: String,
        /// The reasons, each with its location.
        findings: Vec<Finding>,
    },
}

impl Ruling {
    /// A go, with what was checked.
    pub fn go(evidence: impl Into<String>) -> Self {
        Self::Go { evidence: evidence.into() }
    }

    /// A no-go with one finding, which is also its summary.
    #[must_use]
    pub fn no_go(finding: Finding) -> Self {
        Self::NoGo { summary: finding.message.clone(), findings: vec![finding] }
    }

    /// An unknown with one finding, which is also its summary.
    #[must_use]
    pub fn unknown(finding: Finding) -> Self {
        Self::Unknown { summary: finding.message.clone(), findings: vec![finding] }
    }

    /// Unknown, because `what` could not be read.
    #[must_use]
    pub fn unseen(what: &str, unseen: &Unseen) -> Self {
        Self::unknown(unseen.finding(&format!("cannot read {what}")))
    }

    /// The gate is for merges, and no merge is evaluated.
    #[must_use]
    pub fn no_merge() -> Self {
        let finding = Finding::new("there is no pull request to check")
            .help("pass a pull request with `--pr`");
        Self::unknown(finding.who(Who::Operator))
    }

    /// The verdict that it corresponds to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Go { .. } => Verdict::Go,
            Self::Hold { .. } => Verdict::Hold,
            Self::NoGo { .. } => Verdict::NoGo,
            Self::Unknown { .. } => Verdict::Unknown,
        }
    }

    /// The line in the table.
    #[must_use]
    pub fn summary(&self) -> &str {
        match self {
            Self::Go { evidence } => evidence,
            Self::Hold { summary, .. }
            | Self::NoGo { summary, .. }
            | Self::Unknown { summary, .. } => summary,
        }
    }

    /// The reasons, none for a go.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Go { .. } => &[],
            Self::Hold { findings, .. }
            | Self::NoGo { findings, .. }
            | Self::Unknown { findings, .. } => findings,
        }
    }
}

/// The verdict, in ascending order of severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything required is present.
    Go,
    /// Something is pending; run again later.
    Hold,
    /// Something could not be read.
    Unknown,
    /// Something is wrong.
    NoGo,
}

impl Verdict {
    /// Its word and tone.
    #[must_use]
    pub const fn word(self) -> Word {
        self.outcome().word()
    }

    /// The outcome of a run that only evaluates gates.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Go => Outcome::Go,
            Self::Hold => Outcome::Hold,
            Self::Unknown => Outcome::Unknown,
            Self::NoGo => Outcome::NoGo,
        }
    }

    /// The verdict that an exit code corresponds to; `None` for codes that are not verdicts, such
    /// as partial.
    #[must_use]
    pub const fn of(exit: Exit) -> Option<Self> {
        match exit {
            Exit::Go => Some(Self::Go),
            Exit::NoGo => Some(Self::NoGo),
            Exit::Hold => Some(Self::Hold),
            Exit::Unknown => Some(Self::Unknown),
            Exit::Usage | Exit::Partial => None,
        }
    }
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        verdict.outcome()
    }
}

impl From<Verdict> for Word {
    fn from(verdict: Verdict) -> Self {
        verdict.word()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.word().fmt(out)
    }
}

/// The result of one gate of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The gate.
    pub gate: String,
    /// Whether it counts.
    pub mode: Mode,
    /// Its ruling; `None` if it was off or did not run.
    pub ruling: Option<Ruling>,
    /// Why it did not run, if it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_asked: Option<String>,
}

/// The results of all gates for one commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// The commit.
    pub commit: Sha,
    /// In the order of the report.
    pub answers: Vec<Answer>,
}

impl Poll {
    /// The worst ruling that counts; none at all is unknown.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let counting = self.answers.iter().filter(|answer| answer.mode == Mode::On);
        let rulings = counting.filter_map(|answer| answer.ruling.as_ref());
        rulings.map(Ruling::verdict).max().unwrap_or(Verdict::Unknown)
    }

    /// The gates that determine the verdict.
    #[must_use]
    pub fn deciding(&self) -> Vec<&str> {
        let verdict = self.verdict();
        let such = |answer: &&Answer| {
            answer.mode == Mode::On
                && answer.ruling.as_ref().is_some_and(|ruling| ruling.verdict() == verdict)
        };
        self.answers.iter().filter(such).map(|answer| answer.gate.as_str()).collect()
    }

    /// The gates that prevent a release from starting.
    #[must_use]
    pub fn stopping(&self) -> Vec<String> {
        let stops = |answer: &&Answer| {
            answer.mode == Mode::On
                && answer.ruling.as_ref().is_none_or(|ruling| ruling.verdict() != Verdict::Go)
        };
        self.answers.iter().filter(stops).map(|answer| answer.gate.clone()).collect()
    }

    /// Whether every gate that counts ran.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.answers.iter().all(|answer| answer.mode == Mode::Off || answer.ruling.is_some())
    }

    /// Permission to perform public steps for this commit; returned only if all gates ran and the
    /// verdict is go.
    #[must_use]
    pub fn permit(&self, facts: &Facts) -> Option<Permit> {
        let same = facts.commit.sha == self.commit;
        (same && self.complete() && self.verdict() == Verdict::Go)
            .then(|| Permit { commit: self.commit.clone(), _only_here: () })
    }
}

/// Proof that every gate was go for a commit. Public operations require one.
#[derive(Debug)]
pub struct Permit {
    commit: Sha,
    _only_here: (),
}

impl Permit {
    /// The commit that it was given for.
    #[must_use]
    pub fn commit(&self) -> &Sha {
        &self.commit
    }
}
