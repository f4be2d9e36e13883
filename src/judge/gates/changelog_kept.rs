//! `changelog-entry` before a merge: user-facing changes are described when they are merged, and
//! not only when the release is due and nobody remembers them. A merge must not remove
//! descriptions, whatever its title.

use super::changelog_files;
use super::changelog_fragments::{
    Moved, moved, new_fragments, no_fragment, none_left, uncollected,
};
use super::changelog_lost::{OldSections, Read, is_open, is_released, lost};
use crate::base::clean::quoted;
use crate::base::finding::{Finding, Who};
use crate::base::number::grouped;
use crate::base::source::Source;
use crate::facts::{FileAt, LARGEST_FILE, Merge, Seen, Unseen};
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;
use crate::judge::target::{self, Files};
use crate::project::changelog::{self, ChangelogError, Section, sections, told};
use crate::project::commits::{Change, Commit, CommitSummary, Excluded, account};
use crate::project::manifest::{ChangelogStyle, Manifest};
use std::collections::BTreeMap;

/// The ruling about a merge.
pub(super) fn rule(old: OldSections, merge: &Merge, case: &Case<'_>) -> Ruling {
    let (manifest, facts) = (case.manifest, case.facts);
    let commits = match merge.commits.known() {
        Ok(commits) => commits,
        Err(unseen) => return Ruling::unseen("the commits of the merge", unseen),
    };
    if let (Ok(target), Err(unseen)) = (case.target(), facts.tag.known()) {
        return Ruling::unseen(&format!("tag `{}`", target.tag), unseen);
    }
    let account = brought(merge, commits, case);
    let noticed = account.demand().map(|(_, change)| change);
    let moved_fragments = match moved(merge, case) {
        Ok(moved) => moved,
        Err(unseen) => return Ruling::unseen("the fragments that the merge changes", unseen),
    };
    if manifest.changelog.file.is_of_one_version() {
        return changelog_files::rule(old, merge, (noticed, &moved_fragments), case);
    }
    let Some(name) = &case.changelog() else {
        return fragments_alone(&moved_fragments, noticed, case);
    };
    let before = match before(merge, name) {
        Ok(before) => before,
        Err(unseen) => return Ruling::unseen(&format!("`{name}` before the merge"), &unseen),
    };
    // The changelog after the merge, at the path in the new manifest.
    let renamed = merge.renamed_changelog.as_ref().map(|it| (it.path.clone(), it.file.clone()));
    let there = facts.files.get(name).map(|file| (name.clone(), file.clone()));
    let (name, file) = match (&merge.manifest, renamed.or(there)) {
        (Seen::Unseen(unseen), _) => {
            return Ruling::unseen("the manifest after the merge", unseen);
        }
        (Seen::Known(_), Some(after)) => after,
        (Seen::Known(_), None) => (name.clone(), Seen::not_asked()),
    };
    let absent = matches!(file, Seen::Known(FileAt::Absent));
    let moved = merge.renamed_changelog.is_some();
    match (absent, &before) {
        (true, Some(_)) => return Ruling::no_go(removed(manifest, &name, moved)),
        (true, None) if manifest.changelog.style == ChangelogStyle::Fragments && !moved => {
            return fragments_alone(&moved_fragments, noticed, case);
        }
        (true, None) if noticed.is_none() && !moved => return without_visible_changes(),
        (true | false, _) => {}
    }
    let files = Files::from([(name.clone(), file)]);
    let text = match target::text(&files, &name) {
        Ok(text) => text,
        Err(none) => return none.ruling(),
    };
    let source = Source { name, text: text.into() };
    judge(old, before, source, (noticed, &moved_fragments), case)
}

/// The ruling for a project whose fragments are not collected into a file, or not yet.
fn fragments_alone(moved: &Moved, noticed: Option<&Change>, case: &Case<'_>) -> Ruling {
    match (noticed, moved.added.len()) {
        (None, _) => without_visible_changes(),
        (Some(change), 0) => Ruling::no_go(no_fragment(change, moved, case).who(Who::Author)),
        (Some(_), n) => Ruling::go(new_fragments(n, case)),
    }
}

fn judge(
    old: OldSections,
    before: Option<Source>,
    source: Source,
    (noticed, moved): (Option<&Change>, &Moved),
    case: &Case<'_>,
) -> Ruling {
    let then = before.as_ref().map(|source| (source, sections(source)));
    let now = match sections(&source) {
        Ok(sections) => sections,
        Err(error) => {
            // If the file could not be read before either, the merge did not cause this.
            let worse = then.is_some_and(|(_, sections)| sections.is_ok());
            return if noticed.is_some() || worse {
                unread(&source, &error)
            } else {
                without_visible_changes()
            };
        }
    };
    let after = Read { source, sections: now };
    let known = match &then {
        Some((_, Ok(sections))) => Known::of(sections.iter().filter(|it| is_open(it, case))),
        Some((before, Err(_))) => Known::all(told(before)),
        None => Known::default(),
    };
    let mut findings = match then.clone() {
        Some((before, Ok(sections))) if before.text != after.source.text => {
            let before = Read { source: before.clone(), sections };
            lost((&before, &after), (old, due(case)), case)
        }
        Some((_, Ok(_) | Err(_))) | None => Vec::new(),
    };
    let open = after.sections.iter().filter(|section| is_open(section, case));
    let more = known.added(open);
    let by_fragments = case.manifest.changelog.style == ChangelogStyle::Fragments;
    if by_fragments && none_left(moved, case) && more.is_none() && due(case) {
        findings.push(uncollected(moved, &after.source.name));
    }
    if let (Some(change), None, true) = (noticed, more, by_fragments) {
        if moved.added.is_empty() && findings.is_empty() {
            findings.push(no_fragment(change, moved, case));
        }
    } else if let (Some(change), None) = (noticed, more) {
        let then = then.and_then(|(_, sections)| sections.ok()).unwrap_or_default();
        let late = released(&then, &after, case).map(|finding| described(change, finding));
        findings.push(late.unwrap_or_else(|| missing(change, &after.source, &after.sections)));
    }
    if let Some(first) = findings.first() {
        let summary = first.message.clone();
        let findings = findings.into_iter().map(|finding| finding.who(Who::Author)).collect();
        return Ruling::NoGo { summary, findings };
    }
    match (noticed, more) {
        (Some(_), _) if !moved.added.is_empty() => {
            Ruling::go(new_fragments(moved.added.len(), case))
        }
        (Some(_), Some((section, 1))) => Ruling::go(format!("1 new line under {}", section.title)),
        (Some(_), Some((section, n))) => {
            Ruling::go(format!("{n} new lines under {}", section.title))
        }
        (None, _) | (Some(_), None) => without_visible_changes(),
    }
}

/// The unreleased lines before the merge, each with its number of occurrences.
#[derive(Debug, Default)]
struct Known(BTreeMap<String, usize>);

impl Known {
    fn of<'s>(sections: impl Iterator<Item = &'s Section>) -> Self {
        Self::all(sections.flat_map(Section::said))
    }

    fn all(lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut known = Self::default();
        for line in lines {
            *known.0.entry(line.into()).or_default() += 1;
        }
        known
    }

    /// The first section with new lines, and how many it has.
    fn added<'s>(
        mut self,
        sections: impl Iterator<Item = &'s Section>,
    ) -> Option<(&'s Section, usize)> {
        let mut is_new = |line: &&str| match self.0.get_mut(*line) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            Some(_) | None => true,
        };
        let counted = sections.map(|section| (section, section.said().filter(&mut is_new).count()));
        counted.collect::<Vec<_>>().into_iter().find(|(_, added)| *added > 0)
    }
}

/// A new line under a version that is already released. A rebase can cause this.
fn released(before: &[Section], after: &Read, case: &Case<'_>) -> Option<Finding> {
    let closed = after.sections.iter().filter(|section| !is_open(section, case));
    closed.filter_map(|section| late(before, section, &after.source, case)).next()
}

fn late(
    before: &[Section],
    section: &Section,
    source: &Source,
    case: &Case<'_>,
) -> Option<Finding> {
    let version = section.version.as_ref()?;
    let then = changelog::of(before, version).map(|(_, then)| then)?;
    let mut known = Known::of([then].into_iter());
    let line = section.said().find(|line| match known.0.get_mut(*line) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        Some(_) | None => true,
    })?;
    let place = source.find(line, section.heading.end).unwrap_or(section.heading);
    let title = &section.title;
    let why = if is_released(version, case) {
        "is already released"
    } else {
        "is lower than a version that is already released"
    };
    let message = format!("the new entry is under {title}, which {why}");
    Some(Finding::new(message).at(&source.name, place, "added here"))
}

/// Adds the user-facing change, and where its entry belongs.
fn described(change: &Change, finding: Finding) -> Finding {
    let what = quoted(&change.description);
    finding
        .note(format!("user-facing change: {} {what}", change.sha.short()))
        .help("move it to `## [Unreleased]` or to the section for the next version")
}

fn without_visible_changes() -> Ruling {
    Ruling::go("the merge contains no user-facing changes")
}

/// The changelog on the base branch.
fn before(merge: &Merge, name: &str) -> Result<Option<Source>, Unseen> {
    match merge.changelog.known() {
        Ok(FileAt::Text(text)) => Ok(Some(Source { name: name.to_owned(), text: text.clone() })),
        Ok(FileAt::Absent) => Ok(None),
        Ok(other @ (FileAt::Binary | FileAt::TooLarge { .. })) => {
            let why = match other {
                FileAt::TooLarge { bytes } => {
                    format!(
                        "it is too large: {} bytes (limit: {})",
                        grouped(bytes),
                        grouped(LARGEST_FILE)
                    )
                }
                FileAt::Binary | FileAt::Text(_) | FileAt::Absent => "it is not UTF-8 text".into(),
            };
            Err(Unseen { why, help: None, who: Some(Who::Author) })
        }
        Err(unseen) => Err(unseen.clone()),
    }
}

/// The changes that the merge adds. Commits that revert unreleased changes add nothing.
fn brought(merge: &Merge, commits: &[Commit], case: &Case<'_>) -> CommitSummary {
    let facts = case.facts;
    let kinds = case.change_kinds();
    let mut brought = account(commits, kinds);
    if let Seen::Known(history) = &facts.history {
        let since = account(&history.since, kinds).excluded;
        let undoing = |change: &Change| {
            since.iter().any(|(sha, rule)| *sha == change.sha && *rule == Excluded::Reverts)
        };
        brought.changes.retain(|change| !undoing(change));
    }
    // A squash merge adds only the title to the history.
    brought.changes.extend(merge.adds(&facts.history, kinds));
    brought
}

/// Whether users will notice any unreleased change; if that is unknown, assume that they will.
fn due(case: &Case<'_>) -> bool {
    let facts = case.facts;
    let out = facts.tag.known().ok().and_then(Option::as_ref).filter(|tag| case.is_out(tag));
    let since = match (&facts.history, out, &facts.after) {
        (_, Some(_), Seen::Known(after)) => after,
        (Seen::Known(history), _, _) => &history.since,
        (Seen::Unseen(_), _, _) => return true,
    };
    account(since, case.change_kinds()).demand().is_some()
}

fn removed(manifest: &Manifest, name: &str, moved: bool) -> Finding {
    let before = manifest.changelog.file.as_str();
    let finding = if moved {
        Finding::new(format!("the merge sets `changelog.file` to `{name}`, which does not exist"))
            .help(format!("rename `{before}` to `{name}` in the same pull request"))
    } else {
        Finding::new(format!("the merge removes `{before}`"))
            .help("keep it, or set `changelog.file` in the manifest to its new name")
    };
    finding.who(Who::Author)
}

fn unread(source: &Source, error: &ChangelogError) -> Ruling {
    let message = format!("`{}` cannot be read as a changelog: {error}", source.name);
    let help = "give each version its own `## [X.Y.Z] - YYYY-MM-DD` section";
    Ruling::no_go(Finding::new(message).help(help).who(Who::Author))
}

fn missing(change: &Change, source: &Source, sections: &[Section]) -> Finding {
    let name = &source.name;
    let what = quoted(&change.description);
    let mut finding = Finding::new(format!("`{name}` has no entry for this merge"))
        .note(format!("user-facing change: {} {what}", change.sha.short()))
        .help("describe the change for users under `## [Unreleased]`");
    if let Some(top) = sections.first() {
        finding = finding.at(name, top.heading, "the newest section");
    }
    finding
}
