//! Notes from commits, and what becomes of every commit.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{MANIFEST, Story, regex_of};
use serde_json::{Value, json};

const GENERATED: &str = "changelog: { style: generated }";

fn generated() -> Story {
    let style = "changelog: { file: CHANGELOG.md, style: keep-a-changelog }";
    let manifest = MANIFEST.replace(style, GENERATED).replace("  changelog-entry: on\n", "");
    Story::bare(Options::default(), &manifest)
}

/// A history with every kind of commit that a rule knows.
fn eventful() -> Story {
    let story = generated();
    story.push("fix: see `a_b` and https://example.com/a_b_c");
    story.push("feat!: drop the old format\n\nBREAKING CHANGE: run `widget convert` first\n\n```\nwidget convert old_file\n```\n\nSigned-off-by: Ada <ada@example.com>");
    story.push("docs: explain widgets");
    story.push("ci: newer runners");
    story.push("feature: a word that is no type");
    story.push("fix: a mistake");
    let mistake = story.sha("work", "HEAD");
    story.push(&format!("Revert \"fix: a mistake\"\n\nThis reverts commit {mistake}."));
    story.git("work", &["checkout", "-q", "-b", "third"]);
    story.push("wip");
    story.git("work", &["checkout", "-q", "main"]);
    let title = "Merge pull request #3 from acme/third\n\nfeat(api): a third widget";
    story.git("work", &["merge", "-q", "--no-ff", "-m", title, "third"]);
    story.git(
        "work",
        &[
            "-c",
            "user.name=renovate[bot]",
            "commit",
            "-q",
            "--allow-empty",
            "--author=renovate[bot] <1+renovate[bot]@users.noreply.example>",
            "-m",
            "Update dependency serde to v2 (#4)",
        ],
    );
    story.push("chore: release 1.1.0");
    story.report("build", "success");
    story
}

#[test]
fn every_commit_is_listed_excluded_by_a_named_rule_or_unknown() {
    let story = eventful();
    saw!(story, "accounting", story.run(&["plan", "--accounting"]).whole());
    saw!(
        story,
        "accounting-markdown",
        story.run(&["plan", "--accounting", "--format", "markdown"]).whole()
    );
    let said = story.run(&["plan", "--accounting", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    let all = &document["accounting"];
    let commits = all["commits"].as_array().unwrap();
    let count = story.git("work", &["rev-list", "--count", "v1.0.0..HEAD"]);
    assert_eq!(commits.len().to_string(), count.trim(), "{all}");
    let sum = ["listed", "left_out", "unknown"].map(|key| all[key].as_u64().unwrap());
    assert_eq!(sum.iter().sum::<u64>(), commits.len() as u64);
    assert_eq!(commits[0]["rule"], "release-commit");
    assert_eq!(commits[1]["rule"], "bot");
    assert_eq!(all["rules"]["bot"], "a bot wrote it, and it requires no new version", "{all}");
    let plain = story.run(&["plan", "--format", "json"]);
    let plain: Value = serde_json::from_str(&plain.stdout).unwrap();
    assert_eq!(plain.get("accounting"), None, "only when it is requested");
}

#[test]
fn commits_missing_from_the_changelog_are_unknown() {
    let story = Story::new();
    story.push("fix: a thing that nobody wrote down");
    story.report("build", "success");
    let said = story.run(&["plan", "--accounting", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    let all = &document["accounting"];
    assert_eq!([&all["listed"], &all["unknown"]], [&json!(1), &json!(1)], "{all}");
    assert_eq!(all["commits"][1]["places"], json!(["CHANGELOG.md"]), "{all}");
}

#[test]
fn commits_after_a_release_are_counted_from_its_tag() {
    let story = generated();
    story.report("build", "success");
    story.git("work", &["tag", "-m", "1.1.0", "v1.1.0"]);
    story.git("work", &["push", "-q", "--tags"]);
    story.push("fix: more");
    let said = story.run(&["plan", "--accounting"]);
    assert!(
        said.stdout.contains("1 commit since v1.1.0: 1 listed, 0 left out, 0 unknown"),
        "{}",
        said.whole()
    );
}

#[test]
fn a_release_with_only_maintenance_changes_says_so() {
    let story = generated();
    story.git("work", &["tag", "-f", "-m", "1.0.0", "v1.0.0"]);
    story.git("work", &["push", "-q", "-f", "--tags"]);
    story.write("work/Cargo.toml", "[package]\nname = \"widget\"\nversion = \"1.1.1\"\n");
    story.push("chore: release 1.1.1");
    story.report("build", "success");
    let said = story.run(&["plan"]);
    assert!(said.stdout.contains("Maintenance only: no user-facing changes."), "{}", said.whole());
}
