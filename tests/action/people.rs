//! A release that waits for people, continued by the workflow that `tminus workflow` writes when
//! somebody answers on the tracking issue; and the issue as GitHub's own client reads it.

use super::generated::{BUILD, RELEASE, ended, publish, release, releases, run};
use super::installing::Shelf;
use super::project::{Project, tool};
use crate::support::fake_github::Options;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tminus::adapters::clock::SystemClock;
use tminus::adapters::sim::SimAccount;
use tminus::base::names::EnvironmentName;
use tminus::facts::environment::{JobIdentity, Protection};
use tminus::ports::Clock as _;

const MANIFEST: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
roles:
  ops: [ada]
gates:
  checks-green: { required: [build] }
  approved: { roles: [ops] }
workflow: { build: .github/workflows/build.yml, wait: 1m }
stages:
  - name: candidate
    steps:
      - draft-release
  - name: stable
    environment: production
    gates: [approved]
    steps:
      - tag: { sign: 'off' }
      - publish-release
";

fn waiting() -> Option<((Project, Shelf), u64)> {
    let project = Project::without_workflow(Options::default(), MANIFEST)?;
    let story = &project.story;
    let shelf = publish(story);
    story.write("work/.github/workflows/build.yml", BUILD);
    let wrote = story.run(&["workflow"]);
    assert_eq!(wrote.code, Some(0), "{}", wrote.whole());
    story.push("ci: workflows");
    story.report("build", "success");
    story.fake_github.with(|state| {
        state.protect("production", Protection::default());
        state.job = Some(JobIdentity {
            repository: "acme/widget".into(),
            commit: None,
            environment: EnvironmentName::new("production").ok(),
        });
    });
    let project = (project, shelf);
    ended(&release(&project), &["check", "build", "prepare", "stable"].map(|job| (job, "success")));
    assert_eq!(releases(&project.0), [("v1.1.0".to_owned(), true)], "nothing is published yet");
    let number = project.0.story.fake_github.with(|state| state.society.issues[0].number);
    Some((project, number))
}

/// Somebody comments on an issue, and the event starts the workflow.
fn comment(project: &(Project, Shelf), issue: u64, owner: &str, by: &str, body: &str) -> String {
    project.0.story.fake_github.with(|state| {
        state.now = state.now.max(SystemClock::default().now() + SignedDuration::from_secs(2));
        state.comment_on(issue, SimAccount::User(by.into()), body).unwrap();
    });
    let payload = json!({
        "action": "created",
        "issue": {
            "number": issue, "user": { "login": owner }, "labels": [{ "name": "tminus" }],
        },
        "comment": { "body": body, "user": { "login": by } },
    });
    run(project, "issue_comment", &payload, 1, RELEASE)
}

const BOT: &str = "github-actions[bot]";

#[test]
fn an_answer_of_a_member_on_the_tracking_issue_continues_the_release_and_no_other_comment_does() {
    let Some((project, issue)) = waiting() else { return };
    let published =
        |project: &(Project, Shelf)| releases(&project.0) == [("v1.1.0".to_owned(), false)];
    let other = project.0.story.fake_github.with(|state| {
        let text = tminus::ports::IssueText { title: "Mine".into(), body: String::new() };
        state.create_issue(SimAccount::User("ada".into()), &text).unwrap()
    });
    ended(&comment(&project, other, "ada", "ada", "/approve"), &[]);
    // Opened by another workflow of the repository: the jobs run, do not read it, and end with a hold.
    let jobs = [("prepare", "success"), ("stable", "success")];
    ended(&comment(&project, other, BOT, "ada", "/approve"), &jobs);
    ended(&comment(&project, issue, BOT, "mallory", "/approve"), &jobs);
    assert!(!published(&project), "nobody who may has said yes");
    ended(&comment(&project, issue, BOT, "ada", "/approve"), &jobs);
    assert!(published(&project), "{:?}", releases(&project.0));

    let Some(gh) = tool("TMINUS_GH") else { return };
    let number = issue.to_string();
    let fields = "--json=title,state,body,comments";
    let shown = project.0.gh(&gh, &["issue", "view", &number, fields]);
    assert_eq!(shown["title"], "Release widget 1.1.0");
    assert_eq!(shown["state"], "CLOSED");
    let body = shown["body"].as_str().unwrap();
    assert!(
        body.contains("released") && body.contains("| `ops` | @ada | ada (comment) |"),
        "{body}"
    );
    let said = |comment: &Value| {
        let counted = comment["reactionGroups"].as_array().unwrap().iter();
        let reactions = counted.filter(|group| group["users"]["totalCount"] == 1);
        let reactions: Vec<&str> = reactions.filter_map(|it| it["content"].as_str()).collect();
        format!("{} {} {}", comment["author"]["login"], comment["body"], reactions.join(" "))
    };
    let comments: Vec<String> = shown["comments"].as_array().unwrap().iter().map(said).collect();
    assert_eq!(comments, ["\"mallory\" \"/approve\" CONFUSED", "\"ada\" \"/approve\" THUMBS_UP"]);
}
