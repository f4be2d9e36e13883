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
    /// The project's name in headings; `None` if the manifest does not set it.
    pub name: Option<String>,
    /// Where releases are published.
    pub forge: Forge,
    /// Branches that releases can be made from.
    pub branches: Vec<Spanned<Pattern>>,
    /// How the version is determined.
    pub version: VersionRules,
    /// Whether the manifest sets the tag format.
    pub tag_is_stated: bool,
    /// How a version becomes a tag.
    pub tag: Spanned<TagTemplate>,
    /// Where the changes are described.
    pub changelog: ChangelogRules,
    /// The gates in the manifest; `None` if the section is missing.
    pub gates: Option<Vec<GateEntry>>,
    /// Gates whose result a rehearsal overrides with go. A manifest cannot set this.
    pub overruled: Vec<String>,
    /// The people who approve releases, accept scenarios and complete tasks.
    pub roles: Vec<Role>,
    /// The tasks for each release.
    pub tasks: Vec<Task>,
    /// When releases are allowed; `None` for any time.
    pub schedule: Option<Schedule>,
    /// The stages in order; never empty.
    pub stages: Vec<Stage>,
    /// What `tminus workflow` writes.
    pub workflow: WorkflowRules,
}

/// The placeholder in `branches` for a branch that is named for the version.
pub const LINE: &str = "{line}";

impl Manifest {
    /// The entry of `branches` that allows releases of a version from a branch. If the version is
    /// unknown, the branch can be named for any version.
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
    /// The role with a name.
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

    /// The formats of the tags that a release moves.
    pub fn moving_tags(&self) -> impl Iterator<Item = &Spanned<MovingTemplate>> {
        let steps = self.stages.iter().flat_map(|stage| &stage.steps);
        steps.flat_map(|step| (step.value.kind.moves)(&step.value.settings))
    }

    /// Whether a tag is a moving tag of the project with this name, so that it is not the tag of a
    /// release, even if it looks like a version.
    #[must_use]
    pub fn is_moving(&self, tag: &str, name: Option<&String>) -> bool {
        self.moving_tags().any(|moving| match name {
            Some(name) => moving.value.with_name(name).matches(tag),
            None => moving.value.matches(tag),
        })
    }

    /// Filters for a workflow's `on.push.tags` that match the tags of releases but not moving tags.
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
    /// The artifact that it uploads.
    pub artifact: String,
    /// Whether that workflow can create attestations.
    pub attest: bool,
    /// `runs-on`.
    pub runner: Runner,
    /// How long a job waits for checks, as it is written in the manifest.
    pub wait: String,
    /// The same in seconds.
    pub wait_seconds: u64,
    /// The action; `None` for the action of this version.
    pub action: Option<String>,
    /// Whether the action builds tminus instead of downloading it.
    pub from_source: bool,
    /// Whether the release workflow is written.
    pub release: bool,
    /// Whether the workflow that publishes the calendar is written.
    pub calendar: bool,
}

/// The runner of jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner {
    /// A group of runners.
    pub group: Option<String>,
    /// Labels that the runner must have; at least one if there is no group.
    pub labels: Vec<String>,
}

/// The `version` section.
#[derive(Debug, Clone)]
pub struct VersionRules {
    /// Files that contain the version; the first is the source. Can be empty.
    pub files: Vec<VersionSource>,
    /// The version scheme, if the manifest sets it.
    pub scheme: Option<Spanned<Scheme>>,
    /// How the next version is determined if no file contains it.
    pub policy: Policy,
    /// The bump that a breaking change requires below 1.0.
    pub zero: Bump,
    /// Additional commit types.
    pub kinds: Vec<String>,
}

impl VersionRules {
    /// Whether a person passes the version of each release: no file contains it, and it is not
    /// computed from commits.
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
    /// The pattern that matches the version; without it, the file type determines how the version
    /// is read.
    pub pattern: Option<LinePattern>,
    /// The file that contains the version in commits without that path.
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

/// How the next version is determined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// From the Conventional Commits since the last release.
    Commits,
    /// A person passes it with `--version`.
    Manual,
}

/// The `changelog` section.
#[derive(Debug, Clone)]
pub struct ChangelogRules {
    /// Path in the repository.
    pub file: PathTemplate,
    /// Whether the manifest sets the path: such a changelog must exist.
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
    /// The forge generates them.
    Forge,
    /// They are generated from the commits since the last release.
    Generated,
    /// There are none.
    None,
}

impl ChangelogStyle {
    /// Whether a file in the repository contains the notes.
    #[must_use]
    pub fn has_file(self) -> bool {
        match self {
            Self::KeepAChangelog | Self::Fragments => true,
            Self::Forge | Self::Generated | Self::None => false,
        }
    }
}

/// One entry of the `gates` section.
#[derive(Debug, Clone)]
pub struct GateEntry {
    /// The gate's id as written.
    pub id: Spanned<String>,
    /// Whether it can block a release or a merge.
    pub mode: Mode,
    /// Whether it must also be go for a rollback.
    pub back: bool,
    /// Its settings, parsed by the gate.
    pub settings: ErasedSettings,
}

/// Whether a gate can block a release or a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It can block a release or a merge.
    On,
    /// It is evaluated and shown, but blocks nothing.
    Inform,
    /// It is not evaluated, and listed as off.
    Off,
}

/// A stage of the release.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The name of the stage, unique in the manifest.
    pub name: Spanned<StageName>,
    /// Gates that run again when the stage starts.
    pub gates: Vec<Spanned<String>>,
    /// The environment that it releases to.
    pub environment: Option<StageEnvironment>,
    /// Secrets that its commands get as environment variables.
    pub secrets: Vec<String>,
    /// Its steps, as written.
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
    /// Whether it changes this.
    #[must_use]
    pub fn touches(&self, touch: Touch) -> bool {
        self.kind.touches.contains(&touch)
    }
}
