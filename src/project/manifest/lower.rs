//! From the text of a manifest to a [`Manifest`]: read, check everything, then fill in defaults.

use super::keys::with_root;
use super::leaf::seconds;
use super::model::{
    Bump, ChangelogRules, ChangelogStyle, Forge, GateEntry, Manifest, Mode, Pattern, Policy,
    Runner, TagTemplate, VersionRules, WorkflowRules,
};
use super::node::{Node, Value};
use super::shape::GateShape;
use super::values::{patterns, word};
use super::{check, rules, stages, yaml};
use crate::base::finding::Finding;
use crate::base::names::Digest;
use crate::base::source::{Source, Span, Spanned};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Where a manifest may be, in the order in which it is looked for.
pub const LOCATIONS: [&str; 2] = ["tminus.yaml", ".github/tminus.yaml"];

/// Reads a manifest against the gates that exist.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file. A text that is not YAML has one.
pub fn read(source: Source, gates: &[GateShape]) -> Result<Manifest, Vec<Finding>> {
    let root = yaml::parse(&source).map_err(|finding| vec![finding])?;
    let mut problems = Vec::new();
    with_root(gates, |shape| check::check(shape, &root, &source.name, &mut problems));
    rules::check(&source, &root, gates, &mut problems);
    if !problems.is_empty() {
        problems.sort_by_key(|problem| problem.place.as_ref().map(|place| place.span));
        return Err(problems);
    }
    let name = source.name.clone();
    lower(source, &root).ok_or_else(|| {
        // Only a shape that takes more than the model holds leads here; the tests look for it.
        let message = format!("`{name}` fits its schema and could not be read");
        vec![Finding::new(message).at(&name, root.span, "")]
    })
}

/// A tree that fits its shape, with every default filled in.
fn lower(source: Source, root: &Node) -> Option<Manifest> {
    let forge = match word(Some(root), "forge") {
        Some("none") => Forge::None,
        Some(_) | None => Forge::GitHub,
    };
    let branches = match root.get("branches") {
        Some(list) => patterns(list)?,
        None => ["main", "master"].into_iter().map(default_pattern).collect::<Option<_>>()?,
    };
    let tag = match root.get("tag") {
        Some(node) => Spanned::new(TagTemplate::new(node.text()?).ok()?, node.span),
        None => Spanned::new(TagTemplate::new("v{version}").ok()?, Span::default()),
    };
    Some(Manifest {
        digest: digest(&source.text)?,
        name: root.get("name").and_then(Node::text).map(Into::into),
        forge,
        branches,
        version: version(root.get("version"))?,
        tag,
        changelog: changelog(root.get("changelog")),
        gates: root.get("gates").map(gates),
        stages: match root.get("stages") {
            Some(node) => stages::lower(node)?,
            None => stages::usual(forge)?,
        },
        workflow: workflow(root.get("workflow")),
        source,
    })
}

fn default_pattern(text: &str) -> Option<Spanned<Pattern>> {
    Some(Spanned::new(Pattern::new(text).ok()?, Span::default()))
}

fn version(section: Option<&Node>) -> Option<VersionRules> {
    let list = |key: &str| section.and_then(|node| node.get(key)).map_or(&[][..], Node::items);
    let file = |item: &Node| Some(Spanned::new(item.text()?.to_owned(), item.span));
    Some(VersionRules {
        files: list("files").iter().map(file).collect::<Option<_>>()?,
        policy: match word(section, "policy") {
            Some("manual") => Policy::Manual,
            Some(_) | None => Policy::Commits,
        },
        zero: match word(section, "zero") {
            Some("patch") => Bump::Patch,
            Some("major") => Bump::Major,
            Some(_) | None => Bump::Minor,
        },
        kinds: list("kinds").iter().filter_map(Node::text).map(Into::into).collect(),
    })
}

fn changelog(section: Option<&Node>) -> ChangelogRules {
    let file = section.and_then(|node| node.get("file"));
    ChangelogRules {
        file: file.and_then(Node::text).unwrap_or("CHANGELOG.md").into(),
        declared: file.map(|node| node.span),
        style: match word(section, "style") {
            Some("generated") => ChangelogStyle::Generated,
            Some(_) | None => ChangelogStyle::KeepAChangelog,
        },
    }
}

fn workflow(section: Option<&Node>) -> WorkflowRules {
    let text = |key: &str| word(section, key).map(str::to_owned);
    let wait = text("wait").unwrap_or_else(|| "30m".into());
    WorkflowRules {
        wait_seconds: seconds(&wait).unwrap_or_default(),
        wait,
        build: text("build"),
        artifact: text("artifact").unwrap_or_else(|| "dist".into()),
        attest: text("attest").as_deref() == Some("on"),
        runner: runner(section.and_then(|node| node.get("runner"))),
        action: text("action"),
        from_source: text("install").as_deref() == Some("source"),
        release: text("release").as_deref() != Some("off"),
    }
}

fn runner(node: Option<&Node>) -> Runner {
    let Some(node) = node else {
        return Runner { group: None, labels: vec!["ubuntu-latest".into()] };
    };
    let labels = |node: &Node| match node.text() {
        Some(label) => vec![label.to_owned()],
        None => node.items().iter().filter_map(Node::text).map(Into::into).collect(),
    };
    match word(Some(node), "group") {
        Some(group) => Runner {
            group: Some(group.into()),
            labels: node.get("labels").map(labels).unwrap_or_default(),
        },
        None => Runner { group: None, labels: labels(node) },
    }
}

fn gates(section: &Node) -> Vec<GateEntry> {
    let Value::Map(entries) = &section.value else { return Vec::new() };
    let entry = |(id, node): &(Spanned<String>, Node)| GateEntry {
        id: id.clone(),
        mode: mode(node.text().or_else(|| word(Some(node), "mode"))),
        settings: settings(node),
    };
    entries.iter().map(entry).collect()
}

fn mode(word: Option<&str>) -> Mode {
    match word {
        Some("off") => Mode::Off,
        Some("inform") => Mode::Inform,
        Some(_) | None => Mode::On,
    }
}

/// A gate's own settings: `mode` is common to all and not among them.
fn settings(node: &Node) -> Option<Node> {
    let Value::Map(entries) = &node.value else { return None };
    let own = entries.iter().filter(|(key, _)| key.value != "mode").cloned().collect();
    Some(Node::new(Value::Map(own), node.span))
}

fn digest(text: &str) -> Option<Digest> {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        write!(hex, "{byte:02x}").ok()?;
    }
    Digest::new(hex).ok()
}
