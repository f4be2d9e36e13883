//! A gate: an id, a question, the facts that it needs, and a pure function from a case to a ruling.

use crate::base::finding::{Finding, Who};
use crate::base::names::StageName;
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;
use crate::judge::target::Target;
use crate::project::manifest::{ErasedSettings, GateEntry, GateShape, Manifest, Reader, Shape};
use std::any::Any;

/// A fact that a gate needs. `observe` reads the union of the needs of all gates that run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// Tags and the commits since the last release.
    History,
    /// Version files, lock files and the changelog at the commit.
    Files,
    /// The branch that the commit is on.
    Branch,
    /// Whether tracked files differ from `HEAD`.
    WorkTree,
    /// The tag of the version to release.
    Tag,
    /// What CI reported; from the forge.
    Checks,
    /// What the branch's rules require; from the forge.
    Rules,
    /// What CI reported on commits with the same tree; from the forge.
    SameTree,
    /// The push that added the commit, and the files that it changed, from the forge. Requested
    /// only if a workflow file has path filters.
    Push,
    /// Open issues and pull requests that block the release; from the forge.
    Blockers,
    /// Open issues that testers reported; from the forge.
    Feedback,
    /// Workflow files at the commit, if the forge has checks.
    Workflows,
    /// What people said about the release, and their roles; from the ledger and the forge.
    People,
    /// When the commit was merged; from the forge.
    Merged,
    /// The permissions of the credentials; from the forge and the remote.
    Rights,
}

/// The purpose for which the gates run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Occasion {
    /// To check whether the branch can still be released after a merge.
    Merge,
    /// To check whether the commit is ready.
    #[default]
    Check,
    /// To release the commit, or to plan its release.
    Release,
}

impl Need {
    /// Whether the fact comes from the forge.
    #[must_use]
    pub fn is_remote(self) -> bool {
        match self {
            Self::Checks
            | Self::Rules
            | Self::SameTree
            | Self::Push
            | Self::People
            | Self::Merged
            | Self::Blockers
            | Self::Feedback
            | Self::Rights => true,
            Self::History
            | Self::Files
            | Self::Branch
            | Self::WorkTree
            | Self::Tag
            | Self::Workflows => false,
        }
    }
}

/// Whether the manifest names a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestEntry {
    /// It has an entry under `gates`.
    Named,
    /// It has no entry.
    Unnamed,
}

/// One gate's rule. There is no `self`, so it cannot store a client.
pub trait Rule {
    /// Its name in the manifest.
    const ID: &'static str;
    /// The question that it answers.
    const ASKS: &'static str;
    /// Its page, Markdown.
    const PAGE: &'static str;
    /// The occasions on which it runs.
    const AT: &'static [Occasion] = &[Occasion::Merge, Occasion::Check, Occasion::Release];
    /// The additional occasions on which it runs if the manifest names it.
    const NAMED_AT: &'static [Occasion] = &[];
    /// Whether a waiver can cover it.
    const WAIVABLE: bool = true;
    /// Whether a waiver can cover single findings. A gate that reports only its first or worst
    /// findings may hide others.
    const SPLITS: bool = false;
    /// Whether its hold ends at a known time, without anyone doing anything.
    const ENDS_BY_ITSELF: bool = false;
    /// Its settings, every default filled in; `()` if it has none.
    type Settings: GateSettings;

    /// The facts that it needs.
    fn needs(settings: &Self::Settings) -> Vec<Need>;

    /// Whether the manifest has anything for the gate to evaluate; if not, it needs no facts.
    fn concerns(_: &Manifest) -> bool {
        true
    }

    /// Whether its settings allow an occasion.
    fn runs_at(_: &Self::Settings, _: Occasion) -> bool {
        true
    }

    /// Whether it runs if the manifest does not name it.
    fn by_default(_: &Case<'_>) -> bool {
        true
    }

    /// The stage before which it runs; `None` if it runs from the start.
    fn before(_: &Case<'_>) -> Option<StageName> {
        None
    }

    /// The ruling.
    fn rule(case: &Case<'_>, settings: &Self::Settings) -> Ruling;

    /// Further notes, regardless of the ruling. They block nothing.
    fn notes(_: &Case<'_>, _: &Self::Settings) -> Vec<Finding> {
        Vec::new()
    }

    /// The ruling without the findings that waivers cover, if the gate supports this.
    fn without(case: &Case<'_>, settings: &Self::Settings, _: &Covered<'_>) -> Ruling {
        Self::rule(case, settings)
    }
}

/// Whether a waiver covers a finding.
pub type Covered<'c> = dyn Fn(&Finding) -> bool + 'c;

/// The settings of a gate in the manifest.
pub trait GateSettings: Any + Send + Sync + Sized {
    /// Their shape, always a [`Shape::Object`].
    const SHAPE: Shape<'static>;

    /// Reads settings that were validated against [`Self::SHAPE`]; `None` if a value cannot be
    /// parsed.
    fn read(reader: &Reader<'_>) -> Option<Self>;
}

impl GateSettings for () {
    const SHAPE: Shape<'static> = Shape::Object(&[]);

    fn read(_: &Reader<'_>) -> Option<Self> {
        Some(())
    }
}

/// A rule's settings in the manifest, or the defaults.
pub(super) fn typed<R: Rule>(manifest: &Manifest) -> Option<ErasedSettings> {
    Gate::of::<R>().settings(manifest)
}

/// A rule without its type, for the registry.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// Its name in the manifest.
    pub id: &'static str,
    /// The question that it answers.
    pub asks: &'static str,
    /// Its page, Markdown.
    pub page: &'static str,
    /// The occasions on which it runs.
    pub at: &'static [Occasion],
    /// The additional occasions on which it runs if the manifest names it.
    pub named_at: &'static [Occasion],
    /// Whether a waiver can cover it.
    pub waivable: bool,
    /// Whether a waiver can cover single findings.
    pub splits: bool,
    /// Whether its hold ends at a known time, without anyone doing anything.
    pub ends_by_itself: bool,
    runs_at: fn(&ErasedSettings, Occasion) -> bool,
    concerns: fn(&Manifest) -> bool,
    /// The facts that it needs.
    needs: fn(&ErasedSettings) -> Vec<Need>,
    /// The shape of its settings.
    pub settings: &'static Shape<'static>,
    read: fn(&Reader<'_>) -> Option<ErasedSettings>,
    /// Whether it runs if the manifest does not name it.
    pub by_default: fn(&Case<'_>) -> bool,
    /// The stage before which it runs; `None` if it runs from the start.
    pub before: fn(&Case<'_>) -> Option<StageName>,
    rule: fn(&Case<'_>, &ErasedSettings) -> Ruling,
    notes: fn(&Case<'_>, &ErasedSettings) -> Vec<Finding>,
    without: fn(&Case<'_>, &ErasedSettings, &Covered<'_>) -> Ruling,
}

impl Gate {
    /// Erases the type of a rule.
    #[must_use]
    pub const fn of<R: Rule>() -> Self {
        Self {
            id: R::ID,
            asks: R::ASKS,
            page: R::PAGE,
            at: R::AT,
            named_at: R::NAMED_AT,
            waivable: R::WAIVABLE,
            splits: R::SPLITS,
            ends_by_itself: R::ENDS_BY_ITSELF,
            runs_at: |settings, occasion| {
                settings.get().is_none_or(|settings| R::runs_at(settings, occasion))
            },
            concerns: R::concerns,
            needs: |settings| settings.get().map_or_else(Vec::new, R::needs),
            settings: &R::Settings::SHAPE,
            read: |reader| R::Settings::read(reader).map(ErasedSettings::new),
            by_default: R::by_default,
            before: R::before,
            rule: |case, settings| match settings.get() {
                Some(settings) => R::rule(case, settings),
                None => unset(R::ID),
            },
            notes: |case, settings| {
                settings.get().map_or_else(Vec::new, |settings| R::notes(case, settings))
            },
            without: |case, settings, covered| match settings.get() {
                Some(settings) => R::without(case, settings, covered),
                None => unset(R::ID),
            },
        }
    }

    /// Whether it runs on an occasion, given whether the manifest names it.
    #[must_use]
    pub fn is_asked(&self, occasion: Occasion, named: ManifestEntry) -> bool {
        let besides = named == ManifestEntry::Named && self.named_at.contains(&occasion);
        self.at.contains(&occasion) || besides
    }

    /// Whether its settings allow an occasion.
    #[must_use]
    pub fn allows(&self, manifest: &Manifest, occasion: Occasion) -> bool {
        self.settings(manifest).is_none_or(|settings| (self.runs_at)(&settings, occasion))
    }

    /// Its settings in the manifest, or the defaults.
    fn settings(&self, manifest: &Manifest) -> Option<ErasedSettings> {
        match self.entry(manifest) {
            Some(entry) => Some(entry.settings.clone()),
            None => (self.read)(&Reader::new(self.settings, None)),
        }
    }

    /// Its entry in the manifest.
    #[must_use]
    pub fn entry<'m>(&self, manifest: &'m Manifest) -> Option<&'m GateEntry> {
        manifest.gates.iter().flatten().find(|entry| entry.id.value == self.id)
    }

    /// Whether the manifest has an entry for it.
    pub(super) fn is_named(&self, manifest: &Manifest) -> bool {
        self.entry(manifest).is_some()
    }

    /// The facts that it needs.
    #[must_use]
    pub fn needs(&self, manifest: &Manifest) -> Vec<Need> {
        let settings = self.settings(manifest).filter(|_| (self.concerns)(manifest));
        settings.map_or_else(Vec::new, |settings| (self.needs)(&settings))
    }

    /// Its ruling.
    #[must_use]
    pub fn rule(&self, case: &Case<'_>) -> Ruling {
        match self.settings(case.manifest) {
            Some(settings) => (self.rule)(case, &settings),
            None => unset(self.id),
        }
    }

    /// What else there is to say.
    pub(super) fn notes(&self, case: &Case<'_>) -> Vec<Finding> {
        let settings = self.settings(case.manifest);
        settings.map_or_else(Vec::new, |settings| (self.notes)(case, &settings))
    }

    /// Its ruling without the findings that are covered.
    pub(super) fn without(&self, case: &Case<'_>, covered: &Covered<'_>) -> Ruling {
        match self.settings(case.manifest) {
            Some(settings) => (self.without)(case, &settings, covered),
            None => unset(self.id),
        }
    }

    /// Its name and settings, for reading a manifest.
    #[must_use]
    pub const fn shape(&self) -> GateShape {
        GateShape { id: self.id, asks: self.asks, settings: self.settings, read: self.read }
    }
}

/// A gate that needs settings and has none.
fn unset(gate: &str) -> Ruling {
    let finding = Finding::new("it has no settings")
        .help(format!("set it under `gates.{gate}` in the manifest"))
        .who(Who::Author);
    Ruling::unknown(finding)
}

/// Why a development version is not released.
pub(super) fn not_due(target: &Target, path: &str) -> String {
    format!("no release is due: {} in `{path}` is a development version", target.version)
}
