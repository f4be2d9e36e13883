//! `deployment`: the status of a deployment that another system creates.

use super::kind::Kind;
use crate::base::finding::Finding;
use crate::base::names::EnvironmentName;
use crate::project::manifest::{
    ErasedSettings, Field, Node, Reader, SampleShape, Shape, WrittenStep,
};
use crate::release::sample::{DeploymentSample, SampleSource};

const SETTINGS: Shape<'static> = Shape::Object(&[Field::new(
    "environment",
    Shape::Text,
    "The environment that the other system deploys to.",
)
.required()]);

pub(super) const KIND: Kind = Kind {
    shape: SampleShape {
        name: "deployment",
        doc: "Reads the newest deployment of the released commit that another system made to an \
              environment. While it is in progress or missing, the sample is inconclusive.",
        settings: &SETTINGS,
        fault,
        read,
    },
    source: |settings, _| {
        let sample: &DeploymentSample = settings.get()?;
        Some(SampleSource::Deployment(sample.clone()))
    },
};

fn fault(sample: &WrittenStep<'_>) -> Option<(Finding, &'static str)> {
    let name = sample.get("environment").and_then(Node::text)?;
    let error = EnvironmentName::new(name).err()?;
    Some((Finding::new(error.to_string()), ""))
}

fn read(reader: &Reader<'_>) -> Option<ErasedSettings> {
    let environment = EnvironmentName::new(reader.text("environment")?).ok()?;
    Some(ErasedSettings::new(DeploymentSample { environment }))
}
