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
    /// The release on the forge, as it was last read.
    pub(in crate::drive::execute) release: Option<&'a Release>,
    /// The facts. A response that shows the result of a step is added to them.
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
    /// The evidence that it is done.
    pub(in crate::drive::execute) evident: EvidenceSource,
    /// The release's number on the forge.
    pub(in crate::drive::execute) release: Option<u64>,
    /// The tag object that was created.
    pub(in crate::drive::execute) object: Option<Sha>,
}

/// The evidence that a step is done.
#[derive(Debug)]
pub(in crate::drive::execute) enum EvidenceSource {
    /// The response may contain it; the response is checked first.
    ByAnswer,
    /// The state must be read again.
    ByLook,
    /// Nothing can show it later; this text is the evidence.
    Recorded(String),
}

impl StepResult {
    /// A result with this kind of evidence.
    pub(super) fn by(evident: EvidenceSource) -> Self {
        Self { evident, release: None, object: None }
    }
}

/// How a step failed.
#[derive(Debug)]
pub(in crate::drive::execute) enum Failed {
    /// It had no effect.
    NotDone(PortError),
    /// It may have taken effect.
    MaybeDone(PortError),
}

/// A rejected request had no effect. Without a response, it is unknown whether the request had an
/// effect.
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

/// How one kind of step is performed.
#[async_trait(?Send)]
pub(super) trait Perform {
    /// The kind's name in plans.
    const NAME: &'static str;
    /// Its arguments.
    type Arguments: DeserializeOwned;

    /// Performs the step. Performing it twice is harmless, or the other side rejects it.
    async fn perform(
        arguments: Self::Arguments,
        act: StepContext<'_>,
    ) -> Result<StepResult, Failed>;
}

/// A future on this thread.
pub(super) type Done<'a> = Pin<Box<dyn Future<Output = Result<StepResult, Failed>> + 'a>>;

/// An implementation of [`Perform`] without its types, for the registry.
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

/// The error for a step that this version cannot perform.
pub(super) fn refused(step: &Step, why: String) -> Failed {
    Failed::NotDone(PortError::Refused { what: step.kind().into(), why })
}
