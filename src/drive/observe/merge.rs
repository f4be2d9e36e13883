//! Facts that are needed only to evaluate a merge before it happens.

use super::fragments;
use super::request::{Merging, ObserveError};
use super::unseen::unseen;
use super::workflows::workflow_files;
use crate::base::finding::Finding;
use crate::base::names::Sha;
use crate::base::number::grouped;
use crate::base::source::Source;
use crate::base::word::Word;
use crate::facts::{
    ChangedManifest, ChangedWaivers, Facts, FileAt, Merge, NamedFile, RuleChange, Seen,
};
use crate::judge::case::Case;
use crate::judge::gates::{self, GateSelection};
use crate::judge::ruling::Answer;
use crate::ports::{Fetch, ReadPorts, RepositoryError};
use crate::project::manifest::{self, Kinds, LOCATIONS, Manifest, Mode, Node, Value, yaml};
use crate::project::waivers::PATH;
use std::collections::{BTreeMap, BTreeSet};

/// Fetches the head of the branch with its files, if the clone does not have it.
pub(super) async fn fetch_branch_head(read_ports: &ReadPorts<'_>, sha: &Sha) -> bool {
    let lacks = |sha: &Sha| read_ports.repository.commit(sha).is_err();
    match read_ports.remote {
        Some(remote) if lacks(sha) => remote.fetch(&Fetch::Commit(sha.clone())).await.is_ok(),
        Some(_) | None => false,
    }
}

/// The manifest of a commit.
pub(super) fn manifest_at(
    read_ports: &ReadPorts<'_>,
    sha: &Sha,
) -> Result<Option<Source>, ObserveError> {
    let mut found: Option<Source> = None;
    for name in LOCATIONS {
        match read_ports.repository.file(sha, name)? {
            FileAt::Absent => {}
            FileAt::Text(_) if found.is_some() => return Err(two_manifests()),
            FileAt::Text(text) => found = Some(Source { name: name.into(), text }),
            FileAt::Binary => return Err(unreadable(name, "it is not UTF-8 text".into())),
            FileAt::TooLarge { bytes } => {
                let why = format!(
                    "it is too large: {} bytes (limit: {})",
                    grouped(bytes),
                    grouped(yaml::MAX_BYTES)
                );
                return Err(unreadable(name, why));
            }
        }
    }
    Ok(found)
}

/// Two manifests are an error: it would be unclear which one is used.
pub(crate) fn two_manifests() -> ObserveError {
    let names = LOCATIONS.map(|name| format!("`{name}`")).join(" and ");
    let source_file = Source { name: LOCATIONS[0].into(), text: String::new() };
    let finding = Finding::new(format!("there are two manifests: {names}"));
    let findings = vec![finding.help("keep one of them and remove the other")];
    ObserveError::Manifest { source_file, findings }
}

pub(super) fn unreadable(name: &str, why: String) -> ObserveError {
    let source_file = Source { name: name.into(), text: String::new() };
    let findings =
        vec![crate::base::finding::Finding::new(format!("`{name}` cannot be read: {why}"))];
    ObserveError::Manifest { source_file, findings }
}

/// The facts about a merge, in addition to those about its commit.
pub(super) fn merge(
    read_ports: &ReadPorts<'_>,
    (merging, kinds): (&Merging, &Kinds),
    manifest: &Manifest,
    facts: &Facts,
) -> Merge {
    let repository = read_ports.repository;
    let onto = &merging.onto;
    let seen = |read: Result<FileAt, RepositoryError>| read.map_or_else(unseen, Seen::Known);
    let changed = match manifest_at(read_ports, &facts.commit.sha) {
        Err(ObserveError::Manifest { source_file, findings }) => {
            let source = Some(source_file);
            Seen::Known(Some(ChangedManifest { source, findings, rules: Vec::new() }))
        }
        Err(error) => Seen::unseen(error.to_string()),
        Ok(source) => Seen::Known(differs(manifest, source, kinds)),
    };
    Merge {
        number: merging.number,
        title: merging.title.clone(),
        head: merging.head.clone(),
        onto: onto.clone(),
        commits: repository.between(onto, &facts.commit.sha).unwrap_or_else(unseen),
        changelog: match Case::new(manifest, facts).changelog() {
            Some(path) => seen(repository.readable(onto, &path)),
            None => Seen::not_asked(),
        },
        renamed_changelog: changelog_of(&changed, (manifest, facts), kinds).map(|path| NamedFile {
            file: seen(repository.readable(&facts.commit.sha, &path)),
            path,
        }),
        told: fragments::changed(repository, manifest, (onto, &facts.commit.sha)),
        workflows: workflow_files(repository, onto),
        manifest: changed,
        waivers: changed_waivers(read_ports, onto, &Case::new(manifest, facts)),
    }
}

/// The waivers that the merge leaves, where it changes them.
fn changed_waivers(
    read_ports: &ReadPorts<'_>,
    onto: &Sha,
    case: &Case<'_>,
) -> Seen<Option<ChangedWaivers>> {
    let file = |sha: &Sha| read_ports.repository.file(sha, PATH);
    match (file(onto), file(&case.facts.commit.sha)) {
        (Ok(before), Ok(after)) if before == after => Seen::Known(None),
        (Ok(_), Ok(FileAt::Absent)) => Seen::Known(None),
        (Ok(_), Ok(FileAt::Text(text))) => match case.now() {
            Ok(now) => {
                let source = Source { name: PATH.into(), text };
                let findings = gates::waiver_faults(&source, now);
                Seen::Known(Some(ChangedWaivers { source, findings }))
            }
            Err(unseen) => Seen::Unseen(unseen.clone()),
        },
        (Ok(_), Ok(FileAt::Binary)) => Seen::unseen("it is not UTF-8 text"),
        (Ok(_), Ok(FileAt::TooLarge { bytes })) => Seen::unseen(format!(
            "it is too large: {} bytes (limit: {})",
            grouped(bytes),
            grouped(yaml::MAX_BYTES)
        )),
        (Err(error), _) | (_, Err(error)) => unseen(error),
    }
}

/// The changelog that the manifest of the merge names, if it is a different file.
fn changelog_of(
    changed: &Seen<Option<ChangedManifest>>,
    (judge, facts): (&Manifest, &Facts),
    kinds: &Kinds,
) -> Option<String> {
    let source = changed.known().ok()?.as_ref()?.source.clone()?;
    let changed = manifest::read(source, kinds).ok()?;
    let path = Case::new(&changed, facts).changelog()?;
    (changed.changelog.file != judge.changelog.file).then_some(path)
}

/// The manifest after the merge, if it differs from the one that is used.
fn differs(judge: &Manifest, source: Option<Source>, kinds: &Kinds) -> Option<ChangedManifest> {
    let Some(source) = source else {
        return Some(ChangedManifest { source: None, findings: Vec::new(), rules: Vec::new() });
    };
    if source.text == judge.source.text {
        return None;
    }
    let findings = manifest::read(source.clone(), kinds).err().unwrap_or_default();
    Some(ChangedManifest { source: Some(source), findings, rules: Vec::new() })
}

/// The manifest after the merge, if the merge changes it and it can be read.
pub(super) fn brought(facts: &Facts) -> Option<Source> {
    let changed = facts.merge.as_ref()?.manifest.known().ok()?.as_ref()?;
    changed.source.clone().filter(|_| changed.findings.is_empty())
}

/// The gates whose result would differ with another manifest.
pub(super) fn rule_changes(
    now: &Case<'_>,
    then: &Case<'_>,
    selection: &GateSelection,
) -> Vec<RuleChange> {
    let words = |case| -> BTreeMap<String, String> {
        let poll = gates::poll(case, selection);
        poll.answers.into_iter().map(|answer| (answer.gate.clone(), word(&answer))).collect()
    };
    let (before, after) = (words(now), words(then));
    let gates: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let said = |words: &BTreeMap<String, String>, gate: &String| {
        words.get(gate).cloned().unwrap_or_else(|| "not run".into())
    };
    let changes = gates.into_iter().map(|gate| RuleChange {
        gate: gate.clone(),
        now: said(&before, gate),
        then: said(&after, gate),
    });
    let mut changes: Vec<RuleChange> = changes.filter(|it| it.now != it.then).collect();
    changes.extend(sections(now.facts, then.facts));
    changes
}

/// Sections, and entries under `gates`, that differ in another manifest. They take effect only
/// after the merge.
fn sections(now: &Facts, then: &Facts) -> Vec<RuleChange> {
    let (now, then) = (written(&now.manifest), written(&then.manifest));
    let keys: BTreeSet<&String> = now.keys().chain(then.keys()).collect();
    let word = |told: &Written, other: &Written, key, value| match (told.get(key), other.get(key)) {
        (None, _) => "not set",
        (Some(_), None) => "set",
        (Some(_), Some(_)) => value,
    };
    keys.into_iter()
        .filter(|key| now.get(*key) != then.get(*key))
        .map(|key| RuleChange {
            gate: format!("`{key}`"),
            now: word(&now, &then, key, "old value").into(),
            then: word(&then, &now, key, "new value").into(),
        })
        .collect()
}

/// The sections of a manifest, by their keys.
type Written = BTreeMap<String, String>;

/// The sections of a manifest, including those of single gates, without locations.
fn written(source: &Source) -> Written {
    let Ok(root) = yaml::parse(source) else { return BTreeMap::new() };
    let Value::Map(entries) = &root.value else { return BTreeMap::new() };
    let mut told = BTreeMap::new();
    for (key, node) in entries {
        match (&*key.value, &node.value) {
            ("gates", Value::Map(gates)) => told.extend(
                gates.iter().map(|(id, node)| (format!("gates.{}", id.value), plain(node))),
            ),
            (name, _) => {
                told.insert(name.to_owned(), plain(node));
            }
        }
    }
    told
}

fn plain(node: &Node) -> String {
    match &node.value {
        Value::Map(entries) => {
            let each =
                entries.iter().map(|(key, node)| format!("{:?}: {}", key.value, plain(node)));
            format!("{{{}}}", each.collect::<Vec<_>>().join(", "))
        }
        Value::List(items) => {
            format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {
            format!("{:?}", node.value)
        }
    }
}

fn word(answer: &Answer) -> String {
    match (&answer.ruling, answer.mode) {
        (_, Mode::Off) => "off".into(),
        (None, Mode::On | Mode::Inform) => "not run".into(),
        (Some(_), Mode::On) if answer.is_waived => Word::WAIVED.to_string(),
        (Some(ruling), Mode::On) => ruling.verdict().to_string(),
        (Some(ruling), Mode::Inform) => format!("{}, for information", ruling.verdict()),
    }
}
