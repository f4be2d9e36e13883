//! Which file is the changelog: by its name and place, and by what it said at the last releases.

use crate::base::source::Source;
use crate::base::version::Version;
use crate::project::changelog::{Section, sections, told, whole};
use crate::project::manifest::PathTemplate;
use crate::project::sources::Sources;
use crate::project::versions::{package_folder, package_in};
use std::collections::{BTreeMap, BTreeSet};

/// What files that may be the changelog say, by path.
#[derive(Debug, Clone, Default)]
pub struct Changelogs {
    /// Now.
    pub now: BTreeMap<String, String>,
    /// When the last releases were tagged, the newest first.
    pub past: Vec<(Version, BTreeMap<String, String>)>,
    /// What the configurations of tools that collect fragments say.
    pub configs: BTreeMap<String, String>,
    /// How many fragments the last releases left, by folder, the newest first.
    pub left: BTreeMap<String, Vec<usize>>,
}

impl Changelogs {
    /// How many of the last releases left fragments, if that were most of them.
    #[must_use]
    pub fn many_left(&self, folder: &str) -> Option<(usize, usize)> {
        let left = self.left.get(folder)?;
        let many = left.iter().filter(|left| **left > 0).count();
        (many * 2 > left.len()).then_some((many, left.len()))
    }
}

/// The changelog of a project, and the files that look like one and are none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) file: Option<String>,
    /// The files that were rejected, each with the reason.
    pub(super) left_out: Vec<(String, String)>,
}

/// Names that changelogs have, the usual ones first, in lower case and without hyphens.
const NAMES: [&str; 9] = [
    "changelog",
    "changes",
    "history",
    "news",
    "releasenotes",
    "releases",
    "changelogs",
    "release",
    "whatsnew",
];

/// Ends of such names, the usual ones first.
const ENDS: [&str; 9] = ["md", "rst", "adoc", "markdown", "", "txt", "rdoc", "textile", "org"];

/// Subfolders of the package's folder, or of the root, in which a changelog can be.
const FOLDERS: [&str; 7] =
    ["", "docs/", "doc/", "doc/en/", "docs/source/", "src/changes/", ".github/"];

/// How deep an unusual folder may lie.
const DEEPEST: usize = 3;

/// Files that make their folder a package.
const PACKAGES: [&str; 12] = [
    "Cargo.toml",
    "package.json",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "composer.json",
    "Chart.yaml",
    "mix.exs",
];

/// Folders with files of others, or that play a changelog.
const FOREIGN: [&str; 14] = [
    "node_modules",
    "vendor",
    "third_party",
    "third-party",
    "thirdparty",
    "deps",
    "external",
    "test",
    "tests",
    "testdata",
    "fixtures",
    "examples",
    "example",
    "templates",
];

/// How many files that are no changelog are named.
const TOLD: usize = 3;

/// How many files are looked into.
const CANDIDATES: usize = 20;

/// The files that may be the changelog of a project, the likeliest first: those of the folder that
/// `init` was started in, and of the version file's package if that is further down.
#[must_use]
pub fn candidates(files: &[String], folder: &str, sources: &Sources) -> Vec<String> {
    let paths: Vec<&str> = sources.files.iter().map(String::as_str).collect();
    let inner = package_folder(&paths).filter(|_| folder.is_empty());
    let Some((inner, _)) = inner else { return changelogs(files, folder) };
    let inner = changelogs(files, &format!("{inner}/"));
    let tag = sources.prefix.as_ref().map(|prefix| format!("{prefix}1.0.0"));
    if tag.as_deref().is_some_and(|tag| package_in(tag).is_some()) {
        return inner;
    }
    let mut all = changelogs(files, folder);
    let more: Vec<String> = inner.into_iter().filter(|file| !all.contains(file)).collect();
    all.extend(more);
    all
}

/// Whether a file is named like a changelog, or lies in a folder that is.
pub(super) fn is_named_like_one(path: &str) -> bool {
    let mut parts = path.rsplit('/').take(2).map(|part| {
        let (stem, _) = part.rsplit_once('.').unwrap_or((part, ""));
        let stem = stem.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
        let stem = stem.strip_suffix(".x").unwrap_or(stem);
        let stem: String = stem.chars().filter(char::is_ascii_alphabetic).collect();
        stem.to_ascii_lowercase()
    });
    let is_known = |stem: &str| NAMES.contains(&stem);
    parts.any(|stem| is_known(&stem) || stem.strip_suffix('v').is_some_and(is_known))
        && !path.split('/').any(|part| FOREIGN.contains(&part.to_ascii_lowercase().as_str()))
}

/// The files that may be the changelog of the package in a folder, the likeliest first.
#[must_use]
pub fn changelogs(files: &[String], folder: &str) -> Vec<String> {
    let mut ranked: Vec<(usize, usize, usize, &String)> = Vec::new();
    let packages = packages(files);
    for file in files {
        let place = |begin: &str, first: usize| {
            let inner = file.strip_prefix(begin)?;
            let (inside, name) = match inner.rsplit_once('/') {
                Some((inside, name)) => (format!("{inside}/"), name),
                None => (String::new(), inner),
            };
            let usual = FOLDERS.iter().position(|it| inside.eq_ignore_ascii_case(it));
            // In other folders a number in the name is that of a page's version.
            let plain = !name.contains(|c: char| c.is_ascii_digit());
            let deep = || deep(&inside, begin, &packages).filter(|_| plain);
            let below = usual.or_else(deep)?;
            Some((first + below, name))
        };
        let found = place(folder, 0).or_else(|| place("", FOLDERS.len() + DEEPEST + 1));
        let Some((place, name)) = found else { continue };
        let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
        let stem: String = stem.chars().filter(char::is_ascii_alphabetic).collect();
        let stem = stem.to_ascii_lowercase();
        let known = NAMES.iter().position(|it| *it == stem);
        let end = ENDS.iter().position(|it| end.eq_ignore_ascii_case(it));
        if let (Some(known), Some(end)) = (known, end) {
            ranked.push((place, known, end, file));
        }
    }
    ranked.sort();
    ranked.into_iter().take(CANDIDATES).map(|(_, _, _, file)| file.clone()).collect()
}

/// The folders that have a package of their own.
fn packages(files: &[String]) -> BTreeSet<&str> {
    let split = files.iter().filter_map(|file| file.rsplit_once('/'));
    split.filter(|(_, name)| PACKAGES.contains(name)).map(|(folder, _)| folder).collect()
}

/// The rank of a folder that is not a usual one: below those, by its depth. Another package's folder
/// has none, nor has one with files that are not the project's own words.
fn deep(inside: &str, begin: &str, packages: &BTreeSet<&str>) -> Option<usize> {
    let parts: Vec<&str> = inside.trim_end_matches('/').split('/').collect();
    let foreign = parts.iter().any(|part| FOREIGN.contains(&part.to_ascii_lowercase().as_str()));
    let mut folder = begin.to_owned();
    let other = parts.iter().any(|part| {
        folder.push_str(part);
        let other = packages.contains(folder.as_str());
        folder.push('/');
        other
    });
    (parts.len() <= DEEPEST && !foreign && !other).then_some(FOLDERS.len() + parts.len())
}

/// What a file says about releases.
struct Evidence {
    /// How many of the last releases it had a section for, when they were tagged.
    told: usize,
    /// Whether the newest release is one of them.
    newest: bool,
    /// Whether it has a section for a version that is higher than all of them, or no section yet.
    ahead: bool,
    /// Whether it has sections, or only a title.
    begun: bool,
}

impl Evidence {
    fn is_changelog(&self, releases: usize) -> bool {
        match releases {
            0 => self.begun,
            1 => self.told == 1 || self.ahead || self.begun,
            _ => self.told * 2 >= releases || self.newest || self.ahead,
        }
    }
}

/// Chooses the changelog. Files that replays have shown not to be changelogs are skipped.
pub(super) fn choose(candidates: &[String], texts: &Changelogs, not: &[String]) -> Chosen {
    let releases = texts.past.len();
    let mut chosen = Chosen::default();
    let mut best: Option<(usize, &String)> = None;
    for file in candidates.iter().filter(|file| !not.contains(file)) {
        // What a distribution says about its package comes last.
        if best.is_some() && file.contains("debian/") {
            continue;
        }
        let Some(evidence) = evidence(file, texts) else {
            // What it says is not known, so its name decides.
            best = best.or(Some((0, file)));
            continue;
        };
        if PathTemplate::new(file).fixed().is_none() && evidence.told * 2 < releases.max(2) {
            continue;
        }
        if !evidence.is_changelog(releases) {
            let why = match (evidence.begun, releases) {
                (false, _) => "it has no version sections".to_owned(),
                (true, 1) => "it does not describe the last release".to_owned(),
                (true, _) => {
                    format!("it describes {} of the last {releases} releases", evidence.told)
                }
            };
            chosen.left_out.push((file.clone(), why));
            continue;
        }
        if best.is_none_or(|(told, _)| evidence.told > told) {
            best = Some((evidence.told, file));
        }
    }
    chosen.left_out.truncate(TOLD);
    chosen.file = best.map(|(_, file)| file.clone());
    chosen
}

/// What files that tell of one version each say, or of one line.
fn evidence_of_files(template: &PathTemplate, texts: &Changelogs) -> Evidence {
    let tells = |(version, then): &(Version, BTreeMap<String, String>)| {
        let path = template.path(Some(version))?;
        let source = Source { text: then.get(&path)?.clone(), name: path };
        Some(match template.is_of_one_version() {
            true => !whole(&source, version).is_empty(),
            false => has(&sections(&source).unwrap_or_default(), version),
        })
    };
    let told: Vec<bool> = texts.past.iter().map(|one| tells(one).unwrap_or(false)).collect();
    Evidence {
        told: told.iter().filter(|told| **told).count(),
        newest: told.first().copied().unwrap_or(false),
        ahead: false,
        begun: true,
    }
}

fn evidence(file: &str, texts: &Changelogs) -> Option<Evidence> {
    let template = PathTemplate::new(file);
    if template.fixed().is_none() {
        return Some(evidence_of_files(&template, texts));
    }
    let read = |text: &String| {
        let source = Source { name: file.to_owned(), text: text.clone() };
        (sections(&source).unwrap_or_default(), source)
    };
    let (now, source) = read(texts.now.get(file)?);
    let told: Vec<bool> = texts
        .past
        .iter()
        .map(|(version, then)| then.get(file).is_some_and(|text| has(&read(text).0, version)))
        .collect();
    let above = |section: &Section| {
        let highest = texts.past.iter().map(|(version, _)| version).max();
        section.version.as_ref().is_some_and(|it| highest.is_none_or(|highest| it > highest))
    };
    Some(Evidence {
        told: told.iter().filter(|told| **told).count(),
        newest: told.first().copied().unwrap_or(false),
        ahead: now.iter().any(above) || (!now.is_empty() && now.iter().all(Section::is_unreleased)),
        begun: !now.is_empty() || told_nothing(&source),
    })
}

fn has(sections: &[Section], version: &Version) -> bool {
    sections.iter().any(|section| section.version.as_ref() == Some(version))
}

/// Whether a file contains no more than a title.
fn told_nothing(source: &Source) -> bool {
    told(source).len() <= 1 && !source.text.contains("://")
}
