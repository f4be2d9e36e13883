//! A final version from a verified pre-release: the same commit, the same files, and what the
//! pre-release has proven.

use super::environments::{a_day_later, exits};
use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{Said, Story, regex_of};
use serde_json::Value;
use tminus::facts::environment::Protection;

const MANIFEST: &str = "\
schema: 1
name: widget
branches: [main]
version: { policy: manual }
changelog: { style: none }
gates: { checks-green: { required: [build] } }
stages:
  - name: staging
    environment: staging
    steps:
      - draft-release: { assets: ['dist/*'] }
      - run: { name: deploy, command: [./deploy, staging], probe: [./deployed, staging], reach: public }
    verify:
      - run: { command: [./healthy, staging] }
    soak: 24h
  - name: public
    steps:
      - tag: { sign: 'off' }
      - publish-release
";

const DEPLOY: &str = "\
#!/bin/sh
echo \"$TMINUS_VERSION\" >\"$STORY/in-$1\"
echo \"$1 $TMINUS_VERSION\" >>\"$STORY/deployed\"
";

const DEPLOYED: &str = "\
#!/bin/sh
[ \"$(cat \"$STORY/in-$1\" 2>/dev/null)\" = \"$TMINUS_VERSION\" ] || exit 1
";

const HEALTHY: &str = "\
#!/bin/sh
[ -e \"$STORY/sick-$1\" ] || exit 0
echo \"$1 answers 503\"
exit 1
";

fn with(manifest: &str) -> Story {
    let story = Story::bare(Options::default(), manifest);
    story.fake_github.with(|state| state.protect("staging", Protection::default()));
    story.script("work/deploy", DEPLOY);
    story.script("work/deployed", DEPLOYED);
    story.script("work/healthy", HEALTHY);
    story.push("ci: scripts");
    story.report("build", "success");
    story
}

/// A pre-release that went the whole way.
fn prerelease(story: &Story, version: &str) {
    exits(&story.run(&["release", "--version", version]), 3);
    a_day_later(story, version, "staging");
    exits(&story.run(&["release", "--version", version]), 0);
}

/// A project whose newest pre-release is finished and verified.
pub(super) fn proven() -> Story {
    let story = with(MANIFEST);
    prerelease(&story, "1.1.0-rc.1");
    story
}

/// The branch moves on, and other files are built.
fn move_on(story: &Story) {
    story.write("work/README.md", "more\n");
    story.push("docs: more");
    story.write("work/dist/widget.txt", "another widget\n");
}

/// The digests of the assets of a tag's published release, by their names.
pub(super) fn assets(story: &Story, tag: &str) -> Vec<(String, String)> {
    story.fake_github.with(|state| {
        let release = &state.published(tag).unwrap().release;
        let one = |asset: &tminus::facts::RemoteAsset| {
            (asset.name.clone(), asset.digest.as_ref().unwrap().to_string())
        };
        release.assets.iter().map(one).collect()
    })
}

fn promote(story: &Story) -> Said {
    story.run(&["promote", "--final"])
}

#[test]
fn a_final_version_has_the_commit_the_files_and_the_soak_of_its_pre_release() {
    let story = proven();
    let commit = story.sha("work", "HEAD");
    move_on(&story);
    saw!(story, "final-plan", story.run(&["plan", "--final"]).whole());
    let plan = story.run(&["plan", "--final", "--format", "json"]);
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!(plan["plan"]["format"], 2, "versions that do not know promotions do not read it");
    assert_eq!(plan["plan"]["promoted"]["tag"], "v1.1.0-rc.1");
    assert_eq!(plan["plan"]["promoted"]["commit"], commit.as_str());
    saw!(story, "final", promote(&story).whole());
    assert_eq!(story.sha("remote.git", "v1.1.0^{commit}"), commit);
    assert_eq!(assets(&story, "v1.1.0"), assets(&story, "v1.1.0-rc.1"));
    let latest = story.fake_github.with(|state| {
        let release = state.published("v1.1.0").unwrap();
        (release.release.prerelease, state.latest == Some(release.release.id))
    });
    assert_eq!(latest, (false, true));
    let commit = commit.to_string();
    let status = ["status", "--version", "1.1.0", "--commit", &commit];
    saw!(story, "final-status", story.run(&status).whole());
    let log = ["log", "--reverse", "--format=%s", "refs/tminus/releases/v1.1.0"];
    saw!(story, "final-ledger", story.git("remote.git", &log));
    exits(&story.run(&["status", "--verify", "--version", "1.1.0", "--commit", &commit]), 0);
    let before = story.left();
    saw!(story, "final-again", promote(&story).whole());
    assert_eq!(story.left(), before);
}

#[test]
fn a_release_that_was_promoted_is_continued_like_any_other() {
    let story = proven();
    let said = story.run(&["promote", "--final", "--to", "staging"]);
    saw!(story, "final-to-stage", said.whole());
    let said = story.run(&["release", "--resume", "--format", "json"]);
    exits(&said, 0);
    let json: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(json["promoted"]["version"], "1.1.0-rc.1");
    assert_eq!(assets(&story, "v1.1.0"), assets(&story, "v1.1.0-rc.1"));
}

#[test]
fn an_unhealthy_final_version_restarts_its_soak() {
    let story = proven();
    story.write("sick-staging", "");
    saw!(story, "final-sick", promote(&story).whole());
    std::fs::remove_file(story.path("sick-staging")).unwrap();
    saw!(story, "final-healthy-again", promote(&story).whole());
}

#[test]
fn the_soak_of_a_pre_release_counts_only_while_it_is_deployed() {
    let story = proven();
    move_on(&story);
    story.report("build", "success");
    exits(&story.run(&["release", "--version", "1.1.0-rc.2"]), 3);
    saw!(story, "final-newest-unfinished", promote(&story).whole());
    let said = story.run(&["promote", "--final", "--from", "1.1.0-rc.1"]);
    saw!(story, "final-replaced", said.whole());
    assert!(story.fake_github.with(|state| state.published("v1.1.0").is_none()));
}

#[test]
fn an_ineligible_pre_release_is_not_promoted_and_nothing_changes() {
    let story = with(MANIFEST);
    let mut told = String::new();
    let mut refused = |story: &Story, arguments: &[&str]| {
        let before = story.left();
        let said = story.run(&[&["promote", "--final"], arguments].concat());
        assert_ne!(said.code, Some(0), "{}", said.whole());
        assert_eq!(story.left(), before);
        told += &format!("$ tminus promote --final {}\n{}\n", arguments.join(" "), said.whole());
    };
    refused(&story, &[]);
    refused(&story, &["--version", "1.1.0"]);
    refused(&story, &["--version", "1.1.0-rc.1"]);
    refused(&story, &["--version", "1.1.0", "--from", "1.2.0-rc.1"]);
    refused(&story, &["--from", "1.1.0"]);
    refused(&story, &["--no-fetch"]);
    exits(&story.run(&["release", "--version", "1.1.0-rc.1"]), 3);
    refused(&story, &[]);
    a_day_later(&story, "1.1.0-rc.1", "staging");
    exits(&story.run(&["release", "--version", "1.1.0-rc.1"]), 0);
    refused(&story, &["--version", "1.2.0"]);
    let manifest = MANIFEST.replace("soak: 24h", "soak: 1h");
    story.write("other.yaml", manifest);
    refused(&story, &["--manifest", "../other.yaml"]);

    let tag = story.git("remote.git", &["rev-parse", "v1.1.0-rc.1"]);
    story.git("remote.git", &["update-ref", "refs/tags/v1.1.0-rc.1", "refs/heads/main~1"]);
    refused(&story, &[]);
    story.git("remote.git", &["update-ref", "refs/tags/v1.1.0-rc.1", &tag]);
    story.fake_github.with(|state| {
        let other = tminus::release::step::sha256(b"other");
        state.releases[0].release.assets[0].digest = Some(other);
    });
    refused(&story, &[]);
    story.fake_github.with(|state| state.releases.clear());
    refused(&story, &[]);
    story.git("remote.git", &["update-ref", "-d", "refs/tags/v1.1.0-rc.1"]);
    refused(&story, &[]);
    saw!(story, "final-refused", told);
}

#[test]
fn a_pre_release_without_verification_or_with_its_version_in_a_file_is_not_promoted() {
    let unverified = MANIFEST.replace(
        "    verify:\n      - run: { command: [./healthy, staging] }\n    soak: 24h\n",
        "",
    );
    let story = with(&unverified);
    exits(&story.run(&["release", "--version", "1.1.0-rc.1"]), 0);
    saw!(story, "final-unverified", promote(&story).whole());

    let story = with(&MANIFEST.replace("policy: manual", "files: [Cargo.toml]"));
    saw!(story, "final-version-in-file", promote(&story).whole());

    let story = with(MANIFEST);
    story.write("work/dist/widget-1.1.0rc1.whl", "a wheel\n");
    prerelease(&story, "1.1.0-rc.1");
    saw!(story, "final-version-in-name", promote(&story).whole());
}

#[test]
fn a_rolled_back_pre_release_is_not_promoted_but_an_earlier_one_can_be() {
    let story = proven();
    move_on(&story);
    story.report("build", "success");
    prerelease(&story, "1.1.0-rc.2");
    exits(&story.run(&["promote", "--back"]), 0);
    saw!(story, "final-rolled-back", promote(&story).whole());
    let said = story.run(&["promote", "--final", "--from", "1.1.0-rc.1"]);
    saw!(story, "final-one-before", said.whole());
}

#[test]
fn a_final_version_that_was_started_from_built_files_is_not_promoted() {
    let story = proven();
    exits(&story.run(&["release", "--version", "1.1.0"]), 3);
    saw!(story, "final-started-from-files", promote(&story).whole());
}

#[test]
fn assets_that_changed_on_the_forge_are_not_published() {
    let story = proven();
    // The forge still reports the old digest.
    story.fake_github.replace_stored("widget.txt", b"another1\n");
    saw!(story, "final-other-bytes", promote(&story).whole());
    assert!(story.fake_github.with(|state| state.published("v1.1.0").is_none()));
}

/// A stage without an environment, and no soak.
const PLAIN: &str = "\
schema: 1
name: widget
branches: [main]
version: { policy: manual }
changelog: { style: none }
gates: { checks-green: { required: [build] } }
stages:
  - name: public
    steps:
      - draft-release: { assets: ['dist/*'] }
      - tag: { sign: 'off' }
      - publish-release
    verify:
      - run: { command: [./healthy, public] }
";

#[test]
fn a_promotion_sends_exactly_the_requests_its_plan_stated() {
    let story = with(PLAIN);
    exits(&story.run(&["release", "--version", "1.1.0-rc.1"]), 0);
    let plan = story.run(&["plan", "--final", "--version", "1.1.0", "--format", "json"]);
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    let before = story.fake_github.requests().len();
    exits(&story.run(&["promote", "--final", "--version", "1.1.0"]), 0);
    let requests = story.fake_github.requests();
    let asked = requests.iter().skip(before).filter(|one| !one.path.starts_with("/storage/"));
    assert_eq!(plan["release_requests"], asked.count());
    let stored = requests.iter().filter(|one| one.path.starts_with("/storage/"));
    assert!(stored.clone().all(|one| one.status == Some(200)), "without the token");
    assert_eq!(stored.count(), 2, "what tminus writes itself is not downloaded");
}
