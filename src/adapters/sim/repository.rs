//! A local repository described in a few lines, for tests.

use crate::base::names::{BranchName, Sha};
use crate::facts::{FileAt, History, Seen, VersionTag};
use crate::ports::{AssetError, Branches, Head, RefAt, Repository, RepositoryError};
use crate::project::commits::Commit;
use crate::project::manifest::Pattern;
use crate::release::step::{Asset, AssetFault, Content, sha256};
use std::collections::BTreeMap;

/// A local repository with one straight history.
#[derive(Debug, Clone, Default)]
pub struct SimRepository {
    /// Its commits, newest first; each is the parent of the one before.
    pub commits: Vec<Commit>,
    /// The branch that `HEAD` and every commit is on; `None` where it is detached.
    pub branch: Option<BranchName>,
    /// Text files by path, the same at every commit.
    pub files: BTreeMap<String, String>,
    /// Tags.
    pub tags: Vec<RefAt>,
    /// Tracked files that differ.
    pub dirty: Vec<String>,
    /// Files of the work tree that can become assets, by path.
    pub built: BTreeMap<String, Vec<u8>>,
    /// Whether history is cut off after the last of `commits`.
    pub shallow: bool,
}

impl SimRepository {
    /// Adds a commit on top, and gives its id.
    ///
    /// # Errors
    /// Never in practice: ids are made by hashing.
    pub fn add_commit(&mut self, message: &str) -> Result<Sha, crate::base::names::NameError> {
        let count = self.commits.len();
        let parent = self.commits.first().map_or("", |commit| commit.sha.as_str());
        let sha = super::state::object_id(&format!("{parent} {count} {message}"))?;
        let at = i64::try_from(count).unwrap_or(i64::MAX);
        let commit = Commit {
            sha: sha.clone(),
            message: message.into(),
            committed_at: 1_767_225_600 + 60 * at,
            parents: usize::from(count > 0),
            parent_commits: Vec::new(),
            elsewhere: false,
            bot: false,
        };
        self.commits.insert(0, commit);
        Ok(sha)
    }

    fn place(&self, sha: &Sha) -> Option<usize> {
        self.commits.iter().position(|commit| commit.sha == *sha)
    }
}

fn no(why: impl Into<String>) -> RepositoryError {
    RepositoryError { why: why.into(), help: None }
}

impl Repository for SimRepository {
    fn head(&self) -> Result<Option<Head>, RepositoryError> {
        let newest = self.commits.first();
        Ok(newest.map(|commit| Head { commit: commit.sha.clone(), branch: self.branch.clone() }))
    }

    fn resolve(&self, revision: &str) -> Result<Sha, RepositoryError> {
        let full = |tag: &&RefAt| tag.name == format!("refs/tags/{revision}");
        if let Some(tag) = self.tags.iter().find(full) {
            return Ok(tag.commit.clone());
        }
        let names = |commit: &&Commit| {
            revision == "HEAD" || (revision.len() >= 4 && commit.sha.as_str().starts_with(revision))
        };
        let found = self.commits.iter().find(names);
        found.map(|commit| commit.sha.clone()).ok_or_else(|| no(format!("no `{revision}`")))
    }

    fn commit(&self, sha: &Sha) -> Result<Commit, RepositoryError> {
        let found = self.commits.iter().find(|commit| commit.sha == *sha);
        found.cloned().ok_or_else(|| no(format!("no commit {sha}")))
    }

    fn branches(&self) -> Result<Branches, RepositoryError> {
        let head = self.commits.first().map(|commit| commit.sha.clone());
        let heads = self.branch.clone().zip(head).into_iter().collect();
        Ok(Branches { remote: Some("origin".into()), heads })
    }

    fn remote_branches_with(&self, sha: &Sha) -> Result<Vec<BranchName>, RepositoryError> {
        Ok(self.place(sha).and(self.branch.clone()).into_iter().collect())
    }

    fn dirty(&self) -> Result<Vec<String>, RepositoryError> {
        Ok(self.dirty.clone())
    }

    fn shallow(&self) -> bool {
        self.shallow
    }

    fn tags(&self) -> Result<Vec<RefAt>, RepositoryError> {
        Ok(self.tags.clone())
    }

    fn history(
        &self,
        commit: &Sha,
        tags: Vec<VersionTag>,
    ) -> Result<Seen<History>, RepositoryError> {
        let start = self.place(commit).ok_or_else(|| no(format!("no commit {commit}")))?;
        let line = self.commits.get(start..).unwrap_or(&[]);
        let under = |tag: &&VersionTag| line.iter().any(|commit| commit.sha == tag.commit);
        let last = tags.iter().find(under).cloned();
        let base = tags.iter().find(|tag| tag.version.is_final() && under(tag)).cloned();
        if base.is_none() && self.shallow {
            return Ok(Seen::unseen_help("history is cut off", "fetch the whole history"));
        }
        let after = |one: &&Commit| base.as_ref().is_none_or(|base| base.commit != one.sha);
        let since = line.iter().take_while(after).cloned().collect();
        Ok(Seen::Known(History { tags, last, base, since, ..History::default() }))
    }

    fn parents(&self, sha: &Sha) -> Result<Vec<Sha>, RepositoryError> {
        let place = self.place(sha).ok_or_else(|| no(format!("no commit {sha}")))?;
        Ok(self.commits.get(place + 1).map(|commit| commit.sha.clone()).into_iter().collect())
    }

    fn between(&self, from: &Sha, to: &Sha) -> Result<Seen<Vec<Commit>>, RepositoryError> {
        let start = self.place(to).ok_or_else(|| no(format!("no commit {to}")))?;
        let line = self.commits.get(start..).unwrap_or(&[]);
        Ok(Seen::Known(line.iter().take_while(|one| one.sha != *from).cloned().collect()))
    }

    fn is_ancestor(&self, ancestor: &Sha, of: &Sha) -> Result<bool, RepositoryError> {
        let of = self.place(of).ok_or_else(|| no(format!("no commit {of}")))?;
        Ok(self.place(ancestor).is_some_and(|ancestor| ancestor >= of))
    }

    fn file(&self, commit: &Sha, path: &str) -> Result<FileAt, RepositoryError> {
        self.place(commit).ok_or_else(|| no(format!("no commit {commit}")))?;
        Ok(self.files.get(path).map_or(FileAt::Absent, |text| FileAt::Text(text.clone())))
    }

    fn folder(&self, commit: &Sha, path: &str) -> Result<Vec<String>, RepositoryError> {
        self.place(commit).ok_or_else(|| no(format!("no commit {commit}")))?;
        let inside =
            self.files.keys().filter_map(|file| file.strip_prefix(path)?.strip_prefix('/'));
        Ok(inside.filter(|name| !name.contains('/')).map(str::to_owned).collect())
    }

    fn below(&self, commit: &Sha, path: &str, most: usize) -> Result<Vec<String>, RepositoryError> {
        self.place(commit).ok_or_else(|| no(format!("no commit {commit}")))?;
        let inside = |file: &&String| file.strip_prefix(path).is_some_and(|it| it.starts_with('/'));
        Ok(self.files.keys().filter(inside).take(most + 1).cloned().collect())
    }

    /// Nothing ever changes between its commits.
    fn changed(&self, from: &Sha, to: &Sha, _: usize) -> Result<Vec<String>, RepositoryError> {
        for sha in [from, to] {
            self.place(sha).ok_or_else(|| no(format!("no commit {sha}")))?;
        }
        Ok(Vec::new())
    }

    /// Every commit touches everything.
    fn touching(&self, commits: &[Sha], _: &str) -> Result<Vec<bool>, RepositoryError> {
        Ok(vec![true; commits.len()])
    }

    fn ahead(&self, from: &Sha, to: &Sha, most: usize) -> Result<usize, RepositoryError> {
        let place = |sha| self.place(sha).ok_or_else(|| no(format!("no commit {sha}")));
        Ok(place(from)?.saturating_sub(place(to)?).min(most + 1))
    }

    fn assets(&self, patterns: &[&Pattern]) -> Result<Vec<Asset>, AssetError> {
        for pattern in patterns {
            if !self.built.keys().any(|path| pattern.matches(path)) {
                let pattern = pattern.as_str().to_owned();
                return Err(AssetError::Fault(AssetFault::NotBuilt { pattern }));
            }
        }
        let fits = |path: &str| patterns.iter().any(|pattern| pattern.matches(path));
        let chosen = self.built.iter().filter(|(path, _)| fits(path));
        let mut assets: Vec<_> = chosen
            .map(|(path, bytes)| Asset {
                name: path.rsplit('/').next().unwrap_or(path).to_owned(),
                content: Content::File(path.clone()),
                size: bytes.len() as u64,
                digest: sha256(bytes),
            })
            .collect();
        assets.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(assets)
    }
}
