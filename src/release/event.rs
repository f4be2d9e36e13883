//! The events of a ledger. A new event is a variant with its line and its effect, all in this file.

use crate::base::names::{Digest, Sha, StageName, StepKey};
use crate::base::version::Version;
use crate::release::plan::Plan;
use crate::release::statement::{Candidate, RepositoryStatement, Statement, StatementSource};
use crate::release::waiver::UsedWaiver;
use serde::{Deserialize, Serialize};

/// The event of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A process acquired the lease.
    Leased {
        /// Why it could take the lease from another process, if it did.
        took_over: Option<String>,
    },
    /// The plan was fixed.
    Sealed {
        /// Its digest.
        digest: Digest,
        /// The plan.
        plan: Box<Plan>,
    },
    /// The gates of a stage were go.
    Entered {
        /// The stage.
        stage: StageName,
    },
    /// The release went on although a gate did not say go.
    Waived(Box<UsedWaiver>),
    /// The release started to wait for the protection rules of a stage's environment.
    Queued {
        /// The stage.
        stage: StageName,
    },
    /// The verification of a stage changed.
    Verification {
        /// The stage.
        stage: StageName,
        /// The new state.
        now: Verified,
        /// The result of the samples.
        said: String,
    },
    /// The environment of a stage was rolled back from this release to an earlier version.
    RolledBack {
        /// The stage.
        stage: StageName,
        /// The version that it was rolled back to.
        to: Version,
    },
    /// A step is about to be performed.
    Meant {
        /// The step.
        step: StepKey,
    },
    /// A step is done.
    Did {
        /// The step.
        step: StepKey,
        /// The evidence.
        evidence: Evidence,
    },
    /// A step was refused, so it is certain that it had no effect.
    Refused {
        /// The step.
        step: StepKey,
        /// The reason.
        why: String,
    },
    /// The holder extended the lease before a long operation that is not a step.
    Renewed,
    /// The holder ended its lease before the release was finished.
    Stopped {
        /// The reason.
        why: String,
    },
    /// Every step is done.
    Finished,
    /// The release was cancelled, and its items were removed. Earlier entries no longer count.
    Aborted {
        /// The items that were removed.
        removed: Vec<String>,
    },
    /// A person said something about the release.
    Said(Box<Statement>),
    /// A person stopped every release of the repository, or lets them continue. It is not in the
    /// ledger of a release, but in the chain of holds.
    Repository(Box<RepositoryStatement>),
    /// The tracking issue of the release was opened, or shows another candidate or stage.
    Tracked {
        /// Its number.
        issue: u64,
        /// Its page.
        url: String,
        /// The account that opened it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        author: Option<String>,
        /// The candidate that it shows, and that comments are about from then on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<Box<Candidate>>,
        /// The stage that waits for approvals, and that comments approve from then on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stage: Option<StageName>,
    },
    /// An event of a newer version of tminus, kept unchanged.
    #[serde(untagged)]
    Other(serde_json::Value),
}

impl Event {
    /// The line that `git log` shows. `by` is the writer of the entry.
    pub(super) fn line(&self, by: &str) -> String {
        match self {
            Self::Leased { took_over: None } => format!("leased by {by}"),
            Self::Leased { took_over: Some(why) } => format!("taken over by {by} {why}"),
            Self::Sealed { digest, plan } => {
                format!("sealed plan {} for {}", digest.short(), plan.commit.short())
            }
            Self::Entered { stage } => format!("entered {stage}"),
            Self::Waived(used) => {
                format!("waived {} ({}), {}", used.gate, used.ruling, used.grant())
            }
            Self::Queued { stage } => format!("waiting to enter {stage}"),
            Self::Verification { stage, now, said } => format!("{stage} {}: {said}", now.word()),
            Self::RolledBack { stage, to } => format!("{stage} was rolled back to {to}"),
            Self::Meant { step } => format!("starting {step}"),
            Self::Did { step, evidence } => format!("completed {step}: {}", evidence.text),
            Self::Refused { step, why } => format!("{step} failed: {why}"),
            Self::Renewed => format!("lease renewed by {by}"),
            Self::Stopped { why } => format!("stopped: {why}"),
            Self::Finished => "finished".into(),
            Self::Aborted { removed } => format!("aborted, removed {}", list(removed)),
            Self::Said(statement) => format!("{} {}", statement.by, statement.says.line()),
            Self::Repository(said) => format!("{} {}", said.by, said.says.line()),
            Self::Tracked { issue, .. } => format!("tracked in issue {issue}"),
            Self::Other(_) => {
                let event = self.unknown().unwrap_or_default();
                format!("unknown event {event}")
            }
        }
    }

    /// Its effect on the state of the ledger.
    pub(super) fn change(&self) -> Change<'_> {
        match self {
            Self::Leased { .. }
            | Self::Sealed { .. }
            | Self::Entered { .. }
            | Self::Waived(_)
            | Self::Queued { .. }
            | Self::Verification { .. }
            | Self::RolledBack { .. }
            | Self::Renewed => Change::Nothing,
            Self::Said(_) | Self::Repository(_) | Self::Tracked { .. } | Self::Other(_) => {
                Change::Aside
            }
            Self::Meant { step } => Change::Begun(step),
            Self::Did { step, .. } | Self::Refused { step, .. } => Change::Settled(step),
            Self::Stopped { .. } | Self::Finished | Self::Aborted { .. } => Change::LetGo,
        }
    }

    /// Whether it is appended without the lease, beside the run that holds it.
    #[must_use]
    pub fn is_aside(&self) -> bool {
        matches!(self.change(), Change::Aside)
    }

    /// Whether its entry must be signed to count.
    #[must_use]
    pub fn must_be_signed(&self) -> bool {
        match self {
            Self::Said(said) => said.source == StatementSource::Signature,
            Self::Repository(_) => true,
            Self::Leased { .. }
            | Self::Sealed { .. }
            | Self::Entered { .. }
            | Self::Waived(_)
            | Self::Queued { .. }
            | Self::Verification { .. }
            | Self::RolledBack { .. }
            | Self::Meant { .. }
            | Self::Did { .. }
            | Self::Refused { .. }
            | Self::Renewed
            | Self::Stopped { .. }
            | Self::Finished
            | Self::Aborted { .. }
            | Self::Tracked { .. }
            | Self::Other(_) => false,
        }
    }

    /// What its entry says to readers that do not know it; `None` for events of the first version.
    #[must_use]
    pub fn reader(&self) -> Option<Reader> {
        match self {
            Self::Waived(_) => {
                // Each run evaluates the gates and waivers itself.
                Some(Reader { since: "0.2.0".into(), must: Compatibility::Ignore })
            }
            // A reader that does not know it could overlook an objection or a hold.
            Self::Said(_) | Self::Repository(_) => {
                Some(Reader { since: "0.2.0".into(), must: Compatibility::Understand })
            }
            Self::Tracked { .. } | Self::Renewed => {
                Some(Reader { since: "0.2.0".into(), must: Compatibility::Ignore })
            }
            Self::Leased { .. }
            | Self::Sealed { .. }
            | Self::Entered { .. }
            | Self::Queued { .. }
            | Self::Verification { .. }
            | Self::RolledBack { .. }
            | Self::Meant { .. }
            | Self::Did { .. }
            | Self::Refused { .. }
            | Self::Stopped { .. }
            | Self::Finished
            | Self::Aborted { .. }
            | Self::Other(_) => None,
        }
    }

    /// The name of an event that this version does not know.
    #[must_use]
    pub fn unknown(&self) -> Option<&str> {
        let Self::Other(value) = self else { return None };
        let named = value.as_object().and_then(|map| map.keys().next());
        Some(value.as_str().or(named.map(String::as_str)).unwrap_or("something"))
    }
}

/// What an entry says to readers that do not know its event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reader {
    /// The first version of tminus that knows it.
    pub since: String,
    /// Whether the record means something else without it.
    pub must: Compatibility,
}

/// Whether an entry must be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compatibility {
    /// A reader that does not know it knows nothing of the release.
    Understand,
    /// A reader that does not know it may pass it over.
    Ignore,
}

/// The state of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verified {
    /// The samples succeeded for long enough.
    Passed,
    /// Too many rounds in a row failed.
    Failed,
    /// Too many rounds in a row were inconclusive.
    Inconclusive,
}

impl Verified {
    fn word(self) -> &'static str {
        match self {
            Self::Passed => "is verified",
            Self::Failed => "failed its verification",
            Self::Inconclusive => "has an inconclusive verification",
        }
    }
}

/// The effect of an event on the state of the ledger.
pub(super) enum Change<'e> {
    /// It affects neither a step nor the lease.
    Nothing,
    /// Nothing of the run that holds the lease; it can be written by anybody.
    Aside,
    /// A step was started, and may have taken effect.
    Begun(&'e StepKey),
    /// A step is done, or was refused.
    Settled(&'e StepKey),
    /// The lease ended.
    LetGo,
}

/// The evidence that a step is done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// For people.
    pub text: String,
    /// The release's number on the forge, if the step returned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<u64>,
    /// The tag object that the step created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Sha>,
}

fn list(items: &[String]) -> String {
    if items.is_empty() { "nothing".into() } else { items.join(", ") }
}
