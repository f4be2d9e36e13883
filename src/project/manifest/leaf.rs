//! Validates single values: durations, paths, globs.

use super::line_pattern::{LinePattern, LinePatternError};
use super::pattern::Pattern;
use super::shape::Shape;
use super::template::TagTemplate;
use crate::base::names::StageName;
use jiff::SpanRelativeTo;

/// Why a text is not valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InvalidValue {
    /// Completes "`key` is ...".
    pub(super) why: String,
    /// A fix that would work, if known.
    pub(super) help: Option<String>,
}

impl InvalidValue {
    fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), help: None }
    }

    fn help(why: impl Into<String>, help: impl Into<String>) -> Self {
        Self { why: why.into(), help: Some(help.into()) }
    }
}

/// The seconds of a duration in a manifest (`10m`, `1h 30m`, `14d`); a day has 24 hours.
///
/// `None` if it is not valid: zero, negative, a fraction of a second, or any other unit.
#[must_use]
pub fn seconds(text: &str) -> Option<u64> {
    // jiff accepts many more formats (`2 hours ago`, ISO 8601); tminus accepts only one.
    if !text.chars().all(|letter| letter.is_ascii_digit() || " wdhms".contains(letter)) {
        return None;
    }
    let span: jiff::Span = text.parse().ok()?;
    if span.get_milliseconds() != 0 || text.trim() != text || text.contains("  ") {
        return None;
    }
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    u64::try_from(length.as_secs()).ok().filter(|seconds| *seconds > 0)
}

/// Whether a text is valid for a shape that is a single word.
pub(super) fn misfit(shape: &Shape<'_>, text: &str) -> Option<InvalidValue> {
    match shape {
        Shape::Text => one_line(text),
        Shape::Name => StageName::new(text).err().map(|error| {
            InvalidValue::new(if text.is_empty() {
                "it is empty".into()
            } else {
                error.to_string()
            })
        }),
        Shape::Glob => one_line(text).or_else(|| glob(text)),
        Shape::Files => path(text).or_else(|| glob(text)),
        Shape::Path => path(text),
        Shape::Duration => match seconds(text) {
            Some(_) => None,
            None => Some(InvalidValue::help(
                format!("`{text}` is not a duration above zero"),
                "write it as `10m`, `1h 30m` or `14d`",
            )),
        },
        Shape::Tag => TagTemplate::new(text)
            .err()
            .map(|error| InvalidValue::help(error.to_string(), "the usual form is `v{version}`")),
        Shape::LinePattern => line_pattern(text),
        Shape::Flag
        | Shape::Integer { .. }
        | Shape::OneOf(_)
        | Shape::Argv
        | Shape::List { .. }
        | Shape::Dictionary(_)
        | Shape::Object(_)
        | Shape::Named { .. }
        | Shape::Choice { .. }
        | Shape::AnyOf(_) => None,
    }
}

fn one_line(text: &str) -> Option<InvalidValue> {
    if text.is_empty() {
        return Some(InvalidValue::new("it is empty"));
    }
    text.chars().any(control).then(|| {
        InvalidValue::new(
            "it contains a line break or a control \
        character",
        )
    })
}

/// Characters that end a line in some YAML parsers, or control a terminal: YAML 1.1 has more line
/// breaks than 1.2 (<https://yaml.org/spec/1.1/#b-next-line>).
fn control(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}

fn glob(text: &str) -> Option<InvalidValue> {
    let error = Pattern::new(text).err()?;
    Some(InvalidValue::new(format!("`{text}` is not a glob: {}", error.kind())))
}

fn line_pattern(text: &str) -> Option<InvalidValue> {
    let error = LinePattern::new(text).err()?;
    let help = match error {
        LinePatternError::Syntax(_) => return Some(InvalidValue::new(error.to_string())),
        LinePatternError::Captures(_) => {
            "put the version in parentheses, and other groups in `(?:…)`: `^version = \"(.+)\"`"
        }
    };
    Some(InvalidValue::help(error.to_string(), help))
}

/// Paths in the manifest must be inside the repository, on every platform.
fn path(text: &str) -> Option<InvalidValue> {
    let within = "paths are relative to the top of the repository";
    if let Some(misfit) = one_line(text) {
        return Some(misfit);
    }
    let drive = text.chars().next().is_some_and(|letter| letter.is_ascii_alphabetic())
        && text.get(1..2) == Some(":");
    if text.starts_with('/') || drive {
        return Some(InvalidValue::help(format!("`{text}` is an absolute path"), within));
    }
    if text.contains('\\') {
        let help = "write paths with `/`";
        return Some(InvalidValue::help(format!("`{text}` contains a backslash"), help));
    }
    let part = |wanted: &str| text.split('/').any(|part| part.eq_ignore_ascii_case(wanted));
    if part("..") {
        return Some(InvalidValue::help(format!("`{text}` points outside the repository"), within));
    }
    part(".git").then(|| InvalidValue::new(format!("`{text}` is inside `.git`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_seconds_and_a_day_has_24_hours() {
        for (text, expected) in [
            ("10m", 600),
            ("1h 30m", 5400),
            ("1h30m", 5400),
            ("14d", 14 * 86_400),
            ("24h", 86_400),
            ("45s", 45),
            ("1w", 7 * 86_400),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn invalid_and_zero_durations_are_rejected() {
        for text in [
            "",
            "0s",
            "-10m",
            "10",
            "10 minutes",
            "PT10M",
            "1.5h",
            "10m ago",
            "10ms",
            "1500ms",
            "m",
            "1mo",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_manifest_path_that_leaves_the_repository_is_rejected() {
        for text in
            ["/etc/passwd", "../x", "a/../../b", "a\\b", ".git/config", "a/.GIT/b", "C:x", ""]
        {
            assert!(misfit(&Shape::Path, text).is_some(), "{text}");
            assert!(misfit(&Shape::Files, text).is_some(), "{text}");
        }
        for text in ["Cargo.toml", "a..b/c", ".github/x.yml", "./a", "dist/ü.txt"] {
            assert_eq!(misfit(&Shape::Path, text), None, "{text}");
        }
    }
}
