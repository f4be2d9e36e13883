//! Finds the files in the working tree that a release attaches as assets.

use super::open::cannot;
use crate::ports::{AssetError, AssetLimits, RepositoryError};
use crate::project::manifest::Pattern;
use crate::release::step::{Asset, AssetFault, Content, digest_from};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs::{File, FileType};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

type Files = BTreeMap<String, PathBuf>;

/// Finds and hashes the matching files, sorted by name.
pub(super) fn collect(
    root: &Path,
    patterns: &[&Pattern],
    limits: AssetLimits,
) -> Result<Vec<Asset>, AssetError> {
    let root = root.canonicalize().map_err(|error| unreadable(root, &error))?;
    let mut files = Files::new();
    for pattern in patterns {
        let fitting = fitting(&root, pattern)?;
        if fitting.is_empty() {
            let pattern = pattern.as_str().to_owned();
            return Err(AssetError::Fault(AssetFault::NotBuilt { pattern }));
        }
        files.extend(fitting);
    }
    let mut named: BTreeMap<String, (String, PathBuf)> = BTreeMap::new();
    for (path, file) in files {
        let name = asset_name(&path, limits)?;
        if let Some((other, _)) = named.get(&name) {
            let paths = [other.clone(), path];
            return Err(AssetError::Fault(AssetFault::SameName { name, paths }));
        }
        named.insert(name, (path, file));
    }
    named.into_iter().map(|(name, (path, file))| hashed(name, path, &file, limits)).collect()
}

/// The file's name, if the forge keeps it.
fn asset_name(path: &str, limits: AssetLimits) -> Result<String, AssetError> {
    let plain = path.rsplit('/').next().unwrap_or(path);
    let name = (limits.named)(plain);
    if name == plain {
        return Ok(name);
    }
    Err(AssetError::Fault(AssetFault::Renamed { path: path.into(), name }))
}

fn hashed(
    name: String,
    path: String,
    file: &Path,
    limits: AssetLimits,
) -> Result<Asset, AssetError> {
    let mut open = File::open(file).map_err(|error| unreadable(file, &error))?;
    let (mut hasher, mut size, mut buffer) = (Sha256::new(), 0, vec![0; 64 << 10]);
    loop {
        let read = open.read(&mut buffer).map_err(|error| unreadable(file, &error))?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        hasher.update(bytes);
        size += read as u64;
        if size >= limits.too_large {
            return Err(AssetError::Fault(AssetFault::TooLarge { path }));
        }
    }
    Ok(Asset { name, content: Content::File(path), size, digest: digest_from(hasher) })
}

/// The files that match one pattern, by their path from the root.
fn fitting(root: &Path, pattern: &Pattern) -> Result<Files, RepositoryError> {
    let text = pattern.as_str();
    let parts: Vec<&str> = text.split('/').collect();
    if text.starts_with('/') || parts.iter().any(|part| matches!(*part, ".." | ".git")) {
        return Err(cannot(format!("`{text}` points outside the repository")));
    }
    let wild = |part: &str| part.contains(['*', '?', '[', '{', '\\']);
    let fixed = parts.iter().position(|part| wild(part)).unwrap_or(parts.len().saturating_sub(1));
    // `**` and alternatives can contain slashes; otherwise, the pattern determines the depth.
    let depth = if text.contains("**") || text.contains('{') { 64 } else { parts.len() - fixed };
    let prefix = parts.get(..fixed).unwrap_or(&[]).join("/");
    let mut files = Files::new();
    let start = root.join(&prefix);
    if kind(&start)?.is_some_and(|kind| kind.is_dir()) && inside(root, &start)? {
        walk(root, &prefix, depth, pattern, &mut files)?;
    }
    Ok(files)
}

fn walk(
    root: &Path,
    below: &str,
    depth: usize,
    pattern: &Pattern,
    files: &mut Files,
) -> Result<(), RepositoryError> {
    let folder = root.join(below);
    let entries = std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(&folder, &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == ".git" {
            continue;
        }
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let itself = entry.file_type().map_err(|error| unreadable(&entry.path(), &error))?;
        if itself.is_dir() && depth > 1 {
            walk(root, &path, depth - 1, pattern, files)?;
        } else if pattern.matches(&path) && kind(&entry.path())?.is_none_or(|kind| kind.is_file()) {
            if !inside(root, &entry.path())? {
                return Err(cannot(format!("`{path}` is a link to outside the repository")));
            }
            files.insert(path, entry.path());
        }
    }
    Ok(())
}

/// The target of a path, through links; `None` if it does not exist.
fn kind(path: &Path) -> Result<Option<FileType>, RepositoryError> {
    match path.metadata() {
        Ok(metadata) => Ok(Some(metadata.file_type())),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(unreadable(path, &error)),
    }
}

fn inside(root: &Path, path: &Path) -> Result<bool, RepositoryError> {
    let real = path.canonicalize().map_err(|error| unreadable(path, &error))?;
    Ok(real.starts_with(root)
        && !real.strip_prefix(root).is_ok_and(|rest| rest.starts_with(".git")))
}

fn unreadable(path: &Path, error: &std::io::Error) -> RepositoryError {
    cannot(format!("cannot read `{}`: {error}", path.display()))
}
