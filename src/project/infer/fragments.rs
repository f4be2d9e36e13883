//! Where a project keeps fragments: by the configuration of the tool that collects them, else by the
//! name of a folder.

use crate::base::source::Source;
use crate::base::version::Version;
use crate::project::changelog::is_fragment;
use crate::project::manifest::{Node, yaml};
use std::collections::BTreeMap;
use toml_edit::{Document, Item};

/// A folder of fragments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheEntry {
    /// The folder.
    pub folder: String,
    /// The changelog that the tool writes, if its configuration names it.
    pub file: Option<String>,
    /// What says so: a file, or the folder itself.
    pub by: String,
}

/// A tool's configuration, and how it is read: its text, and the folder that its paths start from.
type VersionTags = fn(&str, &str) -> Option<(String, Option<String>)>;

const CONFIGS: [(&str, VersionTags); 9] = [
    ("towncrier.toml", towncrier),
    ("pyproject.toml", towncrier),
    (".changeset/config.json", changesets),
    (".changie.yaml", changie),
    (".changie.yml", changie),
    ("pyproject.toml", scriv_toml),
    ("changelog.d/scriv.ini", scriv_ini),
    ("setup.cfg", scriv_ini),
    ("tox.ini", scriv_ini),
];

/// Configurations of tools whose fragments say how far each change raises the version.
const RAISING: [&str; 3] = [".changeset/config.json", ".changie.yaml", ".changie.yml"];

/// Folders that hold fragments whatever else a project does.
const FOLDERS: [&str; 7] = [
    "changelog.d",
    "newsfragments",
    "changelog_unreleased",
    ".changes/unreleased",
    "changelogs/fragments",
    "changelogs/unreleased",
    "changelog.unreleased",
];

/// Folders that may, if something in them says so.
const PERHAPS: [&str; 4] = ["changes", "changelog", "news", "changelogs"];

/// Configurations of tools that collect fragments, for the package in a folder.
#[must_use]
pub fn fragment_configs(files: &[String], folder: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for begin in beginnings(folder) {
        let paths = CONFIGS.iter().map(|(name, _)| format!("{begin}{name}"));
        let there = paths.filter(|path| files.contains(path));
        found.extend(there.collect::<Vec<_>>());
    }
    found.dedup();
    found
}

/// The configuration of a tool that computes the version from fragments, for the package in a folder.
#[must_use]
pub fn raising_config<'f>(files: &'f [String], folder: &str) -> Option<&'f str> {
    let is_one = |file: &&String| {
        let inner = beginnings(folder).into_iter().find_map(|begin| file.strip_prefix(begin));
        inner.is_some_and(|inner| RAISING.contains(&inner))
    };
    files.iter().find(is_one).map(String::as_str)
}

fn beginnings(folder: &str) -> Vec<&str> {
    if folder.is_empty() { vec![""] } else { vec![folder, ""] }
}

/// Where the package in a folder keeps fragments, the likeliest first.
#[must_use]
pub fn fragment_folders(
    files: &[String],
    folder: &str,
    configs: &BTreeMap<String, String>,
) -> Vec<CacheEntry> {
    let mut found = Vec::new();
    for begin in beginnings(folder) {
        for (name, read) in CONFIGS {
            let path = format!("{begin}{name}");
            let kept = configs.get(&path).and_then(|text| read(text, begin));
            if let Some((folder, file)) = kept
                && inside(&folder)
            {
                let file = file.filter(|file| files.contains(file));
                found.push(CacheEntry { folder, file, by: path });
            }
        }
        for name in FOLDERS {
            let folder = format!("{begin}{name}");
            if files.iter().any(|file| is_in(file, &folder)) {
                found.push(CacheEntry { by: folder.clone(), folder, file: None });
            }
        }
        for name in PERHAPS {
            let folder = format!("{begin}{name}");
            if looks_like_fragments(files, &folder) {
                found.push(CacheEntry { by: folder.clone(), folder, file: None });
            }
        }
    }
    found
}

/// Whether a folder is one inside the repository, as manifests have it.
fn inside(folder: &str) -> bool {
    let parts = || folder.split('/');
    !folder.is_empty()
        && !folder.contains('\\')
        && parts().all(|part| !matches!(part, "" | "..") && part != ".git")
}

fn is_in(file: &str, folder: &str) -> bool {
    file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a folder of an ambiguous name has what only fragments have beside them, and no file that
/// is named by a version.
fn looks_like_fragments(files: &[String], folder: &str) -> bool {
    let own: Vec<&String> = files.iter().filter(|file| is_in(file, folder)).collect();
    let name = |file: &str| file.rsplit('/').next().unwrap_or_default().to_lowercase();
    let beside = |file: &&&String| {
        let name = name(file);
        ["template", "readme"].iter().any(|word| name.contains(word))
            || [".gitkeep", ".gitignore", ".keep"].contains(&name.as_str())
    };
    let of_version = |file: &&&String| {
        let name = name(file);
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        let stem = stem.trim_start_matches('v');
        stem.contains('.') && Version::read(stem).is_ok()
    };
    own.iter().any(|file| beside(&file))
        && !own.iter().filter(|file| is_fragment(folder, file)).any(|file| of_version(&file))
}

fn towncrier(text: &str, begin: &str) -> Option<(String, Option<String>)> {
    let document = Document::parse(text).ok()?;
    let table = document.get("tool")?.as_table_like()?.get("towncrier")?.as_table_like()?;
    let word = |key: &str| table.get(key).and_then(Item::as_str).map(tidy);
    let by_package = || {
        let package = word("package").filter(|package| !package.is_empty());
        let inside = word("package_dir").filter(|inside| !inside.is_empty() && inside != ".");
        match package {
            Some(package) => {
                let inside = inside.map_or_else(String::new, |inside| format!("{inside}/"));
                format!("{inside}{}/newsfragments", package.replace('.', "/"))
            }
            None => "newsfragments".to_owned(),
        }
    };
    let folder = word("directory").unwrap_or_else(by_package);
    let file = word("filename").unwrap_or_else(|| "NEWS.rst".into());
    Some((format!("{begin}{folder}"), Some(format!("{begin}{file}"))))
}

fn changesets(_: &str, begin: &str) -> Option<(String, Option<String>)> {
    Some((format!("{begin}.changeset"), None))
}

fn changie(text: &str, begin: &str) -> Option<(String, Option<String>)> {
    let source = Source { name: ".changie.yaml".into(), text: text.to_owned() };
    let root = yaml::parse(&source).ok();
    let word = |key: &str, usual: &str| {
        let found = root.as_ref().and_then(|root| root.get(key)).and_then(Node::text);
        tidy(found.unwrap_or(usual))
    };
    let (all, new) = (word("changesDir", ".changes"), word("unreleasedDir", "unreleased"));
    let file = word("changelogPath", "CHANGELOG.md");
    Some((format!("{begin}{all}/{new}"), Some(format!("{begin}{file}"))))
}

fn scriv_toml(text: &str, begin: &str) -> Option<(String, Option<String>)> {
    let document = Document::parse(text).ok()?;
    let table = document.get("tool")?.as_table_like()?.get("scriv")?.as_table_like()?;
    let word = |key: &str| table.get(key).and_then(Item::as_str).map(tidy);
    Some(scriv(word, begin))
}

fn scriv_ini(text: &str, begin: &str) -> Option<(String, Option<String>)> {
    let (mut within, mut known) = (false, None);
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            within = ["[scriv]", "[tool.scriv]"].contains(&line);
            known = known.or(within.then(BTreeMap::new));
        } else if let (true, Some((key, value)), Some(known)) =
            (within, line.split_once('='), known.as_mut())
        {
            known.insert(key.trim().to_owned(), tidy(value.trim()));
        }
    }
    let known = known?;
    Some(scriv(|key| known.get(key).cloned(), begin))
}

fn scriv(word: impl Fn(&str) -> Option<String>, begin: &str) -> (String, Option<String>) {
    let folder = word("fragment_directory").unwrap_or_else(|| "changelog.d".into());
    let end = word("format").unwrap_or_else(|| "rst".into());
    let file = word("changelog").unwrap_or_else(|| "CHANGELOG.${config:format}".into());
    let file = file.replace("${config:format}", &end);
    (format!("{begin}{folder}"), Some(format!("{begin}{file}")))
}

fn tidy(path: &str) -> String {
    path.trim_start_matches("./").trim_end_matches('/').to_owned()
}
