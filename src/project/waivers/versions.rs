//! The versions that a waiver is for: one, or a range with both ends.

use crate::base::version::Version;
use std::cmp::Ordering;
use std::fmt;

/// One version, or a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    text: String,
    bounds: Vec<(Bound, Version)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Exactly,
    AtLeast,
    Above,
    AtMost,
    Below,
}

/// Why a text is not valid as the versions of a waiver.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionsError {
    /// The range lacks a lower or an upper bound.
    #[error("`{0}` lacks a lower or an upper bound")]
    Endless(String),
    /// It cannot be read.
    #[error("`{0}` is neither a version nor a range of versions")]
    Odd(String),
}

const BOUNDS: [(&str, Bound); 4] =
    [(">=", Bound::AtLeast), ("<=", Bound::AtMost), (">", Bound::Above), ("<", Bound::Below)];

impl Versions {
    /// Reads `1.4.0`, or `>=1.4.0, <1.5.0`.
    ///
    /// # Errors
    /// When it is neither, or a range that lacks a bound.
    pub fn read(text: &str) -> Result<Self, VersionsError> {
        let odd = || VersionsError::Odd(text.into());
        let bound = |part: &str| {
            let part = part.trim();
            let found = BOUNDS.iter().find_map(|(sign, bound)| {
                part.strip_prefix(sign).map(|version| (*bound, version.trim()))
            });
            let (bound, version) = found.unwrap_or((Bound::Exactly, part));
            Some((bound, version.parse::<Version>().ok()?))
        };
        if text.contains('*') || text.trim().eq_ignore_ascii_case("any") {
            return Err(VersionsError::Endless(text.into()));
        }
        let bounds: Vec<_> = text.split(',').map(bound).collect::<Option<_>>().ok_or_else(odd)?;
        let signs: Vec<Bound> = bounds.iter().map(|(bound, _)| *bound).collect();
        let is_range = |low: &Bound, high: &Bound| {
            matches!(low, Bound::AtLeast | Bound::Above)
                && matches!(high, Bound::AtMost | Bound::Below)
        };
        match signs.as_slice() {
            [Bound::Exactly] => {}
            [low, high] if is_range(low, high) || is_range(high, low) => {}
            [Bound::AtLeast | Bound::Above | Bound::AtMost | Bound::Below] => {
                return Err(VersionsError::Endless(text.into()));
            }
            [..] => return Err(odd()),
        }
        Ok(Self { text: text.trim().to_owned(), bounds })
    }

    /// Whether a version is one of them. Both are parsed in the scheme of that version.
    #[must_use]
    pub fn contain(&self, version: &Version) -> bool {
        self.bounds.iter().all(|(bound, limit)| {
            let limit = limit.in_scheme(version.scheme()).unwrap_or_else(|_| limit.clone());
            let order = version.cmp_precedence(&limit);
            match bound {
                Bound::Exactly => *version == limit,
                Bound::AtLeast => order != Ordering::Less,
                Bound::Above => order == Ordering::Greater,
                Bound::AtMost => order != Ordering::Greater,
                Bound::Below => order == Ordering::Less,
            }
        })
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(range: &str, version: &str) -> bool {
        Versions::read(range).unwrap().contain(&version.parse().unwrap())
    }

    #[test]
    fn a_waiver_accepts_a_version_or_a_bounded_range() {
        assert!(covers("1.4.0", "1.4.0"));
        assert!(!covers("1.4.0", "1.4.1") && !covers("1.4.0", "1.4.0-rc.1"));
        assert!(covers(">=1.4.0, <1.5.0", "1.4.9") && !covers(">=1.4.0, <1.5.0", "1.5.0"));
        assert!(covers("<=1.5.0,>1.4.0", "1.5.0") && !covers("<=1.5.0,>1.4.0", "1.4.0"));
        assert!(covers("2026.11", "2026.11") && covers("1.2.0rc1", "1.2.0rc1"));
    }

    #[test]
    fn an_open_ended_version_range_is_distinguished_from_an_invalid_one() {
        for endless in ["*", "1.*", ">=1.4.0", "<2.0.0", "any"] {
            let error = Versions::read(endless).unwrap_err();
            assert_eq!(error, VersionsError::Endless(endless.into()));
        }
        for odd in ["", "v", "soon", "1.4.0 1.5.0", "1.4.0, 1.5.0", ">1.0.0, >2.0.0", ">=1.0.0,"] {
            assert_eq!(Versions::read(odd).unwrap_err(), VersionsError::Odd(odd.into()), "{odd}");
        }
    }
}
