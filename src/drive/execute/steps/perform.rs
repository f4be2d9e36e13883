//! The trait of a step that can be performed. A public step requires a [`Permit`].

use crate::base::names::Sha;
use crate::facts::{Facts, Release};
use crate::judge::ruling::Permit;
use crate::ports::{PortError, WritePorts};
use crate::release::plan::Plan;
use crate::release::step::Step;
use async_trait::async_trait;
use serde::de::DeserializeOwned;
use std::pin::Pin;

/// The context in which a step is performed.
pub(in crate::drive::execute) struct StepContext<'a> {
    pub(in crate::drive::execute) write_ports: &'a WritePorts<'a>,
    pub(in crate::drive::execute) plan: &'a Plan,
    pub(in crate::drive::execute) permit: &'a Permit,
    /// The release on the forge, as it was last seen.
    pub(in crate::drive::execute) release: Option<&'a Release>,
    /// What was seen; an answer that shows something is added.
    pub(in crate::drive::execute) facts: &'a mut Facts,
}

impl StepContext<'_> {
    pub(super) fn draft(&self) -> Result<&Release, PortError> {
        let unseen =
            || PortError::NoAnswer { what: "the draft".into(), why: "it is not visible".into() };
        self.release.ok_or_else(unseen)
    }
}

/// The result of performing a step.
#[derive(Debug)]
pub(in crate::drive::execute) struct StepResult {
    /// What shows that it is done.
    pub(in crate::drive::execute) evident: EvidenceSource,
    /// The release's number on the forge.
    pub(in crate::drive::execute) release: Option<u64>,
    /// The tag object that was made.
    pub(in crate::drive::execute) object: Option<Sha>,
}

/// What shows that a step is done.
#[derive(Debug)]
pub(in crate::drive::execute) enum EvidenceSource {
    /// The response may show it; it is checked first.
    ByAnswer,
    /// Only another look at the world.
    ByLook,
    /// Nothing can show it later; this is the evidence.
    Recorded(String),
}

impl StepResult {
    /// A step that shows by this.
    pub(super) fn by(evident: EvidenceSource) -> Self {
        Self { evident, release: None, object: None }
    }
}

/// How a step failed.
#[derive(Debug)]
pub(in crate::drive::execute) enum Failed {
    /// It was not done.
    NotDone(PortError),
    /// It may have taken effect.
    MaybeDone(PortError),
}

/// A rejected request had no effect; without a response, this is unknown.
impl From<PortError> for Failed {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Refused { .. }
            | PortError::Denied { .. }
            | PortError::Limited { .. }
            | PortError::Damaged { .. } => Self::NotDone(error),
            PortError::NoAnswer { .. } | PortError::Behind { .. } => Self::MaybeDone(error),
        }
    }
}

/// The performance of one kind.
#[async_trait(?Send)]
pub(super) trait Perform {
    /// The kind's name in plans.
    const NAME: &'static str;
    /// Its arguments.
    type Arguments: DeserializeOwned;

    /// Does it. Doing it twice is harmless, or refused by the other side.
    async fn perform(
        arguments: Self::Arguments,
        act: StepContext<'_>,
    ) -> Result<StepResult, Failed>;
}

/// A future on this thread.
pub(super) type Done<'a> = Pin<Box<dyn Future<Output = Result<StepResult, Failed>> + 'a>>;

/// A performance without its types, as the registry lists it.
pub(super) struct Performer {
    pub(super) name: &'static str,
    pub(super) perform: for<'a> fn(&'a Step, StepContext<'a>) -> Done<'a>,
}

impl Performer {
    /// Erases the types.
    pub(super) const fn of<P: Perform + 'static>() -> Self {
        Self {
            name: P::NAME,
            perform: |step, act| match step.arguments() {
                Ok(arguments) => P::perform(arguments, act),
                Err(error) => {
                    let why = format!("its arguments cannot be read: {error}");
                    Box::pin(async { Err(refused(step, why)) })
                }
            },
        }
    }
}

/// A step that this version cannot perform.
pub(super) fn refused(step: &Step, why: String) -> Failed {
    Failed::NotDone(PortError::Refused { what: step.kind().into(), why })
}
