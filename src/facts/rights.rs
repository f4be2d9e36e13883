//! What the credentials of a release can do, and what blocks them.
//!
//! A workflow's token cannot read its own permissions. Each part was found with a request that
//! changes nothing, and can be unseen.

use crate::base::seen::Seen;
use crate::facts::tag_rules::TagRuleset;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What was found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// Whose token asks the forge.
    pub token: Seen<Token>,
    /// Whether releases can be written through the forge's API.
    pub releases: Seen<Leave>,
    /// Whether git can push to the remote.
    pub push: Seen<Push>,
    /// The rulesets that are enforced on tags.
    pub tag_rules: Seen<Vec<TagRuleset>>,
    /// Whether the commit's workflow files are those of the default branch.
    pub workflows: Seen<Workflows>,
    /// Whether published releases can no longer be changed. Only administrators are told.
    pub immutable: Seen<bool>,
    /// The environments that stages name, as far as they exist.
    #[serde(default = "Seen::not_asked")]
    pub environments: Seen<Vec<Environment>>,
    /// What is left of the forge's limits.
    #[serde(default)]
    pub quotas: Vec<Quota>,
}

impl Rights {
    /// Nothing, each part for the same reason.
    #[must_use]
    pub fn unseen(why: &str) -> Self {
        Self {
            token: Seen::unseen(why),
            releases: Seen::unseen(why),
            push: Seen::unseen(why),
            tag_rules: Seen::unseen(why),
            workflows: Seen::unseen(why),
            immutable: Seen::unseen(why),
            environments: Seen::unseen(why),
            quotas: Vec::new(),
        }
    }
}

/// Whose a token is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The account that it speaks for.
    pub login: String,
    /// Where it comes from.
    pub kind: TokenKind,
}

/// Where a token comes from. What it cannot do in principle follows from that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenKind {
    /// The CI host's own, for one job: no ruleset can let it bypass, and it can never write workflow
    /// files.
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
    /// Nothing tells.
    Unknown,
}

/// Whether something may be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leave {
    /// It may.
    Granted,
    /// It may not.
    Denied {
        /// What it takes (`contents: write`, or a valid token).
        needs: String,
        /// In the other side's words, where it had any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
}

/// Whether git may push, and as whom it asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// Whether it may.
    pub leave: Leave,
    /// As whom.
    pub with: Pusher,
}

/// As whom git pushes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pusher {
    /// With the token that the forge's API is asked with.
    Token,
    /// With a key, over SSH.
    Key,
    /// With what git's configuration and credential helpers give.
    Helper,
    /// As nobody: the remote is a folder.
    Nobody,
}

impl Pusher {
    /// Whether what holds for the API's token holds for pushes.
    #[must_use]
    pub fn is_the_token(self) -> bool {
        match self {
            Self::Token | Self::Nobody => true,
            Self::Key | Self::Helper => false,
        }
    }
}

/// The commit's workflow files beside the default branch's.
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
    /// How many protection rules hold its jobs: reviewers, wait timers, branches.
    pub rules: usize,
}

/// What is left of one limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Which limit (`core`, `graphql`).
    pub resource: String,
    /// Requests or points an hour.
    pub limit: u64,
    /// What is left of them.
    pub remaining: u64,
    /// When they are whole again, by the forge's clock.
    pub resets: Timestamp,
}
