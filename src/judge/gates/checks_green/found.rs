//! The evaluated checks, and the resulting ruling.

use super::words::source;
use crate::base::finding::Finding;
use crate::base::names::Sha;
use crate::judge::checks::Reported;
use crate::judge::ruling::Ruling;
use std::collections::{BTreeMap, BTreeSet};

/// How many names of each kind are listed for a go.
const SHOWN: usize = 8;

/// The findings so far, by severity.
pub(super) struct Found<'a> {
    /// The evaluated commit.
    home: &'a Sha,
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
    /// It is pending.
    Pending,
    /// It did not pass.
    Failed,
    /// It is required and missing.
    Missing,
    /// It was skipped or neutral, and is not required by name.
    PassedOver,
    /// It is required and missing, but path filters exclude the change.
    NotApplicable,
}

/// Identifies a check: its name, then the forge's ID and the source. A missing check has only a
/// name.
pub type CheckId = (String, String, String);

/// The evaluated checks, and the commit that they belong to.
pub(super) struct EvaluatedChecks<'a> {
    pub(super) found: Found<'a>,
    pub(super) summary: String,
}

impl EvaluatedChecks<'_> {
    pub(super) fn conclude(self) -> Ruling {
        self.found.conclude(self.summary)
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
            Self::PassedOver => "ignored",
            Self::NotApplicable => "not applicable",
        }
    }
}

impl<'a> Found<'a> {
    /// An empty result for a commit.
    pub(super) fn on(home: &'a Sha) -> Self {
        Self { home, red: Vec::new(), pending: Vec::new(), counted: BTreeMap::new() }
    }

    /// Counts a check for the table.
    pub(super) fn count(&mut self, check: &Reported<'_>, kind: Counted) {
        let id = self.id(check);
        self.counted.entry(kind).or_default().insert(id);
    }

    /// Counts a required check that is missing.
    pub(super) fn miss(&mut self, name: &str, kind: Counted) {
        let id = (name.to_owned(), String::new(), String::new());
        self.counted.entry(kind).or_default().insert(id);
    }

    /// Whether a check was already evaluated.
    pub(super) fn is_evaluated(&self, check: &Reported<'_>) -> bool {
        let id = self.id(check);
        self.counted.values().any(|counted| counted.contains(&id))
    }

    /// The identity of a check.
    fn id(&self, check: &Reported<'_>) -> CheckId {
        let name = if check.commit == self.home {
            check.name.clone()
        } else {
            format!("{} on {}", check.name, check.commit.short())
        };
        (name, check.id.clone(), source(check))
    }

    /// The number of checks that were evaluated, as text.
    pub(super) fn summary(&self, checks: &[Reported<'_>]) -> String {
        let mut seen: BTreeMap<&Sha, BTreeSet<CheckId>> = BTreeMap::new();
        for check in checks {
            seen.entry(check.commit).or_default().insert(self.id(check));
        }
        let mut text = match seen.remove(self.home).map_or(0, |ids| ids.len()) {
            1 => format!("1 check on {}", self.home.short()),
            n => format!("{n} checks on {}", self.home.short()),
        };
        for (commit, ids) in seen {
            text += &format!(", {} on {} (same tree)", ids.len(), commit.short());
        }
        text
    }

    /// The ruling, after all checks were evaluated.
    fn conclude(self, looked: String) -> Ruling {
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
        // Pending checks are not listed as reasons for a no-go; the summary counts them.
        if self.red.is_empty() {
            return Ruling::Hold { summary, findings: self.pending };
        }
        Ruling::NoGo { summary, findings: self.red }
    }
}

/// Adds a finding. If the same finding exists, adds only its notes: a check can be required twice.
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
