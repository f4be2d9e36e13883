//! Prepares a release run from facts: the plan, what is already done, and whether the gates allow
//! it.

use super::end::{End, Extent, Listener, ReleaseOptions, ReleaseRun};
use super::executor::{ReleaseLimits, execute};
use crate::base::finding::{Finding, Who};
use crate::base::names::{Sha, StageName, TagName};
use crate::base::secrets::Secrets;
use crate::base::version::Version;
use crate::facts::{Facts, Unseen};
use crate::judge::case::Case;
use crate::judge::gates::{self, GateSelection};
use crate::judge::target::NoTarget;
use crate::planner::disclosed::find_secrets;
use crate::planner::steps::verifying;
use crate::planner::{self, Progress, difference, progress, rebuilt};
use crate::ports::WritePorts;
use crate::project::manifest::Manifest;
use crate::release::ledger::Ledger;
use crate::release::outcome::PublicationState;
use crate::release::plan::{Plan, PlannedStage};
use crate::release::step::AssetFault;
use crate::report::NothingToDo;

/// The current plan: the sealed plan of a started release, otherwise the plan that follows from the
/// facts.
///
/// # Errors
/// As [`planner::plan`].
pub fn plan_of(case: &Case<'_>) -> Result<Plan, NoTarget> {
    match case.facts.ledger.known().ok().and_then(Ledger::plan) {
        Some(sealed) => Ok(sealed.clone()),
        None => planner::plan(case),
    }
}

/// The current plan, for printing. If files are not built yet, their steps wait for them.
///
/// # Errors
/// As [`planner::outline`].
pub fn outline_of(case: &Case<'_>) -> Result<Plan, NoTarget> {
    match case.facts.ledger.known().ok().and_then(Ledger::plan) {
        Some(sealed) => Ok(sealed.clone()),
        None => planner::outline(case),
    }
}

/// Whether the version was released without tminus: it is published, or an ancestor of the commit
/// has its tag, and the ledger does not show that tminus started it. It does not matter if such a
/// release lacks steps of our plan. On the tagged commit itself, passed with `--commit`, the
/// release is still due.
#[must_use]
pub fn released_without_tminus(case: &Case<'_>) -> Option<(Version, TagName, Sha)> {
    let facts = case.facts;
    let recorded = facts.ledger.known().ok()?.plan().is_some();
    let published = facts.published.known().is_ok_and(Option::is_some);
    let tag = facts.tag.known().ok()?.as_ref()?;
    let target = case.target().ok()?;
    let out = (published || tag.commit != facts.commit.sha) && case.is_true(tag);
    (out && !recorded && tag.ancestor)
        .then(|| (target.version.clone(), target.tag.clone(), tag.commit.clone()))
}

/// A development version or a placeholder, unless its release was already started.
fn not_due(case: &Case<'_>) -> Option<NothingToDo> {
    if case.facts.ledger.known().is_ok_and(|ledger| ledger.plan().is_some()) {
        return None;
    }
    NothingToDo::not_due(case)
}

/// Why there is nothing to release, if there is no plan.
#[must_use]
pub fn idle(case: &Case<'_>) -> Option<NothingToDo> {
    if let Some((version, tag, commit)) = released_without_tminus(case) {
        return Some(NothingToDo::Out { version, tag, commit });
    }
    not_due(case)
}

/// Why a release is not started: it would publish a secret.
#[must_use]
pub fn secret_finding(case: &Case<'_>, secrets: &Secrets) -> Option<NoTarget> {
    if idle(case).is_some() {
        return None;
    }
    let plan = plan_of(case).ok()?;
    let found = find_secrets(&plan, case, secrets)?;
    Some(NoTarget::Wrong(Box::new(found)))
}

/// How far the release had progressed when it was observed.
#[must_use]
pub fn known_reach(case: &Case<'_>) -> PublicationState {
    let Ok(plan) = plan_of(case) else { return PublicationState::Unknown };
    match progress(&plan, case.facts) {
        Ok(progress) if progress.is_public(&plan) => PublicationState::Public,
        Ok(_) => PublicationState::Private,
        Err(_conflicts) => PublicationState::Unknown,
    }
}

/// Performs or resumes a release, or returns why it did not. Running it again resumes the release.
pub async fn release(
    write_ports: &WritePorts<'_>,
    manifest: &Manifest,
    facts: Facts,
    options: &ReleaseOptions,
    report: Listener<'_>,
) -> ReleaseRun {
    let run = |end, plan, facts, progress| ReleaseRun { end, plan, facts, progress };
    let case = Case::new(manifest, &facts);
    if let Some(idle) = idle(&case) {
        return run(End::Idle(Box::new(idle)), None, facts, Progress::default());
    }
    let plan = match plan_of(&case) {
        Ok(plan) => plan,
        Err(none) => {
            // For `plan`, assets that are not built yet are unknown. A release needs them now.
            let none = not_built(&facts).map_or(none, |found| NoTarget::Wrong(Box::new(found)));
            return run(End::NoPlan(none), None, facts, Progress::default());
        }
    };
    let ledger = match facts.ledger.known() {
        Ok(ledger) => ledger,
        Err(unseen) => {
            let none = End::NoPlan(no_record(unseen));
            return run(none, Some(plan), facts, Progress::default());
        }
    };
    let under_way = ledger.under_way();
    if let Some(end) = refused(options, &plan).or_else(|| elsewhere(&plan, &facts)) {
        return run(end, Some(plan), facts, Progress::default());
    }
    let before = match compared(&plan, &facts) {
        Ok(before) => before,
        Err(end) => return run(end, Some(plan), facts, Progress::default()),
    };
    if before.is_complete(&plan) && !under_way {
        return run(End::Nothing, Some(plan), facts, before);
    }
    let options = match through(options, &plan, &before) {
        Some(_) if !under_way && options.through == Extent::Next => {
            return run(End::NotStarted, Some(plan), facts, before);
        }
        through => {
            ReleaseLimits { through, entering: options.entering, take_over: options.take_over }
        }
    };
    if under_way && let Some(stage) = reached(&options, &plan, &before) {
        return run(End::Through(stage), Some(plan), facts, before);
    }
    let poll = gates::poll(&case, &GateSelection::release());
    let Some(permit) = poll.permit(&facts) else {
        return run(End::Gates(poll), Some(plan), facts, before);
    };
    let (end, facts, progress) =
        Box::pin(execute(write_ports, manifest, &plan, &options, facts, permit, report)).await;
    run(end, Some(plan), facts, progress)
}

/// The progress of the plan, if neither the actual state nor the files on this machine conflict
/// with it.
fn compared(plan: &Plan, facts: &Facts) -> Result<Progress, End> {
    match (progress(plan, facts), rebuilt(plan, facts)) {
        (Err(mut found), other) => {
            found.extend(other.unwrap_or_default());
            Err(End::Conflicts(found))
        }
        (Ok(_), Err(none)) => Err(End::NoPlan(none)),
        (Ok(before), Ok(other)) if other.is_empty() => Ok(before),
        (Ok(_), Ok(other)) => Err(End::Conflicts(other)),
    }
}

/// All files that a release needs and that are missing, in one finding.
fn not_built(facts: &Facts) -> Option<Finding> {
    let mut found = facts.asset_faults.iter().map(AssetFault::finding);
    let first = found.next()?;
    Some(found.fold(first, |first, other| first.note(format!("also: {}", other.message))))
}

fn refused(options: &ReleaseOptions, plan: &Plan) -> Option<End> {
    if let Extent::Through(stage) = &options.through
        && plan.stages.iter().all(|planned| planned.name != *stage)
    {
        return Some(End::NoStage(stage.clone()));
    }
    let kept = options.only.as_ref().filter(|kept| kept.digest() != plan.digest())?;
    Some(End::OtherPlan { kept: kept.digest(), difference: difference(kept, plan) })
}

/// The last stage to run; `None` for all.
fn through(options: &ReleaseOptions, plan: &Plan, before: &Progress) -> Option<StageName> {
    match &options.through {
        Extent::All => None,
        Extent::Through(stage) => Some(stage.clone()),
        Extent::Next => next_stage(plan, before).map(|stage| stage.name.clone()),
    }
}

/// The stage of the next step. If a stage only has to be verified, this is the stage after it.
fn next_stage<'p>(plan: &'p Plan, before: &Progress) -> Option<&'p PlannedStage> {
    let (stage, planned) = before.next(plan, None)?;
    let follows = || plan.stages.iter().skip_while(|other| other.name != stage.name).nth(1);
    verifying(&planned.step).and_then(|_| follows()).or(Some(stage))
}

/// The requested stage, if a started release is already past it: rerunning the job of that stage
/// changes nothing.
fn reached(options: &ReleaseLimits, plan: &Plan, before: &Progress) -> Option<StageName> {
    let stage = options.through.as_ref()?;
    let is_through = before.repairs.is_empty() && before.next(plan, Some(stage)).is_none();
    (is_through && before.next(plan, None).is_some()).then(|| stage.clone())
}

/// A started release keeps its commit.
fn elsewhere(plan: &Plan, facts: &Facts) -> Option<End> {
    let (bound, asked) = (&plan.commit, &facts.commit.sha);
    (bound != asked).then(|| {
        let (tag, at, other) = (&plan.tag, bound.short(), asked.short());
        let finding =
            Finding::new(format!("the release of {tag} was started from commit {at}, not {other}"))
                .help(
                    "run `tminus release` without `--commit` to finish it, or `tminus abort` first",
                )
                .who(Who::Operator);
        End::NoPlan(NoTarget::Wrong(Box::new(finding)))
    })
}

/// Without its ledger, the progress of a release is unknown.
#[must_use]
pub fn no_record(unseen: &Unseen) -> NoTarget {
    NoTarget::Unseen { what: "the ledger of this release".into(), unseen: unseen.clone() }
}
