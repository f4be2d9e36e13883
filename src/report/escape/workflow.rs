//! Text in a workflow step: workflow commands on standard output, and output files.
//!
//! According to the runner's source: `src/Runner.Common/ActionCommand.cs` and
//! `src/Runner.Worker/FileCommandManager.cs` in `actions/runner`.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The runner cuts the message of an annotation after this many characters.
pub const MAX_MESSAGE: usize = 4096;

/// A command's data.
#[must_use]
pub fn data(text: &str) -> String {
    // The runner also searches the rest of a command's line for another command.
    let text = if text.contains('#') { plain(text) } else { Cow::Borrowed(text) };
    // The percent sign first, because the other replacements contain one.
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A command's property.
#[must_use]
pub fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Lines of output in which the runner finds no command. It executes a line that starts with `::`,
/// and `##[` anywhere in a line. Its comparison ignores zero-width characters, so they cannot be
/// used to hide a command.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(':') && !text.contains('#') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len() + 8);
    for (at, line) in text.split(['\n', '\r']).enumerate() {
        if at > 0 {
            plain.push('\n');
        }
        let bare: Cow<'_, str> = if line.contains(is_ignored) {
            Cow::Owned(line.chars().filter(|c| !is_ignored(*c)).collect())
        } else {
            Cow::Borrowed(line)
        };
        let opens = bare.trim_start_matches(|c: char| c.is_whitespace() || c.is_control());
        let obeyed = opens.starts_with("::") || bare.contains("##[");
        if !obeyed {
            plain.push_str(line);
            continue;
        }
        let indent = bare.len() - opens.len();
        plain.push_str(bare.get(..indent).unwrap_or_default());
        if opens.starts_with("::") {
            plain.push('\\');
        }
        plain.push_str(&opens.replace("##[", "##\\["));
    }
    Cow::Owned(plain)
}

/// A JSON document with the same values, in which the runner finds no command. A `#` occurs only in
/// strings, and no line of a document starts with a colon.
#[must_use]
pub fn json(text: &str) -> Cow<'_, str> {
    spelt(text, |c| match c {
        '[' => Some("\\u005b"),
        _ => None,
    })
}

/// The same for XML whose text does not contain `CDATA`.
#[must_use]
pub fn xml(text: &str) -> Cow<'_, str> {
    spelt(text, |c| match c {
        '[' => Some("&#91;"),
        ':' => Some("&#58;"),
        _ => None,
    })
}

/// Replaces each `[` after a `#`, and each colon at the start of a line, by an equivalent spelling.
fn spelt(text: &str, spelling: impl Fn(char) -> Option<&'static str>) -> Cow<'_, str> {
    if !text.contains('#') && !text.contains(':') {
        return Cow::Borrowed(text);
    }
    let mut spelt = String::with_capacity(text.len() + 16);
    // The last character of the line that is not ignored.
    let mut last = None;
    for c in text.chars() {
        let obeyed = matches!((last, c), (Some('#'), '[') | (None, ':'));
        match spelling(c).filter(|_| obeyed) {
            Some(other) => spelt.push_str(other),
            None => spelt.push(c),
        }
        match c {
            '\n' | '\r' => last = None,
            c if is_ignored(c) => {}
            c if last.is_none() && (c.is_whitespace() || c.is_control()) => {}
            c => last = Some(c),
        }
    }
    Cow::Owned(spelt)
}

/// Characters that a culture-sensitive comparison ignores (Unicode's default ignorables, as far as
/// they occur).
fn is_ignored(c: char) -> bool {
    matches!(
        c,
        '\0' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// One entry of `GITHUB_OUTPUT`. The name is chosen by the program. The delimiter is random and new
/// for every entry; if the value contains it nevertheless, no entry is written.
#[must_use]
pub fn output(name: &'static str, value: &str, delimiter: u128) -> Option<String> {
    let delimiter = format!("tminus_{delimiter:032x}");
    if value.contains(&delimiter) {
        return None;
    }
    let mut entry = String::with_capacity(value.len() + 96);
    let _ = write!(entry, "{name}<<{delimiter}\n{value}\n{delimiter}\n");
    Some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_command_message_contains_no_other_command() {
        assert_eq!(data("bad ##[error]x"), "bad ##\\[error]x");
        assert_eq!(data("bad #\u{ad}#[error]x\ny"), "bad ##\\[error]x%0Ay");
        assert_eq!(property("##[group]a"), "##\\[group]a");
    }

    #[test]
    fn escape_sequences_in_a_message_are_escaped_first() {
        assert_eq!(data("50%0A\r\n"), "50%250A%0D%0A");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }

    #[test]
    fn a_printed_line_contains_no_workflow_command() {
        for (given, inert) in [
            ("::error::x", "\\::error::x"),
            ("  ::error::x\nfine: yes", "  \\::error::x\nfine: yes"),
            ("a ##[error]x", "a ##\\[error]x"),
            ("a #\u{ad}#[error]x", "a ##\\[error]x"),
            ("\u{200b}::error::x", "\\::error::x"),
            ("\r::error::x", "\n\\::error::x"),
            ("a::b", "a::b"),
        ] {
            assert_eq!(plain(given), inert, "{given:?}");
        }
    }

    #[test]
    fn an_escaped_document_keeps_its_values_and_contains_no_workflow_command() {
        for given in ["##[error]x", "a #\u{ad}#\u{200b}[error]x", "##[", "#[##[error]"] {
            let document = serde_json::to_string(given).unwrap();
            let document = json(&document);
            assert!(!document.contains('['), "{document}");
            assert_eq!(serde_json::from_str::<String>(&document).unwrap(), given);
        }
        assert_eq!(json(r#"{"a": ["b", "x:y"]}"#), r#"{"a": ["b", "x:y"]}"#);
        assert_eq!(xml("<a>\n ::error::x ##[error]</a>"), "<a>\n &#58;:error::x ##&#91;error]</a>");
    }

    #[test]
    fn an_output_that_contains_its_own_delimiter_is_rejected() {
        let entry = output("notes", "a\nb", 7).unwrap();
        assert!(entry.starts_with("notes<<tminus_0000"), "{entry}");
        assert_eq!(output("notes", &format!("x tminus_{:032x}", 7), 7), None);
    }
}
