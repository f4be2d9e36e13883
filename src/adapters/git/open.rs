//! Opens a repository, and converts between libgit2's types and ours.

use crate::base::names::Sha;
use crate::ports::RepositoryError;
use git2::{ErrorClass, ErrorCode, Oid, Repository, RepositoryOpenFlags};
use std::path::Path;

/// An error without a fix.
pub(super) fn cannot(why: impl Into<String>) -> RepositoryError {
    RepositoryError { why: why.into(), help: None }
}

/// An error and its fix.
pub(super) fn repository_error_with_help(
    why: impl Into<String>,
    help: impl Into<String>,
) -> RepositoryError {
    RepositoryError { why: why.into(), help: Some(help.into()) }
}

impl From<git2::Error> for RepositoryError {
    fn from(error: git2::Error) -> Self {
        if is_missing_object(&error) {
            return repository_error_with_help(
                format!("an object is missing from the clone: {}", error.message()),
                "in a partial clone, run `git fetch --refetch --no-filter`; otherwise run `git \
                 fsck` for details",
            );
        }
        cannot(error.message())
    }
}

/// Whether an object is missing from the clone, which differs from a name that does not exist.
pub(super) fn is_missing_object(error: &git2::Error) -> bool {
    error.class() == ErrorClass::Odb && error.code() == ErrorCode::NotFound
}

/// Opens the repository that a path is in.
pub(super) fn open(path: &Path) -> Result<Repository, RepositoryError> {
    // This is not `discover`, which ignores a `.git` file that points to another folder, and treats
    // that folder's parent as the working tree.
    let none: [&Path; 0] = [];
    let repository = Repository::open_ext(path, RepositoryOpenFlags::empty(), none)
        .map_err(|error| explain(path, &error))?;
    follow(path, &repository)?;
    Ok(repository)
}

/// If `.git` is a symbolic link, libgit2 uses the folder beside its target as the working tree; git
/// uses the folder that contains the link.
fn follow(path: &Path, repository: &Repository) -> Result<(), RepositoryError> {
    let Ok(start) = path.canonicalize() else { return Ok(()) };
    let Some(top) = start.ancestors().find(|folder| folder.join(".git").exists()) else {
        return Ok(());
    };
    let configured = repository.config()?.get_string("core.worktree").is_ok();
    if top.join(".git").is_symlink() && !repository.is_bare() && !configured {
        repository.set_workdir(top, false)?;
    }
    Ok(())
}

fn explain(path: &Path, error: &git2::Error) -> RepositoryError {
    // `.` would not identify the folder.
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let shown = whole.display();
    if !path.exists() {
        return cannot(format!("there is no folder `{shown}`"));
    }
    if error.code() == ErrorCode::Owner {
        let root = owned_path(error.message()).unwrap_or_else(|| shown.to_string());
        return repository_error_with_help(
            format!("the repository at `{root}` belongs to another user"),
            format!("run `git config --global --add safe.directory {}`", quoted(&root)),
        );
    }
    if error.code() == ErrorCode::NotFound {
        return cannot(format!("no git repository at or above `{shown}`"));
    }
    let text = error.message();
    if text.contains("object format") {
        return cannot("the repository uses sha256 object ids, which tminus cannot read");
    }
    if text.to_ascii_lowercase().contains("refstorage") {
        return repository_error_with_help(
            "the repository keeps its refs in a reftable, which tminus cannot read",
            "run `git refs migrate --ref-format=files`",
        );
    }
    cannot(format!("cannot open the repository at `{shown}`: {text}"))
}

/// The path in "repository path '…' is not owned by current user".
fn owned_path(message: &str) -> Option<String> {
    let (_, rest) = message.split_once('\'')?;
    let (path, _) = rest.rsplit_once('\'')?;
    let path = path.trim_end_matches('/');
    Some(path.strip_suffix("/.git").unwrap_or(path).to_owned())
}

fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+@".contains(c);
    if path.chars().all(plain) { path.into() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

/// Our id as libgit2's.
pub(super) fn oid(sha: &Sha) -> Result<Oid, RepositoryError> {
    Oid::from_str(sha.as_str())
        .map_err(|_| cannot(format!("`{sha}` is not an object id of this repository")))
}

/// Converts libgit2's object ID to ours.
pub(super) fn sha(oid: Oid) -> Sha {
    Sha::from_bytes(oid.as_bytes())
}

pub(super) fn unnamed(place: &str) -> RepositoryError {
    cannot(format!("{place} contains a file whose name is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_for_a_foreign_owner_is_quoted_for_the_shell() {
        let message = "repository path '/srv/it's here/.git/' is not owned by current user";
        assert_eq!(owned_path(message).as_deref(), Some("/srv/it's here"));
        assert_eq!(quoted("/srv/it's here"), r"'/srv/it'\''s here'");
        assert_eq!(quoted("/home/ada/widget"), "/home/ada/widget");
    }
}
