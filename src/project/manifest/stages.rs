//! Reads the `stages` section, after it was checked.

use super::kinds::{Forge, ForgeFeatures, Kinds, StepShape, Touch, WrittenStep};
use super::model::{Stage, StepEntry};
use super::node::Node;
use super::reader::Reader;
use crate::base::names::StageName;
use crate::base::source::{Span, Spanned};

pub(super) fn lower(section: &Node, kinds: &Kinds) -> Option<Vec<Stage>> {
    section.items().iter().map(|node| stage(node, kinds)).collect()
}

/// The one stage of a manifest that has none: the usual steps that its forge allows.
pub(super) fn usual(forge: Forge, kinds: &Kinds) -> Option<Vec<Stage>> {
    let possible = |kind: &&StepShape| match forge.hosts {
        ForgeFeatures::Releases => true,
        ForgeFeatures::Nothing => !kind.touches.iter().copied().any(Touch::on_forge),
    };
    let usual = kinds.steps.iter().filter(|kind| kind.usual).filter(possible);
    let unwritten = |kind| Some(Spanned::new(entry(kind, None)?, Span::default()));
    Some(vec![Stage {
        name: Spanned::new(StageName::new("release").ok()?, Span::default()),
        gates: Vec::new(),
        environment: None,
        secrets: Vec::new(),
        steps: usual.map(unwritten).collect::<Option<_>>()?,
    }])
}

fn stage(node: &Node, kinds: &Kinds) -> Option<Stage> {
    let name = node.get("name")?;
    let gates = node.get("gates").map_or(&[][..], Node::items);
    let secrets = node.get("secrets").map_or(&[][..], Node::items);
    let gate = |item: &Node| Some(Spanned::new(item.text()?.to_owned(), item.span));
    Some(Stage {
        name: Spanned::new(StageName::new(name.text()?).ok()?, name.span),
        gates: gates.iter().map(gate).collect::<Option<_>>()?,
        environment: node.get("environment").and_then(Node::text).map(Into::into),
        secrets: secrets.iter().filter_map(Node::text).map(Into::into).collect(),
        steps: node
            .get("steps")?
            .items()
            .iter()
            .map(|node| step(node, kinds))
            .collect::<Option<_>>()?,
    })
}

fn step(node: &Node, kinds: &Kinds) -> Option<Spanned<StepEntry>> {
    let WrittenStep { name, at, settings } = WrittenStep::read(node)?;
    let kind = kinds.steps.iter().find(|kind| kind.name == name)?;
    Some(Spanned::new(entry(kind, settings)?, at))
}

fn entry(kind: &StepShape, settings: Option<&Node>) -> Option<StepEntry> {
    let settings = (kind.read)(&Reader::new(kind.settings, settings))?;
    Some(StepEntry { kind: *kind, settings })
}
