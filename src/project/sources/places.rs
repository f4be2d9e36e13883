//! Where version files are searched for.

use crate::project::versions;
use globset::{GlobBuilder, GlobMatcher};

/// The maximum number of files that are read.
const MOST_FILES: usize = 250;
/// The rank of a file in an unusual place.
pub(super) const UNUSUAL: usize = usize::MAX;
/// The maximum number of files in unusual places.
const MOST_SAID: usize = 80;
/// Folders that do not contain the version of the project itself.
const NOT_OURS: [&str; 22] = [
    "test",
    "tests",
    "testing",
    "testdata",
    "spec",
    "example",
    "examples",
    "sample",
    "samples",
    "docs",
    "doc",
    "vendor",
    "node_modules",
    "third_party",
    "thirdparty",
    "external",
    "fixtures",
    "bench",
    "benches",
    "fuzz",
    "templates",
    "website",
];

/// The files in a package's folder that may contain its version, the preferred first, each with the
/// rank of its place.
#[must_use]
pub fn places(files: &[String], folder: &str) -> Vec<(usize, String)> {
    let globs: Vec<GlobMatcher> = versions::places().filter_map(glob).collect();
    let rank = |path: &String| {
        let inner = path.strip_prefix(folder)?;
        let mut folders = inner.split('/').rev().skip(1);
        if folders.any(|part| NOT_OURS.contains(&part.to_ascii_lowercase().as_str())) {
            return None;
        }
        Some((globs.iter().position(|glob| glob.is_match(inner))?, path.clone()))
    };
    let mut found: Vec<(usize, String)> = files.iter().filter_map(rank).collect();
    found.sort_by_key(|(rank, path)| (*rank, path.matches('/').count(), path.len()));
    found.truncate(MOST_FILES);
    found
}

fn glob(place: &str) -> Option<GlobMatcher> {
    Some(GlobBuilder::new(place).literal_separator(true).build().ok()?.compile_matcher())
}

/// Files in unusual locations that contain the version of a release, those nearest to the root
/// first.
#[must_use]
pub fn in_unusual_places(said: Vec<String>, places: &[(usize, String)]) -> Vec<(usize, String)> {
    let ours = |path: &String| {
        let mut folders = path.split('/').rev().skip(1);
        !folders.any(|part| NOT_OURS.contains(&part.to_ascii_lowercase().as_str()))
            && !places.iter().any(|(_, known)| known == path)
    };
    let mut found: Vec<String> = said.into_iter().filter(ours).collect();
    found.sort_by_key(|path| (path.matches('/').count(), path.len()));
    found.dedup();
    found.truncate(MOST_SAID);
    found.into_iter().map(|path| (UNUSUAL, path)).collect()
}
