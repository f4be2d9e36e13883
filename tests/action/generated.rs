//! The workflows that `tminus workflow` writes, run whole: fetched, verified and started by the
//! action as it is published.

use super::definition::archives;
use super::installing::{Shelf, shelf};
use super::project::{Project, tool};
use super::runner::script;
use crate::support::fake_github::{Options, REQUEST_TOKEN};
use crate::support::story::Story;
use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;
use tminus::base::names::EnvironmentName;
use tminus::facts::environment::{JobIdentity, Protection};

/// Two stages without assets: act has no artifacts of other jobs.
const MANIFEST: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
gates:
  checks-green: { required: [build] }
workflow: { build: .github/workflows/build.yml, wait: 1m }
stages:
  - name: candidate
    steps:
      - draft-release
  - name: stable
    environment: production
    secrets: [PUBLISHING_KEY]
    gates: [checks-green]
    steps:
      - run: { name: deploy, command: [./deploy], probe: [./deployed], reach: public }
      - tag: { sign: 'off' }
      - publish-release
";

pub(super) const BUILD: &str = "\
on: workflow_call
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo built >>\"$STORY/built\"
";

/// Notes the secret that it was given; fails where it is told to.
const DEPLOY: &str = "\
#!/bin/sh
[ ! -e \"$STORY/refuse\" ] || exit 1
echo \"$PUBLISHING_KEY in $GITHUB_RUN_ID, $GITHUB_RUN_ATTEMPT\" >\"$STORY/key\"
echo \"deployed $TMINUS_VERSION \" >>\"$STORY/deployed\"
";

/// Publishes the program, with its checksum in the action.
pub(super) fn publish(story: &Story) -> Shelf {
    let program = format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_tminus"));
    script(&story.path("published/tminus"), &program);
    let mut tar = story.program("tar", ".");
    tar.args(["-C", "published", "-czf", "published.tar.gz", "tminus"]);
    assert!(tar.status().unwrap().success());
    let archive = std::fs::read(story.path("published.tar.gz")).unwrap();
    let sum: String = Sha256::digest(&archive).iter().map(|byte| format!("{byte:02x}")).collect();
    let name = archives(env!("CARGO_PKG_VERSION")).remove(0);
    story.write("action/.github/action/checksums.txt", format!("{sum}  {name}\n"));
    shelf(archive)
}

/// A project with the workflows that its manifest needs, committed and green.
fn project() -> Option<(Project, Shelf)> {
    let project = Project::without_workflow(Options::default(), MANIFEST)?;
    let story = &project.story;
    let shelf = publish(story);
    story.write("work/.github/workflows/build.yml", BUILD);
    story.script("work/deploy", DEPLOY);
    let wrote = story.run(&["workflow"]);
    assert_eq!(wrote.code, Some(0), "{}", wrote.whole());
    story.push("ci: workflows");
    story.report("build", "success");
    story.fake_github.with(|state| {
        state.protect("production", Protection { wait_minutes: 1, ..Protection::default() });
        // The job of the environment proves that it is one; its wait timer is over by then.
        state.job = Some(JobIdentity {
            repository: "acme/widget".into(),
            commit: None,
            environment: EnvironmentName::new("production").ok(),
        });
    });
    Some((project, shelf))
}

/// A service: staging must stay verified for two minutes before production.
const WAITING: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
gates:
  checks-green: { required: [build] }
workflow: { build: .github/workflows/build.yml, wait: 1m }
stages:
  - name: candidate
    steps:
      - draft-release
  - name: staging
    environment: staging
    steps:
      - run: { name: deploy, command: [./deploy], probe: [./deployed], reach: public }
    verify:
      - run: { command: [./healthy] }
    soak: 2m
  - name: production
    environment: production
    steps:
      - tag: { sign: 'off' }
      - publish-release
";

/// The same project with a release that waits.
fn waiting() -> Option<(Project, Shelf)> {
    let project = Project::without_workflow(Options::default(), WAITING)?;
    let story = &project.story;
    let shelf = publish(story);
    story.write("work/.github/workflows/build.yml", BUILD);
    story.script(
        "work/deploy",
        "#!/bin/sh\necho \"deployed $TMINUS_VERSION \" >>\"$STORY/deployed\"\n",
    );
    let healthy = "#!/bin/sh\n[ ! -e \"$STORY/sick\" ]\n";
    story.script("work/healthy", healthy);
    let wrote = story.run(&["workflow"]);
    assert_eq!(wrote.code, Some(0), "{}", wrote.whole());
    story.push("ci: workflows");
    story.report("build", "success");
    story.fake_github.with(|state| {
        state.protect("staging", Protection::default());
        state.protect("production", Protection::default());
    });
    Some((project, shelf))
}

/// The schedule starts the workflow, some time later.
fn later(project: &(Project, Shelf), seconds: i64) -> String {
    project.0.story.fake_github.with(|state| state.advance(SignedDuration::from_secs(seconds)));
    run(project, "schedule", &json!({ "schedule": "17 * * * *" }), 1, RELEASE)
}

pub(super) const RELEASE: &str = ".github/workflows/tminus-release.yml";

/// Runs the workflow that releases.
pub(super) fn release(project: &(Project, Shelf)) -> String {
    attempt(project, 1, RELEASE)
}

/// Runs one job of the workflow alone, as *re-run job* does: in the same run, as another attempt,
/// with what the jobs before it said the first time.
fn again(project: &(Project, Shelf), job: &str, outcome: &str) -> String {
    let story = &project.0.story;
    let text = std::fs::read_to_string(story.path("work").join(RELEASE)).unwrap();
    let mut workflow: Value = serde_yaml::from_str(&text).unwrap();
    let mut alone = workflow["jobs"][job].take();
    alone.as_object_mut().unwrap().remove("needs").unwrap();
    let condition = alone["if"].as_str().unwrap();
    let said = condition.replace("needs.check.outputs.outcome", &format!("'{outcome}'"));
    assert!(!said.contains("needs."), "{said}");
    alone["if"] = said.into();
    workflow["jobs"] = json!({ job: alone });
    // Beside the clone: it is as the checkout leaves it.
    story.write("again.yml", workflow.to_string());
    attempt(project, 2, "../again.yml")
}

fn attempt(project: &(Project, Shelf), attempt: usize, file: &str) -> String {
    run(project, "push", &project.0.pushed(), attempt, file)
}

pub(super) fn run(
    (project, shelf): &(Project, Shelf),
    event: &str,
    payload: &Value,
    attempt: usize,
    file: &str,
) -> String {
    // act does not know this key of GitHub's yet.
    let text = std::fs::read_to_string(project.story.path("work").join(file)).unwrap();
    let mut known: Value = serde_yaml::from_str(&text).unwrap();
    for job in known["jobs"].as_object_mut().unwrap().values_mut() {
        if let Some(Value::Object(environment)) = job.get_mut("environment") {
            assert_eq!(environment.remove("deployment"), Some(Value::Bool(false)));
        }
    }
    project.story.write("known.yml", known.to_string());
    let file = "../known.yml";
    let story = project.story.dir.path().display();
    let (issuer, token) = (project.story.fake_github.identity_url(), REQUEST_TOKEN);
    let arguments = [
        format!("--env=ACTIONS_ID_TOKEN_REQUEST_URL={issuer}"),
        format!("--env=ACTIONS_ID_TOKEN_REQUEST_TOKEN={token}"),
        format!("--workflows={file}"),
        format!("--env=TMINUS_TEST_DOWNLOADS={}", shelf.url),
        format!("--env=STORY={story}"),
        "--env=GITHUB_RUN_ID=4411".into(),
        format!("--env=GITHUB_RUN_ATTEMPT={attempt}"),
        "--secret=PUBLISHING_KEY=k".into(),
        "--json".into(),
    ];
    project.act(event, payload, &arguments.each_ref().map(String::as_str))
}

/// What was written to the forge and to the remote so far.
fn writes(project: &Project) -> Vec<String> {
    let story = &project.story;
    let asked = story.fake_github.requests().into_iter().filter(|one| one.method != "GET");
    let asked = asked.map(|one| format!("{} {}", one.method, one.path));
    let asked =
        asked.filter(|one| !["/graphql", "/generate-notes"].iter().any(|end| one.ends_with(end)));
    let git = std::fs::read_to_string(story.path("arguments")).unwrap();
    let pushed =
        |line: &&str| line.split(' ').any(|word| word == "push") && !line.contains(" --dry-run ");
    asked.chain(git.lines().filter(pushed).map(str::to_owned)).collect()
}

/// The jobs that ran, in order, each with how it ended.
fn jobs(log: &str) -> Vec<(String, String)> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let text = |line: &serde_json::Value, key: &str| line[key].as_str().unwrap_or("").to_owned();
    let ended = lines.filter(|line| line["jobResult"].is_string());
    ended.map(|line| (text(&line, "jobID"), text(&line, "jobResult"))).collect()
}

pub(super) fn ended(log: &str, expected: &[(&str, &str)]) {
    let jobs = jobs(log);
    let jobs: Vec<_> = jobs.iter().map(|(job, how)| (job.as_str(), how.as_str())).collect();
    assert_eq!(jobs, expected, "{log}");
}

/// The tags of the releases, and whether they are drafts.
pub(super) fn releases(project: &Project) -> Vec<(String, bool)> {
    project.story.fake_github.with(|state| {
        let releases = state.releases.iter().map(|held| held.release.clone());
        releases.map(|one| (one.tag, one.draft)).collect()
    })
}

#[test]
fn stages_run_as_jobs_share_the_ledger_and_skip_a_finished_release() {
    let Some(project) = project() else { return };
    let all = ["check", "build", "candidate", "stable"].map(|job| (job, "success"));
    let log = release(&project);
    ended(&log, &all);
    assert_eq!(releases(&project.0), [("v1.1.0".to_owned(), false)]);
    let story = &project.0.story;
    assert_eq!(story.sha("remote.git", "v1.1.0^{commit}"), story.sha("work", "HEAD"));
    assert_eq!(std::fs::read_to_string(story.path("key")).unwrap(), "k in 4411, 1\n");

    let left = story.left();
    ended(&release(&project), &all[..1]);
    assert_eq!(story.left(), left);
}

#[test]
fn a_waiting_release_ends_green_and_the_schedule_continues_it() {
    let Some(project) = waiting() else { return };
    let all = ["check", "build", "prepare", "staging"].map(|job| (job, "success"));
    ended(&release(&project), &all);
    assert_eq!(releases(&project.0), [("v1.1.0".to_owned(), true)], "nothing is published yet");
    ended(&later(&project, 60), &[("prepare", "success")]);
    assert_eq!(releases(&project.0), [("v1.1.0".to_owned(), true)]);
    ended(&later(&project, 60), &[("prepare", "success"), ("production", "success")]);
    assert_eq!(releases(&project.0), [("v1.1.0".to_owned(), false)]);
    let gh = tool("TMINUS_GH");
    for (gh, environment) in gh.iter().flat_map(|gh| [(gh, "staging"), (gh, "production")]) {
        assert_eq!(deployments(&project.0, gh, environment), [("v1.1.0", "success")]);
    }
    let left = project.0.story.left();
    ended(&later(&project, 60), &[("prepare", "success")]);
    assert_eq!(project.0.story.left(), left);
}

/// What GitHub's own client reads of an environment: the tag of each deployment's commit, and its
/// newest state.
fn deployments(
    project: &Project,
    gh: &PathBuf,
    environment: &str,
) -> Vec<(&'static str, &'static str)> {
    let list = format!("repos/acme/widget/deployments?environment={environment}");
    let all = project.gh(gh, &["api", &list]);
    let tagged = project.story.sha("remote.git", "v1.1.0^{commit}").to_string();
    let one = |deployment: &Value| {
        let statuses = format!("repos/acme/widget/deployments/{}/statuses", deployment["id"]);
        let newest = project.gh(gh, &["api", &statuses])[0]["state"].clone();
        let tag = if deployment["sha"] == json!(tagged) { "v1.1.0" } else { "another commit" };
        (tag, if newest == json!("success") { "success" } else { "not successful" })
    };
    all.as_array().unwrap().iter().map(one).collect()
}

/// A release whose last job failed, and the id of the draft that it left.
fn half((project, shelf): (Project, Shelf)) -> ((Project, Shelf), u64) {
    project.story.write("refuse", "");
    let project = (project, shelf);
    let jobs = [("check", "success"), ("build", "success"), ("candidate", "success")];
    ended(&release(&project), &[&jobs[..], &[("stable", "failure")]].concat());
    assert_eq!(releases(&project.0), [("v1.1.0".to_owned(), true)]);
    std::fs::remove_file(project.0.story.path("refuse")).unwrap();
    let draft = draft(&project.0);
    (project, draft)
}

fn draft(project: &Project) -> u64 {
    project
        .story
        .fake_github
        .with(|state| state.releases.first().map(|held| held.release.id))
        .unwrap()
}

#[test]
fn a_release_whose_job_failed_is_finished_by_running_it_again() {
    let Some(project) = project() else { return };
    let (project, before) = half(project);
    let all = ["check", "build", "candidate", "stable"].map(|job| (job, "success"));
    ended(&release(&project), &all);
    assert_eq!(releases(&project.0), [("v1.1.0".to_owned(), false)]);
    assert_eq!(draft(&project.0), before, "the draft of the first run is what was published");
}

#[test]
fn rerunning_only_the_failed_job_finishes_its_stage() {
    let Some(project) = project() else { return };
    let (project, before) = half(project);
    ended(&again(&project, "stable", "go"), &[("stable", "success")]);
    assert_eq!(releases(&project.0), [("v1.1.0".to_owned(), false)]);
    assert_eq!(draft(&project.0), before, "the draft of the first attempt is what was published");
    let story = &project.0.story;
    assert_eq!(std::fs::read_to_string(story.path("key")).unwrap(), "k in 4411, 2\n");
    assert_eq!(story.sha("remote.git", "v1.1.0^{commit}"), story.sha("work", "HEAD"));
}

#[test]
fn rerunning_only_a_successful_job_writes_nothing() {
    let Some(project) = project() else { return };
    let (project, _draft) = half(project);
    let unchanged = |job: &str| {
        let before = (project.0.story.left(), writes(&project.0));
        assert!(before.1.iter().any(|one| one.contains(" push ")), "{before:?}");
        let log = again(&project, job, "go");
        ended(&log, &[(job, "success")]);
        assert_eq!((project.0.story.left(), writes(&project.0)), before, "{log}");
    };
    unchanged("candidate");
    ended(&again(&project, "stable", "go"), &[("stable", "success")]);
    unchanged("stable");
    unchanged("candidate");
}
