//! Issues and pull requests that block a release.

use super::state::State;
use crate::facts::{Blocker, BlockerQuery, Blockers};

impl State {
    /// What is open and blocks.
    pub(super) fn blockers(&self, query: &BlockerQuery) -> Blockers {
        let open = self.issues.iter().filter(|issue| issue.open).filter_map(|issue| {
            let blocker = &issue.blocker;
            let labels = blocker.labels.iter().filter(|label| query.labels.contains(label));
            let labels: Vec<String> = labels.cloned().collect();
            let milestone = blocker.milestone.clone().filter(|it| query.milestones.contains(it));
            let blocks = !labels.is_empty() || milestone.is_some();
            blocks.then(|| Blocker { labels, milestone, ..blocker.clone() })
        });
        let mut open: Vec<Blocker> = open.collect();
        open.sort_by_key(|blocker| blocker.number);
        let missing = query.labels.iter().filter(|label| self.missing_labels.contains(*label));
        let (query, missing_labels) = (query.clone(), missing.cloned().collect());
        Blockers { query, missing_labels, total: open.len(), open }
    }
}
