//! Reads the validated `stages` section.

use super::keys::{ENVIRONMENT, VERIFY};
use super::kinds::{Forge, ForgeFeatures, Kinds, StepShape, Touch, WrittenStep};
use super::leaf::seconds;
use super::model::{SampleEntry, Stage, StageEnvironment, StepEntry, Verify};
use super::node::{Node, Value};
use super::reader::Reader;
use crate::base::names::{EnvironmentName, StageName};
use crate::base::source::{Span, Spanned};

pub(super) fn lower(section: &Node, kinds: &Kinds) -> Option<Vec<Stage>> {
    section.items().iter().map(|node| stage(node, kinds)).collect()
}

/// The default stage of a manifest without stages: the usual steps that its forge supports.
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
        verify: None,
        soak_seconds: 0,
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
        environment: match node.get("environment") {
            Some(node) => Some(environment(node)?),
            None => None,
        },
        secrets: secrets.iter().filter_map(Node::text).map(Into::into).collect(),
        steps: node
            .get("steps")?
            .items()
            .iter()
            .map(|node| step(node, kinds))
            .collect::<Option<_>>()?,
        verify: match node.get("verify") {
            Some(node) => Some(verify(node, kinds)?),
            None => None,
        },
        soak_seconds: node.get("soak").map_or(Some(0), |soak| seconds(soak.text()?))?,
    })
}

/// Reads both forms of `environment`.
fn environment(node: &Node) -> Option<StageEnvironment> {
    let form = Reader::new(&ENVIRONMENT, Some(node));
    let (name, protected, url) = match node.text() {
        Some(name) => (name.to_owned(), false, None),
        None => (form.text("name")?, form.flag("protected")?, form.optional("url", Reader::text)?),
    };
    Some(StageEnvironment { name: EnvironmentName::new(name).ok()?, protected, url })
}

/// Reads both forms of `verify`.
fn verify(node: &Node, kinds: &Kinds) -> Option<Verify> {
    let object = matches!(node.value, Value::Map(_)).then_some(node);
    let form = Reader::new(&VERIFY, object);
    let samples = node.get("samples").unwrap_or(node).items();
    Some(Verify {
        samples: samples.iter().map(|node| sample(node, kinds)).collect::<Option<_>>()?,
        every_seconds: form.optional("every", Reader::seconds)?,
        steady_seconds: form.optional("steady-for", Reader::seconds)?.unwrap_or(0),
        deadline_seconds: form.optional("deadline", Reader::seconds)?,
        failures: form.number("failures")?,
        inconclusive: form.number("inconclusive")?,
        errors: form.number("errors")?,
    })
}

fn sample(node: &Node, kinds: &Kinds) -> Option<SampleEntry> {
    let WrittenStep { name, settings, .. } = WrittenStep::read(node)?;
    let kind = kinds.samples.iter().find(|kind| kind.name == name)?;
    let settings = (kind.read)(&Reader::new(kind.settings, settings))?;
    Some(SampleEntry { kind: *kind, settings })
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
