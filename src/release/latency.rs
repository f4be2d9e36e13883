//! How long people took to make statements in a finished release, for estimates. No decision
//! depends on it, so the authors of the statements are not verified again.

use super::ledger::{Entry, Event, Ledger};
use super::statement::{Says, Statement};
use crate::base::awaited::Awaited;
use crate::base::names::TagName;
use crate::project::manifest::Role;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The statements in a finished release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastRelease {
    /// Its tag.
    pub tag: TagName,
    /// How long each statement took.
    pub answers: Vec<PastAnswer>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastAnswer {
    /// What the release waited for.
    pub what: Awaited,
    /// How long the release waited for the last statement that it needed, in seconds.
    pub seconds: u64,
}

impl PastRelease {
    /// The statements in a ledger; `None` if its release is not finished. An approval that names no
    /// role counts for the roles that list its author.
    #[must_use]
    pub fn of(tag: &TagName, ledger: &Ledger, roles: &[Role]) -> Option<Self> {
        if !ledger.finished() {
            return None;
        }
        let mut since: Option<Timestamp> = None;
        let mut took: BTreeMap<Awaited, u64> = BTreeMap::new();
        let mut settled: BTreeSet<Awaited> = BTreeSet::new();
        for (_, entry) in ledger.numbered() {
            if matches!(entry.event, Event::Entered { .. }) {
                settled.extend(took.keys().cloned());
            }
            since = Entry::waits_from(since, entry);
            if let (Event::Said(said), Some(since)) = (&entry.event, since) {
                let seconds = entry.at.duration_since(since).as_secs();
                let seconds = u64::try_from(seconds).unwrap_or(0);
                let new = answered(said, roles).into_iter();
                took.extend(new.filter(|it| !settled.contains(it)).map(|it| (it, seconds)));
            }
        }
        let answers = took.into_iter().map(|(what, seconds)| PastAnswer { what, seconds });
        Some(Self { tag: tag.clone(), answers: answers.collect() })
    }
}

/// What a statement resolves.
fn answered(statement: &Statement, roles: &[Role]) -> Vec<Awaited> {
    match &statement.says {
        Says::Approve { role, stage } => {
            let lists = |it: &&Role| match role {
                Some(role) => it.name == *role,
                None => it.users.contains(&statement.by),
            };
            let roles = roles.iter().filter(lists);
            let stage = || stage.clone();
            roles.map(|it| Awaited::Approval { role: it.name.clone(), stage: stage() }).collect()
        }
        Says::Accept { scenario } => vec![Awaited::Acceptance { scenario: scenario.clone() }],
        Says::Done { task } => vec![Awaited::Task { task: task.clone() }],
        Says::Object { .. }
        | Says::WithdrawObjection
        | Says::Reject { .. }
        | Says::Hold { .. }
        | Says::Lift { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::names::{Person, RoleName, StageName};
    use serde_json::{Value, json};

    fn ledger(events: &[(u8, Value)]) -> Ledger {
        let entries = events.iter().map(|(hour, event)| {
            let at = format!("2026-01-10T{hour:02}:00:00Z");
            let by = json!({ "name": "ci", "machine": "m", "process": 1 });
            let entry = json!({
                "format": 1, "at": at, "by": by, "fence": 1, "lease_until": at, "event": event,
            });
            serde_json::from_value(entry).unwrap()
        });
        Ledger::new(None, entries.collect()).unwrap()
    }

    fn said(by: &str, says: &Value) -> Value {
        let about =
            json!({ "version": "1.0.0", "commit": "a".repeat(40), "manifest": "0".repeat(64) });
        json!({ "said": { "by": by, "says": says, "about": about, "source": "signature" } })
    }

    fn took(events: &[(u8, Value)]) -> Option<Vec<(String, u64)>> {
        let role = |name: &str, user: &str| Role {
            name: RoleName::new(name).unwrap(),
            users: vec![Person::new(user).unwrap()],
            team: None,
            permission: None,
        };
        let roles = [role("qa", "lin"), role("ops", "ada")];
        let past = PastRelease::of(&TagName::new("v1.0.0").unwrap(), &ledger(events), &roles)?;
        let name = |what: &Awaited| match what {
            Awaited::Approval { role, stage } => {
                format!("{role} of {}", stage.as_ref().map_or("all", StageName::as_str))
            }
            Awaited::Acceptance { scenario } => scenario.to_string(),
            Awaited::Task { task } => task.to_string(),
        };
        Some(past.answers.iter().map(|it| (name(&it.what), it.seconds / 3_600)).collect())
    }

    #[test]
    fn an_answer_took_from_the_last_step_to_the_last_statement_before_the_stage() {
        let yes = json!({ "approve": { "stage": "stable" } });
        let events = [
            (1, json!({ "tracked": { "issue": 1, "url": "u" } })),
            (3, said("lin", &json!({ "done": { "task": "guide" } }))),
            (4, json!({ "did": { "step": "tag", "evidence": { "text": "" } } })),
            (6, said("ada", &yes)),
            (8, said("ada", &yes)),
            (9, said("lin", &json!({ "approve": { "role": "qa", "stage": "stable" } }))),
            (10, json!({ "entered": { "stage": "stable" } })),
            (11, said("ada", &yes)),
            (12, json!("finished")),
        ];
        let all = [("ops of stable", 4), ("qa of stable", 5), ("guide", 2)];
        let all = all.map(|(what, hours)| (what.to_owned(), hours));
        let mut took = took(&events).unwrap();
        took.sort();
        let mut expected = all.to_vec();
        expected.sort();
        assert_eq!(took, expected);
    }

    #[test]
    fn a_release_that_is_not_finished_says_nothing() {
        assert_eq!(took(&[(1, json!({ "tracked": { "issue": 1, "url": "u" } }))]), None);
    }
}
