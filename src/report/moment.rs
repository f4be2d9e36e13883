//! Moments for people.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A moment for people, UTC.
#[must_use]
pub fn short(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
