//! The size and times of a file that git stored in its index.

use std::collections::HashMap;
use std::path::Path;

/// A moment as seconds and nanoseconds.
type Moment = (i64, i64);

/// A file as the index remembers it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Recorded {
    changed: Moment,
    modified: Moment,
    inode: u64,
    size: u64,
}

/// Parses the output of `git ls-files -z --debug`; `None` if it has another form.
pub(super) fn recorded(listed: &[u8]) -> Option<HashMap<&[u8], Recorded>> {
    let (mut all, mut rest) = (HashMap::new(), listed);
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == 0)?;
        let path = rest.get(..end)?;
        rest = rest.get(end + 1..)?;
        let mut lines = [""; 5];
        for line in &mut lines {
            let end = rest.iter().position(|byte| *byte == b'\n')?;
            *line = str::from_utf8(rest.get(..end)?).ok()?.trim_start();
            rest = rest.get(end + 1..)?;
        }
        let [changed, modified, device, _, size] = lines;
        let inode = device.split_once("ino: ")?.1.parse().ok()?;
        let size = size.strip_prefix("size: ")?.split_whitespace().next()?.parse().ok()?;
        let (changed, modified) = (moment(changed, "ctime: ")?, moment(modified, "mtime: ")?);
        all.insert(path, Recorded { changed, modified, inode, size });
    }
    Some(all)
}

fn moment(line: &str, name: &str) -> Option<Moment> {
    let (seconds, nanoseconds) = line.strip_prefix(name)?.split_once(':')?;
    Some((seconds.parse().ok()?, nanoseconds.parse().ok()?))
}

/// When a file was written.
#[cfg(unix)]
pub(super) fn written(file: &Path) -> Option<Moment> {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata().ok().map(|it| (it.mtime(), it.mtime_nsec()))
}

#[cfg(not(unix))]
pub(super) fn written(_: &Path) -> Option<Moment> {
    None
}

impl Recorded {
    /// Whether the file on disk is the one that git read when it wrote the index. git itself
    /// compares whole seconds, and reads a file again if it was written in the same second. Here, a
    /// tick of the system's clock (a few milliseconds) is sufficient if the file system stores such
    /// times.
    #[cfg(unix)]
    pub(super) fn stands(&self, file: &Path, index: Option<Moment>) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let Ok(there) = file.symlink_metadata() else { return false };
        // The index stores 32 bits of each number.
        let same = |ours: u64, theirs: u64| ours & 0xffff_ffff == theirs & 0xffff_ffff;
        let time = |(seconds, nanoseconds): Moment, other: Moment| {
            same(seconds.unsigned_abs(), other.0.unsigned_abs()) && nanoseconds == other.1
        };
        there.is_file()
            && same(self.size, there.size())
            && same(self.inode, there.ino())
            && time(self.modified, (there.mtime(), there.mtime_nsec()))
            && time(self.changed, (there.ctime(), there.ctime_nsec()))
            && index.is_some_and(|index| self.modified < index || fine(self.modified, index))
    }

    #[cfg(not(unix))]
    pub(super) fn stands(&self, _: &Path, _: Option<Moment>) -> bool {
        false
    }
}

/// Whether two moments are the same tick of a clock that is finer than a second.
#[cfg(unix)]
fn fine(file: Moment, index: Moment) -> bool {
    file == index && file.1 != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_git_index_data_is_parsed_or_rejected() {
        let text =
            b"a\nb\0  ctime: 17:123\n  mtime: 16:5\n  dev: 2049\tino: 77\n  uid: 0\tgid: 0\n  \
            size: 3\tflags: 0\n";
        let all = recorded(text).unwrap();
        let known = Recorded { changed: (17, 123), modified: (16, 5), inode: 77, size: 3 };
        assert_eq!(all.get(&b"a\nb"[..]), Some(&known));
        assert_eq!(recorded(b""), Some(HashMap::new()));
        for odd in [&b"a"[..], b"a\0  ctime: 1:2\n", b"a\0x\nx\nx\nx\nx\n"] {
            assert_eq!(recorded(odd), None);
        }
    }
}
