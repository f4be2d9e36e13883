//! `window-open`: the schedule allows a release now.

use super::gate::{GateSettings, Need, Occasion, Rule};
use crate::base::finding::{Finding, Who};
use crate::base::moment::length;
use crate::judge::calendar::{now, schedule};
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;
use crate::project::manifest::{Field, Reader, Shape};
use crate::project::schedule::{Closed, Schedule, Span};
use jiff::{SignedDuration, Timestamp};

/// The rule.
pub(super) struct WindowOpen;

/// Its settings.
pub(super) struct Settings {
    merges: bool,
}

/// How far ahead a freeze is mentioned.
const NEAR: SignedDuration = SignedDuration::from_hours(7 * 24);

impl GateSettings for Settings {
    const SHAPE: Shape<'static> = Shape::Object(&[Field::new(
        "on",
        Shape::OneOf(&[("release", "for releases"), ("merge", "for merges and for releases")]),
        "When the gate runs. With `merge`, a freeze also holds pull requests.",
    )
    .default("release")]);

    fn read(reader: &Reader<'_>) -> Option<Self> {
        Some(Self { merges: reader.word("on", &[("release", false), ("merge", true)])? })
    }
}

impl Rule for WindowOpen {
    const ID: &'static str = "window-open";
    const ASKS: &'static str = "does the schedule allow a release now?";
    const PAGE: &'static str = include_str!("../../../docs/gates/window-open.md");
    const AT: &'static [Occasion] = &[Occasion::Check, Occasion::Release];
    const NAMED_AT: &'static [Occasion] = &[Occasion::Merge];
    const ENDS_BY_ITSELF: bool = true;
    type Settings = Settings;

    fn needs(_: &Settings) -> Vec<Need> {
        Vec::new()
    }

    fn runs_at(settings: &Settings, occasion: Occasion) -> bool {
        settings.merges || occasion != Occasion::Merge
    }

    fn by_default(case: &Case<'_>) -> bool {
        case.manifest.schedule.is_some()
    }

    fn rule(case: &Case<'_>, _: &Settings) -> Ruling {
        let ruled = now(case.facts).and_then(|now| Ok((now, schedule(case, now)?)));
        let (now, schedule) = match ruled {
            Ok((now, Some(schedule))) => (now, schedule),
            Ok((_, None)) => return Ruling::go("the manifest has no `schedule`"),
            Err(ruling) => return ruling,
        };
        // The status of a pull request persists, so it contains the time of the evaluation.
        let moment = case.facts.merge.as_ref().map(|_| schedule.local(now));
        match schedule.closed(now) {
            None => Ruling::go(open(&schedule, case, now, moment)),
            Some(closed) => held(&schedule, now, &closed, moment),
        }
    }
}

/// The summary if the schedule is open. It mentions the next freeze if it is near, or if a release
/// that starts now cannot be finished before it, because a stage must be verified for longer.
fn open(schedule: &Schedule, case: &Case<'_>, now: Timestamp, moment: Option<String>) -> String {
    let open = moment.map_or_else(|| "open".into(), |moment| format!("open on {moment}"));
    let Some((freeze, from)) = schedule.next_freeze(now) else { return open };
    let left = from.duration_since(now);
    let seconds = left.as_secs().unsigned_abs();
    let begins = format!("the freeze `{}` begins in {}", freeze.name, length(seconds));
    match slowest(case, seconds).filter(|_| case.facts.merge.is_none()) {
        None if left > NEAR => open,
        None => format!("{open}; {begins}"),
        Some((stage, soak)) => {
            let begins = format!(
                "{open}; a release that starts now can leave `{stage}` only after {}, but {begins}",
                length(soak)
            );
            let soak = SignedDuration::from_secs(i64::try_from(soak).unwrap_or(i64::MAX));
            let ends = now.checked_add(soak).unwrap_or(Timestamp::MAX);
            match schedule.next_open(ends) {
                Some(next) if next > ends => {
                    format!("{begins}; releases are allowed again from {}", schedule.local(next))
                }
                Some(_) | None => begins,
            }
        }
    }
}

/// The first stage that a release which starts now cannot leave within a time, and how long the release
/// takes until its end. Nothing waits for the last stage.
fn slowest<'m>(case: &Case<'m>, seconds: u64) -> Option<(&'m str, u64)> {
    let ledger = case.facts.ledger.known().ok();
    if ledger.is_some_and(crate::release::ledger::Ledger::under_way) {
        return None;
    }
    let (_, stages) = case.manifest.stages.split_last()?;
    let mut all: u64 = 0;
    stages.iter().find_map(|stage| {
        let steady = stage.verify.as_ref().map_or(0, |verify| verify.steady_seconds);
        all = all.saturating_add(steady).saturating_add(stage.soak_seconds);
        (all > seconds).then(|| (stage.name.value.as_str(), all))
    })
}

fn held(
    schedule: &Schedule,
    now: Timestamp,
    closed: &Closed<'_>,
    moment: Option<String>,
) -> Ruling {
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
            let finding = match (&freeze.reason, &freeze.span) {
                // From a calendar: the reason is the place in the file.
                (Some(place), Span::Listed(_)) => finding.note(format!("from {place}")),
                (Some(reason), _) => finding.note(format!("reason: {reason}")),
                (None, _) => finding,
            };
            match next > *until {
                true => finding.note(format!(
                    "after the freeze, releases are allowed from {}",
                    schedule.local(next)
                )),
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
    let finding = match moment {
        Some(moment) => finding.note(format!("evaluated on {moment}")),
        None => finding,
    };
    let finding = finding.help(help).who(Who::Nobody);
    Ruling::Hold { summary: finding.message.clone(), findings: vec![finding] }
}
