//! Chooses the files that contain the version, according to their content at the last releases.

use super::form::{Form, forms};
use super::places::UNUSUAL;
use crate::base::source::{Span, Spanned};
use crate::base::version::Version;
use crate::project::manifest::{LinePattern, VersionSource};
use crate::project::versions::{self, FileState, Site, SiteError, Tree, is_trusted};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How many tag formats, those with the most tags, are compared with every file.
const USUAL_FORMS: usize = 2;
/// How many releases prove that a file contains the version at releases, and a placeholder in
/// between.
const SET_AT_RELEASES: usize = 2;
/// How many tag formats are compared with each file.
const MOST_FORMS: usize = 6;
/// The text of files, by path; `None` for a file that does not exist.
pub type Texts = BTreeMap<String, Option<String>>;

/// The known data about a repository's files and releases.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Files in the working tree.
    pub now: Texts,
    /// Files at the commits of tags, by tag.
    pub past: BTreeMap<String, Texts>,
}

/// A file to fetch: from the working tree, or from the commit of a tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// The tag; `None` for the working tree.
    pub tag: Option<String>,
    /// The file.
    pub path: String,
}

/// The files that contain the version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// Their paths, the main one first. Empty if there is none.
    pub files: Vec<String>,
    /// Patterns for other places that must have the same version, each with its file.
    pub also: Vec<(String, &'static str)>,
    /// Their version.
    pub version: Option<Version>,
    /// The package name in the source file.
    pub package: Option<String>,
    /// The prefix of the tags whose versions match the source file, if there are any.
    pub prefix: Option<String>,
    /// The reasons, one line each.
    pub because: Vec<String>,
}

/// A file that may contain the version.
struct Candidate {
    path: String,
    /// Its rank; lower is preferred.
    rank: usize,
    site: Result<Site, SiteError>,
}

/// A file and a tag format, and how well they match.
struct Pair<'c> {
    candidate: &'c Candidate,
    site: &'c Site,
    form: Option<&'c Form>,
    /// The number of releases at which the file was searched for.
    looked: usize,
    /// The number of these releases at which it existed.
    there: usize,
    /// The number of these releases at which it contained their version.
    right: usize,
    /// The number of these releases at which it contained the version that it contains now.
    same: usize,
}

struct At<'k>(&'k Texts, Lacking);

/// How to treat a file that was not fetched.
#[derive(Debug, Clone, Copy)]
enum Lacking {
    /// It must be fetched.
    Wanted,
    /// It does not exist, because everything was fetched.
    Absent,
}

impl Tree for At<'_> {
    fn look(&self, path: &str) -> FileState<'_> {
        match self.0.get(path) {
            None => match self.1 {
                Lacking::Wanted => FileState::NotFetched,
                Lacking::Absent => FileState::Absent,
            },
            Some(None) => FileState::Absent,
            Some(Some(text)) => FileState::Text(text.into()),
        }
    }
}

/// The files that must be fetched before [`choose`] can decide; empty if it can.
#[must_use]
pub fn wanted(places: &[(usize, String)], tags: &[String], known: &Known) -> BTreeSet<Wanted> {
    let mut wanted = BTreeSet::new();
    let forms = forms(tags);
    for candidate in candidates(places, known, Lacking::Wanted) {
        let site = match &candidate.site {
            Ok(site) => Some(site),
            Err(SiteError::Unread { path, why: None }) => {
                wanted.insert(Wanted { tag: None, path: path.clone() });
                continue;
            }
            Err(SiteError::Placeholder { .. }) => None,
            Err(_) => continue,
        };
        for (tag, _) in fitting(&forms, &candidate.path, site).iter().flat_map(|it| it.newest()) {
            if let Err(SiteError::Unread { path, why: None }) =
                said(&candidate.path, tag, known, Lacking::Wanted)
            {
                wanted.insert(Wanted { tag: Some(tag.clone()), path });
            }
        }
    }
    wanted
}

/// Chooses the files that contain the version.
#[must_use]
pub fn choose(places: &[(usize, String)], tags: &[String], known: &Known) -> Sources {
    let forms = forms(tags);
    let candidates = candidates(places, known, Lacking::Absent);
    let mut sources = Sources::default();
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    for candidate in &candidates {
        match &candidate.site {
            Ok(site) => {
                let of = fitting(&forms, &candidate.path, Some(site));
                if of.is_empty() {
                    pairs.push(Pair {
                        candidate,
                        site,
                        form: None,
                        looked: 0,
                        there: 0,
                        right: 0,
                        same: 0,
                    });
                }
                let of = of.into_iter().map(|form| pair(candidate, site, form, known));
                pairs.extend(current(of.collect()));
            }
            Err(SiteError::Missing { .. } | SiteError::Unread { .. }) => {}
            Err(error) if is_trusted(&candidate.path) => {
                sources.because.push(format!("left out: {error}"));
            }
            Err(_) => {}
        }
    }
    // A file is not new if releases with tags of this package had it, whatever their form.
    let is_old = |pair: &&Pair<'_>| {
        let same = pairs.iter().filter(|other| other.candidate.path == pair.candidate.path);
        pair.there == 0 && same.filter(|other| other.is_own()).any(|other| other.there > 0)
    };
    let counting = pairs.iter().filter(|pair| pair.counts() && !is_old(pair));
    let best = counting.max_by_key(|pair| pair.score());
    if best.is_none_or(|best| best.right == 0)
        && let Some((candidate, form)) = set_at_releases(&candidates, &forms, known)
    {
        sources.prefix = Some(form.prefix.clone());
        sources.files.push(candidate.path.clone());
        sources.because.push(format!(
            "the version is in `{}` at releases, and a placeholder between them",
            candidate.path
        ));
        return sources;
    }
    let Some(best) = best else {
        let still = pairs.iter().filter(|pair| is_trusted(&pair.candidate.path));
        for pair in still.filter(|pair| pair.there > 0) {
            sources.because.push(pair.never_changes());
        }
        return sources;
    };
    let best = longest_known(best, &pairs);
    sources.prefix = best.form.filter(|_| best.right > 0).map(|form| form.prefix.clone());
    sources.version = Some(best.site.version.clone());
    sources.package.clone_from(&best.site.package);
    sources.files.push(best.candidate.path.clone());
    sources.because.push(best.carries());
    beside(best, &pairs, &mut sources);
    let again = versions::also(&best.candidate.path).iter().filter(|at| best.has_again(at, known));
    for pattern in again {
        sources.also.push((best.candidate.path.clone(), pattern));
        sources.because.push(format!(
            "`{}` has the same version at `{pattern}`, as in all recent releases",
            best.candidate.path
        ));
    }
    sources
}

/// The file that contains a placeholder now and contained the version at the last releases in a tag
/// format.
fn set_at_releases<'a>(
    candidates: &'a [Candidate],
    forms: &'a [Form],
    known: &Known,
) -> Option<(&'a Candidate, &'a Form)> {
    let is_placeholder = |one: &&Candidate| matches!(one.site, Err(SiteError::Placeholder { .. }));
    let went = candidates.iter().filter(is_placeholder).flat_map(|candidate| {
        let of = fitting(forms, &candidate.path, None).into_iter();
        of.map(move |form| (held(candidate, form, known), candidate, form))
    });
    let often = went.filter(|(Comparison { there, right, .. }, ..)| {
        *right >= SET_AT_RELEASES && right * 2 >= *there
    });
    let best = often.max_by_key(|(held, candidate, _)| (held.right, Reverse(candidate.rank)))?;
    Some((best.1, best.2))
}

/// Of the files that refer to the same version, the one that did so at the most releases: the
/// version may have been moved from it to a file that it includes.
fn longest_known<'p, 'c>(best: &'p Pair<'c>, pairs: &'p [Pair<'c>]) -> &'p Pair<'c> {
    let same = |pair: &&Pair<'_>| {
        let (one, other) = (pair.site, best.site);
        (&one.path, one.span) == (&other.path, other.span)
            && pair.form_prefix() == best.form_prefix()
    };
    let longer = pairs.iter().filter(same).max_by_key(|pair| pair.right);
    longer.filter(|longer| longer.right > best.right).unwrap_or(best)
}

/// The formats of tags that match a file now, among those that ever matched it. A replaced format has
/// lower versions than its successor. The tags of another package that is released together with this
/// one are not a successor.
fn current(mut pairs: Vec<Pair<'_>>) -> Vec<Pair<'_>> {
    let replaced = |old: &Pair<'_>| {
        pairs.iter().any(|new| {
            let is_newer = new.right > 0 && new.below() > old.below();
            is_newer && (new.is_own() || !old.is_own() || new.is_wholly_above(old))
        })
    };
    let keep: Vec<bool> = pairs.iter().map(|it| it.right == 0 || !replaced(it)).collect();
    let mut keep = keep.into_iter();
    pairs.retain(|_| keep.next().unwrap_or(true));
    pairs
}

/// Other package manifests in the same folder, which belong to the same releases.
fn beside(best: &Pair<'_>, pairs: &[Pair<'_>], sources: &mut Sources) {
    let folder = |path: &str| path.rfind('/').map(|at| path.split_at(at).0.to_owned());
    let mut seen = BTreeSet::from([best.candidate.path.clone()]);
    for pair in pairs {
        let path = &pair.candidate.path;
        let same_form = pair.form_prefix() == best.form_prefix();
        let near = folder(path) == folder(&best.candidate.path) && is_trusted(path);
        if !near || !same_form || !seen.insert(path.clone()) {
            continue;
        }
        if pair.site.path == best.site.path && pair.site.span == best.site.span {
            continue;
        }
        let always = pair.right == pair.there && pair.there == best.there;
        if pair.site.version == best.site.version && always {
            sources.files.push(path.clone());
            sources.because.push(pair.carries());
        } else if pair.there > 0 && pair.right == 0 {
            sources.because.push(pair.never_changes());
        } else {
            sources.because.push(format!(
                "ignoring `{path}`: its version is {}, but `{}` has {}",
                pair.site.version, best.candidate.path, best.site.version
            ));
        }
    }
}

impl Pair<'_> {
    /// Whether the file can be the source: its version matched a release, or matched none because
    /// the file is new.
    fn counts(&self) -> bool {
        let newest = self.form.and_then(|form| form.tags.first());
        let above = newest.is_none_or(|(_, version)| self.site.version >= *version);
        let above = above || self.looked == 0;
        match (self.there, self.right) {
            (0, _) => above && !self.site.private && is_trusted(&self.candidate.path),
            (_, 0) => self.is_raised(),
            // A file in an unusual place can mention a version for many reasons, and one that only
            // names the release line agrees with the first release of each.
            (_, right) => {
                self.candidate.rank != UNUSUAL && !self.names_lines() || 2 * right >= self.there
            }
        }
    }

    /// Whether the file that never had a released version has been raised above all of them.
    fn is_raised(&self) -> bool {
        let newest = self.form.and_then(|form| form.tags.first());
        let above = newest.is_some_and(|(_, version)| self.site.version > *version);
        let usual = self.candidate.rank != UNUSUAL && is_trusted(&self.candidate.path);
        above && self.same == 0 && usual && !self.site.private && !self.names_lines()
    }

    /// Whether the file has fewer numbers than the newest tag.
    fn names_lines(&self) -> bool {
        let newest = self.form.and_then(|form| form.tags.first());
        newest.is_some_and(|(_, newest)| self.site.version.numbers().len() < newest.numbers().len())
    }

    fn form_prefix(&self) -> Option<&str> {
        self.form.map(|form| form.prefix.as_str())
    }

    /// The highest version in the tag format that is not above the file's.
    fn below(&self) -> Option<&Version> {
        self.form?.below(&self.site.version)
    }

    /// Whether the tags can belong to this package according to their format: they name it, or no
    /// package.
    fn is_own(&self) -> bool {
        self.form.is_some_and(|form| {
            form.is_plain() || names(&form.prefix, &self.candidate.path, self.site)
        })
    }

    /// Whether even the lowest of its newest releases is above all releases in another format.
    fn is_wholly_above(&self, other: &Self) -> bool {
        let lowest = self.form.and_then(|form| form.newest().last());
        let highest = other.form.and_then(|form| form.tags.first());
        lowest.zip(highest).is_some_and(|((_, lowest), (_, highest))| lowest > highest)
    }

    /// The criteria for choosing between several: more is better.
    fn score(&self) -> impl Ord + use<> {
        let (there, right) = (self.there, self.right);
        let went = if right == 0 { 0 } else { 1 + usize::from(2 * right >= there) };
        let plain = self.form.is_some_and(Form::is_plain);
        let named =
            self.form.is_some_and(|form| names(&form.prefix, &self.candidate.path, self.site));
        let is_due = self
            .form
            .is_some_and(|form| form.tags.iter().all(|(_, version)| *version != self.site.version));
        let most = self.form.map_or(0, |form| form.tags.len());
        let depth = self.candidate.path.matches('/').count();
        (
            went,
            if plain { 2 } else { usize::from(named) },
            most,
            is_due,
            Reverse((self.candidate.rank, depth)),
            right,
        )
    }

    /// Whether a pattern finds the file's own version, now and at all releases.
    fn has_again(&self, pattern: &str, known: &Known) -> bool {
        let path = &self.candidate.path;
        let Ok(pattern) = LinePattern::new(pattern) else { return false };
        let place = Spanned::new(path.clone(), Span::default());
        let source = VersionSource { path: place, pattern: Some(pattern), former: None };
        let said = |texts: &Texts| {
            let text = texts.get(path)?.as_ref()?;
            let read = |source: Option<&VersionSource>| match source {
                Some(source) => versions::read(source, text, &At(texts, Lacking::Absent)),
                None => versions::read_path(path, text, &At(texts, Lacking::Absent)),
            };
            Some((read(Some(&source)).ok()?.version, read(None).ok()?.version))
        };
        let same = |texts: &Texts| said(texts).is_some_and(|(again, own)| again == own);
        let releases = self.form.into_iter().flat_map(|form| form.newest());
        let mut past = releases.filter_map(|(tag, _)| known.past.get(tag));
        self.right > 0 && self.right == self.there && past.all(&same) && same(&known.now)
    }

    fn carries(&self) -> String {
        let (path, version) = (&self.candidate.path, &self.site.version);
        let lead = if self.site.path == *path {
            String::new()
        } else {
            format!(", which refers to `{}`", self.site.path)
        };
        let mut line = format!("the version is in `{path}`{lead}: {version}");
        if self.right > 0 {
            line.push_str(&format!(", which matches {} of {}", self.right, releases(self.there)));
        }
        line
    }

    fn never_changes(&self) -> String {
        let (path, version) = (&self.candidate.path, &self.site.version);
        let at = if self.there == 1 { "the last release" } else { "any of the last releases" };
        format!(
            "ignoring `{path}` (now {version}): it did not contain the released version at {at}"
        )
    }
}

fn releases(count: usize) -> String {
    if count == 1 { "1 release".into() } else { format!("{count} releases") }
}

/// Whether a prefix of tags names the package of a file.
fn names(prefix: &str, path: &str, site: &Site) -> bool {
    let word = prefix.trim_end_matches(['v', 'V']).trim_end_matches(['-', '_', '/', '@', '.']);
    let name = site.package.as_deref().unwrap_or_default();
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    let last = |name: &str| name.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
    !word.is_empty() && (word == name || last(word) == last(name) || word == folder)
}

/// The tag formats that may belong to a file: the usual ones, those of its package, those without a
/// name, and the one with the highest version up to the file's, which may recently have replaced a
/// usual one.
fn fitting<'f>(forms: &'f [Form], path: &str, site: Option<&Site>) -> Vec<&'f Form> {
    let named = |form: &Form| site.is_some_and(|site| names(&form.prefix, path, site));
    let nearest = site.and_then(|site| {
        let below = forms.iter().filter_map(|form| Some((form.below(&site.version)?, form)));
        below.max_by(|a, b| a.0.cmp(b.0)).map(|(_, form)| form.prefix.as_str())
    });
    let fits = |(place, form): &(usize, &Form)| {
        *place < USUAL_FORMS || form.is_plain() || named(form) || nearest == Some(&form.prefix)
    };
    forms.iter().enumerate().filter(fits).map(|(_, form)| form).take(MOST_FORMS).collect()
}

fn pair<'c>(candidate: &'c Candidate, site: &'c Site, form: &'c Form, known: &Known) -> Pair<'c> {
    let Comparison { looked, there, right, same } = held(candidate, form, known);
    Pair { candidate, site, form: Some(form), looked, there, right, same }
}

/// How well a file matches the last releases in a tag format; see [`Pair`].
#[derive(Default)]
struct Comparison {
    looked: usize,
    there: usize,
    right: usize,
    same: usize,
}

fn held(candidate: &Candidate, form: &Form, known: &Known) -> Comparison {
    let mut all = Comparison::default();
    let now = candidate.site.as_ref().ok().map(|site| &site.version);
    for (tag, version) in form.newest() {
        let texts = known.past.get(tag);
        let Some(text) = texts.and_then(|texts| texts.get(&candidate.path)) else { continue };
        all.looked += 1;
        if text.is_none() {
            continue;
        }
        all.there += 1;
        let Ok(then) = said(&candidate.path, tag, known, Lacking::Absent) else { continue };
        all.right += usize::from(then.version == *version);
        all.same += usize::from(Some(&then.version) == now);
    }
    all
}

/// The version in a file at a tag's commit.
fn said(path: &str, tag: &str, known: &Known, lacking: Lacking) -> Result<Site, SiteError> {
    let unread = || SiteError::Unread { path: path.into(), why: None };
    let texts = known.past.get(tag).ok_or_else(unread)?;
    match texts.get(path) {
        None => Err(unread()),
        Some(None) => Err(SiteError::Missing { path: path.into(), what: "version" }),
        Some(Some(text)) => versions::read_path(path, text, &At(texts, lacking)),
    }
}

fn candidates(places: &[(usize, String)], known: &Known, lacking: Lacking) -> Vec<Candidate> {
    let read = |(rank, path): &(usize, String)| {
        let site = match known.now.get(path) {
            None => Err(SiteError::Unread { path: path.clone(), why: None }),
            Some(None) => return None,
            Some(Some(text)) => versions::read_path(path, text, &At(&known.now, lacking)),
        };
        Some(Candidate { path: path.clone(), rank: *rank, site })
    };
    places.iter().filter_map(read).collect()
}
