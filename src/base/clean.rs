//! Makes external text safe for a terminal and a log.

use std::borrow::Cow;

/// The maximum length of a name, title or subject from an external source, in characters.
pub const LONGEST_NAME: usize = 120;

/// Makes text safe to print, on one line: control characters (ANSI sequences start with one) and
/// text direction marks become visible escapes. Lines are joined by slashes.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    if text.contains('\n') {
        let lines: Vec<&str> =
            text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        return Cow::Owned(clean(&lines.join(" / ")).into_owned());
    }
    let mut clean = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\t' => clean.push(' '),
            c if is_unsafe(c) => clean.extend(c.escape_unicode()),
            c => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

/// An external name, for a line of output.
#[must_use]
pub fn name(text: &str) -> Cow<'_, str> {
    match clip(text, LONGEST_NAME) {
        Cow::Borrowed(whole) => clean(whole),
        Cow::Owned(short) => Cow::Owned(clean(&short).into_owned()),
    }
}

/// The same for each line of a text.
#[must_use]
pub fn clean_lines(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(clean).collect();
    lines.join("\n")
}

/// An external name in backticks, for a message. Backticks in the name are replaced.
#[must_use]
pub fn quoted(text: &str) -> String {
    match text.trim() {
        "" => "(empty)".into(),
        text => format!("`{}`", clip(text, LONGEST_NAME).replace('`', "'")),
    }
}

/// A command as you would type it in a shell: arguments are quoted if necessary.
#[must_use]
pub fn typed(words: &[String]) -> String {
    let line = shlex::Quoter::new().allow_nul(true).join(words.iter().map(String::as_str));
    line.unwrap_or_else(|_no_nul| words.join(" "))
}

/// The first characters of a text, followed by `…` if it is longer.
#[must_use]
pub fn clip(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.chars().take(most.saturating_sub(1)).chain(['…']).collect()),
    }
}

/// The text with each unsafe character replaced by a sign of the same number of bytes, so that
/// offsets stay valid. ASCII control characters are left to the code that lays out the lines.
#[must_use]
pub(crate) fn masked(text: &str) -> String {
    let sign = |c: char| match c.len_utf8() {
        2 => '\u{b7}',
        _ => char::REPLACEMENT_CHARACTER,
    };
    text.chars().map(|c| if !c.is_ascii() && is_unsafe(c) { sign(c) } else { c }).collect()
}

/// Control characters, and the bidirectional marks of Unicode TR9, which can hide text.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_text_keeps_its_length() {
        let text = "a\u{9b}31m\u{202e}ü\u{feff}\tb\n";
        assert_eq!(masked(text), "a\u{b7}31m\u{fffd}ü\u{fffd}\tb\n");
        assert_eq!(masked(text).len(), text.len());
    }

    #[test]
    fn an_argument_with_a_space_is_quoted() {
        let typed = |words: &[&str]| {
            typed(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(typed(&["./deploy", "--to=eu", "two words"]), "./deploy '--to=eu' 'two words'");
        assert_ne!(typed(&["a b"]), typed(&["a", "b"]));
        assert_eq!(typed(&["sh", "-c", "it's; x", ""]), r#"sh -c "it's; x" ''"#);
    }

    #[test]
    fn terminal_control_characters_are_escaped() {
        assert_eq!(clean("a\u{1b}[31mb\rc\u{202e}d"), "a\\u{1b}[31mb\\u{d}c\\u{202e}d");
        assert_eq!(clean("plain ü text"), "plain ü text");
    }

    #[test]
    fn cleaned_lines_are_joined_and_stay_readable() {
        assert_eq!(clean("one\r\n\n  two\u{7}\nthree\n"), "one / two\\u{7} / three");
        assert_eq!(clean("\n\n"), "");
    }

    #[test]
    fn a_quoted_name_is_shortened_and_never_empty() {
        assert_eq!(quoted(" a`b "), "`a'b`");
        assert_eq!(quoted(" \n"), "(empty)");
        let long = quoted(&"x".repeat(300_000));
        assert_eq!(long.chars().count(), LONGEST_NAME + 2);
        assert!(long.ends_with("…`"));
    }
}
