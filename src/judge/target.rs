//! The version to release, and its origin: gates and planner need it first.

use crate::base::finding::{Finding, Who};
use crate::base::names::{Sha, TagName};
use crate::base::number::grouped;
use crate::base::source::Span;
use crate::base::version::{NoNextVersion, Version};
use crate::facts::{FileAt, History, LARGEST_FILE, Request, Seen, Unseen, VersionTag};
use crate::judge::ruling::Ruling;
use crate::project::commits::{ChangeKinds, account};
use crate::project::manifest::{Bump, Manifest, Policy, VersionSource};
use crate::project::versions::{self, FileState, Site, SiteError, Tree};
use crate::release::outcome::Outcome;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Files at the evaluated commit, by path.
pub type Files = BTreeMap<String, Seen<FileAt>>;

/// The version that a release of this commit would have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The version.
    pub version: Version,
    /// Its tag.
    pub tag: TagName,
    /// The origin of the version.
    pub origin: Origin,
}

/// The origin of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file contains it.
    File {
        /// The file.
        path: String,
        /// The location in it.
        span: Span,
    },
    /// It was passed on the command line.
    Asked,
    /// The changes since the last release require it.
    Commits {
        /// The bump that they require.
        bump: Bump,
        /// The commit that requires the largest bump.
        by: Sha,
        /// The subject of that commit.
        description: String,
    },
    /// There is no earlier release.
    First,
    /// No change since the last release requires a higher version.
    Last,
}

impl Origin {
    /// Who can choose another version.
    #[must_use]
    pub fn who(&self) -> Who {
        match self {
            Self::File { .. } => Who::Author,
            Self::Asked | Self::Commits { .. } | Self::First | Self::Last => Who::Operator,
        }
    }
}

/// Why there is no target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoTarget {
    /// Something could not be read.
    Unseen {
        /// What could not be read.
        what: String,
        /// The reason.
        unseen: Unseen,
    },
    /// Something is wrong.
    Wrong(Box<Finding>),
    /// A person must pass the version, and none was passed.
    NotGiven,
    /// The version file contains a placeholder between releases, and the version only at releases.
    NotSet {
        /// The file.
        path: String,
        /// The placeholder.
        text: String,
    },
}

impl NoTarget {
    /// The ruling of a gate in this case.
    #[must_use]
    pub fn ruling(&self) -> Ruling {
        match self {
            Self::Unseen { what, unseen } => Ruling::unseen(what, unseen),
            Self::Wrong(finding) => Ruling::no_go((**finding).clone()),
            Self::NotSet { path, text } => Ruling::no_go(
                Finding::new(format!("nothing to release: {}", not_set(path, text)))
                    .help(format!("set the version in `{path}` to the one to release"))
                    .who(Who::Author),
            ),
            Self::NotGiven => Ruling::no_go(
                Finding::new("no version was passed")
                    .help("pass `--version X.Y.Z`, or push the tag of the version")
                    .who(Who::Operator),
            ),
        }
    }

    /// Whether this is not an error: no version is due yet.
    #[must_use]
    pub fn waits(&self) -> bool {
        matches!(self, Self::NotGiven | Self::NotSet { .. })
    }

    /// The outcome of a command that needs a version.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::NotGiven => Outcome::Error,
            Self::Unseen { .. } | Self::Wrong(_) | Self::NotSet { .. } => {
                self.ruling().verdict().into()
            }
        }
    }

    /// The reason, for an error message.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let ruling = self.ruling();
        ruling.findings().first().cloned().unwrap_or_else(|| Finding::new(ruling.summary()))
    }
}

/// The finding that a version file contains a placeholder.
#[must_use]
pub fn not_set(path: &str, text: &str) -> String {
    format!("`{text}` in `{path}` is a placeholder")
}

/// Finds the version to release.
///
/// # Errors
/// When a file or the history that it depends on is unseen or wrong.
pub fn target(
    manifest: &Manifest,
    request: &Request,
    files: &Files,
    history: &Seen<History>,
) -> Result<Target, NoTarget> {
    let (version, origin) = match (manifest.version.files.first(), &request.version) {
        (Some(file), asked) => from_file(file, files, asked.as_ref(), history)?,
        (None, Some(asked)) => (asked.clone(), Origin::Asked),
        (None, None) => from_history(manifest, history)?,
    };
    let version = in_scheme(manifest, version, &origin)?;
    let template = match names(manifest, files).first() {
        Some(name) => manifest.tag.value.with_name(name),
        None => manifest.tag.value.clone(),
    };
    let tag = template.tag(&version).map_err(|error| {
        let finding = Finding::new(error.to_string()).who(Who::Author);
        NoTarget::Wrong(Box::new(finding.at(
            &manifest.source.name,
            manifest.tag.span,
            "the tag format is set here",
        )))
    })?;
    Ok(Target { version, tag, origin })
}

/// The text of a file that must exist.
///
/// # Errors
/// When it is unseen, missing, or not text.
pub fn text<'f>(files: &'f Files, path: &str) -> Result<&'f str, NoTarget> {
    let wrong = |why: String, help: &str| {
        Err(NoTarget::Wrong(Box::new(Finding::new(why).help(help).who(Who::Author))))
    };
    match files.get(path).map(Seen::known) {
        Some(Ok(FileAt::Text(text))) => Ok(text),
        Some(Ok(FileAt::Absent)) => wrong(
            format!("`{path}` is not in the commit"),
            "commit the file, or fix its name in the manifest",
        ),
        Some(Ok(FileAt::Binary)) => {
            wrong(format!("`{path}` is not UTF-8 text"), "save it as UTF-8")
        }
        Some(Ok(FileAt::TooLarge { bytes })) => {
            let why = format!(
                "`{path}` is too large: {} bytes (limit: {})",
                grouped(bytes),
                grouped(LARGEST_FILE)
            );
            wrong(why, "shorten the file")
        }
        Some(Err(unseen)) => {
            Err(NoTarget::Unseen { what: format!("`{path}`"), unseen: unseen.clone() })
        }
        None => Err(NoTarget::Unseen {
            what: format!("`{path}`"),
            unseen: Unseen { why: "it was not read".into(), help: None, who: None },
        }),
    }
}

/// The package name in the version files; `None` if they contain several names.
#[must_use]
pub fn package(manifest: &Manifest, files: &Files) -> Option<String> {
    let name = |source: &VersionSource| {
        let package = site(source, files).ok()?.package;
        package.filter(|name| !name.trim().is_empty())
    };
    let mut names: BTreeSet<String> = manifest.version.files.iter().filter_map(name).collect();
    names.pop_first().filter(|_| names.is_empty())
}

/// The possible names of the project: the manifest's, and the package's.
#[must_use]
pub fn names(manifest: &Manifest, files: &Files) -> Vec<String> {
    manifest.name.iter().cloned().chain(package(manifest, files)).collect()
}

/// Parses the version with the scheme that the manifest sets.
fn in_scheme(manifest: &Manifest, version: Version, origin: &Origin) -> Result<Version, NoTarget> {
    let Some(scheme) = &manifest.version.scheme else { return Ok(version) };
    version.in_scheme(scheme.value).map_err(|error| {
        let finding = Finding::new(format!("`{version}` is {error}")).who(origin.who());
        let name = &manifest.source.name;
        let finding = match origin {
            Origin::File { path, span } => finding
                .at(path, *span, "the version")
                .note(format!("`version.scheme` in `{name}` is `{}`", scheme.value)),
            Origin::Asked | Origin::Commits { .. } | Origin::First | Origin::Last => {
                finding.at(name, scheme.span, "the scheme is set here")
            }
        };
        NoTarget::Wrong(Box::new(finding.help("choose a version of the scheme, or another scheme")))
    })
}

/// The location of the version in a version file, or in a file that it refers to.
///
/// # Errors
/// When one of them is unseen, missing, or contains no version.
pub fn site(source: &VersionSource, files: &Files) -> Result<Site, NoTarget> {
    read_site(source, files)?.map_err(|error| no_site(&error))
}

fn read_site(source: &VersionSource, files: &Files) -> Result<Result<Site, SiteError>, NoTarget> {
    let source = in_commit(source, files);
    let text = text(files, &source.path.value)?;
    Ok(versions::read(&source, text, &Fetched(files)))
}

/// A version file, or the former one if the commit has only that.
#[must_use]
pub fn in_commit<'s>(source: &'s VersionSource, files: &Files) -> Cow<'s, VersionSource> {
    let is_absent = |path: &str| {
        files.get(path).and_then(|seen| seen.known().ok()).map(|file| *file == FileAt::Absent)
    };
    match source.before() {
        Some(former)
            if is_absent(&source.path.value) == Some(true)
                && is_absent(&former.path.value) == Some(false) =>
        {
            Cow::Owned(former)
        }
        Some(_) | None => Cow::Borrowed(source),
    }
}

/// The version in the former file, in a commit that has both files; `None` if it contains no
/// version.
///
/// # Errors
/// When it cannot be read, or it is unclear whether it contains a version.
pub fn former_site(source: &VersionSource, files: &Files) -> Result<Option<Site>, NoTarget> {
    let Some(former) = source.before() else { return Ok(None) };
    match files.get(&former.path.value).map(Seen::known) {
        None | Some(Ok(FileAt::Absent)) => return Ok(None),
        Some(Ok(FileAt::Text(_) | FileAt::Binary | FileAt::TooLarge { .. }) | Err(_)) => {}
    }
    match read_site(&former, files)? {
        Ok(site) => Ok(Some(site)),
        Err(SiteError::Missing { .. } | SiteError::NoMatch { .. }) => Ok(None),
        Err(SiteError::Elsewhere { .. } | SiteError::Placeholder { .. }) => Ok(None),
        Err(error) => Err(no_site(&error)),
    }
}

/// Whether the first version file has a placeholder.
#[must_use]
pub fn is_placeholder(manifest: &Manifest, files: &Files) -> bool {
    let site = |source| read_site(source, files);
    let first = manifest.version.files.first().map(site);
    matches!(first, Some(Ok(Err(SiteError::Placeholder { .. }))))
}

/// Whether the file with a placeholder had the version at the last release.
fn is_set_at_releases(history: &Seen<History>) -> bool {
    history.known().is_ok_and(|history| {
        let base = history.base.as_ref().map(|base| &base.version);
        base.is_some() && base == history.base_carries.as_ref()
    })
}

/// The fetched files of a commit.
pub struct Fetched<'f>(pub &'f Files);

impl Tree for Fetched<'_> {
    fn look(&self, path: &str) -> FileState<'_> {
        match self.0.get(path).map(Seen::known) {
            None => FileState::NotFetched,
            Some(Ok(FileAt::Text(text))) => FileState::Text(text.into()),
            Some(Ok(FileAt::Absent)) => FileState::Absent,
            Some(Ok(FileAt::Binary)) => FileState::Unread("it is not UTF-8 text".into()),
            Some(Ok(FileAt::TooLarge { bytes })) => {
                FileState::Unread(format!("it is too large ({} bytes)", grouped(bytes)))
            }
            Some(Err(unseen)) => FileState::Unread(unseen.why.clone()),
        }
    }
}

fn from_file(
    source: &VersionSource,
    files: &Files,
    asked: Option<&Version>,
    history: &Seen<History>,
) -> Result<(Version, Origin), NoTarget> {
    let site = match read_site(source, files)? {
        // With `--version`, a release is expected.
        Err(SiteError::Placeholder { path, text, .. })
            if asked.is_none() && is_set_at_releases(history) =>
        {
            return Err(NoTarget::NotSet { path, text });
        }
        site => site.map_err(|error| no_site(&error))?,
    };
    let path = site.path.as_str();
    match asked {
        Some(asked) if *asked != site.version => {
            let finding = Finding::new(format!(
                "`--version {asked}` differs from the version in \
                `{path}`"
            ))
            .at(path, site.span, format!("{} here", site.version))
            .help(format!("set the version in `{path}` to {asked} and commit the change first"))
            .who(Who::Author);
            Err(NoTarget::Wrong(Box::new(finding)))
        }
        Some(_) | None => Ok((site.version, Origin::File { path: site.path, span: site.span })),
    }
}

/// The finding about a version file, at its location.
#[must_use]
pub fn no_site(error: &SiteError) -> NoTarget {
    if let SiteError::Unread { path, why } = error {
        let why = why.clone().unwrap_or_else(|| "it was not fetched".into());
        let unseen = Unseen { why, help: None, who: None };
        return NoTarget::Unseen { what: format!("`{path}`"), unseen };
    }
    let mut finding = Finding::new(error.to_string()).who(Who::Author);
    if let Some(span) = error.span() {
        finding = finding.at(error.path(), span, "");
    }
    finding.help = error.help();
    NoTarget::Wrong(Box::new(finding))
}

fn from_history(
    manifest: &Manifest,
    history: &Seen<History>,
) -> Result<(Version, Origin), NoTarget> {
    if manifest.version.policy == Policy::Manual {
        return Err(NoTarget::NotGiven);
    }
    let history = history.known().map_err(|unseen| NoTarget::Unseen {
        what: "the history since the last release".into(),
        unseen: unseen.clone(),
    })?;
    let Some(base) = &history.base else { return first(manifest, history) };
    let account = account(&history.since, ChangeKinds::of(&manifest.version.kinds));
    Ok(match account.demand() {
        None => (base.version.clone(), Origin::Last),
        Some((bump, by)) => {
            let version = base.version.bumped(bump, manifest.version.zero);
            let version = version.map_err(|why| no_next(&base.version, why))?;
            not_taken(&version, history)?;
            let (by, description) = (by.sha.clone(), by.description.clone());
            (version, Origin::Commits { bump, by, description })
        }
    })
}

/// The first version, if there is no earlier release.
fn first(manifest: &Manifest, history: &History) -> Result<(Version, Origin), NoTarget> {
    if let Some(unseen) = unread_tags(manifest, history) {
        return Err(NoTarget::Unseen { what: "the last release".into(), unseen });
    }
    match history.tags.iter().find(|tag| tag.version.is_final()) {
        None => Ok((Version::new(0, 1, 0), Origin::First)),
        Some(tag) => {
            let why = format!("`{}` is not an ancestor of the commit", tag.tag);
            let help = Some("pass `--version`, or release a commit that descends from it".into());
            let unseen = Unseen { why, help, who: Some(Who::Operator) };
            Err(NoTarget::Unseen { what: "the previous release".into(), unseen })
        }
    }
}

/// Why the last release is unknown: tags look like versions in a format that tminus does not read.
#[must_use]
pub fn unread_tags(manifest: &Manifest, history: &History) -> Option<Unseen> {
    let (one, two) = (history.strange.first()?, history.strange.last()?);
    let named = match one == two {
        true => format!("tag `{one}` looks like a version"),
        false => format!("tags such as `{two}` and `{one}` look like versions"),
    };
    let why = format!("{named}, but `{}` does not match them", manifest.tag.value.as_str());
    let help = "set `tag` in the manifest to the format of the project's tags".to_owned();
    Some(Unseen { why, help: Some(help), who: Some(Who::Author) })
}

/// Rejects a version that is taken, or not higher than the newest version of its line on any
/// branch.
fn not_taken(version: &Version, history: &History) -> Result<(), NoTarget> {
    let line = |tag: &&VersionTag| {
        let same = |place: usize| tag.version.number(place) == version.number(place);
        let minor = version.number(2) == 0 || same(1);
        tag.version.is_final() && tag.version >= *version && same(0) && minor
    };
    let Some(tag) = history.tags.iter().find(line) else { return Ok(()) };
    let since =
        history.base.as_ref().map_or_else(String::new, |base| format!(" since {}", base.tag));
    let message = format!(
        "the commits{since} result in version {version}, but {} is already released (`{}` at {})",
        tag.version,
        tag.tag,
        tag.commit.short(),
    );
    let finding = Finding::new(message)
        .note(format!("`{}` is not an ancestor of the commit", tag.tag))
        .help("pass `--version`, or release a commit that descends from it")
        .who(Who::Operator);
    Err(NoTarget::Wrong(Box::new(finding)))
}

/// Why the next version cannot be computed from the commits since a version.
fn no_next(last: &Version, why: NoNextVersion) -> NoTarget {
    let finding = Finding::new(format!("the version after {last} cannot be computed: {why}"))
        .help("pass `--version`, or list a file that contains the version under `version.files`")
        .who(Who::Operator);
    NoTarget::Wrong(Box::new(finding))
}

/// Whether a version is higher than every released final version, so that it can become the latest
/// release.
#[must_use]
pub fn is_highest(version: &Version, tags: &[VersionTag]) -> bool {
    let finals = tags.iter().filter(|tag| tag.version.is_final());
    version.is_final() && finals.map(|tag| &tag.version).all(|other| other <= version)
}
