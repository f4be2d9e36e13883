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
    /// For people, continuing "cannot …: ".
    pub why: String,
    /// What would fix it.
    pub help: Option<String>,
}

/// Which files the forge takes as assets.
#[derive(Debug, Clone, Copy)]
pub struct AssetLimits {
    /// The size in bytes from which on it takes none.
    pub too_large: u64,
    /// The name that a file gets there.
    pub named: fn(&str) -> String,
}

impl AssetLimits {
    /// Every file, under its own name.
    pub const NONE: Self = Self { too_large: u64::MAX, named: |name| name.to_owned() };
}

/// Why the files of a release cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssetError {
    /// They are wrong.
    #[error("{}", .0.finding().message)]
    Fault(AssetFault),
    /// They cannot be read.
    #[error(transparent)]
    Unread(#[from] RepositoryError),
}

/// What a commit has and another lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// Commits, newest first, without those that were picked to both.
    pub commits: Vec<Commit>,
    /// Whether the other is no ancestor.
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

    /// The branches of the remote, as they were fetched last; without a remote the local ones.
    fn branches(&self) -> Result<Branches, RepositoryError>;

    /// Remote branches that hold the commit, short names without the remote's.
    fn remote_branches_with(&self, sha: &Sha) -> Result<Vec<BranchName>, RepositoryError>;

    /// The files in a folder of a commit and in the folders below it, by their whole paths; at most
    /// one more than `most`. None where there is no such folder.
    fn below(&self, commit: &Sha, path: &str, most: usize) -> Result<Vec<String>, RepositoryError>;

    /// Tracked files that differ from `HEAD`.
    fn dirty(&self) -> Result<Vec<String>, RepositoryError>;

    /// Whether history is cut off.
    fn shallow(&self) -> bool;

    /// Whether files of older commits may be missing because the clone was made without them.
    fn is_partial(&self) -> bool {
        false
    }

    /// Every local tag: name, object, and the commit that it leads to.
    fn tags(&self) -> Result<Vec<RefAt>, RepositoryError>;

    /// The history that leads to a commit, given the tags that carry versions, highest first.
    /// Unseen if a shallow history cannot prove it.
    fn history(
        &self,
        commit: &Sha,
        tags: Vec<VersionTag>,
    ) -> Result<Seen<History>, RepositoryError>;

    /// The highest of some tags, highest first, that a commit descends from. Unseen where truncated
    /// history cannot prove it.
    fn merged(
        &self,
        commit: &Sha,
        tags: Vec<VersionTag>,
    ) -> Result<Seen<Option<VersionTag>>, RepositoryError> {
        Ok(self.history(commit, tags)?.map(|history| history.last))
    }

    /// The commits of one and not of the other. Unseen if a shallow history cannot prove it.
    fn lacking(&self, from: &Sha, to: &Sha) -> Result<Seen<Lacking>, RepositoryError> {
        let apart = !self.is_ancestor(from, to)?;
        Ok(self.between(from, to)?.map(|commits| Lacking { commits, apart }))
    }

    /// The parents that a commit names, those beyond the end of a shallow clone too.
    fn parents(&self, sha: &Sha) -> Result<Vec<Sha>, RepositoryError>;

    /// Commits that lead to one and not to another, newest first. Unseen where truncated history
    /// cannot prove it.
    fn between(&self, from: &Sha, to: &Sha) -> Result<Seen<Vec<Commit>>, RepositoryError>;

    /// Whether one commit is another's ancestor, or it.
    fn is_ancestor(&self, ancestor: &Sha, of: &Sha) -> Result<bool, RepositoryError>;

    /// A file at a commit.
    fn file(&self, commit: &Sha, path: &str) -> Result<FileAt, RepositoryError>;

    /// Names of the files directly in a folder at a commit, in order; none where there is no such
    /// folder.
    fn folder(&self, commit: &Sha, path: &str) -> Result<Vec<String>, RepositoryError>;

    /// Paths whose content differs between two commits, both names of a moved file, in order. At
    /// most `most` and one more are told.
    fn changed(&self, from: &Sha, to: &Sha, most: usize) -> Result<Vec<String>, RepositoryError>;

    /// Whether each of some commits changes something in a folder, compared with its first parent.
    fn touching(&self, commits: &[Sha], folder: &str) -> Result<Vec<bool>, RepositoryError>;

    /// How many commits lead to one that do not lead to the other, counted up to `most` and one more.
    fn ahead(&self, from: &Sha, to: &Sha, most: usize) -> Result<usize, RepositoryError>;

    /// Files of the work tree that fit the patterns, hashed, in the order of their names; a pattern
    /// that fits nothing is an error that names it.
    fn assets(&self, patterns: &[&Pattern]) -> Result<Vec<Asset>, AssetError>;
}

/// A repository with a work tree, as the files of a new manifest are looked for in it.
pub trait WorkTree: Repository {
    /// Paths of the files that are committed, or could be: all but ignored ones.
    ///
    /// # Errors
    /// When they cannot be listed.
    fn files(&self) -> Result<Vec<String>, RepositoryError>;

    /// The text of a file in the work tree; `None` if it has more bytes than `most` or cannot be read.
    fn text(&self, path: &str, most: usize) -> Option<String>;

    /// Files of source code and of build systems that say a text at a commit.
    ///
    /// # Errors
    /// When they cannot be searched.
    fn files_containing(&self, commit: &Sha, text: &str) -> Result<Vec<String>, RepositoryError>;

    /// Tags with the time of their commits, in seconds since 1970, where the clone has them.
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
    /// What it holds.
    pub object: Sha,
    /// The commit, peeled.
    pub commit: Sha,
}

/// Branches and the remote that has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Branches {
    /// The remote's name; `None` if there is none.
    pub remote: Option<String>,
    /// What each branch holds.
    pub heads: BTreeMap<BranchName, Sha>,
}

/// What to bring into the local repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetch {
    /// One commit with its files.
    Commit(Sha),
    /// The merge that the forge tried of a pull request, kept as `refs/tminus/pull/N/merge`.
    Pull(u64),
    /// What a branch of the remote holds, kept where git keeps that.
    Branch(BranchName),
    /// The history that a shallow clone lacks, without file contents.
    History,
}

/// A JSON document of tminus in the remote, on a ref of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Document {
    /// What tminus released into an environment. Its commits form a chain, so `git log` shows every
    /// change.
    Environment(EnvironmentName),
    /// The newest verification samples of a release. Each version replaces the one before.
    Samples(TagName),
}

impl Document {
    /// Its ref. An environment can have characters that a ref cannot have; these are percent-encoded.
    /// Git keeps a ref in a file, so the end of a long name is replaced by a digest.
    #[must_use]
    pub fn ref_name(&self) -> String {
        match self {
            Self::Environment(name) => {
                let plain = utf8_percent_encode(name.as_str(), ENCODED).to_string();
                let short = match plain.get(LONGEST..) {
                    None | Some("") => plain,
                    Some(_) => {
                        let begin = plain.get(..LONGEST).unwrap_or_default();
                        format!("{begin}.{}", sha256(name.as_str().as_bytes()).as_str())
                    }
                };
                format!("refs/tminus/environments/{short}")
            }
            Self::Samples(tag) => format!("refs/tminus/samples/{tag}"),
        }
    }

    /// Whether its commits form a chain.
    #[must_use]
    pub fn keeps_history(&self) -> bool {
        match self {
            Self::Environment(_) => true,
            Self::Samples(_) => false,
        }
    }
}

/// A new version of a document.
#[derive(Debug, Clone, Copy)]
pub struct DocumentChange<'a> {
    /// Which document.
    pub which: &'a Document,
    /// The commit that must still hold it; `None` if there must be none.
    pub at: Option<&'a Sha>,
    /// The new text.
    pub text: &'a str,
    /// Describes the change, for `git log`.
    pub line: &'a str,
    /// When.
    pub now: Timestamp,
}

/// The most bytes of a name in a ref; file systems take 255 for a file, git's lock included.
const LONGEST: usize = 180;

/// Everything but letters, digits, `-` and `_`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// Reads the release's git remote. Without one, the local repository is used.
#[async_trait(?Send)]
pub trait Remote {
    /// Tags, branches, ledgers and documents, as the remote has them now.
    async fn refs(&self) -> Result<Vec<RefAt>, PortError>;

    /// Brings something into the local repository.
    async fn fetch(&self, what: &Fetch) -> Result<(), PortError>;

    /// The ledger of a release; empty if there is none.
    async fn ledger(&self, tag: &TagName) -> Result<Ledger, PortError>;

    /// The signatures of a ledger as it was read, and whether it is gone.
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

    /// A document as the remote has it now: the commit that holds it, and its text. `None` if there is
    /// no such document.
    async fn document(&self, which: &Document) -> Result<Option<(Sha, String)>, PortError>;

    /// Whether refs can be pushed, and as whom; pushes nothing. A denial is an answer.
    async fn may_push(&self, commit: &Sha) -> Result<rights::Push, PortError>;
}

/// A tag to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTag {
    /// Its name.
    pub tag: TagName,
    /// The commit that it leads to.
    pub commit: Sha,
    /// Its message.
    pub message: String,
    /// How it is signed.
    pub sign: Sign,
    /// The moment that it bears.
    pub at: Timestamp,
}

/// A tag to be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagMove {
    /// Its name.
    pub tag: TagName,
    /// What it holds; `None` where it is not there.
    pub from: Option<Sha>,
    /// The commit that it shall hold.
    pub to: Sha,
}

/// Writing to the release's own git remote.
#[async_trait(?Send)]
pub trait RemoteChange: Remote {
    /// Appends to the record, if it still ends in `head`; gives the new end.
    /// [`PortError::Behind`] if another process changed it first.
    async fn append(
        &self,
        tag: &TagName,
        head: Option<&Sha>,
        entries: &[Entry],
    ) -> Result<Sha, PortError>;

    /// Whose key signs statements on this machine, verified with the text of an allowed-signers file
    /// and no other key. Nothing is pushed.
    async fn signer(&self, allowed: &str, now: Timestamp) -> Result<EntrySignature, PortError>;

    /// Replaces a document; gives the commit that holds the new one. [`PortError::Behind`] if another
    /// process changed it first.
    async fn replace_document(&self, change: &DocumentChange<'_>) -> Result<Sha, PortError>;

    /// Creates a tag only if no tag of this name is there; gives the tag object.
    async fn create_tag(&self, tag: &NewTag) -> Result<Sha, PortError>;

    /// Moves a tag, or creates it, only if it still holds what was seen. It then holds the commit
    /// itself.
    async fn move_tag(&self, order: &TagMove) -> Result<(), PortError>;

    /// Removes a tag only if it still holds `object`; one that is gone already is as good.
    async fn delete_tag(&self, tag: &TagName, object: &Sha) -> Result<(), PortError>;
}
