//! Waivers: written for review, read from the branch, shown in every report, recorded once.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::merge;
use crate::support::story::{MANIFEST, Said, Story, regex_of};
use tminus::facts::CheckState;

/// The same text, without what depends on the day: the end, and the commit that holds it.
fn dated(story: &Story, text: &str) -> String {
    let head = story.sha("work", "HEAD");
    let file = std::fs::read_to_string(story.path("work/.tminus/waivers.yaml"));
    let file = file.unwrap_or_else(|_| "until: none\n".into());
    let until = file.lines().find_map(|line| line.trim().strip_prefix("until: ")).unwrap();
    let text = text.replace(until, "[UNTIL]");
    let text = text.replace(head.as_str(), "[COMMIT]").replace(head.short(), "[HEAD]");
    let plan = regex::Regex::new(r"plan [0-9a-f]{6}\b").unwrap();
    plan.replace_all(&text, "plan [PLAN]").into_owned()
}

const WAIVE: [&str; 8] =
    ["waive", "checks-green", "--reason", "the runner is down", "--by", "grace", "--until", "30d"];

fn waive(story: &Story, more: &[&str]) -> Said {
    story.run(&[&WAIVE[..], more].concat())
}

/// A project whose check failed, with a waiver of it on `main`.
fn waived() -> Story {
    let story = Story::new();
    let said = waive(&story, &[]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    story.push("chore: waive the check");
    story.report("build", "failure");
    story
}

#[test]
fn waive_appends_an_entry_and_keeps_every_other_line() {
    let story = Story::new();
    let first = waive(&story, &[]);
    let path = story.path("work/.tminus/waivers.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    story.write("work/.tminus/waivers.yaml", format!("# Ask Grace.\n{text}# the end\n"));
    let more = ["--version", ">=1.1.0, <1.2.0", "--finding", "check `fuzz`"];
    let second = waive(&story, &more);
    let text = std::fs::read_to_string(&path).unwrap();
    let whole = format!("{}\n{}\n{text}", first.whole(), second.whole());
    saw!(story, "waive", dated(&story, &whole));
    assert_eq!(story.git("work", &["status", "--porcelain"]), "?? .tminus/");
}

#[test]
fn a_waiver_that_could_never_apply_is_not_written() {
    let story = Story::new();
    let (until, far) = ("30d", "2199-12-31");
    let reason = ["--reason", "r", "--by", "grace"];
    let mut all = String::new();
    for (gate, until, more) in [
        ("check-green", until, &[][..]),
        ("rights-suffice", until, &[]),
        ("checks-green", "2020-01-01", &[]),
        ("checks-green", "soon", &[]),
        ("checks-green", far, &[]),
        ("checks-green", until, &["--version", "*"]),
        ("checks-green", until, &["--version", "v1.1.0"]),
        ("tree-clean", until, &["--finding", "Cargo.toml"]),
        ("checks-green", until, &["--reason", "two\nlines"]),
    ] {
        let given = [&["waive", gate, "--until", until], more].concat();
        let given = match more.first() {
            Some(&"--reason") => [&given[..], &["--by", "grace"]].concat(),
            Some(_) | None => [&given[..], &reason].concat(),
        };
        let said = story.run(&given);
        assert_eq!(said.code, Some(2), "{}", said.whole());
        all += &format!("$ tminus waive {gate} …\n{}", said.stderr);
    }
    let day = regex::Regex::new(r"\d{4}-\d\d-\d\d` or an earlier day").unwrap();
    let all = day.replace_all(&dated(&story, &all), "[LATEST]` or an earlier day").into_owned();
    saw!(story, "waive-refused", all);
    assert!(!story.path("work/.tminus").exists());
}

#[test]
fn a_waived_gate_is_shown_in_every_report_and_recorded_once() {
    let story = waived();
    let names = ["json", "markdown", "sarif", "junit"];
    let files: Vec<String> = names.iter().map(|name| format!("--report={name}={name}")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let check = story.run(&[&["check", "--facts-out", "facts"], &files[..]].concat());
    assert_eq!(check.code, Some(0), "{}", check.whole());
    saw!(story, "waived-check", dated(&story, &check.whole()));
    let report = |name: &str| std::fs::read_to_string(story.path(format!("work/{name}"))).unwrap();
    saw!(story, "waived-markdown", dated(&story, &report("markdown")));
    let json: serde_json::Value = serde_json::from_str(&report("json")).unwrap();
    let gate = json["gates"].as_array().unwrap().iter().find(|gate| gate["id"] == "checks-green");
    let shown = serde_json::json!({ "gate": gate, "waivers": json["waivers"] });
    saw!(story, "waived-json", dated(&story, &format!("{shown:#}")));
    for name in ["sarif", "junit"] {
        let text = report(name);
        assert!(text.contains("the runner is down") || name == "sarif", "{text}");
        assert!(text.contains("no-go: 1 check on"), "{text}");
    }
    let github = story.run(&["check", "--format", "github"]);
    assert!(github.stdout.contains("::notice file=.tminus/waivers.yaml"), "{}", github.whole());
    for name in names.iter().chain(&["facts"]) {
        std::fs::copy(story.path(format!("work/{name}")), story.path(*name)).unwrap();
        std::fs::remove_file(story.path(format!("work/{name}"))).unwrap();
    }
    let again = story.run(&["check", "--facts", "../facts"]);
    assert_eq!(again.code, Some(0), "{}", again.whole());
    assert!(again.stdout.contains("waived[checks-green]"), "{}", again.whole());
    saw!(story, "waived-plan", dated(&story, &story.run(&["plan"]).whole()));
    let first = story.run(&["release", "--through", "candidate", "--report", "markdown=../md"]);
    saw!(story, "waived-release", dated(&story, &first.whole()));
    let page = std::fs::read_to_string(story.path("md")).unwrap();
    assert!(page.contains("### Waived"), "{page}");
    let second = story.run(&["release"]);
    assert_eq!(second.code, Some(0), "{}", second.whole());
    let log = story.git("remote.git", &["log", "--format=%s", "refs/tminus/releases/v1.1.0"]);
    let lines: Vec<&str> = log.lines().filter(|line| line.starts_with("waived ")).collect();
    assert_eq!(
        lines.iter().map(|line| dated(&story, line)).collect::<Vec<_>>(),
        ["waived checks-green (no-go), granted by grace until [UNTIL]: the runner is down"]
    );
    assert_eq!(story.run(&["status", "--verify"]).code, Some(0));
}

#[test]
fn a_waiver_applies_to_a_release_that_was_started_before_it() {
    let story = Story::new();
    assert_eq!(story.run(&["release", "--through", "candidate"]).code, Some(0));
    let started = story.sha("work", "HEAD");
    let failed = CheckState::Finished("failure".into());
    story.fake_github.with(|state| state.report(&started, "build", failed));
    assert_eq!(story.run(&["release"]).code, Some(1));
    waive(&story, &[]);
    story.push("chore: waive the check");
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert!(said.whole().contains("waived[checks-green]"), "{}", said.whole());
}

#[test]
fn a_waiver_that_is_not_on_the_remote_branch_does_not_apply() {
    let story = Story::new();
    let given = ["waive", "tree-clean", "--reason", "r", "--by", "grace", "--until", "30d"];
    assert_eq!(story.run(&given).code, Some(0));
    story.git("work", &["add", "-A"]);
    story.git("work", &["commit", "-q", "-m", "chore: waive the work tree"]);
    story.write("work/Cargo.toml", "[package]\nname = \"widget\"\nversion = \"1.1.0\"\n\n");
    let said = story.run(&["check", "--gate", "tree-clean"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    assert!(!said.stdout.contains("waived"), "{}", said.whole());
}

#[test]
fn offline_the_last_fetched_waivers_apply_and_are_reported_as_such() {
    let story = Story::new();
    let given = ["waive", "tree-clean", "--reason", "r", "--by", "grace", "--until", "30d"];
    assert_eq!(story.run(&given).code, Some(0));
    story.push("chore: waive the work tree");
    story.write("work/Cargo.toml", "[package]\nname = \"widget\"\nversion = \"1.1.0\"\n\n");
    let said = story.run(&["check", "--offline", "--gate", "tree-clean"]);
    let head = story.sha("work", "HEAD");
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let note = format!("read from `main` at {}, as of the last fetch", head.short());
    assert!(said.stdout.contains(&note), "{}", said.whole());
}

#[test]
fn a_pull_request_cannot_waive_a_gate_for_its_own_merge() {
    let story = Story::bare(Options::default(), MANIFEST);
    merge::branch(&story);
    let given = ["waive", "changelog-entry", "--reason", "r", "--by", "grace", "--until", "30d"];
    let changelog = std::fs::read_to_string(story.path("work/CHANGELOG.md")).unwrap();
    story.write("work/CHANGELOG.md", changelog.replace("### Added\n\n- A second widget.\n", ""));
    assert_eq!(story.run(&given).code, Some(0));
    merge::propose(&story, "feat: a third widget", "feat: a third widget");
    let own = story.run(&["check", "--pr", "7"]);
    assert_eq!(own.code, Some(1), "{}", own.whole());
    assert!(!own.stdout.contains("waived"), "{}", own.whole());
    let line = "`tminus.yaml` does not change; `.tminus/waivers.yaml` changes and is valid";
    assert!(own.stdout.contains(line), "{}", own.whole());
    // The branch grants it.
    story.git("work", &["checkout", "-q", "main"]);
    assert_eq!(story.run(&given).code, Some(0));
    story.push("chore: waive the changelog");
    let granted = story.run(&["check", "--pr", "7"]);
    assert!(granted.stdout.contains("waived[changelog-entry]"), "{}", granted.whole());
}

#[test]
fn a_rehearsal_honors_waivers() {
    let story = waived();
    let said = story.run(&["rehearse"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    story.write("work/Cargo.toml", "[package]\nname = \"widget\"\nversion = \"1.1.0\"\n\n");
    assert_eq!(story.run(&["rehearse"]).code, Some(1));
    let given = ["waive", "tree-clean", "--reason", "r", "--by", "grace", "--until", "30d"];
    assert_eq!(story.run(&given).code, Some(0));
    story.git("work", &["add", ".tminus"]);
    story.git("work", &["commit", "-q", "-m", "chore: waive the work tree"]);
    story.git("work", &["push", "-q"]);
    let said = story.run(&["rehearse"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert!(said.whole().contains("waived[tree-clean]"), "{}", said.whole());
}
