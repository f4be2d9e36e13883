//! Converts the text of a manifest to a [`Manifest`]: parse, check everything, then fill in
//! defaults.

use super::keys::with_root;
use super::kinds::Kinds;
use super::line_pattern::LinePattern;
use super::model::{
    Bump, ChangelogRules, ChangelogStyle, GateEntry, Manifest, Mode, Policy, Runner, Scheme,
    VersionRules, VersionSource, WorkflowRules,
};
use super::node::{Node, Value};
use super::path_template::PathTemplate;
use super::reader::Reader;
use super::template::TagTemplate;
use super::{check, people, rules, schedule, stages, yaml};
use crate::base::finding::Finding;
use crate::base::names::Digest;
use crate::base::source::{Source, Spanned};
use sha2::{Digest as _, Sha256};

/// The possible paths of a manifest, in the order in which they are tried.
pub const LOCATIONS: [&str; 2] = ["tminus.yaml", ".github/tminus.yaml"];

/// Reads a manifest against the gates, step kinds and forges that exist.
///
/// # Errors All errors, in the order of the file. A text that is not YAML has one error.
pub fn read(source: Source, kinds: &Kinds) -> Result<Manifest, Vec<Finding>> {
    let root = yaml::parse(&source).map_err(|finding| vec![finding])?;
    let mut problems = Vec::new();
    with_root(kinds, |shape| check::check(shape, &root, &source.name, &mut problems));
    rules::check(&source, &root, kinds, &mut problems);
    if !problems.is_empty() {
        problems.sort_by_key(|problem| problem.place.as_ref().map(|place| place.span));
        return Err(problems);
    }
    let name = source.name.clone();
    let lowered = with_root(kinds, |shape| lower(source, &Reader::new(shape, Some(&root)), kinds));
    lowered.ok_or_else(|| {
        // This is reachable only if a shape accepts values that the model cannot represent; tests
        // search for such values.
        let message = format!("`{name}` matches the schema but could not be read; this is a bug");
        vec![Finding::new(message).at(&name, root.span, "")]
    })
}

/// Converts a validated tree, and fills in all defaults.
fn lower(source: Source, root: &Reader<'_>, kinds: &Kinds) -> Option<Manifest> {
    let forge = root.text("forge")?;
    let forge = *kinds.forges.iter().find(|known| known.name == forge)?;
    let tag = root.value("tag")?;
    let name = root.optional("name", Reader::text)?;
    let template = TagTemplate::new(tag.text()?).ok()?;
    let template = name.as_deref().map_or(template.clone(), |name| template.with_name(name));
    Some(Manifest {
        overruled: Vec::new(),
        digest: digest(&source.text)?,
        name,
        forge,
        branches: root.patterns("branches")?,
        version: version(&root.section("version"))?,
        tag: Spanned::new(template, tag.span),
        tag_is_stated: root.written("tag").is_some(),
        changelog: changelog(&root.section("changelog"))?,
        gates: root.optional("gates", |root, key| gates(root.written(key)?, kinds))?,
        roles: root.written("roles").map_or_else(|| Some(Vec::new()), people::roles)?,
        tasks: root.written("tasks").map_or_else(|| Some(Vec::new()), people::tasks)?,
        schedule: root.optional("schedule", |root, key| schedule::lower(&root.section(key)))?,
        stages: match root.written("stages") {
            Some(node) => stages::lower(node, kinds)?,
            None => stages::usual(forge, kinds)?,
        },
        workflow: workflow(&root.section("workflow"))?,
        source,
    })
}

fn version(section: &Reader<'_>) -> Option<VersionRules> {
    let files = section.written("files").map_or(&[][..], Node::items);
    Some(VersionRules {
        files: files.iter().map(version_source).collect::<Option<_>>()?,
        scheme: section.optional("scheme", |section, key| {
            let node = section.written(key)?;
            let name = node.text()?;
            let scheme = Scheme::ALL.into_iter().find(|scheme| scheme.name() == name)?;
            Some(Spanned::new(scheme, node.span))
        })?,
        policy: section
            .word("policy", &[("commits", Policy::Commits), ("manual", Policy::Manual)])?,
        zero: section.word(
            "zero",
            &[("patch", Bump::Patch), ("minor", Bump::Minor), ("major", Bump::Major)],
        )?,
        kinds: section.texts("kinds")?,
    })
}

/// A path, or a mapping with one.
fn version_source(item: &Node) -> Option<VersionSource> {
    let path = item.get("path").unwrap_or(item);
    let pattern = item.get("pattern").map(|node| LinePattern::new(node.text()?).ok());
    let spanned = |node: &Node| Some(Spanned::new(node.text()?.to_owned(), node.span));
    let former = item.get("formerly").map(spanned);
    Some(VersionSource {
        path: spanned(path)?,
        pattern: pattern.map_or(Some(None), |pattern| pattern.map(Some))?,
        former: former.map_or(Some(None), |former| former.map(Some))?,
    })
}

fn changelog(section: &Reader<'_>) -> Option<ChangelogRules> {
    Some(ChangelogRules {
        file: PathTemplate::new(section.text("file")?),
        declared: section.written("file").map(|node| node.span),
        style: section.word(
            "style",
            &[
                ("keep-a-changelog", ChangelogStyle::KeepAChangelog),
                ("fragments", ChangelogStyle::Fragments),
                ("github", ChangelogStyle::Forge),
                ("generated", ChangelogStyle::Generated),
                ("none", ChangelogStyle::None),
            ],
        )?,
        fragments: section.text("fragments")?,
    })
}

fn workflow(section: &Reader<'_>) -> Option<WorkflowRules> {
    Some(WorkflowRules {
        wait_seconds: section.seconds("wait")?,
        wait: section.text("wait")?,
        build: section.optional("build", Reader::text)?,
        artifact: section.text("artifact")?,
        attest: section.word("attest", &[("on", true), ("off", false)])?,
        runner: runner(&*section.value("runner")?)?,
        action: section.optional("action", Reader::text)?,
        from_source: section.word("install", &[("release", false), ("source", true)])?,
        release: section.word("release", &[("on", true), ("off", false)])?,
        calendar: section.word("calendar", &[("off", false), ("pages", true)])?,
    })
}

/// A label, a list of labels, or a group with or without labels.
fn runner(node: &Node) -> Option<Runner> {
    let labels = |node: &Node| match node.text() {
        Some(label) => Some(vec![label.to_owned()]),
        None => node.items().iter().map(|item| item.text().map(Into::into)).collect(),
    };
    let Some(group) = node.get("group") else {
        return Some(Runner { group: None, labels: labels(node)? });
    };
    let labels = node.get("labels").map_or_else(|| Some(Vec::new()), labels)?;
    Some(Runner { group: Some(group.text()?.into()), labels })
}

/// The entries under `gates`, in the order of the file.
fn gates(section: &Node, kinds: &Kinds) -> Option<Vec<GateEntry>> {
    let Value::Map(entries) = &section.value else { return None };
    let entry = |(id, node): &(Spanned<String>, Node)| {
        let shape = kinds.gates.iter().find(|gate| gate.id == id.value)?;
        let written = matches!(node.value, Value::Map(_)).then_some(node);
        Some(GateEntry {
            id: id.clone(),
            mode: mode(node.text().or_else(|| written?.get("mode")?.text()))?,
            back: written.is_some_and(|node| {
                node.get("back").is_some_and(|back| back.value == Value::Bool(true))
            }),
            settings: (shape.read)(&Reader::new(shape.settings, written))?,
        })
    };
    entries.iter().map(entry).collect()
}

/// The mode of a gate; a gate with only settings is on.
fn mode(word: Option<&str>) -> Option<Mode> {
    match word {
        Some("off") => Some(Mode::Off),
        Some("inform") => Some(Mode::Inform),
        Some("on") | None => Some(Mode::On),
        Some(_) => None,
    }
}

fn digest(text: &str) -> Option<Digest> {
    Digest::new(hex::encode(Sha256::digest(text.as_bytes()))).ok()
}
