//! `window-open`: the schedule allows a release now.

use super::gate::{Need, Occasion, Rule};
use crate::base::finding::{Finding, Who};
use crate::base::moment::length;
use crate::facts::Seen;
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;
use crate::project::schedule::{Closed, Schedule};
use jiff::Timestamp;

/// The rule.
pub(super) struct WindowOpen;

impl Rule for WindowOpen {
    const ID: &'static str = "window-open";
    const ASKS: &'static str = "does the schedule allow a release now?";
    const PAGE: &'static str = include_str!("../../../docs/gates/window-open.md");
    const AT: &'static [Occasion] = &[Occasion::Check, Occasion::Release];
    type Settings = ();

    fn needs((): &()) -> Vec<Need> {
        Vec::new()
    }

    fn by_default(case: &Case<'_>) -> bool {
        case.manifest.schedule.is_some()
    }

    fn rule(case: &Case<'_>, (): &()) -> Ruling {
        let Some(schedule) = &case.manifest.schedule else {
            return Ruling::go("the manifest has no `schedule`");
        };
        let facts = case.facts;
        let now = match (facts.request.at, &facts.time) {
            (Some(at), _) => at,
            (None, Seen::Known(at)) => *at,
            (None, time) if time.is_not_asked() => facts.at,
            (None, Seen::Unseen(unseen)) => return Ruling::unseen("the time", unseen),
        };
        match schedule.closed(now) {
            None => Ruling::go(open(schedule, now)),
            Some(closed) => held(schedule, now, &closed),
        }
    }
}

/// The text if the window is open, with the next freeze if it is near.
fn open(schedule: &Schedule, now: Timestamp) -> String {
    match schedule.next_freeze(now) {
        Some((freeze, from)) => {
            let left = from.duration_since(now).as_secs().unsigned_abs();
            format!("open; the freeze `{}` begins in {}", freeze.name, length(left))
        }
        None => "open".into(),
    }
}

fn held(schedule: &Schedule, now: Timestamp, closed: &Closed<'_>) -> Ruling {
    let Some(next) = schedule.next_open(now) else {
        let finding = Finding::new("the schedule never allows a release").note(match closed {
            Closed::Frozen { freeze, .. } => format!("the freeze `{}` does not end", freeze.name),
            Closed::NoWindow { .. } => "no window is open, and none follows".into(),
        });
        let finding = finding.help("correct `schedule` in the manifest");
        return Ruling::no_go(finding.who(Who::Author));
    };
    let finding = match closed {
        Closed::Frozen { freeze, until } => {
            let end = schedule.local(*until);
            let finding = Finding::new(format!("the freeze `{}` lasts until {end}", freeze.name));
            let finding = match &freeze.reason {
                Some(reason) => finding.note(format!("reason: {reason}")),
                None => finding,
            };
            match next > *until {
                true => finding
                    .note(format!("after it, releases are allowed from {}", schedule.local(next))),
                false => finding,
            }
        }
        Closed::NoWindow { next: Some((window, from)) } => Finding::new(format!(
            "no window is open; `{}` opens {}",
            window.name,
            schedule.local(*from)
        )),
        Closed::NoWindow { next: None } => Finding::new("no window is open"),
    };
    let help = format!("run the command again after {}", schedule.local(next));
    let finding = finding.help(help).who(Who::Nobody);
    Ruling::Hold { summary: finding.message.clone(), findings: vec![finding] }
}
