//! `changelog-entry` before a merge: what users will notice is told when it comes, not when the
//! release is due and nobody remembers.

use crate::base::clean::quoted;
use crate::base::finding::{Finding, Who};
use crate::base::source::Source;
use crate::facts::{Facts, FileAt, LARGEST_FILE, Merge, Seen, Unseen};
use crate::judge::ruling::Ruling;
use crate::judge::target;
use crate::project::changelog::{Section, sections, told};
use crate::project::commits::{Change, account};
use crate::project::manifest::Manifest;
use std::collections::BTreeSet;

/// The ruling about a merge.
pub(super) fn rule(merge: &Merge, manifest: &Manifest, facts: &Facts) -> Ruling {
    let commits = match merge.commits.known() {
        Ok(commits) => commits,
        Err(unseen) => return Ruling::unseen("the commits that it brings", unseen),
    };
    let mut account = account(commits);
    // A squash merge leaves the title alone in history.
    account.changes.extend(merge.squashed().into_iter().flatten());
    let Some((_, change)) = account.demand() else {
        return Ruling::go("the merge brings nothing that users notice");
    };
    let name = &manifest.changelog.file;
    let before = match merge.changelog.known() {
        Ok(FileAt::Text(text)) => text.as_str(),
        Ok(FileAt::Absent) => "",
        Ok(other @ (FileAt::Binary | FileAt::TooLarge { .. })) => {
            let why = match other {
                FileAt::TooLarge { bytes } => {
                    format!("it has {bytes} bytes, at most {LARGEST_FILE} are read")
                }
                FileAt::Binary | FileAt::Text(_) | FileAt::Absent => "it is not UTF-8 text".into(),
            };
            let unseen = Unseen { why, help: None, who: Some(Who::Author) };
            return Ruling::unseen(&format!("`{name}` before the merge"), &unseen);
        }
        Err(unseen) => return Ruling::unseen(&format!("`{name}` before the merge"), unseen),
    };
    let text = match target::text(&facts.files, name) {
        Ok(text) => text,
        Err(none) => return none.ruling(),
    };
    let source = Source { name: name.clone(), text: text.into() };
    let sections = match sections(&source) {
        Ok(sections) => sections,
        Err(error) => {
            return Ruling::no_go(
                Finding::new(format!("`{name}` cannot be read as a changelog: {error}"))
                    .help("give each version its own `## [X.Y.Z] - YYYY-MM-DD` section")
                    .who(Who::Author),
            );
        }
    };
    let known: BTreeSet<String> = told(before).into_iter().collect();
    let open: Vec<&Section> = sections.iter().filter(|section| is_open(section, facts)).collect();
    let added = |section: &&&Section| {
        told(&section.notes).iter().filter(|line| !known.contains(*line)).count()
    };
    match open.iter().find(|section| added(section) > 0) {
        Some(section) => {
            let lines = match added(&section) {
                1 => "1 line".to_owned(),
                n => format!("{n} lines"),
            };
            Ruling::go(format!("{lines} more under {}", section.title))
        }
        None => missing(change, &source, &sections),
    }
}

/// Whether it tells of what is not released yet.
fn is_open(section: &Section, facts: &Facts) -> bool {
    let ahead = |version: &semver::Version| match &facts.history {
        Seen::Known(history) => {
            history.last.as_ref().is_none_or(|last| *version > last.version)
                && history.tags.iter().all(|tag| tag.version != *version)
        }
        Seen::Unseen(_) => false,
    };
    section.is_unreleased() || section.version.as_ref().is_some_and(ahead)
}

fn missing(change: &Change, source: &Source, sections: &[Section]) -> Ruling {
    let name = &source.name;
    let what = quoted(&change.description);
    let mut finding = Finding::new(format!("`{name}` tells nothing of this merge"))
        .note(format!("users will notice {} {what}", change.sha.short()))
        .help("say under `## [Unreleased]` what changes for users")
        .who(Who::Author);
    if let Some(top) = sections.first() {
        finding = finding.at(name, top.heading, "the newest section");
    }
    Ruling::no_go(finding)
}
