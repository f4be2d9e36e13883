//! Text for checks and times.

use crate::facts::{Check, CheckKind};
use jiff::{Timestamp, tz::TimeZone};

/// A time for people, in UTC.
pub(super) fn moment(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The source of a check without an app.
pub(super) const STATUS: &str = "a commit status";

/// The app, workflow and event that a check came from.
pub(super) fn source(check: &Check) -> String {
    let mut parts = match (&check.app, check.kind) {
        (Some(app), _) => vec![format!("app `{app}`")],
        (None, CheckKind::Run) => vec!["an unknown app".to_owned()],
        (None, CheckKind::Status) => vec![STATUS.to_owned()],
    };
    parts.extend(check.workflow.as_ref().map(|workflow| format!("workflow `{workflow}`")));
    parts.extend(check.event.as_ref().map(|event| format!("event {event}")));
    parts.join(", ")
}

/// The source of a check in one line, and its page.
pub(super) fn described(check: &Check) -> Vec<String> {
    let mut parts = Vec::new();
    if let Some(run) = check.run {
        parts.push(format!("run {run}"));
    }
    if let Some(workflow) = &check.workflow {
        parts.push(format!("workflow `{workflow}`"));
    }
    if let Some(event) = &check.event {
        parts.push(format!("event {event}"));
    }
    if parts.is_empty() {
        match (check.kind, &check.app) {
            (CheckKind::Status, _) => parts.push("a commit status".into()),
            (CheckKind::Run, Some(app)) => parts.push(format!("app `{app}`")),
            (CheckKind::Run, None) => {}
        }
    }
    match (check.completed_at, check.started_at) {
        (Some(end), _) => parts.push(format!("finished {}", moment(end))),
        (None, Some(start)) => parts.push(format!("started {}", moment(start))),
        (None, None) => {}
    }
    let mut notes = Vec::new();
    if !parts.is_empty() {
        notes.push(parts.join(", "));
    }
    notes.extend(check.url.clone());
    notes
}
