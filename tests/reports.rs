//! Reports in every form, whole, for people to compare.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crate::support::shown::Situation;
use serde_json::{Value, json};
use std::fmt::Write as _;
use tminus::release::outcome::Outcome;
use tminus::report::annotations::annotations;
use tminus::report::json as documents;
use tminus::report::junit::junit;
use tminus::report::markdown::{MAX_COMMENT, MAX_SUMMARY, markdown};
use tminus::report::sarif::sarif;

macro_rules! saw {
    ($name:expr, $text:expr) => {{
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("reports");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!($name, $text));
    }};
}

/// Keeps a log for `tests/conformance`, where the tests are recorded.
fn record(name: &str, log: &Value) {
    let Some(record) = std::env::var_os("TMINUS_RECORD") else { return };
    let folder = std::path::Path::new(&record).parent().unwrap().to_owned();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{name}.sarif")), log.to_string()).unwrap();
}

fn red() -> Value {
    let manifest = "schema: 1\nbranches: [main]\nversion:\n  files: [Cargo.toml]\nchangelog:\n  \
        file: CHANGELOG.md\ngates:\n  version-increases: on\n  bump-fits-changes: inform\n  \
        versions-agree: on\n  changelog-entry: on\n  branch-allowed: off\n  checks-green:\n    \
        required: [build, test, fuzz]\n  tree-clean: on\n";
    json!({
        "manifest": { "name": "tminus.yaml", "text": manifest },
        "dirty": { "known": ["src/lib.rs"] },
        "files": {
            "CHANGELOG.md": { "known": { "text": "# Changelog\n\n## [1.1.0] - 2026-01-10\n\n## [1.0.0]\n\n- a\n" } },
            "Cargo.toml": { "known": { "text": "[package]\nname = \"widget\"\nversion = \"1.0.1\"\n" } },
        },
        "checks": { "known": { "commit": "3f2a91c4d8000000000000000000000000000000", "total": 2,
            "since": "2026-01-10T13:51:00Z", "runs": [
            check("9001", "build", "success"), check("9002", "test", "failure"),
        ] } },
    })
}

fn check(id: &str, name: &str, outcome: &str) -> Value {
    json!({
        "kind": "run", "id": id, "name": name, "app": "github-actions", "app_id": 15368,
        "workflow": "ci", "event": "push", "run": 4411, "state": { "finished": outcome },
        "started_at": "2026-01-10T13:52:00Z", "completed_at": "2026-01-10T13:58:00Z",
        "url": format!("https://github.com/acme/widget/actions/runs/4411/job/{id}"),
    })
}

fn waiting() -> Value {
    let mut test = check("9002", "test", "success");
    test["state"] = json!({ "pending": "waiting" });
    test["completed_at"] = Value::Null;
    test["environment"] = "production".into();
    json!({ "checks": { "known": { "commit": "3f2a91c4d8000000000000000000000000000000", "total": 2,
        "since": "2026-01-10T13:51:00Z", "runs": [check("9001", "build", "success"), test] } } })
}

fn blind() -> Value {
    json!({ "checks": { "unseen": {
        "why": "the token lacks `checks: read`",
        "help": "add `checks: read` to the job's `permissions`",
        "who": "grantor",
    } } })
}

fn staged() -> Value {
    let manifest = "schema: 1\nversion:\n  files: [Cargo.toml]\nchangelog:\n  file: CHANGELOG.md\n\
        gates:\n  checks-green:\n    required: [build, test]\nstages:\n  - name: candidate\n    \
        steps:\n      - draft-release\n      - run: { name: deploy, command: [./deploy, staging], \
        probe: [./deployed], reach: private }\n  - name: stable\n    gates: [checks-green]\n    \
        steps:\n      - tag\n      - publish-release\n";
    json!({
        "manifest": { "name": "tminus.yaml", "text": manifest },
        "tag": { "known": {
            "object": "1111111111111111111111111111111111111111",
            "commit": "3f2a91c4d8000000000000000000000000000000", "ancestor": true,
        } },
    })
}

#[test]
fn the_json_document_and_the_workflow_output_have_the_same_outcome() {
    for (patch, outcome) in [(json!({}), "go"), (red(), "no-go"), (waiting(), "hold")] {
        let situation = Situation::new(&patch);
        let report = situation.check();
        let document = documents::document(&report);
        assert_eq!(document["outcome"], outcome);
    }
}

#[test]
fn a_page_shows_the_verdict_then_the_reasons_then_the_next_steps() {
    for (name, patch) in
        [("go", json!({})), ("no-go", red()), ("hold", waiting()), ("unknown", blind())]
    {
        let situation = Situation::new(&patch);
        saw!(format!("{name}.md"), markdown(&situation.check(), MAX_SUMMARY));
    }
    let situation = Situation::new(&staged());
    saw!("plan.md", markdown(&situation.plan(), MAX_SUMMARY));
    let flight = situation.flight(Outcome::Partial, "2 of 4 steps done, including public steps");
    saw!("partial.md", markdown(&flight, MAX_COMMENT));
}

#[test]
fn annotations_are_attached_to_their_lines() {
    let mut text = String::new();
    for (name, patch) in
        [("go", json!({})), ("no-go", red()), ("hold", waiting()), ("unknown", blind())]
    {
        let situation = Situation::new(&patch);
        let commands = annotations(&situation.check());
        let _ = writeln!(text, "# {name}\n{}", commands.join("\n"));
    }
    saw!("annotations", text);
}

#[test]
fn at_most_nine_annotations_per_level_are_shown_and_the_rest_is_counted() {
    let dirty: Vec<String> = (0..40).map(|n| format!("check-{n}")).collect();
    let manifest = format!(
        "schema: 1\nversion: {{ files: [Cargo.toml] }}\ngates:\n  checks-green: {{ required: [{}] }}\n",
        dirty.join(", ")
    );
    let situation = Situation::new(&json!({
        "at": "2026-01-10T20:30:00Z",
        "manifest": { "name": "tminus.yaml", "text": manifest },
    }));
    let commands = annotations(&situation.check());
    assert_eq!(commands.len(), 10, "{commands:#?}");
    assert!(commands.last().unwrap().ends_with(" more; see the job summary"), "{commands:#?}");
}

#[test]
fn sarif_has_a_rule_for_every_gate_and_a_location_for_every_result() {
    for (name, patch) in [("no-go", red()), ("unknown", blind())] {
        let situation = Situation::new(&patch);
        let mut log = serde_json::to_value(sarif(&situation.check())).unwrap();
        let rules = log.pointer("/runs/0/tool/driver/rules").and_then(Value::as_array).unwrap();
        let rules = rules.clone();
        let results = log.pointer("/runs/0/results").and_then(Value::as_array).unwrap();
        for result in results {
            let at = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules.get(at).map(|rule| &rule["id"]), Some(&result["ruleId"]));
        }
        record(name, &log);
        // The gates' pages are compared where they are written.
        log["runs"][0]["tool"]["driver"]["rules"] = rules.len().into();
        saw!(format!("{name}.sarif"), serde_json::to_string_pretty(&log).unwrap());
    }
}

#[test]
fn a_finding_keeps_its_fingerprint_across_commits_and_lines() {
    let prints = |patch: &Value| {
        let log = serde_json::to_value(sarif(&Situation::new(patch).check())).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        let print =
            |one: &Value| one["partialFingerprints"]["tminus/v1"].as_str().unwrap().to_owned();
        results.iter().map(print).collect::<Vec<_>>()
    };
    let before = red();
    let text = before.to_string().replace("3f2a91c4d8", "77777774d8");
    let text = text.replace("schema: 1\\n", "schema: 1\\n# a new line\\n");
    let after: Value = serde_json::from_str(&text).unwrap();
    let mut after = after;
    after["commit"] = json!({ "sha": "77777774d8000000000000000000000000000000",
        "message": "x", "committed_at": 1_768_053_000, "parents": 1 });
    assert_eq!(prints(&before), prints(&after));
    let unlike: std::collections::BTreeSet<_> = prints(&before).into_iter().collect();
    assert_eq!(unlike.len(), prints(&before).len(), "unlike reasons have unlike marks");
}

#[test]
fn junit_has_a_case_for_every_gate() {
    for (name, patch) in [("no-go", red()), ("hold", waiting()), ("unknown", blind())] {
        let situation = Situation::new(&patch);
        saw!(format!("{name}.junit"), junit(&situation.check()).unwrap());
    }
}
