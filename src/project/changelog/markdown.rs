//! Markdown: its headings, what a reader sees of it, and the definitions that a part of it uses.

use super::day;
use super::heading::{Heading, LISTED, PARAGRAPH};
use super::words::unindented;
use crate::base::source::Span;
use pulldown_cmark::{BrokenLink, Event, Options, Parser, Tag, TagEnd};
use std::collections::BTreeSet;
use std::ops::Range;

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES
}

/// Where the text begins: behind a byte order mark and front matter.
pub(super) fn beginning(text: &str) -> usize {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let rest = text.get(mark..).unwrap_or_default();
    let mut lines = rest.split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| line.trim_end() == "---") else { return mark };
    let mut at = first.len();
    for line in lines {
        at += line.len();
        match line.trim_end() {
            "---" | "..." => return mark + at,
            "" => return mark,
            _ => {}
        }
    }
    mark
}

/// What is read at the moment.
#[derive(Debug, Default)]
struct Open {
    text: String,
    bold: usize,
    plain: bool,
}

/// The headings of a file outside of lists and quotations, and lines that could be headings.
#[expect(clippy::wildcard_enum_match_arm, reason = "Markdown has many events; few matter")]
pub(super) fn headings(text: &str) -> Vec<Heading> {
    let start = beginning(text);
    let rest = text.get(start..).unwrap_or_default();
    let mut found = Vec::new();
    let (mut depth, mut open) = (0_usize, Open::default());
    for (event, range) in Parser::new_ext(rest, options()).into_offset_iter() {
        let range = range.start + start..range.end + start;
        match event {
            Event::Start(Tag::Item) if depth == 1 => {
                found.extend(listed(text, range));
                depth += 1;
            }
            Event::Start(
                Tag::BlockQuote(_) | Tag::List(_) | Tag::Item | Tag::FootnoteDefinition(_),
            ) => depth += 1,
            Event::End(
                TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item | TagEnd::FootnoteDefinition,
            ) => depth = depth.saturating_sub(1),
            Event::Start(Tag::Heading { .. } | Tag::Paragraph | Tag::HtmlBlock) => {
                open = Open::default();
            }
            Event::Start(Tag::Strong) => open.bold += 1,
            Event::End(TagEnd::Strong) => open.bold = open.bold.saturating_sub(1),
            // Most of a changelog is text in lists.
            Event::Text(said) | Event::Code(said) if depth == 0 => {
                open.plain = open.plain
                    || open.bold == 0 && day::find(&said).1.contains(char::is_alphanumeric);
                open.text.push_str(&said);
            }
            Event::SoftBreak | Event::HardBreak => open.text.push('\n'),
            Event::InlineHtml(_) => open.text.push(' '),
            Event::Html(html) if depth == 0 => found.extend(in_html(&html, range)),
            Event::End(TagEnd::Heading(level)) if depth == 0 => {
                // A rule above the title is no part of it.
                let title = open.text.lines().last().unwrap_or_default().to_owned();
                found.push(Heading::new(text, range, level as usize, title));
            }
            Event::End(TagEnd::Paragraph) if depth == 0 && !open.text.contains('\n') => {
                let level = if open.plain { PARAGRAPH } else { PARAGRAPH - 1 };
                found.push(Heading::new(text, range, level, std::mem::take(&mut open.text)));
            }
            _ => {}
        }
    }
    found
}

/// The first line of an item of a list, if it begins with a number as versions do.
fn listed(text: &str, range: Range<usize>) -> Option<Heading> {
    let item = text.get(range.clone())?;
    let line = item.split_inclusive('\n').next()?;
    let title = without_tags(line.get(1..)?.trim());
    let bare = title.trim_start_matches(['*', '_', '[', '`', 'v', 'V']);
    // Hashes of commits can begin with a digit as well.
    let behind = bare.trim_start_matches(|c: char| c.is_ascii_digit());
    (behind.len() < bare.len() && !behind.starts_with(char::is_alphanumeric))
        .then(|| Heading::new(text, range.start..range.start + line.len(), LISTED, title))
}

/// A heading that is a line of HTML.
fn in_html(line: &str, range: Range<usize>) -> Option<Heading> {
    let opened = line.trim_start().strip_prefix("<h")?;
    let level = opened.chars().next()?.to_digit(10).filter(|level| (1..7).contains(level))?;
    let (_, rest) = opened.split_once('>')?;
    let (title, _) = rest.split_once("</h")?;
    let span = Span { start: range.start, end: range.start + line.trim_end().len() };
    let (level, text) = (level as usize, without_tags(title));
    Some(Heading { start: range.start, span, body: range.end, level, text })
}

/// The lines that a reader gets to see, headings left out.
#[expect(clippy::wildcard_enum_match_arm, reason = "Markdown has many events; few matter")]
pub(super) fn told(markdown: &str) -> Vec<String> {
    let (mut text, mut in_heading, mut html) = (String::new(), false, String::new());
    for event in Parser::new_ext(markdown, options()) {
        match event {
            Event::Start(Tag::Heading { .. }) => in_heading = true,
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Text(said) | Event::Code(said) if !in_heading => text.push_str(&said),
            Event::Html(part) => html.push_str(&part),
            Event::End(TagEnd::HtmlBlock) => {
                text.push('\n');
                text.push_str(&without_tags(&html));
                text.push('\n');
                html.clear();
            }
            Event::SoftBreak
            | Event::HardBreak
            | Event::Start(Tag::Paragraph | Tag::Item | Tag::List(_) | Tag::CodeBlock(_))
            | Event::End(
                TagEnd::Paragraph
                | TagEnd::Item
                | TagEnd::CodeBlock
                | TagEnd::TableRow
                | TagEnd::TableHead,
            ) => text.push('\n'),
            Event::End(TagEnd::TableCell) => text.push(' '),
            _ => {}
        }
    }
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The text of a piece of HTML: no tags, no comments.
fn without_tags(html: &str) -> String {
    let (mut text, mut rest) = (String::new(), html);
    while let Some((before, behind)) = rest.split_once('<') {
        text.push_str(before);
        let end = if behind.starts_with("!--") { "-->" } else { ">" };
        if let "li" | "p" | "br" | "tr" =
            behind.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default()
        {
            text.push('\n');
        }
        rest = behind.split_once(end).map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text
}

/// How many entries a reader sees: those of lists, and rows of tables.
#[expect(clippy::wildcard_enum_match_arm, reason = "Markdown has many events; few matter")]
pub(super) fn entries(notes: &str) -> usize {
    let (mut depth, mut entries) = (0_usize, 0);
    for event in Parser::new_ext(notes, options()) {
        match event {
            Event::Start(Tag::List(_)) => depth += 1,
            Event::End(TagEnd::List(_)) => depth = depth.saturating_sub(1),
            Event::Start(Tag::Item) if depth == 1 => entries += 1,
            Event::Start(Tag::TableRow) => entries += 1,
            Event::Html(html) => entries += html.matches("<li").count(),
            _ => {}
        }
    }
    entries
}

/// What the parts of a file may use of each other.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Definitions of links and footnotes, in the order of the file, by their labels.
    definitions: Vec<(String, Range<usize>)>,
    /// Where footnotes are referred to.
    footnotes: Vec<(String, usize)>,
}

/// The definitions of a file, and its references to footnotes.
pub(super) fn shared(text: &str) -> Shared {
    let parser = Parser::new_ext(text, options());
    let mut shared = Shared::default();
    for (label, definition) in parser.reference_definitions().iter() {
        shared.definitions.push((folded(label), definition.span.clone()));
    }
    for (event, range) in parser.into_offset_iter() {
        if let Event::Start(Tag::FootnoteDefinition(label)) = event {
            shared.definitions.push((footnote(&label), range));
        } else if let Event::FootnoteReference(label) = event {
            shared.footnotes.push((footnote(&label), range.start));
        }
    }
    shared.definitions.sort_by_key(|(_, range)| range.start);
    shared
}

fn footnote(label: &str) -> String {
    folded(&format!("^{label}"))
}

/// Where a text may end: before headings, and before blocks and items of the outermost lists.
#[expect(clippy::wildcard_enum_match_arm, reason = "Markdown has many events; few matter")]
pub(super) fn breaks(text: &str) -> (Vec<usize>, Vec<usize>) {
    let (mut headings, mut blocks) = (Vec::new(), Vec::new());
    let (mut depth, mut lists) = (0_usize, 0_usize);
    for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
        match &event {
            Event::Start(tag) => {
                match tag {
                    Tag::Heading { .. } if depth == 0 => headings.push(range.start),
                    Tag::Item if depth == 1 && lists == 1 => blocks.push(range.start),
                    _ if depth == 0 => blocks.push(range.start),
                    _ => {}
                }
                depth += 1;
                lists += usize::from(matches!(tag, Tag::List(_)));
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                lists = lists.saturating_sub(usize::from(matches!(tag, TagEnd::List(_))));
            }
            _ => {}
        }
    }
    (headings, blocks)
}

/// A part of a file, with the definitions of links and footnotes that it uses and that stand
/// elsewhere. Definitions at its end that only others use are left out.
pub(super) fn with_definitions(text: &str, part: Range<usize>, shared: &Shared) -> String {
    let definitions = &shared.definitions;
    let inside = |range: &Range<usize>| range.start >= part.start && range.end <= part.end;
    let body = trimmed(text, &part, definitions.iter().map(|(_, range)| range));
    let mut used = used(body);
    let inner = shared.footnotes.iter().filter(|(_, at)| part.contains(at));
    used.extend(inner.map(|(label, _)| label.clone()));
    let end = part.start + (body.as_ptr() as usize - slice_start(text, &part)) + body.len();
    let mut notes = body.to_owned();
    let mut first = true;
    for (label, range) in definitions {
        let kept = inside(range) && range.end <= end;
        if kept || !used.contains(label) {
            continue;
        }
        notes.push_str(if first { "\n\n" } else { "\n" });
        notes.push_str(text.get(range.clone()).unwrap_or_default().trim_end());
        first = false;
    }
    notes
}

fn slice_start(text: &str, part: &Range<usize>) -> usize {
    text.get(part.clone()).unwrap_or_default().as_ptr() as usize
}

/// The part without blank lines around it, and without definitions at its end.
fn trimmed<'t, 'r>(
    text: &'t str,
    part: &Range<usize>,
    definitions: impl DoubleEndedIterator<Item = &'r Range<usize>>,
) -> &'t str {
    let mut body = text.get(part.clone()).unwrap_or_default();
    let mut end = part.start + body.trim_end().len();
    for range in definitions.rev() {
        if range.start < part.start || range.start > end {
            continue;
        }
        let line_end = text.get(..range.end).unwrap_or_default().trim_end().len();
        if line_end < end {
            break;
        }
        end = range.start;
        body = text.get(part.start..end).unwrap_or_default().trim_end();
        end = part.start + body.len();
    }
    unindented(text.get(part.start..end).unwrap_or_default())
}

/// The labels that a piece of Markdown uses and does not define itself.
fn used(markdown: &str) -> BTreeSet<String> {
    let mut labels = BTreeSet::new();
    let mut missing = |link: BrokenLink<'_>| {
        labels.insert(folded(&link.reference));
        None
    };
    Parser::new_with_broken_link_callback(markdown, options(), Some(&mut missing)).for_each(drop);
    labels
}

/// Labels are equal whatever their case and white space are.
fn folded(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
