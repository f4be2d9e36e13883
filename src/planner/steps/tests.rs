//! What the steps of a manifest lead to.

use super::{Planning, planned};
use crate::base::names::TagName;
use crate::base::source::Source;
use crate::judge::moving::Moving;
use crate::judge::target::{Origin, Target};
use crate::project::manifest::{Manifest, read};
use crate::release::plan::Plan;
use serde_json::{Value, json};

fn manifest(steps: &str) -> Manifest {
    let text = format!("stages: [{{name: a, steps: {steps}}}]");
    read(Source { name: "tminus.yaml".into(), text }, &crate::adapters::kinds()).unwrap()
}

/// The steps of a stage as a sealed plan has them.
fn sealed(steps: &str) -> Value {
    let manifest = manifest(steps);
    let version = crate::base::version::Version::new(1, 1, 0);
    let tag = TagName::new("v1.1.0").unwrap();
    let target = Target { version, tag, origin: Origin::Asked };
    let stage = &manifest.stages[0];
    let planning = Planning {
        stage: &stage.name.value,
        target: &target,
        notes: "- New.",
        assets: &[],
        awaited: &[],
        moving: &[Moving { tag: TagName::new("v1").unwrap(), range: vec![1] }],
    };
    let steps = stage.steps.iter().flat_map(|entry| planned(&entry.value, &planning));
    steps.map(|planned| serde_json::to_value(planned).unwrap()).collect()
}

#[test]
fn a_step_without_options_gets_every_default() {
    let expected = json!([
        { "key": "draft-release", "reach": "private", "step": { "draft-release": {
            "title": "v1.1.0", "notes": "- New.", "prerelease": false } } },
        { "key": "tag", "reach": "public", "step": { "tag": {
            "message": "v1.1.0\n\n- New.\n", "sign": "auto" } } },
        { "key": "publish-release", "reach": "irreversible", "step": { "publish-release": {
            "latest": "auto" } } },
    ]);
    assert_eq!(sealed("[draft-release, tag, publish-release]"), expected);
}

#[test]
fn a_moving_tag_is_sealed_with_its_version_range() {
    let expected = json!([
        { "key": "tag", "reach": "public", "step": { "tag": {
            "message": "v1.1.0\n\n- New.\n", "sign": "auto" } } },
        { "key": "move-tag:v1", "reach": "irreversible", "step": { "move-tag": {
            "tag": "v1", "range": [1] } } },
    ]);
    assert_eq!(sealed("[tag, move-tag: ['v{major}']]"), expected);
}

#[test]
fn explicit_settings_are_kept_in_the_sealed_plan() {
    let steps = sealed("[draft-release, tag: {sign: ssh}, publish-release: {latest: no}]");
    assert_eq!(steps[1]["step"]["tag"]["sign"], "ssh");
    assert_eq!(steps[2]["step"]["publish-release"]["latest"], "no");
    let files = manifest("[draft-release: {assets: ['dist/*.tar.gz']}]");
    let names: Vec<&str> = super::all_files(&files).map(|file| file.value.as_str()).collect();
    assert_eq!(names, ["dist/*.tar.gz"]);
}

#[test]
fn a_run_step_is_irreversible_with_a_ten_minute_timeout_by_default() {
    let expected = json!([
        { "key": "run:a/./deploy", "reach": "public", "step": { "run": {
            "name": "./deploy", "command": ["./deploy", "1.10"], "probe": ["./deployed"],
            "rehearse": null, "reach": "public", "repeatable": false, "timeout_seconds": 5400 } } },
        { "key": "run:a/warm up", "reach": "irreversible", "step": { "run": {
            "name": "warm up", "command": ["./warm"], "probe": null, "rehearse": ["echo", "warm"],
            "reach": "irreversible", "repeatable": true, "timeout_seconds": 600 } } },
    ]);
    let deploy =
        "run: {command: [./deploy, 1.10], probe: [./deployed], reach: public, timeout: 1h 30m}";
    let warm = "run: {name: warm up, command: [./warm], repeatable: true, rehearse: [echo, warm]}";
    assert_eq!(sealed(&format!("[{deploy}, {warm}]")), expected);
}

#[test]
fn a_plan_with_an_older_format_is_read_and_keeps_its_digest() {
    // As version 0.1 sealed it: no format, which is the first.
    let text = r#"{"name":"widget","version":"1.1.0","tag":"v1.1.0",
        "commit":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","previous":null,
        "manifest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "stages":[{"name":"a","gates":[],"steps":[{"key":"tag","reach":"public",
        "step":{"tag":{"message":"m","sign":"auto"}}}]}]}"#;
    let plan: Plan = serde_json::from_str(text).unwrap();
    assert_eq!(plan.format, 1);
    assert_eq!(plan.digest().short(), "da018f");
    let back = serde_json::to_string(&plan).unwrap();
    assert_eq!(back, text.split_whitespace().collect::<String>());
}

#[test]
fn a_plan_with_a_newer_format_is_rejected() {
    let text = r#"{"format":3,"name":"widget","version":"1.1.0","tag":"v1.1.0",
        "commit":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","previous":null,
        "manifest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stages":[]}"#;
    let error = serde_json::from_str::<Plan>(text).unwrap_err().to_string();
    assert!(error.starts_with(
        "the plan has format 3, but this version of tminus supports only formats up to 2"
    ));
}
