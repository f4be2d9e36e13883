//! Wraps lines at the width of the terminal.

use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter};

/// The minimum width for wrapping, in columns.
const LEAST: usize = 20;

/// Wraps lines that are too wide, between words. Continuation lines are indented like the text of
/// the line. A word that is wider is not broken, because it can be a name or a URL that somebody
/// needs. Quoted lines of files are not wrapped.
#[must_use]
pub fn wrap(text: &str, width: usize) -> String {
    let width = width.max(LEAST);
    let mut wrapped = String::with_capacity(text.len() + 64);
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            wrapped.push('\n');
        }
        if display_width(line) <= width || is_quoted(line) {
            wrapped.push_str(line);
            continue;
        }
        let indent = " ".repeat(hanging(line).min(width / 2));
        let options = Options::new(width)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation)
            .subsequent_indent(&indent);
        wrapped.push_str(&textwrap::wrap(line, options).join("\n"));
    }
    wrapped
}

/// Whether a line quotes a line of a file or of a command's output.
fn is_quoted(line: &str) -> bool {
    let bare = anstream::adapter::strip_str(line).to_string();
    bare.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit()).starts_with('|')
}

/// Where the text of a line starts: after `= note: `, after the columns of a table, or after its
/// indentation.
fn hanging(line: &str) -> usize {
    let bare = anstream::adapter::strip_str(line).to_string();
    let indent = bare.len() - bare.trim_start_matches(' ').len();
    let rest = bare.trim_start_matches(' ');
    if let Some(note) = rest.strip_prefix("= ")
        && let Some(colon) = note.find(": ")
    {
        return indent + 2 + colon + 2;
    }
    match rest.rfind("  ") {
        Some(gap) => indent + display_width(rest.get(..gap + 2).unwrap_or_default()),
        None => indent + 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_line_is_indented_to_its_own_text() {
        let table = "  go       bump-fits-changes   minor, required by 9d1e77b feat: third (#3)";
        let expected = "  go       bump-fits-changes   minor, required by\n                        \
            9d1e77b feat: third (#3)";
        assert_eq!(wrap(table, 49), expected);
        let note = "   = note: run 4411, workflow `ci`, finished 14:02 UTC";
        assert_eq!(
            wrap(note, 30),
            "   = note: run 4411, workflow\n           `ci`, finished\n           14:02 UTC"
        );
        assert_eq!(wrap("one two three four five", 20), "one two three four\n  five");
    }

    #[test]
    fn short_and_quoted_lines_are_not_wrapped() {
        let text =
            "short\n\n12 |   a line of a file that is longer than the terminal\n   |   ^^^\n";
        assert_eq!(wrap(text, 30), text);
    }

    #[test]
    fn names_are_never_wrapped_and_color_codes_have_no_width() {
        let name = "a-name-that-is-wider-than-any-terminal-of-thirty-columns";
        assert!(wrap(&format!("check `{name}` failed on 3f2a91c"), 30).contains(name));
        let dressed = "\u{1b}[1mone two three four\u{1b}[0m";
        assert_eq!(wrap(dressed, 20), dressed);
    }
}
