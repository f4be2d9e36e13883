//! A project with workflows, act that runs them, and a GitHub on this machine.

use super::runner::copy_action;
use crate::support::fake_github::{Options, TOKEN};
use crate::support::story::Story;
use serde_json::{Value, json};
use std::path::PathBuf;

pub(crate) const MANIFEST: &str = "\
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
pub(crate) fn tool(variable: &str) -> Option<PathBuf> {
    let tool = std::env::var_os(variable).map(PathBuf::from);
    if tool.is_none() {
        let required = std::env::var_os("TMINUS_ACT_REQUIRED").is_some();
        assert!(!required, "`{variable}` is not set, and workflows were to be run");
        eprintln!("left out: `{variable}` names no program");
    }
    tool
}

/// A project with the address on GitHub that its runner sees.
pub(crate) struct Project {
    pub(crate) story: Story,
    act: PathBuf,
    token: String,
}

/// How a workflow went.
#[derive(Debug)]
pub(crate) struct Went {
    pub(crate) log: String,
    outputs: Value,
}

impl Went {
    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs[name].as_str().unwrap_or_default()
    }

    /// Asserts how the step ended, by its exit code.
    pub(crate) fn ended(&self, code: i32) {
        let failed = format!("exit status {code}\n");
        assert_eq!(self.log.contains("Job failed"), code != 0, "{}", self.log);
        assert_eq!(self.log.contains("Job succeeded"), code == 0, "{}", self.log);
        assert!(code == 0 || self.log.contains(&failed), "{}", self.log);
    }

    /// Asserts that the step's summary says this.
    pub(crate) fn summarised(&self, text: &str) {
        let summary = self.log.split("Summary - ").nth(1).unwrap_or_default();
        assert!(summary.contains(text), "`{text}` in the summary of {}", self.log);
    }
}

impl Project {
    /// A project whose workflow has one step of the action; `None` where there is no act.
    pub(crate) fn new(with: &str) -> Option<Self> {
        Self::with(Options::default(), MANIFEST, with)
    }

    /// The same, with another GitHub and another manifest.
    pub(crate) fn with(options: Options, manifest: &str, with: &str) -> Option<Self> {
        let project = Self::without_workflow(options, manifest)?;
        let story = &project.story;
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
        story.push("ci: a workflow");
        Some(project)
    }

    /// A project with no workflow yet; `None` where there is no act.
    pub(crate) fn without_workflow(options: Options, manifest: &str) -> Option<Self> {
        let act = tool("TMINUS_ACT")?;
        let story = Story::bare(options, manifest);
        copy_action(&story.path("action"));
        // The address that GitHub's runner sees, and where it leads here.
        let remote = story.path("remote.git");
        let rule = format!("url.{}.insteadOf", remote.display());
        story.git("work", &["config", &rule, "https://github.com/acme/widget"]);
        story.git("work", &["remote", "set-url", "origin", "https://github.com/acme/widget"]);
        Some(Self { story, act, token: TOKEN.into() })
    }

    /// Jobs have this token from now on.
    pub(crate) fn token(&mut self, token: &str) {
        self.story.set("GITHUB_TOKEN", token);
        self.token = token.into();
    }

    /// Runs the workflow on an event, and sees that the step really ran.
    pub(crate) fn run(&self, event: &str, payload: &Value) -> Went {
        let _none_yet = std::fs::remove_file(self.story.path("outputs.json"));
        let log = self.act(event, payload, &["--workflows=.github/workflows/gate.yml"]);
        let outputs = std::fs::read_to_string(self.story.path("outputs.json"));
        let outputs = outputs.unwrap_or_else(|_| panic!("the steps did not run: {log}"));
        Went { log, outputs: serde_json::from_str(&outputs).unwrap() }
    }

    /// Runs every workflow that an event starts, and gives the log.
    pub(crate) fn act(&self, event: &str, payload: &Value, more: &[&str]) -> String {
        let story = &self.story;
        story.write("event.json", payload.to_string());
        let fake_github = &story.fake_github.url;
        let action = story.path("action");
        let local = |tag: &str| format!("tminus-dev/tminus@{tag}={}", action.display());
        let [newest, this] = ["v1", concat!("v", env!("CARGO_PKG_VERSION"))].map(local);
        let arguments = [
            event,
            "--platform=ubuntu-latest=-self-hosted",
            "--eventpath=../event.json",
            &format!("--secret=GITHUB_TOKEN={}", self.token),
            "--env=GITHUB_REPOSITORY=acme/widget",
            &format!("--env=GITHUB_API_URL={fake_github}"),
            &format!("--env=GITHUB_GRAPHQL_URL={fake_github}/graphql"),
            &format!("--local-repository={newest}"),
            &format!("--local-repository={this}"),
        ];
        let done = story.command(&self.act, "work").args(arguments).args(more).output().unwrap();
        let [said, complained] =
            [done.stdout, done.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        said + &complained
    }

    /// What GitHub's own client says; it takes `github.localhost` for a GitHub behind plain HTTP.
    pub(crate) fn gh(&self, gh: &PathBuf, arguments: &[&str]) -> Value {
        let mut command = self.story.command(gh, ".");
        command.args(arguments);
        if arguments.first() != Some(&"api") {
            command.arg("--repo=github.localhost/acme/widget");
        }
        command.env("HTTP_PROXY", &self.story.fake_github.url);
        command.env("GH_HOST", "github.localhost").env("GH_TOKEN", TOKEN);
        let done = command.env("GH_CONFIG_DIR", self.story.path("gh")).output().unwrap();
        let complained = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "gh {arguments:?}: {complained}");
        serde_json::from_slice(&done.stdout).unwrap_or_default()
    }

    /// The branch as it is was pushed.
    pub(crate) fn pushed(&self) -> Value {
        let [before, after] = ["HEAD~1", "HEAD"].map(|revision| self.story.sha("work", revision));
        json!({ "ref": "refs/heads/main", "before": before, "after": after })
    }

    pub(crate) fn push(&self) -> Went {
        self.run("push", &self.pushed())
    }
}
