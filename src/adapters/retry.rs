//! How reads of the forge's API and of git are retried: with increasing, randomized pauses, until a
//! maximum or the command's own time limit is reached. Writes are never retried here, because a
//! lost response does not show whether they took effect.

use crate::ports::{Clock, PortError};
use backon::{BackoffBuilder, ConstantBuilder, ExponentialBuilder};
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};
use std::rc::Rc;
use std::time::Duration;

/// Receives a line for people.
pub type Notice = Rc<dyn Fn(&str)>;

/// If a rate limit has no reset time, GitHub requires clients to wait at least one minute.
pub(super) const UNNAMED_WAIT: SignedDuration = SignedDuration::from_secs(60);
/// The longest wait for one read, if there is no `--timeout`.
pub(super) const PATIENCE: Duration = Duration::from_secs(90);
/// How often a temporary error is retried: after 1, 2, 4 and 8 seconds.
const FAULTS: usize = 4;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How often to wait for a rate limit with a reset time.
const LIMITS: usize = 2;
/// How often to retry after a rate limit without a reset time: after 1, 2 and 4 minutes.
pub(super) const UNNAMED: u32 = 3;
/// The shortest wait that is reported.
const NOTABLE: Duration = Duration::from_secs(4);

/// When a rate limit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// Until then, by our clock.
    Until(Timestamp),
    /// Unknown: wait for at least [`UNNAMED_WAIT`], and longer each time.
    Unnamed,
}

/// Why one attempt failed.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Possibly temporary. It is unknown whether a write took effect.
    Passing(String),
    /// Refused without any effect, with the message of the other side.
    Limited(Limit, Option<String>),
    /// Retrying would not help.
    Final(PortError),
}

impl Trouble {
    /// The error, for people.
    pub(super) fn why(&self) -> String {
        match self {
            Self::Passing(why) => why.clone(),
            Self::Limited(..) => "rate limit reached".into(),
            Self::Final(error) => error.why(),
        }
    }

    /// An error that is not retried.
    pub(super) fn into_error(self, what: &str, now: Timestamp) -> PortError {
        match self {
            Self::Passing(why) => PortError::NoAnswer { what: what.into(), why },
            Self::Limited(limit, said) => {
                let until = match limit {
                    Limit::Until(until) => until,
                    Limit::Unnamed => now.checked_add(UNNAMED_WAIT).unwrap_or(Timestamp::MAX),
                };
                let whole = TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Ceil);
                let until = until.round(whole).unwrap_or(until);
                PortError::Limited { what: what.into(), until, said }
            }
            Self::Final(error) => error,
        }
    }
}

/// The settings and callbacks for retrying a read.
pub(super) struct RetryPolicy<'a> {
    pub(super) clock: &'a dyn Clock,
    /// The longest total wait, if no deadline was set.
    pub(super) patience: Duration,
    /// Receives every wait that a person would notice.
    pub(super) notice: &'a dyn Fn(&str),
    /// Receives every wait.
    pub(super) waits: &'a dyn Fn(Duration),
}

impl RetryPolicy<'_> {
    /// Repeats a read until it succeeds, cannot succeed, or the time limit is reached.
    pub(super) async fn read<T>(
        &self,
        what: &str,
        attempt: impl AsyncFn() -> Result<T, Trouble>,
    ) -> Result<T, PortError> {
        let mut pauses = Pauses::new();
        let mut patience = self.patience;
        loop {
            let trouble = match attempt().await {
                Ok(value) => return Ok(value),
                Err(trouble) => trouble,
            };
            let now = self.clock.now();
            let pause = match &trouble {
                Trouble::Final(_) => None,
                Trouble::Passing(_) => pauses.faults.next(),
                Trouble::Limited(Limit::Until(until), _) => {
                    let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
                    // Clients that wait for the same moment should not retry at the same time.
                    pauses.named().map(|spread| wait.saturating_add(spread))
                }
                Trouble::Limited(Limit::Unnamed, _) => pauses.unnamed(),
            };
            let fits = |pause: &Duration| match self.clock.left() {
                Some(left) => *pause < left,
                None => *pause <= patience,
            };
            let Some(pause) = pause.filter(fits) else {
                return Err(trouble.into_error(what, now));
            };
            tracing::info!(what, ?trouble, ?pause, "trying again");
            if pause >= NOTABLE {
                let (why, seconds) = (trouble.why(), pause.as_secs());
                (self.notice)(&format!("cannot {what}: {why}; trying again in {seconds} s"));
            }
            patience = patience.saturating_sub(pause);
            (self.waits)(pause);
            self.clock.sleep(pause).await;
        }
    }
}

/// The remaining pauses of one read.
struct Pauses {
    faults: backon::ExponentialBackoff,
    spread: backon::ConstantBackoff,
    named: usize,
    unnamed: u32,
}

impl Pauses {
    fn new() -> Self {
        let faults = ExponentialBuilder::default().with_min_delay(FIRST_PAUSE);
        let spread = ConstantBuilder::default().with_delay(FIRST_PAUSE).with_jitter();
        Self {
            faults: faults.with_max_times(FAULTS).with_jitter().build(),
            spread: spread.without_max_times().build(),
            named: 0,
            unnamed: 0,
        }
    }

    fn named(&mut self) -> Option<Duration> {
        self.named += 1;
        (self.named <= LIMITS).then(|| self.spread.next()).flatten()
    }

    fn unnamed(&mut self) -> Option<Duration> {
        let wait = UNNAMED_WAIT.unsigned_abs() * 2_u32.pow(self.unnamed);
        self.unnamed += 1;
        (self.unnamed <= UNNAMED).then(|| self.spread.next().map(|spread| wait + spread)).flatten()
    }
}
