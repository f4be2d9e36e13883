//! Numbers, for people.

/// A number with thousands separators.
#[must_use]
pub fn grouped(number: impl std::fmt::Display) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_have_thousands_separators() {
        let grouped = |number: u32| super::grouped(number);
        assert_eq!(
            [0, 999, 1000, 12_345, 1_000_000].map(grouped).join(" "),
            "0 999 1,000 12,345 1,000,000"
        );
    }
}
