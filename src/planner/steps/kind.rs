//! A kind of step: its keys, its plan, when it is done, and its texts.
//!
//! How it is performed is in `drive::execute::steps`, under the same name.

use crate::base::names::{StageName, StepKey};
use crate::base::source::Spanned;
use crate::facts::{Facts, Unseen};
use crate::judge::moving::Moving;
use crate::judge::target::Target;
use crate::planner::standing::StepState;
use crate::planner::view::View;
use crate::project::manifest::{ErasedSettings, Pattern, StepShape, Touch};
use crate::release::ledger::Evidence;
use crate::release::plan::Plan;
use crate::release::step::{Asset, Command, Planned, Reach, Step};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::Any;

/// The input for planning the steps of a manifest.
pub(in crate::planner) struct Planning<'a> {
    /// The stage they are in.
    pub(in crate::planner) stage: &'a StageName,
    /// The version that is released.
    pub(in crate::planner) target: &'a Target,
    /// The release's notes, Markdown.
    pub(in crate::planner) notes: &'a str,
    /// The assets of the release.
    pub(in crate::planner) assets: &'a [Asset],
    /// Patterns of assets that are not built yet.
    pub(in crate::planner) awaited: &'a [String],
    /// The tags that it moves.
    pub(in crate::planner) moving: &'a [Moving],
}

/// What the number of requests of a step depends on.
#[derive(Debug, Clone, Copy)]
pub(in crate::planner) struct Requests {
    /// Requests to read the release once.
    pub(in crate::planner) look: usize,
    /// Requests for its assets, besides the release itself.
    pub(in crate::planner) asset_pages: usize,
}

/// The reason why a step is not done, if there is one.
pub(in crate::planner) type Denial = Result<Option<String>, Unseen>;

/// A kind of step. There is no `self`, so it cannot store a client.
pub(super) trait StepKind {
    /// Its name in plans.
    const NAME: &'static str;
    /// Its syntax in a manifest; `None` if only other kinds add it. Its name there may change; the
    /// one in plans does not.
    const WRITTEN: Option<StepShape>;
    /// What it changes.
    const TOUCHES: &'static [Touch];
    /// Whether it comes after all other steps of its stage with the same reach.
    const LAST: bool = false;
    /// Its settings in the manifest.
    type Settings: Any + Send + Sync;
    /// Its arguments in a plan: a sealed form, see [`Step`].
    type Arguments: Serialize + DeserializeOwned;

    /// The planned steps for these settings.
    fn plan(settings: &Self::Settings, planning: &Planning<'_>) -> Vec<Planned>;

    /// Whether it is done. Conflicts and repairs are added to the view.
    fn standing(arguments: &Self::Arguments, key: &StepKey, view: &mut View<'_>) -> StepState;

    /// Its title in reports.
    fn title(arguments: &Self::Arguments, plan: &Plan) -> String;

    /// Details to show while it is not done.
    fn detail(_: &Self::Arguments, _: &Plan, _: &Facts) -> String {
        String::new()
    }

    /// The actual state if it is not done, as a phrase after "but".
    fn absent(_: &Self::Arguments, _: &Plan) -> String {
        "it is not done".into()
    }

    /// Why it is not done although its state is `Done`, which may rely on the ledger.
    fn denied(_: &Self::Arguments, _: &Evidence, _: &Plan, _: &Facts) -> Denial {
        Ok(None)
    }

    /// The number of requests to the forge.
    fn requests(arguments: &Self::Arguments, requests: Requests) -> usize;

    /// The time that it may take in addition to the usual limit, in seconds.
    fn seconds(_: &Self::Arguments) -> u64 {
        0
    }

    /// The asset that it uploads.
    fn asset(_: Self::Arguments) -> Option<Asset> {
        None
    }

    /// The files that must be built before it can be performed, as patterns of the manifest.
    fn awaits(_: Self::Arguments) -> Vec<String> {
        Vec::new()
    }

    /// The notes that it publishes.
    fn notes(_: Self::Arguments) -> Option<String> {
        None
    }

    /// The command that it runs.
    fn command(_: Self::Arguments) -> Option<Command> {
        None
    }

    /// The tag that it moves, and its range.
    fn moves(_: Self::Arguments) -> Option<Moving> {
        None
    }

    /// The files in its settings.
    fn files(_: &Self::Settings) -> &[Spanned<Pattern>] {
        &[]
    }

    /// Whether it adds a file with the digests of all assets.
    fn sums(_: &Self::Settings) -> bool {
        false
    }

    /// The command in its settings.
    fn runs(_: &Self::Settings) -> Option<&Command> {
        None
    }
}

/// A planned step of this kind.
pub(super) fn step<K: StepKind>(key: &str, reach: Reach, arguments: &K::Arguments) -> Vec<Planned> {
    let step = Step::new(K::NAME, arguments);
    StepKey::new(key).ok().map(|key| Planned { key, reach, step }).into_iter().collect()
}

/// A kind without its types, for the registry.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Its name in plans.
    pub name: &'static str,
    /// Its syntax in a manifest.
    pub written: Option<StepShape>,
    /// What it changes.
    pub touches: &'static [Touch],
    pub(super) last: bool,
    pub(super) plan: fn(&ErasedSettings, &Planning<'_>) -> Vec<Planned>,
    pub(super) standing: fn(&Step, &StepKey, &mut View<'_>) -> StepState,
    pub(super) title: fn(&Step, &Plan) -> Option<String>,
    pub(super) detail: fn(&Step, &Plan, &Facts) -> String,
    pub(super) absent: fn(&Step, &Plan) -> Option<String>,
    pub(super) denied: fn(&Step, &Evidence, &Plan, &Facts) -> Denial,
    pub(super) requests: fn(&Step, Requests) -> usize,
    pub(super) seconds: fn(&Step) -> u64,
    pub(super) asset: fn(&Step) -> Option<Asset>,
    pub(super) awaits: fn(&Step) -> Vec<String>,
    pub(in crate::planner) notes: fn(&Step) -> Option<String>,
    pub(super) command: fn(&Step) -> Option<Command>,
    pub(super) moves: fn(&Step) -> Option<Moving>,
    pub(super) files: fn(&ErasedSettings) -> &[Spanned<Pattern>],
    pub(super) sums: fn(&ErasedSettings) -> bool,
    pub(super) runs: fn(&ErasedSettings) -> Option<&Command>,
}

impl Kind {
    /// Erases the types of a kind. If its arguments cannot be read, the step is unseen, never done.
    pub(super) const fn of<K: StepKind>() -> Self {
        Self {
            name: K::NAME,
            written: K::WRITTEN,
            touches: K::TOUCHES,
            last: K::LAST,
            plan: |settings, planning| {
                settings.get().map_or_else(Vec::new, |settings| K::plan(settings, planning))
            },
            standing: |step, key, view| match step.arguments() {
                Ok(arguments) => K::standing(&arguments, key, view),
                Err(error) => StepState::Unseen(Unseen {
                    why: format!("its arguments in the sealed plan cannot be read: {error}"),
                    help: Some(
                        "use the version of tminus that sealed the plan, or a newer one".into(),
                    ),
                    who: None,
                }),
            },
            title: |step, plan| Some(K::title(&step.arguments().ok()?, plan)),
            detail: |step, plan, facts| match step.arguments() {
                Ok(arguments) => K::detail(&arguments, plan, facts),
                Err(_) => String::new(),
            },
            absent: |step, plan| Some(K::absent(&step.arguments().ok()?, plan)),
            denied: |step, evidence, plan, facts| match step.arguments() {
                Ok(arguments) => K::denied(&arguments, evidence, plan, facts),
                Err(_) => Ok(None),
            },
            requests: |step, requests| match step.arguments() {
                Ok(arguments) => K::requests(&arguments, requests),
                Err(_) => 0,
            },
            seconds: |step| step.arguments().map_or(0, |arguments| K::seconds(&arguments)),
            asset: |step| K::asset(step.arguments().ok()?),
            awaits: |step| step.arguments().map_or_else(|_| Vec::new(), K::awaits),
            notes: |step| K::notes(step.arguments().ok()?),
            command: |step| K::command(step.arguments().ok()?),
            moves: |step| K::moves(step.arguments().ok()?),
            files: |settings| settings.get().map_or(&[], K::files),
            sums: |settings| settings.get().is_some_and(K::sums),
            runs: |settings| K::runs(settings.get()?),
        }
    }
}
