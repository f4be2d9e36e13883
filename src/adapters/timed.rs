//! Spans that measure how long operations take. `cli::log` prints each when it closes.

use std::fmt::Display;
use tracing::Span;
use tracing::field::{Empty, display};

/// The name of these spans.
pub(crate) const NAME: &str = "timed";

/// An operation in progress. If it is dropped before it ends, it was interrupted.
pub(crate) struct Timed(Span);

/// Starts a measurement. The result is appended to the text: `GET /rate_limit`.
pub(crate) fn timed(what: impl Display) -> Timed {
    Timed(tracing::info_span!(NAME, what = display(what), ended = Empty))
}

impl Timed {
    /// Ends the operation with a result: `200`.
    pub(crate) fn ended(self, how: impl Display) {
        self.0.record("ended", display(how));
    }
}

/// Measures work without reporting its result.
pub(crate) fn measured<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let timed = timed(what);
    let done = work();
    timed.ended("");
    done
}
