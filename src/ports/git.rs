//! Git: the local repository, and the release's remote.

use super::PortError;
use crate::base::names::{BranchName, EnvironmentName, Sha, TagName};
use crate::facts::rights;
use crate::facts::{FileAt, History, Seen, VersionTag};
use crate::project::commits::Commit;
use crate::project::manifest::Pattern;
use crate::release::ledger::{Entry, Ledger};
use crate::release::signature::{EntrySignature, LedgerProof};
use crate::release::step::{Asset, AssetFault, Sign, sha256};
use async_trait::async_trait;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeMap;

/// The state of `HEAD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The commit.
    pub commit: Sha,
    /// The branch, unless detached.
    pub branch: Option<BranchName>,
}

/// Why the local repository could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct RepositoryError {
    /// The cause, to follow "cannot …: ".
    pub why: String,
    /// How to fix it.
    pub help: Option<String>,
}

/// The limits of the forge for assets.
#[derive(Debug, Clone, Copy)]
pub struct AssetLimits {
    /// The size in bytes from which a file is too large.
    pub too_large: u64,
    /// The name that the forge gives to a file.
    pub named: fn(&str) -> String,
}

impl AssetLimits {
    /// No limits: every file, with its own name.
    pub const NONE: Self = Self { too_large: u64::MAX, named: |name| name.to_owned() };
}

/// Why the files of a release cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssetError {
    /// They are invalid.
    #[error("{}", .0.finding().message)]
    Fault(AssetFault),
    /// They cannot be read.
    #[error(transparent)]
    Unread(#[from] RepositoryError),
}

/// The commits that one commit contains and another lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// The commits, newest first, without those that were cherry-picked to both.
    pub commits: Vec<Commit>,
    /// Whether the other commit is not an ancestor.
    pub apart: bool,
}

/// Reads the local repository, without network access.
pub trait Repository {
    /// The state of `HEAD`; `None` in a repository without commits.
    fn head(&self) -> Result<Option<Head>, RepositoryError>;

    /// The commit that a revision names.
    fn resolve(&self, revision: &str) -> Result<Sha, RepositoryError>;

    /// One commit.
    fn commit(&self, sha: &Sha) -> Result<Commit, RepositoryError>;

    /// The branches of the remote at the last fetch or, without a remote, the local branches.
    fn branches(&self) -> Result<Branches, RepositoryError>;

    /// Remote branches that contain the commit, without the remote's name.
    fn remote_branches_with(&self, sha: &Sha) -> Result<Vec<BranchName>, RepositoryError>;

    /// The files in a folder of a commit, including subfolders, with their full paths; at most
    /// `most` + 1. Empty if the folder does not exist.
    fn below(&self, commit: &Sha, path: &str, most: usize) -> Result<Vec<String>, RepositoryError>;

    /// Tracked files that differ from `HEAD`.
    fn dirty(&self) -> Result<Vec<String>, RepositoryError>;

    /// Whether the history is incomplete (a shallow clone).
    fn shallow(&self) -> bool;

    /// Whether files of older commits may be missing (a partial clone).
    fn is_partial(&self) -> bool {
        false
    }

    /// Every local tag: name, object, and the commit that it points to.
    fn tags(&self) -> Result<Vec<RefAt>, RepositoryError>;

    /// The history of a commit, given the tags that contain versions, highest first. Unseen if a
    /// shallow clone lacks commits that it depends on.
    fn history(
        &self,
        commit: &Sha,
        tags: Vec<VersionTag>,
    ) -> Result<Seen<History>, RepositoryError>;

    /// The highest of some tags, highest first, that is an ancestor of a commit. Unseen if a
    /// shallow clone lacks commits that it depends on.
    fn merged(
        &self,
        commit: &Sha,
        tags: Vec<VersionTag>,
    ) -> Result<Seen<Option<VersionTag>>, RepositoryError> {
        Ok(self.history(commit, tags)?.map(|history| history.last))
    }

    /// The commits that `to` contains and `from` lacks. Unseen if a shallow clone lacks commits
    /// that it depends on.
    fn lacking(&self, from: &Sha, to: &Sha) -> Result<Seen<Lacking>, RepositoryError> {
        let apart = !self.is_ancestor(from, to)?;
        Ok(self.between(from, to)?.map(|commits| Lacking { commits, apart }))
    }

    /// The parents of a commit, including those that a shallow clone lacks.
    fn parents(&self, sha: &Sha) -> Result<Vec<Sha>, RepositoryError>;

    /// The ancestors of `to` that are not ancestors of `from`, newest first. Unseen if a shallow
    /// clone lacks commits that it depends on.
    fn between(&self, from: &Sha, to: &Sha) -> Result<Seen<Vec<Commit>>, RepositoryError>;

    /// Whether one commit is the other or its ancestor.
    fn is_ancestor(&self, ancestor: &Sha, of: &Sha) -> Result<bool, RepositoryError>;

    /// A file at a commit.
    fn file(&self, commit: &Sha, path: &str) -> Result<FileAt, RepositoryError>;

    /// A text at a commit in which bytes that are not UTF-8 are replaced by U+FFFD, as changelogs
    /// of many years can have them.
    fn readable(&self, commit: &Sha, path: &str) -> Result<FileAt, RepositoryError> {
        self.file(commit, path)
    }

    /// Names of the files directly in a folder at a commit, sorted; empty if the folder does not
    /// exist.
    fn folder(&self, commit: &Sha, path: &str) -> Result<Vec<String>, RepositoryError>;

    /// Paths whose content differs between two commits, sorted; a moved file has both names. At
    /// most `most` + 1.
    fn changed(&self, from: &Sha, to: &Sha, most: usize) -> Result<Vec<String>, RepositoryError>;

    /// Whether each of the commits changes something in a folder, compared with its first parent.
    fn touching(&self, commits: &[Sha], folder: &str) -> Result<Vec<bool>, RepositoryError>;

    /// The number of commits that `to` contains and `from` lacks, at most `most` + 1.
    fn ahead(&self, from: &Sha, to: &Sha, most: usize) -> Result<usize, RepositoryError>;

    /// Files of the working tree that match the patterns, with digests, sorted by name. A pattern
    /// that matches nothing is an error that names it.
    fn assets(&self, patterns: &[&Pattern]) -> Result<Vec<Asset>, AssetError>;
}

/// Reads the working tree of a repository, to infer a new manifest.
pub trait WorkTree: Repository {
    /// Paths of all files that are not ignored, committed or not.
    ///
    /// # Errors
    /// When they cannot be listed.
    fn files(&self) -> Result<Vec<String>, RepositoryError>;

    /// The text of a file in the working tree; `None` if it is larger than `most` bytes or cannot
    /// be read.
    fn text(&self, path: &str, most: usize) -> Option<String>;

    /// Source and build files that contain a text at a commit.
    ///
    /// # Errors
    /// When they cannot be searched.
    fn files_containing(&self, commit: &Sha, text: &str) -> Result<Vec<String>, RepositoryError>;

    /// The addresses of the people who made a tag and its commit, as far as this clone has them.
    fn addresses(&self, _: &RefAt) -> Vec<String> {
        Vec::new()
    }

    /// Tags, each with the time of its commit in seconds since 1970, if the clone has the commit.
    ///
    /// # Errors
    /// When a commit cannot be read.
    fn dated(&self, tags: Vec<RefAt>) -> Result<Vec<(RefAt, Option<i64>)>, RepositoryError>;
}

/// A ref and its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefAt {
    /// Its full name (`refs/tags/v1.0.0`).
    pub name: String,
    /// Its target.
    pub object: Sha,
    /// The commit, peeled.
    pub commit: Sha,
}

/// Branches and the remote that has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Branches {
    /// The remote's name; `None` if there is none.
    pub remote: Option<String>,
    /// The head of each branch.
    pub heads: BTreeMap<BranchName, Sha>,
}

/// What to fetch into the local repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetch {
    /// One commit with its files.
    Commit(Sha),
    /// The forge's test merge of a pull request, stored as `refs/tminus/pull/N/merge`.
    Pull(u64),
    /// A branch of the remote, stored as a remote-tracking branch.
    Branch(BranchName),
    /// The history that a shallow clone lacks, without file contents.
    History,
}

/// A JSON document that tminus stores in the remote, on a separate ref.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Document {
    /// The releases that tminus made to an environment. Its commits form a chain, so `git log`
    /// shows every change.
    Environment(EnvironmentName),
    /// The newest verification samples of a release. Each version replaces the previous one.
    Samples(TagName),
    /// What became of the dates of a train. Its commits form a chain.
    Train(String),
}

impl Document {
    /// Its ref. Characters of the environment's name that a ref cannot contain are percent-encoded.
    /// git stores a ref in a file, so the end of a long name is replaced by a digest.
    #[must_use]
    pub fn ref_name(&self) -> String {
        match self {
            Self::Environment(name) => {
                format!("refs/tminus/environments/{}", encoded(name.as_str()))
            }
            Self::Train(name) => format!("refs/tminus/trains/{}", encoded(name)),
            Self::Samples(tag) => format!("refs/tminus/samples/{tag}"),
        }
    }

    /// Whether its commits form a chain.
    #[must_use]
    pub fn keeps_history(&self) -> bool {
        match self {
            Self::Environment(_) | Self::Train(_) => true,
            Self::Samples(_) => false,
        }
    }
}

/// A new version of a document.
#[derive(Debug, Clone, Copy)]
pub struct DocumentChange<'a> {
    /// Which document.
    pub which: &'a Document,
    /// The commit that must currently contain it; `None` if the document must not exist.
    pub at: Option<&'a Sha>,
    /// The new text.
    pub text: &'a str,
    /// Describes the change, for `git log`.
    pub line: &'a str,
    /// When.
    pub now: Timestamp,
}

/// A name as the last part of a ref.
fn encoded(name: &str) -> String {
    let plain = utf8_percent_encode(name, ENCODED).to_string();
    match plain.get(LONGEST..) {
        None | Some("") => plain,
        Some(_) => {
            let begin = plain.get(..LONGEST).unwrap_or_default();
            format!("{begin}.{}", sha256(name.as_bytes()).as_str())
        }
    }
}

/// The maximum length of a name in a ref, in bytes. File systems allow 255 for a file name,
/// including that of git's lock file.
const LONGEST: usize = 180;

/// Everything but letters, digits, `-` and `_`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// The ref with the holds of the whole repository.
pub const HOLDS: &str = "refs/tminus/holds";

/// Reads the git remote of the release. Without a remote, the local repository is used.
#[async_trait(?Send)]
pub trait Remote {
    /// Current tags, branches, ledgers and documents of the remote.
    async fn refs(&self) -> Result<Vec<RefAt>, PortError>;

    /// Fetches into the local repository.
    async fn fetch(&self, what: &Fetch) -> Result<(), PortError>;

    /// The ledger of a release; empty if there is none.
    async fn ledger(&self, tag: &TagName) -> Result<Ledger, PortError>;

    /// The ledgers of finished releases, each with where it ends, as far as they can be read.
    async fn past_ledgers(
        &self,
        wanted: &[(TagName, Sha)],
    ) -> Result<Vec<(TagName, Ledger)>, PortError> {
        let mut all = Vec::new();
        for (tag, _) in wanted {
            all.push((tag.clone(), self.ledger(tag).await?));
        }
        Ok(all)
    }

    /// The holds of the whole repository, as a chain like a ledger; empty if nobody ever set one.
    /// An error if they were deleted after they were last read.
    async fn holds(&self) -> Result<Ledger, PortError>;

    /// Whether this clone has read holds of the repository, or cannot tell.
    fn has_read_holds(&self) -> bool {
        false
    }

    /// The signatures of a ledger that was read, and whether the ledger was deleted.
    async fn proof(&self, _: &TagName, _: &Ledger) -> Result<LedgerProof, PortError> {
        Ok(LedgerProof::default())
    }

    /// The signatures of some entries of a ledger as it was read, by their numbers from 1, verified
    /// with the text of an allowed-signers file and no other key.
    async fn signers(
        &self,
        ledger: &Ledger,
        entries: &[usize],
        allowed: &str,
    ) -> Result<Vec<EntrySignature>, PortError>;

    /// The commits of some entries of a ledger as it was read, by their numbers from 1.
    fn commits(&self, ledger: &Ledger, entries: &[usize]) -> Result<Vec<Sha>, PortError>;

    /// The current document in the remote: its commit and its text. `None` if it does not exist.
    async fn document(&self, which: &Document) -> Result<Option<(Sha, String)>, PortError>;

    /// Whether refs can be pushed, and with which identity; this pushes nothing. A denial is a
    /// result, not an error.
    async fn may_push(&self, commit: &Sha) -> Result<rights::Push, PortError>;
}

/// A tag to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTag {
    /// Its name.
    pub tag: TagName,
    /// The commit that it will point to.
    pub commit: Sha,
    /// Its message.
    pub message: String,
    /// How it is signed.
    pub sign: Sign,
    /// Its date.
    pub at: Timestamp,
}

/// A tag to move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagMove {
    /// Its name.
    pub tag: TagName,
    /// Its current target; `None` if it does not exist.
    pub from: Option<Sha>,
    /// Its new target.
    pub to: Sha,
}

/// Writes to the git remote of the release.
#[async_trait(?Send)]
pub trait RemoteChange: Remote {
    /// Appends to the ledger if it still ends with `head`; returns the new end.
    /// [`PortError::Behind`] if another process changed it first.
    async fn append(
        &self,
        tag: &TagName,
        head: Option<&Sha>,
        entries: &[Entry],
    ) -> Result<Sha, PortError>;

    /// Appends to the holds of the whole repository, in the same way.
    async fn append_hold(&self, head: Option<&Sha>, entry: &Entry) -> Result<Sha, PortError>;

    /// Whose key signs statements on this machine, verified with the text of an allowed-signers file
    /// and no other key. Nothing is pushed.
    async fn signer(&self, allowed: &str, now: Timestamp) -> Result<EntrySignature, PortError>;

    /// Replaces a document; returns the new commit. [`PortError::Behind`] if another process
    /// changed it first.
    async fn replace_document(&self, change: &DocumentChange<'_>) -> Result<Sha, PortError>;

    /// Creates a tag only if no tag with this name exists; returns the tag object.
    async fn create_tag(&self, tag: &NewTag) -> Result<Sha, PortError>;

    /// Moves or creates a tag, only if its target is still the expected one. It then points
    /// directly to the commit.
    async fn move_tag(&self, order: &TagMove) -> Result<(), PortError>;

    /// Deletes a tag only if its target is still `object`. A tag that no longer exists is not an
    /// error.
    async fn delete_tag(&self, tag: &TagName, object: &Sha) -> Result<(), PortError>;
}
