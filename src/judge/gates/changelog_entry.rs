//! `changelog-entry`: the changelog has a dated section for the release.

use super::changelog_kept;
use super::changelog_lost::OldSections;
use super::changelog_section::{duplicate, empty, example, out_of_order, undated};
use super::gate::{GateSettings, Need, Rule, not_due};
use crate::base::finding::{Finding, Who};
use crate::base::source::Source;
use crate::facts::{Facts, FileAt, Seen};
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;
use crate::judge::target::{self, Target};
use crate::project::changelog::{self, Dated, Section, sections};
use crate::project::manifest::{ChangelogStyle, Field, Reader, Shape};

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
        let there = !absent(facts.files.get(&manifest.changelog.file))
            || before.is_some_and(|before| !absent(Some(before)));
        manifest.changelog.style == ChangelogStyle::KeepAChangelog
            && (manifest.changelog.declared.is_some() || there)
    }

    fn rule(case: &Case<'_>, settings: &Settings) -> Ruling {
        let (manifest, facts) = (case.manifest, case.facts);
        match manifest.changelog.style {
            ChangelogStyle::KeepAChangelog => {}
            ChangelogStyle::Generated => {
                return Ruling::go("the notes are generated from the commits (`style: generated`)");
            }
            ChangelogStyle::None => {
                return Ruling::go("releases have no notes (`style: none`)");
            }
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
                    "no release is due, {} is already released",
                    target.version
                ));
            }
            Ok(Some(_) | None) => {}
        }
        let name = &manifest.changelog.file;
        let text = match target::text(&facts.files, name) {
            Ok(text) => text,
            Err(none) => return none.ruling(),
        };
        let source = Source { name: name.clone(), text: text.into() };
        match sections(&source) {
            Err(error) => Ruling::no_go(
                Finding::new(format!("`{name}` cannot be read as a changelog: {error}"))
                    .help("give each version its own `## [X.Y.Z] - YYYY-MM-DD` section")
                    .who(Who::Author),
            ),
            Ok(sections) => judge(settings, target, &source, &sections, facts),
        }
    }
}

fn judge(
    settings: &Settings,
    target: &Target,
    source: &Source,
    sections: &[Section],
    facts: &Facts,
) -> Ruling {
    let version = &target.version;
    let Some((position, section)) = changelog::of(sections, version) else {
        let example = example(version, sections, source, facts);
        let mut finding = Finding::new(format!("`{}` has no section for {version}", source.name))
            .help(format!("add `{example}` above the older versions"))
            .who(Who::Author);
        if let Some(top) = sections.first() {
            finding = finding.at(&source.name, top.heading, "the newest section");
        }
        return Ruling::no_go(finding);
    };
    let mut findings = Vec::new();
    findings.extend(undated(section, sections, source, facts));
    findings.extend(empty(section, source));
    findings.extend(duplicate(position, section, sections, source));
    findings.extend(out_of_order(position, section, sections, source));
    if !settings.unreleased_allowed {
        findings.extend(left_behind(sections, source, version));
    }
    if let Some(first) = findings.first() {
        let summary = first.message.clone();
        let findings = findings.into_iter().map(|finding| finding.who(Who::Author)).collect();
        return Ruling::NoGo { summary, findings };
    }
    let (line, _) = source.position(section.heading.start);
    let dated = match section.date {
        Dated::On(date) => format!("dated {date}"),
        Dated::During(date) => format!("dated {}", date.strftime("%B %Y")),
        Dated::Missing | Dated::Unreal(_) => "not dated".into(),
    };
    let entries = match section.entries {
        0 => "prose".into(),
        1 => "1 entry".into(),
        n => format!("{n} entries"),
    };
    Ruling::go(format!("{}:{line}, {dated}, {entries}", source.name))
}

fn left_behind(
    sections: &[Section],
    source: &Source,
    version: &crate::base::version::Version,
) -> Option<Finding> {
    let section = sections.iter().find(|section| section.is_unreleased() && !section.is_empty())?;
    let message = match section.entries {
        1 => "1 entry is left under Unreleased".to_owned(),
        0 => "Unreleased is not empty".to_owned(),
        n => format!("{n} entries are left under Unreleased"),
    };
    let finding = Finding::new(message).at(&source.name, section.heading, "not empty");
    Some(finding.help(format!(
        "move them to the section for {version}, or set `unreleased: allow` under `changelog-entry`"
    )))
}
