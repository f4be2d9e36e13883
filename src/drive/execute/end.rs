//! The options of a release run, and how it can end.

use crate::base::names::{Digest, StageName, StepKey};
use crate::facts::{Facts, Unseen};
use crate::judge::ruling::{Poll, Verdict};
use crate::judge::target::NoTarget;
use crate::planner::conflict::Conflict;
use crate::planner::{Held, Progress, Repair};
use crate::ports::PortError;
use crate::release::ledger::{Holder, Ledger};
use crate::release::outcome::{Cause, Outcome};
use crate::release::plan::Plan;
use crate::release::step::{Planned, Reach};
use crate::report::NothingToDo;
use jiff::Timestamp;

/// The options of a release run.
#[derive(Debug, Clone, Default)]
pub struct ReleaseOptions {
    /// The last stage to run.
    pub through: Extent,
    /// Whether to start stages that enter an environment.
    pub entering: EnterStages,
    /// Take over the release from a holder that may be running.
    pub take_over: bool,
    /// Run only if the plan matches this one.
    pub only: Option<Plan>,
}

/// Whether a run starts stages that enter an environment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EnterStages {
    /// It starts them.
    #[default]
    Yes,
    /// It stops before them, so that a job of the environment can start them.
    No,
}

/// How far a release run goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Extent {
    /// Through every stage.
    #[default]
    All,
    /// Through this stage.
    Through(StageName),
    /// Through the first stage that is not complete, of a release that was started.
    Next,
}

/// The result of a release run.
#[derive(Debug)]
pub struct ReleaseRun {
    /// How it ended.
    pub end: End,
    /// The plan; `None` if it could not be determined.
    pub plan: Option<Plan>,
    /// The newest facts.
    pub facts: Facts,
    /// The newest progress of the plan.
    pub progress: Progress,
}

impl ReleaseRun {
    /// The outcome.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match &self.end {
            End::Nothing | End::Idle(_) => self.facts.request.nothing(),
            End::Released => Outcome::Released,
            End::Through(_) | End::Before(_) => Outcome::Through,
            End::NoStage(_) | End::NotStarted => Outcome::Error,
            End::OtherPlan { .. } => Outcome::NoGo,
            End::NoPlan(none) => none.outcome(),
            End::Attached { .. } => Outcome::Attached,
            End::Conflicts(_) if self.shows_in_public() => Outcome::Partial,
            // The release waits for time or for a person. This is not an error.
            End::Held { held, .. } if held.verdict == Verdict::Hold => Outcome::Hold,
            End::Gates(_)
            | End::Conflicts(_)
            | End::Blind { .. }
            | End::Held { .. }
            | End::Failed { .. }
                if self.is_partial() =>
            {
                Outcome::Partial
            }
            End::Gates(poll) => poll.verdict().into(),
            End::Held { held, .. } => held.verdict.into(),
            End::Conflicts(_) => Outcome::Conflict,
            End::Blind { .. } => Outcome::Unknown,
            End::Failed { error, .. } => Outcome::Stopped(cause(error)),
        }
    }

    /// The stage that the next run can start, if this run stopped before it.
    #[must_use]
    pub fn next_stage(&self) -> Option<&StageName> {
        if let End::Before(stage) = &self.end {
            return Some(stage);
        }
        let through = matches!(self.end, End::Through(_));
        let plan = self.plan.as_ref().filter(|_| through)?;
        self.progress.next(plan, None).map(|(stage, _)| &stage.name)
    }

    /// Whether something is public and the release is not finished.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        let Some(plan) = &self.plan else { return false };
        self.progress.is_public(plan) && self.progress.next(plan, None).is_some()
    }

    /// Whether any part of this release is public. A tag on another commit is not part of it.
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

/// Converts a port's error to the cause of an outcome.
fn cause(error: &PortError) -> Cause {
    match error {
        PortError::Refused { .. } => Cause::Refused,
        PortError::Limited { .. } | PortError::Behind { .. } => Cause::Busy,
        PortError::NoAnswer { .. } | PortError::Denied { .. } | PortError::Damaged { .. } => {
            Cause::Unanswered
        }
    }
}

/// How a release run ended.
#[derive(Debug)]
pub enum End {
    /// Everything was already done.
    Nothing,
    /// There is nothing to release, and no plan.
    Idle(Box<NothingToDo>),
    /// Every step is done.
    Released,
    /// Every step through the requested stage is done.
    Through(StageName),
    /// The next stage can be entered, but this run must not enter environments.
    Before(StageName),
    /// There is no plan.
    NoPlan(NoTarget),
    /// No release was started, so there is no next stage.
    NotStarted,
    /// The plan has no such stage.
    NoStage(StageName),
    /// The current plan differs from the requested plan.
    OtherPlan {
        /// The requested plan.
        kept: Digest,
        /// The differences, one line each.
        difference: Vec<String>,
    },
    /// The gates are not go.
    Gates(Poll),
    /// Something exists but differs from the plan.
    Conflicts(Vec<Conflict>),
    /// Another runner has the release.
    Attached {
        /// The runner.
        holder: Box<Holder>,
        /// When its lease expires if it writes nothing more. `None` if the lease has expired, but
        /// the runner's process is still running on this machine.
        until: Option<Timestamp>,
    },
    /// A step failed.
    Failed {
        /// The step; `None` if the ledger could not be written.
        step: Option<StepKey>,
        /// The error.
        error: PortError,
    },
    /// A step is on hold because of the protection of its environment, or because of its
    /// verification.
    Held {
        /// The step.
        step: StepKey,
        /// The reason, and the end of the hold.
        held: Box<Held>,
    },
    /// The state of a step could not be read.
    Blind {
        /// The step.
        step: StepKey,
        /// The reason.
        unseen: Unseen,
    },
}

/// Progress messages of a release run.
#[derive(Debug)]
pub enum ReleaseNotice<'a> {
    /// The lease was acquired, possibly from another runner.
    Leased(Option<&'a str>),
    /// A stage is entered.
    Entered(&'a StageName),
    /// A step starts.
    Begins(&'a Planned),
    /// A step is done.
    Done(&'a Planned, &'a str),
    /// A step failed, and its state is read again.
    Again(&'a Planned, &'a PortError),
    /// A broken item will be removed.
    Repairs(&'a Repair),
}

/// Receives progress messages, with the plan.
pub type Listener<'a> = &'a mut dyn FnMut(&Plan, &ReleaseNotice<'_>);
