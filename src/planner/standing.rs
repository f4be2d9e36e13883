//! The state of each step: done, missing or unseen; and broken items that tminus can remove.

use crate::base::finding::Finding;
use crate::base::names::{StageName, StepKey};
use crate::base::word::{Tone, Word};
use crate::facts::{Release, Unseen};
use crate::judge::ruling::Verdict;
use crate::release::plan::{Plan, PlannedStage};
use crate::release::step::{Planned, Reach};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

const MISSING: Word = Word::new("missing", Tone::Open);
const DONE: Word = Word::new("done", Tone::Good);
const WAITING: Word = Word::new("waiting", Tone::Wait);
const FAILED: Word = Word::new("failed", Tone::Bad);
const UNSEEN: Word = Word::new("unseen", Tone::Doubtful);

/// The state of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    /// It is not done.
    Missing,
    /// It is done, and its result is visible.
    Done {
        /// The evidence.
        evidence: String,
    },
    /// It cannot start, or cannot end, for now.
    Held(Box<Held>),
    /// It could not be read.
    Unseen(Unseen),
}

/// Why a step is on hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Hold, no-go or unknown.
    pub verdict: Verdict,
    /// The reason.
    pub finding: Finding,
    /// The earliest end of the hold, if it is known.
    pub until: Option<Timestamp>,
    /// When to try again, if it is known: a verification takes samples during the hold.
    pub again: Option<Timestamp>,
}

impl Held {
    /// When to try again; `None` if that is unknown.
    #[must_use]
    pub fn pause(&self, now: Timestamp) -> Option<SignedDuration> {
        Some(self.again?.duration_since(now).max(SignedDuration::from_secs(1)))
    }

    /// A hold that ends at an unknown time.
    #[must_use]
    pub const fn hold(finding: Finding) -> Self {
        Self { verdict: Verdict::Hold, finding, until: None, again: None }
    }
}

impl StepState {
    /// Its word and tone.
    #[must_use]
    pub const fn word(&self) -> Word {
        match self {
            Self::Missing => MISSING,
            Self::Done { .. } => DONE,
            Self::Held(held) => match held.verdict {
                Verdict::Hold | Verdict::Go => WAITING,
                Verdict::NoGo => FAILED,
                Verdict::Unknown => UNSEEN,
            },
            Self::Unseen(_) => UNSEEN,
        }
    }

    /// The earliest end of the hold, if it is known.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Held(held) => held.until,
            Self::Missing | Self::Done { .. } | Self::Unseen(_) => None,
        }
    }

    /// The evidence, or why the state could not be read.
    #[must_use]
    pub fn said(&self) -> Option<&str> {
        match self {
            Self::Missing => None,
            Self::Done { evidence } => Some(evidence),
            Self::Held(held) => Some(&held.finding.message),
            Self::Unseen(unseen) => Some(&unseen.why),
        }
    }
}

/// A broken item that blocks the release and that tminus may remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// An incomplete upload.
    RemoveAsset {
        /// Its number.
        asset: u64,
        /// Its name.
        name: String,
    },
    /// A second, empty draft of this release.
    RemoveDraft {
        /// Its number.
        release: u64,
        /// The draft to keep.
        kept: u64,
    },
}

/// The progress of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The state of each step.
    pub standings: BTreeMap<StepKey, StepState>,
    /// Items that must be removed before the release can continue.
    pub repairs: Vec<Repair>,
    /// The draft of the release, or the published release.
    pub release: Option<Release>,
    /// Steps that are done because this release does not need them: they make nothing public.
    pub idle: Vec<StepKey>,
    /// Public steps that were started and may have taken effect.
    pub doubted: Vec<StepKey>,
}

impl Progress {
    /// The state of a step.
    #[must_use]
    pub fn of(&self, key: &StepKey) -> &StepState {
        self.standings.get(key).unwrap_or(&StepState::Missing)
    }

    /// The state of a stage, in one word.
    #[must_use]
    pub fn of_stage(&self, stage: &PlannedStage) -> Word {
        let (mut done, mut unseen) = (0, false);
        for planned in &stage.steps {
            match self.of(&planned.key) {
                StepState::Done { .. } => done += 1,
                StepState::Unseen(_) => unseen = true,
                StepState::Missing | StepState::Held(_) => {}
            }
        }
        match done {
            n if n == stage.steps.len() => DONE,
            _ if unseen => UNSEEN,
            0 => MISSING,
            _ => Word::new("partial", Tone::Unfinished),
        }
    }

    /// Whether the actual state shows that a step is done.
    #[must_use]
    pub fn is_done(&self, key: &StepKey) -> bool {
        matches!(self.of(key), StepState::Done { .. })
    }

    /// The number of steps whose state could not be read.
    #[must_use]
    pub fn unseen(&self, plan: &Plan) -> usize {
        plan.steps().filter(|(_, step)| matches!(self.of(&step.key), StepState::Unseen(_))).count()
    }

    /// The first step that is not done, in the stages up to and including `through`.
    #[must_use]
    pub fn next<'p>(
        &self,
        plan: &'p Plan,
        through: Option<&StageName>,
    ) -> Option<(&'p PlannedStage, &'p Planned)> {
        let last =
            through.and_then(|name| plan.stages.iter().position(|stage| stage.name == *name));
        let stages = plan.stages.iter().take(last.map_or(usize::MAX, |last| last + 1));
        let mut steps = stages.flat_map(|stage| stage.steps.iter().map(move |step| (stage, step)));
        steps.find(|(_, planned)| !self.is_done(&planned.key))
    }

    /// Whether every step is done and no repair is needed.
    #[must_use]
    pub fn is_complete(&self, plan: &Plan) -> bool {
        self.next(plan, None).is_none() && self.repairs.is_empty()
    }

    /// The furthest reach of the steps that are done or may be done.
    #[must_use]
    pub fn reached(&self, plan: &Plan) -> Option<Reach> {
        let done = |key: &StepKey| self.is_done(key) && !self.idle.contains(key);
        let may_be = |key: &StepKey| done(key) || self.doubted.contains(key);
        let done = plan.steps().filter(|(_, planned)| may_be(&planned.key));
        done.map(|(_, planned)| planned.reach).max()
    }

    /// Whether something is public, or may be.
    #[must_use]
    pub fn is_public(&self, plan: &Plan) -> bool {
        self.reached(plan) >= Some(Reach::Public)
    }
}
