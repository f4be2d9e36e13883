//! Parses the values of options.

use crate::base::names::{BranchName, ItemId, RoleName, Slug, StageName};
use crate::base::version::{Version, VersionError};
use crate::project::manifest::seconds;
use jiff::Timestamp;
use std::str::FromStr;
use url::Url;

pub(super) fn branch(text: &str) -> Result<BranchName, String> {
    BranchName::new(text).map_err(|error| error.to_string())
}

pub(super) fn stage(text: &str) -> Result<StageName, String> {
    StageName::new(text).map_err(|error| error.to_string())
}

pub(super) fn role(text: &str) -> Result<RoleName, String> {
    RoleName::new(text).map_err(|error| error.to_string())
}

pub(super) fn item(text: &str) -> Result<ItemId, String> {
    ItemId::new(text).map_err(|error| error.to_string())
}

pub(super) fn repository(text: &str) -> Result<Slug, String> {
    Slug::new(text).map_err(|error| error.to_string())
}

/// A URL. Other code decides whether tminus sends anything there.
pub(super) fn address(text: &str) -> Result<String, String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.map(|_| text.to_owned()).ok_or_else(|| format!("`{text}` is not an HTTP URL"))
}

pub(super) fn version(text: &str) -> Result<Version, String> {
    text.parse().map_err(|error: VersionError| match text.strip_prefix(['v', 'V']) {
        Some(bare) if bare.parse::<Version>().is_ok() => {
            let v = text.strip_suffix(bare).unwrap_or_default();
            format!("write it without the `{v}`: `{bare}`")
        }
        Some(_) | None => error.to_string(),
    })
}

/// A number that starts at 1.
pub(super) fn number<T: FromStr<Err: std::fmt::Display> + PartialEq + Default>(
    text: &str,
) -> Result<T, String> {
    match text.parse() {
        Ok(number) if number == T::default() => Err("numbers start at 1".into()),
        Ok(number) => Ok(number),
        Err(error) => Err(error.to_string()),
    }
}

/// A time: a date and a time with an offset or a zone.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    let wrong = "write a date and a time with an offset, such as `2026-12-24T10:00:00Z`";
    text.parse().map_err(|_| wrong.into())
}

pub(super) fn duration(text: &str) -> Result<u64, String> {
    seconds(text).ok_or_else(|| no_duration(text))
}

/// Why a text is not a duration. The suggested text is a valid one.
fn no_duration(text: &str) -> String {
    let is_bare = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty();
    if is_bare && text.bytes().any(|byte| byte != b'0') {
        let with_unit = ["s", "m", "h"].map(|unit| format!("{text}{unit}"));
        let fit = with_unit.iter().filter(|it| seconds(it).is_some());
        let fit: Vec<String> = fit.map(|it| format!("`{it}`")).collect();
        return match fit.split_last() {
            Some((last, [])) => format!("the unit is missing: write {last}"),
            Some((last, others)) => {
                format!("the unit is missing: write {} or {last}", others.join(", "))
            }
            None => format!("`{text}` is too long for a duration"),
        };
    }
    // Replaces every number by 1: if that is a duration, only the numbers are invalid.
    let mut shape = text.replace(|c: char| c.is_ascii_digit(), "1");
    while shape.contains("11") {
        shape = shape.replace("11", "1");
    }
    if !is_bare && seconds(&shape).is_none() {
        return format!("`{text}` is not a duration, such as `10m` or `1h 30m`");
    }
    if text.chars().any(|c| c.is_ascii_digit() && c != '0') {
        format!("`{text}` is too long for a duration")
    } else {
        format!("`{text}` is not a duration above zero")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suggested_correction_of_a_duration_is_valid() {
        let why = |text: &str| duration(text).unwrap_err();
        for zero in ["0", "000", "0s", "0h 0m"] {
            assert_eq!(why(zero), format!("`{zero}` is not a duration above zero"));
        }
        let long = "99999999999999999999";
        for long in [long.to_owned(), format!("{long}h"), format!("1h {long}m")] {
            assert_eq!(why(&long), format!("`{long}` is too long for a duration"));
        }
        assert_eq!(why("90"), "the unit is missing: write `90s`, `90m` or `90h`");
        assert_eq!(why("9999999999"), "the unit is missing: write `9999999999s` or `9999999999m`");
        for other in ["", "soon", "5x", "-5m", "1.5h", "5 m 5"] {
            assert!(why(other).contains("such as `10m`"), "{other}: {}", why(other));
        }
        for text in why("90").split('`').skip(1).step_by(2) {
            assert!(duration(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_version_option_is_written_without_the_v_prefix() {
        assert_eq!(version("v1.2.3").unwrap_err(), "write it without the `v`: `1.2.3`");
        assert_eq!(version("V1.2.3-rc.1").unwrap_err(), "write it without the `V`: `1.2.3-rc.1`");
        assert_eq!(version("v1.2").unwrap_err(), "write it without the `v`: `1.2`");
        assert!(!version("v1").unwrap_err().contains("without"));
        assert!(version("1.2.3").is_ok());
    }

    #[test]
    fn invalid_numbers_and_urls_are_rejected() {
        assert_eq!(number::<u64>("0").unwrap_err(), "numbers start at 1");
        assert_eq!(number::<u64>("7"), Ok(7));
        assert!(number::<usize>("-1").is_err());
        for no in ["nonsense", "ftp://example.com", "", "example.com"] {
            assert!(address(no).is_err(), "{no}");
        }
        assert!(address("https://git.example.com/api/v3").is_ok());
        assert!(repository("nonsense").is_err() && repository("acme/x").is_ok());
    }
}
