//! More than one run of one release: at once, in parts, and given up.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{MANIFEST, Said, Story, regex_of};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command, Stdio};

fn fifo(story: &Story) {
    let made = Command::new("mkfifo").arg(story.path("fifo")).status().unwrap();
    assert!(made.success());
}

/// A release whose command waits for a word in the fifo, and what it says on standard error.
fn at_its_run_step(story: &Story) -> (Child, BufReader<ChildStderr>) {
    fifo(story);
    let mut command = story.tminus("work", &["release"]);
    let mut release = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(release.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("waiting") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it ended before its run step");
    }
    (release, stderr)
}

#[test]
fn a_second_runner_stops_and_names_the_runner_that_holds_the_lease() {
    let story = Story::new();
    let (first, mut stderr) = at_its_run_step(&story);
    let second = story.run(&["release"]);
    saw!(story, "second-runner", second.whole());
    saw!(story, "second-runner-aborts", story.run(&["abort"]).whole());
    saw!(story, "second-runner-status", story.run(&["status"]).whole());
    std::fs::write(story.path("fifo"), "go\n").unwrap();
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    story.wrote("standard error of the first runner", rest.as_bytes());
    let first = first.wait_with_output().unwrap();
    story.wrote("standard output of the first runner", &first.stdout);
    assert_eq!(first.status.code(), Some(0), "{rest}");
    assert_eq!(story.run(&["release"]).stdout.lines().count(), 1);
    let deployed = std::fs::read_to_string(story.path("deployed")).unwrap();
    assert_eq!(deployed.lines().count(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_that_outlives_its_runner_is_not_started_twice() {
    let story = Story::new();
    let (mut first, _) = at_its_run_step(&story);
    first.kill().unwrap();
    first.wait().unwrap();
    // Else it would wait for the fifo too.
    let second = story.run(&["release", "--timeout", "20s"]);
    assert_eq!(second.code, Some(3), "{}", second.whole());
    std::fs::write(story.path("fifo"), "go\n").unwrap();
    // How soon a process has ended is the system's business.
    let third = (0..100).map(|_| story.run(&["release"])).find(|said| said.code != Some(3));
    assert_eq!(third.unwrap().code, Some(0));
    let deployed = std::fs::read_to_string(story.path("deployed")).unwrap();
    assert_eq!(deployed.lines().count(), 1);
}

#[test]
fn a_run_whose_files_differ_from_the_sealed_plan_stops_and_names_both() {
    let story = Story::new();
    assert_eq!(story.run(&["release", "--through", "candidate"]).code, Some(0));
    let left = story.left();
    // *Re-run all jobs* builds again, and the build is not the same twice.
    story.write("work/dist/widget.txt", "another widget\n");
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    saw!(story, "rebuilt", said.whole());
    assert_eq!(story.run(&["release", "--through", "candidate"]).code, Some(1));
    assert_eq!(story.run(&["plan"]).code, Some(1), "the dry run says the same");
    assert_eq!(story.left(), left, "nothing was written");
    // A stage without files goes on with those of the draft.
    std::fs::remove_file(story.path("work/dist/widget.txt")).unwrap();
    assert_eq!(story.run(&["release"]).code, Some(0));
    story.write("work/dist/widget.txt", "another widget\n");
    assert_eq!(story.run(&["release"]).code, Some(0), "what is finished does not depend on files");
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_stops_a_started_release_instead_of_counting_as_absent() {
    let story = Story::new();
    assert_eq!(story.run(&["release", "--through", "candidate"]).code, Some(0));
    let (left, widget) = (story.left(), story.path("work/dist/widget.txt"));
    for leads in ["/", "nowhere", "widget.txt"] {
        std::fs::remove_file(&widget).unwrap();
        std::os::unix::fs::symlink(leads, &widget).unwrap();
        if leads == "/" {
            // Not a file, so none of the release's.
            assert_eq!(story.run(&["plan"]).code, Some(0));
            continue;
        }
        let said = story.run(&["release"]);
        assert_eq!(said.code, Some(4), "{}", said.whole());
        assert!(said.stderr.contains("cannot read the assets"), "{}", said.whole());
        assert_eq!(story.run(&["plan"]).code, Some(4), "the dry run says the same");
    }
    assert_eq!(story.left(), left, "nothing was written");
    assert_eq!(story.run(&["abort"]).code, Some(0), "it can still be given up");
}

#[test]
fn a_release_whose_files_changed_can_be_aborted() {
    let story = Story::new();
    assert_eq!(story.run(&["release", "--through", "candidate"]).code, Some(0));
    story.write("work/dist/widget.txt", "another widget\n");
    let said = story.run(&["abort"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

#[test]
fn a_release_stops_after_the_requested_stage_and_can_be_continued() {
    let story = Story::new();
    saw!(story, "through-candidate", story.run(&["release", "--through", "candidate"]).whole());
    assert_eq!(story.git("remote.git", &["tag"]), "v1.0.0", "nothing is public");
    saw!(story, "through-candidate-status", story.run(&["status"]).whole());
    let left = story.left();
    saw!(
        story,
        "through-candidate-again",
        story.run(&["release", "--through", "candidate"]).whole()
    );
    assert_eq!(story.left(), left, "nothing was written");
    saw!(story, "through-the-rest", story.run(&["release"]).whole());
    saw!(story, "through-nowhere", story.run(&["release", "--through", "candidat"]).whole());
}

#[test]
fn a_release_before_the_point_of_no_return_is_aborted_without_a_trace() {
    let story = Story::new();
    saw!(story, "abort-nothing", story.run(&["abort"]).whole());
    assert_eq!(story.run(&["release", "--through", "beta"]).code, Some(0));
    assert_eq!(story.git("remote.git", &["tag"]), "v1.0.0\nv1.1.0");
    saw!(story, "abort", story.run(&["abort"]).whole());
    assert_eq!(story.git("remote.git", &["tag"]), "v1.0.0");
    assert_eq!(story.fake_github.with(|state| state.releases.len()), 0);
    saw!(story, "abort-status", story.run(&["status"]).whole());
    saw!(story, "abort-again", story.run(&["abort"]).whole());
    assert_eq!(story.run(&["release"]).code, Some(0), "it can be made all the same");
    saw!(story, "abort-too-late", story.run(&["abort"]).whole());
}

/// A release whose first step is a command of which nothing can be asked, as far as the command goes.
fn blind(command: &str, reach: &str) -> Story {
    let blind = MANIFEST.replace("probe: [./deployed], reach: public", reach);
    let story = Story::bare(Options::default(), &blind.replace("./deploy]", command));
    let script = "#!/bin/sh\necho half >>\"$STORY/deployed\"\n[ -e \"$STORY/mended\" ] || exit 3\n";
    story.script("work/deploy", script);
    story.push("chore: deploy otherwise");
    story.report("build", "success");
    story
}

#[test]
fn a_failed_command_without_a_probe_may_have_taken_effect() {
    let story = blind("./deploy]", "repeatable: true");
    saw!(story, "doubt-irreversible", story.run(&["release"]).whole());
    saw!(story, "doubt-irreversible-status", story.run(&["status"]).whole());
    assert_eq!(story.run(&["abort"]).code, Some(1), "past its point of no return");
    story.write("mended", "");
    assert_eq!(story.run(&["release"]).code, Some(0), "it is repeatable");

    let story = blind("./deploy]", "repeatable: true, reach: public");
    assert_eq!(story.run(&["release"]).code, Some(5));
    saw!(story, "doubt-public-abort", story.run(&["abort"]).whole());

    // What never started did nothing.
    let story = blind("./no-such-command]", "repeatable: true");
    let said = story.run(&["release"]);
    assert!(said.stdout.contains("5 of 7 steps done, including public steps"), "{}", said.whole());
    assert_eq!(story.run(&["abort"]).code, Some(0));
}

#[test]
fn an_unreadable_ledger_is_unknown_and_not_treated_as_missing() {
    let story = Story::new();
    assert_eq!(story.run(&["release", "--through", "candidate"]).code, Some(0));
    story.git("work", &["push", "-q", "-f", "origin", "HEAD:refs/tminus/releases/v1.1.0"]);
    saw!(story, "status-no-record", story.run(&["status"]).whole());
}

#[test]
fn commits_pushed_after_the_start_are_not_part_of_the_release() {
    let story = Story::new();
    let pinned = story.sha("work", "HEAD");
    assert_eq!(story.run(&["release", "--through", "candidate"]).code, Some(0));
    story.push("feat: too late (#3)");
    saw!(story, "moved-on-plan", story.run(&["plan"]).whole());
    saw!(story, "moved-on", story.run(&["release"]).whole());
    assert_eq!(story.sha("remote.git", "v1.1.0^{commit}"), pinned);
    saw!(story, "moved-on-again", story.run(&["release"]).whole());
    saw!(story, "moved-on-check", story.run(&["check"]).whole());
}

#[test]
fn a_failed_run_step_stops_the_release_and_is_retried_by_the_next_run() {
    let story = Story::new();
    let deploy = std::fs::read_to_string(story.path("work/deploy")).unwrap();
    let fire = "#!/bin/sh\n[ -e ../fire ] && { echo 'the server is on fire' >&2; exit 7; }\n";
    story.script("work/deploy", &deploy.replace("#!/bin/sh\n", fire));
    story.push("chore: a server that burns");
    story.report("build", "success");
    story.write("fire", "");
    saw!(story, "run-fails", story.run(&["release"]).whole());
    std::fs::remove_file(story.path("fire")).unwrap();
    assert_eq!(story.run(&["release"]).code, Some(0));
}

#[test]
fn a_published_release_with_a_missing_asset_is_a_conflict() {
    let story = Story::new();
    assert_eq!(story.run(&["release"]).code, Some(0));
    story.fake_github.with(|state| state.releases[0].release.assets.remove(0));
    let left = story.left();
    saw!(story, "lost-asset", story.run(&["release"]).whole());
    saw!(story, "lost-asset-plan", story.run(&["plan"]).whole());
    assert_eq!(story.left(), left);
}

#[test]
fn a_release_without_a_forge_consists_of_a_tag_and_run_steps() {
    let manifest = MANIFEST
        .replace("name: widget\n", "name: widget\nforge: none\n")
        .replace("  checks-green: { required: [build] }\n", "")
        .replace("    gates: [checks-green]\n", "")
        .replace("  - name: candidate\n    steps:\n      - draft-release: { assets: ['dist/*'], checksums: sha256 }\n", "")
        .replace("  - name: stable\n    steps:\n      - publish-release\n", "");
    let mut story = Story::bare(crate::support::fake_github::Options::default(), &manifest);
    story.set("GITHUB_TOKEN", "");
    saw!(story, "no-forge-check", story.run(&["check"]).whole());
    let rehearsed = story.run(&["rehearse"]);
    assert_eq!(rehearsed.code, Some(0), "{}", rehearsed.whole());
    saw!(story, "no-forge", story.run(&["release"]).whole());
    saw!(story, "no-forge-again", story.run(&["release"]).whole());
    assert_eq!(story.fake_github.requests().len(), 0);
    let head = story.sha("work", "HEAD");
    assert_eq!(story.sha("remote.git", "v1.1.0^{commit}"), head);
}

#[test]
fn an_enterprise_server_is_queried_only_at_its_own_paths() {
    let mut story = Story::new();
    let url = story.fake_github.url.clone();
    story.set("GITHUB_API_URL", &format!("{url}/api/v3"));
    story.set("GITHUB_GRAPHQL_URL", "");
    let Said { code, stdout, stderr } = story.run(&["release"]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    let elsewhere: Vec<_> = story.fake_github.requests();
    let elsewhere: Vec<_> =
        elsewhere.iter().filter(|asked| !asked.path.starts_with("/api/")).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}
