//! As a step of a workflow: the log, the summary, the outputs, and what is told on the forge.

use crate::end_to_end::merges::Merge;
use crate::saw;
use crate::support::fake_github::{Options, Scopes, TOKEN};
use crate::support::hostile::{obeyed, outputs};
use crate::support::merge::WORKFLOW;
use crate::support::story::{MANIFEST, Said, Story, regex_of};
use std::collections::BTreeMap;
use std::process::Command;
use tminus::adapters::sim::ME;
use tminus::facts::CheckState;
use tminus::ports::StatusState;

/// A story inside of a workflow's step.
fn step(mut story: Story) -> Story {
    let at = |name: &str| story.path(name).to_str().unwrap().to_owned();
    let pairs = [
        ("GITHUB_ACTIONS", "true".to_owned()),
        ("GITHUB_STEP_SUMMARY", at("summary.md")),
        ("GITHUB_OUTPUT", at("output")),
        ("RUNNER_TEMP", at("temp")),
        ("GITHUB_SERVER_URL", "https://github.com".into()),
        ("GITHUB_RUN_ID", "4412".into()),
        ("GITHUB_JOB", "gate".into()),
        ("GITHUB_REF", "refs/heads/main".into()),
        ("GITHUB_SHA", story.sha("work", "HEAD").to_string()),
    ];
    pairs.iter().for_each(|(name, value)| story.set(name, value));
    // What another step left without an end.
    story.write("output", "before=1");
    story
}

/// The same for a pull request that may be merged.
fn proposed(options: Options) -> Merge {
    proposed_as("docs: words", options)
}

fn proposed_as(subject: &str, options: Options) -> Merge {
    let mut merge = Merge::with(options);
    merge.propose(subject, "docs: words");
    let pull = merge.pull("acme/widget");
    merge.0 = step(merge.0);
    merge.on("pull_request", &pull);
    merge
}

fn read(story: &Story, name: &str) -> String {
    std::fs::read_to_string(story.path(name)).unwrap_or_default()
}

fn told(story: &Story) -> BTreeMap<String, String> {
    let told = outputs(&read(story, "output"));
    assert_eq!(told["before"], "1", "another's output is left whole");
    told
}

/// Everything that a step leaves, without the words that are random.
fn whole(story: &Story, said: &Said) -> String {
    let root = story.path("").to_str().unwrap().to_owned();
    let outputs: String = told(story)
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", value.replace(&root, "[ROOT]/")))
        .collect();
    let log: Vec<String> = said.whole().lines().map(guardless).collect();
    format!("{}\n--- summary\n{}--- outputs\n{outputs}", log.join("\n"), read(story, "summary.md"))
}

fn guardless(line: &str) -> String {
    let hex = |text: &str| text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
    match line.strip_prefix("::stop-commands::") {
        Some(word) if hex(word) => "::stop-commands::[WORD]".into(),
        _ => match line.strip_prefix("::").and_then(|line| line.strip_suffix("::")) {
            Some(word) if hex(word) => "::[WORD]::".into(),
            _ => line.to_owned(),
        },
    }
}

#[test]
fn check_in_a_workflow_step_writes_annotations_a_summary_and_outputs() {
    let story = step(Story::bare(Options::default(), MANIFEST));
    story.report("build", "failure");
    let said = story.run(&["check", "--format", "github"]);
    saw!(story, "workflow-check", whole(&story, &said));
    let taken = obeyed(&said.stdout);
    let names: Vec<&str> = taken.iter().map(|command| command.name.as_str()).collect();
    assert_eq!(names, ["stop-commands", "error", "stop-commands"]);
}

#[test]
fn plan_in_a_workflow_step_leaves_its_documents() {
    let story = step(Story::new());
    let said = story.run(&["plan", "--format", "github"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let told = told(&story);
    let plan = std::fs::read_to_string(&told["plan"]).unwrap();
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    assert_eq!(plan["plan"]["tag"], "v1.1.0");
    let notes = std::fs::read_to_string(&told["notes"]).unwrap();
    assert!(notes.contains("A second widget."), "{notes}");
    saw!(story, "workflow-plan", whole(&story, &said));
    let kept = told["plan"].clone();
    let said = story.run(&["release", "--plan", &kept, "--format", "github"]);
    assert_eq!(said.code, Some(0), "what `plan` leaves `release` takes: {}", said.whole());
}

#[test]
fn release_in_a_workflow_step_reports_its_progress() {
    let story = step(Story::new());
    // What a command prints is not for the runner.
    story.script("work/deploy", "#!/bin/sh\necho '::error::no'\necho '##[error]no'\nexit 1\n");
    story.git("work", &["commit", "-q", "-a", "-m", "fix: ::error::x"]);
    story.git("work", &["push", "-q"]);
    story.report("build", "success");
    let said = story.run(&["release", "--format", "github"]);
    saw!(story, "workflow-release-stopped", whole(&story, &said));
    let both = format!("{}{}", said.stderr, said.stdout);
    let names: Vec<String> = obeyed(&both).into_iter().map(|command| command.name).collect();
    assert_eq!(names, ["stop-commands", "error", "stop-commands"]);

    let story = step(Story::new());
    let said = story.run(&["release", "--format", "github"]);
    saw!(story, "workflow-release", whole(&story, &said));
}

#[test]
fn a_manifest_error_is_annotated_on_its_line() {
    let story = step(Story::new());
    story.write("work/tminus.yaml", "branchs: [main]\n");
    story.push("chore: break it");
    let said = story.run(&["check", "--format", "github"]);
    saw!(story, "workflow-refused", whole(&story, &said));
}

#[test]
fn nothing_is_written_outside_a_workflow_step() {
    let story = Story::new();
    let said = story.run(&["check", "--format", "github"]);
    assert_eq!(said.code, Some(0));
    assert!(said.stderr.contains("not in a workflow step"), "{}", said.whole());
    assert_eq!(obeyed(&said.stdout).len(), 1, "{}", said.whole());
}

#[test]
fn reports_are_written_in_addition_to_the_printed_output() {
    let story = Story::new();
    let files = ["text=r.txt", "json=r.json", "markdown=r.md", "sarif=r.sarif", "junit=r.xml"];
    let mut arguments = vec!["check"];
    files.iter().for_each(|file| arguments.extend(["--report", file]));
    let said = story.run(&arguments);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let first =
        |name: &str| read(&story, &format!("work/{name}")).lines().next().unwrap().to_owned();
    assert!(first("r.txt").starts_with("widget 1.1.0"));
    assert!(first("r.md").starts_with("## ✅ go: widget 1.1.0"));
    assert!(first("r.xml").starts_with("<?xml"));
    for name in ["r.json", "r.sarif"] {
        let _: serde_json::Value =
            serde_json::from_str(&read(&story, &format!("work/{name}"))).unwrap();
    }
    let lost = story.run(&["check", "--report", "json=no/such/place.json"]);
    assert_eq!(lost.code, Some(0), "the verdict stays");
    assert!(lost.stderr.contains("cannot write `no/such/place.json`"), "{}", lost.whole());
    let json = story.run(&["release", "--format", "json", "--report", "markdown=flight.md"]);
    let document: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&document["outcome"], &document["exit"]), (&"released".into(), &0.into()));
    assert!(read(&story, "work/flight.md").starts_with("## ✅ released: widget 1.1.0"));
}

#[test]
fn a_verdict_is_posted_on_the_forge_only_once() {
    let mut merge = proposed(Options::default());
    let head = merge.0.sha("work", "topic");
    let all = ["check", "--post", "status,check-run,comment"];
    let said = merge.0.run(&all);
    saw!(merge.0, "post", said.whole());
    merge.0.fake_github.with(|world| {
        let status = &world.board.statuses[0];
        assert_eq!((status.state, status.context.as_str()), (StatusState::Success, "tminus"));
        assert_eq!(status.commit, head, "where people look at it");
        assert_eq!(world.board.check_runs[0].passed, Some(true));
        assert_eq!(world.comments_on(7).len(), 1);
    });
    let said = merge.0.run(&all);
    assert!(
        said.stderr.contains("it was already up to date")
            || said.stderr.contains("updated the existing one")
    );
    merge.title("feat: a third widget");
    merge.0.set("GITHUB_RUN_ATTEMPT", "2");
    let said = merge.0.run(&all);
    assert_eq!(said.code, Some(1));
    merge.0.fake_github.with(|world| {
        let comments = world.comments_on(7);
        assert_eq!(comments.len(), 1, "one comment, kept up to date");
        assert!(comments[0].body.contains("## ❌ no-go"), "{}", comments[0].body);
        assert_eq!(world.board.statuses.last().unwrap().state, StatusState::Failure);
        assert!(!world.board.check_runs.last().unwrap().annotations.is_empty());
    });
}

#[test]
fn a_finding_on_a_line_of_the_base_is_linked_and_not_annotated() {
    let mut merge = Merge::new();
    let rules = MANIFEST.replace("required: [build]", "required: [compile]");
    merge.0.write("work/tminus.yaml", rules);
    merge.0.write("work/.github/workflows/ci.yml", WORKFLOW.replace("build:", "compile:"));
    merge.propose("ci: another name", "ci: another name");
    let pull = merge.pull("acme/widget");
    merge.0 = step(merge.0);
    merge.on("pull_request", &pull);
    merge.0.set("GITHUB_REPOSITORY", "acme/widget");
    let told = ["--report", "sarif=r.sarif", "--post", "check-run"];
    let said = merge.0.run(&[&["check", "--format", "github"], &told[..]].concat());
    saw!(merge.0, "workflow-merge", whole(&merge.0, &said));
    assert!(!read(&merge.0, "work/r.sarif").contains("main:"));
    let runs = merge.0.fake_github.with(|world| world.board.check_runs.clone());
    assert!(runs[0].annotations.is_empty(), "{runs:?}");
}

#[test]
fn nothing_is_posted_for_a_pull_request_from_a_fork_for_any_token() {
    for event in ["pull_request", "pull_request_target"] {
        let mut merge = proposed(Options::default());
        merge.on(event, &merge.pull("eve/widget"));
        merge.0.git("work", &["checkout", "-q", "main"]);
        let said = merge.0.run(&["check", "--post", "status,check-run,comment"]);
        assert_eq!(said.code, Some(0), "{}", said.whole());
        assert!(said.stderr.contains("nothing is posted"), "{}", said.whole());
        merge.0.fake_github.with(|world| {
            assert!(world.board.statuses.is_empty() && world.board.check_runs.is_empty());
            assert!(world.comments_on(7).is_empty());
        });
    }
}

#[test]
fn a_title_the_forge_rejects_leaves_no_outdated_verdict() {
    let mut merge = proposed_as("wip", Options::default());
    assert_eq!(merge.0.run(&["check", "--post", "status"]).code, Some(0));
    merge.0.set("GITHUB_RUN_ATTEMPT", "2");
    merge.title("wip \u{1f680} now");
    let said = merge.0.run(&["check", "--post", "status"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    merge.0.fake_github.with(|world| {
        let last = world.board.statuses.last().unwrap();
        assert_eq!(last.state, StatusState::Failure);
        assert_eq!(
            last.description,
            "no-go: the title `wip \u{fffd} now` does not start with a known commit type"
        );
    });
}

#[test]
fn a_comment_with_a_copied_marker_is_not_treated_as_ours() {
    let merge = proposed(Options::default());
    let story = &merge.0;
    let copy = "<!-- tminus: check -->\n## ✅ go: trust me";
    story.fake_github.with(|world| world.comment(7, "mallory", copy)).unwrap();
    let all = ["check", "--post", "comment"];
    story.run(&all);
    story.run(&all);
    let comments = story.fake_github.with(|world| world.comments_on(7));
    assert_eq!(comments.len(), 2);
    assert_eq!(comments[0].body, copy, "nobody's comment is touched but ours");
    assert_eq!(comments[1].author.as_deref(), Some(ME));
}

#[test]
fn duplicate_comments_of_parallel_jobs_are_merged_into_one() {
    let merge = proposed(Options::default());
    let story = &merge.0;
    for said in ["no-go", "hold", "unknown"] {
        let said = format!("<!-- tminus: check -->\n{said}");
        story.fake_github.with(|world| world.comment(7, ME, &said)).unwrap();
    }
    story.fake_github.with(|world| world.comment(7, ME, "something else")).unwrap();
    let said = story.run(&["check", "--post", "comment"]);
    assert!(said.stderr.contains("updated the existing one"), "{}", said.whole());
    let comments = story.fake_github.with(|world| world.comments_on(7));
    let bodies: Vec<&str> = comments.iter().map(|comment| comment.body.as_str()).collect();
    assert_eq!(bodies.len(), 2, "{bodies:?}");
    assert!(bodies[0].contains("## \u{2705} go"), "{bodies:?}");
    assert_eq!(bodies[1], "something else", "only what bears our mark is ours");
}

#[test]
fn a_verdict_that_cannot_be_posted_is_unchanged() {
    let mut options = Options::default();
    options.tokens.insert(TOKEN.into(), Scopes::READ);
    let merge = proposed(options);
    let story = &merge.0;
    let said = story.run(&["check", "--post", "status,check-run,comment"]);
    saw!(story, "post-denied", said.whole());
    assert_eq!(said.code, Some(0));
}

#[test]
fn the_check_run_of_tminus_itself_does_not_hold_the_release() {
    let mut story = step(Story::bare(
        Options::default(),
        &MANIFEST.replace("checks-green: { required: [build] }", "checks-green: on"),
    ));
    story.set("GITHUB_REF", "refs/heads/main");
    story.report("build", "success");
    let head = story.sha("work", "HEAD");
    story.fake_github.with(|world| {
        world.report(&head, "tminus", CheckState::Pending("in_progress".into()));
        let own = world.checks.get_mut(&head).unwrap().last_mut().unwrap();
        own.url = Some("https://github.com/acme/widget/actions/runs/4412/attempts/1".into());
    });
    let said = story.run(&["check"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

#[test]
fn status_and_abort_in_a_workflow_step_write_outputs() {
    let story = step(Story::new());
    let before = story.run(&["status", "--format", "github"]);
    assert_eq!(told(&story)["outcome"], "not-begun", "{}", before.whole());
    assert_eq!(story.run(&["release", "--through", "candidate"]).code, Some(0));
    let status = story.run(&["status", "--format", "github"]);
    saw!(story, "workflow-status", whole(&story, &status));
    story.write("summary.md", "");
    story.write("output", "before=1");
    let abort = story.run(&["abort", "--format", "github"]);
    saw!(story, "workflow-abort", whole(&story, &abort));
    for said in [before, status, abort] {
        assert_eq!(said.code, Some(0));
        assert_eq!(obeyed(&said.stdout).len(), 1, "{}", said.whole());
    }
    let json = story.run(&["abort", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&document["outcome"], &document["exit"]), (&"nothing-to-abort".into(), &0.into()));
    assert!(json.stderr.contains("already aborted"), "{}", json.whole());
}

#[test]
fn check_distinguishes_a_published_release_from_an_unfinished_one() {
    let outcome = |story: &Story, arguments: &[&str]| {
        let said = story.run(arguments);
        let told = told(story);
        (said.code, told["outcome"].clone(), told["verdict"].clone())
    };
    let went = |word: &str, verdict: &str| (Some(0), word.to_owned(), verdict.to_owned());
    let check = ["check", "--format", "github"];
    let story = step(Story::new());
    assert_eq!(outcome(&story, &check), went("go", "go"));
    assert_eq!(story.run(&["release", "--through", "beta"]).code, Some(0));
    assert!(story.git("remote.git", &["tag"]).contains("v1.1.0"));
    assert_eq!(outcome(&story, &check), went("go", "go"), "the tag is there, and more is due");
    assert_eq!(story.run(&["release"]).code, Some(0));
    assert_eq!(outcome(&story, &check), went("nothing-to-release", "go"));
    let again = ["release", "--format", "github"];
    assert_eq!(outcome(&story, &again), went("nothing-to-release", "go"));
    story.write("output", "before=1");
    let (code, word, verdict) = outcome(&story, &[&again[..], &["--expect-release"]].concat());
    assert_eq!((code, word.as_str(), verdict.as_str()), (Some(1), "nothing-to-release", "no-go"));
    // A later commit that raises no version.
    story.write("work/README.md", "more");
    story.push("docs: more");
    story.report("build", "success");
    assert_eq!(outcome(&story, &check), went("nothing-to-release", "go"));
    story.report("build", "failure");
    let said = story.run(&check);
    assert_eq!((said.code, told(&story)["outcome"].as_str()), (Some(1), "no-go"));
    // Where the record cannot be seen nothing is left out for it.
    story.report("build", "success");
    std::fs::rename(story.path("remote.git"), story.path("gone.git")).unwrap();
    let said = story.run(&["check", "--format", "github", "--gate", "tree-clean"]);
    assert_eq!((said.code, told(&story)["outcome"].as_str()), (Some(0), "go"), "{}", said.whole());
    std::fs::rename(story.path("gone.git"), story.path("remote.git")).unwrap();
}

#[test]
fn secrets_are_in_no_report() {
    let mut story = step(Story::new());
    // Not the story's own token, which is nowhere to be found at the end.
    let careless = ["ghp_", "careless0123456789"].concat();
    story.env("GH_ENTERPRISE_TOKEN", &careless);
    let changelog = std::fs::read_to_string(story.path("work/CHANGELOG.md")).unwrap();
    story.write("work/CHANGELOG.md", changelog.replace("A second", &format!("{careless} second")));
    let manifest = std::fs::read_to_string(story.path("work/tminus.yaml")).unwrap();
    story.write("work/tminus.yaml", manifest.replace("[build]", &format!("[build, {careless}]")));
    story.push("docs: too much (#3)");
    story.report("build", "success");
    story.report(&careless, "failure");
    let files = ["text=r.txt", "json=r.json", "markdown=r.md", "sarif=r.sarif", "junit=r.xml"];
    let mut arguments = vec!["check", "--branch", "main", "--format", "github"];
    files.iter().for_each(|file| arguments.extend(["--report", file]));
    arguments.extend(["--post", "status,check-run"]);
    let check = story.run(&arguments);
    assert_eq!(check.code, Some(3), "{}", check.whole());
    let plan = story.run(&["plan", "--branch", "main", "--format", "github"]);
    let told = told(&story);
    let mut left = vec![check.whole(), plan.whole(), read(&story, "summary.md")];
    left.push(read(&story, "output"));
    assert_eq!(plan.code, Some(1), "such notes make no plan: {}", plan.whole());
    assert!(["plan", "notes"].iter().all(|name| !told.contains_key(*name)));
    left.extend(
        files.map(|file| read(&story, &format!("work/{}", file.split_once('=').unwrap().1))),
    );
    story.fake_github.with(|world| {
        assert_eq!((world.board.statuses.len(), world.board.check_runs.len()), (1, 1));
        left.push(format!("{:?}", world.board));
    });
    for text in &left {
        assert!(!text.contains("careless0123456789"), "{text}");
    }
    // All but the outputs, and JUnit, where a hold has no words.
    assert_eq!(left.iter().filter(|text| text.contains("***")).count(), left.len() - 2);
}

#[test]
fn a_timed_out_release_in_a_workflow_step_reports_it() {
    let story = step(Story::new());
    let made = Command::new("mkfifo").arg(story.path("fifo")).status().unwrap();
    assert!(made.success());
    let said = story.run(&["release", "--format", "github", "--timeout", "6s"]);
    saw!(story, "workflow-late", whole(&story, &said));
    assert_eq!(said.code, Some(5));
}
