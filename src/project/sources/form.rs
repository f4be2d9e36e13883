//! Formats of tags: the text before the version, and the releases with this format.

use crate::base::version::Version;
use crate::project::tags::split;
use std::collections::BTreeMap;

/// How many releases of a format are checked, starting with the highest.
const RELEASES: usize = 5;

/// Tags in one format.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// The text before the version.
    pub(super) prefix: String,
    /// Tags with their versions, the highest first.
    pub(super) tags: Vec<(String, Version)>,
}

impl Form {
    /// The highest of its releases.
    pub(super) fn newest(&self) -> impl Iterator<Item = &(String, Version)> {
        self.tags.iter().take(RELEASES)
    }

    /// The highest of its versions that is not above a given one.
    pub(super) fn below(&self, most: &Version) -> Option<&Version> {
        self.tags.iter().map(|(_, version)| version).find(|version| *version <= most)
    }

    /// Whether its tags name no package.
    pub(super) fn is_plain(&self) -> bool {
        let word = self.prefix.trim_end_matches(['-', '_', '/', '@', '.']);
        ["", "v", "V", "release", "rel", "version", "release-v", "r"].contains(&word)
    }
}

/// The newest release in each usual tag format, with its version as a file would contain it. If no
/// file is known to contain the version, files that contain it at that tag are candidates.
#[must_use]
pub fn newest(tags: &[String]) -> Vec<(String, String)> {
    let forms = forms(tags);
    let usual = forms.iter().take(2).filter_map(|form| form.tags.first());
    usual.map(|(tag, version)| (tag.clone(), version.to_string())).collect()
}

/// The text before the version in a tag.
#[must_use]
pub fn prefix(tag: &str) -> Option<&str> {
    split(tag).map(|(prefix, _)| prefix)
}

/// The final version in a tag that consists of a prefix and a version.
#[must_use]
pub fn release(tag: &str, prefix: &str) -> Option<Version> {
    let (before, version) = split(tag)?;
    (before == prefix && version.is_final()).then_some(version)
}

/// The formats of the tags that contain versions, the one with the most tags first.
pub(super) fn forms(tags: &[String]) -> Vec<Form> {
    let mut forms: BTreeMap<String, Vec<(String, Version)>> = BTreeMap::new();
    for tag in tags {
        if let Some((prefix, version)) = split(tag) {
            forms.entry(prefix.to_owned()).or_default().push((tag.clone(), version));
        }
    }
    let mut forms: Vec<Form> = forms
        .into_iter()
        .map(|(prefix, mut tags)| {
            // Files are compared with final versions, if there are any.
            if tags.iter().any(|(_, version)| is_final(version)) {
                tags.retain(|(_, version)| is_final(version));
            }
            tags.sort_by(|(_, a), (_, b)| b.cmp(a));
            Form { prefix, tags }
        })
        .collect();
    forms.sort_by_key(|form| std::cmp::Reverse(form.tags.len()));
    forms
}

fn is_final(version: &Version) -> bool {
    version.is_final()
}
