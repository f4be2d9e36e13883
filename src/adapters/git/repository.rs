//! The local repository, read through libgit2.

use super::graph::{Commits, Graph, Walk};
use super::open::{cannot, is_missing_object, oid, open, repository_error_with_help, sha, unnamed};
use super::program::Git;
use super::searched::SOURCES;
use super::settings::Settings;
use super::versions::{descend, range, search, without_cherry_picks};
use super::{assets, below, object, remote, tags, touch, tree};
use crate::adapters::files::read_inside;
use crate::adapters::timed::measured;
use crate::base::names::{BranchName, Sha};
use crate::facts::{FileAt, History, LARGEST_FILE, Seen, VersionTag};
use crate::ports::{
    AssetError, AssetLimits, Branches, Head, Lacking, RefAt, Repository, RepositoryError, WorkTree,
};
use crate::project::commits::Commit;
use crate::project::manifest::Pattern;
use crate::release::step::Asset;
use git2::{ErrorCode, ObjectType, Oid};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A repository on this machine: a clone, a worktree of one, or a bare one.
pub struct LocalRepository {
    repository: git2::Repository,
    git: Git,
    commits: RefCell<Commits>,
    remote: Option<String>,
    limits: AssetLimits,
}

impl LocalRepository {
    /// Opens the repository that a path is in.
    ///
    /// # Errors
    /// When there is none, it belongs to another user, or its format is not one that is read here.
    pub fn discover(path: &Path, settings: &Settings) -> Result<Self, RepositoryError> {
        let repository = open(path)?;
        let git = Git::new(&repository, settings);
        let (remote, limits) = (settings.remote.clone(), AssetLimits::NONE);
        Ok(Self { repository, git, commits: RefCell::default(), remote, limits })
    }

    /// Rejects files that the forge does not accept.
    #[must_use]
    pub fn for_forge(self, limits: AssetLimits) -> Self {
        Self { limits, ..self }
    }

    /// The root of the working tree; `None` in a bare repository.
    #[must_use]
    pub fn root(&self) -> Option<&Path> {
        self.repository.workdir()
    }

    /// The branch that releases are expected on: the target of the remote's `HEAD` or, without one,
    /// `main` or `master`, otherwise the checked-out branch, even if it has no commits.
    #[must_use]
    pub fn default_branch(&self) -> Option<BranchName> {
        let leads = |name: &str, folder: &str| {
            let reference = self.repository.find_reference(name).ok()?;
            let target = reference.symbolic_target().ok()??;
            BranchName::new(target.strip_prefix(folder)?).ok()
        };
        let remote = remote::choose(&self.repository, self.remote.as_deref()).ok().flatten();
        let folder = remote.map(|remote| format!("refs/remotes/{remote}/"));
        let of_remote = folder.as_ref().and_then(|at| leads(&format!("{at}HEAD"), at));
        let known = |name: &str| {
            let at = folder.iter().map(String::as_str).chain(["refs/heads/"]);
            at.into_iter().any(|at| self.repository.find_reference(&format!("{at}{name}")).is_ok())
        };
        let by_name = || ["main", "master"].into_iter().find(|name| known(name));
        of_remote
            .or_else(|| BranchName::new(by_name()?).ok())
            .or_else(|| leads("HEAD", "refs/heads/"))
    }

    /// The branches that this clone knows, its own and the remote's, and the one that is checked out.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub fn known_branches(&self) -> Result<BTreeSet<BranchName>, RepositoryError> {
        let mut names: BTreeSet<BranchName> = self.default_branch().into_iter().collect();
        let remote = remote::choose(&self.repository, self.remote.as_deref())?;
        let remote = remote.map(|remote| format!("refs/remotes/{remote}/"));
        for prefix in remote.iter().map(String::as_str).chain(["refs/heads/"]) {
            for reference in self.repository.references_glob(&format!("{prefix}*"))? {
                let reference = reference?;
                let name = reference.name().ok().and_then(|name| name.strip_prefix(prefix));
                names.extend(name.and_then(|name| BranchName::new(name).ok()));
            }
        }
        Ok(names)
    }

    /// A commit and its ancestors, newest first, at most `most`.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn recent(&self, to: &Sha, most: usize) -> Result<Vec<Commit>, RepositoryError> {
        let mut graph = self.graph()?;
        let (mut walk, head) = (Walk::default(), graph.load(oid(to)?)?);
        walk.paint(&graph, head, 1);
        let mut ids = Vec::new();
        while ids.len() < most
            && let Some(id) = walk.next(&mut graph)?
        {
            ids.push(id);
        }
        graph.commits(&ids)
    }

    fn graph(&self) -> Result<Graph<'_>, RepositoryError> {
        Graph::new(&self.repository, &self.commits)
    }

    fn truncated<T>() -> Seen<T> {
        Seen::unseen_help("the clone is shallow, and its history is too short", UNSHALLOW)
    }

    /// Reads the history in one walk.
    fn walked(
        &self,
        commit: &Sha,
        tags: Vec<VersionTag>,
    ) -> Result<Seen<History>, RepositoryError> {
        let mut graph = self.graph()?;
        let head = oid(commit)?;
        let found = search(&mut graph, head, &tags)?;
        if !found.proven {
            return Ok(Self::truncated());
        }
        let at = |n: Option<usize>| n.and_then(|n| tags.get(n)).cloned();
        let (last, base) = (at(found.last), at(found.base));
        let from = base.as_ref().map(|tag| oid(&tag.commit)).transpose()?;
        let range = range(&mut graph, head, from)?;
        if !range.proven {
            return Ok(Self::truncated());
        }
        let since = graph.commits(&range.commits)?;
        Ok(Seen::Known(History { tags, last, base, since, ..History::default() }))
    }

    fn text(&self, blob: Oid, bad: BadBytes) -> Result<FileAt, RepositoryError> {
        let odb = self.repository.odb()?;
        let (bytes, _) = odb.read_header(blob)?;
        if bytes > LARGEST_FILE {
            return Ok(FileAt::TooLarge { bytes: bytes as u64 });
        }
        let object = odb.read(blob)?;
        let data = object.data();
        Ok(match (str::from_utf8(data), bad) {
            _ if data.contains(&0) => FileAt::Binary,
            (Ok(text), _) => FileAt::Text(text.into()),
            (Err(_), BadBytes::Replace) => FileAt::Text(String::from_utf8_lossy(data).into_owned()),
            (Err(_), BadBytes::Refuse) => FileAt::Binary,
        })
    }

    fn file_with(
        &self,
        commit: &Sha,
        path: &str,
        bad: BadBytes,
    ) -> Result<FileAt, RepositoryError> {
        let tree = object::tree(&self.repository, oid(commit)?)?;
        let entry = match tree.get_path(Path::new(path.trim_start_matches("./"))) {
            Ok(entry) => entry,
            // libgit2 reports a missing tree object as an error of the object store, which does not
            // mean that the file is absent.
            Err(error) if error.code() == ErrorCode::NotFound && !is_missing_object(&error) => {
                return Ok(FileAt::Absent);
            }
            Err(error) => return Err(error.into()),
        };
        let what = match (entry.kind(), entry.filemode()) {
            (_, 0o120_000) => "a symbolic link",
            (Some(ObjectType::Blob), _) => return self.text(entry.id(), bad),
            (Some(ObjectType::Tree), _) => "a directory",
            (_, _) => "a submodule",
        };
        Err(cannot(format!("`{path}` is {what} at {}, not a file", commit.short())))
    }
}

/// How bytes that are not UTF-8 are handled.
#[derive(Debug, Clone, Copy)]
enum BadBytes {
    Refuse,
    Replace,
}

const UNSHALLOW: &str =
    "set `fetch-depth: 0` in the checkout step, or run `git fetch --unshallow --tags`";

impl Repository for LocalRepository {
    fn head(&self) -> Result<Option<Head>, RepositoryError> {
        let head = match self.repository.head() {
            Ok(head) => head,
            Err(error) if error.code() == ErrorCode::UnbornBranch => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let target = head.target().ok_or_else(|| cannot("`HEAD` points to no object"))?;
        let commit = sha(object::commit(&self.repository, target)?);
        let name = if head.is_branch() { head.shorthand().ok() } else { None };
        Ok(Some(Head { commit, branch: name.and_then(|name| BranchName::new(name).ok()) }))
    }

    fn resolve(&self, revision: &str) -> Result<Sha, RepositoryError> {
        let found = self.repository.revparse_single(revision).map(|object| object.id());
        // libgit2 does not find an object that it cannot parse, although the name exists.
        let found = found.or_else(|error| {
            let named = || self.repository.resolve_reference_from_short_name(revision);
            let id = Oid::from_str(revision).ok().filter(|_| revision.len() == 40);
            let id = id.filter(|id| self.repository.odb().is_ok_and(|odb| odb.exists(*id)));
            id.or_else(|| named().ok()?.target()).ok_or(error)
        });
        let found = found.map_err(|error| {
            if error.code() != ErrorCode::NotFound {
                return error.into();
            }
            if Sha::new(revision).is_ok() {
                let why = format!("the clone does not have commit `{revision}`");
                return repository_error_with_help(why, "fetch it, or check the commit id");
            }
            cannot(format!("no commit is named `{revision}`"))
        })?;
        Ok(sha(object::commit(&self.repository, found)?))
    }

    fn commit(&self, sha: &Sha) -> Result<Commit, RepositoryError> {
        let mut graph = self.graph()?;
        let id = graph.load(oid(sha)?)?;
        graph.commit(id)
    }

    fn branches(&self) -> Result<Branches, RepositoryError> {
        let remote = remote::choose(&self.repository, self.remote.as_deref())?;
        let prefix = match &remote {
            Some(remote) => format!("refs/remotes/{remote}/"),
            None => "refs/heads/".to_owned(),
        };
        let mut heads = BTreeMap::new();
        for reference in self.repository.references_glob(&format!("{prefix}*"))? {
            let reference = reference?;
            let name = reference.name().ok().and_then(|name| name.strip_prefix(&prefix));
            let name = name.and_then(|name| BranchName::new(name).ok());
            // `HEAD` is symbolic; its branch is listed separately.
            if let (Some(name), Some(tip)) = (name, reference.target()) {
                heads.insert(name, sha(tip));
            }
        }
        Ok(Branches { remote, heads })
    }

    fn remote_branches_with(&self, sha: &Sha) -> Result<Vec<BranchName>, RepositoryError> {
        let Branches { remote: Some(_), heads } = self.branches()? else { return Ok(Vec::new()) };
        let tips = heads.values().map(oid).collect::<Result<Vec<_>, _>>()?;
        let names: Vec<BranchName> = heads.into_keys().collect();
        let mut graph = self.graph()?;
        let (holds, proven) = descend(&mut graph, oid(sha)?, &tips)?;
        let with: Vec<_> = names.into_iter().zip(holds).filter(|(_, holds)| *holds).collect();
        if with.is_empty() && !proven {
            let why =
                format!("the clone is too shallow to tell which branches contain {}", sha.short());
            return Err(repository_error_with_help(why, UNSHALLOW));
        }
        Ok(with.into_iter().map(|(name, _)| name).collect())
    }

    fn dirty(&self) -> Result<Vec<String>, RepositoryError> {
        if self.repository.is_bare() {
            return Err(cannot("a bare repository has no working tree"));
        }
        measured("compared the working tree", || tree::differing(&self.repository, &self.git))
    }

    fn shallow(&self) -> bool {
        self.repository.is_shallow()
    }

    fn is_partial(&self) -> bool {
        let config = self.repository.config().and_then(|mut config| config.snapshot());
        config.is_ok_and(|config| {
            let promisors = config.entries(Some("remote\\..*\\.promisor"));
            promisors.is_ok_and(|mut entries| entries.next().is_some())
        })
    }

    fn tags(&self) -> Result<Vec<RefAt>, RepositoryError> {
        measured("read the tags", || tags::peeled(&self.repository))
    }

    fn history(
        &self,
        commit: &Sha,
        tags: Vec<VersionTag>,
    ) -> Result<Seen<History>, RepositoryError> {
        measured("read the history", || self.walked(commit, tags))
    }

    fn merged(
        &self,
        commit: &Sha,
        tags: Vec<VersionTag>,
    ) -> Result<Seen<Option<VersionTag>>, RepositoryError> {
        let mut graph = self.graph()?;
        let found = search(&mut graph, oid(commit)?, &tags)?;
        if !found.proven {
            return Ok(Self::truncated());
        }
        Ok(Seen::Known(found.last.and_then(|n| tags.get(n)).cloned()))
    }

    fn lacking(&self, from: &Sha, to: &Sha) -> Result<Seen<Lacking>, RepositoryError> {
        let mut graph = self.graph()?;
        let from = oid(from)?;
        if graph.is_cut() && graph.find(from)?.is_none() {
            return Ok(Self::truncated());
        }
        let range = without_cherry_picks(&mut graph, oid(to)?, from)?;
        if !range.proven {
            return Ok(Self::truncated());
        }
        let commits = graph.commits(&range.commits)?;
        Ok(Seen::Known(Lacking { commits, apart: range.apart }))
    }

    fn parents(&self, of: &Sha) -> Result<Vec<Sha>, RepositoryError> {
        let mut graph = self.graph()?;
        let parents = graph.named_parents(oid(of)?)?;
        Ok(parents.iter().copied().map(sha).collect())
    }

    fn between(&self, from: &Sha, to: &Sha) -> Result<Seen<Vec<Commit>>, RepositoryError> {
        let mut graph = self.graph()?;
        let range = range(&mut graph, oid(to)?, Some(oid(from)?))?;
        if !range.proven {
            return Ok(Self::truncated());
        }
        Ok(Seen::Known(graph.commits(&range.commits)?))
    }

    fn is_ancestor(&self, ancestor: &Sha, of: &Sha) -> Result<bool, RepositoryError> {
        let mut graph = self.graph()?;
        let (holds, proven) = descend(&mut graph, oid(ancestor)?, &[oid(of)?])?;
        let holds = holds.first().is_some_and(|holds| *holds);
        if !holds && !proven {
            let (ancestor, of) = (ancestor.short(), of.short());
            let why =
                format!("the clone is too shallow to tell whether {of} descends from {ancestor}");
            return Err(repository_error_with_help(why, UNSHALLOW));
        }
        Ok(holds)
    }

    /// A link, a directory or a submodule at the path is an error: it is not the requested file,
    /// and it is not followed.
    fn file(&self, commit: &Sha, path: &str) -> Result<FileAt, RepositoryError> {
        self.file_with(commit, path, BadBytes::Refuse)
    }

    fn readable(&self, commit: &Sha, path: &str) -> Result<FileAt, RepositoryError> {
        self.file_with(commit, path, BadBytes::Replace)
    }

    fn folder(&self, commit: &Sha, path: &str) -> Result<Vec<String>, RepositoryError> {
        let Some(tree) = below::folder(&self.repository, commit, path)? else {
            return Ok(Vec::new());
        };
        let files = tree.iter().filter(|entry| entry.kind() == Some(ObjectType::Blob));
        let names: Result<Vec<String>, RepositoryError> = files
            .map(|entry| String::from_utf8(entry.name_bytes().into()).map_err(|_| unnamed(path)))
            .collect();
        let mut names = names?;
        names.sort_unstable();
        Ok(names)
    }

    fn below(&self, commit: &Sha, path: &str, most: usize) -> Result<Vec<String>, RepositoryError> {
        below::below(&self.repository, commit, path, most)
    }

    /// Trees are compared without rename detection: a renamed file counts as one removed and one
    /// added.
    fn changed(&self, from: &Sha, to: &Sha, most: usize) -> Result<Vec<String>, RepositoryError> {
        let tree = |sha: &Sha| {
            let at = oid(sha)?;
            if self.repository.is_shallow() && !self.repository.odb()?.exists(at) {
                let why = format!("the clone is shallow and lacks {}", sha.short());
                return Err(repository_error_with_help(why, UNSHALLOW));
            }
            object::tree(&self.repository, at)
        };
        let (from, to) = (tree(from)?, tree(to)?);
        let mut options = git2::DiffOptions::new();
        options.skip_binary_check(true).ignore_submodules(false);
        let diff = self.repository.diff_tree_to_tree(Some(&from), Some(&to), Some(&mut options))?;
        let sides = diff.deltas().flat_map(|delta| {
            [
                delta.old_file().path_bytes().map(Vec::from),
                delta.new_file().path_bytes().map(Vec::from),
            ]
        });
        let paths: BTreeSet<Vec<u8>> = sides.flatten().take(2 * (most + 1)).collect();
        let names = paths.into_iter().take(most + 1);
        names.map(|path| String::from_utf8(path).map_err(|_| unnamed("the change"))).collect()
    }

    fn touching(&self, commits: &[Sha], folder: &str) -> Result<Vec<bool>, RepositoryError> {
        touch::touching(&self.repository, &mut self.graph()?, commits, folder)
    }

    fn ahead(&self, from: &Sha, to: &Sha, most: usize) -> Result<usize, RepositoryError> {
        let mut graph = self.graph()?;
        let range = range(&mut graph, oid(to)?, Some(oid(from)?))?;
        Ok(range.commits.len().min(most + 1))
    }

    fn assets(&self, patterns: &[&Pattern]) -> Result<Vec<Asset>, AssetError> {
        let root = self.root();
        let root = root.ok_or_else(|| cannot("a bare repository has no working tree"))?;
        assets::collect(root, patterns, self.limits)
    }
}

impl WorkTree for LocalRepository {
    fn files(&self) -> Result<Vec<String>, RepositoryError> {
        let all = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let out = self.git.ask(&all)?;
        let paths: BTreeSet<&str> = out.split('\0').filter(|path| !path.is_empty()).collect();
        Ok(paths.into_iter().map(str::to_owned).collect())
    }

    fn text(&self, path: &str, most: usize) -> Option<String> {
        read_inside(self.root()?, path, most).ok()
    }

    fn files_containing(&self, commit: &Sha, text: &str) -> Result<Vec<String>, RepositoryError> {
        let mut search = vec!["grep", "-l", "-z", "-I", "-F", "-e", text, commit.as_str(), "--"];
        search.extend(SOURCES);
        let done = self.git.finished(self.git.local(&search), b"")?;
        // It exits with 1 if nothing was found.
        let out = String::from_utf8_lossy(&done.stdout);
        let paths = out.split('\0').filter_map(|line| line.split_once(':'));
        Ok(paths.map(|(_, path)| path.to_owned()).collect())
    }

    fn addresses(&self, tag: &RefAt) -> Vec<String> {
        let mut found = Vec::new();
        let mut add = |by: Option<&str>| found.extend(by.map(str::to_owned));
        if let Ok(tag) = oid(&tag.object).and_then(|id| Ok(self.repository.find_tag(id)?)) {
            add(tag.tagger().as_ref().and_then(|by| by.email().ok()));
        }
        if let Ok(commit) = oid(&tag.commit).and_then(|id| Ok(self.repository.find_commit(id)?)) {
            add(commit.author().email().ok());
            add(commit.committer().email().ok());
        }
        found
    }

    fn dated(&self, tags: Vec<RefAt>) -> Result<Vec<(RefAt, Option<i64>)>, RepositoryError> {
        let mut graph = self.graph()?;
        let mut dated = Vec::with_capacity(tags.len());
        for tag in tags {
            let id = graph.find(oid(&tag.commit)?)?;
            let at = id.and_then(|id| graph.node(id)).map(|node| node.time);
            dated.push((tag, at));
        }
        Ok(dated)
    }
}
