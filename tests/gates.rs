//! Every gate in every situation, from a file of facts to the whole report.
//!
//! A case is a folder `tests/gates/<gate>/<promise>/`: `facts.json` is a merge patch (RFC 7396) over
//! `base.json`, a healthy repository that is due for a release (with `merge.json`, a pull request that
//! may be merged, where it tells of a merge); `tminus.yaml`, if there, replaces its
//! manifest; a check may be written as `"9001 ci / build: success"` (`short.rs`); `report.txt` is what `tminus check --gate <gate>` says. `UPDATE=1` writes the reports
//! anew: read them before they are committed. Each case is a test of its own:
//! `cargo test --test gates checks-green::a-red-check`.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "gates/short.rs"]
mod short;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tminus::adapters::forge::saved;
use tminus::adapters::kinds;
use tminus::base::word::Word;
use tminus::facts::Facts;
use tminus::judge::case::Case;
use tminus::judge::gates::{self, GateSelection, Occasion};
use tminus::judge::ruling::{Poll, Ruling, Verdict};
use tminus::project::manifest;
use tminus::report::check::{check, verdict};
use tminus::report::stats::Cost;
use tminus::report::{Paint, Sources};

const WORDS: [Verdict; 4] = [Verdict::Go, Verdict::Hold, Verdict::NoGo, Verdict::Unknown];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gates")
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn folders(at: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(at).unwrap_or_else(|error| panic!("{}: {error}", at.display()));
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// RFC 7396.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

/// A sight is known or unseen, never both: a patch that says the one takes the other away.
fn blind(document: &mut Value, patch: &Value) {
    let (Some(document), Some(patch)) = (document.as_object_mut(), patch.as_object()) else {
        return;
    };
    for (key, value) in patch {
        if value.get("unseen").is_some() {
            document.remove(key);
        } else if let Some(inner) = document.get_mut(key) {
            blind(inner, value);
        }
    }
}

/// The facts of a case. One that tells of a merge starts from `merge.json`.
fn facts(case: &Path) -> Facts {
    let mut document = json(&root().join("base.json"));
    let mut patch = json(&case.join("facts.json"));
    short::expand(&mut patch);
    if patch.get("merge").is_some() {
        document["merge"] = json(&root().join("merge.json"));
    }
    blind(&mut document, &patch);
    merge(&mut document, &patch);
    let own = case.join("tminus.yaml");
    if own.exists() {
        document["manifest"]["text"] = text(&own).into();
    }
    let read = saved(document.to_string().as_bytes());
    read.unwrap_or_else(|error| panic!("{}: {error}", case.display()))
}

fn manifest(facts: &Facts) -> manifest::Manifest {
    manifest::read(facts.manifest.clone(), &kinds()).unwrap_or_else(|findings| {
        let sources = Sources::of(&facts.manifest);
        panic!(
            "{}",
            tminus::report::finding::all(Word::ERROR, None, &findings, &sources, Paint::Plain)
        )
    })
}

fn poll(gate: &str, facts: &Facts) -> Poll {
    let asking = GateSelection { only: vec![gate.to_owned()], ..GateSelection::default() };
    gates::poll(&Case::new(&manifest(facts), facts), &asking)
}

fn report(facts: &Facts, poll: &Poll) -> String {
    let manifest = manifest(facts);
    let case = Case::new(&manifest, facts);
    let cost = Cost { requests: 1, seconds: 0.4 };
    let body = check(facts, case.target().ok(), poll, Paint::Plain);
    format!("{body}\n{}\n", verdict(poll, cost).line(Paint::Plain))
}

/// Every case as gate and folder.
fn cases() -> Vec<(String, PathBuf)> {
    let gates = folders(&root());
    gates.iter().flat_map(|gate| folders(gate).into_iter().map(|case| (name(gate), case))).collect()
}

/// Whether a case is reported as its `report.txt` says.
fn is_reported(gate: &str, case: &Path) -> Result<(), Failed> {
    let facts = facts(case);
    let said = report(&facts, &poll(gate, &facts));
    let path = case.join("report.txt");
    let expected = path.exists().then(|| text(&path));
    if expected.as_deref() == Some(said.as_str()) {
        return Ok(());
    }
    let update = std::env::var_os("UPDATE").is_some();
    if update || expected.is_none() {
        std::fs::write(&path, &said)?;
    }
    match expected {
        None => Err(format!("{} was missing and is written now: read it", path.display()).into()),
        Some(_) if update => Ok(()),
        Some(expected) => {
            let path = path.display();
            Err(format!("{path}\n--- expected\n{expected}\n--- said\n{said}").into())
        }
    }
}

fn the_repository_that_cases_start_from_is_go() {
    let mut facts = saved(text(&root().join("base.json")).as_bytes()).unwrap();
    let train = "\n  trains: [{ name: daily, cron: '0 14 * * *' }]";
    facts.manifest.text =
        facts.manifest.text.replace("\nschedule:", &format!("\nschedule:{train}"));
    // What people said is about this manifest.
    let digest = manifest(&facts).digest;
    for proven in facts.people.known_mut().into_iter().flat_map(|people| &mut people.statements) {
        proven.statement.about.manifest = digest.clone();
    }
    let poll = gates::poll(&Case::new(&manifest(&facts), &facts), &GateSelection::release());
    let concerned = gates::GATES.iter().filter(|gate| gate.at.contains(&Occasion::Release)).count();
    assert_eq!(poll.answers.len(), concerned, "{}", report(&facts, &poll));
    assert_eq!(poll.verdict(), Verdict::Go, "{}", report(&facts, &poll));
}

/// The words that a page's tables give as rulings: each begins a cell, or a clause of one.
fn listed(page: &str) -> BTreeSet<Verdict> {
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let clauses = rows.flat_map(|row| row.split(['|', ';'])).map(str::trim_start);
    let words: BTreeSet<&str> =
        clauses.filter_map(|clause| clause.split([' ', ',']).next()).collect();
    WORDS.into_iter().filter(|word| words.contains(word.to_string().as_str())).collect()
}

fn every_gate_has_a_page_and_a_case_for_each_word_that_its_page_lists() {
    let mut seen: BTreeMap<String, BTreeSet<Verdict>> = BTreeMap::new();
    for (gate, case) in cases() {
        seen.entry(gate.clone()).or_default().insert(poll(&gate, &facts(&case)).verdict());
    }
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/gates");
    for gate in gates::GATES {
        let page = text(&pages.join(format!("{}.md", gate.id)));
        assert_eq!(page, gate.page, "`{}` shows another page than its own", gate.id);
        assert!(
            page.starts_with(&format!("# {}\n", gate.id)),
            "the page of `{}` has another title",
            gate.id
        );
        let words = listed(&page);
        let stops = words.contains(&Verdict::NoGo) || words.contains(&Verdict::Hold);
        let least = BTreeSet::from([Verdict::Go, Verdict::Unknown]);
        assert!(
            stops && words.is_superset(&least),
            "the page of `{}` lists only {words:?}",
            gate.id
        );
        let seen = seen.remove(gate.id).unwrap_or_default();
        assert_eq!(seen, words, "the cases of `{}` (left) and its page (right) differ", gate.id);
    }
    assert!(seen.is_empty(), "there is no such gate: {:?}", seen.keys());
}

fn every_page_of_a_gate_belongs_to_one() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/gates");
    for entry in std::fs::read_dir(pages).unwrap() {
        let path = entry.unwrap().path();
        let id = path.file_stem().unwrap().to_string_lossy();
        assert!(gates::find(&id).is_some(), "`{}` is no gate's page", path.display());
    }
}

fn every_reason_that_stops_says_who_can_take_it_away() {
    let mut silent = Vec::new();
    for (_, case) in cases() {
        let facts = facts(&case);
        // Every gate on the facts of every case: no gate may forget it.
        for gate in gates::GATES {
            let answers = poll(gate.id, &facts).answers;
            let rulings = answers.iter().filter_map(|answer| answer.ruling.as_ref());
            for finding in rulings.flat_map(Ruling::findings).filter(|one| one.who.is_none()) {
                silent.push(format!("{}, {}: {}", case.display(), gate.id, finding.message));
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

fn facts_replayed_from_a_file_give_the_same_answers() {
    for (gate, case) in cases() {
        let facts = facts(&case);
        let written = serde_json::to_string_pretty(&facts).unwrap();
        let again = saved(written.as_bytes()).unwrap();
        assert_eq!(again, facts, "{}", case.display());
        let everything = GateSelection::release();
        let manifest = manifest(&facts);
        assert_eq!(
            gates::poll(&Case::new(&manifest, &again), &everything),
            gates::poll(&Case::new(&manifest, &facts), &everything),
            "{}",
            case.display()
        );
        assert_eq!(poll(&gate, &again), poll(&gate, &facts), "{}", case.display());
    }
}

const PAGE: &str = "docs/disagreement.md";
const HEAD: &str = "\
# How other tools interpret the same checks

Well-known tools interpret the same checks differently. This table shows the result of tminus for one required check on
one commit, and the results of GitHub's own required checks, `gh pr checks`, Tide (Prow), Kodiak, bors, policy-bot's
`has_status` and Mergify's `check-success`.

The tminus column is computed: a test runs the gate on the facts of a case, listed below, and compares the result
with this page. The other columns come from the tools' sources and documentation, read in 2026; no tool was run. `~`
marks entries from memory, and — marks entries that are unknown or not applicable.

| input | tminus | GitHub | gh | Tide | Kodiak | bors | policy-bot | Mergify |
|---|---|---|---|---|---|---|---|---|
";

/// Ours is computed, theirs are data. `UPDATE=1` writes the page anew.
fn the_table_of_disagreement_says_what_the_gate_rules() {
    let (mut table, mut cases) = (HEAD.to_owned(), String::new());
    for line in text(&root().join("disagreement.tsv")).lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        assert_eq!(columns.len(), 9, "{line}");
        let (input, case, others) = (columns[0], columns[1], columns[2..].join(" | "));
        let poll = poll("checks-green", &facts(&root().join("checks-green").join(case)));
        let ruling = poll.answers.iter().find_map(|answer| answer.ruling.as_ref()).unwrap();
        table += &format!("| {input} | {} | {others} |\n", ruling.verdict());
        cases += &format!("- {input}: `{case}`, {}\n", ruling.summary());
    }
    let now = format!(
        "{table}\n## The cases\n\nThe cases are in `tests/gates/checks-green`. Each line ends with the summary of the result.\n\n{cases}"
    );
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&page, &now).unwrap();
    }
    assert!(text(&page) == now, "{PAGE} differs; run this test with UPDATE=1\n{now}");
}

fn what_nobody_could_see_is_never_a_go() {
    let manifest_text = "gates: { checks-green: { required: [build] }, accepted: { role: qa, scenarios: [a] } }\nversion: { files: [Cargo.toml] }\n\
         schedule: { freezes: [{ name: weekend, weekly: 'Fri 16:00 - Mon 08:00' }], \
         trains: [{ name: weekly, every: 7d, from: 2026-01-06 }] }\n\
         roles: { qa: [ada] }\ntasks: [{ id: guide, text: Update the guide, role: qa }]\n";
    let base = json(&root().join("base.json"));
    for gate in gates::GATES {
        let mut document = base.clone();
        document["manifest"]["text"] = manifest_text.into();
        let unseen = serde_json::json!({ "unseen": { "why": "the test took it away" } });
        let keys = [
            "branch",
            "branch_head",
            "dirty",
            "history",
            "tag",
            "checks",
            "rules",
            "rights",
            "time",
            "people",
            "blockers",
            "feedback",
            "merged",
        ];
        for key in keys {
            document[key] = unseen.clone();
        }
        for (_, file) in document["files"].as_object_mut().unwrap() {
            *file = unseen.clone();
        }
        let facts = saved(document.to_string().as_bytes()).unwrap();
        assert_eq!(poll(gate.id, &facts).verdict(), Verdict::Unknown, "{}", gate.id);
    }
}

fn a_merge_patch_is_that_of_the_rfc() {
    let mut document = serde_json::json!({ "a": "b", "c": { "d": "e", "f": "g" } });
    merge(&mut document, &serde_json::json!({ "a": "z", "c": { "f": null } }));
    assert_eq!(document, serde_json::json!({ "a": "z", "c": { "d": "e" } }));
}

fn main() {
    let whole = [
        (
            "the_repository_that_cases_start_from_is_go",
            the_repository_that_cases_start_from_is_go as fn(),
        ),
        (
            "every_gate_has_a_page_and_a_case_for_each_word_that_its_page_lists",
            every_gate_has_a_page_and_a_case_for_each_word_that_its_page_lists as fn(),
        ),
        ("every_page_of_a_gate_belongs_to_one", every_page_of_a_gate_belongs_to_one as fn()),
        (
            "every_reason_that_stops_says_who_can_take_it_away",
            every_reason_that_stops_says_who_can_take_it_away as fn(),
        ),
        (
            "facts_replayed_from_a_file_give_the_same_answers",
            facts_replayed_from_a_file_give_the_same_answers as fn(),
        ),
        (
            "the_table_of_disagreement_says_what_the_gate_rules",
            the_table_of_disagreement_says_what_the_gate_rules as fn(),
        ),
        ("what_nobody_could_see_is_never_a_go", what_nobody_could_see_is_never_a_go as fn()),
        ("a_merge_patch_is_that_of_the_rfc", a_merge_patch_is_that_of_the_rfc as fn()),
    ];
    let whole = whole.into_iter().map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    let single = cases().into_iter().map(|(gate, case)| {
        Trial::test(format!("{gate}::{}", name(&case)), move || is_reported(&gate, &case))
    });
    libtest_mimic::run(&Arguments::from_args(), whole.chain(single).collect()).exit();
}
