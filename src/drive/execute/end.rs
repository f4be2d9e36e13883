//! The options of a release run, and how it can end.

use crate::base::names::{Digest, Sha, StageName, StepKey, TagName};
use crate::base::version::Version;
use crate::facts::{Facts, Unseen};
use crate::judge::ruling::Poll;
use crate::judge::target::NoTarget;
use crate::planner::conflict::Conflict;
use crate::planner::{Progress, Repair};
use crate::ports::PortError;
use crate::release::ledger::{Holder, Ledger};
use crate::release::outcome::{Cause, Outcome};
use crate::release::plan::Plan;
use crate::release::step::{Planned, Reach};
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
    /// What it came to.
    pub end: End,
    /// What was to be done; `None` where that could not be told.
    pub plan: Option<Plan>,
    /// The world as it was last seen.
    pub facts: Facts,
    /// How far the plan is fulfilled, as it was last seen.
    pub progress: Progress,
}

impl ReleaseRun {
    /// How it ended.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match &self.end {
            End::Nothing | End::Out { .. } | End::NotDue { .. } => self.facts.request.nothing(),
            End::Released => Outcome::Released,
            End::Through(_) => Outcome::Through,
            End::NoStage(_) => Outcome::Error,
            End::OtherPlan { .. } => Outcome::NoGo,
            End::NoPlan(none) => none.outcome(),
            End::Attached { .. } => Outcome::Attached,
            End::Conflicts(_) if self.shows_in_public() => Outcome::Partial,
            End::Gates(_) | End::Conflicts(_) | End::Blind { .. } | End::Failed { .. }
                if self.is_partial() =>
            {
                Outcome::Partial
            }
            End::Gates(poll) => poll.verdict().into(),
            End::Conflicts(_) => Outcome::Conflict,
            End::Blind { .. } => Outcome::Unknown,
            End::Failed { error, .. } => Outcome::Stopped(cause(error)),
        }
    }

    /// Whether something is public and something else is still to be done.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        let Some(plan) = &self.plan else { return false };
        self.progress.is_public(plan) && self.progress.next(plan, None).is_some()
    }

    /// Whether something of this release is out. A tag that stands elsewhere is nothing of it.
    fn shows_in_public(&self) -> bool {
        let planned = self.plan.as_ref().map(|plan| &plan.commit);
        let tag = self.facts.tag.known().ok().and_then(Option::as_ref);
        let ledger = self.facts.ledger.known().ok();
        let recorded = |ledger: &Ledger| {
            let plan = ledger.plan();
            plan.is_some_and(|plan| {
                let public =
                    |step: &Planned| step.reach > Reach::Private && ledger.did(&step.key).is_some();
                plan.steps().any(|(_, step)| public(step))
            })
        };
        ledger.is_some_and(recorded)
            || tag.is_some_and(|tag| Some(&tag.commit) == planned)
            || self.facts.published.known().is_ok_and(Option::is_some)
    }
}

/// What an error of a port stops a run by.
fn cause(error: &PortError) -> Cause {
    match error {
        PortError::Refused { .. } => Cause::Refused,
        PortError::Limited { .. } | PortError::Behind { .. } => Cause::Busy,
        PortError::NoAnswer { .. } | PortError::Denied { .. } => Cause::Unanswered,
    }
}

/// What a flight came to.
#[derive(Debug)]
pub enum End {
    /// Everything was done before.
    Nothing,
    /// The version was published by other hands.
    Out {
        /// It.
        version: Box<Version>,
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
    /// A step's standing could not be read.
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
