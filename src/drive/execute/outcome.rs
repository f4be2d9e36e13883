//! What is wished for, and what comes of it.

use crate::base::names::{Digest, Sha, StageName, StepKey, TagName};
use crate::base::version::Version;
use crate::facts::{Facts, Unseen};
use crate::judge::ruling::Poll;
use crate::judge::target::NoTarget;
use crate::planner::conflict::Conflict;
use crate::planner::{Progress, Repair};
use crate::ports::PortError;
use crate::release::ledger::Holder;
use crate::release::plan::Plan;
use crate::release::step::Planned;
use jiff::Timestamp;

/// How a release is to be flown.
#[derive(Debug, Clone, Default)]
pub struct ReleaseOptions {
    /// The last stage to be entered; all where `None`.
    pub through: Option<StageName>,
    /// Take the release from a holder that may be alive.
    pub take_over: bool,
    /// Perform this plan and no other.
    pub only: Option<Plan>,
}

/// How a flight ended.
#[derive(Debug)]
pub struct ReleaseRun {
    /// In what state.
    pub outcome: Outcome,
    /// What was to be done; `None` where that could not be told.
    pub plan: Option<Plan>,
    /// The world as it was last seen.
    pub facts: Facts,
    /// How far the plan is fulfilled, as it was last seen.
    pub progress: Progress,
}

impl ReleaseRun {
    /// Whether something is public and something else is still to be done.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        let Some(plan) = &self.plan else { return false };
        self.progress.is_public(plan) && self.progress.next(plan, None).is_some()
    }
}

/// What a flight came to.
#[derive(Debug)]
pub enum Outcome {
    /// Everything was done before.
    Nothing,
    /// The version was published by other hands.
    Out {
        /// It.
        version: Version,
        /// Its tag.
        tag: TagName,
        /// Where that stands.
        commit: Sha,
    },
    /// A file carries a version of work between releases.
    NotDue {
        /// It.
        version: Version,
        /// The file.
        path: String,
    },
    /// Every step is done.
    Released,
    /// Every step up to the stage that was asked for is done.
    Through(StageName),
    /// What is to be done could not be told.
    NoPlan(NoTarget),
    /// The plan has no such stage.
    NoStage(StageName),
    /// Another plan holds than the one that was asked for.
    OtherPlan {
        /// The one that was asked for.
        kept: Digest,
        /// What differs, a line each.
        difference: Vec<String>,
    },
    /// Gates said something else than go.
    Gates(Poll),
    /// Something is done but different.
    Conflicts(Vec<Conflict>),
    /// Another runner has it.
    Attached {
        /// Who.
        holder: Box<Holder>,
        /// Until when, if it is not heard of again; `None` where that is over, and its process is
        /// seen to run on this machine.
        until: Option<Timestamp>,
    },
    /// A step failed.
    Failed {
        /// Which; `None` for the record itself.
        step: Option<StepKey>,
        /// Why.
        error: PortError,
    },
    /// A step's standing could not be seen.
    Blind {
        /// Which.
        step: StepKey,
        /// Why.
        unseen: Unseen,
    },
}

/// What is told while flying.
#[derive(Debug)]
pub enum ReleaseNotice<'a> {
    /// The release was taken up, perhaps from another.
    Leased(Option<&'a str>),
    /// A stage is entered.
    Entered(&'a StageName),
    /// A step begins.
    Begins(&'a Planned),
    /// A step is done.
    Done(&'a Planned, &'a str),
    /// A step did not do as told, and is looked at again.
    Again(&'a Planned, &'a PortError),
    /// Something broken is removed.
    Repairs(&'a Repair),
}

/// Hears what is told, together with the plan that it is about.
pub type Listener<'a> = &'a mut dyn FnMut(&Plan, &ReleaseNotice<'_>);
