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
    /// It succeeded.
    Green,
    /// It was skipped or neutral, which passes for a check that is asked for by name.
    Accepted(String),
    /// It was skipped or neutral, which is no success.
    PassedOver(String),
    /// It is not there yet.
    Pending(Why),
    /// It did not pass.
    Red {
        /// What is wrong.
        why: Why,
        /// What to do.
        help: &'static str,
    },
}

/// Why a check is no success.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Why {
    /// Continues "check `x`", and is followed by the commit.
    pub what: String,
    /// Follows the commit, with its own punctuation; may be empty.
    pub more: String,
}

impl Why {
    fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), more: String::new() }
    }

    fn more(mut self, more: impl Into<String>) -> Self {
        self.more = more.into();
        self
    }
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

/// Whether a check is tminus's own: the job it runs in, or what it reports itself.
#[must_use]
pub fn is_own(check: &Check, own: Option<&OwnRun>) -> bool {
    let job = || check.url.as_deref().is_some_and(|url| url.contains("/job/"));
    // `check --post` sets the status, or makes a check run that is no workflow's job.
    if check.name == "tminus" && (check.kind == CheckKind::Status || !job()) {
        return true;
    }
    own.is_some_and(|own| match &own.check_run {
        Some(id) => {
            *id == check.id
                || check.url.as_deref().is_some_and(|url| url.ends_with(&format!("/job/{id}")))
        }
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
    // A run that was merely skipped never speaks over one that ran; one that was skipped because
    // something failed does.
    let idle = |run: &Check| finished_as(run, "skipped") && after_failure(run, all).is_none();
    let ran: Vec<&Check> = runs.iter().filter(|run| !idle(run)).copied().collect();
    let runs = if ran.is_empty() { runs } else { &ran };
    let newest = runs.iter().map(|run| age(run)).max()?;
    // Runs of the same moment, and an ended one that does not tell its moment, cannot be put in
    // order: the worst of them speaks.
    let unordered = |run: &Check| matches!(newest, Age::At(_)) && age(run) == Age::Untold;
    let speaking = runs.iter().filter(|run| age(run) == newest || unordered(run));
    let said = speaking.map(|check| Voice { check, say: say(check, all, terms) });
    let rank =
        |voice: &Voice<'a>| (voice.say.clone(), &voice.check.id, voice.check.run, &voice.check.url);
    said.max_by(|a, b| rank(a).cmp(&rank(b)))
}

/// When a run began. The order is that of newness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    /// It has ended and does not tell.
    Untold,
    /// Then.
    At(Timestamp),
    /// It has not begun yet.
    Ahead,
}

fn age(check: &Check) -> Age {
    match (check.started_at, &check.state) {
        (Some(at), _) => Age::At(at),
        (None, CheckState::Pending(_)) => Age::Ahead,
        (None, CheckState::Finished(_)) => Age::Untold,
    }
}

fn finished_as(check: &Check, word: &str) -> bool {
    matches!(&check.state, CheckState::Finished(conclusion) if conclusion == word)
}

fn say(check: &Check, all: &[Check], terms: &Terms) -> Say {
    match &check.state {
        CheckState::Pending(status) if status == "waiting" => {
            Say::Pending(Why::new("waits for its environment's protection"))
        }
        CheckState::Pending(status) => {
            Say::Pending(Why::new(format!("is {}", status.replace('_', " "))))
        }
        CheckState::Finished(conclusion) => ended(conclusion, check, all, terms),
    }
}

fn ended(conclusion: &str, check: &Check, all: &[Check], terms: &Terms) -> Say {
    let red = |what: &str, help| Say::Red { why: Why::new(what), help };
    match conclusion {
        "success" => success(check, terms),
        "skipped" => match after_failure(check, all) {
            Some(failure) => skipped_after(failure),
            None => lesser(conclusion, terms),
        },
        "neutral" => lesser(conclusion, terms),
        "cancelled" if replaced(check, all) => Say::Pending(
            Why::new("was cancelled").more(", and a newer run of its workflow is under way"),
        ),
        "cancelled" => red("was cancelled", "rerun it"),
        "stale" => Say::Red {
            why: Why::new("went stale").more(": the forge gave up waiting for it"),
            help: "rerun it",
        },
        "action_required" => {
            red("asks for somebody's action", "open the check and do what it asks")
        }
        "failure" | "error" => red("failed", "mend it or rerun the job"),
        "timed_out" => red("timed out", "rerun the job"),
        "startup_failure" => red("could not start", "mend the workflow file"),
        other => Say::Red {
            why: Why::new(format!("ended as `{other}`"))
                .more(", which is not known to be a success"),
            help: "open the check and see what that means",
        },
    }
}

/// What is neither a success nor a failure.
fn lesser(conclusion: &str, terms: &Terms) -> Say {
    if terms.accept.iter().any(|word| word == conclusion) {
        Say::Accepted(conclusion.into())
    } else {
        Say::PassedOver(conclusion.into())
    }
}

fn skipped_after(failure: Failure<'_>) -> Say {
    let what = Why::new("was skipped");
    match failure {
        Failure::Stands(name) => Say::Red {
            why: what.more(format!(" because `{name}` did not succeed in the same run")),
            help: "mend that job and rerun the workflow",
        },
        Failure::RunsAgain(name) => {
            Say::Pending(what.more(format!(" after `{name}` failed, which is running again")))
        }
    }
}

fn success(check: &Check, terms: &Terms) -> Say {
    let red = |why: Why, help| Say::Red { why, help };
    // A status is one moment: it does not tell when what it reports began.
    let lasted = check.started_at.zip(check.completed_at).filter(|_| check.kind == CheckKind::Run);
    let lasted = lasted.map(|(start, end)| end.duration_since(start));
    if let Some(least) = terms.min_duration {
        match lasted {
            Some(lasted) if lasted >= least => {}
            Some(lasted) => {
                let more = format!(
                    ", suspiciously fast: it took {}, `min-duration` is {}",
                    length(lasted),
                    length(least)
                );
                return red(Why::new("succeeded").more(more), "see whether it ran at all");
            }
            None => {
                let why =
                    Why::new("does not tell how long it took").more(", and `min-duration` asks");
                return red(why, "take out `min-duration`, or name checks that tell");
            }
        }
    }
    if let Some(most) = terms.max_age {
        match check.completed_at.map(|end| terms.now.duration_since(end)) {
            Some(age) if age <= most => {}
            Some(age) => {
                let more =
                    format!(" {} ago, stale evidence: `max-age` is {}", length(age), length(most));
                return red(Why::new("succeeded").more(more), "rerun it");
            }
            None => {
                let why = Why::new("does not tell when it ended").more(", and `max-age` asks");
                return red(why, "rerun it");
            }
        }
    }
    Say::Green
}

/// A length of time as the manifest writes it, its two largest units.
fn length(length: SignedDuration) -> String {
    let seconds = length.as_secs();
    let units = [
        ("d", seconds / 86_400),
        ("h", seconds / 3_600 % 24),
        ("m", seconds / 60 % 60),
        ("s", seconds % 60),
    ];
    let told = units.iter().skip_while(|(_, n)| *n == 0).take(2).filter(|(_, n)| *n != 0);
    let parts: Vec<String> = told.map(|(unit, n)| format!("{n}{unit}")).collect();
    if parts.is_empty() { "0s".into() } else { parts.join(" ") }
}

/// A job that did not succeed in the workflow run of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Failure<'a> {
    /// It was started again and is on its way.
    RunsAgain(&'a str),
    /// Nothing newer replaces it.
    Stands(&'a str),
}

/// Why a job of the same run may have been the reason to skip this one. A failure that a newer
/// attempt mended is none.
fn after_failure<'a>(check: &Check, all: &'a [Check]) -> Option<Failure<'a>> {
    let run = check.run?;
    let of_run: Vec<&Check> = all.iter().filter(|other| other.run == Some(run)).collect();
    let failed = |other: &Check| {
        matches!(&other.state, CheckState::Finished(word)
            if !matches!(word.as_str(), "success" | "skipped" | "neutral"))
    };
    let failures = of_run.iter().filter(|other| failed(other)).filter_map(|other| {
        let replaces = |one: &&&Check| {
            Key::of(one) == Key::of(other) && age(one) > age(other) && !finished_as(one, "skipped")
        };
        let pending = |one: &Check| matches!(one.state, CheckState::Pending(_));
        let newest = of_run.iter().filter(replaces).max_by_key(|one| (age(one), pending(one)));
        match newest.map(|newest| &newest.state) {
            None => Some(Failure::Stands(&other.name)),
            Some(CheckState::Pending(_)) => Some(Failure::RunsAgain(&other.name)),
            Some(CheckState::Finished(_)) => None,
        }
    });
    failures.max()
}

/// Whether a later run of the same workflow is on its way.
fn replaced(check: &Check, all: &[Check]) -> bool {
    let pending = |other: &&Check| matches!(other.state, CheckState::Pending(_));
    let newer = |other: &Check| other.run > check.run || age(other) > age(check);
    check.workflow.is_some()
        && all
            .iter()
            .filter(pending)
            .any(|other| other.workflow == check.workflow && other.app == check.app && newer(other))
}
