//! How long people usually take to make a statement, according to earlier releases. No decision
//! depends on it.

use crate::base::awaited::Awaited;
use crate::base::moment::length;
use crate::facts::Facts;
use crate::judge::durations::median;
use jiff::SignedDuration;

/// The minimum number of releases for an estimate.
const LEAST: usize = 3;

/// How long a statement usually takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual {
    /// The median.
    pub takes: SignedDuration,
    /// The number of releases.
    pub releases: usize,
}

impl Usual {
    /// How long a statement usually took in the last releases; `None` if there are too few.
    #[must_use]
    pub fn of(facts: &Facts, what: &Awaited) -> Option<Self> {
        let past = facts.past.known().ok()?;
        let answers = past.iter().flat_map(|release| &release.answers);
        let seconds = answers.filter(|answer| answer.what == *what).map(|answer| answer.seconds);
        let mut lengths: Vec<SignedDuration> = seconds
            .filter_map(|seconds| Some(SignedDuration::from_secs(i64::try_from(seconds).ok()?)))
            .collect();
        lengths.sort_unstable();
        let releases = lengths.len();
        let takes = median(&lengths).filter(|_| releases >= LEAST)?;
        Some(Self { takes, releases })
    }

    /// For people: `4 h (5 releases)`.
    #[must_use]
    pub fn words(&self) -> String {
        let seconds = u64::try_from(self.takes.as_secs()).unwrap_or(0);
        format!("{} ({} releases)", length(seconds), self.releases)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_usual_in_words() {
        let usual = Usual { takes: SignedDuration::from_hours(4), releases: 5 };
        assert_eq!(usual.words(), "4 h (5 releases)");
    }
}
