//! What is to be flown, and what comes of it.

use crate::conflict::Conflict;
use crate::facts::{Facts, Unseen};
use crate::ledger::Holder;
use crate::manifest::Manifest;
use crate::names::{StageName, StepKey};
use crate::plan::{Progress, Repair};
use crate::ports::PortError;
use crate::ruling::Poll;
use crate::step::{Plan, Planned};
use jiff::Timestamp;

/// What is to be flown.
#[derive(Debug)]
pub struct Order<'a> {
    /// The manifest that judges.
    pub manifest: &'a Manifest,
    /// The plan, exactly as it will be performed.
    pub plan: &'a Plan,
    /// The last stage to be entered; all where `None`.
    pub through: Option<StageName>,
    /// Take the release from a holder that may be alive.
    pub take_over: bool,
}

/// How a flight ended.
#[derive(Debug)]
pub struct Landed {
    /// In what state.
    pub outcome: Outcome,
    /// The world as it was last seen.
    pub facts: Facts,
    /// How far the plan is fulfilled, as it was last seen.
    pub progress: Progress,
}

/// What a flight came to.
#[derive(Debug)]
pub enum Outcome {
    /// Every step is done.
    Released,
    /// Every step up to the stage that was asked for is done.
    Through(StageName),
    /// Gates said something else than go.
    Gates(Poll),
    /// Something is done but different.
    Conflicts(Vec<Conflict>),
    /// Another runner has it.
    Attached {
        /// Who.
        holder: Holder,
        /// Until when, if it is not heard of again.
        until: Timestamp,
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
pub enum Report<'a> {
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
