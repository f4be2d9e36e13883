//! The number of API requests of a release, for each step.
//!
//! It assumes a release without problems. Retries, repairs, a repository with more than a hundred
//! releases, and a commit with more than a hundred checks need more.

use super::standing::{Held, Progress, StepState};
use super::steps::{self, Requests};
use crate::base::names::{EnvironmentName, StageName, StepKey};
use crate::facts::environment::{AllowedRefs, EnvironmentState};
use crate::facts::rights::TokenKind;
use crate::facts::{Facts, Seen};
use crate::judge::gates::counts_approvals_from;
use crate::judge::people::ApprovalSource;
use crate::judge::ruling::Verdict;
use crate::project::manifest::{ForgeFeatures, Manifest, Touch};
use crate::release::ledger::Ledger;
use crate::release::plan::{Plan, PlannedStage};
use crate::release::step::{Planned, Reach, Step};
use std::collections::{BTreeMap, BTreeSet};

/// If a release has at least this many assets, they are listed separately, a hundred per request.
pub const MIN_PAGED_ASSETS: usize = 30;

/// The number of items on a page of a list.
const PAGE: usize = 100;

/// The API requests that the remaining steps of a plan need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Costs {
    /// Requests for the first complete read of each run.
    pub first_read: usize,
    /// Requests to list the releases and read the permissions again before the first public step of
    /// each run.
    pub listing: usize,
    /// Requests for samples that are taken again after a run had to wait.
    pub sampling: usize,
    /// To read what people say on the tracking issue, to answer them, and to update it.
    pub people: usize,
    /// Requests of each step that is not done.
    pub steps: BTreeMap<StepKey, usize>,
    /// The minimum number of runs: a wait ends a run.
    pub runs: usize,
    /// Requests of each further run that still has to wait.
    pub waiting: Option<usize>,
}

impl Costs {
    /// The requests of a step; none if it is done.
    #[must_use]
    pub fn of(&self, key: &StepKey) -> usize {
        self.steps.get(key).copied().unwrap_or_default()
    }

    /// The total, in as few runs as possible.
    #[must_use]
    pub fn total(&self) -> usize {
        self.first_read
            + self.listing
            + self.people
            + self.sampling
            + self.steps.values().sum::<usize>()
    }
}

/// Computes the requests of the remaining steps of a plan.
#[must_use]
pub fn costs(plan: &Plan, progress: &Progress, facts: &Facts, manifest: &Manifest) -> Costs {
    match manifest.forge.hosts {
        ForgeFeatures::Nothing => Costs::default(),
        ForgeFeatures::Releases => {
            Count { plan, progress, facts, manifest, ahead: BTreeSet::new() }.costs()
        }
    }
}

struct Count<'a> {
    plan: &'a Plan,
    progress: &'a Progress,
    facts: &'a Facts,
    manifest: &'a Manifest,
    /// The steps that are done by the time that is counted.
    ahead: BTreeSet<&'a StepKey>,
}

impl Count<'_> {
    fn costs(mut self) -> Costs {
        let mut costs = Costs {
            first_read: self.first_read(),
            runs: 1,
            people: self.people(),
            ..Costs::default()
        };
        costs.sampling = self.open_samples();
        let (plan, progress) = (self.plan, self.progress);
        let mut unlisted = true;
        for stage in &plan.stages {
            let left = stage.steps.iter().filter(|step| !progress.is_done(&step.key));
            for (at, planned) in left.enumerate() {
                if let Some(held) = holds_at_first(progress.of(&planned.key), &planned.step) {
                    self.wait(&mut costs, LastRound::default());
                    costs.sampling += self.confirmed(stage, held);
                    unlisted = true;
                }
                let public = planned.reach > Reach::Private;
                if public && std::mem::take(&mut unlisted) {
                    costs.listing += self.listing();
                }
                let asked = public || (at == 0 && self.gated(stage));
                let gates = if asked { 1 + self.blockers() } else { 0 };
                let requests = gates + self.step(&planned.step);
                costs.steps.insert(planned.key.clone(), requests);
                self.ahead.insert(&planned.key);
                if let Some(last_round) = self.waits_after(planned) {
                    self.wait(&mut costs, last_round);
                    unlisted = true;
                }
            }
        }
        costs
    }

    /// A run ends here, and another one begins when the wait is over.
    fn wait(&self, costs: &mut Costs, last: LastRound) {
        let first_read = self.first_read();
        costs.first_read += first_read;
        costs.sampling += last.more;
        costs.runs += 1;
        costs.waiting = costs.waiting.max(Some(first_read + last.requests));
    }

    /// The requests of the last round of samples, if a run ends with a step because it takes time to be
    /// verified.
    fn waits_after(&self, planned: &Planned) -> Option<LastRound> {
        let verifying = steps::verifying(&planned.step)?;
        let takes_time = verifying.pace.soak_seconds > 0 || verifying.pace.steady_seconds > 0;
        let requests = steps::round_requests(&verifying);
        let due = steps::is_due(self.plan, &verifying, self.facts);
        match self.progress.of(&planned.key) {
            StepState::Missing => takes_time.then_some(LastRound { requests, more: requests }),
            StepState::Held(held) => {
                let now = self.facts.time.known().ok().copied();
                let is_last = held.until.is_some_and(|until| Some(until) <= now);
                let more = if due { requests } else { 0 };
                (takes_time && !is_last).then_some(LastRound { requests, more })
            }
            StepState::Done { .. } | StepState::Unseen(_) => None,
        }
    }

    /// The samples of the verification before a stage, if they are due again when its environment no
    /// longer holds the release.
    fn confirmed(&self, stage: &PlannedStage, held: &Held) -> usize {
        let (Some(until), Ok(now)) = (held.until, self.facts.time.known()) else { return 0 };
        let before = self.plan.stages.iter().take_while(|other| other.name != stage.name);
        let steps = before.flat_map(|stage| &stage.steps);
        let last = steps.filter_map(|one| Some((one, steps::verifying(&one.step)?))).last();
        let Some((planned, verifying)) = last else { return 0 };
        let samples = self.facts.samples.known().ok();
        let current = samples.and_then(|it| it.value.stages.get(&verifying.stage));
        let current = current.filter(|_| self.progress.is_done(&planned.key));
        let last = current.map_or(*now, |current| current.last.at);
        let waits = until.duration_since(last).as_secs().unsigned_abs();
        let is_due = waits >= verifying.pace.every_seconds;
        if is_due { self.step(&planned.step) } else { 0 }
    }

    /// The samples of verifications that are done and not recorded: they are taken once more.
    fn open_samples(&self) -> usize {
        let Ok(ledger) = self.facts.ledger.known() else { return 0 };
        let open = self.plan.steps().filter(|(_, planned)| {
            self.progress.is_done(&planned.key) && ledger.did(&planned.key).is_none()
        });
        let due = open.filter(|(_, planned)| {
            steps::verifying(&planned.step)
                .is_some_and(|verifying| steps::is_due(self.plan, &verifying, self.facts))
        });
        due.map(|(_, planned)| self.step(&planned.step)).sum()
    }

    /// The authors of the commits, a hundred in one request, if their approvals do not count.
    fn authors(&self) -> usize {
        let asked = self.facts.people.known().is_ok_and(|people| !people.authors.is_not_asked());
        let history = self.facts.history.known().ok().filter(|_| asked);
        history.map_or(0, |history| history.since.len().div_ceil(100))
    }

    /// The requests each time statements are read: comments, authors and reviews.
    fn look_at_people(&self) -> usize {
        let Ok(people) = self.facts.people.known() else { return 0 };
        let shown = people.issue.as_ref().map(|issue| &issue.shown);
        let comments = match shown {
            Some(Seen::Known(Some(shown))) => shown.comments / 100 + 1,
            Some(Seen::Known(None) | Seen::Unseen(_)) | None => 0,
        };
        let reviews = people.reviews.known().map_or(0, |reviews| reviews.requests);
        comments + self.authors() + reviews
    }

    /// It is read at first, and again before each stage with gates. Then the issue is brought up to
    /// date.
    fn people(&self) -> usize {
        let Ok(people) = self.facts.people.known() else { return 0 };
        let left = |stage: &&PlannedStage| {
            stage.steps.iter().any(|step| !self.progress.is_done(&step.key)) && self.gated(stage)
        };
        let looks = 1 + self.plan.stages.iter().filter(left).count();
        let shown = people.issue.as_ref().map(|issue| &issue.shown);
        let answers = match shown {
            Some(Seen::Known(Some(_))) => {
                people.comments.iter().filter(|comment| !comment.acknowledged).count() + 1
            }
            Some(Seen::Known(None) | Seen::Unseen(_)) | None => 0,
        };
        looks * self.look_at_people() + answers
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
        steps::requests(step, Requests { look, asset_pages, plan: self.plan, facts: self.facts })
    }

    /// The survey, the list of releases, the permissions, and the environments. An existing draft is
    /// also requested by its tag, and by its ID if the ledger has it.
    fn first_read(&self) -> usize {
        self.release()
            + self.rights()
            + self.privileges()
            + self.locks()
            + self.candidate()
            + self.calendars()
            + self.merged()
            + self.issues()
            + self.environments()
            + self.facts.repository_holds.known().map_or(0, |it| it.requests + it.verified.len())
            + self.facts.people.known().map_or(0, |people| people.verified.len())
    }

    /// The list of releases, to find the pre-release that the version is promoted from.
    fn candidate(&self) -> usize {
        match self.facts.candidate {
            Some(_) => 1 + self.asset_pages(),
            None => 0,
        }
    }

    /// The calendars in other repositories.
    fn calendars(&self) -> usize {
        self.facts.calendars.len()
    }

    /// When the commit was merged, if trains need it.
    fn merged(&self) -> usize {
        usize::from(!self.facts.merged.is_not_asked())
    }

    /// What blocks the release and what testers reported, if a gate needs it: one request for both.
    fn issues(&self) -> usize {
        let Facts { blockers, feedback, .. } = self.facts;
        usize::from(!blockers.is_not_asked() || !feedback.is_not_asked())
    }

    /// What blocks the release, if a gate needs it.
    fn blockers(&self) -> usize {
        usize::from(!self.facts.blockers.is_not_asked())
    }

    /// The environments, each with its protection, the approvals, and the newest deployments.
    fn environments(&self) -> usize {
        let names = self.plan.stages.iter().filter_map(|stage| stage.environment.as_ref());
        let names: BTreeSet<&EnvironmentName> = names.collect();
        names.into_iter().map(|name| self.environment(name)).sum()
    }

    fn environment(&self, name: &EnvironmentName) -> usize {
        let Some(state) = self.facts.environments.get(name) else { return 0 };
        let protection = state.protection.known().ok().and_then(Option::as_ref);
        let refs = match protection.map(|protection| &protection.refs) {
            Some(AllowedRefs::Patterns(patterns)) => patterns.len().div_ceil(PAGE).max(1),
            Some(AllowedRefs::Any | AllowedRefs::Protected) | None => 0,
        };
        // The environment, and the rules of apps.
        let rules = if protection.is_some() { 2 + refs } else { 1 };
        let reviewed = protection.is_some_and(|protection| !protection.reviewers.is_empty());
        let sealed = !self.ahead.is_empty()
            || self.facts.ledger.known().is_ok_and(|ledger| ledger.sealed().is_some());
        let counts = counts_approvals_from(self.manifest, ApprovalSource::Environments);
        let needed = state.inside != Seen::Known(true) || counts;
        let approvals = match reviewed && sealed && needed {
            true => 1 + self.approved_runs(state),
            false => 0,
        };
        let mut entered = self.plan.steps().filter(|(stage, step)| {
            stage.environment.as_ref() == Some(name) && self.ahead.contains(&step.key)
        });
        let some = state.deployments.known().ok().and_then(Option::as_ref);
        let some = some.is_some_and(|all| !all.is_empty()) || entered.next().is_some();
        rules + approvals + 1 + usize::from(some)
    }

    /// The runs whose approvals are read. Those that nobody approved are not in the facts.
    fn approved_runs(&self, state: &EnvironmentState) -> usize {
        let approvals = state.approvals.known().map_or(&[][..], Vec::as_slice);
        let runs: BTreeSet<u64> = approvals.iter().map(|approval| approval.run).collect();
        runs.len()
    }

    /// One request for each tag to move, to read whether an immutable release has it.
    fn locks(&self) -> usize {
        let moving = self.facts.moving.known().ok().into_iter().flatten();
        moving.filter(|(_, tag)| tag.locked != Seen::not_asked()).count()
    }

    fn release(&self) -> usize {
        let drafted = self.drafted();
        match (drafted || self.progress.release.is_some(), drafted || self.recorded()) {
            (false, false) => 2,
            (false, true) => 3,
            (true, false) => 3 + self.asset_pages(),
            (true, true) => 4 + 2 * self.asset_pages(),
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

    /// Whether a run before this one creates the draft.
    fn drafted(&self) -> bool {
        let mut steps = self.plan.steps().map(|(_, planned)| planned);
        steps.any(|one| steps::touches(&one.step, Touch::Draft) && self.ahead.contains(&one.key))
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

/// The requests of a round that ends a wait.
#[derive(Debug, Clone, Copy, Default)]
struct LastRound {
    requests: usize,
    /// The requests in addition to the round that this run takes.
    more: usize,
}

/// What ends a run before a step: the protection of its environment.
fn holds_at_first<'s>(state: &'s StepState, step: &Step) -> Option<&'s Held> {
    let StepState::Held(held) = state else { return None };
    let waits = held.verdict == Verdict::Hold && steps::verifying(step).is_none();
    waits.then_some(held)
}
