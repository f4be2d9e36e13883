//! Limits the rate of writes.
//!
//! Writes are sent one at a time. GitHub recommends one second between many writes ("Best practices
//! for using the REST API"), and limits requests that create content to 80 a minute. The first few
//! writes are sent without delay, because a small release does not need the pause.

use crate::ports::Clock;
use jiff::Timestamp;
use std::cell::Cell;
use std::time::Duration;

/// With a second between all others, there are at most 75 per minute.
const UNPACED: u32 = 15;
const APART: Duration = Duration::from_secs(1);

/// When the last write was sent, and how many there were.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Cell<Option<Timestamp>>,
    count: Cell<u32>,
}

impl Pace {
    /// Waits until the next write can be sent, and counts it; returns how long it waited.
    pub(super) async fn next(&self, clock: &dyn Clock) -> Duration {
        let count = self.count.get();
        self.count.set(count.saturating_add(1));
        let since = self.last.get().map(|last| clock.now().duration_since(last));
        // If the clock went back, the elapsed time is unknown.
        let since = since.and_then(|since| Duration::try_from(since).ok());
        let pause = match since {
            Some(since) if count >= UNPACED => APART.saturating_sub(since),
            Some(_) | None => Duration::ZERO,
        };
        if !pause.is_zero() {
            clock.sleep(pause).await;
        }
        self.last.set(Some(clock.now()));
        pause
    }
}
