//! `run`: a command of the user.

use super::kind::Kind;
use crate::project::manifest::{ErasedSettings, Field, Reader, SampleShape, Shape};
use crate::release::sample::{RunSample, SampleSource};

const SETTINGS: Shape<'static> = Shape::Object(&[
    Field::new(
        "command",
        Shape::Argv,
        "The program and its arguments. It runs without a shell. Exit code 0 is a success, 1 a failure, \
         2 inconclusive; any other code is an error.",
    )
    .required(),
    Field::new("rehearse", Shape::Argv, "The command that `tminus rehearse` runs instead."),
]);

pub(super) const KIND: Kind = Kind {
    shape: SampleShape {
        name: "run",
        doc: "Runs your own command.",
        settings: &SETTINGS,
        fault: |_| None,
        read,
    },
    source: |settings, fill| {
        let RunSample { command, rehearse } = settings.get()?;
        let filled = |words: &Vec<String>| words.iter().map(|word| fill.fill(word)).collect();
        Some(SampleSource::Run(RunSample {
            command: filled(command),
            rehearse: rehearse.as_ref().map(filled),
        }))
    },
};

fn read(reader: &Reader<'_>) -> Option<ErasedSettings> {
    Some(ErasedSettings::new(RunSample {
        command: reader.texts("command")?,
        rehearse: reader.optional("rehearse", Reader::texts)?,
    }))
}
