//! Version schemes: what the parts of a version mean.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a version's parts mean, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// <https://semver.org>: `1.2.0-rc.1`.
    Semver,
    /// <https://peps.python.org/pep-0440/>: `1.2.0rc1`, `1.2.0.dev0`, `1.2.0.post1`.
    Pep440,
    /// Dates, <https://calver.org>: `26.1`, `2026.11.0`, `24.04`.
    Calendar,
    /// Two or more numbers, optionally followed by a word: `1.7`, `1.2.3.4`, `2.0-beta1`.
    Dotted,
}

impl Scheme {
    /// Every scheme, the strictest first.
    pub const ALL: [Self; 4] = [Self::Semver, Self::Pep440, Self::Calendar, Self::Dotted];

    /// Its name in the manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Semver => "semver",
            Self::Pep440 => "pep440",
            Self::Calendar => "calendar",
            Self::Dotted => "dotted",
        }
    }

    /// The noun for one of its versions, for messages.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Semver => "a semantic version",
            Self::Pep440 => "a PEP 440 version",
            Self::Calendar => "a calendar version",
            Self::Dotted => "a version of dotted numbers",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}
