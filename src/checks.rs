//! Which of the checks on a commit speak, and what they say: the decision under `checks-green`.
//!
//! One pure function over what was observed. Within one source the newest run speaks, never the
//! best; every source that carries a required name must be green; what is not known to be a
//! success is none. Nothing here depends on the order in which a forge lists its checks.

use crate::facts::{Check, CheckKind, CheckState, OwnRun};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How strictly checks are judged.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Conclusions besides `success` that pass (`skipped`, `neutral`).
    pub accept: Vec<String>,
    /// A success older than this is no evidence.
    pub max_age: Option<SignedDuration>,
    /// A success faster than this is suspicious.
    pub min_duration: Option<SignedDuration>,
    /// The moment of judgement.
    pub now: Timestamp,
}

/// What one source says of a commit. Ordered from best to worst.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Say {
    /// It passed.
    Green,
    /// It was skipped or neutral, and nobody asked for it by name.
    PassedOver(String),
    /// It is not there yet: why.
    Pending(String),
    /// It did not pass: why, and what to do.
    Red {
        /// Continues "check `x` ".
        why: String,
        /// What to do.
        help: &'static str,
    },
}

/// A source of checks: within one, the newest run speaks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    kind: CheckKind,
    app: Option<String>,
    workflow: Option<String>,
    name: String,
}

impl Key {
    fn of(check: &Check) -> Self {
        Self {
            kind: check.kind,
            app: check.app.clone(),
            workflow: check.workflow.clone(),
            name: check.name.clone(),
        }
    }
}

/// The run that speaks for a source, and what it says.
#[derive(Debug, Clone)]
pub struct Voice<'a> {
    /// The run.
    pub check: &'a Check,
    /// What it says.
    pub say: Say,
}

/// Whether a check is tminus's own: the job it runs in, or the status it reports.
#[must_use]
pub fn is_own(check: &Check, own: Option<&OwnRun>) -> bool {
    if check.kind == CheckKind::Status && check.name == "tminus" {
        return true;
    }
    own.is_some_and(|own| match &own.check_run {
        Some(id) => *id == check.id || check.url.as_deref().is_some_and(|url| url.ends_with(&format!("/job/{id}"))),
        None => check.run == Some(own.run) && check.name == own.job,
    })
}

/// The voices of some checks: one for each source, in the order of their names.
///
/// `all` is everything on the commit, for reasons that lie in a neighbour: a job that was skipped
/// because another failed, a cancelled run that a newer one replaces.
#[must_use]
pub fn voices<'a>(chosen: &[&'a Check], all: &[Check], terms: &Terms) -> Vec<Voice<'a>> {
    let mut sources: BTreeMap<Key, Vec<&'a Check>> = BTreeMap::new();
    for check in chosen {
        sources.entry(Key::of(check)).or_default().push(check);
    }
    sources.into_values().filter_map(|runs| voice(&runs, all, terms)).collect()
}

fn voice<'a>(runs: &[&'a Check], all: &[Check], terms: &Terms) -> Option<Voice<'a>> {
    // A skipped run never speaks over one that ran.
    let ran: Vec<&Check> = runs.iter().filter(|run| !finished_as(run, "skipped")).copied().collect();
    let runs = if ran.is_empty() { runs } else { &ran };
    let newest = runs.iter().map(|run| age(run)).max()?;
    // Runs of the same moment cannot be told apart: the worst of them speaks.
    let speaking = runs.iter().filter(|run| age(run) == newest);
    let said = speaking.map(|check| Voice { check, say: say(check, all, terms) });
    said.max_by(|a, b| (&a.say, &a.check.id).cmp(&(&b.say, &b.check.id)))
}

/// Orders runs of one source; one that has not started yet is the newest.
fn age(check: &Check) -> (bool, Option<Timestamp>) {
    (check.started_at.is_none(), check.started_at)
}

fn finished_as(check: &Check, word: &str) -> bool {
    matches!(&check.state, CheckState::Finished(conclusion) if conclusion == word)
}

fn say(check: &Check, all: &[Check], terms: &Terms) -> Say {
    let red = |why: String, help| Say::Red { why, help };
    let conclusion = match &check.state {
        CheckState::Pending(status) if status == "waiting" => {
            return Say::Pending("waits for the approval of its environment".into());
        }
        CheckState::Pending(status) => return Say::Pending(format!("is {}", words(status))),
        CheckState::Finished(conclusion) => conclusion.as_str(),
    };
    match conclusion {
        "success" => success(check, terms),
        "skipped" if needed_failed(check, all) => {
            red("was skipped because a job of the same run failed".into(), "mend the failed job and rerun it")
        }
        "skipped" | "neutral" if terms.accept.iter().any(|word| word == conclusion) => Say::Green,
        "skipped" | "neutral" => Say::PassedOver(conclusion.into()),
        "cancelled" if replaced(check, all) => {
            Say::Pending("was cancelled, and a newer run of its workflow is under way".into())
        }
        "cancelled" => red("was cancelled".into(), "rerun it"),
        "stale" => red("went stale: the forge gave up waiting for it".into(), "rerun it"),
        "action_required" => red("waits for somebody's action".into(), "open the check and do what it asks"),
        "failure" | "error" => red("failed".into(), "mend it or rerun the job"),
        "timed_out" => red("timed out".into(), "rerun the job"),
        "startup_failure" => red("could not start".into(), "mend the workflow file"),
        other => red(format!("ended as `{other}`, which is not known to be a success"), "open the check and see"),
    }
}

fn words(status: &str) -> String {
    status.replace('_', " ")
}

fn success(check: &Check, terms: &Terms) -> Say {
    let lasted = check.started_at.zip(check.completed_at).map(|(start, end)| end.duration_since(start));
    if let Some(least) = terms.min_duration {
        match lasted {
            Some(lasted) if lasted >= least => {}
            Some(lasted) => {
                let why = format!("took {lasted:#}, less than the {least:#} that it needs: suspiciously fast");
                return Say::Red { why, help: "see whether it ran at all" };
            }
            None => {
                let why = "does not tell how long it took".to_owned();
                return Say::Red { why, help: "take out `min-duration`, or report times" };
            }
        }
    }
    if let Some(most) = terms.max_age {
        let age = check.completed_at.map(|end| terms.now.duration_since(end));
        if age.is_none_or(|age| age > most) {
            let why = format!("is older than {most:#}: stale evidence");
            return Say::Red { why, help: "rerun it" };
        }
    }
    Say::Green
}

/// Whether another job of the same workflow run failed.
fn needed_failed(check: &Check, all: &[Check]) -> bool {
    let failed = |other: &Check| {
        matches!(&other.state, CheckState::Finished(word)
            if !matches!(word.as_str(), "success" | "skipped" | "neutral"))
    };
    check.run.is_some() && all.iter().any(|other| other.run == check.run && failed(other))
}

/// Whether a later run of the same workflow is on its way.
fn replaced(check: &Check, all: &[Check]) -> bool {
    let pending = |other: &&Check| matches!(other.state, CheckState::Pending(_));
    let newer = |other: &Check| other.run > check.run || age(other) > age(check);
    check.workflow.is_some()
        && all.iter().filter(pending).any(|other| {
            other.workflow == check.workflow && other.app == check.app && newer(other)
        })
}
