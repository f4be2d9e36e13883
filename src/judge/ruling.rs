//! The ruling of one gate, and the verdict over all of them.

use crate::base::finding::{Finding, Who};
use crate::base::names::Sha;
use crate::base::word::Word;
use crate::facts::{Facts, Unseen};
use crate::project::manifest::Mode;
use crate::release::outcome::{Exit, Outcome};
use crate::release::waiver::UsedWaiver;
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
    /// What else it says, whatever its ruling. It stops nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Finding>,
    /// The waivers that cover what it says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waived: Vec<Waived>,
    /// Whether they cover everything, so that the gate counts as go and keeps its ruling.
    /// Otherwise, its ruling contains only the uncovered findings.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_waived: bool,
}

/// A waiver that covers an answer, or some findings of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waived {
    /// The waiver, as it is recorded.
    pub used: UsedWaiver,
    /// The same for reports, with the place of the waiver.
    pub finding: Finding,
}

impl Answer {
    /// The findings that no waiver covers.
    #[must_use]
    pub fn open(&self) -> &[Finding] {
        match &self.ruling {
            Some(ruling) if !self.is_waived => ruling.findings(),
            Some(_) | None => &[],
        }
    }

    /// What it counts as: one that is waived does not stop anything.
    #[must_use]
    pub fn counts_as(&self) -> Option<Verdict> {
        let verdict = self.ruling.as_ref()?.verdict();
        Some(if self.is_waived { Verdict::Go } else { verdict })
    }

    /// The word of its ruling in reports. One that is waived is never shown as go.
    #[must_use]
    pub fn word(&self) -> Option<Word> {
        let verdict = self.ruling.as_ref()?.verdict();
        Some(if self.is_waived { Word::WAIVED } else { verdict.word() })
    }

    /// The line in the table; a waived one includes the ruling.
    #[must_use]
    pub fn summary(&self) -> Option<String> {
        let ruling = self.ruling.as_ref()?;
        Some(match self.is_waived {
            true => format!("{}: {}", ruling.verdict(), ruling.summary()),
            false => ruling.summary().to_owned(),
        })
    }
}

/// The results of all gates for one commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// The commit.
    pub commit: Sha,
    /// In the order of the report.
    pub answers: Vec<Answer>,
    /// Errors in waivers, because of which they do not apply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiver_faults: Vec<Finding>,
    /// Notes about waivers that have expired or are not needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiver_notes: Vec<Finding>,
}

impl Poll {
    /// The worst ruling that counts; none at all is unknown.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let counting = self.answers.iter().filter(|answer| answer.mode == Mode::On);
        counting.filter_map(Answer::counts_as).max().unwrap_or(Verdict::Unknown)
    }

    /// The gates that determine the verdict.
    #[must_use]
    pub fn deciding(&self) -> Vec<&str> {
        let verdict = self.verdict();
        let such =
            |answer: &&Answer| answer.mode == Mode::On && answer.counts_as() == Some(verdict);
        self.answers.iter().filter(such).map(|answer| answer.gate.as_str()).collect()
    }

    /// The gates that prevent a release from starting.
    #[must_use]
    pub fn stopping(&self) -> Vec<String> {
        let stops =
            |answer: &&Answer| answer.mode == Mode::On && answer.counts_as() != Some(Verdict::Go);
        self.answers.iter().filter(stops).map(|answer| answer.gate.clone()).collect()
    }

    /// The waivers that it rests on.
    pub fn waived(&self) -> impl Iterator<Item = &Waived> {
        self.answers.iter().flat_map(|answer| &answer.waived)
    }

    /// What else the gates say, which stops nothing.
    pub fn notes(&self) -> impl Iterator<Item = (&str, &Finding)> {
        self.answers.iter().flat_map(|answer| {
            answer.notes.iter().map(move |finding| (answer.gate.as_str(), finding))
        })
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
        (same && self.complete() && self.verdict() == Verdict::Go).then(|| Permit {
            commit: self.commit.clone(),
            waived: self.waived().map(|waived| waived.used.clone()).collect(),
            _only_here: (),
        })
    }
}

/// Proof that every gate was go for a commit, or waived. Public operations require one.
#[derive(Debug)]
pub struct Permit {
    commit: Sha,
    waived: Vec<UsedWaiver>,
    _only_here: (),
}

impl Permit {
    /// The commit that it was given for.
    #[must_use]
    pub fn commit(&self) -> &Sha {
        &self.commit
    }

    /// The waivers that it rests on.
    #[must_use]
    pub fn waived(&self) -> &[UsedWaiver] {
        &self.waived
    }
}
