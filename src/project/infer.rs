//! The core of `tminus init`: the shortest correct manifest for a repository.
//!
//! Pure: the caller passes what it found. Only keys whose default would be wrong are written.

mod fragments;
mod people;
mod changelogs;
mod version_files;
mod choice;

pub use changelogs::{Changelogs, candidates, changelogs};
pub use choice::{Choice, Convention};
pub use fragments::{CacheEntry, fragment_configs, fragment_folders, raising_config};
pub use people::{OWNERS, ProposedPeople};
pub use version_files::{line_files, version_files};

use super::branches::{self, escaped};
use super::manifest::{Forge, LINE, PathTemplate, Policy};
use super::sources::{self, Known, Sources};
use super::tags::{self, Dated, Form};
use crate::base::version::Scheme;
use std::collections::BTreeMap;

/// What was found in a repository.
#[derive(Debug, Clone, Default)]
pub struct RepositoryInfo {
    /// Paths of all files that are not ignored.
    pub files: Vec<String>,
    /// Files that may carry the version, each with its rank.
    pub places: Vec<(usize, String)>,
    /// What files that may carry the version say, now and at the releases.
    pub known: Known,
    /// The version file of older releases, if it was another one.
    pub moved: Option<Moved>,
    /// The folder of the package: empty for the top, else it ends with `/`.
    pub folder: String,
    /// All tags.
    pub tags: Vec<Dated>,
    /// Whether the clone is shallow, so that it may lack tags.
    pub is_shallow: bool,
    /// The branch that releases come from: the default branch, or else the current one.
    pub branch: Option<String>,
    /// Other branches that recent releases were cut from.
    pub lines: Vec<String>,
    /// Where the remote is.
    pub place: RemotePlace,
    /// The forge of a manifest that names none.
    pub usual: Option<&'static str>,
    /// What files that may be the changelog say.
    pub changelogs: Changelogs,
    /// People who could have a role.
    pub people: ProposedPeople,
    /// What the files in `.github/workflows` say, by path.
    pub workflows: BTreeMap<String, String>,
}

/// A version that was moved from one file to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The file that contained it.
    pub from: String,
    /// The file that contains it now.
    pub to: String,
}

/// Where a repository's remote is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RemotePlace {
    /// There is none, or it is a folder.
    #[default]
    Nowhere,
    /// On a forge that tminus knows.
    On {
        /// Which.
        forge: Forge,
        /// A line that describes the location.
        note: Option<String>,
    },
    /// On a forge that tminus does not know.
    Elsewhere {
        /// Which.
        host: String,
    },
    /// On the forge that `--forge` names.
    Told(Forge),
}

impl RemotePlace {
    fn has_checks(&self) -> bool {
        match self {
            Self::On { forge, .. } | Self::Told(forge) => forge.has_releases(),
            Self::Nowhere | Self::Elsewhere { .. } => false,
        }
    }
}

/// The branches that releases are merged into where they are prepared on a branch for development.
const RELEASED_INTO: [&str; 2] = ["main", "master"];

/// The changelog of a manifest that names none.
const USUAL_CHANGELOG: &str = "CHANGELOG.md";

/// The folder of fragments of a manifest that names none.
const USUAL_FRAGMENTS: &str = "changelog.d";

/// A manifest and the reasons for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inferred {
    /// The manifest, as YAML.
    pub text: String,
    /// What was inferred and from what, one line each.
    pub because: Vec<String>,
}

/// Writes the manifest of a repository.
#[must_use]
pub fn infer(found: &RepositoryInfo, choice: &Choice) -> Inferred {
    let mut inferred = Inferred { text: "schema: 1\n".into(), because: Vec::new() };
    inferred.forge(found);
    inferred.branches(found);
    let names: Vec<String> = found.tags.iter().map(|tag| tag.name.clone()).collect();
    let sources = sources::choose(&found.places, &names, &found.known);
    let of_sources =
        |tag: &str| sources.prefix.as_deref().is_none_or(|own| sources::prefix(tag) == Some(own));
    let of_folder = found.folder.trim_end_matches('/').rsplit('/').next();
    let of_folder = of_folder.filter(|name| !name.is_empty()).map(str::to_owned);
    let package: Vec<String> = sources.package.iter().cloned().chain(of_folder).collect();
    let tags = tags::choose(&found.tags, &package, sources.version.as_ref(), &of_sources);
    inferred.version(
        &sources,
        found.moved.as_ref(),
        choice,
        tags.as_ref().and_then(|tags| tags.scheme),
    );
    inferred.tag(found, tags.as_ref());
    inferred.changelog(found, &sources, choice);
    inferred.gates(found, choice);
    if found.place.has_checks() && !found.people.is_empty() {
        inferred.write(&found.people.section());
        let from = &found.people.from;
        inferred.say(format!(
            "`roles` are suggested in a comment, based on {from}; until you enable them, no \
             release waits for people"
        ));
    }
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

    fn forge(&mut self, found: &RepositoryInfo) {
        match &found.place {
            RemotePlace::On { forge, note } => {
                self.unusual(found, *forge);
                note.iter().for_each(|note| self.say(note));
            }
            RemotePlace::Nowhere => {
                self.write("forge: none");
                self.say("no GitHub remote was found: using `forge: none`, so a release consists of a tag only");
            }
            RemotePlace::Elsewhere { host } => {
                self.write("forge: none");
                self.say(format!(
                    "the remote is on {host}, a forge that tminus does not support: using `forge: \
                     none`, so a release consists of a tag only, and CI checks are not read"
                ));
            }
            RemotePlace::Told(forge) => {
                self.unusual(found, *forge);
                if !forge.has_releases() {
                    self.say(format!(
                        "`--forge {}`: a release consists of a tag only, and CI checks are not read",
                        forge.name
                    ));
                }
            }
        }
    }

    fn unusual(&mut self, found: &RepositoryInfo, forge: Forge) {
        if found.usual != Some(forge.name) {
            self.write(&format!("forge: {}", forge.name));
        }
    }

    fn branches(&mut self, found: &RepositoryInfo) {
        let mut globs: Vec<String> = found.lines.iter().map(|line| branches::glob(line)).collect();
        globs.sort_unstable();
        globs.dedup();
        match found.branch.as_deref() {
            Some(branch @ ("main" | "master")) if globs.is_empty() => {
                self.say(format!(
                    "releases are made from `{branch}`, which is in `branches` by default"
                ));
            }
            Some(branch) => {
                let names: Vec<String> = globs.iter().map(|glob| format!("`{glob}`")).collect();
                let flows = branches::is_development(branch)
                    && !globs.iter().any(|glob| RELEASED_INTO.contains(&glob.as_str()));
                if flows {
                    globs.splice(0..0, RELEASED_INTO.map(str::to_owned));
                }
                globs.insert(0, escaped(branch));
                globs.dedup();
                if names.is_empty() {
                    globs.push(LINE.to_owned());
                }
                let list: Vec<String> = globs.iter().map(|glob| quoted(glob)).collect();
                self.write(&format!("branches: [{}]", list.join(", ")));
                self.say(match names.as_slice() {
                    [] if flows => format!(
                        "releases are made from `{branch}`, the default branch, or from `main` or \
                         `master`, into which it is merged"
                    ),
                    [] => format!("releases are made from `{branch}`, the default branch"),
                    lines => format!(
                        "releases are made from `{branch}`; recent ones were also made from branches like {}",
                        lines.join(", ")
                    ),
                });
            }
            None => self.say("no branch was found, so releases are made from `main` or `master`"),
        }
    }

    fn version(
        &mut self,
        sources: &Sources,
        moved: Option<&Moved>,
        choice: &Choice,
        scheme: Option<Scheme>,
    ) {
        self.because.extend(sources.because.iter().cloned());
        let mut files: Vec<String> = sources.files.iter().map(|file| entry(file, moved)).collect();
        files.extend(sources.also.iter().map(|(file, pattern)| {
            format!("{{ path: {}, pattern: '{}' }}", quoted(file), pattern)
        }));
        if let Some(Moved { from, to }) = moved {
            self.say(format!("in releases without `{to}`, the version is in `{from}`"));
        }
        let stated = scheme.map(|scheme| format!("\n  scheme: {scheme}")).unwrap_or_default();
        let given = choice.policy == Policy::Manual || scheme == Some(Scheme::Calendar);
        match (files.is_empty(), given) {
            (true, false) => {
                if !stated.is_empty() {
                    self.write(&format!("version:{stated}"));
                }
                self.say(
                    "no file contains the version: it is computed from the commits since the last \
                     release",
                );
            }
            (true, true) => {
                self.write(&format!("version:\n  policy: manual{stated}"));
                self.say(
                    "no file contains the version, and it is not computed from commits: pass it \
                     with `--version`, or push its tag",
                );
            }
            (false, _) => {
                self.write(&format!("version:\n  files: [{}]{stated}", files.join(", ")));
            }
        }
        if let Some(scheme) = scheme {
            self.say(format!("versions use the scheme `{scheme}`, according to tags and files"));
        }
    }

    fn tag(&mut self, found: &RepositoryInfo, form: Option<&Form>) {
        let Some(Form { template, highest, count, rival, .. }) = form else {
            return self.say(if found.is_shallow {
                "the clone is shallow and has no version tags: using the tag format `v{version}`; \
                 if the remote has other tags, run `git fetch --tags` first"
            } else {
                "there are no version tags yet: using the tag format `v{version}`"
            });
        };
        if let Some(rival) = rival {
            self.write(&format!(
                "# Set `tag`: releases are tagged as `{highest}` and as `{rival}`."
            ));
            return self.say(format!(
                "releases are tagged as `{highest}` and as `{rival}`: set `tag` to the format to use"
            ));
        }
        let like = if *count == 1 { "1 tag".into() } else { format!("{count} tags") };
        self.say(format!("the tag format is `{template}` ({like}; the highest is `{highest}`)"));
        if template != "v{version}" {
            self.write(&format!("tag: {}", json(template)));
        }
    }

    fn changelog(&mut self, found: &RepositoryInfo, sources: &Sources, choice: &Choice) {
        let texts = &found.changelogs;
        let past = texts.past.iter().map(|(version, _)| version.clone());
        let versions: Vec<_> = past.chain(sources.version.clone()).collect();
        // A file with all versions comes before those of the release lines, each of which comes last.
        let lines = line_files(&found.files, &versions);
        let of_a_line = |file: &String| {
            let templates = lines.iter().map(PathTemplate::new);
            let mut paths = templates
                .flat_map(|line| versions.iter().filter_map(move |it| line.path(Some(it))));
            paths.any(|path| path == *file)
        };
        let all = self::candidates(&found.files, &found.folder, sources);
        let (of_lines, mut candidates): (Vec<_>, Vec<_>) = all.into_iter().partition(of_a_line);
        candidates.extend(lines.iter().cloned().chain(of_lines));
        candidates.extend(version_files(&found.files, &versions));
        let chosen = changelogs::choose(&candidates, texts, &choice.not_changelogs);
        for (file, why) in &chosen.left_out {
            self.say(format!("`{file}` is not the changelog: {why}"));
        }
        let folders = fragment_folders(&found.files, &found.folder, &texts.configs);
        match folders.into_iter().find(|kept| texts.left.contains_key(&kept.folder)) {
            Some(kept) if choice.without_fragments => self.say(format!(
                "the fragments in `{}` are not required: that would have stopped past releases",
                kept.folder
            )),
            Some(kept) => match texts.many_left(&kept.folder) {
                Some((many, of)) => self.say(format!(
                    "the fragments in `{}` are not required: {many} of the last {of} releases \
                     still contain some",
                    kept.folder
                )),
                None => return self.fragments(found, &kept, chosen.file),
            },
            None => {}
        }
        match chosen.file {
            Some(file) if file.contains("{version}") => {
                self.write(&format!("changelog:\n  file: {}", json(&file)));
                self.say(format!("each version has its own file of notes: `{file}`"));
            }
            Some(file) if PathTemplate::new(&*file).fixed().is_none() => {
                self.write(&format!("changelog:\n  file: {}", json(&file)));
                self.say(format!("each release line has its own changelog: `{file}`"));
            }
            Some(file) if file == USUAL_CHANGELOG => self.say("the changelog is `CHANGELOG.md`"),
            Some(file) => {
                self.write(&format!("changelog:\n  file: {}", quoted(&file)));
                self.say(format!("the changelog is `{file}`"));
            }
            None if found.files.iter().any(|file| file == USUAL_CHANGELOG) => {
                self.write("changelog:\n  style: generated");
                self.say("notes are generated from the commits");
            }
            None => {
                self.say("no changelog was found, so none is required");
                self.forge_notes(found);
            }
        }
    }

    /// A project whose releases collect fragments.
    fn fragments(&mut self, found: &RepositoryInfo, kept: &CacheEntry, chosen: Option<String>) {
        let file = chosen.or_else(|| kept.file.clone());
        let usual = found.files.iter().any(|file| file == USUAL_CHANGELOG);
        if file.is_none() && usual {
            return self.say(format!(
                "the fragments in `{}` are not required: no changelog collects them",
                kept.folder
            ));
        }
        let mut lines = "changelog:\n  style: fragments".to_owned();
        if let Some(file) = file.as_ref().filter(|file| *file != USUAL_CHANGELOG) {
            lines.push_str(&format!("\n  file: {}", quoted(file)));
        }
        if kept.folder != USUAL_FRAGMENTS {
            lines.push_str(&format!("\n  fragments: {}", quoted(&kept.folder)));
        }
        self.write(&lines);
        let by = match kept.by == kept.folder {
            true => String::new(),
            false => format!(", according to `{}`", kept.by),
        };
        let into = file.map_or_else(String::new, |file| format!(", collected in `{file}`"));
        self.say(format!("each change has a fragment in `{}`{into}{by}", kept.folder));
    }

    /// What the forge offers to a project without a changelog.
    fn forge_notes(&mut self, found: &RepositoryInfo) {
        let configured = [".github/release.yml", ".github/release.yaml"];
        if let Some(file) = found.files.iter().find(|file| configured.contains(&file.as_str())) {
            self.say(format!(
                "`{file}` configures notes that GitHub generates: to use them, set `style: github` \
                 under `changelog`"
            ));
        }
    }

    fn gates(&mut self, found: &RepositoryInfo, choice: &Choice) {
        let mut gates = String::new();
        // Without a forge, the gate does not run anyway.
        if found.workflows.is_empty() && found.place.has_checks() {
            gates.push_str("\n  checks-green:\n    required: none");
            self.say("there are no workflows in `.github/workflows`, so `checks-green` requires no checks");
        }
        for (gate, why) in &choice.inform {
            gates.push_str(&format!("\n  {gate}: inform"));
            self.say(format!("`{gate}` only informs: {why}"));
        }
        if !gates.is_empty() {
            self.write(&format!("gates:{gates}"));
        }
    }
}

/// A version file, with the one that it replaced.
fn entry(file: &str, moved: Option<&Moved>) -> String {
    match moved.filter(|moved| moved.to == file) {
        Some(Moved { from, to }) => {
            format!("{{ path: {}, formerly: {} }}", quoted(to), quoted(from))
        }
        None => quoted(file),
    }
}

/// A YAML string, unquoted if no parser could interpret it as anything else.
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
#[cfg(test)]
mod changelog_tests;
