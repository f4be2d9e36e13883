//! Files that tell of one version or of one release line each, by their names.

use super::changelogs::is_named_like_one;
use crate::base::version::Version;
use std::collections::BTreeMap;

/// The maximum number of path formats that are checked.
const MOST: usize = 3;

/// Parts of paths that tell of releases.
const WORDS: [&str; 6] = ["release", "change", "news", "history", "whatsnew", "announce"];

/// Ends of names of files with words.
const ENDS: [&str; 6] = ["md", "rst", "adoc", "markdown", "txt", "asciidoc"];

/// Paths with `{version}` in place of the versions, those that fit the most versions first.
#[must_use]
pub fn version_files(files: &[String], versions: &[Version]) -> Vec<String> {
    let told = files.iter().filter(|file| tells(file)).flat_map(|file| {
        versions.iter().filter_map(|version| template(file, version.as_str(), "{version}"))
    });
    most_frequent(told)
}

/// Paths with `{major}.{minor}` or `{major}` in place of the numbers of lines, those that fit the
/// most versions first.
#[must_use]
pub fn line_files(files: &[String], versions: &[Version]) -> Vec<String> {
    let told =
        files.iter().filter(|file| tells(file) && is_named_like_one(file)).flat_map(|file| {
            versions.iter().filter_map(|version| {
                let (major, minor) = (version.number(0), version.number(1));
                let of = |numbers: &str, places: &str| {
                    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
                    let name = template(name, numbers, places)?;
                    Some(if folder.is_empty() { name } else { format!("{folder}/{name}") })
                };
                of(&format!("{major}.{minor}"), "{major}.{minor}")
                    .or_else(|| of(&major.to_string(), "{major}"))
            })
        });
    most_frequent(told)
}

fn most_frequent(templates: impl Iterator<Item = String>) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for template in templates {
        *counts.entry(template).or_default() += 1;
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

/// The path with another text in every place of a version.
fn template(file: &str, version: &str, place: &str) -> Option<String> {
    let (mut text, mut rest, mut found) = (String::new(), file, false);
    while let Some(at) = rest.find(version) {
        let (before, behind) = (rest.get(..at)?, rest.get(at + version.len()..)?);
        text.push_str(before);
        let begins = !text.ends_with(|c: char| c.is_ascii_digit() || c == '.');
        let more = behind.strip_prefix('.').unwrap_or(behind);
        let ends = !behind.starts_with(|c: char| c.is_ascii_digit())
            && !more.starts_with(|c: char| c.is_ascii_digit());
        if begins && ends {
            text.push_str(place);
            found = true;
        } else {
            text.push_str(version);
        }
        rest = behind;
    }
    text.push_str(rest);
    found.then_some(text)
}
