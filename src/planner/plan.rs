//! The steps of the release that the manifest describes, given the facts.

use super::notes::notes;
use super::steps::{self, Planning};
use crate::base::finding::{Finding, Who};
use crate::judge::case::Case;
use crate::judge::target::{NoTarget, Origin};
use crate::release::plan::{FORMAT, Plan, PlannedStage};
use crate::release::step::{Asset, AssetFault, Planned};

/// Lists the steps of the release that the manifest describes.
///
/// # Errors
/// When the version, the notes or the assets are unseen or wrong.
pub fn plan(case: &Case<'_>) -> Result<Plan, NoTarget> {
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
    let carries = steps::all_files(manifest).next().is_some();
    let assets: &[Asset] = match facts.assets.known() {
        Ok(assets) => assets,
        Err(_) if !carries => &[],
        Err(unseen) => {
            let definite = |fault: &&AssetFault| !matches!(fault, AssetFault::NotBuilt { .. });
            if let Some(fault) = facts.asset_faults.iter().find(definite) {
                return Err(NoTarget::Wrong(Box::new(fault.finding())));
            }
            return Err(NoTarget::Unseen { what: "the assets".into(), unseen: unseen.clone() });
        }
    };
    if steps::sums(manifest) && assets.iter().any(|asset| asset.name == "SHA256SUMS") {
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
        environment: stage.environment.clone(),
        gates: stage.gates.iter().map(|gate| gate.value.clone()).collect(),
        steps: {
            let planning = Planning { stage: &stage.name.value, target, notes: &notes, assets };
            let entries = stage.steps.iter().map(|step| &step.value);
            let mut steps: Vec<Planned> =
                entries.flat_map(|entry| steps::planned(entry, &planning)).collect();
            steps.sort_by_key(|planned| planned.reach);
            steps
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
