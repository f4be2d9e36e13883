//! The release's git remote: which one it is, what refs it has, and how to fetch from it.

use super::chain::Chain;
use super::configuration::Configuration;
use super::fault::{Access, fault};
use super::identity::author;
use super::open::{open, repository_error_with_help, sha};
use super::output::Output;
use super::program::Git;
use super::refs;
use super::settings::{Settings, Unshallow};
use crate::base::names::{Sha, TagName};
use crate::base::secrets::in_addresses;
use crate::facts::rights::Push;
use crate::ports::{
    Document, DocumentChange, Fetch, NewTag, PortError, RefAt, Remote, RemoteChange,
    RepositoryError, TagMove,
};
use crate::release::ledger::{Entry, Ledger};
use crate::release::signature::{EntrySignature, LedgerProof};
use async_trait::async_trait;
use git2::Repository;
use jiff::Timestamp;
use secrecy::SecretString;
use std::cell::OnceCell;
use std::path::Path;

/// The git remote of a release; if there is none, the local repository is used with the same
/// commands: git treats `.` as a remote.
pub struct GitRemote {
    pub(super) repository: Repository,
    pub(super) git: Git,
    name: Option<String>,
    unshallow: Unshallow,
    /// The configuration that entries of the ledger are signed by.
    pub(super) signing: OnceCell<Configuration>,
}

/// The maximum number of shallow commits that are fetched by name.
const ENDS: usize = 64;

/// Options that prevent a fetch from fetching more than requested.
pub(super) const FETCH: [&str; 7] = [
    "fetch",
    "--quiet",
    "--no-tags",
    "--no-prune",
    "--no-write-fetch-head",
    "--no-auto-maintenance",
    "--no-recurse-submodules",
];

impl GitRemote {
    /// Opens the repository that contains a path, and finds its remote.
    ///
    /// # Errors
    /// When the repository cannot be read, the requested remote does not exist, or there are
    /// several and it is unclear which one to use.
    pub fn discover(path: &Path, settings: &Settings) -> Result<Self, RepositoryError> {
        let repository = open(path)?;
        let name = choose(&repository, settings.remote.as_deref())?;
        let git = Git::new(&repository, settings);
        let (unshallow, signing) = (settings.unshallow, OnceCell::new());
        Ok(Self { repository, git, name, unshallow, signing })
    }

    /// The names of a repository's remotes.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn names(path: &Path) -> Result<Vec<String>, RepositoryError> {
        names(&open(path)?)
    }

    /// The remote's name; `None` if the local repository is used instead.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The remote's address, as configured but for a user name and password.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        let remote = self.repository.find_remote(self.name()?).ok()?;
        remote.url().ok().map(without_credentials)
    }

    /// The remote argument for git.
    pub(super) fn place(&self) -> &str {
        self.name.as_deref().unwrap_or(".")
    }

    /// Lists refs of the remote that fit patterns, besides its branches.
    pub(super) async fn list(
        &self,
        what: &str,
        patterns: &[&str],
    ) -> Result<Vec<RefAt>, PortError> {
        let output = self.read(what, &refs::arguments(self.place(), patterns)).await?;
        refs::parse(&output.stdout).map_err(|why| PortError::NoAnswer { what: what.into(), why })
    }

    /// Runs a git command that only reads the remote, and retries temporary errors.
    async fn read(&self, what: &str, arguments: &[&str]) -> Result<Output, PortError> {
        self.git
            .repeated(what, async || {
                let output = self.git.run(what, arguments, b"").await?;
                if output.ok { Ok(output) } else { Err(fault(what, Access::Read, &output)) }
            })
            .await
    }

    /// Fetches one commit or ref with its files; of a shallow clone no more history than that.
    async fn fetch_one(&self, what: &str, spec: &str) -> Result<(), PortError> {
        if self.name.is_none() {
            let why = "there is no remote".into();
            return Err(PortError::Refused { what: what.into(), why });
        }
        let mut arguments = FETCH.to_vec();
        if self.repository.is_shallow() {
            arguments.push("--depth=1");
        }
        arguments.extend([self.place(), spec]);
        self.read(what, &arguments).await.map(drop)
    }

    async fn fetch_history(&self) -> Result<(), PortError> {
        let what = "fetch history";
        if !self.repository.is_shallow() {
            return Ok(());
        }
        if self.name.is_none() {
            let why = "the clone is shallow and has no remote".into();
            return Err(PortError::Refused { what: what.into(), why });
        }
        let mut arguments = [&FETCH[..], &["--unshallow"]].concat();
        if self.unshallow == Unshallow::WithoutBlobs {
            arguments.push("--filter=blob:none");
        }
        // The ends of history are on the remote, which `HEAD` need not be, and no branch need lead
        // to them (a merge made for a pull request).
        let path = self.repository.commondir().join("shallow");
        let ends = std::fs::read_to_string(path).unwrap_or_default();
        let ends: Vec<&str> = ends.lines().take(ENDS + 1).collect();
        if ends.len() <= ENDS {
            let by_name = [&arguments[..], &[self.place()], &ends].concat();
            // A server is not required to serve a commit by its ID.
            if self.read(what, &by_name).await.is_ok() {
                return Ok(());
            }
        }
        self.read(what, &[&arguments[..], &[self.place()]].concat()).await.map(drop)
    }
}

#[async_trait(?Send)]
impl Remote for GitRemote {
    async fn refs(&self) -> Result<Vec<RefAt>, PortError> {
        let mut refs = self.list("list refs", &["refs/tags/*", "refs/tminus/*"]).await?;
        // A pattern matches the end of a name: `refs/remotes/origin/HEAD` as well.
        let ours = ["refs/heads/", "refs/tags/", "refs/tminus/"];
        refs.retain(|at| ours.iter().any(|folder| at.name.starts_with(folder)));
        Ok(refs)
    }

    async fn fetch(&self, what: &Fetch) -> Result<(), PortError> {
        match what {
            Fetch::Commit(sha) => self.fetch_one("fetch a commit", sha.as_str()).await,
            Fetch::Pull(number) => {
                let spec = format!("+refs/pull/{number}/merge:refs/tminus/pull/{number}/merge");
                self.fetch_one("fetch the pull request's merge", &spec).await
            }
            Fetch::Branch(branch) => {
                let spec = format!("+refs/heads/{branch}:refs/remotes/{}/{branch}", self.place());
                self.fetch_one("fetch the branch", &spec).await
            }
            Fetch::History => self.fetch_history().await,
        }
    }

    async fn ledger(&self, tag: &TagName) -> Result<Ledger, PortError> {
        self.read_ledger(Chain::Release(tag)).await
    }

    async fn holds(&self) -> Result<Ledger, PortError> {
        self.read_ledger(Chain::Holds).await
    }

    fn has_read_holds(&self) -> bool {
        !matches!(self.last_seen(Chain::Holds), Ok(None))
    }

    async fn past_ledgers(
        &self,
        wanted: &[(TagName, Sha)],
    ) -> Result<Vec<(TagName, Ledger)>, PortError> {
        self.read_past_ledgers(wanted).await
    }

    async fn proof(&self, tag: &TagName, ledger: &Ledger) -> Result<LedgerProof, PortError> {
        self.prove(tag, ledger).await
    }

    async fn signers(
        &self,
        ledger: &Ledger,
        entries: &[usize],
        allowed: &str,
    ) -> Result<Vec<EntrySignature>, PortError> {
        self.verify_entries(ledger, entries, allowed).await
    }

    fn commits(&self, ledger: &Ledger, entries: &[usize]) -> Result<Vec<Sha>, PortError> {
        self.commits_of(ledger, entries)
    }

    async fn document(&self, which: &Document) -> Result<Option<(Sha, String)>, PortError> {
        self.read_document(which).await
    }

    async fn may_push(&self, commit: &Sha) -> Result<Push, PortError> {
        self.leave_to_push(commit).await
    }
}

#[async_trait(?Send)]
impl RemoteChange for GitRemote {
    async fn append(
        &self,
        tag: &TagName,
        head: Option<&Sha>,
        entries: &[Entry],
    ) -> Result<Sha, PortError> {
        self.append_entries(Chain::Release(tag), head, entries).await
    }

    async fn append_hold(&self, head: Option<&Sha>, entry: &Entry) -> Result<Sha, PortError> {
        self.append_entries(Chain::Holds, head, std::slice::from_ref(entry)).await
    }

    async fn signer(&self, allowed: &str, now: Timestamp) -> Result<EntrySignature, PortError> {
        self.own_signature(allowed, now).await
    }

    async fn replace_document(&self, change: &DocumentChange<'_>) -> Result<Sha, PortError> {
        self.swap_document(change).await
    }

    async fn create_tag(&self, tag: &NewTag) -> Result<Sha, PortError> {
        self.make_tag(tag).await
    }

    async fn move_tag(&self, order: &TagMove) -> Result<(), PortError> {
        self.swing_tag(order).await
    }

    async fn delete_tag(&self, tag: &TagName, object: &Sha) -> Result<(), PortError> {
        self.remove_tag(tag, object).await
    }
}

impl GitRemote {
    /// The name of the person who commits here, as git is configured; `None` if it is not.
    #[must_use]
    pub fn author(&self) -> Option<String> {
        author(&self.git)
    }
}

/// A URL without user and password. If there is no `://`, the part before `@` belongs to SSH.
pub(super) fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

/// The secrets in the configuration of the repository that contains a path: credentials in URLs,
/// and headers that a checkout left for git. Empty if it cannot be read.
#[must_use]
pub fn credentials(path: &Path) -> Vec<SecretString> {
    let mut found = Vec::new();
    let config = open(path).ok().and_then(|repository| repository.config().ok()?.snapshot().ok());
    let Some(entries) = config.as_ref().and_then(|config| config.entries(None).ok()) else {
        return found;
    };
    // An entry that is not UTF-8 cannot be shown as text either.
    let _ended = entries.for_each(|entry| {
        let (Ok(name), Ok(value)) = (entry.name(), entry.value()) else { return };
        found.extend(in_addresses(name).chain(in_addresses(value)));
        if name.starts_with("http.") && name.ends_with(".extraheader") {
            found.extend(value.split_whitespace().next_back().map(SecretString::from));
        }
    });
    found
}

fn names(repository: &Repository) -> Result<Vec<String>, RepositoryError> {
    let names = repository.remotes()?;
    Ok(names.iter().filter_map(Result::ok).flatten().map(str::to_owned).collect())
}

/// The remote's name: the requested one, the branch's, `origin`, or the only one.
pub(super) fn choose(
    repository: &Repository,
    asked: Option<&str>,
) -> Result<Option<String>, RepositoryError> {
    let names = names(repository)?;
    if let Some(name) = asked {
        let there = names.iter().any(|known| known == name);
        let help = format!("the remotes are: {}", names.join(", "));
        let missing = || repository_error_with_help(format!("no remote is named `{name}`"), help);
        return if there { Ok(Some(name.into())) } else { Err(missing()) };
    }
    let head = repository.head().ok().and_then(|head| head.name().ok().map(str::to_owned));
    let upstream = head.and_then(|head| repository.branch_upstream_remote(&head).ok());
    let upstream = upstream.and_then(|name| name.as_str().ok().map(str::to_owned));
    for name in upstream.into_iter().chain(["origin".to_owned()]) {
        if names.contains(&name) {
            return Ok(Some(name));
        }
    }
    if names.len() > 1 {
        let why = format!(
            "the remotes are {}; none of them is the branch's remote or \
                     `origin`",
            names.join(", ")
        );
        return Err(repository_error_with_help(
            why,
            "pass the one to release from with `--remote`",
        ));
    }
    Ok(names.into_iter().next())
}

impl GitRemote {
    /// The target of a local ref.
    pub(super) fn local(&self, name: &str) -> Result<Option<Sha>, RepositoryError> {
        match self.repository.find_reference(name) {
            Ok(reference) => Ok(reference.resolve()?.target().map(sha)),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
