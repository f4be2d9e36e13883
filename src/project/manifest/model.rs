//! The manifest as the rest of the program uses it: every default filled in, every value checked.

use super::kinds::{ErasedSettings, Forge, SampleShape, StepShape, Touch};
use super::line_pattern::LinePattern;
use super::moving::MovingTemplate;
use super::path_template::PathTemplate;
use super::pattern::Pattern;
use super::people::{Role, Task, TaskProof};
use super::template::TagTemplate;
use crate::base::names::{Digest, EnvironmentName, RoleName, StageName};
use crate::base::source::{Source, Span, Spanned};
use crate::base::version::Version;
pub use crate::base::version::{Bump, Scheme};
use crate::project::branches::{is_line_of, is_some_line};
use crate::project::schedule::Schedule;
use serde::{Deserialize, Serialize};

/// A whole manifest.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The file it was read from.
    pub source: Source,
    /// SHA-256 of the file's text.
    pub digest: Digest,
    /// The project's name in headlines; the repository's folder or slug where it is not given.
    pub name: Option<String>,
    /// Where releases are published.
    pub forge: Forge,
    /// Branches that releases may be cut from.
    pub branches: Vec<Spanned<Pattern>>,
    /// How the version is found.
    pub version: VersionRules,
    /// Whether the manifest states that form.
    pub tag_is_stated: bool,
    /// How a version becomes a tag.
    pub tag: Spanned<TagTemplate>,
    /// Where the changes are described.
    pub changelog: ChangelogRules,
    /// The gates that were named, or `None` where the section is left out.
    pub gates: Option<Vec<GateEntry>>,
    /// Gates that a rehearsal overrules: they say go whatever they find. No manifest can name them.
    pub overruled: Vec<String>,
    /// The people who approve, accept and do tasks.
    pub roles: Vec<Role>,
    /// What has to be done for each release.
    pub tasks: Vec<Task>,
    /// When releases may be made; `None` for any time.
    pub schedule: Option<Schedule>,
    /// The stages in order; never empty.
    pub stages: Vec<Stage>,
    /// What is written into workflows.
    pub workflow: WorkflowRules,
}

/// The placeholder in `branches` for a branch that is named for the version.
pub const LINE: &str = "{line}";

impl Manifest {
    /// The entry of `branches` that allows releases of a version from a branch. If the version is not
    /// known, the branch may be named for any.
    #[must_use]
    pub fn allowing(&self, branch: &str, version: Option<&Version>) -> Option<&Pattern> {
        let allows = |pattern: &&Pattern| match (pattern.as_str() == LINE, version) {
            (true, Some(version)) => is_line_of(branch, version.numbers()),
            (true, None) => is_some_line(branch),
            (false, _) => pattern.matches(branch),
        };
        self.branches.iter().map(|pattern| &pattern.value).find(allows)
    }
}

impl Manifest {
    /// The role of a name.
    #[must_use]
    pub fn role(&self, name: &RoleName) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == *name)
    }

    /// Whether a release waits for statements of people: a stage or a gate's entry requires them, or a
    /// task is done by a role.
    #[must_use]
    pub fn asks_people(&self) -> bool {
        const ASK: [&str; 3] = ["approved", "accepted", "not-on-hold"];
        let in_stage = ASK.iter().any(|gate| self.first_stage_with(gate).is_some());
        let entries = self.gates.iter().flatten();
        let named = entries
            .into_iter()
            .any(|entry| entry.mode != Mode::Off && ASK.contains(&entry.id.value.as_str()));
        let task = |task: &Task| matches!(task.proof, TaskProof::Role(_));
        let has_roles = !self.roles.is_empty() && self.forge.has_releases();
        has_roles && (in_stage || named || self.tasks.iter().any(task))
    }

    /// The position of a stage among the stages.
    #[must_use]
    pub fn position(&self, name: &StageName) -> Option<usize> {
        self.stages.iter().position(|stage| stage.name.value == *name)
    }

    /// The stages that name a gate, in order.
    pub fn stages_with(&self, gate: &str) -> impl Iterator<Item = &StageName> {
        let names = move |stage: &&Stage| stage.gates.iter().any(|named| named.value == gate);
        self.stages.iter().filter(names).map(|stage| &stage.name.value)
    }

    /// The first stage that names a gate.
    #[must_use]
    pub fn first_stage_with(&self, gate: &str) -> Option<&StageName> {
        self.stages_with(gate).next()
    }

    /// The forms of the tags that a release moves.
    pub fn moving_tags(&self) -> impl Iterator<Item = &Spanned<MovingTemplate>> {
        let steps = self.stages.iter().flat_map(|stage| &stage.steps);
        steps.flat_map(|step| (step.value.kind.moves)(&step.value.settings))
    }

    /// Whether a tag moves with the releases of the project of this name, so that it is none of a
    /// release, whatever version it looks like.
    #[must_use]
    pub fn is_moving(&self, tag: &str, name: Option<&String>) -> bool {
        self.moving_tags().any(|moving| match name {
            Some(name) => moving.value.with_name(name).matches(tag),
            None => moving.value.matches(tag),
        })
    }

    /// Filters for the tags of releases without those that move, as a workflow's `on.push.tags` has
    /// them.
    #[must_use]
    pub fn tag_filters(&self) -> Vec<String> {
        let (filter, prefix) = (self.tag.value.filter(), self.tag.value.prefix());
        let moving = self.moving_tags().filter_map(|moving| moving.value.filter());
        let caught = moving
            .filter(|moving| filter == "**" || moving.starts_with(&format!("{prefix}[0-9]")))
            .map(|moving| format!("!{moving}"));
        [filter.clone()].into_iter().chain(caught).collect()
    }
}

/// The `workflow` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowRules {
    /// Path of the workflow that builds the assets.
    pub build: Option<String>,
    /// The artifact that it leaves.
    pub artifact: String,
    /// Whether that workflow may attest what it builds.
    pub attest: bool,
    /// `runs-on`.
    pub runner: Runner,
    /// How long the first job waits for checks, as it was written.
    pub wait: String,
    /// The same in seconds.
    pub wait_seconds: u64,
    /// The action; the one of this version where it is not given.
    pub action: Option<String>,
    /// Whether the action builds tminus instead of downloading it.
    pub from_source: bool,
    /// Whether the workflow that releases is written.
    pub release: bool,
    /// Whether the workflow that publishes the calendar is written.
    pub calendar: bool,
}

/// What jobs run on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner {
    /// A group of runners.
    pub group: Option<String>,
    /// Labels that the runner must all have; at least one if there is no group.
    pub labels: Vec<String>,
}

/// The `version` section.
#[derive(Debug, Clone)]
pub struct VersionRules {
    /// Files that carry the version; the first is the source. May be empty.
    pub files: Vec<VersionSource>,
    /// What versions mean and how they are written, if the manifest states it.
    pub scheme: Option<Spanned<Scheme>>,
    /// How the next version is determined if no file contains it.
    pub policy: Policy,
    /// The bump that a breaking change requires below 1.0.
    pub zero: Bump,
    /// Kinds of commits that are known beside the usual ones.
    pub kinds: Vec<String>,
}

impl VersionRules {
    /// Whether a person gives the version of each release: no file carries it, and commits do not
    /// decide it.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.files.is_empty() && self.policy == Policy::Manual
    }
}

/// A file that contains the version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionSource {
    /// Its path in the repository.
    pub path: Spanned<String>,
    /// What finds the version in it; a file without one is read by its kind.
    pub pattern: Option<LinePattern>,
    /// The file that has the version in commits without that path.
    pub former: Option<Spanned<String>>,
}

impl VersionSource {
    /// The former file, which is read in the same way.
    #[must_use]
    pub fn before(&self) -> Option<Self> {
        let path = self.former.clone()?;
        Some(Self { path, pattern: self.pattern.clone(), former: None })
    }
}

/// Who decides what the next version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Conventional commits since the last release.
    Commits,
    /// A person, with `--version`.
    Manual,
}

/// The `changelog` section.
#[derive(Debug, Clone)]
pub struct ChangelogRules {
    /// Path in the repository.
    pub file: PathTemplate,
    /// Whether the manifest names it: a named changelog must exist.
    pub declared: Option<Span>,
    /// Where release notes come from.
    pub style: ChangelogStyle,
    /// The folder of fragments.
    pub fragments: String,
}

/// Where release notes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangelogStyle {
    /// A file that people write, parsed according to the style of the file.
    KeepAChangelog,
    /// The same file, which a tool writes from one file for each change.
    Fragments,
    /// The forge makes them.
    Forge,
    /// Made from the commits since the last release.
    Generated,
    /// There are none.
    None,
}

impl ChangelogStyle {
    /// Whether a file in the repository has the notes.
    #[must_use]
    pub fn has_file(self) -> bool {
        match self {
            Self::KeepAChangelog | Self::Fragments => true,
            Self::Forge | Self::Generated | Self::None => false,
        }
    }
}

/// One line of the `gates` section.
#[derive(Debug, Clone)]
pub struct GateEntry {
    /// The gate's id as written.
    pub id: Spanned<String>,
    /// Whether it can block a release or a merge.
    pub mode: Mode,
    /// Whether it must say go for a rollback too.
    pub back: bool,
    /// Its settings, as the gate reads them.
    pub settings: ErasedSettings,
}

/// Whether a gate counts towards the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It counts.
    On,
    /// It is evaluated and shown, but does not count.
    Inform,
    /// It is not evaluated, and listed as off.
    Off,
}

/// A stage of the release.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its name, unique in the manifest.
    pub name: Spanned<StageName>,
    /// Gates that run again when the stage starts.
    pub gates: Vec<Spanned<String>>,
    /// The environment that it releases to.
    pub environment: Option<StageEnvironment>,
    /// Secrets that its commands find in their environment.
    pub secrets: Vec<String>,
    /// What is done there, as written.
    pub steps: Vec<Spanned<StepEntry>>,
    /// How its result is verified.
    pub verify: Option<Verify>,
    /// How long it must stay verified until the next stage can be entered, in seconds.
    pub soak_seconds: u64,
}

impl Stage {
    /// The time between two rounds of samples, in seconds; `None` if nothing is verified.
    #[must_use]
    pub fn every_seconds(&self) -> Option<u64> {
        let verify = self.verify.as_ref()?;
        Some(verify.every_seconds.unwrap_or_else(|| match self.soak_seconds {
            0 => 60,
            soak => (soak / 24).clamp(60, 3_600).min(soak),
        }))
    }

    /// The name of its environment.
    #[must_use]
    pub fn environment_name(&self) -> Option<&str> {
        self.environment.as_ref().map(|environment| environment.name.as_str())
    }
}

/// The `environment` of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageEnvironment {
    /// Its name on the forge.
    pub name: EnvironmentName,
    /// Whether it must have a protection rule.
    pub protected: bool,
    /// The URL of what is deployed there.
    pub url: Option<String>,
}

/// The `verify` section of a stage.
#[derive(Debug, Clone)]
pub struct Verify {
    /// What is sampled.
    pub samples: Vec<SampleEntry>,
    /// Seconds between rounds of samples; if not set, it follows from the soak.
    pub every_seconds: Option<u64>,
    /// Seconds of unbroken success until the stage is verified.
    pub steady_seconds: u64,
    /// Seconds from the first round until it must be verified.
    pub deadline_seconds: Option<u64>,
    /// How many failed rounds in a row are tolerated.
    pub failures: u32,
    /// How many inconclusive rounds in a row are tolerated.
    pub inconclusive: u32,
    /// How many rounds in a row with an error are tolerated.
    pub errors: u32,
}

/// One sample, as its kind reads it.
#[derive(Debug, Clone)]
pub struct SampleEntry {
    /// Its kind.
    pub kind: SampleShape,
    /// Its settings.
    pub settings: ErasedSettings,
}

/// One step of a stage, as its kind reads it.
#[derive(Debug, Clone)]
pub struct StepEntry {
    /// Its kind.
    pub kind: StepShape,
    /// Its settings.
    pub settings: ErasedSettings,
}

impl StepEntry {
    /// Whether it changes this of the world.
    #[must_use]
    pub fn touches(&self, touch: Touch) -> bool {
        self.kind.touches.contains(&touch)
    }
}
