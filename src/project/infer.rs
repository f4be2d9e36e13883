//! The core of `tminus init`: the shortest manifest that is right for a repository as it was found.
//!
//! Pure: what was found is handed over. Only keys whose default would be wrong are written.

use super::manifest::Forge;
use super::tags::{self, Choice, Dated};
use super::versions::{self, SiteError};
use crate::base::version::{Scheme, Version};
use std::collections::BTreeMap;

/// What was found in a repository.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Paths of all files that are not ignored.
    pub files: Vec<String>,
    /// What the files in the folder of the package say, by name: `Cargo.toml`, `package.json` …
    pub texts: BTreeMap<String, String>,
    /// That folder: empty for the top, else it ends with `/`.
    pub folder: String,
    /// All tags.
    pub tags: Vec<Dated>,
    /// Whether the clone is shallow, so that it may lack tags.
    pub is_shallow: bool,
    /// The branch that releases come from: the default branch, or else the current one.
    pub branch: Option<String>,
    /// Where the remote is.
    pub place: RemotePlace,
    /// What the files in `.github/workflows` say, by path.
    pub workflows: BTreeMap<String, String>,
}

/// Where a repository's remote is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RemotePlace {
    /// There is none, or it is a folder.
    #[default]
    Nowhere,
    /// On github.com or one of its tenants.
    GitHub,
    /// On a GitHub server of its own, which was named.
    GitHubServer {
        /// Its host.
        host: String,
    },
    /// On a host that is no GitHub.
    Elsewhere {
        /// Which.
        host: String,
    },
    /// On GitHub or nowhere, as it was said with `--forge`.
    Told(Forge),
}

impl RemotePlace {
    fn is_github(&self) -> bool {
        match self {
            Self::GitHub | Self::GitHubServer { .. } | Self::Told(Forge::GitHub) => true,
            Self::Nowhere | Self::Elsewhere { .. } | Self::Told(Forge::None) => false,
        }
    }
}

/// A manifest and the reasons for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inferred {
    /// The manifest, as YAML.
    pub text: String,
    /// What was inferred and from what, one line each.
    pub because: Vec<String>,
}

/// Names that changelogs go by, the usual ones first.
const CHANGELOGS: [&str; 9] = [
    "CHANGELOG.md",
    "CHANGES.md",
    "HISTORY.md",
    "RELEASES.md",
    "docs/CHANGELOG.md",
    "docs/CHANGES.md",
    "docs/HISTORY.md",
    "CHANGELOG",
    "CHANGES",
];

/// Writes the manifest of a repository.
#[must_use]
pub fn infer(found: &Found) -> Inferred {
    let mut inferred = Inferred { text: "schema: 1\n".into(), because: Vec::new() };
    inferred.forge(found);
    inferred.branches(found);
    let choice = tags::choose(&found.tags, &names(found), first_carried(found).as_ref());
    inferred.version(found, choice.as_ref().and_then(|choice| choice.scheme));
    inferred.tag(found, choice.as_ref());
    inferred.changelog(found);
    inferred.checks(found);
    inferred
}

impl Inferred {
    fn say(&mut self, reason: impl Into<String>) {
        self.because.push(reason.into());
    }

    fn write(&mut self, lines: &str) {
        self.text.push_str(lines);
        self.text.push('\n');
    }

    fn forge(&mut self, found: &Found) {
        match &found.place {
            RemotePlace::GitHub | RemotePlace::Told(Forge::GitHub) => {}
            RemotePlace::GitHubServer { host } => self.say(format!(
                "the remote is on {host}, a GitHub server; later runs need `GITHUB_SERVER_URL` or \
                 `--api-url` as well"
            )),
            RemotePlace::Nowhere => {
                self.write("forge: none");
                self.say("no remote is on GitHub: `forge: none`, a release is a tag");
            }
            RemotePlace::Elsewhere { host } => {
                self.write("forge: none");
                self.say(format!(
                    "the remote is on {host}, a forge that tminus does not support: `forge: none`, \
                     a release is a tag, and no CI is read"
                ));
            }
            RemotePlace::Told(Forge::None) => {
                self.write("forge: none");
                self.say("`--forge none`: a release is a tag, and no CI is read");
            }
        }
    }

    fn branches(&mut self, found: &Found) {
        match found.branch.as_deref() {
            Some(branch @ ("main" | "master")) => {
                self.say(format!("releases come from `{branch}`, as by default"));
            }
            Some(branch) => {
                self.write(&format!("branches: [{}]", quoted(&escaped(branch))));
                self.say(format!("releases come from `{branch}`, the branch of this repository"));
            }
            None => self.say("no branch was found: releases come from `main` or `master`"),
        }
    }

    fn version(&mut self, found: &Found, scheme: Option<Scheme>) {
        let mut source: Option<(String, Version)> = None;
        let mut files = Vec::new();
        for (file, carried) in carried(found) {
            match (carried, &source) {
                (Err(why), _) => self.say(format!("left out: {why}")),
                (Ok(version), Some((first, wanted))) if version != *wanted => self.say(format!(
                    "`{file}` is left out: it says {version} and `{first}` says {wanted}"
                )),
                (Ok(version), _) => {
                    self.say(format!("the version is in `{file}`: {version}"));
                    files.push(quoted(&file));
                    source.get_or_insert((file, version));
                }
            }
        }
        let stated = scheme.map(|scheme| format!("\n  scheme: {scheme}")).unwrap_or_default();
        if files.is_empty() {
            if !stated.is_empty() {
                self.write(&format!("version:{stated}"));
            }
            self.say(
                "no file carries the version: it is computed from the commits since the last one",
            );
        } else {
            self.write(&format!("version:\n  files: [{}]{stated}", files.join(", ")));
        }
        if let Some(scheme) = scheme {
            self.say(format!("versions are of the scheme `{scheme}`, as tags and files show"));
        }
    }

    fn tag(&mut self, found: &Found, choice: Option<&Choice>) {
        let Some(Choice { template, highest, count, .. }) = choice else {
            return self.say(if found.is_shallow {
                "the clone is shallow and has no tag that is a version: tags are `v{version}`; run \
                 `git fetch --tags` first if there are others"
            } else {
                "no tag is a version yet: tags are `v{version}`"
            });
        };
        let like = if *count == 1 { "1 tag".into() } else { format!("{count} tags") };
        self.say(format!("tags are `{template}`: {like}, the highest is `{highest}`"));
        if template != "v{version}" {
            self.write(&format!("tag: {}", json(template)));
        }
    }

    fn changelog(&mut self, found: &Found) {
        let at = |folder: &str, name: &str| {
            let path = format!("{folder}{name}");
            found.files.iter().find(|file| file.eq_ignore_ascii_case(&path))
        };
        let in_folder = |name: &&str| at(&found.folder, name);
        let at_top = |name: &&str| at("", name);
        let nearest = CHANGELOGS.iter().find_map(in_folder);
        match nearest.or_else(|| CHANGELOGS.iter().find_map(at_top)) {
            Some(file) if file == "CHANGELOG.md" => self.say("the changelog is `CHANGELOG.md`"),
            Some(file) => {
                self.write(&format!("changelog:\n  file: {}", quoted(file)));
                self.say(format!("the changelog is `{file}`"));
            }
            None => self.say("no changelog was found: none is asked for"),
        }
    }

    fn checks(&mut self, found: &Found) {
        // Without a forge the gate is not asked anyway.
        if found.workflows.is_empty() && found.place.is_github() {
            self.write("gates:\n  checks-green:\n    required: none");
            self.say("no CI in `.github/workflows`: `checks-green` requires no check");
        }
    }
}

/// The version files in the package's folder, with what they carry, or why they carry nothing.
fn carried(found: &Found) -> Vec<(String, Result<Version, SiteError>)> {
    let read = |name: &'static str| {
        let path = format!("{}{name}", found.folder);
        let site = versions::read(&path, found.texts.get(name)?);
        let version = site.map(|site| site.version);
        Some((path.clone(), version.and_then(|version| own(&path, version))))
    };
    versions::names().filter_map(read).collect()
}

/// What tools that compute versions leave in a file is no version.
fn own(path: &str, version: Version) -> Result<Version, SiteError> {
    if !version.is_placeholder() {
        return Ok(version);
    }
    let why = format!("`{version}` stands in for it");
    Err(SiteError::Elsewhere { path: path.into(), why, span: None })
}

/// The names that the version files give their packages.
fn names(found: &Found) -> Vec<String> {
    let read = |name: &'static str| {
        versions::read(&format!("{}{name}", found.folder), found.texts.get(name)?).ok()?.package
    };
    versions::names().filter_map(read).collect()
}

/// The version that the first version file carries.
fn first_carried(found: &Found) -> Option<Version> {
    carried(found).into_iter().find_map(|(_, carried)| carried.ok())
}

/// A branch's name as a glob that matches it alone. Git allows braces in names.
fn escaped(branch: &str) -> String {
    let mut glob = String::new();
    for letter in branch.chars() {
        if "{}".contains(letter) {
            glob.push('\\');
        }
        glob.push(letter);
    }
    glob
}

/// A YAML string: bare where nobody could read it as anything else.
fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._/-".contains(letter);
    let word = text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.chars().all(plain)
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&text.to_ascii_lowercase().as_str());
    if word { text.into() } else { json(text) }
}

/// A JSON string is a YAML string too.
fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
