//! The state of each step: done, missing or unseen; and broken items that tminus can remove.

use crate::base::finding::Finding;
use crate::base::names::{StageName, StepKey};
use crate::base::word::{Tone, Word};
use crate::facts::{Release, Unseen};
use crate::judge::ruling::Verdict;
use crate::release::plan::{Plan, PlannedStage};
use crate::release::step::{Planned, Reach};
use jiff::Timestamp;
use std::collections::BTreeMap;

const MISSING: Word = Word::new("missing", Tone::Open);
const DONE: Word = Word::new("done", Tone::Good);
const WAITING: Word = Word::new("waiting", Tone::Wait);
const FAILED: Word = Word::new("failed", Tone::Bad);
const UNSEEN: Word = Word::new("unseen", Tone::Doubtful);

/// Where one step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    /// It is not done.
    Missing,
    /// It is done, and its result is visible.
    Done {
        /// What shows it.
        evidence: String,
    },
    /// It cannot be done, or does not end, for now.
    Held(Box<Held>),
    /// It could not be read.
    Unseen(Unseen),
}

/// Why a step is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Hold, no-go or unknown.
    pub verdict: Verdict,
    /// The reason.
    pub finding: Finding,
    /// Until when, at the earliest, if it is known.
    pub until: Option<Timestamp>,
}

impl Held {
    /// A hold that ends at an unknown time.
    #[must_use]
    pub const fn hold(finding: Finding) -> Self {
        Self { verdict: Verdict::Hold, finding, until: None }
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

    /// Until when it is held, at the earliest, if that is known.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Held(held) => held.until,
            Self::Missing | Self::Done { .. } | Self::Unseen(_) => None,
        }
    }

    /// What shows it, or why it could not be read.
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
    /// An upload that did not come to its end.
    RemoveAsset {
        /// Its number.
        asset: u64,
        /// Its name.
        name: String,
    },
    /// A second, empty draft of ours.
    RemoveDraft {
        /// Its number.
        release: u64,
        /// The one that stays.
        kept: u64,
    },
}

/// How far a plan is fulfilled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Each step's standing.
    pub standings: BTreeMap<StepKey, StepState>,
    /// What must be removed before going on.
    pub repairs: Vec<Repair>,
    /// The draft that the release is being made in, or the published release.
    pub release: Option<Release>,
    /// Steps that are done because this release needs nothing of them: they make nothing public.
    pub idle: Vec<StepKey>,
    /// Public steps that were started and may or may not have taken effect.
    pub doubted: Vec<StepKey>,
}

impl Progress {
    /// A step's standing.
    #[must_use]
    pub fn of(&self, key: &StepKey) -> &StepState {
        self.standings.get(key).unwrap_or(&StepState::Missing)
    }

    /// A stage in one word.
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

    /// Whether the world shows a step done.
    #[must_use]
    pub fn is_done(&self, key: &StepKey) -> bool {
        matches!(self.of(key), StepState::Done { .. })
    }

    /// How many steps could not be read.
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

    /// Whether every step is done and nothing is left to be repaired.
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
