//! What `check --wait` shows while it waits.

use super::finding::Paint;
use crate::base::clean::{self, clean};
use crate::judge::durations::Left;
use crate::judge::gates::Counted;
use crate::judge::watch::{Board, Line, Row, State};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The most names in a line.
const NAMED: usize = 8;

/// The most checks that are shown at once.
const SHOWN: usize = 12;

/// The board for a terminal, redrawn as time passes.
#[must_use]
pub fn board(board: &Board, now: Timestamp, paint: Paint) -> Vec<String> {
    let mut head = vec![
        format!("{} green", board.count(Counted::Green) + board.count(Counted::Accepted)),
        format!("{} failed", board.count(Counted::Failed)),
    ];
    let waits: Vec<&Row> =
        board.rows.iter().filter(|row| !matches!(row.state, State::Ended { .. })).collect();
    head.push(format!("{} to go", waits.len()));
    let word = paint.word("hold", 0);
    let mut lines =
        vec![format!("{word}: checks on {}: {}", board.commit.short(), head.join(", "))];
    let width = waits.iter().map(|row| clean::name(&row.name).chars().count()).max().unwrap_or(0);
    let width = width.min(40);
    for row in waits.iter().take(SHOWN) {
        lines.push(format!("  {:<width$}  {}", clean::name(&row.name), state(&row.state, now)));
    }
    if waits.len() > SHOWN {
        lines.push(format!("  and {} more", waits.len() - SHOWN));
    }
    lines.extend(board.others.iter().map(|other| format!("  {}", clean(other))));
    if let Some(trouble) = &board.trouble {
        lines.push(format!("  {}", clean(trouble)));
    }
    let left = spell(board.until.duration_since(now));
    lines.push(paint.dim(&match board.next {
        Some(next) if next > now => {
            format!("next look in {}, waiting for {left} more", spell(next.duration_since(now)))
        }
        Some(_) => format!("looking, waiting for {left} more"),
        None => "asking everything once more".into(),
    }));
    lines
}

fn state(state: &State, now: Timestamp) -> String {
    match state {
        State::Missing => "has not reported yet".into(),
        State::Ended { conclusion, .. } => clean(conclusion).into_owned(),
        State::Pending { doing, since, left } => {
            let doing = clean(doing).replace('_', " ");
            let ran = since.map(|since| spell(now.duration_since(since))).unwrap_or_default();
            let left = left.map(remains).unwrap_or_default();
            format!("{doing:<11}  {ran:<12}  {left}").trim_end().to_owned()
        }
    }
}

fn remains(left: Left) -> String {
    match left {
        Left::About(left) => format!("about {} left", rounded(left)),
        Left::Over(usual) => format!("longer than the usual {}", rounded(usual)),
    }
}

/// A line for a log: what is new, and what is waited for.
#[must_use]
pub fn line(board: &Board, line: &Line<'_>) -> String {
    let awaited = names(&board.awaited());
    let rest = match (board.next, awaited.is_empty()) {
        (None, _) => "asking everything once more".to_owned(),
        (Some(_), true) => "waiting".to_owned(),
        (Some(_), false) => format!("waiting for {awaited}"),
    };
    let said = match line {
        Line::Begins => rest,
        Line::Changed(rows) if rows.is_empty() => rest,
        Line::Changed(rows) => {
            let parts: Vec<String> = rows.iter().take(NAMED).map(|row| told(row)).collect();
            let more = rows.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{}{more}; {rest}", parts.join(", "))
        }
        Line::Trouble(why) => format!("{}; {rest}", clean(why)),
        Line::Still => {
            let lefts = board.rows.iter().filter_map(|row| match &row.state {
                State::Pending { left: Some(Left::About(left)), .. } => Some(*left),
                State::Pending { .. } | State::Missing | State::Ended { .. } => None,
            });
            let left = lefts.max().map(|left| format!(", about {} left", rounded(left)));
            format!("still {rest}{}", left.unwrap_or_default())
        }
    };
    let clock = board.at.to_zoned(TimeZone::UTC).strftime("%H:%M:%S UTC");
    format!("{clock}  {said}")
}

/// What became of a check.
fn told(row: &Row) -> String {
    let name = clean::name(&row.name);
    match &row.state {
        State::Missing => format!("{name} is awaited"),
        State::Pending { doing, .. } => format!("{name} is {}", clean(doing).replace('_', " ")),
        State::Ended { conclusion, lasted, .. } => {
            let how = match conclusion.as_str() {
                "success" => "succeeded".to_owned(),
                "failure" | "error" => "failed".to_owned(),
                "timed_out" => "timed out".to_owned(),
                "cancelled" | "skipped" | "neutral" => format!("was {conclusion}"),
                other => format!("ended as `{}`", clean(other)),
            };
            let lasted = lasted.map(|lasted| format!(" after {}", spell(lasted)));
            format!("{name} {how}{}", lasted.unwrap_or_default())
        }
    }
}

fn names(names: &[&str]) -> String {
    let shown: Vec<_> = names.iter().take(NAMED).map(|name| clean::name(name)).collect();
    let more = names.len().saturating_sub(NAMED);
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// A length of time, its two largest units.
#[must_use]
pub fn spell(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, 0) => format!("{m} min"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, 0, _) => format!("{h} h"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

/// The same without a show of exactness.
fn rounded(length: SignedDuration) -> String {
    match length.as_secs() {
        ..60 => "1 min".into(),
        seconds => spell(SignedDuration::from_mins((seconds + 30) / 60)),
    }
}
