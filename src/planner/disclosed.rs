//! Finds secrets in what a release would publish, before the release starts.

use crate::base::finding::{Finding, Who};
use crate::base::secrets::Secrets;
use crate::base::source::Span;
use crate::facts::{FileAt, Seen};
use crate::judge::case::Case;
use crate::judge::notes::{are_generated, notes};
use crate::project::commits::listing;
use crate::release::ledger::Ledger;
use crate::release::plan::Plan;

const REVOKE: &str = "remove it, commit the change, and revoke the secret";
const REPLACE: &str = "revoke the secret and use a new one, or write the notes in a changelog";

/// The finding for secrets that would become public, with their locations; `None` if there are
/// none. A release that has already started may continue: each of its writes is checked separately.
#[must_use]
pub fn find_secrets(plan: &Plan, case: &Case<'_>, secrets: &Secrets) -> Option<Finding> {
    let (manifest, facts) = (case.manifest, case.facts);
    if facts.ledger.known().is_ok_and(|ledger: &Ledger| ledger.plan().is_some()) {
        return None;
    }
    let mut found = in_commits(case, secrets);
    found.extend(in_changelog(case, secrets));
    let told = serde_json::to_string(plan).is_ok_and(|json| secrets.are_in(&json));
    if found.is_empty() && told {
        found = in_lines(&manifest.source.name, &manifest.source.text, |line| secrets.are_in(line));
        if found.is_empty() {
            found.push(
                Finding::new("the plan contains a secret that is available to this run")
                    .help(REVOKE),
            );
        }
    }
    let mut found = found.into_iter();
    let first = found.next()?.who(Who::Author);
    Some(found.fold(first, |first, other| first.note(format!("also: {}", other.message))))
}

/// Commits whose text the generated notes would contain.
fn in_commits(case: &Case<'_>, secrets: &Secrets) -> Vec<Finding> {
    let Seen::Known(history) = &case.facts.history else { return Vec::new() };
    if !are_generated(case) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for entry in listing(&history.since, case.change_kinds(), &case.facts.name).entries {
        let change = entry.change;
        let said = [change.description, change.scope.unwrap_or_default()];
        if said.iter().chain(&change.notes).any(|text| secrets.are_in(text)) {
            let commit = change.sha.short();
            let message = format!(
                "commit {commit} contains a secret that is available to this run; the notes would \
                 publish it"
            );
            found.push(Finding::new(message).help(REPLACE));
        }
    }
    found
}

/// Lines of the changelog that the notes would contain.
fn in_changelog(case: &Case<'_>, secrets: &Secrets) -> Vec<Finding> {
    let Some(name) = case.changelog() else { return Vec::new() };
    let Some(Seen::Known(FileAt::Text(text))) = case.facts.files.get(&name) else {
        return Vec::new();
    };
    let notes = if are_generated(case) { None } else { notes(case).ok() }.unwrap_or_default();
    in_lines(&name, text, |line| notes.contains(line.trim()) && secrets.are_in(line))
}

fn in_lines(name: &str, text: &str, holds: impl Fn(&str) -> bool) -> Vec<Finding> {
    let (mut found, mut start) = (Vec::new(), 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let bare = line.trim_end();
        if holds(bare) {
            let message = format!(
                "`{name}:{}` contains a secret that is available to this run; the release would \
                 publish it",
                number + 1
            );
            // Only its first character is underlined, so that the underline does not show the
            // length of the secret.
            let span = Span { start, end: start + bare.chars().next().map_or(0, char::len_utf8) };
            found.push(Finding::new(message).at(name, span, "on this line").help(REVOKE));
        }
        start += line.len();
    }
    found
}
