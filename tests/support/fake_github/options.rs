//! What kind of GitHub it is.

use super::pulls::Classic;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tminus::adapters::sim::State;

/// The token that may do all. It holds every kind of character that encodings change.
pub(crate) const TOKEN: &str = "ghs_S3cr3t+to/ken==~x";

/// How the fake_github is set up; the default is a public repository and one token that may do all.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// `owner/name`.
    pub(crate) repository: String,
    /// The name that the repository had once.
    pub(crate) renamed_from: Option<String>,
    /// Hidden from those who may not read it.
    pub(crate) private: bool,
    /// Tokens and what they reach.
    pub(crate) tokens: BTreeMap<String, Scopes>,
    /// A real bare repository that holds the refs; without it the state's tags are the truth.
    pub(crate) bare: Option<PathBuf>,
    /// Every answered exchange is appended here, a line of JSON each; the file that `TMINUS_RECORD`
    /// names where nothing else is said.
    pub(crate) record: Option<PathBuf>,
    /// Requests to the REST API before the limit is reached.
    pub(crate) rest_limit: u32,
    /// Points of the GraphQL API before the limit is reached.
    pub(crate) graphql_limit: u32,
    /// How long a request that is never answered keeps its connection.
    pub(crate) hang: Duration,
    /// The default branch.
    pub(crate) branch: String,
    /// Classic protection, oldest first; rulesets are in the world.
    pub(crate) classic: Vec<Classic>,
    /// A world to share; a fresh one otherwise.
    pub(crate) state: Option<Arc<Mutex<State>>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            repository: "acme/widget".into(),
            renamed_from: None,
            private: false,
            tokens: BTreeMap::from([(TOKEN.to_owned(), Scopes::ALL)]),
            bare: None,
            record: recording(),
            rest_limit: 5000,
            graphql_limit: 5000,
            hang: Duration::from_secs(5),
            branch: "main".into(),
            classic: Vec::new(),
            state: None,
        }
    }
}

/// The file that `TMINUS_RECORD` names, in a folder that is there.
fn recording() -> Option<PathBuf> {
    let file = PathBuf::from(std::env::var_os("TMINUS_RECORD")?);
    if let Some(folder) = file.parent() {
        // Where it cannot be made the recording is missing, which is seen.
        let _made = std::fs::create_dir_all(folder);
    }
    Some(file)
}

/// What a token reaches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scopes {
    /// `contents: read`.
    pub(crate) read: bool,
    /// `contents: write`.
    pub(crate) write: bool,
    /// `checks: read`.
    pub(crate) checks: bool,
    /// `statuses: read`.
    pub(crate) statuses: bool,
    /// `actions: read`.
    pub(crate) actions: bool,
    /// `statuses`, `checks` and `pull-requests: write`.
    pub(crate) tell: bool,
    /// `pull-requests: read`.
    pub(crate) pulls: bool,
    /// `issues: read`.
    pub(crate) issues: bool,
    /// `deployments: read`.
    pub(crate) deployments: bool,
    /// `deployments: write`.
    pub(crate) deploy: bool,
    /// `administration: read`.
    pub(crate) admin: bool,
    /// `issues: write`.
    pub(crate) write_issues: bool,
    /// The organization can be read.
    pub(crate) organization: bool,
    /// Where the token comes from.
    pub(crate) kind: Kind,
}

/// Where a token comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A workflow's own.
    Job,
    /// Another app's.
    App,
    /// A person's, with these scopes.
    Classic(&'static str),
    /// A person's, fine-grained.
    FineGrained,
}

impl Scopes {
    /// Everything.
    pub(crate) const ALL: Self =
        Self { write: true, tell: true, deploy: true, write_issues: true, ..Self::READ };
    /// An owner's: everything, and administration.
    pub(crate) const OWNER: Self =
        Self { admin: true, kind: Kind::Classic("repo, workflow"), ..Self::ALL };
    /// Everything that a workflow's token can have, to look at only.
    pub(crate) const READ: Self = Self {
        read: true,
        write: false,
        checks: true,
        statuses: true,
        actions: true,
        tell: false,
        pulls: true,
        issues: true,
        deployments: true,
        deploy: false,
        admin: false,
        write_issues: false,
        organization: false,
        kind: Kind::Job,
    };
    /// A valid token without any permission here.
    pub(crate) const NONE: Self = Self {
        read: false,
        checks: false,
        statuses: false,
        actions: false,
        pulls: false,
        issues: false,
        deployments: false,
        ..Self::READ
    };
}
