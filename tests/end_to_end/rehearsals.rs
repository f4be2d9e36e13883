//! A rehearsal is of what would be released, and says first what would stop it.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{MANIFEST, Story, regex_of};

const CARGO: &str = "[package]\nname = \"widget\"\nversion = \"1.0.0\"\n";

#[test]
fn what_is_out_is_rehearsed_at_the_commit_of_its_tag() {
    let story = Story::bare(Options::default(), &MANIFEST.replace("  changelog-entry: on\n", ""));
    story.write("work/Cargo.toml", CARGO);
    story.push("chore: back to 1.0.0");
    let said = story.run(&["rehearse"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let (tagged, head) = (story.sha("work", "v1.0.0^{commit}"), story.sha("work", "HEAD"));
    let first = format!(
        "v1.0.0 is already released: rehearsing it at its commit {} as if it were not\n",
        tagged.short()
    );
    assert!(said.stdout.contains(&first), "{}", said.stdout);
    assert!(
        said.stdout.contains(&format!("widget 1.0.0 (v1.0.0) from {} on main", tagged.short()))
    );
    assert!(!said.stdout.contains(head.short()), "{}", said.stdout);
}

#[test]
fn a_computed_version_that_is_out_is_never_the_one_before_it() {
    let manifest = "forge: none\nversion: { policy: commits }\nchangelog: { style: generated }\n";
    let story = Story::bare(Options::default(), manifest);
    story.git("work", &["tag", "-m", "1.1.0", "v1.1.0"]);
    story.git("work", &["push", "-q", "--tags"]);
    story.push("docs: nothing that needs a version");
    let said = story.run(&["rehearse"]);
    let tagged = story.sha("work", "v1.1.0^{commit}");
    let head = format!("widget 1.1.0 (v1.1.0) from {} on main", tagged.short());
    assert!(said.stdout.contains("rehearsed: "), "{}", said.whole());
    assert!(said.stdout.contains(&head), "{}", said.whole());
    // As soon as a commit requires a version, that one is planned, and rehearsed.
    story.push("fix: a thing");
    let said = story.run(&["rehearse"]);
    assert!(said.stdout.contains("widget 1.1.1 (v1.1.1) from "), "{}", said.whole());
}

#[test]
fn what_check_says_comes_first_and_the_release_is_rehearsed_on_request() {
    let story = Story::new();
    story.write("work/Cargo.toml", "[package]\nname = \"widget\"\nversion = \"1.1.0\" # later\n");
    let said = story.run(&["rehearse"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    saw!(story, "rehearsal-no-go", said.whole());
    let said = story.run(&["rehearse", "--anyway"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert!(
        said.stdout.ends_with("(the real release would not start: tree-clean)\n"),
        "{}",
        said.whole()
    );
    // Only the rehearsal overrules the gate.
    assert_eq!(story.run(&["release"]).code, Some(1));
}
