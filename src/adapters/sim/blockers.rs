//! Issues and pull requests that a release looks for.

use super::state::State;
use crate::facts::{Blocker, BlockerQuery, Blockers};

impl State {
    /// What is open and matches.
    pub(super) fn blockers(&self, query: &BlockerQuery) -> Blockers {
        let open = self.issues.iter().filter(|it| it.open && query.includes(it.blocker.kind));
        let open = open.filter_map(|issue| {
            let blocker = &issue.blocker;
            let labels = blocker.labels.iter().filter(|label| query.labels.contains(label));
            let labels: Vec<String> = labels.cloned().collect();
            let milestone = blocker.milestone.clone().filter(|it| query.milestones.contains(it));
            let matches = !labels.is_empty() || milestone.is_some();
            matches.then(|| Blocker { labels, milestone, ..blocker.clone() })
        });
        let mut open: Vec<Blocker> = open.collect();
        open.sort_by_key(|blocker| blocker.number);
        let missing = query.labels.iter().filter(|label| self.missing_labels.contains(*label));
        let (query, missing_labels) = (query.clone(), missing.cloned().collect());
        Blockers { query, missing_labels, total: open.len(), open }
    }
}
