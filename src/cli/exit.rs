//! Exit codes, documented and stable.

use crate::drive::execute::{Outcome, ReleaseRun};
use crate::judge::ruling::Verdict;
use crate::ports::PortError;
use crate::release::ledger::Ledger;
use crate::release::step::Planned;
use crate::release::step::Reach;

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: go, or released, or nothing to release.
    Go,
    /// 1: no-go.
    NoGo,
    /// 2: usage or manifest error.
    Usage,
    /// 3: hold; run again later.
    Hold,
    /// 4: could not find out; never treated as go.
    Unknown,
    /// 5: something is public and the release is not finished.
    Partial,
}

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Go => 0,
            Self::NoGo => 1,
            Self::Usage => 2,
            Self::Hold => 3,
            Self::Unknown => 4,
            Self::Partial => 5,
        }
    }

    /// A flight's end.
    #[must_use]
    pub(super) fn of(landed: &ReleaseRun) -> Self {
        match &landed.outcome {
            Outcome::Nothing | Outcome::Out { .. } | Outcome::NotDue { .. }
                if landed.facts.request.expect_release =>
            {
                Self::NoGo
            }
            Outcome::Nothing
            | Outcome::Out { .. }
            | Outcome::NotDue { .. }
            | Outcome::Released
            | Outcome::Through(_) => Self::Go,
            Outcome::NoStage(_) => Self::Usage,
            Outcome::OtherPlan { .. } => Self::NoGo,
            Outcome::NoPlan(none) => none.ruling().verdict().into(),
            Outcome::Attached { .. } => Self::Hold,
            Outcome::Conflicts(_) if is_public(landed) => Self::Partial,
            Outcome::Gates(_)
            | Outcome::Conflicts(_)
            | Outcome::Blind { .. }
            | Outcome::Failed { .. }
                if landed.is_partial() =>
            {
                Self::Partial
            }
            Outcome::Gates(poll) => poll.verdict().into(),
            Outcome::Conflicts(_) => Self::NoGo,
            Outcome::Blind { .. } => Self::Unknown,
            Outcome::Failed { error, .. } => match error {
                PortError::Refused { .. } => Self::NoGo,
                PortError::Limited { .. } | PortError::Behind { .. } => Self::Hold,
                PortError::NoAnswer { .. } | PortError::Denied { .. } => Self::Unknown,
            },
        }
    }
}

/// Whether something of this release is out. A tag that stands elsewhere is nothing of it.
fn is_public(landed: &ReleaseRun) -> bool {
    let planned = landed.plan.as_ref().map(|plan| &plan.commit);
    let tag = landed.facts.tag.known().ok().and_then(Option::as_ref);
    let ledger = landed.facts.ledger.known().ok();
    let recorded = |ledger: &Ledger| {
        let plan = ledger.plan();
        plan.is_some_and(|plan| {
            let public =
                |step: &Planned| step.reach > Reach::Private && ledger.did(&step.key).is_some();
            plan.steps().any(|(_, step)| public(step))
        })
    };
    ledger.is_some_and(recorded)
        || tag.is_some_and(|tag| Some(&tag.commit) == planned)
        || landed.facts.published.known().is_ok_and(Option::is_some)
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Go => Self::Go,
            Verdict::Hold => Self::Hold,
            Verdict::Unknown => Self::Unknown,
            Verdict::NoGo => Self::NoGo,
        }
    }
}
