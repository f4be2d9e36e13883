//! Collects all results into one ruling.

use crate::base::finding::Finding;
use crate::facts::Unseen;
use crate::judge::ruling::{Ruling, Verdict};

/// The results so far.
#[derive(Default)]
pub(super) struct RulingBuilder {
    said: Vec<String>,
    found: Vec<(Verdict, Finding)>,
}

impl RulingBuilder {
    /// Records a positive result.
    pub(super) fn fine(&mut self, said: impl Into<String>) {
        self.said.push(said.into());
    }

    /// Records a no-go.
    pub(super) fn no(&mut self, finding: Finding) {
        self.found.push((Verdict::NoGo, finding));
    }

    /// Records a hold.
    pub(super) fn wait(&mut self, finding: Finding) {
        self.found.push((Verdict::Hold, finding));
    }

    /// Records something unknown; `what` completes "cannot determine …".
    pub(super) fn unseen(&mut self, what: &str, unseen: &Unseen) {
        self.unknown(unseen.finding(&format!("cannot determine {what}")));
    }

    /// Records a finding about something that cannot be determined.
    pub(super) fn unknown(&mut self, finding: Finding) {
        // One cause can make several things unknown; it is reported once.
        if !self.found.iter().any(|(_, told)| told.message == finding.message) {
            self.found.push((Verdict::Unknown, finding));
        }
    }

    /// The worst result.
    pub(super) fn ruling(self) -> Ruling {
        let Some(worst) = self.found.iter().map(|(verdict, _)| *verdict).max() else {
            return Ruling::go(self.said.join("; "));
        };
        let found = self.found.into_iter().filter(|(verdict, _)| *verdict == worst);
        let findings: Vec<Finding> = found.map(|(_, finding)| finding).collect();
        let first = findings.first().map(|finding| finding.message.clone()).unwrap_or_default();
        let summary = match findings.len() {
            0 | 1 => first,
            more => format!("{first}, and {} more", more - 1),
        };
        match worst {
            Verdict::Go => Ruling::go(summary),
            Verdict::Hold => Ruling::Hold { summary, findings },
            Verdict::Unknown => Ruling::Unknown { summary, findings },
            Verdict::NoGo => Ruling::NoGo { summary, findings },
        }
    }
}
