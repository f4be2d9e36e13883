//! The number of API requests of a release, for each step.
//!
//! It assumes a release without problems. Retries, repairs, a repository with more than a hundred
//! releases, and a commit with more than a hundred checks need more.

use super::standing::Progress;
use super::steps::{self, Requests};
use crate::base::names::{StageName, StepKey};
use crate::facts::rights::TokenKind;
use crate::facts::{Facts, Seen};
use crate::project::manifest::{Forge, ForgeFeatures, Touch};
use crate::release::ledger::Ledger;
use crate::release::plan::{Plan, PlannedStage};
use crate::release::step::{Reach, Step};
use std::collections::BTreeMap;

/// If a release has at least this many assets, they are listed separately, a hundred per request.
pub const MIN_PAGED_ASSETS: usize = 30;

/// The API requests that the remaining steps of a plan need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Costs {
    /// Requests for the first complete read.
    pub first_read: usize,
    /// Requests to list the releases and read the permissions again before the first public step.
    pub listing: usize,
    /// To read what people say on the tracking issue, to answer them, and to update it.
    pub people: usize,
    /// Requests of each step that is not done.
    pub steps: BTreeMap<StepKey, usize>,
}

impl Costs {
    /// The requests of a step; none if it is done.
    #[must_use]
    pub fn of(&self, key: &StepKey) -> usize {
        self.steps.get(key).copied().unwrap_or_default()
    }

    /// The total.
    #[must_use]
    pub fn total(&self) -> usize {
        self.first_read + self.listing + self.people + self.steps.values().sum::<usize>()
    }
}

/// Computes the requests of the remaining steps of a plan.
#[must_use]
pub fn costs(plan: &Plan, progress: &Progress, facts: &Facts, forge: Forge) -> Costs {
    match forge.hosts {
        ForgeFeatures::Nothing => Costs::default(),
        ForgeFeatures::Releases => Count { plan, progress, facts }.costs(),
    }
}

struct Count<'a> {
    plan: &'a Plan,
    progress: &'a Progress,
    facts: &'a Facts,
}

impl Count<'_> {
    fn costs(&self) -> Costs {
        let mut steps = BTreeMap::new();
        for stage in &self.plan.stages {
            let left = stage.steps.iter().filter(|step| !self.progress.is_done(&step.key));
            for (at, planned) in left.enumerate() {
                let public = planned.reach > Reach::Private;
                let asked = public || (at == 0 && self.gated(stage));
                steps.insert(planned.key.clone(), usize::from(asked) + self.step(&planned.step));
            }
        }
        let mut left = self.plan.steps().filter(|(_, step)| steps.contains_key(&step.key));
        let public = left.any(|(_, planned)| planned.reach > Reach::Private);
        let listing = if public { self.listing() } else { 0 };
        Costs { first_read: self.first_read(), listing, people: self.people(), steps }
    }

    /// The comments are read at first, and again before each stage with gates.
    fn people(&self) -> usize {
        let Ok(people) = self.facts.people.known() else { return 0 };
        let shown = people.issue.as_ref().map(|issue| &issue.shown);
        let Some(Seen::Known(Some(shown))) = shown else { return 0 };
        let left = |stage: &&PlannedStage| {
            stage.steps.iter().any(|step| !self.progress.is_done(&step.key)) && self.gated(stage)
        };
        let looks = 1 + self.plan.stages.iter().filter(left).count();
        let unanswered = people.comments.iter().filter(|comment| !comment.acknowledged).count();
        looks * (shown.comments / 100 + 1) + unanswered + 1
    }

    /// Whether gates run before the first step of a stage.
    fn gated(&self, stage: &PlannedStage) -> bool {
        let entered = |stage: &StageName| {
            self.facts.ledger.known().is_ok_and(|ledger| ledger.entered(stage).is_some())
        };
        !stage.gates.is_empty() && !entered(&stage.name)
    }

    fn step(&self, step: &Step) -> usize {
        let asset_pages = self.asset_pages();
        let look = if steps::on_forge(self.plan) { 1 + asset_pages } else { 0 };
        steps::requests(step, Requests { look, asset_pages })
    }

    /// The survey, the list of releases, and the permissions. An existing draft is also requested
    /// by its tag, and by its ID if the ledger has it.
    fn first_read(&self) -> usize {
        self.release() + self.rights() + self.privileges() + self.locks()
    }

    /// One request for each tag to move, to read whether an immutable release has it.
    fn locks(&self) -> usize {
        let moving = self.facts.moving.known().ok().into_iter().flatten();
        moving.filter(|(_, tag)| tag.locked != Seen::not_asked()).count()
    }

    fn release(&self) -> usize {
        match (&self.progress.release, self.recorded()) {
            (None, false) => 2,
            (None, true) => 3,
            (Some(_), false) => 3 + self.asset_pages(),
            (Some(_), true) => 4 + 2 * self.asset_pages(),
        }
    }

    /// The list of releases, and the draft by its number, which the ledger has by then.
    fn listing(&self) -> usize {
        let drafts = self.plan.steps().any(|(_, one)| steps::touches(&one.step, Touch::Draft));
        let releases = match (steps::on_forge(self.plan), drafts || self.recorded()) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => 2 + 2 * self.asset_pages(),
        };
        releases + self.rights()
    }

    /// The token's permissions: its owner, whether releases can be written, and, for each ruleset
    /// that would reject the tag, whether it can be bypassed. A workflow's token can never bypass
    /// one.
    fn rights(&self) -> usize {
        let Ok(rights) = self.facts.rights.known() else { return 0 };
        let Ok(token) = rights.token.known() else { return 0 };
        let rulesets = rights.tag_rules.known().map_or(&[][..], Vec::as_slice);
        let asked = rulesets.iter().filter(|one| one.bypass != Seen::not_asked()).count();
        if token.kind == TokenKind::Job { 2 } else { 2 + asked }
    }

    /// Whether releases are immutable. A workflow's token cannot read this.
    fn privileges(&self) -> usize {
        let token = self.facts.rights.known().ok().and_then(|rights| rights.token.known().ok());
        usize::from(token.is_some_and(|token| token.kind != TokenKind::Job))
    }

    fn recorded(&self) -> bool {
        self.facts.ledger.known().ok().and_then(Ledger::release).is_some()
    }

    /// Additional requests whenever a release is read with all assets.
    fn asset_pages(&self) -> usize {
        let count = steps::assets(self.plan).count();
        if count < MIN_PAGED_ASSETS { 0 } else { count.div_ceil(100) }
    }
}
