//! What was heard of the checks so far, and the ruling that follows from it.

use super::words::source;
use crate::facts::Check;
use crate::finding::Finding;
use crate::ruling::Ruling;
use std::collections::{BTreeMap, BTreeSet};

/// How many names a go lists of a kind.
const SHOWN: usize = 8;

/// What was found so far, by how bad it is.
#[derive(Default)]
pub(super) struct Found {
    pub(super) red: Vec<Finding>,
    pub(super) pending: Vec<Finding>,
    pub(super) counted: BTreeMap<Counted, BTreeSet<CheckId>>,
}

/// How a check is counted in the table, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// It succeeded.
    Green,
    /// It was skipped or neutral, which passes here.
    Accepted,
    /// It is on its way.
    Pending,
    /// It did not pass.
    Failed,
    /// It is required and not there.
    Missing,
    /// It was skipped or neutral, and nobody asks for it by name.
    PassedOver,
}

/// Tells checks apart: its name first, which is what people are shown, then the forge's id and the
/// source; one that is missing has its name only.
pub type CheckId = (String, String, String);

/// Everything that was heard, and of what.
pub(super) struct Heard {
    pub(super) found: Found,
    pub(super) looked_at: usize,
    pub(super) at: String,
}

impl Heard {
    pub(super) fn conclude(self) -> Ruling {
        self.found.conclude(self.looked_at, &self.at)
    }

    pub(super) fn standings(self) -> Vec<(Counted, CheckId)> {
        let of = |(counted, ids): (Counted, BTreeSet<CheckId>)| {
            ids.into_iter().map(move |id| (counted, id))
        };
        self.found.counted.into_iter().flat_map(of).collect()
    }
}

impl Counted {
    fn word(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Accepted => "accepted",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Missing => "missing",
            Self::PassedOver => "passed over",
        }
    }
}

impl Found {
    /// Counts a check for the table.
    pub(super) fn count(&mut self, check: &Check, kind: Counted) {
        self.counted.entry(kind).or_default().insert(id(check));
    }

    /// Counts a required check that is not there.
    pub(super) fn miss(&mut self, name: &str) {
        let id = (name.to_owned(), String::new(), String::new());
        self.counted.entry(Counted::Missing).or_default().insert(id);
    }

    /// The ruling, once everything was heard.
    fn conclude(self, looked_at: usize, at: &str) -> Ruling {
        let looked = match looked_at {
            1 => format!("looked at 1 check on {at}"),
            n => format!("looked at {n} checks on {at}"),
        };
        let good = self.red.is_empty() && self.pending.is_empty();
        let count = |(kind, checks): (&Counted, &BTreeSet<CheckId>)| {
            let named = if good { format!(" ({})", names(checks)) } else { String::new() };
            format!("{} {}{named}", checks.len(), kind.word())
        };
        let parts: Vec<String> = self.counted.iter().map(count).collect();
        let summary =
            if parts.is_empty() { looked } else { format!("{looked}: {}", parts.join(", ")) };
        if good {
            return Ruling::go(summary);
        }
        // What is pending is no reason for a no-go; the summary counts it.
        if self.red.is_empty() {
            return Ruling::Hold { summary, findings: self.pending };
        }
        Ruling::NoGo { summary, findings: self.red }
    }
}

/// What tells it apart from others.
pub(super) fn id(check: &Check) -> CheckId {
    (check.name.clone(), check.id.clone(), source(check))
}

/// Adds a finding; one that says the same adds only its notes. A check may be required twice.
pub(super) fn add(findings: &mut Vec<Finding>, finding: Finding) {
    match findings
        .iter_mut()
        .find(|known| known.message == finding.message && known.help == finding.help)
    {
        Some(known) => {
            known.place = known.place.take().or(finding.place);
            for note in finding.notes {
                if !known.notes.contains(&note) {
                    known.notes.push(note);
                }
            }
        }
        None => findings.push(finding),
    }
}

/// The first names of some checks.
fn names(checks: &BTreeSet<CheckId>) -> String {
    let mut names: Vec<&str> = checks.iter().map(|(name, _, _)| name.as_str()).collect();
    names.dedup();
    let rest = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    let shown = names.join(", ");
    if rest == 0 { shown } else { format!("{shown} and {rest} more") }
}
