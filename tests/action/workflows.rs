//! Workflows with one step of the action in them, on a push.

use super::project::{Project, tool};
use serde_json::json;
use tminus::facts::CheckState;

#[test]
fn a_push_with_successful_checks_is_go() {
    let Some(project) = Project::new("") else { return };
    project.story.report("build", "success");
    let went = project.push();
    went.ended(0);
    assert_eq!((went.output("verdict"), went.output("outcome")), ("go", "go"));
    assert_eq!(went.output("version"), "1.1.0");
    assert_eq!(went.output("tag"), "v1.1.0");
    assert_eq!(went.output("previous-tag"), "v1.0.0");
    went.summarised("checks-green");
    assert!(!went.log.contains("::error"), "{}", went.log);
}

#[test]
fn a_push_with_a_failed_check_is_no_go_and_names_it() {
    let Some(project) = Project::new("          post: status") else { return };
    project.story.report("build", "failure");
    let went = project.push();
    went.ended(1);
    assert_eq!((went.output("verdict"), went.output("outcome")), ("no-go", "no-go"));
    went.summarised("checks-green");
    let annotation = went.log.lines().find(|line| line.contains("::error")).expect("an annotation");
    assert!(annotation.contains("file=tminus.yaml,line="), "{annotation}");
    assert!(annotation.contains("check `build` failed"), "{annotation}");
    let posted = project
        .story
        .fake_github
        .requests()
        .into_iter()
        .find(|asked| asked.method == "POST" && asked.path.contains("/statuses/"));
    let posted = posted.expect("a status");
    assert_eq!((&posted.request["state"], posted.status), (&json!("failure"), Some(201)));
}

#[test]
fn a_push_with_running_ci_is_hold() {
    let Some(project) = Project::new("") else { return };
    let head = project.story.sha("work", "HEAD");
    project
        .story
        .fake_github
        .with(|state| state.report(&head, "build", CheckState::Pending("in_progress".into())));
    let went = project.push();
    went.ended(3);
    assert_eq!((went.output("verdict"), went.output("outcome")), ("hold", "hold"));
}

#[test]
fn the_outcome_of_check_is_more_specific_than_its_verdict() {
    let Some(project) = Project::new("") else { return };
    let story = &project.story;
    story.report("build", "success");
    assert_eq!(story.run(&["release"]).code, Some(0));
    let went = project.push();
    went.ended(0);
    assert_eq!((went.output("verdict"), went.output("outcome")), ("go", "nothing-to-release"));

    story.write("work/tminus.yaml", "schema: 1\nstage: none\n");
    story.push("chore: no manifest");
    let went = project.push();
    went.ended(2);
    assert_eq!((went.output("verdict"), went.output("outcome")), ("", "error"));
}

#[test]
fn a_release_is_performed_stage_by_stage_and_only_once() {
    let with = "          command: release\n          through: ${{ github.event.through }}";
    let Some(project) = Project::new(with) else { return };
    project.story.report("build", "success");
    let mut event = project.pushed();
    event["through"] = json!("candidate");
    let went = project.run("push", &event);
    went.ended(0);
    assert_eq!(went.output("outcome"), "through");
    let releases = || {
        let held = |state: &mut tminus::adapters::sim::State| {
            let releases = state.releases.iter().map(|held| held.release.clone());
            releases.map(|one| (one.tag, one.draft)).collect::<Vec<_>>()
        };
        project.story.fake_github.with(held)
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
