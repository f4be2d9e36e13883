//! What is in each environment: the output of `status --environments`.

use super::finding::Paint;
use super::plan::guards;
use crate::base::clean::clean;
use crate::base::moment::short;
use crate::base::names::EnvironmentName;
use crate::base::word::{Tone, Word};
use crate::facts::environment::{Deployment, DeploymentState, EnvironmentState};
use crate::facts::{Facts, Seen};
use crate::release::environment::{Entry, State};
use serde_json::{Value, json};
use std::fmt::Write as _;

const EMPTY: Word = Word::new("empty", Tone::Open);
const ENTERING: Word = Word::new("entering", Tone::Wait);
const DEPLOYED: Word = Word::new("deployed", Tone::Plain);
const VERIFIED: Word = Word::new("verified", Tone::Good);
const UNSEEN: Word = Word::new("unseen", Tone::Doubtful);

/// Every environment: its release, since when it is there, and its plan.
#[must_use]
pub fn text(facts: &Facts, paint: Paint) -> String {
    if facts.environments.is_empty() {
        return "no stage of the manifest has an `environment`\n".into();
    }
    let mut text = String::new();
    for (name, state) in &facts.environments {
        let protection = match state.protection.known() {
            Ok(Some(protection)) => guards(protection),
            Ok(None) => "does not exist on the forge".into(),
            Err(unseen) => format!("protection unknown: {}", clean(&unseen.why)),
        };
        let name = paint.bold(&clean(name.as_str()));
        let _ = writeln!(text, "{name}   {}", paint.dim(&protection));
        match state.record.known() {
            Err(unseen) => {
                let _ = writeln!(text, "  {} {}", paint.word(UNSEEN, 8), clean(&unseen.why));
            }
            Ok(record) => match &record.value.current {
                None => {
                    let _ = writeln!(text, "  {}", paint.word(EMPTY, 0));
                }
                Some(entry) => text.push_str(&current(entry, state, paint)),
            },
        }
    }
    text
}

fn current(entry: &Entry, state: &EnvironmentState, paint: Paint) -> String {
    let word = paint.word(word(entry), 8);
    let (version, commit, plan) = (&entry.version, entry.commit.short(), entry.plan.short());
    let since = short(entry.at);
    let by = clean(&entry.by);
    let mut text = format!("  {word} {version} at {commit}, since {since}, by {by}, plan {plan}\n");
    if let Some(from) = &entry.back_from {
        let _ = writeln!(text, "           rolled back from {from}");
    }
    if let Some(drift) = drift(entry, state) {
        let word = paint.word(Word::new("drift", Tone::Bad), 8);
        let _ = writeln!(text, "  {word} {}", clean(&drift));
    }
    text
}

fn word(entry: &Entry) -> Word {
    match (entry.state, entry.verified) {
        (State::Entering, _) => ENTERING,
        (State::Deployed | State::RolledBack, Some(_)) => VERIFIED,
        (State::Deployed | State::RolledBack, None) => DEPLOYED,
    }
}

/// A newer deployment that tminus did not create.
fn drift(entry: &Entry, state: &EnvironmentState) -> Option<String> {
    let all = state.deployments.known().ok()?.as_ref()?;
    let went_on = |one: &&Deployment| {
        matches!(one.state, DeploymentState::Success | DeploymentState::InProgress)
    };
    let other = all
        .iter()
        .filter(|one| one.mark.is_none() && one.at > entry.at && one.commit != entry.commit)
        .find(went_on)?;
    let by = other.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    let (id, commit, at) = (other.id, other.commit.short(), short(other.at));
    Some(format!("deployment {id} of {commit}{by} at {at} was not created by tminus"))
}

/// The same as JSON: a list, empty if no environment was read.
#[must_use]
pub fn document(facts: &Facts) -> Value {
    let one = |(name, state): (&EnvironmentName, &EnvironmentState)| {
        let current = state.record.known().ok().and_then(|record| record.value.current.as_ref());
        json!({
            "name": name,
            "protection": state.protection.known().ok(),
            "entered_by_this_job": matches!(state.inside, Seen::Known(true)),
            "current": current,
            "drift": current.and_then(|entry| drift(entry, state)),
        })
    };
    Value::Array(facts.environments.iter().map(one).collect())
}
