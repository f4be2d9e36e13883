//! Files that tell of one version each, by their names.

use crate::base::version::Version;
use std::collections::BTreeMap;

/// How many forms of paths are looked at.
const MOST: usize = 3;

/// Parts of paths that tell of releases.
const WORDS: [&str; 6] = ["release", "change", "news", "history", "whatsnew", "announce"];

/// Ends of names of files with words.
const ENDS: [&str; 6] = ["md", "rst", "adoc", "markdown", "txt", "asciidoc"];

/// Paths with `{version}` in place of the versions, those that fit the most versions first.
#[must_use]
pub fn version_files(files: &[String], versions: &[Version]) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for file in files.iter().filter(|file| tells(file)) {
        for version in versions {
            if let Some(template) = template(file, version.as_str()) {
                *counts.entry(template).or_default() += 1;
            }
        }
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|one, other| (other.1, &one.0).cmp(&(one.1, &other.0)));
    counts.into_iter().take(MOST).map(|(template, _)| template).collect()
}

fn tells(file: &str) -> bool {
    let lower = file.to_ascii_lowercase();
    let end = lower.rsplit_once('.').map_or("", |(_, end)| end);
    ENDS.contains(&end)
        && WORDS.iter().any(|word| lower.contains(word))
        && !lower.split('/').any(|part| ["node_modules", "vendor", "test", "tests"].contains(&part))
}

/// The path with every place of a version taken out.
fn template(file: &str, version: &str) -> Option<String> {
    let (mut text, mut rest, mut found) = (String::new(), file, false);
    while let Some(at) = rest.find(version) {
        let (before, behind) = (rest.get(..at)?, rest.get(at + version.len()..)?);
        text.push_str(before);
        let begins = !text.ends_with(|c: char| c.is_ascii_digit() || c == '.');
        let more = behind.strip_prefix('.').unwrap_or(behind);
        let ends = !behind.starts_with(|c: char| c.is_ascii_digit())
            && !more.starts_with(|c: char| c.is_ascii_digit());
        if begins && ends {
            text.push_str("{version}");
            found = true;
        } else {
            text.push_str(version);
        }
        rest = behind;
    }
    text.push_str(rest);
    found.then_some(text)
}
