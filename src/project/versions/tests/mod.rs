//! What version files say.

mod locks;
mod manifests;
mod modules;
mod native;
mod other;
mod refused;

use super::*;
use crate::base::source::{Span, Spanned};
use crate::project::manifest::{LinePattern, VersionSource};
use std::collections::BTreeMap;

/// Files by path; nothing else is there.
struct Files(BTreeMap<&'static str, &'static str>);

impl Tree for Files {
    fn look(&self, path: &str) -> FileState<'_> {
        self.0.get(path).map_or(FileState::Absent, |text| FileState::Text((*text).into()))
    }
}

fn files(files: &[(&'static str, &'static str)]) -> Files {
    Files(files.iter().copied().collect())
}

fn source(path: &str) -> VersionSource {
    VersionSource { path: Spanned::new(path.into(), Span::default()), pattern: None, former: None }
}

fn with_pattern(path: &str, pattern: &str) -> VersionSource {
    VersionSource { pattern: Some(LinePattern::new(pattern).unwrap()), ..source(path) }
}

/// The version in a file, and what stands at its place.
fn said(path: &str, text: &str) -> (String, String) {
    match read_path(path, text, &SingleFile) {
        Ok(site) => (site.version.to_string(), text[site.span.start..site.span.end].to_owned()),
        Err(error) => panic!("{path}: {error}\n{text}"),
    }
}

/// Each text says 1.2.3, at a place where just that stands.
fn says_it(path: &str, texts: &[&str]) {
    for text in texts {
        let (version, there) = said(path, text);
        assert_eq!(version, "1.2.3", "{path}: {text}");
        let there = there.trim_matches(['"', '\'']);
        assert!(matches!(there, "1.2.3" | "v1.2.3"), "{path}: {there} in {text}");
    }
}

/// Each text gives no version.
fn refuses(path: &str, texts: &[&str]) {
    for text in texts {
        let read = read_path(path, text, &SingleFile);
        assert!(read.is_err(), "{path}: {read:?} in {text}");
    }
}

/// The version of the first of some files, and where it stands: `path:text`.
fn follows(all: &[(&'static str, &'static str)]) -> String {
    let tree = files(all);
    let (path, text) = all[0];
    match read_path(path, text, &tree) {
        Ok(site) => {
            let there = tree.0[site.path.as_str()];
            let there = there[site.span.start..site.span.end].trim_matches(['"', '\'']);
            format!("{}:{there}", site.path)
        }
        Err(error) => error.to_string(),
    }
}
