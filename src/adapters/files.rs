//! Reads and writes files that the user names, and files in the working tree. No other module does.

use crate::base::number::grouped;
use std::fs::{File, FileType, Metadata};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Why a file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("cannot read `{name}`")]
    Unread { name: String, source: io::Error },
    #[error("cannot read `{name}`: it is {what}, not a file")]
    NoFile { name: String, what: &'static str },
    #[error("cannot read `{name}`: it is too large: {} bytes (limit: {})", grouped(.bytes), grouped(.most))]
    Large { name: String, bytes: u64, most: usize },
    /// Its size is unknown.
    #[error("cannot read `{name}`: it is larger than the limit of {} bytes", grouped(.most))]
    Endless { name: String, most: usize },
    #[error("`{0}` is not a file")]
    NotRegular(String),
    #[error("`{0}` points outside the repository")]
    Outside(String),
    #[error("`{0}` exists and is not a file")]
    Taken(String),
    #[error("cannot create `{name}`")]
    Unmade { name: String, source: io::Error },
    #[error("cannot write `{name}`")]
    Unwritten { name: String, source: io::Error },
}

impl FileError {
    fn unread(name: &str) -> impl Fn(io::Error) -> Self {
        move |source| Self::Unread { name: name.to_owned(), source }
    }
}

/// A text file of at most so many bytes. Pipes of the shell are read too. Devices and named pipes
/// are not, because reading them may never start or end.
pub(crate) fn read(path: &Path, most: usize) -> Result<String, FileError> {
    let name = path.display().to_string();
    let there = std::fs::metadata(path).map_err(FileError::unread(&name))?;
    if let Some(what) = unreadable(path, there.file_type()) {
        return Err(FileError::NoFile { name, what });
    }
    if there.len() > most as u64 {
        return Err(FileError::Large { name, bytes: there.len(), most });
    }
    let mut text = String::new();
    let file = File::open(path).map_err(FileError::unread(&name))?;
    file.take(most as u64 + 1).read_to_string(&mut text).map_err(FileError::unread(&name))?;
    if text.len() > most {
        return Err(FileError::Endless { name, most });
    }
    Ok(text)
}

/// Reads a text file in the working tree. A link to outside is not followed.
pub(crate) fn read_inside(root: &Path, name: &str, most: usize) -> Result<String, FileError> {
    let real = inside(root, &root.join(name), name)?;
    if !real.is_file() {
        return Err(FileError::NotRegular(name.to_owned()));
    }
    read(&real, most)
}

/// Writes a file. A reader sees the old content or the new one, and the file keeps its permissions.
/// A link is followed. What is not a regular file (a device, a pipe) is written to.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let Ok(there) = std::fs::metadata(path) else {
        // If a link points to a file that does not exist, that file is created.
        if path.is_symlink() {
            return File::create(path)?.write_all(text.as_bytes());
        }
        return replace(path, text, None);
    };
    if there.is_file() {
        return replace(&path.canonicalize()?, text, Some(&there));
    }
    let mut file = File::options().write(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.flush()
}

/// Makes the folder of a file, if it does not exist.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => std::fs::create_dir_all(folder),
        None => Ok(()),
    }
}

/// Writes a file in the working tree. A link is replaced, and no path can point outside the
/// repository.
pub(crate) fn write_inside(root: &Path, name: &str, text: &str) -> Result<(), FileError> {
    let path = root.join(name);
    let folder = path.parent().unwrap_or(root);
    let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(root);
    inside(root, there, name)?;
    std::fs::create_dir_all(folder)
        .map_err(|source| FileError::Unmade { name: folder.display().to_string(), source })?;
    let entry = path.symlink_metadata().ok().filter(|entry| !entry.is_symlink());
    if entry.as_ref().is_some_and(|entry| !entry.is_file()) {
        return Err(FileError::Taken(name.to_owned()));
    }
    replace(&path, text, entry.as_ref())
        .map_err(|source| FileError::Unwritten { name: name.to_owned(), source })
}

/// The real path, if it is in the working tree.
fn inside(root: &Path, path: &Path, name: &str) -> Result<PathBuf, FileError> {
    let root = root.canonicalize().map_err(FileError::unread(name))?;
    let real = path.canonicalize().map_err(FileError::unread(name))?;
    let below = real.strip_prefix(root).ok().map(Path::to_path_buf);
    if below.is_none_or(|below| below.starts_with(".git")) {
        return Err(FileError::Outside(name.to_owned()));
    }
    Ok(real)
}

/// Replaces a file that has this metadata, or creates the file.
fn replace(path: &Path, text: &str, there: Option<&Metadata>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    ordinary(&mut builder);
    let mut file = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    if let Some(there) = there {
        file.as_file().set_permissions(there.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(io::Error::other)?;
    Ok(())
}

/// Only its owner can read a temporary file; a report gets the permissions that the umask allows.
#[cfg(unix)]
fn ordinary(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(std::fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn ordinary(_: &mut tempfile::Builder<'_, '_>) {}

/// The type of a file that is not read, in a word or two. A named pipe may have no writer; the
/// pipes that a shell creates have one.
#[cfg(unix)]
fn unreadable(path: &Path, kind: FileType) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt as _;
    let named = || path.canonicalize().is_ok_and(|real| !real.starts_with("/dev"));
    match () {
        () if kind.is_dir() => Some("a folder"),
        () if kind.is_char_device() || kind.is_block_device() => Some("a device"),
        () if kind.is_socket() => Some("a socket"),
        () if kind.is_fifo() && named() => Some("a named pipe"),
        () => None,
    }
}

#[cfg(not(unix))]
fn unreadable(_: &Path, kind: FileType) -> Option<&'static str> {
    kind.is_dir().then_some("a folder")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::process::Command;

    fn why<T: std::fmt::Debug>(done: Result<T, FileError>) -> String {
        done.map_or_else(
            |error| format!("{:#}", anyhow::Error::from(error)),
            |done| format!("{done:?}"),
        )
    }

    fn mode(path: &Path) -> u32 {
        path.metadata().map_or(0, |it| it.permissions().mode() & 0o777)
    }

    #[test]
    fn endless_and_blocking_files_are_rejected_immediately() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let said = why(read(Path::new("/dev/zero"), 10));
        assert_eq!(said, "cannot read `/dev/zero`: it is a device, not a file");
        assert!(why(read(&pipe, 10)).ends_with("it is a named pipe, not a file"));
        assert!(why(read(folder.path(), 10)).ends_with("it is a folder, not a file"));
        std::fs::write(folder.path().join("long"), "0123456789a").unwrap();
        let said = why(read(&folder.path().join("long"), 10));
        assert!(said.ends_with("it is too large: 11 bytes (limit: 10)"), "{said}");
        // Its size is 0, but it has content. It exists only on Linux.
        let sizeless = Path::new("/proc/self/environ");
        if sizeless.exists() {
            let said = why(read(sizeless, 10));
            assert!(said.ends_with("it is larger than the limit of 10 bytes"), "{said}");
        }
    }

    #[test]
    fn writing_a_file_keeps_its_permissions_and_symlinks() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        symlink("file", &link).unwrap();
        write(&link, "new").unwrap();
        assert_eq!((std::fs::read_to_string(&file).unwrap().as_str(), mode(&file)), ("new", 0o600));
        assert!(link.is_symlink());
        let (later, there) = (folder.path().join("later"), folder.path().join("there"));
        symlink("there", &later).unwrap();
        write(&later, "made").unwrap();
        assert!(later.is_symlink() && there.is_file());
        assert!(write(folder.path(), "x").is_err());
    }

    #[test]
    fn a_special_file_is_written_to_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let mut reader = Command::new("cat");
        let reader = reader.arg(&pipe).stdout(std::process::Stdio::piped()).spawn().unwrap();
        write(&pipe, "through").unwrap();
        assert_eq!(reader.wait_with_output().unwrap().stdout, b"through");
        assert!(!pipe.is_file());
        let null = folder.path().join("null");
        symlink("/dev/null", &null).unwrap();
        write(&null, "gone").unwrap();
        assert!(null.is_symlink());
    }

    #[test]
    fn a_failed_write_leaves_no_files_behind() {
        assert!(write(Path::new("/dev/full"), "text").is_err());
        let folder = tempfile::tempdir().unwrap();
        assert!(write(&folder.path().join("no/such/file"), "text").is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn reads_and_writes_do_not_follow_links_out_of_the_working_tree() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("work");
        std::fs::create_dir_all(root.join(".git")).unwrap();
        std::fs::write(root.join(".git/config"), "secret").unwrap();
        std::fs::write(folder.path().join("outside"), "secret").unwrap();
        std::fs::write(root.join("inner"), "text").unwrap();
        for (name, to) in
            [("out", "../outside"), ("git", ".git/config"), ("in", "inner"), ("up", "..")]
        {
            symlink(to, root.join(name)).unwrap();
        }
        assert_eq!(read_inside(&root, "in", 10).unwrap(), "text");
        for name in ["out", "git", "up/outside", "../outside"] {
            let said = why(read_inside(&root, name, 10));
            assert_eq!(said, format!("`{name}` points outside the repository"));
        }
        for name in ["up/outside", "../outside", "up/new/file"] {
            assert_eq!(
                why(write_inside(&root, name, "x")),
                format!("`{name}` points outside the repository")
            );
        }
        write_inside(&root, "out", "text").unwrap();
        assert!(!root.join("out").is_symlink(), "it is replaced");
        assert_eq!(std::fs::read_to_string(folder.path().join("outside")).unwrap(), "secret");
    }
}
