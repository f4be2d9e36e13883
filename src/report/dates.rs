//! The dates of a release: the train that it leaves with, its cut-off, and when its tasks are due.

use crate::judge::case::Case;
use crate::judge::dates::{TrainDate, due, train};
use crate::judge::gates;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The dates of a release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dates {
    /// The train.
    pub train: Option<LeavingTrain>,
    /// Tasks that have a date, in its order.
    pub tasks: Vec<DatedTask>,
}

/// The train that a release leaves with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeavingTrain {
    /// Its name.
    pub name: String,
    /// When it leaves.
    pub leaves: Moment,
    /// The cut-off: later changes do not leave with the train.
    pub cut_off: Moment,
}

/// A task that has a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedTask {
    /// Its name.
    pub id: String,
    /// What must be done.
    pub text: String,
    /// When it is due.
    pub due: Moment,
    /// Whether it is done, in time, or overdue.
    pub state: TaskState,
}

/// The state of a task that has a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskState {
    /// It is done.
    Done,
    /// It is open, and not due yet.
    Open,
    /// It is open and overdue.
    Overdue,
}

impl TaskState {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Open => "open",
            Self::Overdue => "overdue",
        }
    }
}

/// A moment, and its local time for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// With the time zone of the schedule.
    pub local: String,
}

impl Dates {
    /// The dates of a case.
    #[must_use]
    pub fn of(case: &Case<'_>) -> Self {
        if case.target().is_err() {
            return Self::default();
        }
        let train = train(case, None).map(|TrainDate { schedule, train, departure }| {
            let moment = |at| Moment { at, local: schedule.local(at) };
            let (leaves, cut_off) = (moment(departure.at), moment(departure.cut_off));
            LeavingTrain { name: train.name.clone(), leaves, cut_off }
        });
        let results = gates::tasks(case).unwrap_or_default();
        let done: BTreeSet<_> = results
            .iter()
            .filter(|(_, result)| result.is_ok())
            .map(|(task, _)| &task.id.value)
            .collect();
        let dated = case.manifest.tasks.iter().filter_map(|task| {
            let (at, local) = due(case, task)?;
            let overdue = case.now().is_ok_and(|now| at < now);
            let state = match (done.contains(&task.id.value), overdue) {
                (true, _) => TaskState::Done,
                (false, false) => TaskState::Open,
                (false, true) => TaskState::Overdue,
            };
            let (id, text) = (task.id.value.to_string(), task.text.clone());
            Some(DatedTask { id, text, due: Moment { at, local }, state })
        });
        let mut tasks: Vec<DatedTask> = dated.collect();
        tasks.sort_by_key(|task| task.due.at);
        Self { train, tasks }
    }

    /// The date of a task.
    #[must_use]
    pub fn task(&self, id: &str) -> Option<&DatedTask> {
        self.tasks.iter().find(|task| task.id == id)
    }

    /// For programs.
    #[must_use]
    pub fn document(&self) -> Value {
        json!({
            "train": self.train.as_ref().map(|train| json!({
                "name": train.name,
                "leaves": train.leaves.at,
                "cut_off": train.cut_off.at,
            })),
            "tasks": self.tasks.iter().map(|task| json!({
                "id": task.id,
                "due": task.due.at,
                "state": task.state.word(),
            })).collect::<Vec<_>>(),
        })
    }
}

impl LeavingTrain {
    /// In one line, after its name.
    #[must_use]
    pub fn said(&self) -> String {
        let Self { leaves, cut_off, .. } = self;
        match cut_off.at == leaves.at {
            true => format!("leaves {}", leaves.local),
            false => format!("leaves {}, cut-off {}", leaves.local, cut_off.local),
        }
    }
}
