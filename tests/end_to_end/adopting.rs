//! A project that has released without tminus, and one whose version is out.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{MANIFEST, Story, regex_of};
use tminus::facts::environment::{Protection, Reviewer};

/// `v1.0.0` was tagged by hand and has no release; three commits follow, and none raises the
/// version.
fn adopted(manifest: &str) -> Story {
    let story = Story::bare(Options::default(), manifest);
    story.write("work/Cargo.toml", "[package]\nname = \"widget\"\nversion = \"1.0.0\"\n");
    story.push("chore: back to 1.0.0");
    story.push("fix: a small thing");
    story.report("build", "success");
    story
}

fn without_assets() -> String {
    MANIFEST.replace("{ assets: ['dist/*'], checksums: sha256 }", "{}")
}

#[test]
fn a_tag_created_without_tminus_counts_as_released_and_is_not_published_again() {
    let story = adopted(&without_assets());
    saw!(story, "adopted-check", story.run(&["check"]).whole());
    saw!(story, "adopted-plan", story.run(&["plan"]).whole());
    saw!(story, "adopted-release", story.run(&["release"]).whole());
    saw!(story, "adopted-status", story.run(&["status"]).whole());
    story.fake_github.with(|state| assert!(state.releases.is_empty()));
    let said = story.run(&["release", "--expect-release"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
}

#[test]
fn status_of_a_release_made_without_tminus_is_a_document_on_request() {
    let story = adopted(&without_assets());
    let said = story.run(&["status", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(document["outcome"], "released", "{}", said.whole());
    assert_eq!(
        (&document["plan"], &document["version"]),
        (&serde_json::Value::Null, &"1.0.0".into())
    );
    let page = story.run(&["status", "--format", "markdown"]);
    assert!(page.stdout.starts_with("## ✅ released: widget"), "{}", page.whole());
    assert!(page.stdout.contains("tminus has no ledger for it"), "{}", page.whole());
    assert_eq!((said.code, page.code), (Some(0), Some(0)));
}

#[test]
fn an_explicitly_named_existing_tag_is_published() {
    let story = adopted(&without_assets());
    let tagged = story.sha("work", "v1.0.0^{commit}");
    let success = tminus::facts::CheckState::Finished("success".into());
    story.fake_github.with(|state| state.report(&tagged, "build", success));
    let said = story.run(&["release", "--commit", "v1.0.0"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    story.fake_github.with(|state| assert_eq!(state.releases.len(), 1));
}

#[test]
fn a_release_whose_tag_already_exists_at_its_commit_is_still_published() {
    let story = Story::new();
    story.git("work", &["tag", "-m", "1.1.0", "v1.1.0"]);
    story.git("work", &["push", "-q", "origin", "v1.1.0"]);
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    story.fake_github.with(|state| assert_eq!(state.releases.len(), 1));
}

#[test]
fn environments_named_in_the_manifest_exist_in_a_rehearsal() {
    let manifest = MANIFEST
        .replace("  - name: stable\n", "  - name: stable\n    environment: production\n")
        .replace("  - name: beta\n", "  - name: beta\n    environment: staging\n");
    let story = Story::bare(Options::default(), &manifest);
    let said = story.run(&["rehearse"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let stage = "stable   in environment production (no protection rules)   gates: checks-green";
    assert!(said.stdout.contains(stage), "{}", said.stdout);
    story.fake_github.with(|state| {
        let reviewers = vec![Reviewer::User("ada".into())];
        state.protect(
            "production",
            Protection { wait_minutes: 30, reviewers, ..Protection::default() },
        );
    });
    let said = story.run(&["plan"]);
    for shown in [
        "production (required reviewers, wait timer 30 min)",
        "in environment staging (does not exist)",
    ] {
        assert!(said.stdout.contains(shown), "{}", said.stdout);
    }
}
