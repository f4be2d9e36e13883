//! A version, as it was written.

use super::key::Key;
use super::parse;
use super::scheme::Scheme;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// Why a text is not a version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// It is not one of the scheme.
    #[error("not {}: {why}", .scheme.noun())]
    Scheme {
        /// The scheme.
        scheme: Scheme,
        /// In the parser's words.
        why: String,
    },
    /// It is not a version of any scheme.
    #[error(
        "not a version in any supported scheme (examples: `1.2.3-rc.1`, `1.2.3rc1`, `2026.11`, `1.7`)"
    )]
    None,
}

/// A version, as it was written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    pub(super) text: String,
    pub(super) scheme: Scheme,
    pub(super) key: Box<Key>,
}

impl Version {
    /// The maximum length of a version.
    const LONGEST: usize = 256;

    /// The semantic version of three numbers.
    #[must_use]
    pub fn new(major: u64, minor: u64, patch: u64) -> Self {
        let key = Box::new(Key::numbers(vec![major, minor, patch]));
        Self { text: format!("{major}.{minor}.{patch}"), scheme: Scheme::Semver, key }
    }

    /// Parses a text as a version of a scheme.
    ///
    /// # Errors
    /// When it is not a version of this scheme.
    pub fn parse(text: &str, scheme: Scheme) -> Result<Self, VersionError> {
        let why = |why: String| VersionError::Scheme { scheme, why };
        if text.len() > Self::LONGEST {
            return Err(why("it is too long".into()));
        }
        let key = parse::key(text, scheme).map_err(why)?;
        Ok(Self { text: text.into(), scheme, key: Box::new(key) })
    }

    /// Parses a text as a version of the first scheme that accepts it, the strictest first. A
    /// version that starts with a year is a calendar version.
    ///
    /// # Errors
    /// When no scheme accepts it.
    pub fn read(text: &str) -> Result<Self, VersionError> {
        if parse::is_dated(text)
            && let Ok(version) = Self::parse(text, Scheme::Calendar)
        {
            return Ok(version);
        }
        // Numbers alone do not determine the scheme.
        let python = Some(Scheme::Pep440).filter(|_| !parse::is_plain(text));
        let schemes = [Some(Scheme::Semver), python, Some(Scheme::Dotted)].into_iter().flatten();
        let mut found = schemes.filter_map(|scheme| Self::parse(text, scheme).ok());
        found.find(|version| version.numbers().len() > 1).ok_or(VersionError::None)
    }

    /// The same text as a version of another scheme.
    ///
    /// # Errors
    /// When it is not a version of that scheme.
    pub fn in_scheme(&self, scheme: Scheme) -> Result<Self, VersionError> {
        Self::parse(&self.text, scheme)
    }

    /// The order of precedence. SemVer's build metadata is ignored.
    #[must_use]
    pub fn cmp_precedence(&self, other: &Self) -> Ordering {
        self.key.cmp_precedence(&other.key)
    }

    /// The version as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part after the release numbers: `-rc.1`, `rc1`, or nothing.
    #[must_use]
    pub fn suffix(&self) -> &str {
        let mut rest = self.text.split_once('!').map_or(self.text.as_str(), |(_, rest)| rest);
        for n in 0..self.key.numbers.len() {
            let rest_of = if n == 0 { rest } else { rest.get(1..).unwrap_or_default() };
            rest = rest_of.trim_start_matches(|c: char| c.is_ascii_digit());
        }
        rest
    }

    /// The scheme that it was parsed with.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The release numbers that were written.
    #[must_use]
    pub fn numbers(&self) -> &[u64] {
        &self.key.numbers
    }

    /// One of the release numbers; 0 if it was not written.
    #[must_use]
    pub fn number(&self, place: usize) -> u64 {
        self.key.numbers.get(place).copied().unwrap_or(0)
    }

    /// Whether it is not a pre-release. A post-release is final.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.key.is_final()
    }

    /// Whether it is a development version, which is never released: `1.3.0.dev0`,
    /// `1.3.0-SNAPSHOT`.
    #[must_use]
    pub fn is_development(&self) -> bool {
        self.key.is_development(self.scheme)
    }

    /// Whether it is a placeholder for a version that is set elsewhere: all numbers are zero.
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        self.key.numbers.iter().all(|number| *number == 0)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.text)
    }
}

/// Compares the precedence: `1.0` and `1.0.0` are equal, however they are written.
impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl FromStr for Version {
    type Err = VersionError;
    fn from_str(text: &str) -> Result<Self, VersionError> {
        Self::read(text)
    }
}

impl TryFrom<String> for Version {
    type Error = VersionError;
    fn try_from(text: String) -> Result<Self, VersionError> {
        Self::read(&text)
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.text
    }
}
