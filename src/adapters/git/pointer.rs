//! Git LFS pointers: small files that are committed in place of large ones.

use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// The name of the filter that git-lfs sets up.
pub(super) const FILTER: &str = "lfs";

/// Larger blobs are not pointers: the [specification] limits pointers to less than 1024 bytes.
///
/// [specification]: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
const LARGEST: usize = 1024;

/// The size and the SHA-256 of a large file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pointer {
    size: u64,
    sha256: String,
}

impl Pointer {
    /// Reads a pointer; `None` for anything else, including a pointer with extensions, whose
    /// programs change the content.
    pub(super) fn read(blob: &[u8]) -> Option<Self> {
        let text = str::from_utf8(blob).ok().filter(|text| text.len() < LARGEST)?;
        let mut lines = text.lines();
        lines.next().filter(|line| *line == "version https://git-lfs.github.com/spec/v1")?;
        let sha256 = lines.next()?.strip_prefix("oid sha256:")?;
        let size = lines.next()?.strip_prefix("size ")?.parse().ok()?;
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let whole = sha256.len() == 64 && sha256.bytes().all(hex) && lines.next().is_none();
        whole.then(|| Self { size, sha256: sha256.into() })
    }

    /// Whether a regular file is the one that the pointer refers to.
    pub(super) fn fits(&self, path: &Path) -> std::io::Result<bool> {
        let there = path.symlink_metadata()?;
        if !there.is_file() || there.len() != self.size {
            return Ok(false);
        }
        let (mut file, mut hasher, mut chunk) =
            (File::open(path)?, Sha256::new(), vec![0; 64 << 10]);
        loop {
            let count = file.read(&mut chunk)?;
            let Some(bytes) = chunk.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
            hasher.update(bytes);
        }
        Ok(crate::release::step::digest_from(hasher).as_str() == self.sha256)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_exact_lfs_pointer_is_recognized() {
        let sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let head = "version https://git-lfs.github.com/spec/v1\n";
        let text = format!("{head}oid sha256:{sha256}\nsize 4\n");
        let pointer = Pointer { size: 4, sha256: sha256.into() };
        assert_eq!(Pointer::read(text.as_bytes()), Some(pointer));
        for other in [
            String::new(),
            "test".into(),
            format!("{head}oid sha256:abc\nsize 4\n"),
            format!("{head}oid sha256:{sha256}\nsize four\n"),
            format!("{head}ext-0-x sha256:{sha256}\noid sha256:{sha256}\nsize 4\n"),
            format!("{text}more\n"),
        ] {
            assert_eq!(Pointer::read(other.as_bytes()), None, "{other}");
        }
    }
}
