//! The commits of a message: its own, and those that a squash merge lists.

use super::header::conventional;
use super::own::{AuthorText, Ending, is_footer, own};
use std::borrow::Cow;
use std::ops::Range;

/// The maximum length of a subject that is joined from wrapped lines.
const LONGEST_SUBJECT: usize = 120;

/// The line that forges write between the listed commits and the co-authors.
const RULE: &str = "---------";

/// One commit that a message describes.
#[derive(Debug)]
pub(super) struct Part<'m> {
    /// Its subject, in one line.
    pub(super) subject: Cow<'m, str>,
    /// Its own paragraphs, quotations left out.
    pub(super) paragraphs: Vec<&'m str>,
    /// The complete text of its `BREAKING CHANGE` footers.
    pub(super) notes: Vec<String>,
}

impl Part<'_> {
    /// Whether one of its footers declares a breaking change.
    pub(super) fn breaks(&self) -> bool {
        self.paragraphs.iter().any(|paragraph| breaks(paragraph))
    }
}

/// The message's own commit, then the listed ones, oldest first as a squash merge lists them.
pub(super) fn parts(message: &str) -> Vec<Part<'_>> {
    let message = message.trim_start();
    let (subject, body) = split(message);
    let telling = ["BREAKING", "evert", "efs", "* "].iter().any(|word| body.contains(word));
    if !telling {
        return vec![Part { subject, paragraphs: Vec::new(), notes: Vec::new() }];
    }
    let ending = if raises_dependency(&subject) { Ending::Notes } else { Ending::Footers };
    let read = own(body, ending);
    let listed = listed(&subject, body, &read);
    let mut parts = vec![Part { subject, paragraphs: Vec::new(), notes: Vec::new() }];
    for range in &listed {
        let text = body.get(range.clone()).unwrap_or_default();
        let (subject, _) = split(text.strip_prefix("* ").unwrap_or(text));
        parts.push(Part { subject, paragraphs: Vec::new(), notes: Vec::new() });
    }
    for paragraph in &read.paragraphs {
        let holds = |range: &Range<usize>| range.contains(&paragraph.start);
        let n = listed.iter().position(holds).map_or(0, |n| n + 1);
        if let (Some(part), Some(text)) = (parts.get_mut(n), body.get(paragraph.clone())) {
            if part.notes.is_empty() && breaks(text) {
                part.notes =
                    breaking(body, paragraph.start..end(body, &listed, paragraph.start), &read);
            }
            part.paragraphs.push(text.trim_end());
        }
    }
    parts
}

/// The subject, which may be wrapped, and the text below it.
pub(super) fn split(message: &str) -> (Cow<'_, str>, &str) {
    let mut lines = message.split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    let mut end = first.len();
    let mut joined = Cow::Borrowed(first.trim());
    for line in lines {
        let text = line.trim_end();
        let block = text.starts_with(['*', '-', '+', '>', '#', '`', '~', ' ', '\t', '<']);
        if text.is_empty() || block || is_trailer(text) {
            break;
        }
        joined = Cow::Owned(format!("{joined} {text}"));
        end += line.len();
    }
    let body = message.get(end..).unwrap_or_default();
    if joined.chars().count() > LONGEST_SUBJECT {
        joined = Cow::Borrowed(first.trim());
    }
    (joined, body)
}

/// Whether a line directly below a subject is a footer and not a continuation of the subject.
fn is_trailer(line: &str) -> bool {
    is_footer(line) && line.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Whether a paragraph consists of footers, one of which declares a breaking change.
fn breaks(paragraph: &str) -> bool {
    if !paragraph.contains("BREAKING") || !is_footer(paragraph) {
        return false;
    }
    // The parser recognizes footers only below a header, and with a value.
    let message = format!("chore: x\n\n{paragraph} -");
    git_conventional::Commit::parse(&message).is_ok_and(|parsed| parsed.breaking())
}

/// The end of the part of a message that contains a position.
fn end(body: &str, listed: &[Range<usize>], at: usize) -> usize {
    let own = listed.iter().find(|range| range.contains(&at)).map(|range| range.end);
    let next = || listed.iter().map(|range| range.start).find(|start| *start > at);
    own.or_else(next).unwrap_or(body.len())
}

/// The text of each `BREAKING CHANGE`, up to the next footer or heading: its paragraphs, lists and
/// code.
fn breaking(body: &str, range: Range<usize>, read: &AuthorText) -> Vec<String> {
    let mut at = range.start;
    let mut notes: Vec<String> = Vec::new();
    let mut open = false;
    for line in body.get(range).unwrap_or_default().split_inclusive('\n') {
        let (own, text) = (!read.quotes(at), line.trim_end());
        at += line.len();
        if let Some(said) = breaking_value(text).filter(|_| own) {
            notes.push(said.to_owned());
            open = true;
        } else if own && ends_note(text) {
            open = false;
        } else if let (true, Some(note)) = (open, notes.last_mut()) {
            note.push('\n');
            note.push_str(text);
        }
    }
    notes.iter().map(|note| note.trim().to_owned()).filter(|note| !note.is_empty()).collect()
}

fn breaking_value(line: &str) -> Option<&str> {
    let rest =
        line.strip_prefix("BREAKING CHANGE").or_else(|| line.strip_prefix("BREAKING-CHANGE"))?;
    rest.strip_prefix(':').or_else(|| rest.strip_prefix(" #")).map(str::trim)
}

/// Whether a line ends a note. `Before: x` looks like a footer too, and belongs to the note.
fn ends_note(line: &str) -> bool {
    const FOOTERS: [&str; 14] = [
        "bug", "cc", "close", "closes", "fix", "fixes", "issue", "link", "ref", "refs", "related",
        "resolves", "reverts", "see",
    ];
    let token = line.split([':', ' ']).next().unwrap_or_default();
    let known = token.contains('-') || FOOTERS.contains(&token.to_ascii_lowercase().as_str());
    let heading = line.starts_with('#') && line.trim_start_matches('#').starts_with(' ');
    let rule = line.len() >= RULE.len() && line.bytes().all(|b| b == b'-');
    heading
        || rule
        || (known && is_footer(line))
        || line.starts_with("<!--")
        || line.starts_with("<details")
}

/// Whether a commit updates a dependency; the notes that it quotes are those of the dependency.
fn raises_dependency(subject: &str) -> bool {
    let text = match conventional(subject) {
        Some(parsed) => {
            let scope = parsed.scope().is_some_and(|scope| scope.as_str().contains("deps"));
            if scope || parsed.type_().as_str().eq_ignore_ascii_case("deps") {
                return true;
            }
            parsed.description().to_ascii_lowercase()
        }
        None => subject.to_ascii_lowercase(),
    };
    ["bump ", "update dependency ", "upgrade ", "update module "]
        .iter()
        .any(|begin| text.starts_with(begin))
}

/// The positions of the commits that a squash merge lists: each is a paragraph that begins with `*
/// `, the first one is at the start of the body, and the subject has the number of the pull
/// request. Any other list is ordinary text or quoted.
fn listed(subject: &str, body: &str, read: &AuthorText) -> Vec<Range<usize>> {
    if number(subject).is_none() && !body.contains("See merge request ") {
        return Vec::new();
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    let (mut at, mut blank, mut end) = (0, false, body.len());
    for line in body.split_inclusive('\n') {
        let (start, text) = (at, line.trim_end());
        at += line.len();
        let next = body.get(at..).is_some_and(|rest| rest.starts_with("* "));
        let rule = text.len() >= RULE.len() && text.bytes().all(|b| b == b'-');
        if rule && !found.is_empty() && !read.quotes(start) {
            end = start;
            break;
        }
        let begins = blank && text.starts_with("* ") && !next && !read.quotes(start);
        if begins && is_release_note(text) {
            return Vec::new();
        }
        // The first line of the body is a commit, or none is.
        if !begins && found.is_empty() && !text.is_empty() {
            return Vec::new();
        }
        if begins {
            found.push(start..body.len());
        }
        blank = text.is_empty();
    }
    let mut ends: Vec<usize> = found.iter().skip(1).map(|range| range.start).collect();
    ends.push(end);
    found.into_iter().zip(ends).map(|(range, end)| range.start..end).collect()
}

/// A line of GitHub's generated release notes: `* feat: x by @somebody in https://…`.
fn is_release_note(line: &str) -> bool {
    line.rsplit_once(" in http").is_some_and(|(before, _)| before.contains(" by @"))
}

/// The number of the pull request that a merge left in a subject.
pub(super) fn number(subject: &str) -> Option<u64> {
    let digits = |text: &str| text.parse::<u64>().ok();
    if let Some(rest) = subject.strip_prefix("Merge pull request #") {
        return digits(rest.split(' ').next().unwrap_or_default());
    }
    let (_, rest) = subject.trim_end().strip_suffix(')')?.rsplit_once('(')?;
    let rest = rest.strip_prefix("pull request ").unwrap_or(rest);
    digits(rest.strip_prefix(['#', '!'])?)
}

/// Without the ` (#12)` that a squash merge adds.
pub(super) fn unnumbered(subject: &str) -> &str {
    let subject = subject.trim();
    match (number(subject), subject.rsplit_once(" (")) {
        (Some(_), Some((before, _))) if subject.ends_with(')') => before,
        (_, _) => subject,
    }
}

/// A subject without its type and its number.
#[must_use]
pub fn described(subject: &str) -> &str {
    let subject = unnumbered(subject);
    conventional(subject).map_or(subject, |parsed| parsed.description())
}
