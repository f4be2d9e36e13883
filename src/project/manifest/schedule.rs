//! Reads the `schedule` section.

use super::leaf::seconds;
use super::node::Node;
use super::reader::Reader;
use super::schedule_keys::TRAIN;
use crate::base::names::{Sha, Slug, StageName};
use crate::base::source::Spanned;
use crate::project::schedule::{
    CalendarFile, DatedSpan, Dates, Freeze, Schedule, ScheduleError, Span, Train, WeekSpan, Window,
    YearSpan, zone,
};

/// Reads the validated section.
pub(super) fn lower(section: &Reader<'_>) -> Option<Schedule> {
    let timezone = section.text("timezone")?;
    let items = |key: &str| section.written(key).map_or(&[][..], Node::items);
    let freeze = |node: &Node| {
        let name = node.get("name")?.text()?.to_owned();
        let reason = node.get("reason").and_then(Node::text).map(str::to_owned);
        Some(Freeze { name, reason, span: span(node)?.ok()? })
    };
    let calendar = |node: &Node| {
        let path = node.get("calendar")?;
        let path = Spanned::new(path.text()?.to_owned(), path.span);
        let elsewhere = match (node.get("repository"), node.get("commit")) {
            (None, None) => None,
            (repository, commit) => {
                Some((slug(repository?.text()?)?, Sha::new(commit?.text()?).ok()?))
            }
        };
        Some(CalendarFile { path, elsewhere })
    };
    let (files, freezes): (Vec<&Node>, Vec<&Node>) =
        items("freezes").iter().partition(|node| node.get("calendar").is_some());
    let window = |node: &Node| {
        let name = node.get("name")?.text()?.to_owned();
        Some(Window { name, span: span(node)?.ok()? })
    };
    Some(Schedule {
        zone: zone(&timezone).ok()?,
        timezone,
        freezes: freezes.into_iter().map(freeze).collect::<Option<_>>()?,
        windows: items("windows").iter().map(window).collect::<Option<_>>()?,
        calendars: files.into_iter().map(calendar).collect::<Option<_>>()?,
        trains: items("trains").iter().map(train).collect::<Option<_>>()?,
    })
}

/// A repository on the forge, `owner/name`.
pub(super) fn slug(text: &str) -> Option<Slug> {
    Slug::new(text).ok()
}

fn train(node: &Node) -> Option<Train> {
    let reader = Reader::new(&TRAIN, Some(node));
    let stages = reader.optional("stages", |reader, key| {
        reader.texts(key)?.into_iter().map(|name| StageName::new(name).ok()).collect()
    })?;
    Some(Train {
        name: reader.text("name")?,
        dates: dates(node)?.ok()?,
        cut_off_seconds: reader.optional("cut-off", Reader::seconds)?.unwrap_or(0),
        late_seconds: reader.seconds("late")?,
        stages: stages.unwrap_or_default(),
    })
}

/// The dates of a train; `None` if it does not have exactly one form.
pub(super) fn dates(node: &Node) -> Option<Result<Dates, ScheduleError>> {
    let text = |key: &str| node.get(key).and_then(Node::text);
    match (text("every"), text("from"), text("cron"), node.get("dates")) {
        (Some(every), Some(from), None, None) => Some(Dates::every(seconds(every)?, from)),
        (None, None, Some(cron), None) => Some(Dates::cron(cron)),
        (None, None, None, Some(dates)) => {
            Some(Dates::listed(dates.items().iter().filter_map(Node::text)))
        }
        _ => None,
    }
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
