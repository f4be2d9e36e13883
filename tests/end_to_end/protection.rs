//! The protection of an environment is obeyed wherever the release runs, and nothing is requested
//! twice where GitHub obeyed it already.

use super::environments::{exits, on_github_with};
use crate::saw;
use crate::support::fake_github::{Exchange, REQUEST_TOKEN};
use crate::support::story::{Story, regex_of};
use jiff::SignedDuration;
use tminus::adapters::sim::SimApproval;
use tminus::base::names::{EnvironmentName, Sha};
use tminus::facts::environment::{Approval, JobIdentity, Protection, Reviewer};

const MANIFEST: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
gates: { checks-green: { required: [build] } }
stages:
  - name: candidate
    steps:
      - run: { name: pack, command: [./deploy, candidate], probe: [./deployed, candidate], reach: private }
  - name: production
    environment: production
    steps:
      - run: { name: deploy, command: [./deploy, production], probe: [./deployed, production], reach: public }
      - tag: { sign: 'off' }
";

/// A project whose production is protected like this.
fn story(protection: Protection) -> Story {
    let story = on_github_with(MANIFEST);
    story.fake_github.with(|state| state.protect("production", protection));
    story
}

fn reviewed() -> Protection {
    let reviewers = vec![Reviewer::User("bob".into()), Reviewer::Team("ops".into())];
    Protection { reviewers, ..Protection::default() }
}

/// Somebody approves a run of a commit that started so many minutes from now.
fn approved(story: &Story, by: &str, started_by: &str, commit: &Sha, minutes: i64) {
    story.fake_github.with(|state| {
        let run = 7 + u64::try_from(state.approvals.len()).unwrap();
        let at = state.now.checked_add(SignedDuration::from_mins(minutes)).unwrap();
        let approval = Approval {
            by: by.into(),
            run,
            started_by: Some(started_by.into()),
            url: None,
            at: None,
        };
        let environment = EnvironmentName::new("production").unwrap();
        state.approvals.push(SimApproval { approval, environment, commit: commit.clone(), at });
    });
}

fn later(story: &Story, minutes: i64) {
    story.fake_github.with(|state| state.advance(SignedDuration::from_mins(minutes)));
}

fn is_in_production(story: &Story) -> bool {
    let deployments = story.fake_github.with(|state| state.deployments.len());
    assert_eq!(story.path("in-production").exists(), deployments > 0);
    deployments > 0
}

#[test]
fn a_required_reviewer_admits_only_the_sealed_commit() {
    let story = story(reviewed());
    let head = story.sha("work", "HEAD");
    approved(&story, "bob", "ada", &head, -5);
    saw!(story, "protection-review", story.run(&["release"]).whole());
    exits(&story.run(&["release"]), 3);
    approved(&story, "bob", "ada", &story.sha("work", "HEAD~"), 1);
    later(&story, 2);
    exits(&story.run(&["release"]), 3);
    assert!(!is_in_production(&story));
    saw!(story, "protection-review-status", story.run(&["status"]).whole());
    approved(&story, "bob", "ada", &head, 1);
    later(&story, 2);
    saw!(story, "protection-review-approved", story.run(&["release"]).whole());
    assert!(is_in_production(&story));
}

#[test]
fn a_run_cannot_be_approved_by_its_starter_if_self_review_is_prevented() {
    let story = story(Protection { prevents_self_review: true, ..reviewed() });
    exits(&story.run(&["release"]), 3);
    let head = story.sha("work", "HEAD");
    approved(&story, "bob", "bob", &head, 1);
    later(&story, 2);
    saw!(story, "protection-own-review", story.run(&["release"]).whole());
    assert!(!is_in_production(&story));
    approved(&story, "bob", "ada", &head, 1);
    later(&story, 2);
    exits(&story.run(&["release"]), 0);
}

#[test]
fn a_wait_timer_starts_with_the_first_attempt_and_is_not_restarted() {
    let story = story(Protection { wait_minutes: 30, ..Protection::default() });
    saw!(story, "protection-timer-plan", story.run(&["plan"]).whole());
    saw!(story, "protection-timer", story.run(&["release"]).whole());
    later(&story, 20);
    saw!(story, "protection-timer-again", story.run(&["release"]).whole());
    let log = ["log", "--reverse", "--format=%s", "refs/tminus/releases/v1.1.0"];
    let log = story.git("remote.git", &log);
    assert_eq!(log.matches("waiting to enter production").count(), 1, "{log}");
    assert!(!is_in_production(&story));
    later(&story, 11);
    exits(&story.run(&["release"]), 0);
    assert!(is_in_production(&story));
}

#[test]
fn an_unprotected_environment_that_must_be_protected_is_unknown() {
    let named = "environment: { name: production, protected: true }";
    let story = on_github_with(&MANIFEST.replace("environment: production", named));
    saw!(story, "protection-none", story.run(&["release"]).whole());
    assert!(!is_in_production(&story));
    story.fake_github.with(|state| state.protect("production", reviewed()));
    exits(&story.run(&["release"]), 3);
}

#[test]
fn an_environment_that_does_not_exist_is_never_created() {
    let story = on_github_with(MANIFEST);
    let name = EnvironmentName::new("production").unwrap();
    story.fake_github.with(|state| state.environments.remove(&name));
    saw!(story, "protection-missing-plan", story.run(&["plan"]).whole());
    saw!(story, "protection-missing", story.run(&["release"]).whole());
    let gates = "required: [build] } }";
    let fewer = MANIFEST.replace(gates, "required: [build] }, rights-suffice: off }");
    story.write("work/tminus.yaml", fewer);
    story.push("ci: fewer gates");
    story.report("build", "success");
    saw!(story, "protection-missing-ungated", story.run(&["release"]).whole());
    exits(&story.run(&["promote"]), 4);
    assert!(!is_in_production(&story));
    story.fake_github.with(|state| assert!(!state.environments.contains_key(&name)));
    let written = |one: &Exchange| one.method != "GET" && one.path.contains("environments");
    assert!(!story.fake_github.requests().iter().any(written));
}

/// Lets the program run in a job.
fn in_a_job(story: &mut Story, repository: &str, environment: Option<&str>) {
    let job = JobIdentity {
        repository: repository.into(),
        commit: Some(story.sha("work", "HEAD")),
        environment: environment.map(|name| EnvironmentName::new(name).unwrap()),
    };
    story.fake_github.with(|state| state.job = Some(job));
    let url = story.fake_github.identity_url();
    story.env("ACTIONS_ID_TOKEN_REQUEST_URL", &url);
    story.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN);
}

#[test]
fn a_job_inside_the_environment_repeats_no_requests() {
    let mut story = story(Protection { wait_minutes: 30, ..reviewed() });
    in_a_job(&mut story, "acme/widget", Some("production"));
    saw!(story, "protection-job", story.run(&["release"]).whole());
    assert!(is_in_production(&story));
    let requests = story.fake_github.requests();
    let paths: Vec<&str> = requests.iter().map(|one| one.path.as_str()).collect();
    assert!(!paths.iter().any(|path| path.contains("/actions/runs")), "{paths:?}");
    let identities = paths.iter().filter(|path| path.contains("/oidc/token")).count();
    assert_eq!(identities, 1, "{paths:?}");
}

#[test]
fn a_job_of_another_environment_or_repository_is_no_proof() {
    let mut story = story(reviewed());
    for (repository, environment) in [
        ("acme/widget", None),
        ("acme/widget", Some("staging")),
        ("acme/other", Some("production")),
    ] {
        in_a_job(&mut story, repository, environment);
        exits(&story.run(&["release"]), 3);
        assert!(!is_in_production(&story), "{repository} {environment:?}");
    }
    in_a_job(&mut story, "ACME/widget", Some("Production"));
    exits(&story.run(&["release"]), 0);
}
