//! Whole workflows with the action in them, run by act against a GitHub on this machine.

use super::runner::copy_action;
use crate::support::face::{Options, TOKEN};
use crate::support::story::Story;
use serde_json::{Value, json};
use std::path::PathBuf;
use tminus::facts::CheckState;

const MANIFEST: &str = "\
schema: 1
name: widget
version: { files: [Cargo.toml] }
gates:
  checks-green: { required: [build] }
stages:
  - name: candidate
    steps:
      - draft-release: { assets: ['dist/*'] }
  - name: stable
    gates: [checks-green]
    steps:
      - tag: { sign: 'off' }
      - publish-release
";

/// A tool that a variable names, or `None` with the reason said.
fn tool(variable: &str) -> Option<PathBuf> {
    let tool = std::env::var_os(variable).map(PathBuf::from);
    if tool.is_none() {
        let required = std::env::var_os("TMINUS_ACT_REQUIRED").is_some();
        assert!(!required, "`{variable}` is not set, and workflows were to be run");
        eprintln!("left out: `{variable}` names no program");
    }
    tool
}

/// A project whose workflow has one step of the action.
struct Project {
    story: Story,
    act: PathBuf,
}

/// How a workflow went.
#[derive(Debug)]
struct Went {
    log: String,
    outputs: Value,
}

impl Went {
    fn output(&self, name: &str) -> &str {
        self.outputs[name].as_str().unwrap_or_default()
    }

    /// Asserts how the step ended, by its exit code.
    fn ended(&self, code: i32) {
        let failed = format!("exit status {code}\n");
        assert_eq!(self.log.contains("Job failed"), code != 0, "{}", self.log);
        assert_eq!(self.log.contains("Job succeeded"), code == 0, "{}", self.log);
        assert!(code == 0 || self.log.contains(&failed), "{}", self.log);
    }

    /// Asserts that the step's summary says this.
    fn summarised(&self, text: &str) {
        let summary = self.log.split("Summary - ").nth(1).unwrap_or_default();
        assert!(summary.contains(text), "`{text}` in the summary of {}", self.log);
    }
}

impl Project {
    /// `None` where there is no act.
    fn new(with: &str) -> Option<Self> {
        let act = tool("TMINUS_ACT")?;
        let story = Story::bare(Options::default(), MANIFEST);
        copy_action(&story.path("action"));
        let binary = env!("CARGO_BIN_EXE_tminus");
        let outputs = story.path("outputs.json");
        let workflow = format!(
            "\
on: [push, pull_request, merge_group]
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: mkdir -p dist && echo 'a widget' >dist/widget.txt
      - id: tminus
        uses: tminus-dev/tminus@v1
        with:
          binary: {binary}
{with}
      - if: always()
        env:
          OUTPUTS: ${{{{ toJSON(steps.tminus.outputs) }}}}
        run: printf '%s' \"$OUTPUTS\" >'{}'
",
            outputs.display()
        );
        story.write("work/.github/workflows/gate.yml", workflow);
        story.push("chore: a workflow");
        // The address that GitHub's runner sees, and where it leads here.
        let remote = story.path("remote.git");
        let rule = format!("url.{}.insteadOf", remote.display());
        story.git("work", &["config", &rule, "https://github.com/acme/widget"]);
        story.git("work", &["remote", "set-url", "origin", "https://github.com/acme/widget"]);
        Some(Self { story, act })
    }

    /// Runs the workflow on an event, and sees that the step really ran.
    fn run(&self, event: &str, payload: &Value) -> Went {
        let story = &self.story;
        story.write("event.json", payload.to_string());
        let _none_yet = std::fs::remove_file(story.path("outputs.json"));
        let face = &story.face.url;
        let local = format!("tminus-dev/tminus@v1={}", story.path("action").display());
        let arguments = [
            event,
            "--platform=ubuntu-latest=-self-hosted",
            "--eventpath=../event.json",
            &format!("--secret=GITHUB_TOKEN={TOKEN}"),
            "--env=GITHUB_REPOSITORY=acme/widget",
            &format!("--env=GITHUB_API_URL={face}"),
            &format!("--env=GITHUB_GRAPHQL_URL={face}/graphql"),
            &format!("--local-repository={local}"),
        ];
        let done = story.command(&self.act, "work").args(arguments).output().unwrap();
        let [said, complained] =
            [done.stdout, done.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let log = said + &complained;
        let outputs = std::fs::read_to_string(story.path("outputs.json"));
        let outputs = outputs.unwrap_or_else(|_| panic!("the steps did not run: {log}"));
        Went { log, outputs: serde_json::from_str(&outputs).unwrap() }
    }

    /// What GitHub's own client says; it takes `github.localhost` for a GitHub behind plain HTTP.
    fn gh(&self, gh: &PathBuf, arguments: &[&str]) -> Value {
        let mut command = self.story.command(gh, ".");
        command.args(arguments).arg("--repo=github.localhost/acme/widget");
        command.env("HTTP_PROXY", &self.story.face.url);
        command.env("GH_HOST", "github.localhost").env("GH_TOKEN", TOKEN);
        let done = command.env("GH_CONFIG_DIR", self.story.path("gh")).output().unwrap();
        let complained = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "gh {arguments:?}: {complained}");
        serde_json::from_slice(&done.stdout).unwrap_or_default()
    }

    fn push(&self) -> Went {
        let head = self.story.sha("work", "HEAD");
        self.run("push", &json!({ "ref": "refs/heads/main", "after": head.as_str() }))
    }
}

#[test]
fn a_push_with_a_green_commit_is_go() {
    let Some(project) = Project::new("") else { return };
    project.story.report("build", "success");
    let went = project.push();
    went.ended(0);
    assert_eq!(went.output("verdict"), "go");
    assert_eq!(went.output("version"), "1.1.0");
    assert_eq!(went.output("tag"), "v1.1.0");
    assert_eq!(went.output("previous-tag"), "v1.0.0");
    went.summarised("checks-green");
    assert!(!went.log.contains("::error"), "{}", went.log);
}

#[test]
fn a_push_with_a_red_commit_is_no_go_and_says_where() {
    let Some(project) = Project::new("          post: status") else { return };
    project.story.report("build", "failure");
    let went = project.push();
    went.ended(1);
    assert_eq!(went.output("verdict"), "no-go");
    went.summarised("checks-green");
    let annotation = went.log.lines().find(|line| line.contains("::error")).expect("an annotation");
    assert!(annotation.contains("file=tminus.yaml,line="), "{annotation}");
    assert!(annotation.contains("check `build` failed"), "{annotation}");
    let posted = project
        .story
        .face
        .requests()
        .into_iter()
        .find(|asked| asked.method == "POST" && asked.path.contains("/statuses/"));
    let posted = posted.expect("a status");
    assert_eq!((&posted.request["state"], posted.status), (&json!("failure"), Some(201)));
}

#[test]
fn a_push_whose_ci_is_running_is_held() {
    let Some(project) = Project::new("") else { return };
    let head = project.story.sha("work", "HEAD");
    project
        .story
        .face
        .with(|state| state.report(&head, "build", CheckState::Pending("in_progress".into())));
    let went = project.push();
    went.ended(3);
    assert_eq!(went.output("verdict"), "hold");
}

#[test]
fn a_pull_request_from_a_fork_is_judged_and_nothing_is_written() {
    let Some(project) = Project::new("          post: comment") else { return };
    let story = &project.story;
    story.report("build", "success");
    let [base, head] = ["HEAD~1", "HEAD"].map(|revision| story.sha("work", revision));
    let went = project.run(
        "pull_request",
        &json!({
            "action": "synchronize", "number": 7,
            "pull_request": {
                "number": 7, "title": "::error::$(id)",
                "head": { "ref": "evil`id`", "sha": head.as_str(), "repo": { "full_name": "mallory/widget", "fork": true } },
                "base": { "ref": "main", "sha": base.as_str(), "repo": { "full_name": "acme/widget" } },
            },
            "repository": { "full_name": "acme/widget", "default_branch": "main" },
        }),
    );
    assert!(went.log.contains("nothing is posted"), "{}", went.log);
    assert!(!went.output("verdict").is_empty(), "{}", went.log);
    let writes = story.face.requests().into_iter();
    let writes: Vec<_> =
        writes.filter(|asked| asked.method != "GET" && !asked.path.ends_with("/graphql")).collect();
    assert!(writes.is_empty(), "{writes:?}");
}

#[test]
fn a_merge_group_is_judged() {
    let Some(project) = Project::new("") else { return };
    let story = &project.story;
    story.report("build", "success");
    let [base, head] = ["HEAD~1", "HEAD"].map(|revision| story.sha("work", revision));
    let went = project.run(
        "merge_group",
        &json!({
            "action": "checks_requested",
            "merge_group": {
                "head_sha": head.as_str(), "head_ref": "refs/heads/gh-readonly-queue/main/pr-7-abc",
                "base_sha": base.as_str(), "base_ref": "refs/heads/main",
            },
            "repository": { "full_name": "acme/widget", "default_branch": "main" },
        }),
    );
    assert!(!went.output("verdict").is_empty(), "{}", went.log);
    went.summarised("checks-green");
}

#[test]
fn a_release_is_made_stage_by_stage_and_once() {
    let with = "          command: release\n          through: ${{ github.event.through }}";
    let Some(project) = Project::new(with) else { return };
    project.story.report("build", "success");
    let went = project.run("push", &json!({ "ref": "refs/heads/main", "through": "candidate" }));
    went.ended(0);
    assert_eq!(went.output("outcome"), "through");
    let releases = || {
        let held = |state: &mut tminus::adapters::sim::State| {
            let releases = state.releases.iter().map(|held| held.release.clone());
            releases.map(|one| (one.tag, one.draft)).collect::<Vec<_>>()
        };
        project.story.face.with(held)
    };
    assert_eq!(releases(), [("v1.1.0".to_owned(), true)]);

    for outcome in ["released", "nothing-to-release"] {
        let went = project.push();
        went.ended(0);
        assert_eq!(went.output("outcome"), outcome, "{}", went.log);
        assert_eq!(releases(), [("v1.1.0".to_owned(), false)]);
    }
    assert!(
        project.story.sha("remote.git", "v1.1.0^{commit}") == project.story.sha("work", "HEAD")
    );

    let Some(gh) = tool("TMINUS_GH") else { return };
    let seen =
        project.gh(&gh, &["release", "view", "v1.1.0", "--json=tagName,isDraft,body,assets"]);
    assert_eq!((&seen["tagName"], &seen["isDraft"]), (&json!("v1.1.0"), &json!(false)));
    assert!(seen["body"].as_str().unwrap().contains("A second widget."), "{seen}");
    let assets = seen["assets"].as_array().unwrap();
    let mut names: Vec<_> = assets.iter().map(|asset| asset["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["SHA256SUMS", "widget.txt"]);
}
