//! Checks one section of the changelog: its date, its text, its position. The requirements follow
//! the other sections of the file.

use crate::base::finding::Finding;
use crate::base::source::Source;
use crate::base::version::Version;
use crate::facts::Facts;
use crate::project::changelog::{Dated, Section};
use jiff::civil::Date;
use std::cmp::Ordering;

/// How many sections are used to find the conventions of the file.
pub(super) const NEAREST: usize = 5;

pub(super) fn today(facts: &Facts) -> Date {
    facts.at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The heading of a new section, in the format of the newest earlier one.
pub(super) fn example(
    version: &Version,
    sections: &[Section],
    source: &Source,
    facts: &Facts,
) -> String {
    let today = today(facts);
    let like = |section: &Section| -> Option<String> {
        let line = source.text.get(section.heading.start..section.heading.end)?;
        section.version.as_ref().filter(|it| *it < version)?;
        // URLs can contain versions too.
        if line.contains("](") || line.contains('<') || line.matches(&section.title).count() != 1 {
            return None;
        }
        let line = line.replace(&section.title, version.as_str());
        match section.date {
            Dated::On(date) => {
                let written = date.to_string();
                line.contains(&written).then(|| line.replace(&written, &today.to_string()))
            }
            Dated::Missing if !are_dated(version, sections) => Some(line),
            Dated::During(_) | Dated::Missing | Dated::Unreal(_) => None,
        }
    };
    let usual = || format!("## [{version}] - {today}");
    sections.iter().find_map(like).unwrap_or_else(usual)
}

/// Whether the last sections of earlier versions have dates, with few exceptions.
fn are_dated(version: &Version, sections: &[Section]) -> bool {
    let earlier = |section: &&Section| {
        !section.is_inner && section.version.as_ref().is_some_and(|it| it < version)
    };
    let nearest: Vec<&Section> = sections.iter().filter(earlier).take(NEAREST).collect();
    let dated = nearest.iter().filter(|section| section.date != Dated::Missing).count();
    !nearest.is_empty() && dated * NEAREST >= nearest.len() * (NEAREST - 1)
}

/// Text of the section that is not UTF-8. It could not be published.
pub(super) fn garbled(section: &Section, source: &Source) -> Option<Finding> {
    const BAD: char = '\u{fffd}';
    let line = section.notes.lines().find(|line| line.contains(BAD))?;
    let place = source.find(line.trim_end(), section.heading.start).unwrap_or(section.heading);
    let (number, _) = source.position(place.start);
    let finding = Finding::new(format!("line {number} of `{}` is not UTF-8 text", source.name));
    Some(finding.at(&source.name, place, "not UTF-8").help("save the file as UTF-8"))
}

/// A date that is wrong, or missing although earlier sections have dates.
pub(super) fn undated(
    section: &Section,
    sections: &[Section],
    source: &Source,
    facts: &Facts,
) -> Option<Finding> {
    let title = &section.title;
    let version = section.version.as_ref()?;
    // In the easternmost time zone, a day starts fourteen hours earlier than in UTC.
    let eastern = facts.at.checked_add(jiff::SignedDuration::from_hours(14)).unwrap_or(facts.at);
    let latest = eastern.to_zoned(jiff::tz::TimeZone::UTC).date();
    let (message, label) = match &section.date {
        Dated::On(date) | Dated::During(date) if *date > latest => (
            format!("the section for {title} is dated {date}, which is in the future"),
            "in the future",
        ),
        Dated::On(_) | Dated::During(_) => return None,
        Dated::Missing if !are_dated(version, sections) => return None,
        Dated::Missing => (format!("the section for {title} has no date"), "no date"),
        Dated::Unreal(word) => {
            (format!("`{word}`, the date of {title}, is not a valid date"), "not a valid date")
        }
    };
    let finding = Finding::new(message).at(&source.name, section.heading, label);
    let example = example(version, sections, source, facts);
    Some(finding.help(format!("write it as `{example}`")))
}

/// A section that is in the wrong place, both by version and by date. If the other sections are not in
/// order, this is not checked.
pub(super) fn out_of_order(
    position: usize,
    section: &Section,
    sections: &[Section],
    source: &Source,
) -> Option<Finding> {
    let version = section.version.as_ref()?;
    // Sections of unreleased versions can be anywhere.
    let settled = |(at, other): &(usize, &Section)| {
        *at != position
            && !other.is_inner
            && !matches!(other.date, Dated::Unreal(_))
            && other.version.as_ref().is_some_and(|it| it != version)
    };
    let others: Vec<(usize, &Section)> = sections.iter().enumerate().filter(settled).collect();
    let (falls, rises) = steps(&others);
    if rises > 0 && falls > 0 && rises * 10 > falls && falls * 10 > rises {
        return None;
    }
    let upwards = falls == 0 && rises > 1;
    let (above, below): (Vec<_>, Vec<_>) = others.into_iter().partition(|(at, _)| *at < position);
    let mut near = (run(above.into_iter().rev(), !upwards)).chain(run(below.into_iter(), upwards));
    let (at, other) = near.find(|(at, other)| {
        let by_version = match other.version.as_ref().map(|other| other.cmp(version)) {
            Some(Ordering::Less) => (*at > position) != upwards,
            Some(Ordering::Greater) => (*at < position) != upwards,
            Some(Ordering::Equal) | None => true,
        };
        !by_version && !by_date(section, other, *at < position)
    })?;
    let place = if at < position { "below" } else { "above" };
    let message = format!("the section for {version} is {place} the section for {}", other.title);
    let finding = Finding::new(message).at(&source.name, section.heading, "out of order");
    Some(finding.help(match upwards {
        true => "keep the newest version at the bottom, like the other sections",
        false => "keep the newest version at the top",
    }))
}

/// The sections up to the first that is in the wrong place: a changelog may also contain those of another
/// package, or of a product before it was renamed.
fn run<'s>(
    sections: impl Iterator<Item = (usize, &'s Section)>,
    rises: bool,
) -> impl Iterator<Item = (usize, &'s Section)> {
    let mut last: Option<&Section> = None;
    sections.take_while(move |(_, section)| {
        let step = last.replace(section).map(|last| section.version.cmp(&last.version));
        step != Some(if rises { Ordering::Less } else { Ordering::Greater })
    })
}

/// Whether two sections are in the order of their dates, newest first.
fn by_date(section: &Section, other: &Section, is_above: bool) -> bool {
    match (&section.date, &other.date) {
        (Dated::On(own), Dated::On(other)) if is_above => other >= own,
        (Dated::On(own), Dated::On(other)) => own >= other,
        _ => false,
    }
}

/// How many sections have a lower version than the one above, and how many have a higher one.
fn steps(sections: &[(usize, &Section)]) -> (usize, usize) {
    let (mut falls, mut rises) = (0, 0);
    for pair in sections.windows(2) {
        let [(_, one), (_, next)] = pair else { continue };
        match one.version.cmp(&next.version) {
            Ordering::Greater => falls += 1,
            Ordering::Less => rises += 1,
            Ordering::Equal => {}
        }
    }
    (falls, rises)
}

/// A second section of the same version.
pub(super) fn duplicate(
    position: usize,
    section: &Section,
    sections: &[Section],
    source: &Source,
) -> Option<Finding> {
    let same = |(at, other): &(usize, &Section)| {
        *at != position && other.title == section.title && !other.is_empty()
    };
    let (_, other) = sections.iter().enumerate().find(same)?;
    let (line, _) = source.position(section.heading.start);
    let message = format!("`{}` has two sections for {}", source.name, section.title);
    let finding = Finding::new(message).at(&source.name, other.heading, "the second one");
    Some(finding.note(format!("the other one is on line {line}")).help("combine the two sections"))
}

pub(super) fn empty(section: &Section, source: &Source) -> Option<Finding> {
    let says = match section.lines.is_empty() {
        true => "is empty",
        false => "contains only a placeholder",
    };
    let finding = Finding::new(format!("the section for {} {says}", section.title));
    let finding = finding.at(&source.name, section.heading, "").help("describe the changes");
    section.is_empty().then_some(finding)
}
