//! Time as the machine tells it; the one place that asks.

use crate::ports::Clock;
use async_trait::async_trait;
use jiff::Timestamp;
use std::time::Duration;

/// The machine's clock, perhaps with an end of all time.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock {
    end: Option<Timestamp>,
}

impl SystemClock {
    /// With so much time from now on.
    #[must_use]
    pub fn with(time: Duration) -> Self {
        let endless = Self::default();
        Self { end: endless.now().checked_add(time).ok() }
    }
}

#[async_trait(?Send)]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port that everybody else asks")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn left(&self) -> Option<Duration> {
        let left = self.end?.duration_since(self.now());
        Some(Duration::try_from(left).unwrap_or_default())
    }
}
