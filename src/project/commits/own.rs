//! Which paragraphs of a body are the author's own words, and which are quoted.
//!
//! Bodies are Markdown on every forge. Code, block quotes, folded sections (`<details>`), HTML and
//! comments are quotations, and so is a section of release notes, as bots paste it. A list item is
//! neither a footer nor the statement of a revert.

use pulldown_cmark::{Event, Options, Parser, Tag};
use std::ops::Range;

/// A parsed body.
#[derive(Debug, Default)]
pub(super) struct AuthorText {
    /// The author's own paragraphs, outside of lists.
    pub(super) paragraphs: Vec<Range<usize>>,
    /// The quoted ranges.
    pub(super) quoted: Vec<Range<usize>>,
}

impl AuthorText {
    /// Whether a position is in a quotation.
    pub(super) fn quotes(&self, at: usize) -> bool {
        self.quoted.iter().any(|range| range.contains(&at))
    }
}

/// Whether the end of a section of release notes can be the author's own text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Footers at the very end are the author's.
    Footers,
    /// It cannot: the commit updates a dependency, and these are the dependency's release notes.
    Notes,
}

/// The top-level blocks of a Markdown text.
enum Block {
    Paragraph,
    Heading(usize),
    Quote,
    Other,
}

/// Reads a body.
pub(super) fn own(body: &str, ending: Ending) -> AuthorText {
    let blocks = blocks(body);
    let last = blocks.len().saturating_sub(1);
    let mut own = AuthorText::default();
    let (mut folded, mut notes) = (0_usize, None);
    for (n, (block, range)) in blocks.into_iter().enumerate() {
        let text = body.get(range.clone()).unwrap_or_default();
        let (opens, closes) = folds(text);
        let inside = folded > 0 || opens > 0;
        folded = (folded + opens).saturating_sub(closes);
        match block {
            Block::Heading(level) if !inside => {
                if notes.is_none_or(|notes| level <= notes) {
                    notes = is_notes(text).then_some(level);
                }
            }
            Block::Paragraph if !inside => {
                let ends = n == last && ending == Ending::Footers && is_footer(text);
                let part =
                    if notes.is_none() || ends { &mut own.paragraphs } else { &mut own.quoted };
                part.push(range);
            }
            Block::Other if !inside && notes.is_none() => {}
            Block::Heading(_) | Block::Paragraph | Block::Quote | Block::Other => {
                own.quoted.push(range);
            }
        }
    }
    own
}

fn blocks(body: &str) -> Vec<(Block, Range<usize>)> {
    let (mut blocks, mut depth) = (Vec::new(), 0_usize);
    for (event, range) in Parser::new_ext(body, Options::empty()).into_offset_iter() {
        if let Event::Start(tag) = &event {
            if depth == 0 {
                let text = body.get(range.clone()).unwrap_or_default();
                blocks.push((block(tag, text), range));
            }
            depth += 1;
        } else if matches!(event, Event::End(_)) {
            depth = depth.saturating_sub(1);
        }
    }
    blocks
}

fn block(tag: &Tag<'_>, text: &str) -> Block {
    if matches!(tag, Tag::BlockQuote(_) | Tag::CodeBlock(_) | Tag::HtmlBlock) {
        return Block::Quote;
    }
    if let Tag::Heading { level, .. } = tag
        && text.starts_with('#')
    {
        return Block::Heading(*level as usize);
    }
    // In a commit, a paragraph with a line of dashes below it is not a heading.
    if matches!(tag, Tag::Paragraph | Tag::Heading { .. }) {
        Block::Paragraph
    } else {
        Block::Other
    }
}

/// How many collapsed or quoted parts a text opens and closes.
fn folds(text: &str) -> (usize, usize) {
    if !text.contains('<') {
        return (0, 0);
    }
    let text = text.to_ascii_lowercase();
    let count = |tags: [&str; 2]| tags.iter().map(|tag| text.matches(tag).count()).sum();
    (count(["<details", "<blockquote"]), count(["</details", "</blockquote"]))
}

/// Whether this is the heading of release notes: a usual title, or a version.
fn is_notes(heading: &str) -> bool {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let named = [
        "release notes",
        "changelog",
        "change log",
        "changes",
        "commits",
        "what's changed",
        "what’s changed",
        "upstream",
    ];
    let number = text.strip_prefix('v').unwrap_or(text);
    let version = number.split_once('.').is_some_and(|(major, rest)| {
        let digits = !major.is_empty() && major.bytes().all(|b| b.is_ascii_digit());
        digits && rest.starts_with(|c: char| c.is_ascii_digit())
    });
    version || named.iter().any(|name| text.starts_with(name))
}

/// Whether a paragraph begins like a footer: `Token: value`, `Token #value`.
pub(super) fn is_footer(paragraph: &str) -> bool {
    let line = paragraph.lines().next().unwrap_or_default();
    if line.starts_with("BREAKING CHANGE:") || line.starts_with("BREAKING CHANGE #") {
        return true;
    }
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(line.len());
    let (token, rest) = line.split_at(end);
    !token.is_empty() && (rest.starts_with(": ") || rest == ":" || rest.starts_with(" #"))
}
