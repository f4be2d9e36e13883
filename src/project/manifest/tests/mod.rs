//! The manifest as a whole: what is read, what is refused, and in which words.

mod bounds;
mod parity;
mod read;
mod refused;

use super::{ErasedSettings, Field, GateShape, Kinds, Manifest, Preset, Reader, Shape};
use crate::adapters::kinds;
use crate::base::finding::Finding;
use crate::base::source::Source;

const CHECKS: Shape<'static> = Shape::Object(&[
    Field::new(
        "required",
        Shape::AnyOf(&[
            Shape::OneOf(&[("none", "no check is required")]),
            Shape::List {
                of: &Shape::AnyOf(&[
                    Shape::Glob,
                    Shape::Object(&[
                        Field::new("name", Shape::Glob, "The check's name.").required(),
                        Field::new("app", Shape::Text, "The app that reports it."),
                    ]),
                ]),
                min: 1,
            },
        ]),
        "Checks that must have succeeded.",
    ),
    Field::new("from-rules", Shape::Flag, "Plus what the branch's rules require.")
        .preset(Preset::Flag(true)),
    Field::new("grace", Shape::Duration, "How long a check may take to appear.").default("10m"),
]);

/// Gates in the way that the gates module declares them; they keep the settings that are written.
fn known() -> Kinds {
    let gate = |id, asks, settings| GateShape { id, asks, settings, read: written };
    let none = &Shape::Object(&[]);
    let gates = vec![
        gate("checks-green", "Did every required check succeed?", &CHECKS),
        gate("tree-clean", "Is the work tree as committed?", none),
        gate("version-increases", "Is the version new?", none),
    ];
    Kinds { gates, ..kinds() }
}

fn written(reader: &Reader<'_>) -> Option<ErasedSettings> {
    let keys = ["required", "from-rules", "grace"];
    Some(ErasedSettings::new(
        keys.into_iter().filter(|key| reader.written(key).is_some()).collect::<Vec<_>>(),
    ))
}

fn read(text: &str) -> Result<Manifest, Vec<Finding>> {
    super::read(Source { name: "tminus.yaml".into(), text: text.into() }, &known())
}

fn good(text: &str) -> Manifest {
    read(text).unwrap_or_else(|problems| panic!("{text}\n{}", told(text, &problems)))
}

/// What is wrong with a text, as `line:column [text there] message`.
fn wrong(text: &str) -> String {
    told(text, &read(text).expect_err(text))
}

fn told(text: &str, problems: &[Finding]) -> String {
    let source = Source { name: String::new(), text: text.into() };
    let mut lines = Vec::new();
    for problem in problems {
        let place = problem.place.as_ref().expect("every finding of a manifest has a place");
        let (line, column) = source.position(place.span.start);
        let there = text.get(place.span.start..place.span.end).expect("a span on characters");
        let label = if place.label.is_empty() { "" } else { " <- " };
        lines.push(format!("{line}:{column} {}", problem.message));
        lines.push(format!("    {there:?}{label}{}", place.label));
        lines.extend(problem.notes.iter().map(|note| format!("    note: {note}")));
        lines.extend(problem.help.iter().map(|help| format!("    help: {help}")));
    }
    lines.join("\n")
}
