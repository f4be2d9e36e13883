//! Liveness: verifies that a release is complete.

use super::oracle::carries;
use super::parts::Author;
use super::state::State;

use crate::planner::steps;
use crate::ports::Document;
use crate::project::manifest::Touch;
use crate::release::environment::{EnvironmentRecord, State as EntryState};
use crate::release::plan::Plan;
use crate::release::step::{Planned, Reach};

impl State {
    /// Whether the world shows the plan as done, with nothing left over.
    ///
    /// # Errors
    /// The first thing that is missing or too much.
    pub fn whole(&self, plan: &Plan) -> Result<(), String> {
        for (_, planned) in plan.steps() {
            for touch in steps::touched(&planned.step) {
                match touch {
                    Touch::Publication => self.whole_release(plan)?,
                    Touch::Draft => self.single(plan)?,
                    Touch::Asset => self.whole_asset(plan, planned)?,
                    Touch::Tag => self.whole_tag(plan)?,
                    Touch::MovingTag => self.whole_moving(plan, planned)?,
                    Touch::Command => self.whole_run(planned)?,
                    Touch::Environment => self.whole_environment(plan)?,
                    Touch::Samples => {}
                }
            }
        }
        Ok(())
    }

    fn single(&self, plan: &Plan) -> Result<(), String> {
        let tag = plan.tag.as_str();
        match self.releases.iter().filter(|held| held.release.tag == tag).count() {
            1 => Ok(()),
            count => Err(format!("{count} releases of {tag} instead of one")),
        }
    }

    fn whole_release(&self, plan: &Plan) -> Result<(), String> {
        self.single(plan)?;
        let held = self.published(plan.tag.as_str());
        let Some(held) = held else { return Err(format!("{} is not published", plan.tag)) };
        let planned = steps::assets(plan).count();
        if held.release.assets.len() != planned {
            return Err(format!("{} assets instead of {planned}", held.release.assets.len()));
        }
        let at = self.tags.get(&plan.tag).map(|at| &at.commit);
        if at != Some(&plan.commit) {
            return Err(format!("{} is not at {}", plan.tag, plan.commit));
        }
        Ok(())
    }

    fn whole_tag(&self, plan: &Plan) -> Result<(), String> {
        let Some(at) = self.tags.get(&plan.tag) else {
            return Err(format!("tag {} is missing", plan.tag));
        };
        if at.commit != plan.commit {
            return Err(format!("tag {} is at {}", plan.tag, at.commit));
        }
        if at.by == Author::Us && at.object == at.commit {
            return Err(format!("tag {} is ours and is not annotated", plan.tag));
        }
        Ok(())
    }

    fn whole_moving(&self, plan: &Plan, planned: &Planned) -> Result<(), String> {
        let Some(moving) = steps::moved(&planned.step) else {
            return Err(format!("{} moves nothing", planned.key));
        };
        match self.follows(plan, &moving) {
            true => Ok(()),
            false => Err(format!("tag {} is not at {}", moving.tag, plan.commit)),
        }
    }

    /// The release is in its environments, each with at most one deployment of its entry.
    fn whole_environment(&self, plan: &Plan) -> Result<(), String> {
        let digest = plan.digest();
        for name in plan.stages.iter().filter_map(|stage| stage.environment.as_ref()) {
            let text = self.documents.get(&Document::Environment(name.clone()));
            let record = text.and_then(|(_, text)| serde_json::from_str(text).ok());
            let record: EnvironmentRecord = record.unwrap_or_default();
            let Some(entry) = record.of(&digest) else {
                return Err(format!("{} is not in {name}", plan.version));
            };
            if entry.state != EntryState::Deployed {
                return Err(format!("{} is {:?} in {name}", plan.version, entry.state));
            }
            let marks = self.deployments.iter().filter(|one| one.environment == *name);
            let marks = marks.filter_map(|one| one.deployment.mark.as_ref());
            let ours = marks.filter(|mark| mark.plan == digest && mark.entered == entry.at);
            match ours.count() {
                // Without a forge, only other people deploy.
                0 if self.deployments.iter().all(|one| one.deployment.mark.is_none()) => {}
                1 => {}
                count => return Err(format!("{count} deployments of one entry to {name}")),
            }
        }
        Ok(())
    }

    fn whole_asset(&self, plan: &Plan, planned: &Planned) -> Result<(), String> {
        let Some(asset) = steps::asset(&planned.step) else {
            return Err(format!("{} sends nothing", planned.key));
        };
        let mut releases = self.releases.iter().map(|held| &held.release);
        let of_tag = |one: &&crate::facts::Release| one.tag == plan.tag.as_str();
        if releases.find(of_tag).is_some_and(|one| carries(&one.assets, &asset)) {
            return Ok(());
        }
        Err(format!("asset {} is missing or differs", asset.name))
    }

    fn whole_run(&self, planned: &Planned) -> Result<(), String> {
        let Some(rules) = steps::command(&planned.step) else {
            return Err(format!("{} runs nothing", planned.key));
        };
        let count = |command: &Vec<String>| self.done.get(command).copied().unwrap_or(0);
        let times = count(&rules.command) + rules.rehearse.as_ref().map_or(0, count);
        let once = planned.reach == Reach::Irreversible && !rules.repeatable;
        match times {
            0 => Err(format!("run {} did not happen", rules.name)),
            1 => Ok(()),
            times if once => Err(format!("run {} happened {times} times", rules.name)),
            _ => Ok(()),
        }
    }
}
