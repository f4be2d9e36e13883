//! Safety: invariants that are verified after every effect.

use super::faults::FaultKind;
use super::parts::{Author, TagRef};
use super::state::State;
use crate::base::names::{Digest, Sha, StepKey, TagName};
use crate::base::version::Version;
use crate::facts::{CheckState, Checks};
use crate::judge::moving::Moving;
use crate::planner::steps;
use crate::project::manifest::Touch;
use crate::release::ledger::{Entry, Event, Evidence};
use crate::release::plan::Plan;
use crate::release::step::Asset;
use crate::release::step::Reach;

/// The machine that every simulated process runs on.
pub(super) const MACHINE: &str = "sim";

impl State {
    /// Notes something that must never be; the same thing once.
    pub(super) fn violation(&mut self, text: String) {
        if !self.violations.contains(&text) {
            self.violations.push(text);
        }
    }

    /// Looks at the whole world.
    pub fn audit(&mut self) {
        let mut found = Vec::new();
        for (tag, at) in &self.tags {
            let moved = |before: &&TagRef| before.object != at.object && at.by == Author::Us;
            if let Some(before) = self.memory.tags.get(tag).filter(moved)
                && self.planned_move(tag, None).is_none()
            {
                found.push(format!("tag {tag} moved from {} to {}", before.object, at.object));
            }
        }
        for held in &self.releases {
            if held.release.draft || held.published_by != Some(Author::Us) {
                continue;
            }
            let tag = &held.release.tag;
            let plan =
                TagName::new(tag.clone()).ok().and_then(|tag| self.ledger(&tag).plan().cloned());
            match plan {
                None => {
                    found.push(format!("release {tag} is public, but no sealed plan contains it"))
                }
                Some(plan) => {
                    found.extend(self.unproven(&plan));
                    let lacking =
                        steps::assets(&plan).filter(|it| !carries(&held.release.assets, it));
                    found.extend(lacking.map(|asset| {
                        format!("release {tag} is public without asset {}", asset.name)
                    }));
                }
            }
        }
        found.into_iter().for_each(|text| self.violation(text));
        self.memory.tags.clone_from(&self.tags);
    }

    /// What is wrong with a final version that was promoted from a pre-release: that one must be
    /// finished, on the same commit, with the same files.
    fn unproven(&self, plan: &Plan) -> Option<String> {
        let from = plan.promoted.as_ref()?;
        let ledger = self.ledger(&from.tag);
        let files = |plan: &Plan| -> Vec<(String, Digest)> {
            steps::assets(plan).map(|asset| (asset.name, asset.digest)).collect()
        };
        let proven = ledger.finished()
            && ledger.plan().is_some_and(|origin| {
                let same = origin.digest() == from.plan && origin.commit == plan.commit;
                same && files(origin) == files(plan)
            });
        (!proven).then(|| format!("{} is public, but {} is not the same", plan.tag, from.tag))
    }

    /// Records which check results a process has read: its permit may depend only on these.
    pub(super) fn record_read_checks(&mut self, process: u32, checks: &Checks) {
        let green = self.required.iter().all(|name| {
            let runs = checks.runs.iter().filter(|run| run.name == *name);
            let newest = runs.max_by_key(|run| run.started_at);
            newest.is_some_and(|run| run.state == CheckState::Finished("success".into()))
        });
        self.memory.greens.insert((process, checks.commit.clone()), green);
    }

    /// The read failed: earlier results no longer count.
    pub(super) fn record_failed_read(&mut self, process: u32, commit: &Sha) {
        self.memory.greens.insert((process, commit.clone()), false);
    }

    /// A permit is fresh for one effect: before the next one the checks must be asked again.
    pub(super) fn invalidate_permit(&mut self, process: u32) {
        self.memory.greens.retain(|(holder, _), _| *holder != process);
    }

    /// Judges an effect of ours that everybody can see.
    pub(super) fn went_public(&mut self, process: u32, tag: &TagName, commit: &Sha, what: &str) {
        // Where nothing is required there is no forge to ask.
        let shown = self.memory.greens.get(&(process, commit.clone()));
        match shown.or(self.required.is_empty().then_some(&true)) {
            Some(true) => {}
            Some(false) => self.violation(format!("{what}: public while checks were not green")),
            None => self.violation(format!("{what}: public, but the checks were not read again")),
        }
        let ledger = self.ledger(tag);
        if ledger.plan().is_none_or(|plan| plan.commit != *commit) {
            self.violation(format!("{what}: public, but no sealed plan names {commit}"));
        }
        let ours =
            |by: &crate::release::ledger::Holder| by.process == process && by.machine == MACHINE;
        if !ledger.lease().is_some_and(|lease| ours(lease.holder)) {
            self.violation(format!("{what}: public without holding the lease of {tag}"));
        }
    }

    /// Judges a release that we made public.
    pub(super) fn published_by_us(&mut self, process: u32, tag: &TagName, commit: &Sha) {
        let what = format!("publish {tag}");
        self.went_public(process, tag, commit, &what);
        let count = self.memory.published.entry(tag.clone()).or_default();
        *count += 1;
        if *count > 1 {
            self.violation(format!("{what}: published twice"));
        }
        // A tag that appears during the request cannot be detected.
        let raced = self.fault_now() == Some(FaultKind::ForeignTag);
        if !raced && self.tags.get(tag).is_none_or(|at| at.commit != *commit) {
            self.violation(format!("{what}: public, but its tag is not at {commit}"));
        }
    }

    /// Records which tags a process has read: what it moves must be right by these.
    pub(super) fn record_read_tags(&mut self, process: u32) {
        let tags = self.tags.keys().cloned().collect();
        self.memory.listed.insert(process, tags);
    }

    /// Judges a tag that we moved.
    pub(super) fn moved_by_us(&mut self, process: u32, tag: &TagName, commit: &Sha) {
        let what = format!("move tag {tag}");
        let Some((plan, moving)) = self.planned_move(tag, Some(commit)) else {
            return self.violation(format!("{what}: no sealed plan contains it"));
        };
        self.went_public(process, &plan.tag, &plan.commit, &what);
        if self.tags.get(&plan.tag).is_none_or(|at| at.commit != plan.commit) {
            self.violation(format!("{what}: moved before {} is there", plan.tag));
        }
        if !plan.version.is_final() {
            self.violation(format!("{what}: moved for the pre-release {}", plan.version));
        }
        let listed = self.memory.listed.get(&process);
        let listed = |tag: &TagName| listed.is_some_and(|listed| listed.contains(tag));
        let higher = self.higher(&plan, &moving).into_iter().find(listed);
        if let Some(higher) = higher {
            self.violation(format!("{what}: moved to {}, although {higher} is there", plan.tag));
        }
        self.memory.moved.insert((tag.clone(), commit.clone()));
    }

    /// The plan that moves a tag, to a commit if one is given, and the tag's range.
    fn planned_move(&self, tag: &TagName, to: Option<&Sha>) -> Option<(Plan, Moving)> {
        self.ledgers.keys().find_map(|release| {
            let plan = self.ledger(release).plan()?.clone();
            let moving = steps::moving(&plan).find(|moving| moving.tag == *tag)?;
            to.is_none_or(|to| plan.commit == *to).then_some((plan, moving))
        })
    }

    /// Tags of higher final versions in the range of a moving tag, written as the plan's own tag.
    fn higher(&self, plan: &Plan, moving: &Moving) -> Vec<TagName> {
        let (before, behind) =
            plan.tag.as_str().split_once(plan.version.as_str()).unwrap_or((plan.tag.as_str(), ""));
        let version = |tag: &TagName| {
            Version::read(tag.as_str().strip_prefix(before)?.strip_suffix(behind)?).ok()
        };
        let is_higher = |version: Version| {
            version.is_final() && version > plan.version && moving.covers(&version)
        };
        let higher = self.tags.keys().filter(|tag| version(tag).is_some_and(is_higher));
        higher.cloned().collect()
    }

    /// Whether a moving tag is where the plan wants it, or was, or needs not be moved.
    pub(super) fn follows(&self, plan: &Plan, moving: &Moving) -> bool {
        let there = self.tags.get(&moving.tag).is_some_and(|at| at.commit == plan.commit);
        there || !plan.version.is_final() || !self.higher(plan, moving).is_empty()
    }

    /// A command took effect.
    pub(super) fn ran(&mut self, process: u32, command: &[String]) {
        let count = self.done.entry(command.to_vec()).or_default();
        *count += 1;
        let times = *count;
        let what = format!("run {}", command.join(" "));
        let Some((plan, reach, repeatable)) = self.planned_run(command) else {
            return self.violation(format!("{what}: no sealed plan contains it"));
        };
        if reach > Reach::Private {
            self.went_public(process, &plan.tag, &plan.commit, &what);
        }
        if reach == Reach::Irreversible && times > 1 && !repeatable {
            self.violation(format!("{what}: irreversible, and ran {times} times"));
        }
    }

    fn planned_run(&self, command: &[String]) -> Option<(Plan, Reach, bool)> {
        self.ledgers.keys().find_map(|tag| {
            let plan = self.ledger(tag).plan()?.clone();
            let found = plan.steps().find_map(|(_, planned)| {
                let run = steps::command(&planned.step)?;
                let same = run.command == command || run.rehearse.as_deref() == Some(command);
                same.then_some((planned.reach, run.repeatable))
            });
            found.map(|(reach, repeatable)| (plan, reach, repeatable))
        })
    }

    /// Judges what was just appended to a record that had `before` entries.
    pub(super) fn appended(&mut self, process: u32, tag: &TagName, before: usize) {
        let entries = self.ledger(tag).entries;
        let mut found = Vec::new();
        for (place, entry) in entries.iter().enumerate().skip(before) {
            let earlier = entries.get(..place).unwrap_or(&[]);
            found.extend(self.lease_fault(process, tag, earlier, entry));
            if let Event::Did { step, evidence } = &entry.event
                && !self.shows(tag, step, evidence)
            {
                found.push(format!("the ledger of {tag} claims {step}, but nothing shows it"));
            }
        }
        found.into_iter().for_each(|text| self.violation(text));
    }

    fn lease_fault(
        &self,
        me: u32,
        tag: &TagName,
        earlier: &[Entry],
        new: &Entry,
    ) -> Option<String> {
        if new.by.process != me {
            return Some(format!("ledger of {tag}: process {me} signs as {}", new.by.process));
        }
        // What is said beside the lease is nobody's turn.
        let last = earlier.iter().rfind(|entry| !entry.event.is_aside())?;
        if new.fence < last.fence {
            return Some(format!("ledger of {tag}: fence {} after {}", new.fence, last.fence));
        }
        if matches!(new.event, Event::Leased { .. }) {
            let until = crate::release::ledger::Ledger { head: None, entries: earlier.to_vec() };
            let lease = until.lease()?;
            let other = *lease.holder != new.by && self.clock() < lease.until;
            let robbed = other && !self.is_gone(me, lease.holder) && !self.settings.take_over;
            if new.fence == last.fence && *lease.holder != new.by {
                return Some(format!("ledger of {tag}: two leases have fence {}", new.fence));
            }
            return robbed.then(|| {
                format!("ledger of {tag}: fence {} taken while {} was valid", new.fence, last.fence)
            });
        }
        (new.by != last.by && !new.event.is_aside())
            .then(|| format!("ledger of {tag}: process {me} writes under another's lease"))
    }

    /// Whether the world shows a step as done.
    fn shows(&self, tag: &TagName, step: &StepKey, evidence: &Evidence) -> bool {
        let ledger = self.ledger(tag);
        let Some(plan) = ledger.plan() else { return false };
        let Some((_, planned)) = plan.steps().find(|(_, planned)| planned.key == *step) else {
            return false;
        };
        let releases = || self.releases.iter().map(|held| &held.release);
        let of_tag = |one: &crate::facts::Release| one.tag == tag.as_str();
        steps::touched(&planned.step).iter().all(|touch| match touch {
            Touch::Draft => {
                releases().any(|one| of_tag(one) && evidence.release.is_none_or(|id| id == one.id))
            }
            Touch::Asset => steps::asset(&planned.step).is_some_and(|asset| {
                releases().any(|one| of_tag(one) && carries(&one.assets, &asset))
            }),
            Touch::Tag => self.tags.get(tag).is_some_and(|at| at.commit == plan.commit),
            Touch::MovingTag => steps::moved(&planned.step).is_some_and(|moving| {
                // Others may move it at any time.
                let was = (moving.tag.clone(), plan.commit.clone());
                self.follows(plan, &moving) || self.memory.moved.contains(&was)
            }),
            Touch::Publication => self.published(tag.as_str()).is_some(),
            Touch::Environment | Touch::Samples => true,
            Touch::Command => steps::command(&planned.step).is_some_and(|run| {
                let count = |command: &Vec<String>| self.done.get(command).copied().unwrap_or(0);
                count(&run.command) + run.rehearse.as_ref().map_or(0, count) > 0
            }),
        })
    }

    /// Whether a process can be told to be dead.
    pub(super) fn is_gone(&self, me: u32, holder: &crate::release::ledger::Holder) -> bool {
        let dead = holder.process != me && !self.alive.contains(&holder.process);
        self.settings.tells_the_dead && holder.machine == MACHINE && dead
    }
}

/// Whether an asset is there, whole.
pub(super) fn carries(assets: &[crate::facts::RemoteAsset], asset: &Asset) -> bool {
    assets.iter().any(|one| {
        let same = one.digest.as_ref() == Some(&asset.digest) && one.size == asset.size;
        one.name == asset.name && one.uploaded && same
    })
}
