//! The tags of a project: which of them are its versions, and the format of the next one.

use super::manifest::TagTemplate;
use crate::base::version::{Scheme, Version};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Words before a version that are not the name of a package.
const WORDS: [&str; 7] = ["", "release", "releases", "rel", "version", "ver", "r"];

/// Words before a version that mark a tag that is not a release.
const BEFORE_RELEASE: [&str; 9] =
    ["rc", "candidate", "alpha", "beta", "pre", "prerelease", "preview", "nightly", "snapshot"];

/// Seconds after which a format without new tags counts as abandoned, if other formats have newer
/// tags.
const LEFT: i64 = 2 * 365 * 24 * 60 * 60;

/// The format of a tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    /// The text before the version.
    prefix: String,
    /// The separator between its numbers.
    separator: char,
}

/// The format of a tag, and the version in it: the longest one at its end.
fn form_of(tag: &str) -> Option<(Shape, Version)> {
    let starts = |index: usize| {
        let before = tag.get(..index).and_then(|before| before.chars().next_back());
        !before.is_some_and(|letter| letter.is_ascii_digit() || letter == '.')
    };
    let places = tag.char_indices().filter(|(_, letter)| letter.is_ascii_digit());
    places.filter(|(index, _)| starts(*index)).find_map(|(index, _)| {
        let (prefix, text) = tag.split_at_checked(index)?;
        let (separator, version) = match Version::read(text) {
            Ok(version) => ('.', version),
            Err(_) => ['_', '-'].into_iter().find_map(|it| Some((it, separated(text, it)?)))?,
        };
        let shape = Shape { prefix: prefix.into(), separator };
        (!shape.is_before_release()).then_some((shape, version))
    })
}

/// The text before the version in a tag, and the version.
#[must_use]
pub fn split(tag: &str) -> Option<(&str, Version)> {
    let (shape, version) = form_of(tag)?;
    Some((tag.get(..shape.prefix.len())?, version))
}

/// A version whose two or three numbers are not separated by dots.
fn separated(text: &str, separator: char) -> Option<Version> {
    let template = |places: &str| {
        let text = places.replace('_', &separator.to_string());
        TagTemplate::new(&text).ok()
    };
    let version = template("{major}_{minor}_{patch}")?.version(text)?;
    (separator == '_' || version.is_final()).then_some(version)
}

impl Shape {
    /// The name before the version, if there is any.
    fn name(&self) -> String {
        let lower = self.prefix.to_lowercase();
        let before = lower
            .strip_suffix('v')
            .filter(|before| before.is_empty() || before.ends_with(['-', '_', '/', '@', '.']));
        normal(before.unwrap_or(&lower))
    }

    fn is_before_release(&self) -> bool {
        let name = self.name();
        name.split(['-', '/', '@', '.']).any(|word| BEFORE_RELEASE.contains(&word))
    }

    fn is_unnamed(&self) -> bool {
        WORDS.contains(&self.name().as_str())
    }

    /// Whether it contains one of the given names.
    fn has_name(&self, names: &BTreeSet<String>) -> bool {
        !self.is_unnamed() && names.contains(&self.name())
    }

    /// The template for tags in this format.
    fn template(&self, three: bool) -> String {
        let Self { prefix, separator } = self;
        match (separator, three) {
            ('.', _) => format!("{prefix}{{version}}"),
            (_, true) => format!("{prefix}{{major}}{separator}{{minor}}{separator}{{patch}}"),
            (_, false) => format!("{prefix}{{major}}{separator}{{minor}}"),
        }
    }
}

/// A name, normalized for comparison with names in tags.
fn normal(name: &str) -> String {
    let name = name.trim_matches(['-', '_', '/', '@', '.']).to_lowercase();
    name.replace('_', "-")
}

/// The names that tags of a package can contain: its own, and that without its scope.
fn names_of(names: &[String]) -> BTreeSet<String> {
    let last = |name: &String| name.rsplit('/').next().map(str::to_owned);
    let all = names.iter().cloned().chain(names.iter().filter_map(last));
    all.map(|name| normal(&name)).filter(|name| !name.is_empty()).collect()
}

/// The versions of one package, according to the tags of the repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionTags<'t> {
    /// Tags with their versions, in the order of the tags.
    pub versions: Vec<(&'t str, Version)>,
    /// If there are none, tags that look like versions in an unsupported format.
    pub strange: Vec<&'t str>,
}

/// Reads the tags of a package: those of its template, and those in other usual formats, because
/// the format may have changed. If the template contains a package's name, tags without a name
/// count only if they are below all tags with it: others may belong to another package.
#[must_use]
pub fn read<'t>(
    template: &TagTemplate,
    scheme: Option<Scheme>,
    names: &[String],
    tags: impl IntoIterator<Item = &'t str>,
) -> VersionTags<'t> {
    let own = Shape { prefix: template.prefix(), separator: '.' };
    let mut names = names_of(names);
    if !own.is_unnamed() {
        names.insert(own.name());
    }
    let in_scheme = |version: Version| match scheme {
        Some(scheme) => version.in_scheme(scheme).unwrap_or(version),
        None => version,
    };
    let mut reading = VersionTags::default();
    let mut unnamed = Vec::new();
    let mut lowest: Option<Version> = None;
    for tag in tags {
        if let Some(version) = template.version(tag) {
            if lowest.as_ref().is_none_or(|lowest| version < *lowest) {
                lowest = Some(version.clone());
            }
            reading.versions.push((tag, in_scheme(version)));
        } else if let Some((form, version)) = form_of(tag) {
            if form.is_unnamed() {
                unnamed.push((tag, in_scheme(version)));
            } else if form.has_name(&names) {
                reading.versions.push((tag, in_scheme(version)));
            } else {
                reading.strange.push(tag);
            }
        }
    }
    let counts = |version: &Version| {
        own.is_unnamed() || lowest.as_ref().is_some_and(|lowest| version < lowest)
    };
    reading.versions.extend(unnamed.into_iter().filter(|(_, version)| counts(version)));
    if !reading.versions.is_empty() || !own.is_unnamed() {
        reading.strange.clear();
    }
    reading
}

/// A tag and when its commit was made, in seconds since 1970; 0 if that is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// Its name.
    pub name: String,
    /// When.
    pub at: i64,
}

/// The format of a project's next tag, according to its existing tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// In the syntax of the manifest.
    pub template: String,
    /// The highest tag in this format.
    pub highest: String,
    /// The number of tags in this format.
    pub count: usize,
    /// The scheme, if it is not SemVer.
    pub scheme: Option<Scheme>,
    /// The highest tag of the project, if it has another format without a package name either: it
    /// is then unknown which of the two formats the next tag has.
    pub rival: Option<String>,
}

type Tagged<'t> = (Version, &'t Dated);

/// Chooses by the newest releases: first the package's own prefix, then no prefix or `v`, then any
/// other. Among several candidates, the one whose highest version is nearest to the version in the
/// file, and not above it. Only candidates are chosen; the other tags may show that the choice is
/// not certain.
#[must_use]
pub fn choose(
    tags: &[Dated],
    names: &[String],
    file: Option<&Version>,
    is_candidate: &dyn Fn(&str) -> bool,
) -> Option<Form> {
    let mut all: BTreeMap<Shape, Vec<Tagged<'_>>> = BTreeMap::new();
    for tag in tags {
        if let Some((form, version)) = form_of(&tag.name) {
            all.entry(form).or_default().push((version, tag));
        }
    }
    drop_mistakes(&mut all);
    for tagged in all.values_mut() {
        if tagged.iter().any(|(version, _)| version.is_final()) {
            tagged.retain(|(version, _)| version.is_final());
        }
        tagged.sort_by(|a, b| b.0.cmp(&a.0));
    }
    let is_candidate =
        |tagged: &[Tagged<'_>]| tagged.iter().any(|(_, tag)| is_candidate(&tag.name));
    let mut forms = all.clone();
    forms.retain(|_, tagged| is_candidate(tagged));
    let names = names_of(names);
    let own = |form: &Shape| form.has_name(&names);
    let plain = |form: &Shape| form.name().is_empty();
    let tiers: [&dyn Fn(&Shape) -> bool; 3] = [&own, &plain, &|_| true];
    let mut tiers = tiers.iter().map(|tier| {
        let inside = forms.iter().filter(|(form, _)| tier(form));
        inside.collect::<Vec<_>>()
    });
    let latest = forms.values().map(|tagged| age(tagged).0).max().unwrap_or(0);
    let mut newest = None;
    let near = tiers.find_map(|tier| {
        let lives = |one: &&OfShape<'_, '_>| latest - age(one.1).0 <= LEFT;
        let alive: Vec<_> = tier.iter().filter(lives).copied().collect();
        newest = newest.take().or_else(|| whole(alive.clone()));
        match file {
            Some(file) => nearest(&alive, file),
            None => newest,
        }
    });
    let (form, tagged) = near.or(newest)?;
    let (_, highest) = tagged.first()?;
    let three = form.separator == '.' || tagged.iter().any(|(it, _)| it.numbers().len() > 2);
    Some(Form {
        template: form.template(three),
        highest: highest.name.clone(),
        count: tagged.len(),
        scheme: scheme(tagged, file),
        rival: rival(form, &all, latest).filter(|_| plain(form)),
    })
}

/// The highest tag without a package name, if its format is not the chosen one.
fn rival(chosen: &Shape, forms: &BTreeMap<Shape, Vec<Tagged<'_>>>, latest: i64) -> Option<String> {
    let lives = |tagged: &[Tagged<'_>]| latest - age(tagged).0 <= LEFT;
    let plain = forms.iter().filter(|(form, tagged)| form.name().is_empty() && lives(tagged));
    let highest = plain.filter_map(|(form, tagged)| Some((form, tagged.first()?)));
    let (form, (_, tag)) = highest.max_by(|a, b| a.1.0.cmp(&b.1.0))?;
    (form != chosen).then(|| tag.name.clone())
}

/// Drops formats that have only pre-releases, if a format with releases has the same versions: such
/// tags were a mistake.
fn drop_mistakes(forms: &mut BTreeMap<Shape, Vec<Tagged<'_>>>) {
    let has_releases = |tagged: &[Tagged<'_>]| tagged.iter().any(|(it, _)| it.is_final());
    let known: BTreeSet<Vec<u64>> = forms
        .values()
        .filter(|tagged| has_releases(tagged))
        .flatten()
        .map(|(version, _)| version.numbers().to_vec())
        .collect();
    forms.retain(|_, tagged| {
        has_releases(tagged) || !tagged.iter().all(|(it, _)| known.contains(it.numbers()))
    });
}

/// The newest format; for a package and its parts (`widget`, `widget-core`), that of the package.
fn whole<'a, 't>(forms: Vec<OfShape<'a, 't>>) -> Option<OfShape<'a, 't>> {
    let newest = forms.iter().max_by_key(|one| age(one.1)).copied()?;
    let name = newest.0.name();
    let part = |one: &&OfShape<'a, 't>| {
        let whole = one.0.name();
        !whole.is_empty() && name.strip_prefix(&whole).is_some_and(|rest| rest.starts_with('-'))
    };
    forms.into_iter().find(|one| part(&one)).or(Some(newest))
}

/// When the newest tag was created; if several have the same age, the highest version decides.
fn age<'t>(tagged: &'t [Tagged<'_>]) -> (i64, Option<&'t Version>) {
    (tagged.iter().map(|(_, tag)| tag.at).max().unwrap_or(0), tagged.first().map(|(it, _)| it))
}

type OfShape<'a, 't> = (&'a Shape, &'a Vec<Tagged<'t>>);

fn nearest<'a, 't>(tier: &[OfShape<'a, 't>], file: &Version) -> Option<OfShape<'a, 't>> {
    let below = |one: &OfShape<'a, 't>| one.1.iter().map(|(it, _)| it).find(|it| *it <= file);
    let with = tier.iter().filter_map(|one| Some((below(one)?, Reverse(one.1.len()), *one)));
    with.max_by(|a, b| a.0.cmp(b.0).then_with(|| age(a.2.1).cmp(&age(b.2.1)))).map(|it| it.2)
}

/// The scheme of some tags, highest first, and of the version in the file; `None` for SemVer.
fn scheme(tagged: &[Tagged<'_>], file: Option<&Version>) -> Option<Scheme> {
    if is_calendar(tagged) {
        return Some(Scheme::Calendar);
    }
    let read = file.and_then(|file| Version::read(file.as_str()).ok());
    let newest = tagged.iter().take(10).map(|(version, _)| version);
    let schemes: BTreeSet<Scheme> = newest.chain(&read).map(Version::scheme).collect();
    let other = [Scheme::Pep440, Scheme::Dotted];
    other.into_iter().find(|scheme| schemes.contains(scheme))
}

/// Whether tags, highest first, contain the years in which they were created: four in five of the
/// last three major versions. If major versions only look like years, they do not increase with the
/// year.
fn is_calendar(tagged: &[Tagged<'_>]) -> bool {
    let mut majors: Vec<u64> = tagged.iter().map(|(version, _)| version.number(0)).collect();
    majors.dedup();
    majors.truncate(3);
    let last = tagged.iter().filter(|(version, _)| majors.contains(&version.number(0)));
    let (mut all, mut dated) = (0_usize, 0_usize);
    for (version, tag) in last {
        all += 1;
        dated += usize::from(version.scheme() == Scheme::Calendar || names_year(version, tag.at));
    }
    all > 0 && dated * 5 >= all * 4
}

/// Whether a version begins with the year in which it was tagged, or in which it was due a few
/// weeks earlier.
fn names_year(version: &Version, at: i64) -> bool {
    const LATE: i64 = 45 * 24 * 60 * 60;
    let year = |at: i64| {
        let time = Timestamp::from_second(at).ok().filter(|_| at > 0)?;
        u64::try_from(time.to_zoned(TimeZone::UTC).year() % 100).ok()
    };
    let said = Some(version.number(0));
    version.number(0) >= 16
        && version.number(1) <= 12
        && (year(at) == said || year(at - LATE) == said)
}

#[cfg(test)]
mod tests;
