//! The content lines of an iCalendar file (RFC 5545, section 3.1), each with its place in the file.

use super::fault::{CalendarError, Fault};

/// The maximum length of one line after unfolding, in bytes.
const LONGEST: usize = 64 << 10;

/// One property: `DTSTART;TZID=Europe/Paris:20260101T100000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Property {
    /// Its name, in capitals.
    pub(super) name: String,
    parameters: Vec<(String, String)>,
    /// The text after the colon.
    pub(super) value: String,
    /// The line of the file that it begins on, counted from 1.
    pub(super) line: usize,
}

impl Property {
    /// The value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut found = self.parameters.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// An error at this line.
    pub(super) fn wrong(&self, fault: Fault) -> CalendarError {
        CalendarError { line: self.line, fault }
    }
}

/// Joins folded lines, and splits each into its parts. Empty lines are skipped.
pub(super) fn properties(text: &str) -> Result<Vec<Property>, CalendarError> {
    let mut unfolded: Vec<(usize, String)> = Vec::new();
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let number = number + 1;
        match (line.strip_prefix([' ', '\t']), unfolded.last_mut()) {
            (Some(rest), Some((first, whole))) => {
                if whole.len() + rest.len() > LONGEST {
                    return Err(CalendarError { line: *first, fault: Fault::LongLine });
                }
                whole.push_str(rest);
            }
            (Some(_), None) => {
                return Err(CalendarError { line: number, fault: Fault::NoProperty });
            }
            (None, _) if line.is_empty() => {}
            (None, _) if line.len() > LONGEST => {
                return Err(CalendarError { line: number, fault: Fault::LongLine });
            }
            (None, _) => unfolded.push((number, line.to_owned())),
        }
    }
    let read = |(line, text): &(usize, String)| {
        property(*line, text).ok_or(CalendarError { line: *line, fault: Fault::NoProperty })
    };
    unfolded.iter().map(read).collect()
}

fn property(line: usize, text: &str) -> Option<Property> {
    let mut quoted = false;
    let mut parts: Vec<&str> = Vec::new();
    let mut begin = 0;
    let mut value = None;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            ';' if !quoted => {
                parts.push(text.get(begin..at)?);
                begin = at + 1;
            }
            ':' if !quoted => {
                parts.push(text.get(begin..at)?);
                value = text.get(at + 1..);
                break;
            }
            _ => {}
        }
    }
    let value = value?.to_owned();
    let mut parts = parts.into_iter();
    let name = parts.next().filter(|name| is_name(name))?.to_ascii_uppercase();
    let parameter = |part: &str| {
        let (key, value) = part.split_once('=')?;
        Some((key.to_ascii_uppercase(), value.trim_matches('"').to_owned()))
    };
    let parameters = parts.map(parameter).collect::<Option<Vec<_>>>()?;
    Some(Property { name, parameters, value, line })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A text value, unescaped, on one line.
pub(super) fn text(value: &str) -> String {
    let mut plain = String::new();
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => plain.push(' '),
                Some(other) => plain.push(other),
                None => {}
            },
            other => plain.push(other),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
