//! Shared by the gates about people.

use crate::base::names::{RoleName, StageName};
use crate::base::seen::Unseen;
use crate::judge::case::Case;
use crate::judge::people::Statements;
use crate::judge::ruling::Ruling;
use crate::project::manifest::{Reader, Value};
use crate::release::ledger::Ledger;
use jiff::Timestamp;

/// The roles under the key `roles`, each with its number: a list, or a mapping. Empty if it is not
/// written.
pub(super) fn named_roles(reader: &Reader<'_>) -> Option<Vec<(RoleName, usize)>> {
    let Some(node) = reader.written("roles") else { return Some(Vec::new()) };
    match &node.value {
        Value::Map(counts) => counts
            .iter()
            .map(|(name, count)| {
                Some((RoleName::new(name.value.as_str()).ok()?, count.text()?.parse().ok()?))
            })
            .collect(),
        Value::List(items) => {
            items.iter().map(|item| Some((RoleName::new(item.text()?).ok()?, 1))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => None,
    }
}

/// The stage that a gate evaluates: the current one if it names the gate, else the first that
/// does; `None` if no stage names it.
///
/// # Errors
/// The stage, if the release is in it already.
pub(super) fn entering<'a>(
    case: &Case<'a>,
    gate: &str,
) -> Result<Option<&'a StageName>, &'a StageName> {
    let manifest = case.manifest;
    let names = |name: &StageName| {
        let stage = manifest.stages.iter().find(|stage| stage.name.value == *name);
        stage.is_some_and(|stage| stage.gates.iter().any(|named| named.value == gate))
    };
    let first = manifest.first_stage_with(gate);
    let stage = match case.stage() {
        Some(now) if names(now) || first.is_none() => first.map(|_| now),
        Some(now) => return first.map_or(Ok(None), |_| Err(now)),
        None => first,
    };
    let Some(stage) = stage else { return Ok(None) };
    let ledger = case.facts.ledger.known().ok();
    match ledger.and_then(|ledger| Ledger::entered(ledger, stage)) {
        Some(_) => Err(stage),
        None => Ok(Some(stage)),
    }
}

/// There is no version, so there are no statements about it.
pub(super) fn no_candidate(case: &Case<'_>) -> Ruling {
    match case.target() {
        Err(none) => none.ruling(),
        Ok(_) => Ruling::go("nothing is released"),
    }
}

/// The statements could not be read.
pub(super) fn cannot_read(unseen: &Unseen) -> Ruling {
    Ruling::unseen("the statements about the release", unseen)
}

/// How a person makes a statement.
pub(super) fn where_to_say(statements: &Statements<'_>, command: &str, comment: &str) -> String {
    match &statements.people().issue {
        Some(issue) => format!("run `{command}`, or comment `{comment}` on {}", issue.url),
        None => format!("run `{command}`"),
    }
}

/// Since when the release has been waiting for people.
pub(super) fn asked_since(case: &Case<'_>) -> Option<Timestamp> {
    case.facts.ledger.known().ok().and_then(Ledger::waiting_since)
}
