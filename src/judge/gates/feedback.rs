//! What testers reported: open issues with a label. They are listed, and stop nothing.

use crate::base::clean::clip;
use crate::base::finding::{Finding, Who};
use crate::facts::{Blocker, BlockerKind, BlockerQuery, Blockers, Seen};

/// The most issues that are listed.
const LISTED: usize = 20;
/// The most characters of a title.
const TITLE: usize = 120;

/// The issues that testers reported, for reports.
#[derive(Debug, Clone, Copy)]
pub struct Feedback<'f> {
    seen: &'f Seen<Blockers>,
}

/// The query for open issues with these labels; `None` if there are none.
pub(super) fn query(labels: &[String]) -> Option<BlockerQuery> {
    let mut distinct: Vec<String> = Vec::new();
    for label in labels {
        if !distinct.contains(label) {
            distinct.push(label.clone());
        }
    }
    let (milestones, only) = (Vec::new(), Some(BlockerKind::Issue));
    (!distinct.is_empty()).then_some(BlockerQuery { labels: distinct, milestones, only })
}

impl<'f> Feedback<'f> {
    /// What was read.
    pub(super) fn new(seen: &'f Seen<Blockers>) -> Self {
        Self { seen }
    }

    /// What was read, or why it could not be.
    #[must_use]
    pub fn seen(self) -> &'f Seen<Blockers> {
        self.seen
    }

    /// The issues that are listed, each with its title, shortened.
    pub fn issues(self) -> impl Iterator<Item = (&'f Blocker, String)> {
        let open = self.seen.known().map_or(&[][..], |found| &found.open);
        open.iter().take(LISTED).map(|issue| (issue, clip(&issue.title, TITLE).into_owned()))
    }

    /// How many are open and not listed.
    #[must_use]
    pub fn more(self) -> usize {
        let total = self.seen.known().map_or(0, |found| found.total.max(found.open.len()));
        total.saturating_sub(self.issues().count())
    }

    /// What a gate says: the open issues, if there are any, and problems.
    pub(super) fn findings(self) -> Vec<Finding> {
        let open = self.open().filter(|_| self.issues().next().is_some());
        open.into_iter().chain(self.problems()).collect()
    }

    /// The open issues; `None` if none could be read, or no label exists.
    #[must_use]
    pub fn open(self) -> Option<Finding> {
        let found = self.seen.known().ok()?;
        let labels = found.query.labels.iter().filter(|one| !found.missing_labels.contains(one));
        let labels: Vec<String> = labels.map(|label| format!("`{label}`")).collect();
        if labels.is_empty() {
            return None;
        }
        let labels = labels.join(" or ");
        let mut finding = Finding::new(match self.issues().count() + self.more() {
            0 => format!("no open issue has the label {labels}"),
            1 => format!("1 open issue has the label {labels}"),
            n => format!("{n} open issues have the label {labels}"),
        });
        for (Blocker { number, url, .. }, title) in self.issues() {
            finding = finding.note(format!("#{number}: {title} ({url})"));
        }
        Some(match self.more() {
            0 => finding,
            more => finding.note(format!("and {more} more")),
        })
    }

    /// What could not be read, and labels that do not exist.
    #[must_use]
    pub fn problems(self) -> Vec<Finding> {
        let missing = |label: &String| {
            Finding::new(format!("the repository has no label `{label}`"))
                .note("no issue can have it, so no feedback is listed for it")
                .help("create the label, or correct `feedback`")
                .who(Who::Author)
        };
        match self.seen {
            Seen::Known(found) => found.missing_labels.iter().map(missing).collect(),
            Seen::Unseen(unseen) => vec![unseen.finding("cannot read the feedback issues")],
        }
    }
}
