//! The planner: which steps lead from the facts to the release that the manifest describes.
//!
//! [`plan`] says what the whole release is; [`progress`] compares a plan with the world, step by
//! step. Resuming is nothing else: look, compare, do what is missing.

use crate::base::finding::{Finding, Who};
use crate::base::names::{StageName, StepKey};
use crate::facts::{Facts, Release, RemoteAsset, Seen, TagAt, Unseen};
use crate::judge::target::{self, NoTarget, Target};
use crate::planner::conflict::Conflict;
use crate::planner::notes::notes;
use crate::project::manifest::{Latest, Manifest, Reach, RunRules, Sign, StepRules};
use crate::release::ledger::Ledger;
use crate::release::step::{Asset, Plan, Planned, PlannedStage, Step};
use std::collections::BTreeMap;

/// Lists the steps of the release that the manifest describes.
///
/// # Errors
/// When the version, the notes or the assets are unseen or wrong.
pub fn plan(manifest: &Manifest, facts: &Facts) -> Result<Plan, NoTarget> {
    let target = target::of(manifest, facts)?;
    let notes = notes(manifest, facts, &target)?;
    let carries = manifest.stages.iter().flat_map(|stage| &stage.steps).any(
        |step| matches!(&step.value, StepRules::DraftRelease { assets, .. } if !assets.is_empty()),
    );
    let assets: &[Asset] = match facts.assets.known() {
        Ok(assets) => assets,
        Err(_) if !carries => &[],
        Err(unseen) => {
            return Err(NoTarget::Unseen { what: "the assets".into(), unseen: unseen.clone() });
        }
    };
    let summed = manifest
        .stages
        .iter()
        .flat_map(|stage| &stage.steps)
        .any(|step| matches!(&step.value, StepRules::DraftRelease { checksums: true, .. }));
    if summed && assets.iter().any(|asset| asset.name == "SHA256SUMS") {
        let finding = Finding::new("`SHA256SUMS` is among the assets, and tminus writes one too")
            .help("leave the file out of `assets`, or set `checksums: none`")
            .who(Who::Author);
        return Err(NoTarget::Wrong(Box::new(finding)));
    }
    let previous = facts.history.known().ok().and_then(|history| history.base.as_ref());
    let stages = manifest.stages.iter().map(|stage| PlannedStage {
        name: stage.name.value.clone(),
        gates: stage.gates.iter().map(|gate| gate.value.clone()).collect(),
        steps: {
            let rules = stage.steps.iter().map(|step| &step.value);
            let mut steps: Vec<Planned> = rules
                .flat_map(|rules| planned(rules, &stage.name.value, &target, &notes, assets))
                .collect();
            steps.sort_by_key(|planned| planned.reach);
            steps
        },
    });
    Ok(Plan {
        name: facts.name.clone(),
        version: target.version.clone(),
        tag: target.tag.clone(),
        commit: facts.commit.sha.clone(),
        previous: previous.map(|base| base.tag.clone()),
        manifest: manifest.digest.clone(),
        stages: stages.collect(),
    })
}

fn planned(
    rules: &StepRules,
    stage: &StageName,
    target: &Target,
    notes: &str,
    assets: &[Asset],
) -> Vec<Planned> {
    let step =
        |key: String, reach, step| StepKey::new(key).ok().map(|key| Planned { key, reach, step });
    let version = &target.version;
    let one = match rules {
        StepRules::DraftRelease { checksums, .. } => {
            let draft = Step::DraftRelease {
                title: target.tag.to_string(),
                notes: notes.to_owned(),
                prerelease: !version.pre.is_empty(),
            };
            let sums = (*checksums && !assets.is_empty()).then(|| Asset::checksums(assets));
            let uploads = assets.iter().cloned().chain(sums).filter_map(|asset| {
                step(format!("upload:{}", asset.name), Reach::Private, Step::Upload { asset })
            });
            let draft = step("draft-release".into(), Reach::Private, draft);
            return draft.into_iter().chain(uploads).collect();
        }
        StepRules::Tag { sign } => {
            let message = if notes.is_empty() {
                format!("{}\n", target.tag)
            } else {
                format!("{}\n\n{notes}\n", target.tag)
            };
            step("tag".into(), Reach::Public, Step::Tag { message, sign: *sign })
        }
        StepRules::PublishRelease { latest } => step(
            "publish-release".into(),
            Reach::Irreversible,
            Step::PublishRelease { latest: *latest },
        ),
        StepRules::Run(run) => {
            step(format!("run:{stage}/{}", run.name), run.reach, Step::Run(run.clone()))
        }
    };
    one.into_iter().collect()
}

/// Where one step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is not done.
    Missing,
    /// The world shows it.
    Done {
        /// What shows it.
        evidence: String,
    },
    /// It could not be seen.
    Unseen(Unseen),
}

/// Something broken that stands in the way and that is ours to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// An upload that did not come to its end.
    RemoveAsset {
        /// Its number.
        asset: u64,
        /// Its name.
        name: String,
    },
    /// A second, empty draft of ours.
    RemoveDraft {
        /// Its number.
        release: u64,
        /// The one that stays.
        kept: u64,
    },
}

/// How far a plan is fulfilled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Each step's standing.
    pub standings: BTreeMap<StepKey, Standing>,
    /// What must be removed before going on.
    pub repairs: Vec<Repair>,
    /// The draft that the release is being made in, or the published release.
    pub release: Option<Release>,
    /// Public steps that were begun, and of which nothing tells whether they took effect.
    pub doubted: Vec<StepKey>,
}

impl Progress {
    /// A step's standing.
    #[must_use]
    pub fn of(&self, key: &StepKey) -> &Standing {
        self.standings.get(key).unwrap_or(&Standing::Missing)
    }

    /// Whether the world shows a step done.
    #[must_use]
    pub fn is_done(&self, key: &StepKey) -> bool {
        matches!(self.of(key), Standing::Done { .. })
    }

    /// The first step that is not done, in the stages up to and including `through`.
    #[must_use]
    pub fn next<'p>(
        &self,
        plan: &'p Plan,
        through: Option<&StageName>,
    ) -> Option<(&'p PlannedStage, &'p Planned)> {
        let last =
            through.and_then(|name| plan.stages.iter().position(|stage| stage.name == *name));
        let stages = plan.stages.iter().take(last.map_or(usize::MAX, |last| last + 1));
        let mut steps = stages.flat_map(|stage| stage.steps.iter().map(move |step| (stage, step)));
        steps.find(|(_, planned)| !self.is_done(&planned.key))
    }

    /// Whether every step is done and nothing is left to be repaired.
    #[must_use]
    pub fn is_complete(&self, plan: &Plan) -> bool {
        self.next(plan, None).is_none() && self.repairs.is_empty()
    }

    /// How far what is done already carries, and what may be.
    #[must_use]
    pub fn reached(&self, plan: &Plan) -> Option<Reach> {
        let may_be = |key: &StepKey| self.is_done(key) || self.doubted.contains(key);
        let done = plan.steps().filter(|(_, planned)| may_be(&planned.key));
        done.map(|(_, planned)| planned.reach).max()
    }

    /// Whether something is public, or may be.
    #[must_use]
    pub fn is_public(&self, plan: &Plan) -> bool {
        self.reached(plan) >= Some(Reach::Public)
    }
}

/// Compares a plan with the world.
///
/// # Errors
/// When something is done but different from what is planned; nothing may be overwritten then.
pub fn progress(plan: &Plan, facts: &Facts) -> Result<Progress, Vec<Conflict>> {
    let mut view = View { plan, facts, progress: Progress::default(), conflicts: Vec::new() };
    let place = if plan.on_forge() { view.place() } else { Place::None };
    for (_, planned) in plan.steps() {
        let standing = match &planned.step {
            Step::DraftRelease { .. } => place.draft(),
            Step::Upload { asset } => view.upload(asset, &place),
            Step::Tag { sign, .. } => view.tag(*sign),
            Step::PublishRelease { .. } => place.published(),
            Step::Run(run) => view.run(run, &planned.key),
        };
        view.progress.standings.insert(planned.key.clone(), standing);
    }
    view.doubts();
    view.unpublished_assets(&place);
    if let Place::Draft(release) | Place::Published(release) = place {
        view.progress.release = Some(release.clone());
    }
    if view.conflicts.is_empty() { Ok(view.progress) } else { Err(view.conflicts) }
}

/// Files of this machine that are not those of the plan. The world may be complete without them, but
/// whoever built them would take them for what is released.
#[must_use]
pub fn rebuilt(plan: &Plan, facts: &Facts) -> Vec<Conflict> {
    let local = facts.assets.known().map_or(&[][..], Vec::as_slice);
    let differs = |asset: &Asset| {
        let now = local.iter().find(|now| now.content == asset.content)?;
        (now.digest != asset.digest).then(|| Conflict::AssetRebuilt {
            name: asset.name.clone(),
            wanted: (asset.size, asset.digest.clone()),
            found: (now.size, now.digest.clone()),
        })
    };
    plan.assets().filter_map(differs).collect()
}

/// Whether a release becomes the latest.
#[must_use]
pub fn is_latest(rule: Latest, plan: &Plan, facts: &Facts) -> bool {
    match rule {
        Latest::Yes => true,
        Latest::No => false,
        Latest::Auto => facts
            .history
            .known()
            .is_ok_and(|history| target::is_highest(&plan.version, &history.tags)),
    }
}

/// Where the release is on the forge.
enum Place<'f> {
    None,
    Unseen(Unseen),
    Draft(&'f Release),
    Published(&'f Release),
}

impl Place<'_> {
    fn draft(&self) -> Standing {
        match self {
            Self::None => Standing::Missing,
            Self::Unseen(unseen) => Standing::Unseen(unseen.clone()),
            Self::Draft(release) => Standing::Done { evidence: format!("draft {}", release.id) },
            Self::Published(release) => {
                Standing::Done { evidence: format!("release {}", release.id) }
            }
        }
    }

    fn published(&self) -> Standing {
        match self {
            Self::None | Self::Draft(_) => Standing::Missing,
            Self::Unseen(unseen) => Standing::Unseen(unseen.clone()),
            Self::Published(release) => Standing::Done { evidence: release.url.clone() },
        }
    }
}

struct View<'f> {
    plan: &'f Plan,
    facts: &'f Facts,
    progress: Progress,
    conflicts: Vec<Conflict>,
}

impl<'f> View<'f> {
    fn place(&mut self) -> Place<'f> {
        let marker = self.plan.marker();
        let drafts = self.facts.drafts.known().map(|drafts| {
            drafts.iter().partition::<Vec<&Release>, _>(|draft| draft.body.contains(&marker))
        });
        match self.facts.published.known() {
            Ok(Some(release)) => {
                let left = drafts.map_or_else(|_| Vec::new(), |(ours, _)| ours);
                let left = left.into_iter().filter(|draft| draft.assets.is_empty());
                self.progress.repairs.extend(
                    left.map(|draft| Repair::RemoveDraft { release: draft.id, kept: release.id }),
                );
                return Place::Published(release);
            }
            Err(unseen) => return Place::Unseen(unseen.clone()),
            Ok(None) => {}
        }
        let (ours, strange) = match drafts {
            Ok(drafts) => drafts,
            Err(unseen) => return Place::Unseen(unseen.clone()),
        };
        self.conflicts.extend(strange.into_iter().map(|draft| Conflict::StrangeDraft {
            id: draft.id,
            url: draft.url.clone(),
            commit: marked_commit(&draft.body),
            wanted: self.plan.commit.clone(),
        }));
        let recorded = self.facts.ledger.known().ok().and_then(Ledger::release);
        let kept = ours.iter().find(|draft| Some(draft.id) == recorded).or_else(|| {
            // The fullest one, of equals the oldest: what is removed is then empty.
            ours.iter().max_by_key(|draft| (draft.assets.len(), std::cmp::Reverse(draft.id)))
        });
        let Some(kept) = kept.copied() else { return Place::None };
        for extra in ours.into_iter().filter(|draft| draft.id != kept.id) {
            if extra.assets.is_empty() {
                let repair = Repair::RemoveDraft { release: extra.id, kept: kept.id };
                self.progress.repairs.push(repair);
            } else {
                self.conflicts.push(Conflict::TwoDrafts { kept: kept.id, other: extra.id });
            }
        }
        Place::Draft(kept)
    }

    fn upload(&mut self, asset: &Asset, place: &Place<'_>) -> Standing {
        let release = match place {
            Place::None => return Standing::Missing,
            Place::Unseen(unseen) => return Standing::Unseen(unseen.clone()),
            Place::Draft(release) | Place::Published(release) => release,
        };
        let Some(there) = release.assets.iter().find(|there| there.name == asset.name) else {
            return Standing::Missing;
        };
        if !there.uploaded {
            if matches!(place, Place::Draft(_)) {
                let repair = Repair::RemoveAsset { asset: there.id, name: there.name.clone() };
                self.progress.repairs.push(repair);
            }
            return Standing::Missing;
        }
        if there.size != asset.size || there.digest.as_ref().is_some_and(|d| *d != asset.digest) {
            self.conflicts.push(differs(asset, there));
        }
        let evidence = match &there.digest {
            Some(digest) => format!("sha256 {}", digest.short()),
            None => format!("{} bytes; the forge tells no digest", there.size),
        };
        Standing::Done { evidence }
    }

    fn tag(&mut self, sign: Sign) -> Standing {
        let tag: &TagAt = match self.facts.tag.known() {
            Err(unseen) => return Standing::Unseen(unseen.clone()),
            Ok(None) => return Standing::Missing,
            Ok(Some(tag)) => tag,
        };
        if tag.commit != self.plan.commit {
            self.conflicts.push(Conflict::TagElsewhere {
                tag: self.plan.tag.clone(),
                wanted: self.plan.commit.clone(),
                found: tag.commit.clone(),
            });
        } else if !tag.annotated() && matches!(sign, Sign::Ssh | Sign::Gpg) {
            self.conflicts.push(Conflict::TagUnsigned { tag: self.plan.tag.clone() });
        }
        let kind = if tag.annotated() { "annotated" } else { "lightweight" };
        Standing::Done { evidence: format!("{kind}, at {}", tag.commit.short()) }
    }

    fn run(&self, run: &RunRules, key: &StepKey) -> Standing {
        if run.probe.is_some() {
            return match self.facts.probes.get(key) {
                Some(Seen::Known(true)) => Standing::Done { evidence: "its probe says so".into() },
                Some(Seen::Known(false)) => Standing::Missing,
                Some(Seen::Unseen(unseen)) => Standing::Unseen(unseen.clone()),
                None => Standing::Unseen(Unseen {
                    why: "its probe was not asked".into(),
                    help: None,
                    who: None,
                }),
            };
        }
        match self.facts.ledger.known() {
            Err(unseen) => Standing::Unseen(unseen.clone()),
            Ok(ledger) => ledger.did(key).map_or(Standing::Missing, |evidence| Standing::Done {
                evidence: format!("recorded: {}", evidence.text),
            }),
        }
    }

    /// What was begun is in doubt until the world shows it, or its absence: that a command without a
    /// probe is not there shows nowhere.
    fn doubts(&mut self) {
        let begun = self.facts.ledger.known().map_or_else(|_| Vec::new(), Ledger::in_doubt);
        for (_, planned) in self.plan.steps().filter(|(_, planned)| begun.contains(&&planned.key)) {
            let blind = matches!(&planned.step, Step::Run(run) if run.probe.is_none());
            let doubted = match self.progress.of(&planned.key) {
                Standing::Done { .. } => false,
                Standing::Missing => blind,
                Standing::Unseen(_) => true,
            };
            if doubted && planned.reach > Reach::Private {
                self.progress.doubted.push(planned.key.clone());
            }
        }
    }

    /// A published release cannot be completed any more.
    fn unpublished_assets(&mut self, place: &Place<'_>) {
        let Place::Published(release) = place else { return };
        let missing = |asset: &&Asset| {
            let there = release.assets.iter().find(|there| there.name == asset.name);
            there.is_none_or(|there| !there.uploaded)
        };
        let missing: Vec<String> =
            self.plan.assets().filter(missing).map(|asset| asset.name.clone()).collect();
        if !missing.is_empty() {
            let url = release.url.clone();
            self.conflicts.push(Conflict::PublishedIncomplete { url, missing });
        }
    }
}

fn differs(asset: &Asset, there: &RemoteAsset) -> Conflict {
    Conflict::AssetDiffers {
        name: asset.name.clone(),
        wanted: (asset.size, asset.digest.clone()),
        found: (there.size, there.digest.clone()),
    }
}

fn marked_commit(body: &str) -> Option<String> {
    let (_, rest) = body.split_once("<!-- tminus: tag=")?;
    let (_, rest) = rest.split_once(" commit=")?;
    rest.split_once(" -->").map(|(commit, _)| commit.chars().take(40).collect())
}

/// What differs between a plan that was kept and the one that holds now, a line each.
#[must_use]
pub fn difference(kept: &Plan, now: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    let mut field = |name: &str, kept: String, now: String| {
        if kept != now {
            lines.push(format!("{name}: {kept} -> {now}"));
        }
    };
    field("version", kept.version.to_string(), now.version.to_string());
    field("tag", kept.tag.to_string(), now.tag.to_string());
    field("commit", kept.commit.short().into(), now.commit.short().into());
    field("manifest", kept.manifest.short().into(), now.manifest.short().into());
    let previous = |plan: &Plan| plan.previous.as_ref().map_or("none".into(), ToString::to_string);
    field("previous", previous(kept), previous(now));
    let gates = |plan: &Plan| {
        let stages = plan.stages.iter();
        let stages = stages.map(|stage| format!("{}[{}]", stage.name, stage.gates.join(",")));
        stages.collect::<Vec<_>>().join(" ")
    };
    field("stages", gates(kept), gates(now));
    let steps = |plan: &'_ Plan| -> BTreeMap<StepKey, Planned> {
        plan.steps().map(|(_, planned)| (planned.key.clone(), planned.clone())).collect()
    };
    let (old, new) = (steps(kept), steps(now));
    lines.extend(old.keys().filter(|key| !new.contains_key(key)).map(|key| format!("- {key}")));
    lines.extend(new.keys().filter(|key| !old.contains_key(key)).map(|key| format!("+ {key}")));
    let changed = new.iter().filter(|(key, step)| old.get(key).is_some_and(|old| old != *step));
    lines.extend(changed.map(|(key, step)| {
        match (&step.step, old.get(key).map(|old| &old.step)) {
            (Step::Upload { asset: now }, Some(Step::Upload { asset: kept }))
                if now.digest != kept.digest =>
            {
                format!("~ {key}: sha256 {} -> {}", kept.digest.short(), now.digest.short())
            }
            _ => format!("~ {key}: its arguments differ"),
        }
    }));
    if lines.is_empty() && kept.digest() != now.digest() {
        lines.push("the order of the steps".into());
    }
    lines
}
