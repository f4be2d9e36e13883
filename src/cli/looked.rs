//! Shared by `plan`, `release`, `status`, `abort` and `rehearse`: the observed repository and its
//! plan.

use super::command::{Call, Done};
use super::merge::not_for_a_merge;
use super::options::Subject;
use super::out::Out;
use super::world::{Network, World};
use crate::drive::execute::{outline_of, plan_of};
use crate::drive::observe::{Observed, Scope, observe};
use crate::facts::Facts;
use crate::judge::case::Case;
use crate::judge::target::NoTarget;
use crate::planner::conflict::Conflict;
use crate::planner::{Progress, progress, rebuilt};
use crate::project::manifest::Manifest;
use crate::release::outcome::{Exit, Outcome};
use crate::release::plan::Plan;
use crate::report::{Paint, Sources, Trouble, finding};

/// The observed repository, for commands that need a plan.
pub(super) struct ObservedRelease<'a> {
    pub(super) world: &'a World,
    pub(super) manifest: Manifest,
    pub(super) facts: Facts,
}

/// Observes the repository for a command, reports what was fetched, and passes the result on.
pub(super) async fn look(
    command: &str,
    call: Call<'_>,
    network: Network,
    subject: &Subject,
    work: impl AsyncFnOnce(ObservedRelease<'_>) -> anyhow::Result<Exit>,
) -> Done {
    if let Err(error) = not_for_a_merge(command, call.environment) {
        return Err(error).into();
    }
    let looked = async |world: &World| {
        let order = world.order(subject, Scope::Plan)?;
        let Observed { manifest, facts, fetched } = observe(&world.read_ports(), &order).await?;
        for what in fetched {
            call.out.progress(&format!("fetched {what}"));
        }
        work(ObservedRelease { world, manifest, facts }).await
    };
    call.in_world(network, looked).await
}

impl ObservedRelease<'_> {
    /// The input for gates and planner.
    pub(super) fn case(&self) -> Case<'_> {
        Case::new(&self.manifest, &self.facts)
    }

    /// The current plan and its progress, or why there is none.
    pub(super) fn planned(&self) -> Result<(Plan, Progress), MissingPlan> {
        let plan = plan_of(&self.case()).map_err(MissingPlan::NoTarget)?;
        let progress = progress(&plan, &self.facts).map_err(MissingPlan::Conflicts)?;
        Ok((plan, progress))
    }

    /// The plan for printing, and its progress. Steps can wait for files that are not built yet.
    pub(super) fn outlined(&self) -> Result<(Plan, Progress), MissingPlan> {
        let plan = outline_of(&self.case()).map_err(MissingPlan::NoTarget)?;
        let progress = progress(&plan, &self.facts).map_err(MissingPlan::Conflicts)?;
        Ok((plan, progress))
    }

    /// What a release would do next: rebuilt files are a conflict, and steps wait for files that are
    /// not built yet.
    pub(super) fn to_release(&self) -> Result<(Plan, Progress), MissingPlan> {
        let (plan, progress) = self.outlined()?;
        match rebuilt(&plan, &self.facts).map_err(MissingPlan::NoTarget)? {
            found if found.is_empty() => Ok((plan, progress)),
            found => Err(MissingPlan::Conflicts(found)),
        }
    }
}

/// Why there is no plan.
pub(super) enum MissingPlan {
    NoTarget(NoTarget),
    Conflicts(Vec<Conflict>),
}

impl MissingPlan {
    /// Prints it on standard error.
    pub(super) fn tell(&self, facts: &Facts, out: Out) {
        out.error(&match self {
            Self::NoTarget(none) => no_plan(none, facts, out.paint()),
            Self::Conflicts(found) => conflicts(found, facts, out.paint()),
        });
    }

    /// The outcome of a command that needs a plan.
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::NoTarget(none) => none.outcome(),
            Self::Conflicts(_) => Outcome::Conflict,
        }
    }

    /// The findings, for reports.
    pub(super) fn trouble(&self) -> Vec<Trouble> {
        let word = self.outcome().word();
        match self {
            Self::NoTarget(none) => vec![Trouble { word, finding: none.finding() }],
            Self::Conflicts(found) => {
                found.iter().map(|one| Trouble { word, finding: one.finding() }).collect()
            }
        }
    }
}

/// Conflicts as text, each with its word.
pub(super) fn conflicts(conflicts: &[Conflict], facts: &Facts, paint: Paint) -> String {
    let findings: Vec<_> = conflicts.iter().map(Conflict::finding).collect();
    finding::all(Outcome::Conflict, None, &findings, &Sources::of_facts(facts), paint)
}

/// Why there is no plan.
pub(super) fn no_plan(none: &NoTarget, facts: &Facts, paint: Paint) -> String {
    let word = none.outcome();
    finding::finding(word, None, &none.finding(), &Sources::of_facts(facts), paint)
}
