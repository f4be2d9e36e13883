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
}

impl Need {
    /// Whether only the forge can tell.
    #[must_use]
    pub fn is_remote(self) -> bool {
        match self {
            Self::Checks | Self::Rules => true,
            Self::History | Self::Files | Self::Branch | Self::WorkTree | Self::Tag => false,
        }
    }
}

/// What a gate is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Releases, and merges that must leave the branch releasable.
    Both,
    /// A commit that may be released.
    Release,
    /// A merge before it happens.
    Merge,
}

impl About {
    fn fits(self, facts: &Facts) -> bool {
        match self {
            Self::Both => true,
            Self::Release => facts.merge.is_none(),
            Self::Merge => facts.merge.is_some(),
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
    /// What it is asked about.
    const ABOUT: About = About::Both;
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
    /// What it is asked about.
    pub about: About,
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
            about: R::ABOUT,
            needs: |node| R::needs(&R::settings(node)),
            settings: &R::SETTINGS,
            by_default: R::by_default,
            ask: |node, manifest, facts| R::rule(&R::settings(node), manifest, facts),
        }
    }

    /// Whether it has something to say of what these facts are about.
    #[must_use]
    pub fn concerns(&self, facts: &Facts) -> bool {
        self.about.fits(facts)
    }

    /// What the manifest's reader must know of it.
    #[must_use]
    pub const fn shape(&self) -> GateShape {
        (self.id, self.asks, self.settings)
    }
}
