//! The workflows that `tminus workflow` writes, run whole: fetched, verified and started by the
//! action as it is published.

use super::definition::archives;
use super::installing::{Shelf, shelf};
use super::project::Project;
use super::runner::script;
use crate::support::face::Options;
use crate::support::story::Story;
use sha2::{Digest as _, Sha256};

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

const BUILD: &str = "\
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
echo \"$PUBLISHING_KEY\" >\"$STORY/key\"
echo \"deployed $TMINUS_VERSION \" >>\"$STORY/deployed\"
";

/// Publishes the program, with its checksum in the action.
fn publish(story: &Story) -> Shelf {
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
    story.face.with(|state| state.environments.insert("production".into(), 1));
    Some((project, shelf))
}

/// Runs the workflow that releases.
fn release((project, shelf): &(Project, Shelf)) -> String {
    let shelf = format!("--env=TMINUS_TEST_DOWNLOADS={}", shelf.url);
    let story = format!("--env=STORY={}", project.story.dir.path().display());
    let file = "--workflows=.github/workflows/tminus-release.yml";
    let arguments = [file, &shelf, &story, "--secret=PUBLISHING_KEY=k", "--json"];
    project.act("push", &project.pushed(), &arguments)
}

/// The jobs that ran, in order, each with how it ended.
fn jobs(log: &str) -> Vec<(String, String)> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let text = |line: &serde_json::Value, key: &str| line[key].as_str().unwrap_or("").to_owned();
    let ended = lines.filter(|line| line["jobResult"].is_string());
    ended.map(|line| (text(&line, "jobID"), text(&line, "jobResult"))).collect()
}

fn ended(log: &str, expected: &[(&str, &str)]) {
    let jobs = jobs(log);
    let jobs: Vec<_> = jobs.iter().map(|(job, how)| (job.as_str(), how.as_str())).collect();
    assert_eq!(jobs, expected, "{log}");
}

/// The tags of the releases, and whether they are drafts.
fn releases(project: &Project) -> Vec<(String, bool)> {
    project.story.face.with(|state| {
        let releases = state.releases.iter().map(|held| held.release.clone());
        releases.map(|one| (one.tag, one.draft)).collect()
    })
}

#[test]
fn stages_as_jobs_meet_in_the_record_and_a_finished_release_skips_them() {
    let Some(project) = project() else { return };
    let all = ["check", "build", "candidate", "stable"].map(|job| (job, "success"));
    let log = release(&project);
    ended(&log, &all);
    assert_eq!(releases(&project.0), [("v1.1.0".to_owned(), false)]);
    let story = &project.0.story;
    assert_eq!(story.sha("remote.git", "v1.1.0^{commit}"), story.sha("work", "HEAD"));
    assert_eq!(std::fs::read_to_string(story.path("key")).unwrap(), "k\n");

    let left = story.left();
    ended(&release(&project), &all[..1]);
    assert_eq!(story.left(), left);
}

#[test]
fn a_release_whose_job_failed_is_finished_by_running_it_again() {
    let Some(project) = project() else { return };
    let story = &project.0.story;
    story.write("refuse", "");
    let [before @ .., stable] =
        ["check", "build", "candidate", "stable"].map(|job| (job, "success"));
    ended(&release(&project), &[&before[..], &[("stable", "failure")]].concat());
    assert_eq!(releases(&project.0), [("v1.1.0".to_owned(), true)]);
    let drafts = story.face.with(|state| state.releases.first().map(|held| held.release.id));

    std::fs::remove_file(story.path("refuse")).unwrap();
    ended(&release(&project), &[&before[..], &[stable]].concat());
    assert_eq!(releases(&project.0), [("v1.1.0".to_owned(), false)]);
    let now = story.face.with(|state| state.releases.first().map(|held| held.release.id));
    assert_eq!(now, drafts, "the draft of the first run is what was published");
}
