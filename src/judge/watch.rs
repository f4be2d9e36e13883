//! Progress of checks while waiting: what to show, what changed, and when to read again.
//! [`crate::drive::wait`] does the reading.

use crate::base::names::Sha;
use crate::facts::{Check, CheckState, Conclusion};
use crate::judge::case::Case;
use crate::judge::durations::{Durations, Left};
use crate::judge::gates::{CheckId, Counted, standings};
use crate::judge::ruling::{Answer, Poll, Verdict};
use crate::project::manifest::Mode;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// The gate whose checks are watched.
const CHECKS: &str = "checks-green";

/// The first pause between reads, and the longest.
const PAUSES: (SignedDuration, SignedDuration) =
    (SignedDuration::from_secs(15), SignedDuration::from_secs(90));

/// The random variation of a pause, in percent, so that clients do not send requests at the same
/// time.
const STRAY: i32 = 15;

/// Requests that are reserved for a release that may follow.
const RESERVE: u64 = 60;

/// The remaining rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests or points.
    pub remaining: u64,
    /// When the limit resets.
    pub resets: Timestamp,
}

/// How the pauses grow.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    looks: i32,
}

impl Pace {
    /// The next pause. `dice` is from 0 to 999.
    pub fn next(
        &mut self,
        dice: i32,
        now: Timestamp,
        rate_limit: Option<RateLimit>,
    ) -> SignedDuration {
        let mut pause = PAUSES.0;
        for _ in 0..self.looks.min(8) {
            pause = pause * 3 / 2;
        }
        self.looks = self.looks.saturating_add(1);
        let stray = 100_000 - 1_000 * STRAY + 2 * STRAY * dice.clamp(0, 999);
        let pause = pause.min(PAUSES.1) * stray / 100_000;
        rate_limit.map_or(pause, |rate_limit| pause.max(rate_limit.pause(now)))
    }
}

impl RateLimit {
    /// The pause between reads that keeps within the rate limit.
    fn pause(self, now: Timestamp) -> SignedDuration {
        let whole = self.resets.duration_since(now).max(SignedDuration::ZERO);
        match i32::try_from(self.remaining.saturating_sub(RESERVE)) {
            Ok(0) => whole,
            Ok(spare) => whole / spare,
            Err(_) => SignedDuration::ZERO,
        }
    }
}

/// The state of a wait at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    /// The commit.
    pub commit: Sha,
    /// When the checks were read.
    pub at: Timestamp,
    /// Every check that counts.
    pub rows: Vec<Row>,
    /// What the other gates wait for.
    pub others: Vec<String>,
    /// Why the last read failed; if set, the shown state is older.
    pub trouble: Option<String>,
    /// When the next read takes place; `None` while a new verdict is being confirmed.
    pub next: Option<Timestamp>,
    /// When the wait ends.
    pub until: Timestamp,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Its app, workflow and event.
    pub source: String,
    /// Its state.
    pub state: State,
}

/// The state of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It was not reported.
    Missing,
    /// It has not finished.
    Pending {
        /// Its state, as reported by the forge.
        doing: String,
        /// When it started.
        since: Option<Timestamp>,
        /// Its remaining time.
        left: Option<Left>,
    },
    /// It has finished.
    Ended {
        /// How it counts.
        counted: Counted,
        /// Its conclusion.
        conclusion: Conclusion,
        /// How long it took.
        lasted: Option<SignedDuration>,
    },
}

/// When the next read takes place, and when the wait ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextRead {
    /// When the next read takes place.
    pub next: Option<Timestamp>,
    /// When the wait ends.
    pub until: Timestamp,
}

impl Board {
    /// The state of a wait, from the facts.
    #[must_use]
    pub fn new(case: &Case<'_>, poll: &Poll, past: &[Check], horizon: NextRead) -> Self {
        let facts = case.facts;
        let counts = |answer: &&Answer| answer.mode == Mode::On && answer.ruling.is_some();
        let asked: Vec<&Answer> = poll.answers.iter().filter(counts).collect();
        let runs = facts.checks.known().map_or(&[][..], |checks| &checks.runs);
        let usual = Durations::of(past.iter().chain(runs));
        let rows = if asked.iter().any(|answer| answer.gate == CHECKS) {
            standings(case)
                .into_iter()
                .map(|(counted, id)| row(counted, id, runs, &usual, facts.at))
                .collect()
        } else {
            Vec::new()
        };
        let holds = asked.iter().filter(|answer| answer.gate != CHECKS).filter_map(|answer| {
            let ruling = answer.ruling.as_ref()?;
            (answer.counts_as() == Some(Verdict::Hold))
                .then(|| format!("{}: {}", answer.gate, ruling.summary()))
        });
        Self {
            commit: facts.commit.sha.clone(),
            at: facts.at,
            rows,
            others: holds.collect(),
            trouble: None,
            next: horizon.next,
            until: horizon.until,
        }
    }

    /// The names of what is waited for, without duplicates.
    #[must_use]
    pub fn pending_checks(&self) -> Vec<&str> {
        let waits = |row: &&Row| !matches!(row.state, State::Ended { .. });
        let mut names: Vec<&str> = self.rows.iter().filter(waits).map(|row| &*row.name).collect();
        names.extend(self.others.iter().map(String::as_str));
        names.dedup();
        names
    }

    /// How many checks have finished and count like this.
    #[must_use]
    pub fn count(&self, wanted: Counted) -> usize {
        let such =
            |row: &&Row| matches!(row.state, State::Ended { counted, .. } if counted == wanted);
        self.rows.iter().filter(such).count()
    }
}

fn row(counted: Counted, id: CheckId, runs: &[Check], usual: &Durations, now: Timestamp) -> Row {
    let (name, id, source) = id;
    let run = runs.iter().find(|run| run.id == id && run.name == name);
    let state = run.map_or(State::Missing, |run| match (&run.state, counted) {
        (CheckState::Pending(doing), _) => State::Pending {
            doing: doing.word().into(),
            since: run.started_at,
            left: usual.left(run, now),
        },
        // It was cancelled or skipped, and a newer run is in progress.
        (CheckState::Finished(doing), Counted::Pending) => {
            State::Pending { doing: doing.word().into(), since: None, left: None }
        }
        (CheckState::Finished(conclusion), _) => State::Ended {
            counted,
            conclusion: conclusion.clone(),
            lasted: run.started_at.zip(run.completed_at).map(|(from, to)| to.duration_since(from)),
        },
    });
    Row { name, source, state }
}

/// Reports what changed on a board, or that tminus is still waiting.
#[derive(Debug, Clone, Default)]
pub struct ProgressLog {
    told: Option<Told>,
}

/// The state when a line was last printed.
#[derive(Debug, Clone)]
struct Told {
    at: Timestamp,
    rows: BTreeMap<(String, String), State>,
    others: Vec<String>,
    trouble: Option<String>,
}

/// The content of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line<'b> {
    /// The wait started.
    Begins,
    /// These checks changed.
    Changed(Vec<&'b Row>),
    /// The last read failed.
    Trouble(&'b str),
    /// There has been no change for a while.
    Still,
}

/// The minimum time between lines that report no change.
const HEARTBEAT: SignedDuration = SignedDuration::from_mins(5);

impl ProgressLog {
    /// What changed, if anything.
    pub fn of<'b>(&mut self, board: &'b Board) -> Option<Line<'b>> {
        let rows = board.rows.iter();
        let rows = rows.map(|row| ((row.name.clone(), row.source.clone()), row.state.clone()));
        let now = Told {
            at: board.at,
            rows: rows.collect(),
            others: board.others.clone(),
            trouble: board.trouble.clone(),
        };
        let line = match &self.told {
            None => Some(Line::Begins),
            Some(told) => news(told, &now, board),
        };
        let quiet_since = self.told.as_ref().filter(|_| line.is_none()).map(|told| told.at);
        self.told = Some(Told { at: quiet_since.unwrap_or(now.at), ..now });
        line
    }
}

fn news<'b>(told: &Told, now: &Told, board: &'b Board) -> Option<Line<'b>> {
    let changed = |row: &&Row| {
        let before = told.rows.get(&(row.name.clone(), row.source.clone()));
        match (before, &row.state) {
            (Some(State::Pending { doing: was, .. }), State::Pending { doing, .. }) => was != doing,
            (Some(State::Missing), State::Missing) => false,
            (Some(before), state) => before != state,
            (None, State::Missing) => false,
            (None, State::Pending { .. } | State::Ended { .. }) => true,
        }
    };
    let changed: Vec<&Row> = board.rows.iter().filter(changed).collect();
    if !changed.is_empty() || told.others != now.others {
        return Some(Line::Changed(changed));
    }
    if let Some(trouble) = board.trouble.as_deref().filter(|_| told.trouble.is_none()) {
        return Some(Line::Trouble(trouble));
    }
    (now.at.duration_since(told.at) >= HEARTBEAT).then_some(Line::Still)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn millis(pause: SignedDuration) -> i128 {
        pause.as_millis()
    }

    #[test]
    fn pauses_grow_from_15_to_90_seconds_with_15_percent_jitter() {
        for dice in [0, 1, 250, 500, 999] {
            let mut pace = Pace::default();
            let pauses: Vec<i128> = (0..40).map(|_| millis(pace.next(dice, at(0), None))).collect();
            assert!((12_750..=17_250).contains(&pauses[0]), "{pauses:?}");
            assert!(pauses.is_sorted(), "{pauses:?}");
            assert!((76_500..=103_500).contains(&pauses[39]), "{pauses:?}");
            assert!(pauses[5] == pauses[39], "the longest is reached by the sixth: {pauses:?}");
        }
        let first = |dice| millis(Pace::default().next(dice, at(0), None));
        assert_eq!((first(0), first(500), first(999)), (12_750, 15_000, 17_245));
    }

    #[test]
    fn polling_preserves_the_quota_until_its_reset_with_a_reserve_for_a_release() {
        let pause = |remaining, resets| {
            let rate_limit = RateLimit { remaining, resets: at(resets) };
            Pace::default().next(500, at(0), Some(rate_limit)).as_secs()
        };
        assert_eq!(pause(5000, 3600), 15);
        assert_eq!(pause(RESERVE + 10, 3600), 360);
        assert_eq!(pause(RESERVE + 1, 3600), 3600);
        assert_eq!(pause(RESERVE, 3600), 3600);
        assert_eq!(pause(0, 3600), 3600);
        assert_eq!(pause(0, -5), 15, "it was reset meanwhile");
    }

    fn board(second: i64, rows: &[(&str, State)]) -> Board {
        let row = |(name, state): &(&str, State)| Row {
            name: (*name).into(),
            source: "ci".into(),
            state: state.clone(),
        };
        Board {
            commit: Sha::new("a".repeat(40)).unwrap(),
            at: at(second),
            rows: rows.iter().map(row).collect(),
            others: Vec::new(),
            trouble: None,
            next: None,
            until: at(3600),
        }
    }

    fn pending(doing: &str, left: Option<Left>) -> State {
        State::Pending { doing: doing.into(), since: Some(at(0)), left }
    }

    fn green() -> State {
        let (conclusion, lasted) = (Conclusion::Success, Some(SignedDuration::from_secs(60)));
        State::Ended { counted: Counted::Green, conclusion, lasted }
    }

    #[test]
    fn a_progress_line_is_printed_on_changes_or_after_five_silent_minutes() {
        let mut news = ProgressLog::default();
        let left = |n| Some(Left::About(SignedDuration::from_secs(n)));
        let running = |n| [("build", pending("in_progress", left(n))), ("docs", State::Missing)];
        assert_eq!(news.of(&board(0, &[("build", pending("queued", None))])), Some(Line::Begins));
        let one = board(15, &running(100));
        assert_eq!(news.of(&one), Some(Line::Changed(vec![&one.rows[0]])));
        for second in [30, 100, 200, 314] {
            assert_eq!(news.of(&board(second, &running(90))), None, "{second}");
        }
        assert_eq!(news.of(&board(315, &running(5))), Some(Line::Still));
        assert_eq!(news.of(&board(400, &running(5))), None);
        let mut lost = board(410, &running(5));
        lost.trouble = Some("no answer".into());
        assert_eq!(news.of(&lost), Some(Line::Trouble("no answer")));
        lost.at = at(420);
        assert_eq!(news.of(&lost), None, "the same trouble is told once");
        let done = board(430, &[("build", green()), ("docs", State::Missing)]);
        assert_eq!(news.of(&done), Some(Line::Changed(vec![&done.rows[0]])));
    }
}
