//! Text in GitHub's Markdown: CommonMark 0.31, GFM's tables and autolinks, and what GitHub adds to
//! the rendered page (mentions, references, emoji, mathematics).

use crate::base::clean::clean;
use std::borrow::Cow;

/// A character that interrupts GitHub's detection of mentions and references: it has no width, and
/// is not a letter, a sign or a blank.
const BREAK: char = '\u{200b}';

/// The context of a text on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// In a paragraph or a list.
    Line,
    /// In a cell of a table, where a bar separates cells, even inside code.
    Cell,
}

/// One line of inert text. Characters with a meaning in Markdown are escaped; mentions, references,
/// addresses and emoji, which GitHub detects in the rendered page, are broken by a zero-width
/// space.
#[must_use]
pub fn text(text: &str) -> String {
    let text = clean(text);
    let mut inert = String::with_capacity(text.len() + 16);
    let mut characters = text.trim().chars().peekable();
    let mut digits_only = true;
    let (mut before, mut letters) = (' ', 0_usize);
    while let Some(c) = characters.next() {
        let next = characters.peek().copied().unwrap_or(' ');
        match c {
            '<' => inert.push_str("&lt;"),
            '>' => inert.push_str("&gt;"),
            '&' => inert.push_str("&amp;"),
            '|' => inert.push_str("&#124;"),
            '$' => inert.push_str("&#36;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '!' => inert.extend(['\\', c]),
            // These can start a heading, a list or a rule only at the start of a line.
            '+' | '-' | '=' if inert.is_empty() => inert.extend(['\\', c]),
            '.' | ')' if digits_only && !inert.is_empty() && next.is_whitespace() => {
                inert.extend(['\\', c]);
            }
            '#' if inert.is_empty() => inert.extend(['\\', c, BREAK]),
            '@' | '#' => inert.extend([c, BREAK]),
            ':' if !next.is_whitespace() && !next.is_ascii_digit() => inert.extend([c, BREAK]),
            // `GH-12` refers to an issue, and `www.` starts an address.
            '-' if next.is_ascii_digit() && letters >= 2 => inert.extend([c, BREAK]),
            '.' if before.eq_ignore_ascii_case(&'w') && letters >= 3 => inert.extend([BREAK, c]),
            _ => inert.push(c),
        }
        digits_only &= c.is_ascii_digit();
        letters = if c.is_alphabetic() { letters + 1 } else { 0 };
        before = c;
    }
    inert
}

/// A name as code, so that nothing in it has a meaning. It is shown unchanged.
#[must_use]
pub fn code(code: &str, within: Within) -> String {
    let code = clean(code);
    let code = match within {
        Within::Line => code,
        Within::Cell => Cow::Owned(code.replace('|', "\\|")),
    };
    if code.trim().is_empty() {
        return text(&code);
    }
    let ticks = "`".repeat(longest_run(&code, '`') + 1);
    // If the code starts or ends with a backtick or a blank, it needs a blank on each side.
    let edge = |c: char| c == '`' || c == ' ';
    let pad = if code.starts_with(edge) || code.ends_with(edge) { " " } else { "" };
    format!("{ticks}{pad}{code}{pad}{ticks}")
}

/// A message of tminus: inert text, except that names between backticks are shown as code.
#[must_use]
pub fn message(message: &str, within: Within) -> String {
    let parts: Vec<&str> = message.trim().split('`').collect();
    let last = parts.len().saturating_sub(1);
    let mut shown = String::with_capacity(message.len() + 16);
    for (at, part) in parts.iter().enumerate() {
        let name = at % 2 == 1;
        if name && at < last && !part.trim().is_empty() {
            shown.push_str(&code(part, within));
            continue;
        }
        let tick = if name { "\\`" } else { "" };
        shown.push_str(tick);
        shown.push_str(&between(part));
        shown.push_str(if at < last { tick } else { "" });
    }
    shown
}

/// Inert text that keeps the blanks at its ends, which [`text`] removes.
fn between(part: &str) -> String {
    let start = if part.starts_with(' ') { " " } else { "" };
    let end = if part.len() > 1 && part.ends_with(' ') { " " } else { "" };
    format!("{start}{}{end}", text(part))
}

/// Several lines, shown unchanged: a code block that its content cannot end.
#[must_use]
pub fn block(content: &str, language: &str) -> String {
    let fence = "`".repeat(longest_run(content, '`').max(2) + 1);
    let mut block = String::with_capacity(content.len() + 16);
    block.push_str(&fence);
    block.push_str(language);
    block.push('\n');
    for line in content.lines() {
        block.push_str(&clean(line));
        block.push('\n');
    }
    block.push_str(&fence);
    block
}

fn longest_run(text: &str, sign: char) -> usize {
    let runs = text.split(|c| c != sign).map(str::len);
    runs.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_in_a_text_is_escaped() {
        for (given, inert) in [
            ("# Big", "\\#\u{200b} Big"),
            ("1. one", "1\\. one"),
            ("- a", "\\- a"),
            ("<img onerror=x> & @all", "&lt;img onerror=x&gt; &amp; @\u{200b}all"),
            ("`a_b` *c* [d](e)", "\\`a\\_b\\` \\*c\\* \\[d\\](e)"),
            ("fixes #12, GH-12", "fixes #\u{200b}12, GH-\u{200b}12"),
            ("https://x.test www.x.test", "https:\u{200b}//x.test www\u{200b}.x.test"),
            ("a|b\nc", "a&#124;b / c"),
            (":x: 12:7 1.1.0", ":\u{200b}x: 12:7 1.1.0"),
        ] {
            assert_eq!(text(given), inert);
        }
    }

    #[test]
    fn text_cannot_close_its_own_code_span() {
        assert_eq!(code("a`b", Within::Line), "``a`b``");
        assert_eq!(code("`", Within::Line), "`` ` ``");
        assert_eq!(code("a|b", Within::Cell), "`a\\|b`");
        assert_eq!(code(" ", Within::Line), "");
        assert_eq!(block("```\nx", ""), "````\n```\nx\n````");
    }

    #[test]
    fn backquoted_names_in_a_message_are_code() {
        assert_eq!(message("check `a*b` failed", Within::Line), "check `a*b` failed");
        assert_eq!(message("check `a_b failed", Within::Line), "check \\`a\\_b failed");
        assert_eq!(message("`` x", Within::Line), "\\`\\` x");
    }
}
