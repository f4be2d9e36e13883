//! A ledger that is verified, and one that was damaged, rewritten or deleted.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{MANIFEST, Said, Story, regex_of};
use serde_json::Value;
use tminus::facts::environment::Protection;

const REF: &str = "refs/tminus/releases/v1.1.0";
const COPY: &str = "refs/tminus/remote/v1.1.0";

/// A text with the same id for all ledger entries and processes: they differ each time.
fn steady(story: &Story, said: &Said) -> String {
    let mut text = said.whole();
    for folder in ["work", "remote.git"] {
        let all = story.git(folder, &["rev-list", "--glob=refs/tminus/*", "--not", "--branches"]);
        for id in all.lines() {
            text = text.replace(id, "4fdb3ed").replace(&id[..7], "4fdb3ed");
        }
    }
    let mut parts = text.split("(process ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        format!("{text}(process [ID]{rest}")
    })
}

fn released() -> Story {
    let story = Story::new();
    assert_eq!(story.run(&["release", "--through", "candidate"]).code, Some(0));
    assert_eq!(story.run(&["release"]).code, Some(0));
    story
}

/// Ends the remote's ledger with this entry instead of the newest.
fn rewrite(story: &Story, change: impl FnOnce(&str) -> String) {
    let entry = story.git("remote.git", &["show", &format!("{REF}:entry.json")]);
    story.write("entry", change(&entry));
    let blob = story.git("remote.git", &["hash-object", "-w", "../entry"]);
    story.write("tree", format!("100644 blob {blob}\tentry.json\n"));
    let mut make = story.command("git", "remote.git");
    let tree = make.arg("mktree").stdin(std::fs::File::open(story.path("tree")).unwrap());
    let tree = String::from_utf8(tree.output().unwrap().stdout).unwrap();
    let parent = story.git("remote.git", &["rev-parse", &format!("{REF}~1")]);
    let commit = ["commit-tree", tree.trim(), "-p", &parent, "-m", "completed tag: annotated"];
    let commit = story.git("remote.git", &commit);
    story.git("remote.git", &["update-ref", REF, &commit]);
}

#[test]
fn a_ledger_with_true_claims_is_verified() {
    let story = Story::new();
    saw!(story, "verified-none", steady(&story, &story.run(&["status", "--verify"])));
    let story = released();
    saw!(story, "verified", steady(&story, &story.run(&["status", "--verify"])));
    let said = story.run(&["status", "--verify", "--format", "json"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&document["outcome"], &document["exit"]), (&"go".into(), &0.into()));
    assert_eq!((&document["tag"], &document["leases"]), (&"v1.1.0".into(), &2.into()));
    assert_eq!(document["findings"], Value::Array(Vec::new()));
}

#[test]
fn a_ledger_claim_that_is_no_longer_true_is_reported_with_its_entry() {
    let story = Story::new();
    assert_eq!(story.run(&["release", "--through", "beta"]).code, Some(0));
    story.git("remote.git", &["tag", "-d", "v1.1.0"]);
    std::fs::remove_file(story.path("deployed")).unwrap();
    saw!(story, "verified-untrue", steady(&story, &story.run(&["status", "--verify"])));
    let said = story.run(&["status", "--verify", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&document["outcome"], said.code), (&"no-go".into(), Some(1)));
    assert_eq!(document["findings"].as_array().unwrap().len(), 2);
}

#[test]
fn a_ledger_entry_that_breaks_the_rules_is_a_finding() {
    let story = released();
    rewrite(&story, |entry| {
        let mut entry: Value = serde_json::from_str(entry).unwrap();
        entry["by"]["name"] = "eve@three".into();
        entry["by"]["process"] = 7.into();
        entry["event"] = serde_json::json!({ "meant": { "step": "other" } });
        entry.to_string()
    });
    story.git("work", &["update-ref", "-d", COPY]);
    saw!(story, "verified-broken", steady(&story, &story.run(&["status", "--verify"])));
}

#[test]
fn a_rewritten_ledger_stops_every_command_until_accepted() {
    let story = Story::new();
    assert_eq!(story.run(&["release", "--through", "candidate"]).code, Some(0));
    let seen = story.git("remote.git", &["rev-parse", REF]);
    story.git("remote.git", &["update-ref", REF, &format!("{REF}~1")]);
    let left = story.left();
    saw!(story, "rewritten-release", steady(&story, &story.run(&["release"])));
    saw!(story, "rewritten-abort", steady(&story, &story.run(&["abort"])));
    saw!(story, "rewritten-status", steady(&story, &story.run(&["status"])));
    saw!(story, "rewritten-plan", steady(&story, &story.run(&["plan"])));
    let said = story.run(&["status", "--verify"]);
    saw!(story, "rewritten-verify", steady(&story, &said));
    assert_eq!(story.left(), left, "nothing was changed");
    // Both ways out work.
    story.git("work", &["push", "-q", "--force", "origin", &format!("{COPY}:{REF}")]);
    assert_eq!(story.git("remote.git", &["rev-parse", REF]), seen);
    assert_eq!(story.run(&["status"]).code, Some(0));
    story.git("remote.git", &["update-ref", REF, &format!("{REF}~1")]);
    story.git("work", &["update-ref", "-d", COPY]);
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

#[test]
fn a_release_continues_from_the_actual_state_after_its_ledger_was_deleted() {
    for through in ["candidate", "beta"] {
        let story = Story::new();
        assert_eq!(story.run(&["release", "--through", through]).code, Some(0));
        let tag = |story: &Story| story.git("remote.git", &["for-each-ref", "refs/tags/v1.1.0"]);
        let before = tag(&story);
        story.git("work", &["push", "-q", "-f", "origin", &format!("HEAD:{REF}")]);
        let said = story.run(&["release"]);
        saw!(story, format!("damaged-release-{through}"), steady(&story, &said));
        story.git("work", &["push", "-q", "origin", &format!(":{REF}")]);
        let said = story.run(&["status", "--verify"]);
        saw!(story, format!("deleted-verify-{through}"), steady(&story, &said));
        let said = story.run(&["release"]);
        saw!(story, format!("deleted-release-{through}"), steady(&story, &said));
        let deployed = std::fs::read_to_string(story.path("deployed")).unwrap();
        assert_eq!(deployed.lines().count(), 1, "{deployed}");
        assert!(before.is_empty() || tag(&story) == before, "the tag is the same object");
        let made = story.fake_github.requests();
        let drafts = made.iter().filter(|one| format!("{one:?}").contains("POST"));
        let drafts = drafts.filter(|one| format!("{one:?}").contains("/releases\"")).count();
        assert!(drafts <= 1, "{drafts} drafts");
        let said = story.run(&["status", "--verify"]);
        assert_eq!(said.code, Some(0), "{}", said.whole());
    }
}

#[test]
fn after_the_ledger_of_a_published_release_was_deleted_nothing_is_done_again() {
    let story = released();
    story.git("work", &["push", "-q", "origin", &format!(":{REF}")]);
    let left = story.left();
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", steady(&story, &said));
    assert_eq!(story.left(), left);
}

#[test]
fn environment_entries_in_the_ledger_are_verified_against_the_environment_record() {
    let stage = "  - name: stable\n";
    let manifest = MANIFEST.replace(stage, &format!("{stage}    environment: production\n"));
    let story = Story::bare(Options::default(), &manifest);
    story.report("build", "success");
    story.fake_github.with(|state| {
        state.protect("production", Protection { wait_minutes: 0, ..Protection::default() });
    });
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let said = story.run(&["status", "--verify"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let record = "refs/tminus/environments/production";
    story.git("remote.git", &["update-ref", "-d", record]);
    let said = story.run(&["status", "--verify"]);
    saw!(story, "verified-environment", steady(&story, &said));
}

#[test]
fn a_release_whose_entries_cannot_be_signed_does_not_start() {
    let story = Story::new();
    story.git("work", &["config", "gpg.format", "ssh"]);
    story.git("work", &["config", "tminus.sign", "true"]);
    let left = story.left();
    saw!(story, "unsigned-release", steady(&story, &story.run(&["release"])));
    assert_eq!(story.left(), left);
}
