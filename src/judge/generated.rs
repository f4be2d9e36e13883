//! Release notes from the commits since the previous release.

use super::case::Case;
use super::inert::{block, line};
use super::target::NoTarget;
use crate::project::commits::{Entry, Group, Listing, listing};
use std::fmt::Write as _;

/// The notes if a release has commits, and none of them is listed.
const NOTHING: &str = "Maintenance only: no user-facing changes.";

/// The content of generated notes, and whether each commit is listed.
///
/// # Errors
/// When the history is unseen.
pub fn listed(case: &Case<'_>) -> Result<Listing, NoTarget> {
    let history = case.facts.history.known().map_err(|unseen| NoTarget::Unseen {
        what: "the commits since the last release".into(),
        unseen: unseen.clone(),
    })?;
    Ok(listing(&history.since, case.change_kinds(), &case.facts.name))
}

/// The notes, Markdown.
pub(super) fn generated(listing: &Listing) -> String {
    let mut text = String::new();
    for group in Group::ALL {
        let mut entries = listing.entries.iter().filter(|entry| entry.group == group).peekable();
        if entries.peek().is_none() {
            continue;
        }
        let _ = writeln!(text, "### {}\n", group.heading());
        entries.for_each(|entry| write_entry(&mut text, entry));
        text.push('\n');
    }
    if text.is_empty() && !listing.fates.is_empty() {
        text.push_str(NOTHING);
    }
    text.trim_end().to_owned()
}

fn write_entry(text: &mut String, entry: &Entry) {
    let change = &entry.change;
    let kind = change.kind.as_deref().filter(|_| entry.group.is_mixed());
    let scope = change.scope.as_deref();
    let about = match (kind, scope) {
        (Some(kind), Some(scope)) => format!("**{}({}):** ", line(kind), line(scope)),
        (Some(one), None) | (None, Some(one)) => format!("**{}:** ", line(one)),
        (None, None) => String::new(),
    };
    let pull = entry.pull.as_ref().map(|pull| format!(" ({pull})")).unwrap_or_default();
    let commits: Vec<&str> = entry.commits.iter().map(|sha| sha.short()).collect();
    let said = line(&change.description);
    let _ = writeln!(text, "- {about}{said}{pull} ({})", commits.join(", "));
    for note in &change.notes {
        let _ = writeln!(text, "\n{}", block(note, 2));
    }
}
