//! What kind of GitHub it is.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tminus::adapters::sim::State;

/// How the face is set up; the default is a public repository and one token that may do all.
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
    /// A world to share; a fresh one otherwise.
    pub(crate) state: Option<Arc<Mutex<State>>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            repository: "acme/widget".into(),
            renamed_from: None,
            private: false,
            tokens: BTreeMap::from([("test-token".to_owned(), Scopes::ALL)]),
            bare: None,
            record: recording(),
            rest_limit: 5000,
            graphql_limit: 5000,
            hang: Duration::from_secs(5),
            branch: "main".into(),
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
    /// `checks: read` and `statuses: read`.
    pub(crate) checks: bool,
    /// `actions: read`.
    pub(crate) actions: bool,
    /// `statuses`, `checks` and `pull-requests: write`.
    pub(crate) tell: bool,
}

impl Scopes {
    /// Everything.
    pub(crate) const ALL: Self =
        Self { read: true, write: true, checks: true, actions: true, tell: true };
    /// Everything, to look at only.
    pub(crate) const READ: Self =
        Self { read: true, write: false, checks: true, actions: true, tell: false };
    /// A valid token without any permission here.
    pub(crate) const NONE: Self =
        Self { read: false, write: false, checks: false, actions: false, tell: false };
}
