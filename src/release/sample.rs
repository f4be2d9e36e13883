//! Verification samples: what is sampled, the result of a round, and the resulting state.
//!
//! The state of each stage is small and replaced as a whole, so it does not grow, even if a soak
//! takes weeks with a sample every minute.

use crate::base::names::{Digest, EnvironmentName, StageName, TagName};
use crate::base::word::{Tone, Word};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of this format.
pub const FORMAT: u32 = 1;

/// How many intervals without a sample stop the soak.
const GAP: i64 = 3;

/// What is sampled, in its sealed form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SampleSource {
    /// A command: exit 0 is a success, 1 a failure, anything else inconclusive.
    Run(RunSample),
    /// An HTTP request.
    Http(HttpSample),
    /// A check run or commit status that another system reports on the commit.
    Check(CheckSample),
    /// The status of a deployment of the commit that another system creates.
    Deployment(DeploymentSample),
}

impl SampleSource {
    /// Its title in reports.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Run(sample) => format!("run {}", sample.command.join(" ")),
            Self::Http(sample) => sample.url.clone(),
            Self::Check(sample) => format!("check `{}`", sample.name),
            Self::Deployment(sample) => format!("deployment to `{}`", sample.environment),
        }
    }
}

/// See [`SampleSource::Run`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSample {
    /// The program and its arguments; no shell.
    pub command: Vec<String>,
    /// The command that `tminus rehearse` runs instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearse: Option<Vec<String>>,
}

/// See [`SampleSource::Http`]. Every condition that is set must be met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpSample {
    /// The URL, `http` or `https`.
    pub url: String,
    /// The status code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Response headers, each with the value that it must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// JSON pointers into the body (RFC 6901), each with the value that it must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub json: BTreeMap<String, String>,
    /// A regular expression that the body must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// How long the server's certificate must still be valid, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_seconds: Option<u64>,
    /// How long the response may take, in seconds.
    pub timeout_seconds: u64,
}

/// See [`SampleSource::Check`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckSample {
    /// Its name, or the context of a commit status.
    pub name: String,
    /// The app that must have reported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
}

/// See [`SampleSource::Deployment`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentSample {
    /// The environment that it deploys to.
    pub environment: EnvironmentName,
}

/// The result of a sample, in ascending order. The worst one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SampleResult {
    /// Every condition is met.
    Success,
    /// No condition failed, but not every condition is met.
    Inconclusive,
    /// It could not be measured.
    Error,
    /// A condition failed.
    Failure,
}

impl SampleResult {
    /// Its word and tone.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::Success => Word::new("success", Tone::Good),
            Self::Inconclusive => Word::new("inconclusive", Tone::Doubtful),
            Self::Error => Word::new("error", Tone::Doubtful),
            Self::Failure => Word::new("failure", Tone::Bad),
        }
    }
}

/// One sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The sample's title, for people.
    pub name: String,
    /// The result.
    pub result: SampleResult,
    /// What was observed.
    pub said: String,
}

/// All samples of one interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// The time.
    pub at: Timestamp,
    /// The samples, in the order of the manifest.
    pub samples: Vec<Sample>,
}

impl Round {
    /// The worst result; a round without samples is inconclusive.
    #[must_use]
    pub fn result(&self) -> SampleResult {
        let worst = self.samples.iter().map(|sample| sample.result).max();
        worst.unwrap_or(SampleResult::Inconclusive)
    }

    /// The first sample with the worst result.
    #[must_use]
    pub fn worst(&self) -> Option<&Sample> {
        let worst = self.result();
        self.samples.iter().find(|sample| sample.result == worst)
    }
}

/// The verification of one release: the state of each stage with `verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verifications {
    /// [`FORMAT`].
    pub format: u32,
    /// By stage.
    pub stages: BTreeMap<StageName, Verification>,
}

impl Default for Verifications {
    fn default() -> Self {
        Self { format: FORMAT, stages: BTreeMap::new() }
    }
}

/// The state of one stage's verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// The plan that is verified.
    pub plan: Digest,
    /// When the stage entered its environment. If it enters again, the verification starts again.
    pub entered: Option<Timestamp>,
    /// When the first round was taken.
    pub began: Timestamp,
    /// The newest round.
    pub last: Round,
    /// How many rounds in a row had the same result.
    pub in_a_row: u32,
    /// When the current series of successful rounds started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steady_since: Option<Timestamp>,
    /// When it was verified: when the rounds had been successful for long enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<Timestamp>,
    /// Verified time without a failed round, in seconds.
    pub soaked_seconds: u64,
    /// The pre-release whose verified time counts, until a round fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<TagName>,
    /// How many rounds were taken.
    pub rounds: u64,
    /// How many of them failed.
    pub failed: u64,
}

/// How often a stage is sampled, and when it is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// Seconds between rounds.
    pub every_seconds: u64,
    /// How many seconds the samples must succeed without a break before the stage is verified.
    pub steady_seconds: u64,
    /// How many seconds the stage must stay verified before the next stage can be entered.
    pub soak_seconds: u64,
    /// The time limit for the verification, in seconds from the first round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_seconds: Option<u64>,
    /// How many failed rounds in a row are tolerated.
    pub failures: u32,
    /// How many inconclusive rounds in a row are tolerated.
    pub inconclusive: u32,
    /// How many rounds in a row with an error are tolerated.
    pub errors: u32,
}

impl Pace {
    fn gap(&self) -> SignedDuration {
        seconds(self.every_seconds).saturating_mul(i32::try_from(GAP).unwrap_or(3))
    }
}

impl Verification {
    /// The state after a round. `None` if the round is older than the previous one.
    #[must_use]
    pub fn after(
        before: Option<&Self>,
        plan: &Digest,
        entered: Option<Timestamp>,
        round: Round,
        pace: &Pace,
    ) -> Option<Self> {
        let before = before.filter(|it| it.plan == *plan && it.entered == entered);
        let result = round.result();
        let Some(before) = before else {
            let first = Self {
                plan: plan.clone(),
                entered,
                began: round.at,
                in_a_row: 1,
                steady_since: None,
                verified: None,
                soaked_seconds: 0,
                carried: None,
                rounds: 1,
                failed: u64::from(result == SampleResult::Failure),
                last: round,
            };
            return Some(first.judged(pace));
        };
        let passed = round.at.duration_since(before.last.at);
        if passed.is_negative() {
            return None;
        }
        let mut now = before.clone();
        now.rounds += 1;
        now.in_a_row = if result == before.last.result() { before.in_a_row + 1 } else { 1 };
        let unbroken = before.last.result() == SampleResult::Success && passed <= pace.gap();
        match result {
            SampleResult::Success if unbroken && before.verified.is_some() => {
                now.soaked_seconds += passed.as_secs().unsigned_abs();
            }
            SampleResult::Success if !unbroken => now.steady_since = None,
            SampleResult::Success => {}
            SampleResult::Failure => {
                now.failed += 1;
                now.steady_since = None;
                now.verified = None;
                now.soaked_seconds = 0;
                now.carried = None;
            }
            SampleResult::Inconclusive | SampleResult::Error => now.steady_since = None,
        }
        now.last = round;
        Some(now.judged(pace))
    }

    /// The same, if a pre-release of the same commit was verified in the environment and has soaked: that
    /// counts from the first successful round on, if none failed before.
    #[must_use]
    pub fn carrying(mut self, from: &TagName, pace: &Pace) -> Self {
        let is_first = self.in_a_row == 1 && self.carried.is_none();
        if is_first && self.failed == 0 && self.last.result() == SampleResult::Success {
            self.verified = Some(self.last.at);
            self.soaked_seconds = pace.soak_seconds;
            self.carried = Some(from.clone());
        }
        self
    }

    /// Marks it as verified if the rounds were successful for long enough.
    fn judged(mut self, pace: &Pace) -> Self {
        if self.last.result() == SampleResult::Success {
            let since = *self.steady_since.get_or_insert(self.last.at);
            let steady = self.last.at.duration_since(since);
            if self.verified.is_none() && steady >= seconds(pace.steady_seconds) {
                self.verified = Some(self.last.at);
            }
        }
        self
    }

    /// Whether too many rounds in a row had its newest result.
    #[must_use]
    pub fn is_over_limit(&self, pace: &Pace) -> bool {
        let limit = match self.last.result() {
            SampleResult::Success => return false,
            SampleResult::Failure => pace.failures,
            SampleResult::Inconclusive => pace.inconclusive,
            SampleResult::Error => pace.errors,
        };
        self.in_a_row > limit
    }

    /// Whether the time limit for the verification has passed.
    #[must_use]
    pub fn is_late(&self, pace: &Pace, now: Timestamp) -> bool {
        let late = |deadline| now.duration_since(self.began) > seconds(deadline);
        self.verified.is_none() && pace.deadline_seconds.is_some_and(late)
    }

    /// When the next round is due.
    #[must_use]
    pub fn next(&self, pace: &Pace) -> Timestamp {
        self.last.at.checked_add(seconds(pace.every_seconds)).unwrap_or(Timestamp::MAX)
    }

    /// The earliest time at which the stage is done, if all further rounds are successful.
    #[must_use]
    pub fn earliest_end(&self, pace: &Pace) -> Timestamp {
        let steady = match (self.verified, self.steady_since) {
            (Some(_), _) => 0,
            (None, Some(since)) => {
                let steady = self.last.at.duration_since(since).as_secs().unsigned_abs();
                pace.steady_seconds.saturating_sub(steady)
            }
            (None, None) => pace.steady_seconds.saturating_add(pace.every_seconds),
        };
        let soak = pace.soak_seconds.saturating_sub(self.soaked_seconds);
        // Only a round can show that enough time has passed.
        let every = pace.every_seconds.max(1);
        let left = steady.saturating_add(soak).div_ceil(every).max(1).saturating_mul(every);
        self.last.at.checked_add(seconds(left)).unwrap_or(Timestamp::MAX)
    }

    /// Whether it is verified and has soaked, and its newest round was successful.
    #[must_use]
    pub fn is_over(&self, pace: &Pace) -> bool {
        self.verified.is_some()
            && self.last.result() == SampleResult::Success
            && self.soaked_seconds >= pace.soak_seconds
    }

    /// Whether the newest round is too old to rely on.
    #[must_use]
    pub fn is_stale(&self, pace: &Pace, now: Timestamp) -> bool {
        now.duration_since(self.last.at) > pace.gap()
    }
}

fn seconds(count: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(count).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
