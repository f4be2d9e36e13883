//! Months as grids of days, two beside each other, in 80 columns.

use super::calendar::{CalendarEvent, CalendarView, EventKind};
use super::finding::Paint;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use std::fmt::Write as _;

/// The columns of one month.
const WIDTH: usize = 28;

/// The columns between two months.
const GAP: usize = 6;

/// All months of the days, with a legend of the marks.
pub(super) fn months(view: &CalendarView, paint: Paint) -> String {
    let mut grids = Vec::new();
    let mut first = view.from.first_of_month();
    while first < view.until {
        grids.push(grid(view, first));
        match first.checked_add(1.month()) {
            Ok(next) => first = next,
            Err(_) => break,
        }
    }
    let mut text = String::new();
    for pair in grids.chunks(2) {
        let rows = pair.iter().map(Vec::len).max().unwrap_or(0);
        for row in 0..rows {
            let cells = pair.iter().map(|grid| grid.get(row).map_or("", String::as_str));
            let line: Vec<String> = cells.map(|cell| format!("{cell:<WIDTH$}")).collect();
            let _ = writeln!(text, "  {}", line.join(&" ".repeat(GAP)).trim_end());
        }
        text.push('\n');
    }
    let legend = "* train   ! cut-off   # closed all day   - closed part of the day";
    let _ = writeln!(text, "  {}\n", paint.dim(legend));
    text
}

/// A month: its name, the names of the days, and its weeks.
fn grid(view: &CalendarView, first: Date) -> Vec<String> {
    let title = first.strftime("%B %Y").to_string();
    let mut lines = vec![format!("{title:^WIDTH$}"), "Mo  Tu  We  Th  Fr  Sa  Su".to_owned()];
    let (mut line, mut shown) = (String::new(), false);
    let mut day = first;
    for _ in 0..first.weekday().to_monday_zero_offset() {
        line.push_str("    ");
    }
    while day.month() == first.month() {
        if (view.from..view.until).contains(&day) {
            let _ = write!(line, "{:>2}{} ", day.day(), mark(view, day));
            shown = true;
        } else {
            line.push_str("    ");
        }
        let Ok(next) = day.tomorrow() else { break };
        if next.weekday().to_monday_zero_offset() == 0 || next.month() != first.month() {
            let week = std::mem::take(&mut line).trim_end().to_owned();
            if std::mem::take(&mut shown) {
                lines.push(week);
            }
        }
        day = next;
    }
    lines
}

/// The most important event on a day.
fn mark(view: &CalendarView, day: Date) -> char {
    let midnight = |day: Date| view.schedule.moment(day);
    let (Some(from), Some(until)) = (midnight(day), day.tomorrow().ok().and_then(midnight)) else {
        return ' ';
    };
    let on = |kind: EventKind| {
        move |event: &CalendarEvent| event.kind == kind && (from..until).contains(&event.at)
    };
    if view.events.iter().any(on(EventKind::Train)) {
        '*'
    } else if view.events.iter().any(on(EventKind::CutOff)) {
        '!'
    } else {
        closed(view, from, until)
    }
}

fn closed(view: &CalendarView, from: Timestamp, until: Timestamp) -> char {
    let schedule = &view.schedule;
    if schedule.next_open(from).is_none_or(|at| at >= until) {
        return '#';
    }
    // The schedule can close only when a freeze begins or a window ends.
    let moments = view.events.iter().filter_map(|event| match event.kind {
        EventKind::Freeze => Some(event.at),
        EventKind::Window => event.until,
        EventKind::CutOff | EventKind::Train => None,
    });
    let mut moments = moments.filter(|at| (from..until).contains(at)).chain([from]);
    if moments.any(|at| schedule.closed(at).is_some()) { '-' } else { ' ' }
}
