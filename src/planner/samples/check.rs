//! `check`: a check run or commit status that another system reports.

use super::kind::Kind;
use crate::project::manifest::{ErasedSettings, Field, Reader, SampleShape, Shape};
use crate::release::sample::{CheckSample, SampleSource};

const SETTINGS: Shape<'static> = Shape::Object(&[
    Field::new(
        "name",
        Shape::Text,
        "The name of the check run, or the context of the commit status.",
    )
    .required(),
    Field::new("app", Shape::Text, "The app that must have reported it."),
]);

pub(super) const KIND: Kind = Kind {
    shape: SampleShape {
        name: "check",
        doc: "Reads a check run or commit status that another system reports on the released commit. \
              While it is running or missing, the sample is inconclusive.",
        settings: &SETTINGS,
        fault: |_| None,
        read,
    },
    source: |settings, fill| {
        let CheckSample { name, app } = settings.get()?;
        Some(SampleSource::Check(CheckSample { name: fill.fill(name), app: app.clone() }))
    },
};

fn read(reader: &Reader<'_>) -> Option<ErasedSettings> {
    Some(ErasedSettings::new(CheckSample {
        name: reader.text("name")?,
        app: reader.optional("app", Reader::text)?,
    }))
}
