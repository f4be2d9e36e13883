//! The core of `tminus init`: the shortest manifest that is right for a repository as it was found.
//!
//! Pure: what was found is handed over. Only keys whose default would be wrong are written.

use super::model::Forge;
use semver::Version;
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
    pub tags: Vec<String>,
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

/// Files that a package's version is looked for in.
pub const PACKAGES: [&str; 3] = ["Cargo.toml", "package.json", "pyproject.toml"];

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
    inferred.version(found);
    inferred.tag(found);
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
                "the remote is on {host}, a GitHub server; name it to later runs in the same way"
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

    fn version(&mut self, found: &Found) {
        let mut source: Option<(String, Version)> = None;
        let mut files = Vec::new();
        for (file, carried) in carried_versions(found) {
            let file = format!("{}{file}", found.folder);
            match (carried, &source) {
                (Err(why), _) => self.say(format!("`{file}` is not a version file: {why}")),
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
        if files.is_empty() {
            self.say(
                "no file carries the version: it is computed from the commits since the last one",
            );
        } else {
            self.write(&format!("version:\n  files: [{}]", files.join(", ")));
        }
    }

    fn tag(&mut self, found: &Found) {
        let Some((prefix, example, count)) = usual_prefix(&found.tags) else {
            return self.say(if found.is_shallow {
                "the clone is shallow and has no tag that is a version: tags are `v{version}`; run \
                 `git fetch --tags` first if there are others"
            } else {
                "no tag is a version yet: tags are `v{version}`"
            });
        };
        let like = if count == 1 { "1 tag".into() } else { format!("{count} tags") };
        self.say(format!("tags are `{prefix}{{version}}`: {like}, the highest is `{example}`"));
        if prefix != "v" {
            self.write(&format!("tag: {}", json(&format!("{prefix}{{version}}"))));
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

/// Which of the known files carry a version, or why they do not.
fn carried_versions(found: &Found) -> Vec<(&'static str, Result<Version, String>)> {
    type Reader = fn(&str) -> Result<String, String>;
    let readers: [Reader; 3] = [cargo, npm, python];
    let read = |(file, reader): (&'static str, Reader)| {
        let version = reader(found.texts.get(file)?).and_then(|text| {
            let error = |error| format!("`{text}` is not a semantic version ({error})");
            Version::parse(&text).map_err(error)
        });
        Some((file, version))
    };
    PACKAGES.into_iter().zip(readers).filter_map(read).collect()
}

fn toml(text: &str) -> Result<toml_edit::DocumentMut, String> {
    text.parse().map_err(|_| "it is not TOML".into())
}

fn toml_text(document: &toml_edit::DocumentMut, path: &[&str]) -> Option<String> {
    let first: &toml_edit::Item = document.as_item();
    let item = path.iter().try_fold(first, |item, key| item.get(key))?;
    item.as_str().map(Into::into)
}

fn cargo(text: &str) -> Result<String, String> {
    let document = toml(text)?;
    toml_text(&document, &["workspace", "package", "version"])
        .or_else(|| toml_text(&document, &["package", "version"]))
        .ok_or_else(|| "it has neither `workspace.package.version` nor `package.version`".into())
}

fn npm(text: &str) -> Result<String, String> {
    let package: serde_json::Value =
        serde_json::from_str(text).map_err(|_| "it is not JSON".to_owned())?;
    let version = package.get("version").and_then(serde_json::Value::as_str);
    match version {
        // What tools that compute versions leave in the file.
        Some(version) if version.starts_with("0.0.0") => {
            Err(format!("`{version}` stands for a version that is set elsewhere"))
        }
        Some(version) => Ok(version.into()),
        None => Err("it has no `version`".into()),
    }
}

fn python(text: &str) -> Result<String, String> {
    let document = toml(text)?;
    if let Some(version) = toml_text(&document, &["project", "version"]) {
        return Ok(version);
    }
    let dynamic = document.get("project").and_then(|project| project.get("dynamic"));
    let dynamic = dynamic
        .and_then(toml_edit::Item::as_array)
        .is_some_and(|names| names.iter().any(|name| name.as_str() == Some("version")));
    if dynamic {
        return Err("its version is dynamic, made when it is built".into());
    }
    Err("it has no `project.version`".into())
}

/// What stands before the version in most tags, with the highest such tag and their number.
fn usual_prefix(tags: &[String]) -> Option<(&str, &str, usize)> {
    let mut prefixes: BTreeMap<&str, (usize, Version, &str)> = BTreeMap::new();
    for tag in tags {
        let Some((prefix, version)) = split(tag) else { continue };
        let entry = prefixes.entry(prefix).or_insert_with(|| (0, version.clone(), tag));
        entry.0 += 1;
        if version >= entry.1 {
            (entry.1, entry.2) = (version, tag);
        }
    }
    let usual = prefixes.into_iter().max_by(|(_, a), (_, b)| (a.0, &a.1).cmp(&(b.0, &b.1)));
    usual.map(|(prefix, (count, _, example))| (prefix, example, count))
}

/// The longest version at the end of a tag, and what is before it.
fn split(tag: &str) -> Option<(&str, Version)> {
    let inside = |index: usize| {
        let before = tag.get(..index).and_then(|before| before.chars().next_back());
        before.is_some_and(|letter| letter.is_ascii_digit() || letter == '.')
    };
    tag.char_indices()
        .filter(|(index, letter)| letter.is_ascii_digit() && !inside(*index))
        .find_map(|(index, _)| Some((tag.get(..index)?, Version::parse(tag.get(index..)?).ok()?)))
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
