//! The output of `check --wait` while it waits.

use super::finding::Paint;
use crate::base::clean::{self, clean};
use crate::facts::Conclusion;
use crate::judge::durations::Left;
use crate::judge::gates::Counted;
use crate::judge::watch::{Board, Line, Row, State};
use crate::release::outcome::Outcome;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter};

/// The maximum number of names in a line.
const NAMED: usize = 8;

/// The maximum number of checks that are shown at once.
const SHOWN: usize = 12;

/// The board for a terminal with a number of columns, redrawn as time passes. No line is wider, and
/// nothing is omitted.
#[must_use]
pub fn board(board: &Board, now: Timestamp, columns: usize, paint: Paint) -> Vec<String> {
    let mut head = vec![
        format!("{} green", board.count(Counted::Green) + board.count(Counted::Accepted)),
        format!("{} failed", board.count(Counted::Failed)),
    ];
    let waits: Vec<&Row> =
        board.rows.iter().filter(|row| !matches!(row.state, State::Ended { .. })).collect();
    head.push(format!("{} pending", waits.len()));
    let word = paint.word(Outcome::Hold, 0);
    let mut lines =
        vec![format!("{word}: checks on {}: {}", board.commit.short(), head.join(", "))];
    lines.extend(rows(waits.get(..SHOWN).unwrap_or(&waits), now, columns));
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
            format!("next update in {}, waiting for up to {left}", spell(next.duration_since(now)))
        }
        Some(_) => format!("updating, waiting for up to {left}"),
        None => "running all gates again".into(),
    }));
    lines.iter().flat_map(|line| narrow(line, columns)).collect()
}

/// Checks with their states in a column, or below them if the terminal is narrow.
fn rows(waits: &[&Row], now: Timestamp, columns: usize) -> Vec<String> {
    let width = |text: &str| display_width(text);
    let rows = waits.iter().map(|row| (clean::name(&row.name), state(&row.state, now)));
    let rows: Vec<_> = rows.collect();
    let column = rows.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let widest = rows.iter().map(|(_, state)| width(state)).max().unwrap_or(0);
    let fits = column + widest + 4 <= columns;
    let lines = rows.iter().flat_map(|(name, state)| {
        if fits {
            let gap = " ".repeat(column.saturating_sub(width(name)));
            return vec![format!("  {name}{gap}  {state}")];
        }
        vec![format!("  {name}"), format!("    {state}")]
    });
    lines.collect()
}

/// Splits a line into parts that fit: the terminal must not wrap the drawn lines.
fn narrow(line: &str, columns: usize) -> Vec<String> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let indent = " ".repeat(indent.min(columns / 4));
    let options = Options::new(columns.max(2)).subsequent_indent(&indent);
    let options = options.word_splitter(WordSplitter::NoHyphenation);
    let pieces = textwrap::wrap(line, options.word_separator(WordSeparator::AsciiSpace));
    pieces.into_iter().map(|piece| piece.trim_end().to_owned()).collect()
}

fn state(state: &State, now: Timestamp) -> String {
    match state {
        State::Missing => "has not been reported yet".into(),
        State::Ended { conclusion, .. } => clean(conclusion.word()).into_owned(),
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

/// A line for a log: what changed, and what is waited for.
#[must_use]
pub fn line(board: &Board, line: &Line<'_>) -> String {
    let awaited = names(&board.pending_checks());
    let rest = match (board.next, awaited.is_empty()) {
        (None, _) => "running all gates again".to_owned(),
        (Some(_), true) => "waiting".to_owned(),
        (Some(_), false) => format!("waiting for {awaited}"),
    };
    let said = match line {
        Line::Begins => rest,
        Line::Changed(rows) if rows.is_empty() => rest,
        Line::Changed(rows) => {
            let parts: Vec<String> = rows.iter().take(NAMED).map(|row| describe(row)).collect();
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

/// How a check changed.
fn describe(row: &Row) -> String {
    let name = clean::name(&row.name);
    match &row.state {
        State::Missing => format!("{name} is expected"),
        State::Pending { doing, .. } => format!("{name} is {}", clean(doing).replace('_', " ")),
        State::Ended { conclusion, lasted, .. } => {
            let word = clean(conclusion.word());
            let how = match conclusion {
                Conclusion::Success => "succeeded".to_owned(),
                Conclusion::Failure | Conclusion::Error => "failed".to_owned(),
                Conclusion::TimedOut => "timed out".to_owned(),
                Conclusion::NotStarted => "could not start".to_owned(),
                Conclusion::Cancelled | Conclusion::Skipped | Conclusion::Neutral => {
                    format!("was {word}")
                }
                Conclusion::Stale | Conclusion::ActionRequired | Conclusion::Other(_) => {
                    format!("ended as `{word}`")
                }
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

/// A duration, in its two largest units.
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

/// A duration, rounded.
fn rounded(length: SignedDuration) -> String {
    match length.as_secs() {
        ..60 => "1 min".into(),
        seconds => spell(SignedDuration::from_mins((seconds + 30) / 60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_terminal_still_shows_name_state_and_estimate() {
        let now: Timestamp = "2026-06-01T14:02:10Z".parse().unwrap();
        let row = |name: &str| Row {
            name: name.into(),
            source: String::new(),
            state: State::Pending {
                doing: "in_progress".into(),
                since: Some(now - SignedDuration::from_secs(3700)),
                left: Some(Left::About(SignedDuration::from_mins(12))),
            },
        };
        let (long, short) = (row("build (ubuntu-latest, stable, all features)"), row("lint"));
        let state = "in progress  1 h 1 min     about 12 min left";
        assert_eq!(
            rows(&[&long, &short], now, 100),
            [
                format!("  {}  {state}", long.name),
                format!("  lint{}  {state}", " ".repeat(long.name.len() - 4)),
            ]
        );
        let below = rows(&[&long, &short], now, 80);
        assert_eq!(below[0], format!("  {}", long.name));
        assert_eq!(below[1..], [format!("    {state}"), "  lint".into(), format!("    {state}")]);
        let narrow: Vec<String> = below.iter().flat_map(|line| narrow(line, 30)).collect();
        assert!(narrow.iter().all(|line| display_width(line) <= 30), "{narrow:?}");
        let words = |lines: &[String]| {
            lines.join(" ").split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(words(&narrow), words(&below));
    }
}
