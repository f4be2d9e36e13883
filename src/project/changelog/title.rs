//! What a heading says: a version, its date, or "unreleased".

use super::day::{self, Dated};
use crate::base::version::Version;

/// A heading's text, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Title {
    /// The version, if there is one.
    pub(super) version: Option<Version>,
    /// The version as it is written, without `v`, or the whole text.
    pub(super) written: String,
    /// The text before the version, without filler words: `widget` in `Widget 1.2.0`.
    pub(super) name: String,
    /// The date, or the text in its place.
    pub(super) dated: Dated,
    /// Whether the version is followed only by a date or by separated text.
    pub(super) is_clean: bool,
    /// Whether it says that what follows is not released.
    pub(super) unreleased: Unreleased,
}

/// Whether a heading is that of what is not released yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unreleased {
    /// It is not.
    No,
    /// Its words could mean that, at the top of a file.
    Perhaps,
    /// It says so.
    Says,
}

/// The name of versions that are dates.
const BY_DAY: &str = "by day";

/// Words before a version that say no more than the version does.
const EMPTY_WORDS: [&str; 10] =
    ["version", "release", "released", "ver", "ver.", "v", "v.", "rel", "tag", "stable"];

/// Titles of unreleased changes, if no section of a version comes before.
const PERHAPS: [&str; 25] = [
    "next",
    "next release",
    "next version",
    "next up",
    "the next release",
    "upcoming",
    "upcoming release",
    "upcoming version",
    "upcoming changes",
    "head",
    "main",
    "master",
    "trunk",
    "dev",
    "develop",
    "development",
    "development version",
    "in development",
    "work in progress",
    "wip",
    "version next",
    "pending",
    "tbd",
    "tba",
    "vnext",
];

impl Title {
    /// Reads the visible text of a heading.
    pub(super) fn read(text: &str) -> Self {
        let plain = plain(&of_package(text).unwrap_or_else(|| text.to_owned()));
        let (found, rest) = day::find(&plain);
        // A date alone may be the version of a project that names its releases by days.
        let by_day = || version(&plain).map(|found| Found { name: BY_DAY.into(), ..found });
        let Some(found_version) = version(&rest).map(reached).or_else(by_day) else {
            return Self::without(&plain);
        };
        let Found { version, written, name, tail } = found_version;
        let dated = match found {
            Dated::Missing => day::placeholder(&tail).map_or(Dated::Missing, Dated::Unreal),
            found @ (Dated::On(_) | Dated::During(_) | Dated::Unreal(_)) => found,
        };
        let is_clean = is_clean(&tail);
        let unreleased = Unreleased::No;
        Self { version: Some(version), written, name, dated, is_clean, unreleased }
    }

    fn without(plain: &str) -> Self {
        let words: Vec<String> = plain
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let joined = words.join(" ");
        let says = ["unreleased", "not yet released", "not released", "unpublished"];
        let short = words.len() <= 6;
        let unreleased = if short && says.iter().any(|word| joined.contains(word)) {
            Unreleased::Says
        } else if PERHAPS.contains(&joined.as_str()) {
            Unreleased::Perhaps
        } else {
            Unreleased::No
        };
        let written = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        let written = written.trim_end_matches(':').trim_end().to_owned();
        let (name, dated) = (String::new(), Dated::Missing);
        Self { version: None, written, name, dated, is_clean: false, unreleased }
    }
}

/// The text without markup and pictures, its words apart.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '[' | ']' | '`' | '*' | '"' | '\u{201c}' | '\u{201d}' | '\u{feff}' => plain.push(' '),
            '–' | '—' | '·' | '•' => plain.push_str(" - "),
            '→' => plain.push_str(" -> "),
            c if c.is_ascii() || c.is_alphanumeric() => plain.push(c),
            '\u{2026}' => plain.push_str("..."),
            _ => plain.push(' '),
        }
    }
    plain
}

struct Found {
    version: Version,
    written: String,
    name: String,
    tail: String,
}

/// `widget (1:1.2.0-1) unstable; urgency=low`, the heading of a Debian package, without the epoch and
/// the number of the package's own revision.
fn of_package(text: &str) -> Option<String> {
    let (head, tail) = text.split_once(") ")?;
    let (name, version) = head.rsplit_once('(')?;
    let (distribution, _) = tail.split_once("; urgency=")?;
    let version = version.split_once(':').map_or(version, |(_, version)| version);
    let version = version.rsplit_once('-').map_or(version, |(version, _)| version);
    Some(format!("{name}({}) {distribution}", version.replace('~', "-")))
}

/// Of `between 1.1.0 and 1.2.0`, `from 1.1.0 to 1.2.0` or `1.1.0 -> 1.2.0`, the second version.
fn reached(first: Found) -> Found {
    let tail = first.tail.trim_start();
    let (link, behind) = tail.split_once(char::is_whitespace).unwrap_or((tail, ""));
    let (name, word) = first.name.rsplit_once(' ').unwrap_or(("", &first.name));
    let name = match (link.to_ascii_lowercase().as_str(), word) {
        ("and", "between") | ("to", "from") => name,
        ("->" | "=>" | "-->", _) => &first.name,
        _ => return first,
    };
    match version(behind) {
        Some(second) if second.name.is_empty() && second.version > first.version => {
            Found { name: name.to_owned(), ..second }
        }
        Some(_) | None => first,
    }
}

/// The first version in a text.
fn version(text: &str) -> Option<Found> {
    let mut name: Vec<String> = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || ",;|".contains(c));
        let end = rest.find(|c: char| c.is_whitespace() || ",;|".contains(c));
        let (word, behind) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        if word.is_empty() {
            return None;
        }
        rest = behind;
        // `1.2.0(2026-01-06)` and `(1.2.0)`.
        let opened = word.trim_start_matches('(');
        let (token, more) =
            opened.split_at_checked(opened.find(['(', ')']).unwrap_or(opened.len()))?;
        let token_end = token.trim_end_matches([':', '.', ',', '?', '!']);
        if let Some((before, written, version)) = token_version(token_end) {
            name.extend(before);
            let (version, written, used) = pre_release(version, written, behind);
            let tail = format!(
                "{}{more}{}",
                token.get(token_end.len()..).unwrap_or_default(),
                behind.get(used..).unwrap_or_default()
            );
            let name = name.iter().filter(|word| !EMPTY_WORDS.contains(&word.as_str()));
            let name = name.cloned().collect::<Vec<_>>().join(" ");
            return Some(Found { version, written, name, tail });
        }
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        if !word.is_empty() {
            name.push(word);
        }
    }
}

/// A version behind what may stand before it in one word: `v1.2.0`, `widget-1.2.0`, `@a/b@1.2.0`.
fn token_version(token: &str) -> Option<(Option<String>, String, Version)> {
    let bare = |text: &str| -> Option<(String, Version)> {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let text = text.strip_prefix('.').unwrap_or(text);
        if !text.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let version = Version::read(text).ok()?;
        (version.numbers().len() > 1).then(|| (text.to_owned(), version))
    };
    if let Some((written, version)) = bare(token) {
        return Some((None, written, version));
    }
    if token.contains("://") {
        return None;
    }
    let places = token.char_indices().filter(|(_, c)| "@/-_=:".contains(*c));
    for (at, c) in places {
        let (before, behind) = (token.get(..at)?, token.get(at + c.len_utf8()..)?);
        // `1.2.0-1.3.0` is a range, and `1.x-2.0` no name.
        if before.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        if let Some((written, version)) = bare(behind) {
            let before = before.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
            return Some(((!before.is_empty()).then_some(before), written, version));
        }
    }
    None
}

/// `1.2.0 RC 1`: a pre-release with spaces. How many bytes of what follows belong to it comes too.
fn pre_release(version: Version, written: String, behind: &str) -> (Version, String, usize) {
    let nothing = (version.clone(), written.clone(), 0);
    if !version.is_final() {
        return nothing;
    }
    let mut used = 0;
    let mut words = behind.split_inclusive(char::is_whitespace).filter_map(|word| {
        used += word.len();
        let bare = word.trim();
        (!bare.is_empty()).then_some((bare, used))
    });
    let Some((word, mut end)) = words.next() else { return nothing };
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    let number = word.get(letters.len()..).unwrap_or_default().trim_matches(['.', '-']);
    if !["alpha", "beta", "rc", "pre", "preview"].contains(&letters.to_ascii_lowercase().as_str()) {
        return nothing;
    }
    let mut number = number.to_owned();
    if let (true, Some((next, place))) = (number.is_empty(), words.next())
        && next.bytes().all(|byte| byte.is_ascii_digit())
    {
        (number, end) = (next.to_owned(), place);
    }
    let dot = if number.is_empty() { "" } else { "." };
    let text = format!("{written}-{}{dot}{number}", letters.to_ascii_lowercase());
    match Version::read(&text) {
        Ok(version) => (version, text, end.min(behind.len())),
        Err(_) => nothing,
    }
}

/// Whether what follows a version is nothing, or set apart from it.
fn is_clean(tail: &str) -> bool {
    let trimmed = tail.trim_start();
    if !trimmed.contains(|c: char| c.is_alphanumeric()) {
        return true;
    }
    let apart =
        trimmed.starts_with(['-', '/', '(', ':', ',', '|', '#', '{', '~', '=', ')', ';', '_']);
    let known =
        ["released", "release", "date", "on", "yanked", "stable", "lts", "final", "by", "at"];
    let mut words = trimmed.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    // `GA Released Tue 6 Jan 2026 20:17:04 UTC`: the date is gone, and the time is left.
    let released = words.clone().take(2).any(|word| word.eq_ignore_ascii_case("released"));
    apart || released || words.all(|word| known.contains(&word.to_ascii_lowercase().as_str()))
}
