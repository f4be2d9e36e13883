//! A release that was started and is not finished.

use super::ledger::Ledger;
use crate::base::names::{Sha, StageName, TagName};
use crate::base::version::Version;
use jiff::Timestamp;

/// A release that was started and neither finished nor aborted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFlight {
    /// The package.
    pub name: String,
    /// The version.
    pub version: Version,
    /// The tag.
    pub tag: TagName,
    /// The commit.
    pub commit: Sha,
    /// When it was started.
    pub started: Timestamp,
    /// The last stage that it entered, and when.
    pub stage: Option<(StageName, Timestamp)>,
    /// The stage whose environment was rolled back from it, so that it does not continue.
    pub rolled_back: Option<StageName>,
}

impl InFlight {
    /// The release of a ledger, if it is unfinished.
    #[must_use]
    pub fn of(ledger: &Ledger) -> Option<Self> {
        let (plan, started) = (ledger.plan()?, ledger.sealed()?);
        if !ledger.under_way() {
            return None;
        }
        let names = || plan.stages.iter().map(|stage| &stage.name);
        let mut entered = names().filter_map(|name| Some((name.clone(), ledger.entered(name)?)));
        Some(Self {
            name: plan.name.clone(),
            version: plan.version.clone(),
            tag: plan.tag.clone(),
            commit: plan.commit.clone(),
            started,
            stage: entered.next_back(),
            rolled_back: names().find(|name| ledger.rolled_back(name).is_some()).cloned(),
        })
    }
}
