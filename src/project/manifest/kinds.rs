//! What the manifest's reader must know about every gate, step kind and forge.
//!
//! Each is declared in its own file below, and passed to the reader as [`Kinds`]: the manifest has
//! no list of them.

use super::moving::MovingTemplate;
use super::node::{Node, Value};
use super::reader::Reader;
use super::shape::Shape;
use crate::base::finding::Finding;
use crate::base::source::{Span, Spanned};
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// Parsed settings whose type is known only to their own gate or step kind.
#[derive(Clone)]
pub struct ErasedSettings(Arc<dyn Any + Send + Sync>);

impl ErasedSettings {
    /// Wraps settings.
    #[must_use]
    pub fn new<T: Any + Send + Sync>(settings: T) -> Self {
        Self(Arc::new(settings))
    }

    /// The settings, if they are of this type.
    #[must_use]
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

impl fmt::Debug for ErasedSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}

/// Reads settings whose form was checked, every default filled in; `None` if a value does not
/// parse, which is an error and never falls back to the default.
pub(super) type Read = fn(&Reader<'_>) -> Option<ErasedSettings>;

/// A gate as the manifest knows it.
#[derive(Debug, Clone, Copy)]
pub struct GateShape {
    /// As it is written.
    pub id: &'static str,
    /// The question that it answers.
    pub asks: &'static str,
    /// Its settings, always a [`Shape::Object`].
    pub settings: &'static Shape<'static>,
    /// Reads them.
    pub read: Read,
}

impl GateShape {
    /// Whether it cannot run without settings.
    #[must_use]
    pub fn needs_settings(&self) -> bool {
        let Shape::Object(fields) = self.settings else { return false };
        fields.iter().any(|field| field.required)
    }
}

/// A kind of verification sample as the manifest knows it.
#[derive(Debug, Clone, Copy)]
pub struct SampleShape {
    /// As it is written.
    pub name: &'static str,
    /// One or two sentences of Markdown.
    pub doc: &'static str,
    /// Its settings, always a [`Shape::Object`].
    pub settings: &'static Shape<'static>,
    /// What is wrong with one sample as it is written, and the label at its place.
    pub fault: fn(&WrittenStep<'_>) -> Option<(Finding, &'static str)>,
    /// Reads the settings.
    pub read: Read,
}

impl PartialEq for SampleShape {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// A step kind as the manifest knows it.
#[derive(Debug, Clone, Copy)]
pub struct StepShape {
    /// As it is written.
    pub name: &'static str,
    /// One or two sentences of Markdown.
    pub doc: &'static str,
    /// Its settings: a [`Shape::Object`], or a [`Shape::List`].
    pub settings: &'static Shape<'static>,
    /// Whether it can be written as its bare name.
    pub bare: bool,
    /// How often it may occur in a manifest.
    pub times: Times,
    /// What it changes.
    pub touches: &'static [Touch],
    /// Which other steps must come before it.
    pub after: &'static [Predecessor],
    /// What is wrong with one step as it is written, in this manifest.
    pub faults: fn(&WrittenStep<'_>, &Node) -> Vec<StepFault>,
    /// The tags that it moves.
    pub moves: fn(&ErasedSettings) -> &[Spanned<MovingTemplate>],
    /// Whether a manifest without `stages` has it, where its forge allows it.
    pub usual: bool,
    /// Reads the settings.
    pub read: Read,
}

impl PartialEq for StepShape {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// What is wrong with a step.
#[derive(Debug)]
pub struct StepFault {
    /// What.
    pub finding: Finding,
    /// Where.
    pub at: Span,
    /// What is said at that place.
    pub label: &'static str,
}

/// How often a manifest may hold a step.
#[derive(Debug, Clone, Copy)]
pub enum Times {
    /// Once.
    Once,
    /// Several times, if the names within a stage differ; returns the name of a step.
    Named(fn(&WrittenStep<'_>) -> Option<String>),
}

/// What a step changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Touch {
    /// The draft of the release on the forge.
    Draft,
    /// A file of the draft.
    Asset,
    /// The tag.
    Tag,
    /// The release becomes public.
    Publication,
    /// A tag that follows the releases of a range.
    MovingTag,
    /// Whatever a command of the user's changes.
    Command,
    /// What is in an environment.
    Environment,
    /// Nothing: it takes verification samples.
    Samples,
}

impl Touch {
    /// Whether it is on the forge.
    #[must_use]
    pub fn on_forge(self) -> bool {
        match self {
            Self::Draft | Self::Asset | Self::Publication => true,
            Self::Tag | Self::MovingTag | Self::Command | Self::Environment | Self::Samples => {
                false
            }
        }
    }
}

/// A forge as the manifest knows it. Each is declared by its folder of `adapters/forge`, and handed
/// to the reader.
#[derive(Debug, Clone, Copy)]
pub struct Forge {
    /// As it is written.
    pub name: &'static str,
    /// What it is, a few words.
    pub doc: &'static str,
    /// What it hosts.
    pub hosts: ForgeFeatures,
    /// How many characters the notes of a release may have, if there is a limit.
    pub longest_notes: Option<usize>,
    /// What it calls things, and what grants its permissions.
    pub words: &'static ForgeMessages,
}

/// The words of a forge, for people: what gates say of it.
#[derive(Debug)]
pub struct ForgeMessages {
    /// Its name, as the subject of a sentence.
    pub name: &'static str,
    /// After about so many days it forgets checks, if it ever does.
    pub keeps_checks: Option<i64>,
    /// What in a commit's message keeps it from starting CI, in lowercase.
    pub skips: &'static [&'static str],
    /// The name of the CI host's own token.
    pub job_token: &'static str,
    /// How to pass a token to tminus, if there is no suitable one.
    pub set_token: &'static str,
    /// What gives the CI host's own token permission to write contents.
    pub grant_job: &'static str,
    /// How to grant a GitHub App token the permission to write contents.
    pub grant_app: &'static str,
    /// What gives a token with scopes permission to write contents.
    pub grant_scopes: &'static str,
    /// What gives a token with its own permissions permission to write contents.
    pub grant_token: &'static str,
    /// What gives a token of an unknown type permission to write contents.
    pub grant_unknown: &'static str,
    /// What gives a key permission to push.
    pub grant_key: &'static str,
    /// What gives git's own credentials permission to push.
    pub grant_helper: &'static str,
    /// Who else can create a tag that the CI host's own token cannot create.
    pub bypass_job: &'static str,
    /// What to do if the CI host's own token cannot create a tag on a commit that changes workflow
    /// files.
    pub workflows_job: &'static str,
}

/// What a forge hosts besides git.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForgeFeatures {
    /// Releases, checks and rules.
    Releases,
    /// Nothing: a release is a tag, commands and the ledger.
    Nothing,
}

impl Forge {
    /// Whether it hosts releases, checks and rules.
    #[must_use]
    pub fn has_releases(&self) -> bool {
        self.hosts == ForgeFeatures::Releases
    }
}

impl PartialEq for Forge {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Forge {}

/// Another step that must come before.
#[derive(Debug, Clone, Copy)]
pub enum Predecessor {
    /// It must be there.
    Required {
        /// Its name in a manifest.
        step: &'static str,
        /// What it is needed for, continuing "has no … to".
        to: &'static str,
    },
    /// If it is there.
    IfPresent(&'static str),
}

/// Every gate, every step kind and every forge.
#[derive(Debug, Clone, Default)]
pub struct Kinds {
    /// The gates, in the order of the report.
    pub gates: Vec<GateShape>,
    /// The step kinds, in the order of the reference page.
    pub steps: Vec<StepShape>,
    /// The kinds of verification samples, in the order of the reference page.
    pub samples: Vec<SampleShape>,
    /// The forges, the usual one first.
    pub forges: Vec<Forge>,
}

impl Kinds {
    /// The forge of a manifest that names none.
    #[must_use]
    pub fn usual(&self) -> Option<&'static str> {
        self.forges.first().map(|forge| forge.name)
    }
}

/// One entry of `steps` as it is written: a bare name, or a mapping of one name to settings.
#[derive(Debug, Clone, Copy)]
pub struct WrittenStep<'n> {
    /// Its name, known or not.
    pub name: &'n str,
    /// Where the name is written.
    pub at: Span,
    /// Its settings, if it has any.
    pub settings: Option<&'n Node>,
}

impl<'n> WrittenStep<'n> {
    /// Reads either form.
    #[must_use]
    pub fn read(node: &'n Node) -> Option<Self> {
        match &node.value {
            Value::Text(name) => Some(Self { name, at: node.span, settings: None }),
            Value::Map(entries) => {
                let (key, settings) = entries.first()?;
                Some(Self { name: &key.value, at: key.span, settings: Some(settings) })
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) => None,
        }
    }

    /// What is written under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.settings?.get(key)
    }
}
