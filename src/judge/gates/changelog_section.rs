//! What can be wrong with one section of the changelog: its day, its text, its place.

use crate::base::finding::Finding;
use crate::base::source::Source;
use crate::facts::Facts;
use crate::project::changelog::{Dated, Section};

pub(super) fn today(facts: &Facts) -> jiff::civil::Date {
    facts.at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

pub(super) fn undated(section: &Section, source: &Source, facts: &Facts) -> Option<Finding> {
    let version = &section.title;
    let today = today(facts);
    // A day begins fourteen hours earlier in the east than in UTC.
    let eastern = facts.at.checked_add(jiff::SignedDuration::from_hours(14)).unwrap_or(facts.at);
    let latest = eastern.to_zoned(jiff::tz::TimeZone::UTC).date();
    let (message, label) = match &section.date {
        Dated::On(date) if *date > latest => (
            format!("the section of {version} is dated {date}, which is in the future"),
            "in the future",
        ),
        Dated::On(_) => return None,
        Dated::Missing => (format!("the section of {version} has no date"), "no date"),
        Dated::Unreal(word) => {
            (format!("`{word}`, the date of {version}, is not a valid date"), "not a valid date")
        }
    };
    let finding = Finding::new(message).at(&source.name, section.heading, label);
    Some(finding.help(format!("write it as `## [{version}] - {today}`")))
}

pub(super) fn out_of_order(
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
    let message = format!("the section of {version} is {place} the section of {}", other.title);
    let finding = Finding::new(message).at(&source.name, section.heading, "out of order");
    Some(finding.help("keep the newest version at the top"))
}

pub(super) fn empty(section: &Section, source: &Source) -> Option<Finding> {
    let finding = Finding::new(format!("the section of {} is empty", section.title));
    let finding = finding.at(&source.name, section.heading, "").help("describe the changes");
    section.is_empty().then_some(finding)
}
