//! What is said beforehand of the number of requests is what is asked.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{MANIFEST, Story, regex_of};
use serde_json::Value;

/// One stage, one tag, one release.
const PLAIN: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
gates:
  checks-green: { required: [build] }
stages:
  - name: stable
    steps:
      - draft-release: { assets: ['dist/*'], checksums: sha256 }
      - tag: { sign: 'off' }
      - publish-release
";

const BARE: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
gates:
  checks-green: { required: [build] }
stages:
  - name: stable
    steps:
      - draft-release
      - tag: { sign: 'off' }
      - publish-release
";

const TAG_ONLY: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
gates:
  checks-green: { required: [build] }
stages:
  - name: stable
    steps:
      - run: { name: warm, command: [./deployed], repeatable: true, reach: private }
      - tag: { sign: 'off' }
";

/// A project with so many assets, whose `build` is green.
fn story(manifest: &str, assets: usize) -> Story {
    let mut story = Story::bare(Options::default(), manifest);
    story.hurry();
    std::fs::remove_dir_all(story.path("work/dist")).unwrap();
    for n in 0..assets {
        story.write(&format!("work/dist/widget-{n}.tar.gz"), format!("widget {n}\n"));
    }
    story.report("build", "success");
    story
}

/// What the plan says that everything left will take.
fn stated(story: &Story) -> usize {
    let said = story.run(&["plan", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    let steps = document["standings"].as_array().unwrap().iter();
    let steps: u64 = steps.map(|standing| standing["requests"].as_u64().unwrap()).sum();
    let total = document["release_requests"].as_u64().unwrap();
    assert!(steps < total, "{steps} of {total}: {}", said.stdout);
    usize::try_from(total).unwrap()
}

/// Requests of a run that ends well.
fn asked(story: &Story, arguments: &[&str]) -> usize {
    let before = story.fake_github.requests().len();
    let said = story.run(arguments);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    story.fake_github.requests().len() - before
}

#[test]
fn a_release_asks_exactly_what_its_plan_stated() {
    for (name, manifest, assets, number) in [
        ("no assets", BARE, 0, 14),
        ("3 assets", PLAIN, 3, 18),
        ("10 assets", PLAIN, 10, 25),
        ("10 assets in stages", MANIFEST, 10, 27),
        ("40 assets", PLAIN, 40, 60),
    ] {
        let story = story(manifest, assets);
        let stated = stated(&story);
        let asked = asked(&story, &["release"]);
        eprintln!("{name}: {stated} stated, {asked} asked");
        assert_eq!((asked, stated), (number, stated), "{name}");
        assert_eq!(asked, stated, "{name}");
    }
}

#[test]
fn a_release_without_a_page_asks_for_checks_alone() {
    let story = story(TAG_ONLY, 0);
    story.write("deployed", "deployed 1.1.0 \n");
    let stated = stated(&story);
    assert_eq!((asked(&story, &["release"]), stated), (7, 7));
}

#[test]
fn a_release_that_is_resumed_asks_no_more_than_is_stated_then() {
    let story = story(MANIFEST, 3);
    asked(&story, &["release", "--through", "candidate"]);
    let stated = stated(&story);
    let asked = asked(&story, &["release"]);
    assert_eq!(asked, stated);
}

#[test]
fn the_plan_tells_what_each_step_asks() {
    let story = story(MANIFEST, 2);
    saw!(story, "costs-plan", story.run(&["plan"]).whole());
}

#[test]
fn a_check_asks_once_however_many_tags_and_commits_there_are() {
    let story = story(MANIFEST, 0);
    assert_eq!(asked(&story, &["check"]), 1);
    let mut stream = String::new();
    for n in 0..200 {
        stream += &format!(
            "commit refs/heads/main\ncommitter Ada <ada@example.com> {} +0000\ndata 8\nfix: it\n\n{}",
            1_768_000_001 + n,
            if n == 0 { "from refs/heads/main^0\n" } else { "" }
        );
        stream += &format!("reset refs/tags/v0.{n}.0\nfrom refs/heads/main\n\n");
        stream += &format!("reset refs/tags/side-{n}\nfrom refs/heads/main\n\n");
    }
    story.write("stream", stream);
    story.git("work", &["checkout", "-q", "--detach"]);
    let input = std::fs::File::open(story.path("stream")).unwrap();
    let imported =
        story.program("git", "work").arg("fast-import").arg("--quiet").stdin(input).status();
    assert!(imported.unwrap().success());
    story.git("work", &["checkout", "-q", "main"]);
    story.git("work", &["push", "-q", "--tags", "origin", "main"]);
    story.report("build", "success");
    assert_eq!(asked(&story, &["check", "--gate", "checks-green"]), 1);
    assert!(story.git("work", &["tag"]).lines().count() > 300);
}

#[test]
fn the_table_tells_what_was_asked() {
    let story = story(BARE, 0);
    saw!(story, "stats-release", story.run(&["release", "--stats", "--quiet"]).whole());
    saw!(story, "stats-nothing", story.run(&["schema", "--stats", "--quiet"]).stderr);
    let said = story.run(&["check", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    let asked = &document["by_endpoint"]["POST /graphql"];
    assert_eq!(*asked, serde_json::json!({ "requests": 1, "not_modified": 0, "retried": 0 }));
    assert_eq!(document["quotas"]["graphql"]["limit"], 5000);
}
