//! Advice after a manifest or workflows were written: what the project itself must change.

use super::out::Out;
use crate::adapters::files::read;
use crate::base::source::Source;
use crate::project::manifest::{Manifest, yaml::MAX_BYTES};
use crate::project::workflow::{FOLDER, advice};
use crate::report::clean;
use crate::report::workflows::MARK;
use std::path::Path;

/// Prints the advice on standard error.
pub(super) fn advise(manifest: &Manifest, root: &Path, out: Out) {
    let lines = advice(manifest, &files(root));
    if !lines.is_empty() {
        out.progress("to do in this repository:");
    }
    for line in lines {
        out.progress(&format!("  {}", clean(&line)));
    }
}

/// The project's own workflow files, sorted by name. A file that cannot be read is treated as one
/// that cannot be parsed.
fn files(root: &Path) -> Vec<Source> {
    let entries = std::fs::read_dir(root.join(FOLDER)).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> =
        names.filter(|name| name.ends_with(".yml") || name.ends_with(".yaml")).collect();
    names.sort();
    let files = names.into_iter().map(|name| {
        let name = format!("{FOLDER}/{name}");
        Source { text: read(&root.join(&name), MAX_BYTES).unwrap_or_default(), name }
    });
    files.filter(|file| !file.text.starts_with(MARK)).collect()
}
