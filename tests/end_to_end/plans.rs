//! The plan that was kept is the one that is performed, or nothing is.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{MANIFEST, Story, regex_of};
use serde_json::{Value, json};

fn kept(story: &Story) -> String {
    let said = story.run(&["plan", "--format", "json"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    story.write("plan.json", &said.stdout);
    story.path("plan.json").to_str().unwrap().to_owned()
}

#[test]
fn release_performs_a_kept_plan() {
    let story = Story::new();
    let file = kept(&story);
    let said = story.run(&["release", "--plan", &file]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert!(said.stdout.contains("\nreleased: widget 1.1.0, "), "{}", said.whole());
    let again = story.run(&["release", "--plan", &file]);
    assert_eq!(again.code, Some(0), "{}", again.whole());
}

#[test]
fn a_plan_that_differs_from_the_kept_one_is_rejected_with_the_difference() {
    let story = Story::new();
    let file = kept(&story);
    story.write("work/dist/widget.txt", "another widget\n");
    let left = story.left();
    saw!(story, "other-plan-asset", story.run(&["release", "--plan", &file]).whole());
    story.push("feat: more (#3)");
    story.report("build", "success");
    saw!(story, "other-plan-commit", story.run(&["release", "--plan", &file]).whole());
    assert_eq!(story.fake_github.with(|state| state.releases.len()), 0);
    assert_ne!(story.left(), left, "the push is there");
    story.write("no-plan.json", "{}");
    let none = story.path("no-plan.json").to_str().unwrap().to_owned();
    saw!(story, "no-plan", story.run(&["release", "--plan", &none]).whole());
    saw!(story, "missing-plan", story.run(&["release", "--plan", "nowhere.json"]).whole());
}

#[test]
fn plan_shows_every_step_even_if_files_are_not_built_yet() {
    let manifest = MANIFEST.replace("['dist/*']", "['dist/*.tar.gz', 'dist/*.txt']");
    let story = Story::bare(Options::default(), &manifest);
    story.report("build", "success");
    std::fs::remove_file(story.path("work/dist/widget.txt")).unwrap();
    let left = story.left();
    let said = story.run(&["plan"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    saw!(story, "plan-not-built", said.whole());
    saw!(story, "plan-not-built-markdown", story.run(&["plan", "--format", "markdown"]).whole());
    let said = story.run(&["plan", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(document["digest"], Value::Null);
    assert_eq!(document["missing_files"], json!(["dist/*.txt"]));
    let waits = |row: &&Value| row["waits_for"] == json!(["dist/*.txt"]);
    let rows = document["standings"].as_array().unwrap();
    let waiting: Vec<_> = rows.iter().filter(waits).map(|row| row["step"].clone()).collect();
    assert_eq!(waiting, ["upload:dist/*.txt", "upload:SHA256SUMS"]);
    story.write("plan.json", &said.stdout);
    let file = story.path("plan.json").to_str().unwrap().to_owned();
    saw!(story, "release-by-a-plan-not-built", story.run(&["release", "--plan", &file]).whole());
    saw!(story, "release-not-built", story.run(&["release"]).whole());
    assert_eq!(story.left(), left, "nothing was written");
    story.write("work/dist/widget.txt", "a widget\n");
    assert_eq!(story.run(&["plan"]).code, Some(0));
}

#[test]
fn a_plan_for_another_commit_is_unknown_until_its_files_exist() {
    let story = Story::new();
    story.push("docs: more");
    let said = story.run(&["plan", "--commit", "HEAD~1"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    assert!(said.stdout.contains("upload dist/*"), "{}", said.whole());
    assert!(said.stdout.contains("waits for `dist/*`"), "{}", said.whole());
}

#[test]
fn plan_works_without_the_network() {
    let mut story = Story::new();
    let whole = story.run(&["plan", "--format", "json"]);
    let whole: Value = serde_json::from_str(&whole.stdout).unwrap();
    story.set("GITHUB_TOKEN", "");
    let said = story.run(&["plan", "--offline"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    saw!(story, "plan-offline", said.whole());
    let said = story.run(&["plan", "--offline", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(document["digest"], whole["digest"], "it is the same plan");
    assert_eq!(document["requests"], 0);
}

#[test]
fn release_names_every_file_that_is_not_built() {
    let manifest = MANIFEST.replace("['dist/*']", "['dist/*.zip', 'dist/*.exe']");
    let story = Story::bare(Options::default(), &manifest);
    story.report("build", "success");
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    for file in ["dist/*.zip", "dist/*.exe"] {
        assert!(said.stderr.contains(&format!("no file matches `{file}`")), "{}", said.whole());
    }
}

#[test]
fn status_shows_every_step_even_if_files_are_not_built_yet() {
    let story = Story::new();
    std::fs::remove_dir_all(story.path("work/dist")).unwrap();
    let said = story.run(&["status"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    saw!(story, "status-not-built", said.whole());
    let said = story.run(&["status", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(document["digest"], Value::Null);
    assert_eq!(document["missing_files"], json!(["dist/*"]));
}

#[test]
fn a_new_asset_that_is_not_in_the_sealed_plan_is_reported() {
    let story = Story::new();
    let said = story.run(&["release", "--through", "candidate"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    story.write("work/dist/later.txt", "later\n");
    saw!(story, "later-file-status", story.run(&["status"]).whole());
    saw!(story, "later-file-plan", story.run(&["plan"]).whole());
    let said = story.run(&["plan", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(document["later_files"], json!(["later.txt"]));
    saw!(story, "later-file-release", story.run(&["release", "--through", "beta"]).whole());
    let said = story.run(&["status"]);
    let help = "           = help: the next release can include it\n";
    assert!(said.stdout.contains(help), "{}", said.whole());
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert!(!story.run(&["status"]).stdout.contains("later.txt"), "the release is finished");
}
