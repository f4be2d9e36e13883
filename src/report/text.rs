//! A report as text: what `text` and `github` print, and what `--report text=` writes.

use super::accounting;
use super::check::{check, reasons, remarks, table, verdict};
use super::ending::Ending;
use super::finding::{Paint, Sources};
use super::model::{Kind, NothingToDo, Report};
use super::plan::plan;
use super::since::{after, headline, set_version};
use super::status::status;
use crate::judge::ruling::{Poll, Verdict};
use crate::release::outcome::Outcome;

/// A text in two parts. Both are empty or end with a line break.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The part that `--quiet` omits.
    pub body: String,
    /// The result.
    pub last: String,
}

impl Text {
    /// Both parts.
    #[must_use]
    pub fn whole(&self) -> String {
        format!("{}{}", self.body, self.last)
    }
}

/// The text of a report.
#[must_use]
pub fn text(report: &Report<'_>, paint: Paint) -> Text {
    let last = format!("{}\n", report.ending.line(paint));
    match report.kind {
        Kind::Verdict => judged(report, paint),
        Kind::Plan if !report.trouble.is_empty() => {
            let body = format!("{}{}", rulings(report, paint), accounted(report, paint));
            Text { body, last: String::new() }
        }
        Kind::Plan => {
            let (mut body, all) = (planned(report, paint), accounted(report, paint));
            if !all.is_empty() && !body.is_empty() && !body.ends_with("\n\n") {
                body.push('\n');
            }
            Text { body: body + &all, last }
        }
        // The steps were printed while they ran.
        Kind::Run | Kind::Abort => Text { body: String::new(), last },
        Kind::Status => Text { body: String::new(), last: standing(report, paint) },
    }
}

fn judged(report: &Report<'_>, paint: Paint) -> Text {
    let Some(poll) = report.poll else { return Text::default() };
    let first = match (&report.since, &report.idle) {
        (Some(since), _) => format!("{}\n", headline(since, paint)),
        (None, Some(idle @ NothingToDo::Development { path, .. })) => {
            let line = Ending::new(Outcome::NothingToRelease, idle.said()).line(paint);
            format!("{line}\n  = help: {}\n\n", set_version(path))
        }
        (None, Some(idle @ NothingToDo::NotSet { path, .. })) => {
            let line = Ending::new(Outcome::NothingToRelease, idle.said()).line(paint);
            format!("{line}\n  = help: {}\n\n", set_version(path))
        }
        (None, Some(idle @ NothingToDo::NotGiven { .. })) => {
            format!("{}\n\n", Ending::new(Outcome::VersionNotGiven, idle.said()).line(paint))
        }
        (None, Some(NothingToDo::Out { .. }) | None) => String::new(),
    };
    let body = format!("{first}{}\n", check(report.facts, report.target, poll, paint));
    let last = format!("{}\n", verdict(poll, report.stats.cost()).line(paint));
    Text { body, last }
}

/// Everything except the last line.
fn planned(report: &Report<'_>, paint: Paint) -> String {
    let since = |since| after(since, paint);
    let Some((sealed, progress)) = report.plan else {
        return match report.idle {
            Some(NothingToDo::Out { .. }) => report.since.as_ref().map(since).unwrap_or_default(),
            Some(
                NothingToDo::Development { .. }
                | NothingToDo::NotSet { .. }
                | NothingToDo::NotGiven { .. },
            )
            | None => String::new(),
        };
    };
    let (facts, costs) = (report.facts, &report.costs);
    let around = (facts, report.schedule.as_ref(), &report.dates);
    let steps = report.target.map(|it| plan(sealed, progress, around, it, costs, paint));
    let mut text = steps.unwrap_or_default();
    if progress.is_complete(sealed) {
        return text;
    }
    match report.poll {
        Some(poll) if poll.verdict() != Verdict::Go => {
            text.push_str(&format!("\n{}", rulings(report, paint)));
        }
        Some(poll) => text.push_str(&remarks(report.facts, poll, paint)),
        None => {}
    }
    text.push('\n');
    text
}

/// For every commit, whether the notes list it, if requested.
fn accounted(report: &Report<'_>, paint: Paint) -> String {
    let all = report.accounting.as_ref();
    all.map(|all| format!("{}\n", accounting::text(all, paint))).unwrap_or_default()
}

fn rulings(report: &Report<'_>, paint: Paint) -> String {
    let rulings =
        |poll: &Poll| format!("{}{}", table(poll, paint), reasons(report.facts, poll, paint));
    report.poll.map(rulings).unwrap_or_default()
}

fn standing(report: &Report<'_>, paint: Paint) -> String {
    match report.plan {
        Some((plan, progress)) => {
            let sources = Sources::of_facts(report.facts);
            let reasons = (&*report.blocking(&sources), &*report.notes_of_gates());
            status(plan, progress, reasons, report.facts, paint)
        }
        None if report.trouble.is_empty() => format!("{}\n", report.ending.said),
        None => String::new(),
    }
}
