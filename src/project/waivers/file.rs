//! The file of the waivers, and its JSON Schema.

use super::until::Until;
use super::versions::{Versions, VersionsError};
use crate::base::finding::Finding;
use crate::base::source::{Source, Span, Spanned};
use crate::project::manifest::{Field, Node, Preset, Shape, check, schema, yaml};
use serde_json::{Value, json};

/// Where the file is.
pub const PATH: &str = ".tminus/waivers.yaml";

/// The identifier of the schema in editors and catalogs.
const ID: &str = "https://tminus.dev/schema/waivers-1.json";

/// One waiver. Whether it is too broad is checked separately.
const WAIVER: Shape<'static> = Shape::Object(&[
    Field::new("gate", Shape::Text, "The gate that is waived.").required(),
    Field::new(
        "finding",
        Shape::Text,
        "Waives only findings whose message contains this text; backticks are ignored. If omitted, \
         the gate is waived regardless of its result.",
    ),
    Field::new(
        "version",
        Shape::Text,
        "The version that it applies to (`1.4.0`), or a range with a lower and an upper bound \
         (`>=1.4.0, <1.5.0`). A waiver without a version does not apply.",
    ),
    Field::new("reason", Shape::Text, "Why the gate is waived. Every report shows this text.")
        .required(),
    Field::new("by", Shape::Text, "Who granted it. A waiver without this does not apply."),
    Field::new(
        "until",
        Shape::Text,
        "The last day, in UTC (`2026-12-31`), or a time with an offset; at most 90 days away. A \
         waiver without it does not apply.",
    ),
]);

/// The whole file.
const FILE: Shape<'static> = Shape::Object(&[
    Field::new("schema", Shape::Integer { min: 1, max: 1 }, "The format of this file.")
        .preset(Preset::Number(1)),
    Field::new("waivers", Shape::List { of: &WAIVER, min: 0 }, "The waivers."),
]);

/// A waiver, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The gate, which might not exist.
    pub gate: Spanned<String>,
    /// The text that a finding must contain; without it, it is for the whole gate.
    pub finding: Option<String>,
    /// The versions that it is for.
    pub versions: Option<Spanned<Versions>>,
    /// Why.
    pub reason: String,
    /// Who granted it.
    pub by: Option<String>,
    /// When it ends.
    pub until: Option<Spanned<Until>>,
    /// The whole entry.
    pub span: Span,
}

/// The content of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waivers {
    /// Every waiver that can be read.
    pub waivers: Vec<Waiver>,
    /// Errors, in the order of the file. An error in one entry does not affect the others; any
    /// other error makes the whole file invalid.
    pub problems: Vec<Finding>,
}

impl Waivers {
    /// Reads a file.
    #[must_use]
    pub fn read(source: &Source) -> Self {
        let root = match yaml::parse_file(source, "the waiver file", "start with `waivers:`") {
            Ok(root) => root,
            Err(finding) => return Self { problems: vec![finding], ..Self::default() },
        };
        let mut problems = Vec::new();
        check(&FILE, &root, &source.name, &mut problems);
        let entries = root.get("waivers").map_or(&[][..], Node::items);
        for entry in entries {
            values(source, entry, &mut problems);
        }
        problems.sort_by_key(|problem| problem.place.as_ref().map(|place| place.span));
        let within = |problem: &Finding, entry: &Node| {
            let at = problem.place.as_ref().map_or(0, |place| place.span.start);
            entry.span.start <= at && at < entry.span.end
        };
        let general = |one: &Finding| !entries.iter().any(|entry| within(one, entry));
        if problems.iter().any(general) {
            return Self { waivers: Vec::new(), problems };
        }
        let sound = |entry: &&Node| !problems.iter().any(|problem| within(problem, entry));
        Self { waivers: entries.iter().filter(sound).filter_map(waiver).collect(), problems }
    }
}

/// Adds errors in the version and the end of an entry.
fn values(source: &Source, entry: &Node, problems: &mut Vec<Finding>) {
    let text = |key: &str| entry.get(key).and_then(|node| Some((node, node.text()?)));
    if let Some((node, version)) = text("version")
        && let Err(error) = Versions::read(version)
    {
        let why = match error {
            VersionsError::Endless(_) => {
                "a waiver applies to one version, or a range with a lower and an upper bound"
            }
            VersionsError::Odd(_) => "expected a version, or a range of versions",
        };
        let finding = Finding::new(format!("invalid `waivers.version`: {error}"))
            .at(&source.name, node.span, why)
            .help("write `1.4.0`, or `\">=1.4.0, <1.5.0\"`");
        problems.push(finding);
    }
    if let Some((node, until)) = text("until")
        && Until::read(until).is_none()
    {
        let finding = Finding::new(format!("invalid `waivers.until`: `{until}` is not a date"))
            .at(&source.name, node.span, "expected a day, or a time with an offset")
            .help("write `2026-12-31`, or `2026-12-31T18:00:00Z`");
        problems.push(finding);
    }
}

/// Converts a validated entry.
fn waiver(entry: &Node) -> Option<Waiver> {
    let text = |key: &str| entry.get(key).and_then(Node::text).map(str::to_owned);
    let spanned = |key: &str| {
        let node = entry.get(key)?;
        Some(Spanned::new(node.text()?, node.span))
    };
    let versions = spanned("version").and_then(|it| {
        let Spanned { value, span } = it;
        Some(Spanned::new(Versions::read(value).ok()?, span))
    });
    let until = spanned("until").and_then(|it| {
        let Spanned { value, span } = it;
        Some(Spanned::new(Until::read(value)?, span))
    });
    Some(Waiver {
        gate: spanned("gate")?.map(str::to_owned),
        finding: text("finding"),
        versions,
        reason: text("reason")?,
        by: text("by"),
        until,
        span: entry.span,
    })
}

/// The JSON Schema of the file (draft 2020-12).
#[must_use]
pub fn json_schema() -> Value {
    let mut root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "tminus waivers",
    });
    if let (Value::Object(root), Value::Object(body)) = (&mut root, schema::schema(&FILE)) {
        root.extend(body);
    }
    root
}
