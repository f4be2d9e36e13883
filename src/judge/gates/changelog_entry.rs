//! `changelog-entry`: the release is told of, in its own dated section.

use super::changelog_kept;
use super::gate::{Need, Rule};
use crate::base::finding::{Finding, Who};
use crate::base::source::Source;
use crate::facts::{Facts, FileAt, Seen};
use crate::judge::ruling::Ruling;
use crate::judge::target::{self, Target};
use crate::project::changelog::{Dated, Section, sections};
use crate::project::manifest::{ChangelogStyle, Field, Manifest, Reader, Shape};

/// The rule.
pub(super) struct ChangelogEntry;

/// Its settings.
pub(super) struct Settings {
    unreleased_allowed: bool,
}

impl Rule for ChangelogEntry {
    const ID: &'static str = "changelog-entry";
    const ASKS: &'static str =
        "does the changelog tell of this version, or of what a merge brings?";
    const PAGE: &'static str = include_str!("../../../docs/gates/changelog-entry.md");
    const SETTINGS: Shape<'static> = Shape::Object(&[Field::new(
        "unreleased",
        Shape::OneOf(&[
            ("refuse", "entries left under Unreleased are a no-go"),
            ("allow", "entries may stay under Unreleased"),
        ]),
        "Whether entries may be left under Unreleased when a version is released.",
    )
    .default("refuse")]);
    type Settings = Settings;

    fn settings(reader: &Reader<'_>) -> Option<Settings> {
        let known = [("refuse", false), ("allow", true)];
        Some(Settings { unreleased_allowed: reader.word("unreleased", &known)? })
    }

    fn needs(_: &Settings) -> Vec<Need> {
        vec![Need::History, Need::Files, Need::Tag]
    }

    fn by_default(manifest: &Manifest, facts: &Facts) -> bool {
        let there =
            !matches!(facts.files.get(&manifest.changelog.file), Some(Seen::Known(FileAt::Absent)));
        manifest.changelog.style == ChangelogStyle::KeepAChangelog
            && (manifest.changelog.declared.is_some() || there)
    }

    fn rule(settings: &Settings, manifest: &Manifest, facts: &Facts) -> Ruling {
        if manifest.changelog.style == ChangelogStyle::Generated {
            return Ruling::go("the notes are made from the commits (`style: generated`)");
        }
        if let Some(merge) = &facts.merge {
            return changelog_kept::rule(merge, manifest, facts);
        }
        let target = match target::of(manifest, facts) {
            Ok(target) => target,
            Err(none) => return none.ruling(),
        };
        match facts.tag.known() {
            Err(unseen) => {
                return Ruling::unseen(&format!("tag `{}`", target.tag), unseen);
            }
            Ok(Some(tag)) if target::is_out(manifest, facts, tag) => {
                return Ruling::go(format!("no release is due, {} is out", target.version));
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
            Ok(sections) => judge(settings, &target, &source, &sections, facts),
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
    let position = sections.iter().position(|section| section.version.as_ref() == Some(version));
    let Some((position, section)) = position.and_then(|at| Some((at, sections.get(at)?))) else {
        let today = today(facts);
        let mut finding = Finding::new(format!("`{}` has no section for {version}", source.name))
            .help(format!("add `## [{version}] - {today}` above the older versions"))
            .who(Who::Author);
        if let Some(top) = sections.first() {
            finding = finding.at(&source.name, top.heading, "the newest section");
        }
        return Ruling::no_go(finding);
    };
    let mut findings = Vec::new();
    findings.extend(undated(section, source, facts));
    if section.is_empty() {
        let message = format!("the section of {version} is empty");
        findings.push(
            Finding::new(message).at(&source.name, section.heading, "").help("say what changed"),
        );
    }
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
        Dated::Missing | Dated::Unreal(_) => "not dated".into(),
    };
    let entries = match section.entries {
        0 => "prose".into(),
        1 => "1 entry".into(),
        n => format!("{n} entries"),
    };
    Ruling::go(format!("{}:{line}, {dated}, {entries}", source.name))
}

fn today(facts: &Facts) -> jiff::civil::Date {
    facts.at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn undated(section: &Section, source: &Source, facts: &Facts) -> Option<Finding> {
    let version = &section.title;
    let today = today(facts);
    // A day begins fourteen hours earlier in the east than in UTC.
    let eastern = facts.at.checked_add(jiff::SignedDuration::from_hours(14)).unwrap_or(facts.at);
    let latest = eastern.to_zoned(jiff::tz::TimeZone::UTC).date();
    let (message, label) = match &section.date {
        Dated::On(date) if *date > latest => {
            (format!("the section of {version} is dated {date}, which is in the future"), "not yet")
        }
        Dated::On(_) => return None,
        Dated::Missing => (format!("the section of {version} has no date"), "no date"),
        Dated::Unreal(word) => {
            (format!("`{word}`, the date of {version}, is no day of the calendar"), "no such day")
        }
    };
    let finding = Finding::new(message).at(&source.name, section.heading, label);
    Some(finding.help(format!("write it as `## [{version}] - {today}`")))
}

fn out_of_order(
    position: usize,
    section: &Section,
    sections: &[Section],
    source: &Source,
) -> Option<Finding> {
    let version = section.version.as_ref()?;
    let wrong = |at: usize, other: &Section| {
        other
            .version
            .as_ref()
            .is_some_and(|other| if at < position { other < version } else { other > version })
    };
    let (at, other) =
        sections.iter().enumerate().find(|(at, other)| *at != position && wrong(*at, other))?;
    let place = if at < position { "below" } else { "above" };
    let message = format!("the section of {version} stands {place} the one of {}", other.title);
    let finding = Finding::new(message).at(&source.name, section.heading, "out of order");
    Some(finding.help("keep the newest version on top"))
}

fn left_behind(
    sections: &[Section],
    source: &Source,
    version: &semver::Version,
) -> Option<Finding> {
    let section = sections.iter().find(|section| section.is_unreleased() && !section.is_empty())?;
    let message = match section.entries {
        1 => "1 entry is left under Unreleased".to_owned(),
        0 => "something is left under Unreleased".to_owned(),
        n => format!("{n} entries are left under Unreleased"),
    };
    let finding = Finding::new(message).at(&source.name, section.heading, "not empty");
    Some(finding.help(format!(
        "move them into the section of {version}, or set `unreleased: allow` under `changelog-entry`"
    )))
}
