//! Dates as people write them: `2026-01-06`, `6th January, 2026`, `(Jan 6, 2026)`, `January 2026`.

use jiff::civil::Date;

/// What a section says about its date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dated {
    /// A real day.
    On(Date),
    /// A month, by its first day.
    During(Date),
    /// Nothing.
    Missing,
    /// Something in place of a date that is not one: `TBD`, `2026-02-30`.
    Unreal(String),
}

/// A word with its place in the text, punctuation around it left out.
#[derive(Debug, Clone, Copy)]
struct Word<'t> {
    text: &'t str,
    start: usize,
    end: usize,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Words that stand in place of a date.
const PLACEHOLDERS: [&str; 12] = [
    "tbd",
    "tba",
    "tbc",
    "unreleased",
    "releasedate",
    "release-date",
    "wip",
    "upcoming",
    "unpublished",
    "todo",
    "pending",
    "undated",
];

/// Phrases that stand in place of a date.
const PHRASES: [&str; 6] = [
    "not yet released",
    "not released",
    "to be released",
    "in development",
    "under development",
    "in progress",
];

/// The first date in a text, and the text without it.
pub(super) fn find(text: &str) -> (Dated, String) {
    let words = words(text);
    for at in 0..words.len() {
        let found = numeric(&words, at).or_else(|| named(&words, at));
        if let Some((dated, start, end)) = found {
            let before = text.get(..start).unwrap_or_default();
            let behind = text.get(end..).unwrap_or_default();
            return (dated, format!("{before} {behind}"));
        }
    }
    (Dated::Missing, text.to_owned())
}

/// The text in place of a date, if a heading contains no date.
pub(super) fn placeholder(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let phrase = PHRASES.iter().find_map(|phrase| lower.find(phrase).map(|at| (at, phrase.len())));
    let words = words(text);
    let word = |word: &&Word<'_>| {
        let lower = word.text.to_ascii_lowercase();
        PLACEHOLDERS.contains(&lower.as_str()) || is_pattern(&lower)
    };
    if let Some(word) = words.iter().find(word) {
        return Some(word.text.to_owned());
    }
    let (at, length) = phrase?;
    text.get(at..at + length).map(str::to_owned)
}

/// Whether a line is about the date alone, as `Released on 2026-01-06.` is.
pub(super) fn alone(line: &str) -> Option<Dated> {
    let plain: String =
        line.chars().filter(|c| !matches!(c, '*' | '_' | '`' | '>' | '#')).collect();
    let (dated, rest) = find(&plain);
    let mut left = rest.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let said = |word: &str| {
        let lower = word.to_ascii_lowercase();
        let known = ["released", "release", "released:", "date", "on", "published", "out", "of"];
        known.contains(&lower.as_str()) || is_weekday(&lower)
    };
    match dated {
        Dated::Missing => {
            let held = placeholder(&plain)?;
            let count = plain.split_whitespace().count();
            (count <= 5 && !held.is_empty()).then_some(Dated::Unreal(held))
        }
        Dated::On(_) | Dated::During(_) | Dated::Unreal(_) => left.all(said).then_some(dated),
    }
}

fn is_weekday(word: &str) -> bool {
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        .iter()
        .any(|day| word.starts_with(day) && (word.len() == 3 || word.ends_with("day")))
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = !c.is_whitespace() && !"()[]{},;|*_`'\"".contains(c);
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                push(&mut words, text, from, at);
                start = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    words
}

/// Adds a word; one with a month's name between hyphens or slashes as its parts.
fn push<'t>(words: &mut Vec<Word<'t>>, text: &'t str, start: usize, end: usize) {
    let Some(whole) = text.get(start..end) else { return };
    let trimmed = whole.trim_matches(|c: char| matches!(c, ':' | '.' | '-' | '/' | '–' | '—'));
    let start = start + whole.find(trimmed).unwrap_or(0);
    if trimmed.is_empty() {
        return;
    }
    let parts: Vec<&str> = trimmed.split(['-', '/', '.']).collect();
    if parts.len() == 3 && parts.iter().any(|part| month(part).is_some()) {
        let mut at = start;
        for part in parts {
            words.push(Word { text: part, start: at, end: at + part.len() });
            at += part.len() + 1;
        }
    } else {
        words.push(Word { text: trimmed, start, end: start + trimmed.len() });
    }
}

fn digits(text: &str) -> Option<i16> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && digits(text).is_some_and(|year| (1970..3000).contains(&year))
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `2026-01-06`, `2026/1/6`, `2026-01-06T10:00:00Z`, `06.01.2026`; with dots only behind the first
/// word, which may be a version.
fn numeric(words: &[Word<'_>], at: usize) -> Option<(Dated, usize, usize)> {
    let word = words.get(at)?;
    let bare = match word.text.split_once('T') {
        Some((day, time)) if time.contains(':') => day,
        Some(_) | None => word.text,
    };
    let separator = bare.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&str> = bare.split(separator).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    let (one, two, three) = (digits(first)?, digits(second)?, digits(third)?);
    let short = second.len() < 3 && first.len().min(third.len()) < 3;
    let said = |day: Option<Date>| {
        day.filter(|_| short).map_or_else(|| Dated::Unreal(word.text.into()), Dated::On)
    };
    // `2026.01.06, version 1.2.0`
    let names_other = || {
        let next = words.get(at + 1).map(|word| word.text.to_ascii_lowercase());
        next.is_some_and(|next| matches!(next.as_str(), "version" | "release" | "v"))
    };
    let dated = match separator {
        '-' | '/' if is_year(first) => said(date(one, two, three)),
        '.' if is_year(first) && (at > 0 || names_other()) => said(date(one, two, three)),
        '.' | '-' | '/' if is_year(third) && first.len() < 3 && at > 0 => {
            // If both numbers can be the month, the earlier of the two dates is used, which is
            // never later than the intended one.
            said([date(three, two, one), date(three, one, two)].into_iter().flatten().min())
        }
        _ => return None,
    };
    Some((dated, word.start, word.end))
}

/// A date with a month's name.
fn named(words: &[Word<'_>], at: usize) -> Option<(Dated, usize, usize)> {
    let here = words.get(at)?;
    let month = month(here.text)?;
    let text = |place: Option<usize>| place.and_then(|place| words.get(place)).copied();
    let year = |place| text(place).filter(|word| is_year(word.text));
    let day = |place| text(place).filter(|word| ordinal(word.text).is_some());
    let behind = |steps: usize| Some(at + steps);
    let before = |steps: usize| at.checked_sub(steps);
    let of = text(before(1)).is_some_and(|word| word.text.eq_ignore_ascii_case("of"));
    let first = if of { before(2) } else { before(1) };
    // A day after the month, and a year soon after the day, possibly with a time between them.
    let late = || [2, 3, 4, 5].into_iter().find_map(|steps| year(behind(steps)));
    let (year, day) = match (day(first), year(behind(1)), day(behind(1)), year(before(1))) {
        (Some(day), Some(year), _, _) => (year, Some(day)),
        (_, None, Some(day), Some(year)) => (year, Some(day)),
        (_, None, Some(day), None) => (late()?, Some(day)),
        (None, Some(year), _, _) => (year, None),
        _ => return None,
    };
    let start = [year.start, here.start, day.map_or(here.start, |day| day.start)];
    let end = [year.end, here.end, day.map_or(here.end, |day| day.end)];
    let (start, end) = (start.into_iter().min()?, end.into_iter().max()?);
    let number = digits(year.text)?;
    let dated = match day {
        None => Dated::During(date(number, month, 1)?),
        Some(day) => match date(number, month, ordinal(day.text)?) {
            Some(date) => Dated::On(date),
            None => Dated::Unreal(format!("{} {} {}", day.text, here.text, year.text)),
        },
    };
    Some((dated, start, end))
}

fn month(word: &str) -> Option<i16> {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    let is_it = |month: &str| month == word || month.get(..3) == Some(&word);
    let place = if word == "sept" { Some(8) } else { MONTHS.iter().position(|it| is_it(it)) }?;
    i16::try_from(place + 1).ok()
}

/// A day of a month: `6`, `06`, `6th`.
fn ordinal(word: &str) -> Option<i16> {
    let lower = word.to_ascii_lowercase();
    let bare = ["st", "nd", "rd", "th"].iter().find_map(|end| lower.strip_suffix(end));
    let bare = bare.unwrap_or(&lower);
    (bare.len() < 3).then(|| digits(bare)).flatten()
}

/// `YYYY-MM-DD`, `2026-xx-xx`: a date that is still to be filled in.
fn is_pattern(word: &str) -> bool {
    let parts: Vec<&str> = word.split(['-', '/', '.']).collect();
    let letters = |part: &&str| part.chars().all(|c| c.is_ascii_digit() || "xymd?".contains(c));
    let open = |part: &&str| part.chars().any(|c| "xymd?".contains(c));
    let shaped = parts.len() == 3 && parts.iter().all(|part| (1..=4).contains(&part.len()));
    (shaped && parts.iter().all(letters) && parts.iter().skip(1).all(open))
        || (!word.is_empty() && word.chars().all(|c| c == '?') && word.len() > 1)
}
