//! Reads the `schedule` section.

use super::node::Node;
use super::reader::Reader;
use crate::project::schedule::{
    DatedSpan, Freeze, Schedule, ScheduleError, Span, WeekSpan, Window, YearSpan, zone,
};

/// The section, after it was checked.
pub(super) fn lower(section: &Reader<'_>) -> Option<Schedule> {
    let timezone = section.text("timezone")?;
    let items = |key: &str| section.written(key).map_or(&[][..], Node::items);
    let freeze = |node: &Node| {
        let name = node.get("name")?.text()?.to_owned();
        let reason = node.get("reason").and_then(Node::text).map(str::to_owned);
        Some(Freeze { name, reason, span: span(node)?.ok()? })
    };
    let window = |node: &Node| {
        let name = node.get("name")?.text()?.to_owned();
        Some(Window { name, span: span(node)?.ok()? })
    };
    Some(Schedule {
        zone: zone(&timezone).ok()?,
        timezone,
        freezes: items("freezes").iter().map(freeze).collect::<Option<_>>()?,
        windows: items("windows").iter().map(window).collect::<Option<_>>()?,
    })
}

/// The time that an entry describes; `None` if it does not describe exactly one.
pub(super) fn span(node: &Node) -> Option<Result<Span, ScheduleError>> {
    let text = |key: &str| node.get(key).and_then(Node::text);
    match (text("weekly"), text("yearly"), text("from"), text("until")) {
        (Some(weekly), None, None, None) => Some(WeekSpan::read(weekly).map(Span::Week)),
        (None, Some(yearly), None, None) => {
            let (from, until) = yearly.split_once(" - ").unwrap_or((yearly, yearly));
            Some(YearSpan::read(from, until).map(Span::Year))
        }
        (None, None, Some(from), Some(until)) => {
            Some(DatedSpan::read(from, until).map(Span::Dates))
        }
        _ => None,
    }
}
