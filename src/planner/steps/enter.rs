//! `enter`: reserves an environment for the release. A stage with `environment` starts with it.
//!
//! It obeys the protection rules of the environment. In a job of the environment, the forge has
//! already enforced them.

use super::kind::{Denial, Requests, StepKind, step};
use crate::base::clean;
use crate::base::finding::{Finding, Who};
use crate::base::moment::{length, short};
use crate::base::names::StageName;
use crate::base::names::{EnvironmentName, StepKey};
use crate::facts::environment::{
    AllowedRefs, Approval, EnvironmentState, Protection, RefPattern, Reviewer,
};
use crate::facts::{Facts, Seen, Unseen};
use crate::judge::ruling::Verdict;
use crate::planner::conflict::Conflict;
use crate::planner::standing::{Held, StepState};
use crate::planner::view::View;
use crate::project::manifest::{Pattern, StageEnvironment, StepShape, Touch};
use crate::release::environment::{Entry, EnvironmentRecord, State};
use crate::release::ledger::{Evidence, Ledger};
use crate::release::plan::{Plan, PlannedStage};
use crate::release::step::{Planned, Reach};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The kind.
pub(super) struct Enter;

/// Its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entering {
    /// The environment.
    pub environment: EnvironmentName,
    /// The stage.
    pub stage: StageName,
    /// Whether the environment must have a protection rule.
    pub protected: bool,
    /// The URL of what is deployed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The step at the start of a stage with an environment.
pub(in crate::planner) fn entering(stage: &StageName, to: &StageEnvironment) -> Vec<Planned> {
    let arguments = Entering {
        environment: to.name.clone(),
        stage: stage.clone(),
        protected: to.protected,
        url: to.url.clone(),
    };
    step::<Enter>(&format!("enter:{stage}"), Reach::Private, &arguments)
}

/// Whether a release is in an environment, according to the record.
pub(super) enum Standing {
    Entering,
    Deployed,
    /// Another release is there, and this one may have been there before.
    Left,
}

/// Whether the record of an environment has a release.
pub(super) fn stands(
    name: &EnvironmentName,
    plan: &Plan,
    facts: &Facts,
) -> Result<Option<Standing>, Unseen> {
    let record = &found(name, facts)?.record.known().map_err(Clone::clone)?.value;
    let digest = plan.digest();
    Ok(match record.of(&digest) {
        None => record.may_have_left(&digest).then_some(Standing::Left),
        Some(now) if now.state == State::Entering && now.back_from.is_none() => {
            Some(Standing::Entering)
        }
        Some(_) => Some(Standing::Deployed),
    })
}

/// The message if the record of an environment does not contain the release.
pub(super) fn unrecorded(name: &EnvironmentName) -> String {
    format!("the record of environment `{name}` does not contain the release")
}

impl StepKind for Enter {
    const NAME: &'static str = "enter";
    const WRITTEN: Option<StepShape> = None;
    const TOUCHES: &'static [Touch] = &[Touch::Environment];
    type Settings = ();
    type Arguments = Entering;

    fn plan(&(): &(), _: &super::kind::Planning<'_>) -> Vec<Planned> {
        Vec::new()
    }

    fn standing(entering: &Entering, key: &StepKey, view: &mut View<'_>) -> StepState {
        let ledger = match view.facts.ledger.known() {
            Ok(ledger) => ledger,
            Err(unseen) => return StepState::Unseen(unseen.clone()),
        };
        if let Some(to) = ledger.rolled_back(&entering.stage) {
            view.conflicts.push(Conflict::RolledBack {
                environment: entering.environment.clone(),
                wanted: view.plan.version.clone(),
                now: Some(to.clone()),
            });
            return StepState::Missing;
        }
        if let Some(evidence) = ledger.did(key) {
            return StepState::Done { evidence: evidence.text.clone() };
        }
        let state = match found(&entering.environment, view.facts) {
            Ok(state) => state,
            Err(unseen) => return StepState::Unseen(unseen),
        };
        let record = match state.record.known() {
            Ok(record) => &record.value,
            Err(unseen) => return StepState::Unseen(unseen.clone()),
        };
        let plan = view.plan.digest();
        if let Some(entry) = record.of(&plan) {
            return match deployed(state, entry) {
                Ok(true) => StepState::Done { evidence: format!("entered at {}", short(entry.at)) },
                Ok(false) => StepState::Missing,
                Err(unseen) => StepState::Unseen(unseen.clone()),
            };
        }
        if let Some(conflict) = taken(entering, record, view.plan) {
            view.conflicts.push(conflict);
            return StepState::Missing;
        }
        let now = match view.facts.time.known() {
            Ok(now) => *now,
            Err(unseen) => return StepState::Unseen(unseen.clone()),
        };
        if let Some(held) = busy(entering, record, view.plan, now) {
            return StepState::Held(Box::new(held));
        }
        match obstacle(entering, state, ledger, view, now) {
            Ok(None) => StepState::Missing,
            Ok(Some(held)) => StepState::Held(Box::new(held)),
            Err(unseen) => StepState::Unseen(unseen),
        }
    }

    fn denied(entering: &Entering, _: &Evidence, plan: &Plan, facts: &Facts) -> Denial {
        let there = stands(&entering.environment, plan, facts)?;
        Ok(there.is_none().then(|| unrecorded(&entering.environment)))
    }

    fn title(entering: &Entering, _: &Plan) -> String {
        format!("enter {}", clean::name(entering.environment.as_str()))
    }

    fn detail(entering: &Entering, _: &Plan, facts: &Facts) -> String {
        let record = found(&entering.environment, facts)
            .and_then(|state| state.record.known().map_err(Clone::clone));
        match record.ok().and_then(|record| record.value.current.as_ref()) {
            Some(entry) => format!("replaces {}", entry.version),
            None => String::new(),
        }
    }

    fn requests(_: &Entering, _: Requests<'_>) -> usize {
        // The deployment and its state.
        2
    }
}

/// Whether the ledger records that the release entered the environment of a stage.
pub(in crate::planner) fn has_entered(stage: &PlannedStage, ledger: &Ledger) -> bool {
    let mut enters = stage.steps.iter().filter(|planned| planned.step.kind() == Enter::NAME);
    enters.any(|planned| ledger.did(&planned.key).is_some())
}

/// The release that is in the environment instead.
pub(in crate::planner) fn by_whom(name: &EnvironmentName, record: &EnvironmentRecord) -> Finding {
    let message = match &record.current {
        Some(entry) => format!("{} replaced this release in `{name}`", entry.version),
        None => format!("this release is no longer in `{name}`"),
    };
    let help = "run `tminus status --environments` to see what is there";
    Finding::new(message).help(help).who(Who::Operator)
}

/// The facts about an environment.
pub(in crate::planner) fn found<'f>(
    name: &EnvironmentName,
    facts: &'f Facts,
) -> Result<&'f EnvironmentState, Unseen> {
    facts.environments.get(name).ok_or_else(|| Unseen {
        why: format!("environment `{name}` was not read"),
        help: None,
        who: None,
    })
}

/// Whether the entry has its deployment, if the forge has deployments.
fn deployed<'s>(state: &'s EnvironmentState, entry: &Entry) -> Result<bool, &'s Unseen> {
    let ours = |mark: &crate::facts::environment::DeploymentMark| {
        mark.plan == entry.plan && mark.entered == entry.at
    };
    match &state.deployments {
        Seen::Known(None) => Ok(true),
        Seen::Known(Some(all)) => Ok(all.iter().filter_map(|one| one.mark.as_ref()).any(ours)),
        Seen::Unseen(unseen) => Err(unseen),
    }
}

/// Why this plan cannot enter: the environment has a higher version, or the plan was rolled back
/// there.
fn taken(entering: &Entering, record: &EnvironmentRecord, plan: &Plan) -> Option<Conflict> {
    let environment = entering.environment.clone();
    let wanted = plan.version.clone();
    let current = record.current.as_ref();
    if record.rolled_back(&plan.digest()) {
        let now = current.map(|entry| entry.version.clone());
        return Some(Conflict::RolledBack { environment, wanted, now });
    }
    let found = current.map(|entry| entry.version.clone())?;
    found.cmp_precedence(&wanted).is_gt().then_some(Conflict::HigherInEnvironment {
        environment,
        wanted,
        found,
    })
}

/// Another release that is entering the environment.
fn busy(
    entering: &Entering,
    record: &EnvironmentRecord,
    plan: &Plan,
    now: Timestamp,
) -> Option<Held> {
    let other = record.current.as_ref().filter(|entry| entry.tag != plan.tag)?;
    let until = other.busy_until.filter(|until| *until > now)?;
    if other.state != State::Entering {
        return None;
    }
    let finding = Finding::new(format!(
        "{} is entering environment `{}`",
        other.version, entering.environment
    ))
    .note(format!("by {}, since {}", other.by, short(other.at)))
    .help("wait until that release is finished, or abort it")
    .who(Who::Nobody);
    Some(Held { verdict: Verdict::Hold, finding, until: Some(until), again: Some(until) })
}

/// The protection rule that blocks the release, if any.
fn obstacle(
    entering: &Entering,
    state: &EnvironmentState,
    ledger: &Ledger,
    view: &View<'_>,
    now: Timestamp,
) -> Result<Option<Held>, Unseen> {
    let name = &entering.environment;
    let protection = state.protection.known().map_err(Clone::clone)?;
    let unknown = |finding: Finding| {
        let finding = finding.who(Who::Administrator);
        Ok(Some(Held { verdict: Verdict::Unknown, finding, until: None, again: None }))
    };
    let Some(protection) = protection else {
        return unknown(
            Finding::new(format!("environment `{name}` does not exist"))
                .help("create it in the settings of the repository, with its protection rules"),
        );
    };
    if entering.protected && protection.rules() == 0 {
        return unknown(
            Finding::new(format!("environment `{name}` has no protection rules"))
                .note("the manifest sets `protected: true` for it")
                .help("add a protection rule in the settings of the repository"),
        );
    }
    match &state.inside {
        Seen::Known(true) => return Ok(None),
        Seen::Unseen(unseen) if protection.rules() > 0 => return Err(unseen.clone()),
        Seen::Known(false) | Seen::Unseen(_) => {}
    }
    let rules = Rules { entering, protection, view, now, ledger };
    if let Some(finding) = rules.refs()? {
        return Ok(Some(Held { verdict: Verdict::NoGo, finding, until: None, again: None }));
    }
    let mut open: Vec<(Finding, Option<Timestamp>)> = Vec::new();
    open.extend(rules.review(state.approvals.known().map_err(Clone::clone)?).map(|f| (f, None)));
    open.extend(rules.apps().map(|finding| (finding, None)));
    open.extend(rules.timer().map(|(finding, until)| (finding, Some(until))));
    let until = open.iter().find_map(|(_, until)| *until);
    let mut open = open.into_iter().map(|(finding, _)| finding);
    let Some(first) = open.next() else { return Ok(None) };
    let finding = open.fold(first, |first, other| first.note(other.message));
    Ok(Some(Held { verdict: Verdict::Hold, finding, until, again: until }))
}

/// The rules of an environment, for runs that are not in one of its jobs.
struct Rules<'a> {
    entering: &'a Entering,
    protection: &'a Protection,
    view: &'a View<'a>,
    now: Timestamp,
    ledger: &'a Ledger,
}

impl Rules<'_> {
    fn name(&self) -> &EnvironmentName {
        &self.entering.environment
    }

    /// Whether the branch or the tag can be deployed.
    fn refs(&self) -> Result<Option<Finding>, Unseen> {
        let seen = self.view.facts.branch.known();
        let branch = seen.ok();
        let fits = |pattern: &RefPattern| {
            let glob = Pattern::new(&pattern.name);
            let matches = |text: &str| glob.as_ref().is_ok_and(|glob| glob.matches(text));
            match pattern.tag {
                true => matches(self.view.plan.tag.as_str()),
                false => branch.is_some_and(|branch| matches(branch.as_str())),
            }
        };
        let allowed = match &self.protection.refs {
            AllowedRefs::Any => return Ok(None),
            AllowedRefs::Patterns(patterns) if patterns.iter().any(fits) => return Ok(None),
            AllowedRefs::Patterns(patterns) if patterns.is_empty() => {
                "it does not allow any branch or tag".to_owned()
            }
            AllowedRefs::Patterns(patterns) => {
                if let (Err(unseen), true) = (seen, patterns.iter().any(|pattern| !pattern.tag)) {
                    return Err(unseen.clone());
                }
                let names: Vec<String> =
                    patterns.iter().map(|pattern| format!("`{}`", pattern.name)).collect();
                format!("it allows {}", names.join(", "))
            }
            AllowedRefs::Protected => {
                // Only the forge knows which branches are protected.
                "it allows protected branches only, and only a job that references the environment can verify this"
                    .into()
            }
        };
        let from = branch.map_or_else(
            || format!("tag `{}`", self.view.plan.tag),
            |branch| format!("branch `{branch}`"),
        );
        let message = format!("{from} is not allowed to deploy to environment `{}`", self.name());
        let help = "release from an allowed branch, in a job that references the environment";
        Ok(Some(Finding::new(message).note(allowed).help(help).who(Who::Operator)))
    }

    fn review(&self, approvals: &[Approval]) -> Option<Finding> {
        if self.protection.reviewers.is_empty() {
            return None;
        }
        let own = |one: &&Approval| {
            self.protection.prevents_self_review && one.started_by.as_deref() == Some(&one.by)
        };
        if approvals.iter().any(|one| !own(&one)) {
            return None;
        }
        let names: Vec<String> = self.protection.reviewers.iter().map(reviewer).collect();
        let message = format!("environment `{}` requires approval", self.name());
        let finding = Finding::new(message).note(format!("{} can approve it", names.join(" or ")));
        let finding = match approvals.first() {
            Some(own) => finding
                .note(format!("the approval by {0} does not count: {0} started the run", own.by)),
            None => finding,
        };
        let help = "run the release workflow; a reviewer must approve its job for this environment";
        Some(finding.help(help).who(Who::Reviewer))
    }

    fn apps(&self) -> Option<Finding> {
        let apps: Vec<String> = self.protection.apps.iter().map(|app| format!("`{app}`")).collect();
        let message = format!(
            "environment `{}` is protected by {}, which can approve only workflow jobs",
            self.name(),
            apps.join(", ")
        );
        let help = "run this stage in a job that references the environment";
        (!apps.is_empty()).then(|| Finding::new(message).help(help).who(Who::Operator))
    }

    /// The wait timer, which starts when the release first tries to enter.
    fn timer(&self) -> Option<(Finding, Timestamp)> {
        let minutes = i64::try_from(self.protection.wait_minutes).ok().filter(|it| *it > 0)?;
        let began = self.ledger.queued(&self.entering.stage);
        let from = began.unwrap_or(self.now);
        let until = from.checked_add(SignedDuration::from_mins(minutes)).ok()?;
        if began.is_some() && until <= self.now {
            return None;
        }
        let message = format!(
            "environment `{}` has a wait timer of {}",
            self.name(),
            length(self.protection.wait_minutes * 60)
        );
        let finding = match began {
            Some(began) => Finding::new(message).note(format!("it started at {}", short(began))),
            None => {
                Finding::new(message).note("it starts when tminus first tries to enter the stage")
            }
        };
        let finding = finding.help(format!("run `tminus release` again after {}", short(until)));
        Some((finding.who(Who::Nobody), until))
    }
}

fn reviewer(one: &Reviewer) -> String {
    match one {
        Reviewer::User(login) => format!("@{login}"),
        Reviewer::Team(name) => format!("team {name}"),
    }
}
