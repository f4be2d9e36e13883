//! The steps of the release that the manifest describes, given the facts.

use super::samples::Placeholders;
use super::steps::{self, Planning};
use crate::base::finding::{Finding, Who};
use crate::facts::Seen;
use crate::judge::case::Case;
use crate::judge::notes::notes;
use crate::judge::target::{NoTarget, Origin};
use crate::project::manifest::Stage;
use crate::release::plan::{FORMAT, Plan, PlannedStage};
use crate::release::step::{Asset, AssetFault, Planned, SUMS};

/// Lists the steps of the release that the manifest describes.
///
/// # Errors
/// When the version, the notes or the assets are unseen or wrong.
pub fn plan(case: &Case<'_>) -> Result<Plan, NoTarget> {
    let plan = outline(case)?;
    match &case.facts.assets {
        Seen::Unseen(unseen) if !steps::pending_checks(&plan).is_empty() => {
            Err(NoTarget::Unseen { what: "the assets".into(), unseen: unseen.clone() })
        }
        Seen::Known(_) | Seen::Unseen(_) => Ok(plan),
    }
}

/// The plan for printing. If files are not built yet, their steps wait for them, and the plan has
/// no digest. Such a plan is never performed.
///
/// # Errors
/// When the version or the notes are unseen or wrong, or a file cannot be an asset.
pub fn outline(case: &Case<'_>) -> Result<Plan, NoTarget> {
    let (manifest, facts) = (case.manifest, case.facts);
    let target = case.target().map_err(NoTarget::clone)?;
    if case.in_development().is_some() {
        let message = format!("{} is a development version, which is not released", target.version);
        let help = match &target.origin {
            Origin::File { path, .. } => {
                format!("set the version in `{path}` to the one to release")
            }
            Origin::Asked | Origin::Commits { .. } | Origin::First | Origin::Last => {
                "pass the version to release with `--version`".into()
            }
        };
        let finding = Finding::new(message).help(help);
        return Err(NoTarget::Wrong(Box::new(finding.who(target.origin.who()))));
    }
    if let (Some(higher), Ok(Some(_))) = (case.higher(), facts.tag.known()) {
        let message = format!(
            "{} was not raised: {} is already \
                               released",
            target.version, higher.version
        );
        let help = format!("choose a version above {}", higher.version);
        let finding = Finding::new(message).help(help).who(target.origin.who());
        return Err(NoTarget::Wrong(Box::new(finding)));
    }
    let notes = notes(case)?;
    let moving = case.moving()?;
    let (assets, awaited) = files(case)?;
    if steps::sums(manifest) && assets.iter().any(|asset| asset.name == SUMS) {
        let finding = Finding::new(
            "`SHA256SUMS` is listed under `assets`, but tminus also creates this file",
        )
        .help("remove the file from `assets`, or set `checksums: none`")
        .who(Who::Author);
        return Err(NoTarget::Wrong(Box::new(finding)));
    }
    let previous = facts.history.known().ok().and_then(|history| history.base.as_ref());
    let stages = manifest.stages.iter().map(|stage| PlannedStage {
        name: stage.name.value.clone(),
        environment: stage.environment.as_ref().map(|it| it.name.clone()),
        gates: stage.gates.iter().map(|gate| gate.value.clone()).collect(),
        steps: {
            let planning = Planning {
                stage: &stage.name.value,
                target,
                notes: &notes,
                assets,
                awaited: &awaited,
                moving: &moving,
            };
            let entries = stage.steps.iter().map(|step| &step.value);
            let mut steps: Vec<Planned> =
                entries.flat_map(|entry| steps::planned(entry, &planning)).collect();
            steps.sort_by_key(|planned| (planned.reach, steps::is_last(&planned.step)));
            around(stage, steps, &planning, facts.commit.sha.as_str())
        },
    });
    Ok(Plan {
        format: FORMAT,
        name: facts.name.clone(),
        version: target.version.clone(),
        tag: target.tag.clone(),
        commit: facts.commit.sha.clone(),
        previous: previous.map(|base| base.tag.clone()),
        manifest: manifest.digest.clone(),
        stages: stages.collect(),
    })
}

/// The steps of a stage between entering its environment and verifying the result.
fn around(
    stage: &Stage,
    steps: Vec<Planned>,
    planning: &Planning<'_>,
    commit: &str,
) -> Vec<Planned> {
    let name = &stage.name.value;
    let (enter, deployed) = match &stage.environment {
        Some(to) => (steps::entering(name, to), steps::deployed(name, to)),
        None => (Vec::new(), Vec::new()),
    };
    let fill = Placeholders { target: planning.target, commit };
    [enter, steps, deployed, steps::verification(stage, &fill)].concat()
}

/// The files that exist, and the patterns that match no file yet.
fn files<'a>(case: &Case<'a>) -> Result<(&'a [Asset], Vec<String>), NoTarget> {
    let facts = case.facts;
    if let Ok(assets) = facts.assets.known() {
        return Ok((assets, Vec::new()));
    }
    let (mut missing, mut wrong) = (Vec::new(), None);
    for fault in &facts.asset_faults {
        match fault {
            AssetFault::NotBuilt { pattern } => missing.push(pattern.clone()),
            AssetFault::Renamed { .. }
            | AssetFault::SameName { .. }
            | AssetFault::TooLarge { .. } => {
                wrong = wrong.or(Some(fault));
            }
        }
    }
    if let Some(fault) = wrong {
        return Err(NoTarget::Wrong(Box::new(fault.finding())));
    }
    if missing.is_empty() {
        // No file could be read.
        let all = steps::all_files(case.manifest).map(|pattern| pattern.value.as_str().to_owned());
        missing.extend(all);
    }
    Ok((&facts.built, missing))
}
