//! Finds the tracked files that differ from `HEAD`, without running anything from the repository.
//!
//! git compares, not libgit2, because git supports sparse and split indexes. The filters of the
//! repository's configuration are disabled, so git compares a filtered file with its committed
//! form. This module then compares such files again.

use super::marks::Marked;
use super::open::{cannot, repository_error_with_help};
use super::paths::{lines, odd, os, shown};
use super::pointer::{FILTER, Pointer};
use super::program::Git;
use super::stat;
use crate::ports::RepositoryError;
use git2::{Oid, Repository};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Empty; each key of a filter is set to it.
const NOTHING: &str = "TMINUS_NOTHING";

type Result<T> = std::result::Result<T, RepositoryError>;

/// The tracked files that differ from `HEAD`, in the order of their names.
pub(super) fn differing(repository: &Repository, git: &Git) -> Result<Vec<String>> {
    let look = Comparison::new(repository, git)?;
    let (mut files, mut suspects) = (BTreeSet::new(), Vec::new());
    for entry in look.status()? {
        if entry.may_be_a_filters() {
            suspects.push(entry);
        } else {
            files.insert(shown(&entry.path));
        }
    }
    let mut open = Vec::new();
    for (entry, filter) in look.filtered(suspects)? {
        match filter {
            None => files.extend([shown(&entry.path)]),
            Some(filter) => match look.pointer_fits(&entry, &filter)? {
                Some(true) => {}
                Some(false) => files.extend([shown(&entry.path)]),
                None => open.push((entry, filter)),
            },
        }
    }
    // If some files are known to differ, uncertain files do not matter.
    if files.is_empty() && !open.is_empty() {
        look.decide(&open)?;
    }
    Ok(files.into_iter().collect())
}

/// A path that git reports as changed.
struct Entry {
    path: Vec<u8>,
    /// Only its content on disk differs from the index.
    content: Option<Oid>,
}

impl Entry {
    fn may_be_a_filters(&self) -> bool {
        self.content.is_some()
    }
}

/// One comparison of the working tree.
struct Comparison<'a> {
    repository: &'a Repository,
    git: &'a Git,
    root: &'a Path,
    /// The names of the filters that are configured.
    filters: Vec<Vec<u8>>,
    /// An index without the flags that make git ignore files, if there are such files.
    index: Option<(TempDir, PathBuf)>,
}

impl<'a> Comparison<'a> {
    fn new(repository: &'a Repository, git: &'a Git) -> Result<Self> {
        let bare = || cannot("a bare repository has no working tree");
        let root = repository.workdir().ok_or_else(bare)?;
        let config = git.local(&["config", "-z", "--name-only", "--get-regexp", r"^filter\."]);
        let done = git.finished(config, b"")?;
        let marked = Marked::find(repository, git, root)?;
        // It exits with 1 if nothing is set.
        if !done.status.success() && done.status.code() != Some(1) {
            return Err(git.failed(&done));
        }
        let filters = filters(&done.stdout);
        let mut look = Self { repository, git, root, filters, index: None };
        if !marked.is_empty() {
            look.index = Some(look.unmarked(&marked)?);
        }
        Ok(look)
    }

    /// A git command that runs with all filters disabled.
    fn bare(&self, arguments: &[&str]) -> Command {
        let mut options: Vec<Cow<'_, OsStr>> = Vec::new();
        for name in &self.filters {
            for key in ["clean", "process", "required"] {
                let parts = [b"--config-env=filter.", &name[..], b".", key.as_bytes(), b"="];
                let option = [&parts.concat()[..], NOTHING.as_bytes()].concat();
                options.push(Cow::Owned(os(&option).into_owned()));
            }
        }
        let mut command = self.git.local_with(&options, arguments);
        command.env(NOTHING, "");
        if let Some((_, index)) = &self.index {
            command.env("GIT_INDEX_FILE", index);
        }
        command
    }

    /// Copies the index and removes the flags from the copy. The copy keeps the modification time,
    /// which git uses to decide whether an entry can be trusted.
    fn unmarked(&self, marked: &Marked) -> Result<(TempDir, PathBuf)> {
        let failed = |error: std::io::Error| cannot(format!("cannot copy the index: {error}"));
        let from = self.repository.path().join("index");
        let folder = tempfile::Builder::new().prefix("tminus-").tempdir().map_err(failed)?;
        let to = folder.path().join("index");
        std::fs::copy(&from, &to).map_err(failed)?;
        let written = from.metadata().and_then(|there| there.modified()).map_err(failed)?;
        let copy = std::fs::File::options().write(true).open(&to).map_err(failed)?;
        copy.set_modified(written).map_err(failed)?;
        for (option, paths) in
            [("--no-assume-unchanged", &marked.assumed), ("--no-skip-worktree", &marked.skipped)]
        {
            if !paths.is_empty() {
                let split = ["-c", "core.splitIndex=false"];
                let update = ["update-index", option, "-z", "--stdin"];
                let mut update = self.bare(&[&split[..], &update].concat());
                update.env("GIT_INDEX_FILE", &to);
                self.git.answer(update, &lines(paths))?;
            }
        }
        Ok((folder, to))
    }

    fn status(&self) -> Result<Vec<Entry>> {
        let out = self.git.answer(
            self.bare(&[
                "status",
                "--porcelain=v2",
                // The first lines of the output describe `HEAD`: an output without them is not
                // complete.
                "--branch",
                "-z",
                "--untracked-files=no",
                // The commit of a submodule is part of the tree; changes inside it are not.
                "--ignore-submodules=dirty",
                "--no-renames",
            ]),
            b"",
        )?;
        let records = out.split(|byte| *byte == 0).filter(|record| !record.is_empty());
        let (heads, records): (Vec<&[u8]>, Vec<&[u8]>) =
            records.partition(|record| record.starts_with(b"# "));
        if heads.is_empty() {
            return Err(odd("status", &out));
        }
        records
            .into_iter()
            .map(|record| entry(record).ok_or_else(|| odd("status", record)))
            .collect()
    }

    /// Each entry with its filter, if one is configured.
    fn filtered(&self, entries: Vec<Entry>) -> Result<Vec<(Entry, Option<String>)>> {
        if entries.is_empty() || self.filters.is_empty() {
            return Ok(entries.into_iter().map(|entry| (entry, None)).collect());
        }
        let asked = self.bare(&["check-attr", "-z", "--stdin", "filter"]);
        let paths: Vec<Vec<u8>> = entries.iter().map(|entry| entry.path.clone()).collect();
        let out = self.git.answer(asked, &lines(&paths))?;
        let mut fields = out.split(|byte| *byte == 0);
        let mut filtered = Vec::new();
        for entry in entries {
            let (path, _, value) = (fields.next(), fields.next(), fields.next());
            let value = value.filter(|_| path == Some(&entry.path));
            let value = value.ok_or_else(|| odd("check-attr", &entry.path))?;
            let known = self.filters.iter().any(|name| name == value);
            filtered.push((entry, known.then(|| shown(value))));
        }
        Ok(filtered)
    }

    /// Whether the file on disk is the one that its Git LFS pointer refers to; `None` if there is
    /// no pointer.
    fn pointer_fits(&self, entry: &Entry, filter: &str) -> Result<Option<bool>> {
        let Some(blob) = entry.content.filter(|_| filter == FILTER) else { return Ok(None) };
        let Some(pointer) = Pointer::read(self.repository.odb()?.read(blob)?.data()) else {
            return Ok(None);
        };
        let fits = pointer.fits(&self.root.join(os(&entry.path)));
        fits.map(Some)
            .map_err(|error| cannot(format!("cannot read `{}`: {error}", shown(&entry.path))))
    }

    /// Whether the other filtered files are unchanged since git wrote them; otherwise, it is
    /// unknown whether they differ.
    fn decide(&self, open: &[(Entry, String)]) -> Result<()> {
        let listed = self.git.answer(self.git.local(&["ls-files", "-z", "--debug"]), b"")?;
        let recorded = stat::recorded(&listed).ok_or_else(|| odd("ls-files", b""))?;
        let written = stat::written(&self.repository.path().join("index"));
        for (entry, filter) in open {
            let known = recorded.get(&entry.path[..]);
            if !known.is_some_and(|known| known.stands(&self.root.join(os(&entry.path)), written)) {
                return Err(repository_error_with_help(
                    format!(
                        "`{}` changed after git last checked it; comparing it with HEAD requires its \
                         filter `{filter}`, and tminus does not run filters",
                        shown(&entry.path)
                    ),
                    "run `git status`, which runs the filter and stores the result",
                ));
            }
        }
        Ok(())
    }
}

/// The names of the filters among keys of the configuration (`filter.NAME.KEY`).
fn filters(keys: &[u8]) -> Vec<Vec<u8>> {
    let keys = keys.split(|byte| *byte == 0);
    let names = keys.filter_map(|key| {
        let name = key.strip_prefix(b"filter.")?;
        Some(name.get(..name.iter().rposition(|byte| *byte == b'.')?)?.to_vec())
    });
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

/// One record of `git status --porcelain=v2 -z --no-renames`.
fn entry(record: &[u8]) -> Option<Entry> {
    let mut fields = record.splitn(9, |byte| *byte == b' ');
    let (kind, how) = (fields.next()?, fields.next()?);
    if kind == b"u" {
        return Some(Entry {
            path: record.splitn(11, |byte| *byte == b' ').nth(10)?.into(),
            content: None,
        });
    }
    let mut rest = fields.skip(2);
    let (index, disk, _, blob) = (rest.next()?, rest.next()?, rest.next()?, rest.next()?);
    let path = rest.next().filter(|_| kind == b"1")?.to_vec();
    let same_but_for_content = how == b".M" && index == disk && index.starts_with(b"100");
    let blob = str::from_utf8(blob).ok().and_then(|hex| Oid::from_str(hex).ok())?;
    Some(Entry { path, content: same_but_for_content.then_some(blob) })
}
