//! `changelog-entry`: the changelog has a dated section for the release.

use super::changelog_fragments::left;
use super::changelog_kept;
use super::changelog_lost::OldSections;
use super::changelog_section::{duplicate, empty, example, garbled, out_of_order, undated};
use super::gate::{Gate, GateSettings, Need, Rule, not_due};
use crate::base::finding::{Finding, Who};
use crate::base::source::Source;
use crate::facts::{FileAt, Seen};
use crate::judge::case::Case;
use crate::judge::notes::{are_generated, is_too_long};
use crate::judge::ruling::Ruling;
use crate::judge::target::{self, Target};
use crate::project::changelog::{self, ChangelogError, Dated, Section, sections};
use crate::project::manifest::{ChangelogStyle, Field, Reader, Shape};

const GENERATED: &str = "the notes are generated from the commits";

/// The rule.
pub(super) struct ChangelogEntry;

/// Its settings.
pub(super) struct Settings {
    unreleased_allowed: bool,
    old: OldSections,
}

impl GateSettings for Settings {
    const SHAPE: Shape<'static> = Shape::Object(&[
        Field::new(
            "unreleased",
            Shape::OneOf(&[
                ("refuse", "entries under Unreleased block the release"),
                ("allow", "entries can stay under Unreleased"),
            ]),
            "Whether entries can stay under Unreleased when a version is released.",
        )
        .default("refuse"),
        Field::new(
            "old-sections",
            Shape::OneOf(&[
                ("keep", "a merge that removes one is blocked"),
                ("archive", "a merge can remove them"),
            ]),
            "Whether a merge can remove sections for released versions.",
        )
        .default("keep"),
    ]);

    fn read(reader: &Reader<'_>) -> Option<Self> {
        let unreleased = [("refuse", false), ("allow", true)];
        let old = [("keep", OldSections::Keep), ("archive", OldSections::Archive)];
        Some(Self {
            unreleased_allowed: reader.word("unreleased", &unreleased)?,
            old: reader.word("old-sections", &old)?,
        })
    }
}

impl Rule for ChangelogEntry {
    const ID: &'static str = "changelog-entry";
    const ASKS: &'static str =
        "does the changelog describe this version, or the changes of a merge?";
    const PAGE: &'static str = include_str!("../../../docs/gates/changelog-entry.md");
    type Settings = Settings;

    fn needs(_: &Settings) -> Vec<Need> {
        vec![Need::History, Need::Files, Need::Tag]
    }

    fn by_default(case: &Case<'_>) -> bool {
        let (manifest, facts) = (case.manifest, case.facts);
        let absent =
            |seen: Option<&Seen<FileAt>>| matches!(seen, Some(Seen::Known(FileAt::Absent)));
        // A merge that deletes the file does not turn its gate off.
        let before = facts.merge.as_ref().map(|merge| &merge.changelog);
        let file = case.changelog();
        let there = !absent(file.and_then(|file| facts.files.get(&file)))
            || before.is_some_and(|before| !absent(Some(before)));
        let by_style = match manifest.changelog.style {
            ChangelogStyle::KeepAChangelog => manifest.changelog.declared.is_some() || there,
            ChangelogStyle::Fragments => true,
            ChangelogStyle::Forge | ChangelogStyle::Generated | ChangelogStyle::None => false,
        };
        by_style || are_cut(case)
    }

    fn rule(case: &Case<'_>, settings: &Settings) -> Ruling {
        let (manifest, facts) = (case.manifest, case.facts);
        if let Some(ruling) = elsewhere(case) {
            return ruling;
        }
        if let Some(merge) = &facts.merge {
            return changelog_kept::rule(settings.old, merge, case);
        }
        let target = match case.target() {
            Ok(target) => target,
            Err(none) => return none.ruling(),
        };
        if let Some((target, path)) = case.in_development() {
            return Ruling::go(not_due(target, path));
        }
        match facts.tag.known() {
            Err(unseen) => {
                return Ruling::unseen(&format!("tag `{}`", target.tag), unseen);
            }
            Ok(Some(tag)) if case.is_out(tag) => {
                return Ruling::go(format!(
                    "no release is due: {} is already released",
                    target.version
                ));
            }
            Ok(Some(_) | None) => {}
        }
        let left = match left(settings.unreleased_allowed, target, case) {
            Ok(left) => left,
            Err(unseen) => return Ruling::unseen("the fragments", unseen),
        };
        let Some(name) = case.changelog() else { return no_changelog(left) };
        if manifest.changelog.declared.is_none()
            && manifest.changelog.style == ChangelogStyle::Fragments
            && facts.files.get(&name) == Some(&Seen::Known(FileAt::Absent))
        {
            return no_changelog(left);
        }
        let whole = manifest.changelog.file.is_of_one_version();
        if whole && facts.files.get(&name) == Some(&Seen::Known(FileAt::Absent)) {
            let finding = Finding::new(format!("`{name}` does not exist"))
                .help(format!("create the file, and describe the changes in {}", target.version));
            return told(left.into_iter().chain([finding]).collect());
        }
        let text = match target::text(&facts.files, &name) {
            Ok(text) => text,
            Err(none) => return left.map_or_else(|| none.ruling(), |left| told(vec![left])),
        };
        let source = Source { name: name.clone(), text: text.into() };
        if whole {
            return judge_whole(left, target, &source, case);
        }
        match sections(&source) {
            Err(error) => told(left.into_iter().chain([unread(&name, &error)]).collect()),
            Ok(sections) => judge(settings, left, target, &source, &sections, case),
        }
    }
}

/// The ruling if the notes are not in a file.
fn elsewhere(case: &Case<'_>) -> Option<Ruling> {
    let (manifest, cut) = (case.manifest, cut(case));
    match manifest.changelog.style {
        ChangelogStyle::KeepAChangelog | ChangelogStyle::Fragments => {
            let unnamed = !Gate::of::<ChangelogEntry>().is_named(manifest);
            let of_commits = unnamed && are_generated(case) && are_cut(case);
            of_commits.then(|| Ruling::go(format!("{GENERATED}{cut}")))
        }
        ChangelogStyle::Forge => {
            let (name, style) = (manifest.forge.words.name, manifest.forge.name);
            Some(Ruling::go(format!(
                "{name} generates the notes when the release starts (`style: {style}`){cut}"
            )))
        }
        ChangelogStyle::Generated => {
            Some(Ruling::go(format!("{GENERATED} (`style: generated`){cut}")))
        }
        ChangelogStyle::None => Some(Ruling::go("releases have no notes (`style: none`)")),
    }
}

/// The ruling for a project with fragments and without a changelog.
fn no_changelog(left: Option<Finding>) -> Ruling {
    match left {
        Some(left) => told(vec![left]),
        None => Ruling::go("no fragment is left, and there is no changelog"),
    }
}

fn unread(name: &str, error: &ChangelogError) -> Finding {
    Finding::new(format!("`{name}` cannot be read as a changelog: {error}"))
        .help("give each version its own `## [X.Y.Z] - YYYY-MM-DD` section")
        .who(Who::Author)
}

/// A no-go with all of these findings; there is at least one.
fn told(findings: Vec<Finding>) -> Ruling {
    let summary = findings.first().map(|first| first.message.clone()).unwrap_or_default();
    let findings = findings.into_iter().map(|finding| finding.who(Who::Author)).collect();
    Ruling::NoGo { summary, findings }
}

/// The ruling about a file for this version only.
fn judge_whole(left: Option<Finding>, target: &Target, source: &Source, case: &Case<'_>) -> Ruling {
    let section = changelog::whole(source, &target.version);
    let mut findings: Vec<Finding> = left.into_iter().collect();
    let undated = undated(&section, &[], source, case.facts);
    findings.extend(undated.map(|it| it.help("write the date of the release, or leave it out")));
    if section.is_empty() {
        let says = match section.lines.is_empty() {
            true => "is empty",
            false => "contains only a placeholder",
        };
        let finding = Finding::new(format!("`{}` {says}", source.name));
        findings.push(finding.at(&source.name, section.heading, "").help("describe the changes"));
    }
    findings.extend(garbled(&section, source));
    if !findings.is_empty() {
        return told(findings);
    }
    let entries = entries(&section);
    Ruling::go(format!("{}, {entries}{}", source.name, cut(case)))
}

fn entries(section: &Section) -> String {
    match section.entries {
        0 => "text without a list".into(),
        1 => "1 entry".into(),
        n => format!("{n} entries"),
    }
}

/// Whether notes of a release that is due are longer than the forge allows.
fn are_cut(case: &Case<'_>) -> bool {
    let due = case.target().is_ok() && case.after().is_none() && case.all_done().is_none();
    due && case.facts.merge.is_none() && is_too_long(case)
}

/// What happens to notes that are longer than the forge allows.
fn cut(case: &Case<'_>) -> String {
    if !are_cut(case) {
        return String::new();
    }
    format!(
        "; too long for {}, so the notes end early, with a link",
        case.manifest.forge.words.name
    )
}

fn judge(
    settings: &Settings,
    left: Option<Finding>,
    target: &Target,
    source: &Source,
    sections: &[Section],
    case: &Case<'_>,
) -> Ruling {
    let facts = case.facts;
    let version = &target.version;
    let Some((position, section)) = changelog::of(sections, version) else {
        let example = example(version, sections, source, facts);
        let mut finding = Finding::new(format!("`{}` has no section for {version}", source.name))
            .help(format!("add `{example}` above the older versions"))
            .who(Who::Author);
        if let Some(top) = sections.first() {
            finding = finding.at(&source.name, top.heading, "the newest section");
        }
        return told(left.into_iter().chain([finding]).collect());
    };
    let mut findings: Vec<Finding> = left.into_iter().collect();
    findings.extend(undated(section, sections, source, facts));
    findings.extend(empty(section, source));
    findings.extend(garbled(section, source));
    findings.extend(duplicate(position, section, sections, source));
    findings.extend(out_of_order(position, section, sections, source));
    if !settings.unreleased_allowed {
        findings.extend(left_behind(sections, source, version));
    }
    if !findings.is_empty() {
        return told(findings);
    }
    let (line, _) = source.position(section.heading.start);
    let dated = match section.date {
        Dated::On(date) => format!("dated {date}"),
        Dated::During(date) => format!("dated {}", date.strftime("%B %Y")),
        Dated::Missing | Dated::Unreal(_) => "not dated".into(),
    };
    let (entries, cut) = (entries(section), cut(case));
    Ruling::go(format!("{}:{line}, {dated}, {entries}{cut}", source.name))
}

fn left_behind(
    sections: &[Section],
    source: &Source,
    version: &crate::base::version::Version,
) -> Option<Finding> {
    let section = sections.iter().find(|section| section.is_unreleased() && !section.is_empty())?;
    let (message, what) = match section.entries {
        1 => ("1 entry is left under Unreleased".to_owned(), "it"),
        0 => ("Unreleased is not empty".to_owned(), "its content"),
        n => (format!("{n} entries are left under Unreleased"), "them"),
    };
    let finding = Finding::new(message).at(&source.name, section.heading, "not empty");
    Some(finding.help(format!(
        "move {what} to the section for {version}, or set `unreleased: allow` under `changelog-entry`"
    )))
}
