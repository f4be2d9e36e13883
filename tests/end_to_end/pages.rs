//! What the page of environments shows is what tminus prints.
//!
//! `UPDATE=1` writes the page's blocks again.

use super::environments::{a_day_later, bump, exits, on_github_with};
use crate::support::story::Story;
use std::path::Path;
use tminus::facts::environment::{Protection, Reviewer};

const PAGE: &str = "docs/environments.md";

const MANIFEST: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
gates: { checks-green: { required: [build] } }
stages:
  - name: staging
    environment: staging
    steps:
      - run: { name: deploy, command: [./deploy, staging], probe: [./deployed, staging], reach: public }
    verify:
      - run: { command: [./healthy, staging] }
    soak: 24h
  - name: production
    environment: production
    steps:
      - run: { name: deploy, command: [./deploy, production], probe: [./deployed, production], reach: public }
      - tag: { sign: 'off' }
    verify:
      - run: { command: [./healthy, production] }
";

/// What a person sees who runs a command, with its line.
fn seen(story: &Story, code: i32, arguments: &[&str]) -> String {
    let mut command = story.command("sh", "work");
    command.args(["-c", "exec \"$0\" \"$@\" 2>&1", env!("CARGO_BIN_EXE_tminus")]).args(arguments);
    let done = command.output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    assert_eq!(done.status.code(), Some(code), "{text}");
    let cost = regex::Regex::new(r"(?m)^\(.*API requests?, .*\)\n").unwrap();
    let host = regex::Regex::new(r"ada@[^\s,:;]+").unwrap();
    let text = cost.replace_all(&text, "");
    format!("$ tminus {}\n{}", arguments.join(" "), host.replace_all(&text, "ada@laptop"))
}

/// A text without what differs from run to run.
fn plain(text: &str) -> String {
    let time = regex::Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC").unwrap();
    let id = regex::Regex::new(r"\b[0-9a-f]{6,7}\b").unwrap();
    id.replace_all(&time.replace_all(text, "[TIME]"), "[ID]").into_owned()
}

/// The page with a block replaced by what was seen, if they differ.
fn shown(page: &str, seen: &str) -> String {
    let command = seen.lines().next().unwrap();
    let start = format!("```text\n{command}\n");
    let (before, rest) =
        page.split_once(&start).unwrap_or_else(|| panic!("{PAGE} has no block of `{command}`"));
    let (block, after) = rest.split_once("```").unwrap();
    match plain(&format!("{command}\n{block}")) == plain(seen) {
        true => page.to_owned(),
        false => format!("{before}```text\n{seen}```{after}"),
    }
}

#[test]
fn the_environments_page_shows_the_printed_output() {
    let story = on_github_with(MANIFEST);
    let release = seen(&story, 3, &["release"]);
    a_day_later(&story, "1.1.0", "staging");
    exits(&story.run(&["release"]), 0);
    bump(&story, "1.2.0");
    story.report("build", "success");
    exits(&story.run(&["release"]), 3);
    let reviewers = vec![Reviewer::User("bob".into())];
    let guarded = Protection { wait_minutes: 30, reviewers, ..Protection::default() };
    story.fake_github.with(|state| state.protect("production", guarded));
    let list = seen(&story, 0, &["status", "--environments"]);
    story.fake_github.with(|state| state.protect("production", Protection::default()));
    a_day_later(&story, "1.2.0", "staging");
    exits(&story.run(&["release"]), 0);
    let back = seen(&story, 0, &["promote", "--back"]);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = std::fs::read_to_string(&file).unwrap();
    let now = [release, list, back].iter().fold(page.clone(), |page, seen| shown(&page, seen));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file, now).unwrap();
        return;
    }
    assert!(page == now, "{PAGE} shows what is not printed; run this test with UPDATE=1\n{now}");
}
