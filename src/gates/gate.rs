//! What a gate is: an id, a question, what it needs to see, and a pure function to a ruling.

use crate::facts::Facts;
use crate::manifest::{GateShape, Manifest, Node, Shape};
use crate::ruling::Ruling;

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

/// One gate's rule. There is no `self`: it has nowhere to keep a client.
pub trait Rule {
    /// As it is written in the manifest.
    const ID: &'static str;
    /// The question that it answers.
    const ASKS: &'static str;
    /// Its page, Markdown.
    const PAGE: &'static str;
    /// The form of its settings, always a [`Shape::Object`].
    const SETTINGS: Shape<'static>;
    /// From which occasion on it is asked where the manifest does not name it.
    const FROM: Occasion = Occasion::Check;
    /// Its settings, every default filled in.
    type Settings;

    /// Takes settings whose form was checked against [`Self::SETTINGS`].
    fn settings(node: Option<&Node>) -> Self::Settings;

    /// What it must see.
    fn needs(settings: &Self::Settings) -> Vec<Need>;

    /// Whether it is asked where the manifest does not name it, [`Self::FROM`] its occasion on.
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
    /// What it must see, given its settings as they are written.
    pub needs: fn(Option<&Node>) -> Vec<Need>,
    /// The form of its settings.
    pub settings: &'static Shape<'static>,
    /// From which occasion on it is asked where the manifest does not name it.
    pub from: Occasion,
    /// Whether it is asked where the manifest does not name it, from that occasion on.
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
            needs: |node| R::needs(&R::settings(node)),
            settings: &R::SETTINGS,
            from: R::FROM,
            by_default: R::by_default,
            ask: |node, manifest, facts| R::rule(&R::settings(node), manifest, facts),
        }
    }

    /// What the manifest's reader must know of it.
    #[must_use]
    pub const fn shape(&self) -> GateShape {
        (self.id, self.asks, self.settings)
    }
}
