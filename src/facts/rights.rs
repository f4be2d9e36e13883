//! What the credentials of a release can do, and what blocks them.
//!
//! A workflow's token cannot read its own permissions. Each part was determined with a request that
//! changes nothing. Each part can be unseen.

use crate::base::seen::Seen;
use crate::facts::tag_rules::TagRuleset;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The permissions that were determined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// The owner of the token that is used for the forge's API.
    pub token: Seen<Token>,
    /// Whether releases can be written through the forge's API.
    pub releases: Seen<Permission>,
    /// Whether deployments can be written through the forge's API; not read if no stage has an
    /// environment.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub deployments: Seen<Permission>,
    /// Whether git can push to the remote.
    pub push: Seen<Push>,
    /// The rulesets that are enforced on tags.
    pub tag_rules: Seen<Vec<TagRuleset>>,
    /// Whether the commit's workflow files are those of the default branch.
    pub workflows: Seen<Workflows>,
    /// Whether published releases can no longer be changed. Only administrators can read this.
    pub immutable: Seen<bool>,
    /// Those of the environments in the stages that exist.
    #[serde(default = "Seen::not_asked")]
    pub environments: Seen<Vec<Environment>>,
    /// The remaining rate limits of the forge.
    #[serde(default)]
    pub quotas: Vec<Quota>,
}

impl Rights {
    /// Permissions of which each part is unseen for the same reason.
    #[must_use]
    pub fn unseen(why: &str) -> Self {
        Self {
            token: Seen::unseen(why),
            releases: Seen::unseen(why),
            deployments: Seen::not_asked(),
            push: Seen::unseen(why),
            tag_rules: Seen::unseen(why),
            workflows: Seen::unseen(why),
            immutable: Seen::unseen(why),
            environments: Seen::unseen(why),
            quotas: Vec::new(),
        }
    }
}

/// The owner of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The account that it belongs to.
    pub login: String,
    /// Where it comes from.
    pub kind: TokenKind,
}

/// The type of a token. It determines what the token can never do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenKind {
    /// The CI host's token for one job. It cannot be on a ruleset's bypass list, and it can never
    /// write workflow files.
    Job,
    /// An installation of another app.
    App,
    /// A classic personal token, or one of an OAuth app.
    Classic {
        /// Its scopes.
        scopes: Vec<String>,
    },
    /// A fine-grained personal token.
    FineGrained,
    /// The type is unknown.
    Unknown,
}

/// Whether an operation is permitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// It is permitted.
    Granted,
    /// It is not permitted.
    Denied {
        /// What is missing (`contents: write`, or a valid token).
        needs: String,
        /// The message of the forge or remote, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
}

/// Whether git can push, and with which identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// Whether it is permitted.
    pub leave: Permission,
    /// The identity.
    pub with: PushIdentity,
}

/// The identity that git pushes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PushIdentity {
    /// With the token that is used for the forge's API.
    Token,
    /// With a key, over SSH.
    Key,
    /// With the credentials from git's configuration or a credential helper.
    Helper,
    /// Without credentials: the remote is a local folder.
    Nobody,
}

impl PushIdentity {
    /// Whether git pushes with the API token, so that its permissions apply to pushes.
    #[must_use]
    pub fn is_api_token(self) -> bool {
        match self {
            Self::Token | Self::Nobody => true,
            Self::Key | Self::Helper => false,
        }
    }
}

/// The commit's workflow files compared with those of the default branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Workflows {
    /// They are the same, or the commit has none.
    Same,
    /// They differ.
    Differ,
}

/// An environment that a stage's job runs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// How many protection rules it has: reviewers, wait timers, branches.
    pub rules: usize,
}

/// A rate limit of the forge, and how much of it remains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// The name of the limit (`core`, `graphql`).
    pub resource: String,
    /// Requests or points per hour.
    pub limit: u64,
    /// The remaining requests or points.
    pub remaining: u64,
    /// When the limit resets, by the forge's clock.
    pub resets: Timestamp,
}
