//! Formats times and durations for people.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A time for people, in UTC.
#[must_use]
pub fn short(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A duration for people, in its two largest units: `2 d 3 h`, `5 min`, `40 s`.
#[must_use]
pub fn length(seconds: u64) -> String {
    let units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    let Some(first) = units.iter().position(|(_, size)| seconds >= *size) else {
        return "0 s".into();
    };
    let mut left = seconds;
    let mut parts = Vec::new();
    for (name, size) in units.iter().skip(first).take(2) {
        let count = left / size;
        left %= size;
        if count > 0 {
            parts.push(format!("{count} {name}"));
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn a_duration_is_printed_with_its_two_largest_units() {
        let shown = [0, 40, 60, 3_599, 3_600, 5_430, 90_000, 172_800].map(length);
        let wanted = ["0 s", "40 s", "1 min", "59 min 59 s", "1 h", "1 h 30 min", "1 d 1 h", "2 d"];
        assert_eq!(shown, wanted);
    }
}
