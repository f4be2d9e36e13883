//! What a gate is: an id, a question, what it needs to see, and a pure function to a ruling.

use crate::facts::Facts;
use crate::judge::ruling::Ruling;
use crate::project::manifest::{GateShape, Manifest, Node, Shape};

/// Something a gate must see. `observe` fetches the union over the gates that are asked.
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
    /// The tag of the version at stake.
    Tag,
    /// What CI reported; from the forge.
    Checks,
    /// What the branch's rules require; from the forge.
    Rules,
    /// What CI reported on commits with the same tree; from the forge.
    Twins,
    /// The push that brought the commit, and what it changed; from the forge. Asked only where a
    /// workflow file has path filters.
    Push,
    /// Workflow files at the commit, where the forge is asked.
    Workflows,
    /// What the credentials reach; from the forge and the remote.
    Rights,
}

/// What the gates are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Occasion {
    /// To know whether a merge would leave the branch releasable.
    Merge,
    /// To know whether the commit is ready.
    #[default]
    Check,
    /// To release it, or to plan that.
    Release,
}

impl Need {
    /// Whether only the forge can tell.
    #[must_use]
    pub fn is_remote(self) -> bool {
        match self {
            Self::Checks | Self::Rules | Self::Twins | Self::Push | Self::Rights => true,
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
pub enum Naming {
    /// It has an entry under `gates`.
    Named,
    /// It does not.
    Unnamed,
}

/// One gate's rule. There is no `self`: it has nowhere to keep a client.
pub trait Rule {
    /// As it is written in the manifest.
    const ID: &'static str;
    /// The question that it answers.
    const ASKS: &'static str;
    /// Its page, Markdown.
    const PAGE: &'static str;
    /// When it is asked.
    const AT: &'static [Occasion] = &[Occasion::Merge, Occasion::Check, Occasion::Release];
    /// When it is asked besides, where the manifest names it.
    const NAMED_AT: &'static [Occasion] = &[];
    /// The form of its settings, always a [`Shape::Object`].
    const SETTINGS: Shape<'static>;
    /// Its settings, every default filled in.
    type Settings;

    /// Takes settings whose form was checked against [`Self::SETTINGS`].
    fn settings(node: Option<&Node>) -> Self::Settings;

    /// What it must see.
    fn needs(settings: &Self::Settings) -> Vec<Need>;

    /// Whether it is asked where the manifest does not name it.
    fn by_default(manifest: &Manifest, facts: &Facts) -> bool;

    /// The ruling.
    fn rule(settings: &Self::Settings, manifest: &Manifest, facts: &Facts) -> Ruling;
}

/// A rule without its type, as the registry lists it.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// As it is written in the manifest.
    pub id: &'static str,
    /// The question that it answers.
    pub asks: &'static str,
    /// Its page, Markdown.
    pub page: &'static str,
    /// When it is asked.
    pub at: &'static [Occasion],
    /// When it is asked besides, where the manifest names it.
    pub named_at: &'static [Occasion],
    /// What it must see, given its settings as they are written.
    pub needs: fn(Option<&Node>) -> Vec<Need>,
    /// The form of its settings.
    pub settings: &'static Shape<'static>,
    /// Whether it is asked where the manifest does not name it.
    pub by_default: fn(&Manifest, &Facts) -> bool,
    /// Its ruling, given its settings as they are written.
    pub ask: fn(Option<&Node>, &Manifest, &Facts) -> Ruling,
}

impl Gate {
    /// Erases a rule's type.
    #[must_use]
    pub const fn of<R: Rule>() -> Self {
        Self {
            id: R::ID,
            asks: R::ASKS,
            page: R::PAGE,
            at: R::AT,
            named_at: R::NAMED_AT,
            needs: |node| R::needs(&R::settings(node)),
            settings: &R::SETTINGS,
            by_default: R::by_default,
            ask: |node, manifest, facts| R::rule(&R::settings(node), manifest, facts),
        }
    }

    /// Whether it is asked then, given whether the manifest names it.
    #[must_use]
    pub fn is_asked(&self, occasion: Occasion, named: Naming) -> bool {
        let besides = named == Naming::Named && self.named_at.contains(&occasion);
        self.at.contains(&occasion) || besides
    }

    /// What the manifest's reader must know of it.
    #[must_use]
    pub const fn shape(&self) -> GateShape {
        (self.id, self.asks, self.settings)
    }
}
