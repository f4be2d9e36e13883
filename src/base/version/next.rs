//! Version bumps, and the version that results from a bump.

use super::key::Key;
use super::scheme::Scheme;
use super::value::Version;
use serde::{Deserialize, Serialize};

/// The size of the change from one version to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// `1.2.3` to `1.2.4`.
    Patch,
    /// `1.2.3` to `1.3.0`.
    Minor,
    /// `1.2.3` to `2.0.0`.
    Major,
}

/// Why the next version cannot be computed from the changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoNextVersion {
    /// It depends on the date and on the project's conventions.
    #[error("a calendar version cannot be computed from commits")]
    Calendar,
    /// There is no number above it.
    #[error("there is no higher number")]
    Last,
}

impl Version {
    /// The version after a bump, with as many numbers as this one has. Below 1.0, a breaking change
    /// bumps the version as `zero` says, and no change bumps it further. A pre-release already
    /// contains the bump that it prepares.
    ///
    /// # Errors
    /// When the next version cannot be computed.
    pub fn bumped(&self, bump: Bump, zero: Bump) -> Result<Self, NoNextVersion> {
        if self.scheme == Scheme::Calendar {
            return Err(NoNextVersion::Calendar);
        }
        let bump = if self.number(0) == 0 { bump.min(zero) } else { bump };
        let mut numbers = self.numbers().to_vec();
        if self.is_final() {
            let place = match bump {
                Bump::Major => 0,
                Bump::Minor => 1,
                Bump::Patch => 2,
            };
            numbers.resize(numbers.len().max(place + 1), 0);
            for (at, number) in numbers.iter_mut().enumerate() {
                if at == place {
                    *number = number.checked_add(1).ok_or(NoNextVersion::Last)?;
                } else if at > place {
                    *number = 0;
                }
            }
        }
        Ok(self.with(numbers))
    }

    /// The final version of the same numbers.
    #[must_use]
    pub fn released(&self) -> Self {
        self.with(self.numbers().to_vec())
    }

    /// The bump from another version; `None` if this version is not higher.
    #[must_use]
    pub fn moved_to(&self, to: &Self) -> Option<Bump> {
        if self.key.epoch < to.key.epoch || to.number(0) > self.number(0) {
            Some(Bump::Major)
        } else if to.number(0) == self.number(0) && to.number(1) > self.number(1) {
            Some(Bump::Minor)
        } else {
            (to > self).then_some(Bump::Patch)
        }
    }

    fn with(&self, numbers: Vec<u64>) -> Self {
        let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let epoch = self.key.epoch;
        let before = if epoch == 0 { String::new() } else { format!("{epoch}!") };
        let text = format!("{before}{}", texts.join(&self.key.separator.to_string()));
        let mut key = Key::numbers(numbers);
        (key.epoch, key.separator) = (epoch, self.key.separator);
        Self { text, scheme: self.scheme, key: Box::new(key) }
    }
}
