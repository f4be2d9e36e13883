//! What people say about a release: approvals, objections, finished tasks, acceptance, holds.
//!
//! A statement is an entry of the ledger that is appended without the lease. It counts only if its
//! author is proven: by the signature over the entry, or by the page on the forge that it was read
//! from.

use crate::base::names::{Digest, ItemId, Person, RoleName, Sha, StageName};
use crate::base::version::Version;
use crate::release::plan::Plan;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The most characters of a reason.
pub const LONGEST_REASON: usize = 500;

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Who says it. It counts only if the source proves it.
    pub by: Person,
    /// What is said.
    pub says: Says,
    /// What it is said about.
    pub about: Candidate,
    /// What proves who said it.
    pub source: StatementSource,
}

/// What a person can say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// The stage may be entered.
    Approve {
        /// In this role; in every role of the person if it is not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<RoleName>,
        /// The stage; `None` for a release whose gate names no stage.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stage: Option<StageName>,
    },
    /// The release must stop.
    Object {
        /// Why.
        reason: String,
    },
    /// The objection of the same person no longer stands.
    WithdrawObjection,
    /// A task is done.
    Done {
        /// Which.
        task: ItemId,
    },
    /// A scenario works.
    Accept {
        /// Which.
        scenario: ItemId,
    },
    /// A scenario does not work.
    Reject {
        /// Which.
        scenario: ItemId,
        /// What is wrong.
        reason: String,
    },
    /// The release stops until the hold is lifted.
    Hold {
        /// Only this stage; `None` for the whole release.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stage: Option<StageName>,
        /// Why.
        reason: String,
        /// When it ends by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// A hold is over.
    Lift {
        /// The hold of this stage; `None` for that of the whole release.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stage: Option<StageName>,
    },
}

impl Says {
    /// What was said, for people, continuing the name of its author: `approved stable as qa`.
    #[must_use]
    pub fn line(&self) -> String {
        let of = |stage: &Option<StageName>| {
            stage.as_ref().map_or_else(|| "the release".to_owned(), ToString::to_string)
        };
        match self {
            Self::Approve { role: Some(role), stage } => {
                format!("approved {} as {role}", of(stage))
            }
            Self::Approve { role: None, stage } => format!("approved {}", of(stage)),
            Self::Object { reason } => format!("objected: {reason}"),
            Self::WithdrawObjection => "withdrew the objection".into(),
            Self::Done { task } => format!("finished the task {task}"),
            Self::Accept { scenario } => format!("accepted {scenario}"),
            Self::Reject { scenario, reason } => format!("rejected {scenario}: {reason}"),
            Self::Hold { stage, reason, until: None } => {
                format!("put {} on hold: {reason}", of(stage))
            }
            Self::Hold { stage, reason, until: Some(until) } => {
                format!("put {} on hold until {until}: {reason}", of(stage))
            }
            Self::Lift { stage } => format!("lifted the hold on {}", of(stage)),
        }
    }

    /// Whether it stops a release. What stops one also counts if its evidence has disappeared.
    #[must_use]
    pub fn stops(&self) -> bool {
        match self {
            Self::Object { .. } | Self::Reject { .. } | Self::Hold { .. } => true,
            Self::Approve { .. }
            | Self::WithdrawObjection
            | Self::Done { .. }
            | Self::Accept { .. }
            | Self::Lift { .. } => false,
        }
    }
}

/// A statement about every release of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryStatement {
    /// Who says it. It counts only if the entry is signed with that person's key.
    pub by: Person,
    /// What is said.
    pub says: RepositoryWord,
}

/// What a person can say about every release of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RepositoryWord {
    /// Every release stops until the hold is lifted.
    Hold {
        /// Why.
        reason: String,
        /// When it ends by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// The holds are over.
    Lift,
}

impl RepositoryWord {
    /// What was said, for people, continuing the name of its author.
    #[must_use]
    pub fn line(&self) -> String {
        match self {
            Self::Hold { reason, until: None } => format!("put every release on hold: {reason}"),
            Self::Hold { reason, until: Some(until) } => {
                format!("put every release on hold until {until}: {reason}")
            }
            Self::Lift => "lifted the holds of the repository".into(),
        }
    }
}

/// What exactly a statement is about. A yes ends when one of these changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The version.
    pub version: Version,
    /// The commit.
    pub commit: Sha,
    /// The manifest.
    pub manifest: Digest,
    /// The sealed plan; `None` before it is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Digest>,
    /// Before it is sealed: the plan that would be, if every file is built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Digest>,
}

impl Candidate {
    /// What a sealed plan releases.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        Self {
            version: plan.version.clone(),
            commit: plan.commit.clone(),
            manifest: plan.manifest.clone(),
            plan: Some(plan.digest()),
            expected: None,
        }
    }

    /// The same, with the plan that would be sealed.
    #[must_use]
    pub fn expecting(self, plan: Option<Digest>) -> Self {
        let expected = if self.plan.is_none() { plan } else { None };
        Self { expected, ..self }
    }

    /// Whether it is the same release of the same commit by the same manifest, sealed or not.
    #[must_use]
    pub fn is_same_release(&self, other: &Self) -> bool {
        let Self { version, commit, manifest, plan: _, expected: _ } = self;
        (version, commit, manifest) == (&other.version, &other.commit, &other.manifest)
    }
}

/// What the tracking issue shows: a comment is about that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What is to be released.
    pub about: Candidate,
    /// The stage that waits for approvals.
    pub stage: Option<StageName>,
}

/// What proves who made a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatementSource {
    /// The signature over the entry of the ledger.
    Signature,
    /// A comment on the tracking issue.
    Comment(Page),
    /// A review of the pull request of the release.
    Review(Page),
    /// The approval of a workflow run that waited for an environment.
    Environment(Page),
}

/// A page of the forge that shows who wrote what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Its number on the forge.
    pub id: u64,
    /// Its address.
    pub url: String,
}

impl StatementSource {
    /// The page, if it is one.
    #[must_use]
    pub fn page(&self) -> Option<&Page> {
        match self {
            Self::Signature => None,
            Self::Comment(page) | Self::Review(page) | Self::Environment(page) => Some(page),
        }
    }
}
