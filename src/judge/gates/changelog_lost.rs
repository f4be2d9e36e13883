//! What a merge removes from the changelog, or makes wrong in it, whatever its title.

use super::changelog_section::{out_of_order, undated};
use crate::base::finding::Finding;
use crate::base::source::Source;
use crate::base::version::Version;
use crate::facts::{Facts, Seen};
use crate::judge::case::Case;
use crate::judge::target::NoTarget;
use crate::project::changelog::{self, Dated, Section};
use std::rc::Rc;

/// Whether sections of released versions must stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OldSections {
    Keep,
    Archive,
}

/// A changelog with its sections.
pub(super) struct Read {
    pub(super) source: Source,
    pub(super) sections: Rc<[Section]>,
}

impl Read {
    fn of(&self, version: &Version) -> Option<(usize, &Section)> {
        changelog::of(&self.sections, version)
    }

    /// Whether it has an unreleased section that is not empty.
    fn has_unreleased_entries(&self, case: &Case<'_>) -> bool {
        self.sections.iter().any(|section| is_open(section, case) && !section.is_empty())
    }
}

/// Whether it describes unreleased changes.
pub(super) fn is_open(section: &Section, case: &Case<'_>) -> bool {
    section.is_unreleased() || section.version.as_ref().is_some_and(|one| is_ahead(one, case))
}

/// Whether a version is higher than the last release and not released itself. The version in the
/// files does not matter.
pub(super) fn is_ahead(version: &Version, case: &Case<'_>) -> bool {
    match &case.facts.history {
        Seen::Known(history) => {
            history.last.as_ref().is_none_or(|last| *version > last.version)
                && history.tags.iter().all(|tag| tag.version != *version)
                && case.target().map_or(true, |target| *version > target.version || !is_out(case))
        }
        Seen::Unseen(_) => false,
    }
}

/// Whether a version has a tag.
pub(super) fn is_released(version: &Version, case: &Case<'_>) -> bool {
    let target = case.target().is_ok_and(|target| target.version == *version) && is_out(case);
    let history = case.facts.history.known();
    target || history.is_ok_and(|known| known.tags.iter().any(|tag| tag.version == *version))
}

/// Whether the version to release is already released. Its tag is not part of the history.
fn is_out(case: &Case<'_>) -> bool {
    match case.facts.tag.known() {
        Ok(Some(tag)) => case.is_out(tag),
        Ok(None) | Err(_) => false,
    }
}

/// Whether this version can be the next release.
fn is_due(version: &Version, case: &Case<'_>) -> bool {
    match case.target() {
        Ok(target) => target.version == *version && !is_out(case),
        Err(
            NoTarget::Wrong(_)
            | NoTarget::NotGiven
            | NoTarget::NotSet { .. }
            | NoTarget::Unseen { .. },
        ) => is_ahead(version, case),
    }
}

/// What is wrong after the merge and was not before. `noticed` is whether the changes since the
/// last release include user-facing ones.
pub(super) fn lost(
    (before, after): (&Read, &Read),
    (old, noticed): (OldSections, bool),
    case: &Case<'_>,
) -> Vec<Finding> {
    let facts = case.facts;
    let mut findings = Vec::new();
    for section in before.sections.iter().filter(|section| !section.is_empty()) {
        let Some(version) = &section.version else { continue };
        let due = is_due(version, case);
        // The section of a pre-release can become part of the final version's section.
        let kept = old == OldSections::Keep && version.is_final() && !is_ahead(version, case);
        if due || kept {
            findings.extend(gone(section, version, due, after));
        }
    }
    for section in after.sections.iter() {
        let Some(version) = &section.version else { continue };
        if is_due(version, case) {
            findings.extend(section_regressions(version, before, after, facts));
        }
    }
    if findings.is_empty()
        && noticed
        && before.has_unreleased_entries(case)
        && !after.has_unreleased_entries(case)
    {
        let name = &after.source.name;
        let message = format!("the merge removes all unreleased entries from `{name}`");
        findings.push(Finding::new(message).help("keep the entries of the remaining changes"));
    }
    findings
}

/// A section that had content before the merge, and is missing or empty after it.
fn gone(section: &Section, version: &Version, due: bool, after: &Read) -> Option<Finding> {
    let name = &after.source.name;
    let title = &section.title;
    let finding = match after.of(version) {
        None => Finding::new(format!("the merge removes the section for {title} from `{name}`")),
        Some((_, now)) if now.is_empty() => Finding::new(format!(
            "the merge empties the section for {title}"
        ))
        .at(name, now.heading, "now empty"),
        Some(_) => return None,
    };
    Some(if due {
        finding.help(format!("keep it: {title} is not released yet"))
    } else {
        finding.help(
            "keep it, or first merge a change that sets `old-sections: archive` under \
             `changelog-entry`",
        )
    })
}

/// What is wrong with the section of the version to release, and was not before. A new section can
/// still lack its date and its text.
fn section_regressions(
    version: &Version,
    before: &Read,
    after: &Read,
    facts: &Facts,
) -> Vec<Finding> {
    let wrong = |read: &Read| -> Vec<Finding> {
        let Some((at, section)) = read.of(version) else { return Vec::new() };
        let findings = undated(section, &read.sections, &read.source, facts).into_iter();
        findings.chain(out_of_order(at, section, &read.sections, &read.source)).collect()
    };
    let then = before.of(version).map(|(_, section)| section);
    let now = after.of(version).map(|(_, section)| section);
    let unfinished = now.is_some_and(|section| section.date == Dated::Missing);
    let was_finished = then.is_some_and(|section| section.date != Dated::Missing);
    let known: Vec<String> = wrong(before).into_iter().map(|finding| finding.message).collect();
    let mut findings = wrong(after);
    findings.retain(|finding| !known.contains(&finding.message));
    if unfinished && !was_finished {
        let missing =
            now.and_then(|section| undated(section, &after.sections, &after.source, facts));
        findings.retain(|finding| missing.as_ref().is_none_or(|it| it.message != finding.message));
    }
    findings
}
