//! The machine's clock, in the only module that may read it.

use crate::ports::Clock;
use async_trait::async_trait;
use jiff::Timestamp;
use std::time::{Duration, SystemTime};

/// The machine's clock, optionally with a deadline.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock {
    end: Option<Timestamp>,
    hurried: bool,
}

impl SystemClock {
    /// Sets a deadline at this duration from now.
    #[must_use]
    pub fn with(time: Duration) -> Self {
        let now = Self::default().now();
        Self { end: Some(now.checked_add(time).unwrap_or(Timestamp::MAX)), ..Self::default() }
    }

    /// The same clock, but its pauses take no time.
    #[must_use]
    pub fn hurried(self) -> Self {
        Self { hurried: true, ..self }
    }
}

#[async_trait(?Send)]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port that everybody else asks")]
    fn now(&self) -> Timestamp {
        // Not `Timestamp::now`, which panics for a clock that is set beyond the last year.
        let now = SystemTime::now();
        let far = if now > SystemTime::UNIX_EPOCH { Timestamp::MAX } else { Timestamp::MIN };
        Timestamp::try_from(now).unwrap_or(far)
    }

    async fn sleep(&self, duration: Duration) {
        if !self.hurried {
            tokio::time::sleep(duration).await;
        }
    }

    async fn lapse(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn left(&self) -> Option<Duration> {
        let left = self.end?.duration_since(self.now());
        Some(Duration::try_from(left).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_timeout_has_not_expired() {
        for seconds in [u64::MAX, i64::MAX.unsigned_abs(), 1 << 40] {
            let clock = SystemClock::with(Duration::from_secs(seconds));
            assert!(clock.left().is_some_and(|left| left > Duration::from_secs(1 << 30)));
        }
    }
}
