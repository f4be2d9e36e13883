//! Sections: the parts of a changelog, each of which describes one version.

use super::day::Dated;
use super::habits::{self, Begins};
use super::heading::Heading;
use super::lines::{self, Markup};
use super::markdown;
use super::title::Title;
use super::words::{self, unindented};
use crate::base::source::{Source, Span};
use crate::base::version::Version;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

/// A section of one version, or of what is not released yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its version; `None` for Unreleased.
    pub version: Option<Version>,
    /// The version as written, or the heading's text.
    pub title: String,
    /// The heading's line.
    pub heading: Span,
    /// What it says about its date, in the heading or alone below it.
    pub date: Dated,
    /// The notes as written, without blank lines around them, with the definitions that they use.
    pub notes: String,
    /// How many entries the notes hold.
    pub entries: usize,
    /// The visible lines, headings left out.
    pub lines: Vec<String>,
    /// Whether it is inside the previous section, as `1.2.0-rc.1` can be below `1.2.0`.
    pub is_inner: bool,
}

/// Why a changelog cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangelogError {
    /// It has no heading of a version.
    #[error("it has no version sections")]
    NoSection,
}

/// The sections of a file, or why it has none.
type Sections = Result<Rc<[Section]>, ChangelogError>;

/// How many files are remembered: two, before and after a change, of a few packages.
const REMEMBERED: usize = 8;

thread_local! {
    static READ: RefCell<VecDeque<(Source, Sections)>> = const { RefCell::new(VecDeque::new()) };
}

/// Every section, from the top of the file. The last files are remembered, because a changelog can
/// be large, and gates, notes and reports read the same one many times.
///
/// # Errors
/// When the file has no section of a version and none of what is not released.
pub fn sections(source: &Source) -> Sections {
    READ.with_borrow_mut(|read| {
        if let Some((_, known)) = read.iter().find(|(file, _)| file == source) {
            return known.clone();
        }
        let new: Sections = read_sections(source).map(Rc::from);
        read.truncate(REMEMBERED - 1);
        read.push_front((source.clone(), new.clone()));
        new
    })
}

fn read_sections(source: &Source) -> Result<Vec<Section>, ChangelogError> {
    let text = &source.text;
    let read = |markup: &Markup| (*markup, begins(text, *markup));
    let most = Markup::of(&source.name).iter().map(read).rev().max_by_key(|(_, it)| it.len());
    let (markup, begins) = most.ok_or(ChangelogError::NoSection)?;
    if begins.is_empty() {
        return Err(ChangelogError::NoSection);
    }
    let file = File { text, markup, shared: shared(text, markup) };
    let mut sections: Vec<Section> =
        (0..begins.len()).filter_map(|at| section(&file, &begins, at)).collect();
    for at in 0..begins.len() {
        let inner = inside(&begins, at).len();
        for section in sections.iter_mut().skip(at + 1).take(inner) {
            section.is_inner = true;
        }
    }
    Ok(sections)
}

/// A file for a single version, as its section.
#[must_use]
pub fn whole(source: &Source, version: &Version) -> Section {
    let text = &source.text;
    let markup = likeliest(source);
    let start = markdown::beginning(text);
    let notes = unindented(text.get(start..).unwrap_or_default()).to_owned();
    let headings = match markup {
        Markup::Markdown => markdown::headings(text),
        Markup::Rst | Markup::Asciidoc | Markup::Plain => lines::headings(text, markup),
    };
    let first = headings.into_iter().find(Heading::is_marked);
    let date = first.as_ref().map_or(Dated::Missing, |heading| {
        let title = Title { version: Some(version.clone()), ..Title::read(&heading.text) };
        habits::dated(&title, text.get(heading.body..).unwrap_or_default())
    });
    let line = text.get(start..).and_then(|text| text.lines().next()).unwrap_or_default();
    let span = Span { start, end: start + line.trim_end().len() };
    Section {
        version: Some(version.clone()),
        title: version.to_string(),
        heading: first.map_or(span, |heading| heading.span),
        date,
        entries: entries(&notes, markup),
        lines: visible(&notes, markup),
        notes,
        is_inner: false,
    }
}

/// The section of a version, and its location. If there are several, prefer one whose heading has
/// the version as written, and that is not empty.
#[must_use]
pub fn of<'s>(sections: &'s [Section], version: &Version) -> Option<(usize, &'s Section)> {
    let same = sections.iter().enumerate();
    let same = same.filter(|(_, section)| section.version.as_ref() == Some(version));
    let exact = |section: &Section| section.title == version.as_str();
    same.rev().max_by_key(|(_, section)| (!section.is_empty(), exact(section)))
}

/// The lines that a reader of a whole file gets to see, headings left out.
#[must_use]
pub fn told(source: &Source) -> Vec<String> {
    visible(&source.text, likeliest(source))
}

/// The markup of a file, by its name alone.
pub(super) fn likeliest(source: &Source) -> Markup {
    match Markup::of(&source.name) {
        [markup] => *markup,
        _ => Markup::Plain,
    }
}

fn entries(notes: &str, markup: Markup) -> usize {
    match markup {
        Markup::Markdown => markdown::entries(notes),
        Markup::Rst | Markup::Asciidoc | Markup::Plain => lines::entries(notes),
    }
}

fn begins(text: &str, markup: Markup) -> Vec<Begins> {
    habits::sections(match markup {
        Markup::Markdown => markdown::headings(text),
        Markup::Rst | Markup::Asciidoc | Markup::Plain => lines::headings(text, markup),
    })
}

fn visible(text: &str, markup: Markup) -> Vec<String> {
    match markup {
        Markup::Markdown => markdown::told(text),
        Markup::Rst | Markup::Asciidoc | Markup::Plain => lines::told(text, markup),
    }
}

/// A file, and what its sections may use of each other.
struct File<'t> {
    text: &'t str,
    markup: Markup,
    shared: markdown::Shared,
}

fn shared(text: &str, markup: Markup) -> markdown::Shared {
    match markup {
        Markup::Markdown => markdown::shared(text),
        Markup::Rst | Markup::Asciidoc | Markup::Plain => markdown::Shared::default(),
    }
}

fn section(file: &File<'_>, begins: &[Begins], at: usize) -> Option<Section> {
    let File { text, markup, .. } = *file;
    let Begins { heading, title } = begins.get(at)?;
    let next = begins.get(at + 1 + inside(begins, at).len());
    let end = next.map_or(text.len(), |next| next.heading.start);
    let part = heading.body.min(end)..end;
    let notes = notes(file, part.clone());
    let body = text.get(part).unwrap_or_default();
    let date = habits::dated(title, body);
    let mut lines = visible(&notes, markup);
    if title.dated == Dated::Missing && date != Dated::Missing && !lines.is_empty() {
        // The line with the date contains nothing else.
        lines.remove(0);
    }
    Some(Section {
        version: title.version.clone(),
        title: title.written.clone(),
        heading: heading.span,
        date,
        entries: entries(&notes, markup),
        notes,
        lines,
        is_inner: false,
    })
}

/// The sections that belong to another one.
fn inside(begins: &[Begins], at: usize) -> &[Begins] {
    let behind = begins.get(at + 1..).unwrap_or_default();
    let inner = behind.iter().take_while(|it| is_inside(it, begins.get(at))).count();
    behind.get(..inner).unwrap_or_default()
}

/// Whether a section belongs to another: a pre-release below the version that it led to.
fn is_inside(inner: &Begins, outer: Option<&Begins>) -> bool {
    let Some(outer) = outer else { return false };
    let (Some(one), Some(whole)) = (&inner.title.version, &outer.title.version) else {
        return false;
    };
    inner.heading.level > outer.heading.level
        && !one.is_final()
        && one.released() == whole.released()
}

fn notes(file: &File<'_>, part: Range<usize>) -> String {
    let File { text, markup, shared } = file;
    match markup {
        Markup::Markdown => markdown::with_definitions(text, part, shared),
        Markup::Rst | Markup::Asciidoc | Markup::Plain => {
            unindented(text.get(part).unwrap_or_default()).to_owned()
        }
    }
}

impl Section {
    /// Whether it is the section of what is not released yet.
    #[must_use]
    pub fn is_unreleased(&self) -> bool {
        self.version.is_none()
    }

    /// Whether its notes are empty: no text, only headings, or only placeholders.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.said().next().is_none()
    }

    /// Its visible lines, without placeholders.
    pub fn said(&self) -> impl Iterator<Item = &str> {
        let open = self.is_unreleased();
        self.lines.iter().map(String::as_str).filter(move |line| !words::is_placeholder(line, open))
    }
}
