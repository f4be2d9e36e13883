//! The manifest as the rest of the program knows it: every default filled in, every value checked.

use super::node::Node;
use crate::base::names::{Digest, NameError, StageName, TagName};
use crate::base::source::{Source, Span, Spanned};
use globset::{Glob, GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

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
    /// How a version becomes a tag.
    pub tag: Spanned<TagTemplate>,
    /// Where the changes are told.
    pub changelog: ChangelogRules,
    /// The gates that were named, or `None` where the section is left out.
    pub gates: Option<Vec<GateEntry>>,
    /// The stages in order; never empty.
    pub stages: Vec<Stage>,
    /// What is written into workflows.
    pub workflow: WorkflowRules,
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
    /// Whether the action builds tminus rather than to fetch it.
    pub from_source: bool,
    /// Whether the workflow that releases is written.
    pub release: bool,
}

/// What jobs run on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner {
    /// A group of runners.
    pub group: Option<String>,
    /// Labels that one runner has all of; one at least if there is no group.
    pub labels: Vec<String>,
}

/// The place that hosts releases, checks and rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Forge {
    /// GitHub or GitHub Enterprise.
    GitHub,
    /// A plain git remote: tags, runs and the ledger only.
    None,
}

/// The `version` section.
#[derive(Debug, Clone)]
pub struct VersionRules {
    /// Files that carry the version; the first is the source. May be empty.
    pub files: Vec<Spanned<String>>,
    /// How the next version is chosen where no file carries it.
    pub policy: Policy,
    /// What a breaking change asks for below 1.0.
    pub zero: Bump,
    /// Kinds of commits that are known beside the usual ones.
    pub kinds: Vec<String>,
}

/// Who decides what the next version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Conventional commits since the last release.
    Commits,
    /// A person, with `--version`.
    Manual,
}

/// How far a version moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// `1.2.3` to `1.2.4`.
    Patch,
    /// `1.2.3` to `1.3.0`.
    Minor,
    /// `1.2.3` to `2.0.0`.
    Major,
}

/// The `changelog` section.
#[derive(Debug, Clone)]
pub struct ChangelogRules {
    /// Path in the repository.
    pub file: String,
    /// Whether the manifest names it: a named changelog must exist.
    pub declared: Option<Span>,
    /// Where release notes come from.
    pub style: ChangelogStyle,
}

/// Where release notes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangelogStyle {
    /// A file in the form of <https://keepachangelog.com>, written by people.
    KeepAChangelog,
    /// Made from the commits since the last release.
    Generated,
}

/// One line of the `gates` section.
#[derive(Debug, Clone)]
pub struct GateEntry {
    /// The gate's id as written.
    pub id: Spanned<String>,
    /// Whether its ruling counts.
    pub mode: Mode,
    /// Its settings, where they were given.
    pub settings: Option<Node>,
}

/// Whether a gate's ruling counts towards the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It counts.
    On,
    /// It is asked and shown, and does not count.
    Inform,
    /// It is not asked, and listed as off.
    Off,
}

/// A place a release can be in.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its name, unique in the manifest.
    pub name: Spanned<StageName>,
    /// Gates asked again on entering it.
    pub gates: Vec<Spanned<String>>,
    /// The environment that its job runs in.
    pub environment: Option<String>,
    /// Secrets that its commands find in their environment.
    pub secrets: Vec<String>,
    /// What is done there, as written.
    pub steps: Vec<Spanned<StepRules>>,
}

/// One entry of a stage's `steps`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepRules {
    /// A draft release with its assets.
    DraftRelease {
        /// Globs of files to upload, relative to the repository.
        assets: Vec<Spanned<Pattern>>,
        /// Whether a `SHA256SUMS` asset is added.
        checksums: bool,
    },
    /// The annotated tag.
    Tag {
        /// How it is signed.
        sign: Sign,
    },
    /// The draft becomes public.
    PublishRelease {
        /// Whether it becomes the latest release.
        latest: Latest,
    },
    /// A command of the user's.
    Run(RunRules),
}

/// How the tag is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sign {
    /// As git is configured (`tag.gpgSign`, `gpg.format`).
    Auto,
    /// Not signed.
    Off,
    /// With `ssh-keygen -Y sign`.
    Ssh,
    /// With gpg.
    Gpg,
}

/// Whether a release becomes the latest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Latest {
    /// When no higher final version exists on any line.
    Auto,
    /// Always.
    Yes,
    /// Never.
    No,
}

/// How far an effect carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// Only those who may write to the repository see it.
    Private,
    /// Everybody may see it; it can be taken back.
    Public,
    /// It cannot be taken back.
    Irreversible,
}

/// The settings of a `run` step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRules {
    /// Its name in plans; the command's first word where it is not given.
    pub name: String,
    /// The program and its arguments; no shell.
    pub command: Vec<String>,
    /// Says whether it is done: exit 0 done, 1 not done, anything else unknown.
    pub probe: Option<Vec<String>>,
    /// Run in its place by `tminus rehearse`.
    pub rehearse: Option<Vec<String>>,
    /// How far it carries.
    pub reach: Reach,
    /// Running it twice does no harm; needed where there is no probe.
    pub repeatable: bool,
    /// After how many seconds it is killed and counts as failed.
    pub timeout_seconds: u64,
}

/// A glob as written. `*` does not cross `/`; `**` does.
#[derive(Debug, Clone)]
pub struct Pattern {
    glob: Glob,
    /// Compiled when it is first needed: most names are compared as they are.
    matcher: OnceLock<GlobMatcher>,
}

impl Pattern {
    /// Parses a glob.
    ///
    /// # Errors
    /// When it is not one, with the reason.
    pub fn new(text: &str) -> Result<Self, globset::Error> {
        let glob = GlobBuilder::new(text).literal_separator(true).backslash_escape(true).build()?;
        Ok(Self { glob, matcher: OnceLock::new() })
    }

    /// Whether a name or a path with forward slashes fits.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let compiled = || self.matcher.get_or_init(|| self.glob.compile_matcher());
        self.as_str() == name || (self.is_wild() && compiled().is_match(name))
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.glob.glob()
    }

    /// Whether it has wildcards or escapes, so that it may match something else than itself.
    #[must_use]
    pub fn is_wild(&self) -> bool {
        self.as_str().contains(['*', '?', '[', '{', '\\'])
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Pattern {}

/// A tag's form, with `{version}` in it exactly once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagTemplate {
    prefix: String,
    suffix: String,
}

/// Why a text is not a tag template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `{version}` is missing or there twice.
    #[error("a tag needs `{{version}}` in it exactly once")]
    Version,
    /// Some version would give a name git refuses.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl TagTemplate {
    /// Parses `v{version}`.
    ///
    /// # Errors
    /// When `{version}` is not there exactly once, or git would refuse the tag's name.
    pub fn new(text: &str) -> Result<Self, TemplateError> {
        let (prefix, suffix) = text.split_once("{version}").ok_or(TemplateError::Version)?;
        if suffix.contains("{version}") {
            return Err(TemplateError::Version);
        }
        TagName::new(format!("{prefix}1.0.0{suffix}"))?;
        Ok(Self { prefix: prefix.into(), suffix: suffix.into() })
    }

    /// The tag of a version.
    ///
    /// # Errors
    /// When git would refuse the name.
    pub fn tag(&self, version: &semver::Version) -> Result<TagName, NameError> {
        TagName::new(format!("{}{version}{}", self.prefix, self.suffix))
    }

    /// The version that a tag of this form carries; `None` for any other tag.
    #[must_use]
    pub fn version(&self, tag: &str) -> Option<semver::Version> {
        let middle = tag.strip_prefix(&self.prefix)?.strip_suffix(&self.suffix)?;
        semver::Version::parse(middle).ok()
    }
}
