//! Parses the text of a version, for each scheme.

use super::key::{Key, Token, is_development_word};
use super::scheme::Scheme;
use pep440_rs::PrereleaseKind;
use semver::BuildMetadata;

/// Years that can start a version.
const YEARS: std::ops::RangeInclusive<u64> = 1990..=2199;

pub(super) fn key(text: &str, scheme: Scheme) -> Result<Key, String> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("it does not start with a number".into());
    }
    if text.contains(|c: char| c.is_whitespace()) {
        return Err("it contains a space".into());
    }
    match scheme {
        Scheme::Semver => semver(text),
        Scheme::Pep440 => pep440(text),
        Scheme::Calendar => semver(text).or_else(|_| dotted(text)).and_then(calendar),
        Scheme::Dotted => semver(text).or_else(|_| dotted(text)),
    }
}

/// Whether it starts with a year, or has the leading zeros of a date: `2026.11`, `24.04`.
pub(super) fn is_dated(text: &str) -> bool {
    let mut parts = text.split(['.', '-', '_']);
    let first = parts.next().unwrap_or_default();
    let year = first.len() == 4 && first.parse().is_ok_and(|year: u64| YEARS.contains(&year));
    let zero = |part: &str| part.len() == 2 && part.starts_with('0');
    year || (first.len() == 2 && parts.next().is_some_and(zero))
}

/// Whether it has only numbers and dots, so that it can be of any scheme.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn semver(text: &str) -> Result<Key, String> {
    let version = semver::Version::parse(text).map_err(|error| error.to_string())?;
    let mut key = Key::numbers(vec![version.major, version.minor, version.patch]);
    if !version.pre.is_empty() {
        let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let token = |part: &str| match number(part) {
            true => Token::number(part),
            false => Token::Word(part.into()),
        };
        key.tail = version.pre.split('.').map(token).chain([Token::End]).collect();
    }
    key.build = version.build;
    Ok(key)
}

fn pep440(text: &str) -> Result<Key, String> {
    let version: pep440_rs::Version =
        text.parse().map_err(|error: pep440_rs::VersionParseError| error.to_string())?;
    let mut key = Key::numbers(version.release().to_vec());
    key.epoch = version.epoch();
    let number = |number: u64| Token::number(&number.to_string());
    let mut tail = Vec::new();
    if let Some(pre) = version.pre() {
        let word = match pre.kind {
            PrereleaseKind::Alpha => "alpha",
            PrereleaseKind::Beta => "beta",
            PrereleaseKind::Rc => "rc",
        };
        tail.extend([Token::Word(word.into()), number(pre.number)]);
    }
    if let Some(post) = version.post() {
        tail.extend([Token::Post, number(post)]);
    }
    if let Some(dev) = version.dev() {
        tail.extend([Token::Development, number(dev)]);
    }
    if tail.is_empty() {
        tail.push(Token::Final);
    }
    tail.push(Token::End);
    key.tail = tail;
    key.local = version.local().to_vec();
    Ok(key)
}

/// A key whose first number can be a year.
fn calendar(key: Key) -> Result<Key, String> {
    match key.numbers.first() {
        Some(year) if *year < 100 || YEARS.contains(year) => Ok(key),
        Some(_) | None => Err("its first number is not a year".into()),
    }
}

/// Numbers separated by dots, or by hyphens as in a date, and the words after them.
fn dotted(text: &str) -> Result<Key, String> {
    let (text, build) = text.split_once('+').unwrap_or((text, ""));
    let build = BuildMetadata::new(build).map_err(|error| error.to_string())?;
    let separator = if is_date(text) { '-' } else { '.' };
    let mut numbers = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        numbers.push(digits.parse().map_err(|_| format!("`{digits}` is too large"))?);
        rest = behind;
        let next = rest.strip_prefix(separator);
        match next.filter(|next| next.starts_with(|c: char| c.is_ascii_digit())) {
            Some(next) => rest = next,
            None => break,
        }
    }
    if numbers.len() < 2 {
        return Err("it has only one number".into());
    }
    let mut key = Key::numbers(numbers);
    key.separator = separator;
    key.build = build;
    if !rest.is_empty() {
        key.tail = words(rest)?;
    }
    Ok(key)
}

/// `2026-01-06`, if the hyphens cannot mean anything else.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    matches!(parts.as_slice(), [year, _, _] if year.len() == 4) && parts.iter().all(number)
}

/// The part after the numbers: words such as `rc`, each with its number.
fn words(text: &str) -> Result<Vec<Token>, String> {
    let mut tail = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        rest = rest.strip_prefix(['.', '-', '_']).unwrap_or(rest);
        let is_number = rest.starts_with(|c: char| c.is_ascii_digit());
        let end = rest.find(|c: char| match is_number {
            true => !c.is_ascii_digit(),
            false => !c.is_ascii_alphabetic(),
        });
        let (part, behind) = rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or((rest, ""));
        rest = behind;
        match (is_number, tail.last()) {
            (true, Some(Token::Word(_) | Token::Post | Token::Development | Token::Number(..))) => {
                tail.push(Token::number(part));
            }
            (false, _) if !part.is_empty() => tail.push(word(part)?),
            _ => return Err(format!("unexpected `{text}` after the numbers")),
        }
    }
    tail.push(Token::End);
    Ok(tail)
}

fn word(word: &str) -> Result<Token, String> {
    let known = |word: &str| Ok(Token::Word(word.into()));
    match word.to_ascii_lowercase().as_str() {
        "a" | "alpha" => known("alpha"),
        "b" | "beta" => known("beta"),
        "m" | "milestone" => known("milestone"),
        "c" | "rc" | "cr" | "pre" | "preview" => known("rc"),
        "p" | "post" | "patch" | "sp" | "hotfix" | "rev" => Ok(Token::Post),
        "final" | "ga" | "release" | "stable" => Ok(Token::Final),
        dev if is_development_word(dev) => Ok(Token::Development),
        _ => Err(format!("unknown word `{word}`")),
    }
}
