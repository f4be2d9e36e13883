//! What the program must know about a forge: its name in the manifest, how it is recognized, and
//! how to connect to it.

use crate::adapters::retry::Notice;
use crate::base::secrets::Secrets;
use crate::judge::watch::RateLimit;
use crate::ports::{AssetLimits, Clock, ForgePeopleChange, ForgePost, ForgeRead, ForgeWrite};
use crate::project::manifest::Forge;
use crate::report::Pages;
use crate::report::stats::Stats;
use secrecy::SecretString;
use std::path::PathBuf;
use std::rc::Rc;

/// A forge, as the registry lists it.
#[derive(Clone, Copy)]
pub struct ForgeKind {
    /// Its name for people.
    pub name: &'static str,
    /// How a manifest names it.
    pub manifest: Forge,
    /// Its help text in `init --forge`.
    pub doc: &'static str,
    /// Which files it takes as assets.
    pub assets: AssetLimits,
    /// Whether a remote's host belongs to it.
    pub recognises: fn(&Host<'_>) -> HostMatch,
    /// Creates the client, without any request.
    pub connect: fn(ConnectionInput) -> Result<Box<dyn Connected>, NotConnected>,
}

/// Why there is no client of a forge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotConnected {
    /// This version does not support the forge: every command stops.
    Unsupported(String),
    /// Something that the client needs is missing; what needs the forge is unknown.
    Missing(String),
}

/// The environment: returns the value of a variable.
pub type Variables<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// The host of a git remote.
pub struct Host<'a> {
    /// Its name, in lowercase.
    pub name: &'a str,
    /// `--api-url`.
    pub api_url: Option<&'a str>,
    /// The environment.
    pub environment: &'a Variables<'a>,
}

/// Whether a host belongs to a forge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostMatch {
    /// It does; contains a one-line description.
    Yes(Option<String>),
    /// It does not.
    No,
    /// Unknown from its name; contains a hint about how the user can specify it.
    Perhaps(String),
}

/// The inputs for a client: arguments, environment, repository.
pub struct ConnectionInput {
    /// `--api-url`.
    pub api_url: Option<String>,
    /// `--repo`.
    pub repository: Option<String>,
    /// The environment.
    pub environment: Box<Variables<'static>>,
    /// The address of the git remote.
    pub remote: Option<String>,
    /// The token.
    pub token: Option<SecretString>,
    /// The token that reads the members of teams, and nothing else.
    pub organization_token: Option<SecretString>,
    /// Never shown and never published.
    pub secrets: Secrets,
    /// Assets are read from here.
    pub root: PathBuf,
    /// Time.
    pub clock: Rc<dyn Clock>,
    /// Prints why a request takes long.
    pub notice: Notice,
}

/// A client of a forge.
pub trait Connected: ForgeRead + ForgeWrite + ForgePost {
    /// The current address of the repository, if it has moved.
    fn moved(&self) -> Option<String>;

    /// Web pages of the repository, and of this workflow run.
    fn pages(&self, run: Option<&str>) -> Pages;

    /// The requests so far, without the total time.
    fn stats(&self) -> Stats;

    /// Tracking issues; `None` if this forge has none.
    fn tracker(&self) -> Option<&dyn ForgePeopleChange> {
        None
    }

    /// The remaining rate limit for reads.
    fn rate_limit(&self) -> Option<RateLimit>;
}
