//! Release notes: the changelog's section, or generated from the commits.

use crate::base::clean::is_unsafe;
use crate::base::source::Source;
use crate::facts::Seen;
use crate::judge::case::Case;
use crate::judge::target::{self, NoTarget};
use crate::project::changelog::{self, sections};
use crate::project::commits::{Change, account};
use crate::project::manifest::ChangelogStyle;
use std::fmt::Write as _;

/// The notes of a release, Markdown.
///
/// # Errors
/// When the changelog or the history that they come from is unseen.
pub fn notes(case: &Case<'_>) -> Result<String, NoTarget> {
    if are_generated(case) {
        return generated(case);
    }
    if case.manifest.changelog.style == ChangelogStyle::None {
        return Ok(String::new());
    }
    let target = case.target().map_err(NoTarget::clone)?;
    let name = &case.manifest.changelog.file;
    let source = Source { name: name.clone(), text: target::text(&case.facts.files, name)?.into() };
    let sections = sections(&source).unwrap_or_default();
    let section = changelog::of(&sections, &target.version);
    Ok(section.map_or_else(String::new, |(_, section)| section.notes.clone()))
}

/// Whether the notes are made from the commits.
#[must_use]
pub fn are_generated(case: &Case<'_>) -> bool {
    let (manifest, facts) = (case.manifest, case.facts);
    let file = facts.files.get(&manifest.changelog.file);
    let absent = matches!(file, Some(Seen::Known(crate::facts::FileAt::Absent)));
    match manifest.changelog.style {
        ChangelogStyle::Generated => true,
        ChangelogStyle::KeepAChangelog => absent && manifest.changelog.declared.is_none(),
        ChangelogStyle::None => false,
    }
}

/// A heading, and which changes stand under it.
type Heading = (&'static str, fn(&Change) -> bool);

fn generated(case: &Case<'_>) -> Result<String, NoTarget> {
    let history = case.facts.history.known().map_err(|unseen| NoTarget::Unseen {
        what: "the commits since the last release".into(),
        unseen: unseen.clone(),
    })?;
    let account = account(&history.since, case.change_kinds());
    let mut text = String::new();
    let headings: [Heading; 4] = [
        ("Breaking changes", |change| change.breaking),
        ("Features", |change| !change.breaking && change.kind.as_deref() == Some("feat")),
        ("Fixes", |change| {
            !change.breaking && matches!(change.kind.as_deref(), Some("fix" | "perf" | "revert"))
        }),
        ("Other changes", |change| change.bump().is_none()),
    ];
    for (heading, belongs) in headings {
        let mut changes = account.changes.iter().filter(|change| belongs(change)).peekable();
        if changes.peek().is_none() {
            continue;
        }
        let _ = writeln!(text, "### {heading}\n");
        for change in changes {
            let scope = change.scope.as_deref().map(|scope| format!("**{}:** ", plain(scope)));
            let line = plain(&change.description);
            let _ =
                writeln!(text, "- {}{line} ({})", scope.unwrap_or_default(), change.sha.short());
        }
        text.push('\n');
    }
    Ok(text.trim_end().to_owned())
}

/// Text from a commit as inert Markdown: no markup, no tags, nobody mentioned.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.trim_start().chars().filter(|c| !is_unsafe(*c)) {
        match c {
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '&' => plain.push_str("&amp;"),
            '@' => plain.push_str("@\u{200b}"),
            // What could begin a heading, a list or a quotation is escaped where it begins a line.
            '#' | '+' | '-' | '=' if plain.is_empty() => plain.extend(['\\', c]),
            '.' | ')' if plain.bytes().all(|b| b.is_ascii_digit()) => plain.extend(['\\', c]),
            '*' | '_' | '[' | ']' | '`' | '\\' | '~' | '|' => plain.extend(['\\', c]),
            _ => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_commit_says_stays_words() {
        for (text, inert) in [
            ("# Big", "\\# Big"),
            ("1. one", "1\\. one"),
            ("<img onerror=x> & @all", "&lt;img onerror=x&gt; &amp; @\u{200b}all"),
            ("`a_b` *c* [d](e)", "\\`a\\_b\\` \\*c\\* \\[d\\](e)"),
            ("a\u{1b}[31mb\u{202e}c", "a\\[31mbc"),
        ] {
            assert_eq!(plain(text), inert);
        }
    }
}
