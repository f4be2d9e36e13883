//! What the manifest reader must know about every gate, step kind and forge.
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

/// Reads validated settings, with all defaults filled in; `None` if a value cannot be parsed, which
/// is an error and never falls back to the default.
pub(super) type Read = fn(&Reader<'_>) -> Option<ErasedSettings>;

/// A gate, as far as the manifest reader needs it.
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

/// A kind of verification sample, as far as the manifest reader needs it.
#[derive(Debug, Clone, Copy)]
pub struct SampleShape {
    /// As it is written.
    pub name: &'static str,
    /// One or two sentences of Markdown.
    pub doc: &'static str,
    /// Its settings, always a [`Shape::Object`].
    pub settings: &'static Shape<'static>,
    /// Validates one sample; returns the error and the label at its location.
    pub fault: fn(&WrittenStep<'_>) -> Option<(Finding, &'static str)>,
    /// Reads the settings.
    pub read: Read,
}

impl PartialEq for SampleShape {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// A step kind, as far as the manifest reader needs it.
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
    /// How often it can occur in a manifest.
    pub times: Times,
    /// What it changes.
    pub touches: &'static [Touch],
    /// The steps that must come before it.
    pub after: &'static [Predecessor],
    /// Validates one step in this manifest.
    pub faults: fn(&WrittenStep<'_>, &Node) -> Vec<StepFault>,
    /// The tags that it moves.
    pub moves: fn(&ErasedSettings) -> &[Spanned<MovingTemplate>],
    /// Whether a manifest without `stages` has it, if the forge supports it.
    pub usual: bool,
    /// Reads the settings.
    pub read: Read,
}

impl PartialEq for StepShape {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// An error in a step.
#[derive(Debug)]
pub struct StepFault {
    /// What.
    pub finding: Finding,
    /// Where.
    pub at: Span,
    /// The label at that location.
    pub label: &'static str,
}

/// How often a manifest can contain a step.
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
    /// Whatever a user's command changes.
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

/// A forge, as far as the manifest reader needs it. Each is declared in its folder in
/// `adapters/forge` and passed to the reader.
#[derive(Debug, Clone, Copy)]
pub struct Forge {
    /// As it is written.
    pub name: &'static str,
    /// What it is, a few words.
    pub doc: &'static str,
    /// The services that it provides.
    pub hosts: ForgeFeatures,
    /// The maximum length of release notes, in characters, if there is a limit.
    pub longest_notes: Option<usize>,
    /// Its terms, and how to grant its permissions.
    pub words: &'static ForgeMessages,
}

/// The texts of a forge, for the messages of gates.
#[derive(Debug)]
pub struct ForgeMessages {
    /// Its name, as the subject of a sentence.
    pub name: &'static str,
    /// After about how many days it deletes checks, if it does.
    pub keeps_checks: Option<i64>,
    /// Texts in a commit message that prevent it from starting CI, in lowercase.
    pub skips: &'static [&'static str],
    /// The name of the CI host's own token.
    pub job_token: &'static str,
    /// How to pass a token to tminus, if there is no suitable one.
    pub set_token: &'static str,
    /// How to grant the CI host's own token the permission to write contents.
    pub grant_job: &'static str,
    /// How to grant a GitHub App token the permission to write contents.
    pub grant_app: &'static str,
    /// How to grant a token with scopes the permission to write contents.
    pub grant_scopes: &'static str,
    /// How to grant a token with its own permissions the permission to write contents.
    pub grant_token: &'static str,
    /// How to grant a token of an unknown type the permission to write contents.
    pub grant_unknown: &'static str,
    /// How to grant a key the permission to push.
    pub grant_key: &'static str,
    /// How to grant git's own credentials the permission to push.
    pub grant_helper: &'static str,
    /// Who else can create a tag that the CI host's own token cannot create.
    pub bypass_job: &'static str,
    /// What to do if the CI host's own token cannot create a tag on a commit that changes workflow
    /// files.
    pub workflows_job: &'static str,
}

/// The services that a forge provides besides git.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForgeFeatures {
    /// Releases, checks and rules.
    Releases,
    /// None: a release consists of a tag, commands and the ledger.
    Nothing,
}

impl Forge {
    /// Whether it provides releases, checks and rules.
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
    /// It is required.
    Required {
        /// Its name in a manifest.
        step: &'static str,
        /// What it is needed for, continuing "has no … to".
        to: &'static str,
    },
    /// It must come before, if it exists.
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
    /// The forges, the default first.
    pub forges: Vec<Forge>,
}

impl Kinds {
    /// The forge of a manifest that names none.
    #[must_use]
    pub fn usual(&self) -> Option<&'static str> {
        self.forges.first().map(|forge| forge.name)
    }
}

/// One entry of `steps`: only a name, or a mapping of one name to its settings.
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
    /// Reads both forms.
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

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.settings?.get(key)
    }
}
