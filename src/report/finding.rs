//! Findings in rustc's style, with the line that they point to.

use crate::base::clean::{clean, masked};
use crate::base::finding::Finding;
use crate::base::source::{Source, position};
use crate::base::word::{Tone, Word};
use crate::facts::{Facts, FileAt, NamedFile, Seen};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use anstyle::{AnsiColor, Style};
use std::collections::BTreeMap;

/// Whether text is styled for a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Without styles.
    Plain,
    /// With ANSI colors.
    Colour,
}

impl Paint {
    /// A word in the color of its tone.
    #[must_use]
    pub fn word(self, word: impl Into<Word>, width: usize) -> String {
        let word = word.into();
        let padded = format!("{word:<width$}");
        let colour = match word.tone {
            Tone::Good => AnsiColor::Green,
            Tone::Wait => AnsiColor::Yellow,
            Tone::Doubtful => AnsiColor::Magenta,
            Tone::Bad | Tone::Unfinished => AnsiColor::Red,
            Tone::Remark | Tone::Open | Tone::Off | Tone::Plain => return padded,
        };
        self.dress(&padded, Style::new().bold().fg_color(Some(colour.into())))
    }

    /// A heading.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.dress(text, Style::new().bold())
    }

    /// Dimmed text.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.dress(text, Style::new().dimmed())
    }

    fn dress(self, text: &str, style: Style) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colour => format!("{style}{text}{style:#}"),
        }
    }
}

/// The name of the manifest that is used: before a merge that changes it, `main:tminus.yaml`.
#[must_use]
pub fn judge(facts: &Facts) -> (&str, Tree) {
    let name = facts.manifest.name.as_str();
    let base = facts.merge.as_ref().and_then(|_| facts.branch.known().ok());
    let path = base.and_then(|base| name.strip_prefix(base.as_str())?.strip_prefix(':'));
    path.map_or((name, Tree::Judged), |path| (path, Tree::Base))
}

/// The maximum length of a path on any system.
const MAX_PATH: usize = 4096;

/// A location in a file. Lines and columns start at 1, and columns count characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot<'a> {
    /// The file's name in reports.
    pub file: &'a str,
    /// Its path in the repository.
    pub path: &'a str,
    /// The commit.
    pub tree: Tree,
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// One past the last column.
    pub end_column: usize,
    /// The text at the location; may be empty.
    pub label: &'a str,
}

/// The commit that contains a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tree {
    /// The evaluated commit.
    Judged,
    /// The head of the base branch before the merge. The same line can differ after the merge.
    Base,
}

/// The texts that findings refer to, by file name.
#[derive(Debug, Clone, Default)]
pub struct Sources(BTreeMap<String, Text>);

#[derive(Debug, Clone)]
struct Text {
    text: String,
    path: String,
    tree: Tree,
}

impl Sources {
    /// One file.
    #[must_use]
    pub fn of(source: &Source) -> Self {
        let mut sources = Self::default();
        sources.add(&source.name, &source.text);
        sources
    }

    fn add(&mut self, name: &str, text: &str) {
        let (text, path) = (text.to_owned(), name.to_owned());
        self.0.insert(name.to_owned(), Text { text, path, tree: Tree::Judged });
    }

    /// The manifest, and every file in the facts.
    #[must_use]
    pub fn of_facts(facts: &Facts) -> Self {
        let mut sources = Self::of(&facts.manifest);
        let (path, tree) = judge(facts);
        if let Some(text) = sources.0.get_mut(&facts.manifest.name) {
            (text.path, text.tree) = (path.to_owned(), tree);
        }
        let changed = facts.merge.as_ref().and_then(|merge| merge.manifest.known().ok()?.as_ref());
        if let Some(source) = changed.and_then(|changed| changed.source.as_ref()) {
            sources.add(&source.name, &source.text);
        }
        for (path, seen) in &facts.files {
            if let Seen::Known(FileAt::Text(text)) = seen {
                sources.add(path, text);
            }
        }
        let renamed = facts.merge.as_ref().and_then(|merge| merge.renamed_changelog.as_ref());
        if let Some(NamedFile { path, file: Seen::Known(FileAt::Text(text)) }) = renamed {
            sources.add(path, text);
        }
        sources
    }

    /// The lines and columns of a finding, if its file is known.
    #[must_use]
    pub fn spot<'a>(&'a self, finding: &'a Finding) -> Option<Spot<'a>> {
        let place = finding.place.as_ref().filter(|place| place.file.len() <= MAX_PATH)?;
        let Text { text, path, tree } = self.0.get(&place.file)?;
        let (line, column) = position(text, place.span.start);
        let (end_line, end_column) = position(text, place.span.end.max(place.span.start));
        let (file, label) = (place.file.as_str(), place.label.as_str());
        Some(Spot { file, path, tree: *tree, line, column, end_line, end_column, label })
    }
}

/// A finding with a title such as `no-go[checks-green]`.
#[must_use]
pub fn finding(
    word: impl Into<Word>,
    id: Option<&str>,
    finding: &Finding,
    sources: &Sources,
    paint: Paint,
) -> String {
    let word = word.into();
    let level = match word.tone {
        Tone::Wait => Level::WARNING,
        Tone::Doubtful => Level::NOTE,
        Tone::Good
        | Tone::Unfinished
        | Tone::Bad
        | Tone::Remark
        | Tone::Open
        | Tone::Off
        | Tone::Plain => Level::ERROR,
    };
    let level = level.with_name(word.text);
    let message = clean(&finding.message).into_owned();
    let mut title = level.primary_title(message);
    if let Some(id) = id {
        title = title.id(id.to_owned());
    }
    let place = finding.place.as_ref();
    let text = place.and_then(|place| sources.0.get(&place.file)).map(|it| it.text.as_str());
    let mut group = Group::with_title(title);
    if let (Some(place), Some(text)) = (place, text) {
        let end = place.span.end.min(text.len());
        let start = place.span.start.min(end);
        let mark = AnnotationKind::Primary.span(start..end).label(clean(&place.label).into_owned());
        let path = clean(&place.file).into_owned();
        let snippet = Snippet::source(masked(text)).path(path).annotation(mark);
        group = group.element(snippet);
    }
    for note in &finding.notes {
        group = group.element(Level::NOTE.message(clean(note).into_owned()));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(clean(help).into_owned()));
    }
    if let Some(who) = finding.waits_on_others() {
        group =
            group.element(Level::INFO.with_name("waiting on").message(clean(&who).into_owned()));
    }
    let renderer = match paint {
        Paint::Plain => Renderer::plain(),
        Paint::Colour => Renderer::styled(),
    };
    renderer.render(&[group])
}

/// Several findings with the same word, separated by a blank line.
#[must_use]
pub fn all(
    word: impl Into<Word>,
    id: Option<&str>,
    findings: &[Finding],
    sources: &Sources,
    paint: Paint,
) -> String {
    let word = word.into();
    let each = findings.iter().map(|one| finding(word, id, one, sources, paint));
    each.collect::<Vec<_>>().join("\n\n")
}
