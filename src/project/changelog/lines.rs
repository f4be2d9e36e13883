//! Headings of reStructuredText, AsciiDoc and plain text, line by line.

use super::day::Dated;
use super::heading::{BARE, Heading, PARAGRAPH};
use super::title::{Title, Unreleased};

/// The markup of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Markup {
    Markdown,
    Rst,
    Asciidoc,
    Plain,
}

impl Markup {
    /// The markups that a file of this name may have.
    pub(super) fn of(name: &str) -> &'static [Self] {
        let lower = name.to_ascii_lowercase();
        let file = lower.rsplit('/').next().unwrap_or_default();
        match file.rsplit_once('.').map(|(_, end)| end) {
            Some("md" | "markdown" | "mdx" | "mkd") => &[Self::Markdown],
            Some("rst" | "rest") => &[Self::Rst],
            Some("adoc" | "asciidoc" | "asc") => &[Self::Asciidoc],
            _ => &[Self::Markdown, Self::Plain],
        }
    }
}

/// A line and where it is.
struct Line<'t> {
    text: &'t str,
    start: usize,
    end: usize,
}

/// The headings of a text that is not Markdown.
pub(super) fn headings(text: &str, markup: Markup) -> Vec<Heading> {
    let mut at = 0;
    let lines: Vec<Line<'_>> = text
        .split_inclusive('\n')
        .map(|line| {
            let start = at;
            at += line.len();
            Line { text: line.trim_end().trim_start_matches('\u{feff}'), start, end: at }
        })
        .collect();
    let (mut found, mut adornments, mut fence) = (Vec::new(), Vec::new(), None);
    let mut skip = 0;
    let level = if markup == Markup::Plain { BARE } else { PARAGRAPH };
    for (number, line) in lines.iter().enumerate() {
        if number < skip {
            continue;
        }
        if let Some(mark) = fence_of(line.text, markup) {
            fence = match fence {
                None => Some(mark),
                Some(open) if open == mark => None,
                other => other,
            };
            continue;
        }
        if fence.is_some() || line.text.is_empty() {
            continue;
        }
        let heading = underlined(&lines, number, &mut adornments)
            .filter(|_| markup != Markup::Asciidoc)
            .or_else(|| marked(line, markup).map(|(level, title)| (level, title, number, number)))
            .or_else(|| bare(&lines, number, markup).map(|it| (level, it, number, number)));
        let Some((level, title, at, last)) = heading else { continue };
        let (Some(at), Some(last_line)) = (lines.get(at), lines.get(last)) else { continue };
        let mut heading = Heading::new(text, at.start..last_line.end, level, title);
        heading.start = line.start;
        found.push(heading);
        skip = last + 1;
    }
    found
}

fn fence_of(line: &str, markup: Markup) -> Option<&'static str> {
    let marks: &[&str] = match markup {
        Markup::Asciidoc => &["----", "....", "====", "++++", "////"],
        Markup::Markdown | Markup::Plain => &["```", "~~~"],
        Markup::Rst => &[],
    };
    let found = marks.iter().find(|mark| line.starts_with(**mark))?;
    (markup != Markup::Asciidoc || line.len() == 4).then_some(*found)
}

/// A line of one punctuation mark.
fn adornment(line: &str) -> Option<char> {
    let first = line.chars().next().filter(char::is_ascii_punctuation)?;
    (line.len() >= 3 && line.chars().all(|c| c == first) && first != '`').then_some(first)
}

/// A title over a line of punctuation, and perhaps under one too. The level depends on the order in
/// which the file first uses each punctuation character.
fn underlined(
    lines: &[Line<'_>],
    number: usize,
    known: &mut Vec<(char, bool)>,
) -> Option<(usize, String, usize, usize)> {
    let text = |at: usize| lines.get(at).map(|line| line.text);
    let here = text(number)?;
    let (title_at, over) = match adornment(here) {
        Some(mark) => (number + 1, Some(mark)),
        None => (number, None),
    };
    let title = text(title_at)?;
    let under = adornment(text(title_at + 1)?)?;
    let flush = over.is_some() || !title.starts_with(char::is_whitespace);
    let other = over.is_some_and(|over| over != under);
    if title.trim().is_empty() || adornment(title).is_some() || !flush || other {
        return None;
    }
    // A list or a sentence above a rule is no title.
    let listed = ["- ", "* ", "+ ", ".. "].iter().any(|mark| title.starts_with(mark));
    if listed || title.len() > 120 {
        return None;
    }
    let style = (under, over.is_some());
    let level = known.iter().position(|it| *it == style).unwrap_or_else(|| {
        known.push(style);
        known.len() - 1
    });
    Some((level.min(PARAGRAPH - 3) + 1, without_roles(title), title_at, title_at + 1))
}

/// A title behind marks: `== 1.2.0`, `## 1.2.0`, `* Changes in 1.2.0`.
fn marked(line: &Line<'_>, markup: Markup) -> Option<(usize, String)> {
    let marks: &[char] = match markup {
        Markup::Asciidoc | Markup::Plain => &['=', '#'],
        Markup::Markdown | Markup::Rst => return None,
    };
    for mark in marks {
        let title = line.text.trim_start_matches(*mark);
        let level = line.text.len() - title.len();
        if (1..=6).contains(&level) && title.starts_with(' ') {
            let title = title.trim_end_matches(|c: char| c == *mark || c.is_whitespace());
            return Some((level, without_roles(title)));
        }
    }
    // Textile: `h2. 1.2.0`.
    if let Some((level @ ("1" | "2" | "3" | "4" | "5" | "6"), title)) =
        line.text.strip_prefix('h').and_then(|rest| rest.split_once(". "))
    {
        return Some((level.parse().ok()?, title.to_owned()));
    }
    // GNU's NEWS: `* Noteworthy changes in release 1.2.0 (2026-01-06) [stable]`.
    let title = line.text.strip_prefix("* ").filter(|_| markup == Markup::Plain)?;
    let read = Title::read(title);
    let heading = read.version.is_some()
        && (read.name.contains("changes in")
            || matches!(read.dated, Dated::On(_)) && read.name.is_empty());
    heading.then(|| (7, title.to_owned()))
}

/// A line that is a version and its date, or a version above a list or a blank line.
fn bare(lines: &[Line<'_>], number: usize, markup: Markup) -> Option<String> {
    let line = lines.get(number)?.text;
    // `-- 1.2.0 --`
    let line = line.strip_prefix("--").and_then(|it| it.strip_suffix("--")).unwrap_or(line).trim();
    let begins = line.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '[' | '('));
    if markup == Markup::Asciidoc || !begins || line.len() > 100 {
        return None;
    }
    let before = number.checked_sub(1).and_then(|at| lines.get(at)).map_or("", |line| line.text);
    let behind = lines.get(number + 1).map_or("", |line| line.text);
    let title = Title::read(line);
    let apart = before.is_empty() || before.starts_with(char::is_whitespace);
    let heads = behind.is_empty()
        || behind.starts_with(char::is_whitespace)
        || behind.starts_with(['-', '*', '+', '•']);
    let open = title.version.is_none() && title.unreleased != Unreleased::No;
    ((title.version.is_some() || open) && apart && heads).then(|| line.to_owned())
}

/// A title without the markup of reStructuredText and AsciiDoc: roles, links, anchors.
fn without_roles(title: &str) -> String {
    let (mut text, mut rest) = (String::new(), title.trim());
    // `1.2.0 <https://example.org>`_ and link:https://example.org[1.2.0].
    while let Some((before, behind)) = rest.split_once('<') {
        let Some((_, after)) = behind.split_once('>') else { break };
        text.push_str(before);
        text.push(' ');
        rest = after;
    }
    text.push_str(rest);
    let word = |word: &str| match word.rsplit_once('[') {
        Some((before, label)) if before.contains("://") || before.starts_with("link:") => {
            label.to_owned()
        }
        Some(_) | None => word.to_owned(),
    };
    let words: Vec<String> = text.split_whitespace().map(word).collect();
    words.join(" ").replace("`_", "` ").replace("|", " ").trim_end_matches('_').to_owned()
}

/// The lines that a reader gets to see, titles and comments left out.
pub(super) fn told(text: &str, markup: Markup) -> Vec<String> {
    let titles: Vec<(usize, usize)> = headings(text, markup)
        .iter()
        .filter(|it| it.is_marked())
        .map(|it| (it.span.start, it.body))
        .collect();
    let (mut told, mut at, mut comment) = (Vec::new(), 0, false);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if titles.iter().any(|(from, to)| (*from..*to).contains(&start)) {
            continue;
        }
        let bare = line.trim();
        let indented = line.starts_with(char::is_whitespace);
        if markup == Markup::Rst {
            // A comment, a target, or a directive's first line; what is indented below a comment
            // belongs to it.
            let starts = bare.starts_with("..") && !indented && !bare.starts_with("...");
            comment = starts && !bare.contains("::") || comment && (indented || bare.is_empty());
            if starts || comment {
                continue;
            }
        }
        let hidden = match markup {
            Markup::Asciidoc => {
                bare.starts_with("//") || (bare.starts_with("[[") && bare.ends_with("]]"))
            }
            Markup::Markdown | Markup::Rst | Markup::Plain => false,
        };
        if !bare.is_empty() && !hidden && bare.contains(char::is_alphanumeric) {
            told.push(bare.trim_start_matches(['-', '*', '+', ' ']).to_owned());
        }
    }
    told
}

/// How many entries a reader sees: items of lists that are not indented further than the first.
pub(super) fn entries(text: &str) -> usize {
    let item = |line: &&str| {
        let bare = line.trim_start();
        ["- ", "* ", "+ ", "• "].iter().any(|mark| bare.starts_with(mark))
            || bare == "-"
            || bare == "*"
    };
    let indent = |line: &str| line.len() - line.trim_start().len();
    let least = text.lines().filter(item).map(indent).min();
    text.lines().filter(item).filter(|line| Some(indent(line)) == least).count()
}
