//! A token is shown, logged, recorded and published nowhere, whoever repeats it. That nothing of a
//! story holds one is looked after where it ends; here is what tempts the program most.

use crate::saw;
use crate::support::fake_github::{Mishap, Options, TOKEN};
use crate::support::story::{MANIFEST, Story, regex_of};

#[test]
fn responses_that_echo_the_authorization_header_are_masked() {
    for mishap in [Mishap::EchoPage, Mishap::EchoMessage, Mishap::EchoError] {
        let story = Story::new();
        story.fake_github.strike_next("POST", "/graphql", mishap);
        let check = story.run(&["check", "-vv", "--facts-out", "../facts.json"]);
        assert!(story.path("facts.json").is_file());
        // What is passing is told by the log alone.
        assert!(check.whole().contains("***"), "{mishap:?}: {}", check.whole());
    }
    let story = Story::new();
    story.fake_github.strike_next("POST", "/releases", Mishap::EchoMessage);
    let release = story.run(&["release", "-vv"]);
    assert!(release.whole().contains("who are you? Authorization: Bearer ***"), "{release:?}");
}

#[test]
fn secrets_in_command_output_are_masked() {
    let story = Story::new();
    let deploy = std::fs::read_to_string(story.path("work/deploy")).unwrap();
    let tell = "#!/bin/sh\necho \"plain $GITHUB_TOKEN\"\n\
        printf 'user:%s' \"$GITHUB_TOKEN\" | base64 -w 0; echo >&2\n\
        printf %s \"$GITHUB_TOKEN\" | od -An -v -tx1 | tr -d ' \\n'; echo\n";
    story.script("work/deploy", &deploy.replace("#!/bin/sh\n", tell));
    story.push("chore: a deploy that tells too much");
    story.report("build", "success");
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert_eq!(said.stderr.matches("***").count(), 3, "{}", said.whole());
}

#[test]
fn the_authorization_header_in_git_output_is_masked() {
    let mut story = Story::new();
    let git = std::fs::read_to_string(story.path("bin/git")).unwrap();
    let tell = "if [ -n \"$TMINUS_GIT_HEADER\" ]; then\n  \
        echo \"fatal: odd header $TMINUS_GIT_HEADER\" >&2; exit 128\nfi\n\"$REAL_GIT\" \"$@\"\ncode";
    story.script("bin/git", &git.replace("\"$REAL_GIT\" \"$@\"\ncode", tell));
    let said = story.run(&["release", "-vv"]);
    assert!(said.whole().contains("odd header AUTHORIZATION: basic "), "{}", said.whole());
    assert!(said.whole().contains("***"), "{}", said.whole());
    story.script("bin/git", &git);
    // Git's own traces are files of the user's; the header is not to be in them either.
    for (name, value) in [
        ("GIT_TRACE", "trace"),
        ("GIT_TRACE2_EVENT", "trace2"),
        ("GIT_TRACE2_ENV_VARS", "TMINUS_GIT_HEADER,GITHUB_TOKEN"),
        ("GIT_TRACE2_CONFIG_PARAMS", "http.*"),
        ("GIT_TRACE_REDACT", "0"),
    ] {
        let file = story.path(value).to_str().unwrap().to_owned();
        story.set(name, if value.starts_with("trace") { &file } else { value });
    }
    assert_eq!(story.run(&["release"]).code, Some(0));
    assert!(story.path("trace2").is_file());
}

#[test]
fn a_changelog_that_contains_a_token_is_not_published() {
    let story = Story::new();
    let changelog = std::fs::read_to_string(story.path("work/CHANGELOG.md")).unwrap();
    // Not the story's own token, which is nowhere to be found at the end.
    let mut story = story;
    let careless = ["ghp_", "careless0123456789"].concat();
    story.write("work/CHANGELOG.md", changelog.replace("A second", &format!("{careless} second")));
    story.push("docs: too much (#3)");
    story.report("build", "success");
    story.fake_github.with(|state| state.releases.clear());
    story.env("GH_ENTERPRISE_TOKEN", &careless);
    saw!(story, "careless-plan", story.run(&["plan"]).whole());
    saw!(story, "careless-release", story.run(&["release"]).whole());
    assert_eq!(story.git("remote.git", &["tag"]), "v1.0.0");
    assert_eq!(story.git("remote.git", &["for-each-ref", "refs/tminus"]), "");
    assert_eq!(story.fake_github.with(|state| state.releases.len()), 0);
}

#[test]
fn a_commit_message_that_contains_a_token_is_not_published_and_is_named() {
    let mut story = Story::new();
    // Generated notes would break it up by escapes, which a page undoes.
    let careless = ["ghp_", "care_less0123456789"].concat();
    let manifest = std::fs::read_to_string(story.path("work/tminus.yaml")).unwrap();
    story.write("work/tminus.yaml", manifest.replace("keep-a-changelog", "generated"));
    story.push(&format!("fix: take {careless} for logging in"));
    let commit = story.sha("work", "HEAD");
    story.push("docs: more");
    story.report("build", "success");
    story.fake_github.with(|state| state.releases.clear());
    story.env("GH_ENTERPRISE_TOKEN", &careless);
    let plan = story.run(&["plan"]);
    assert!(
        plan.stderr.contains(&format!("commit {} contains", commit.short())),
        "{}",
        plan.whole()
    );
    saw!(story, "careless-commit-plan", plan.whole());
    let json = story.run(&["plan", "--format", "json"]);
    assert_eq!((plan.code, json.code), (Some(1), Some(1)));
    assert!(json.stdout.contains("\"no-go\""), "{}", json.whole());
    saw!(story, "careless-commit-release", story.run(&["release"]).whole());
    assert_eq!(story.git("remote.git", &["tag"]), "v1.0.0");
    assert_eq!(story.git("remote.git", &["for-each-ref", "refs/tminus"]), "");
    story.forgive();
}

#[test]
fn credentials_in_remotes_and_arguments_are_masked() {
    let story = Story::new();
    let password = "pa55+word/of=ada";
    story
        .git("work", &["remote", "add", "other", &format!("https://ada:{password}@127.0.0.1:1/x")]);
    let said = story.run(&["check", "--remote", "other", "-vv"]);
    let wrong = story.run(&["check", &format!("--{password}")]);
    for said in [said.whole(), wrong.whole()] {
        assert!(!said.contains(password), "{said}");
    }
    assert!(story.run(&["check", TOKEN]).stderr.contains("'***'"));
}

#[test]
fn a_leaked_secret_is_found_in_every_place() {
    let story = Story::bare(Options::default(), MANIFEST);
    let leaks = |story: &Story| story.leaks().join("\n");
    assert_eq!(leaks(&story), "");
    story.write("work/facts.json", format!("{{\"a\":\"{}\"}}", TOKEN.replace('/', "\\/")));
    assert!(leaks(&story).contains("facts.json: escaped"));
    story.write("work/facts.json", "");
    let basic = tminus::base::secrets::base64(format!("x:{TOKEN}").as_bytes());
    story.wrote("standard error", format!("error: `basic {basic}`").as_bytes());
    assert_eq!(leaks(&story), "standard error: in base64");
    story.git("remote.git", &["update-ref", "refs/tminus/x", &commit(&story, TOKEN)]);
    assert!(leaks(&story).contains("remote.git: as it is"), "{}", leaks(&story));
    story.forgive();
}

/// A commit with this message.
fn commit(story: &Story, message: &str) -> String {
    let tree = story.git("remote.git", &["rev-parse", "main^{tree}"]);
    story.git("remote.git", &["commit-tree", "-m", message, &tree])
}
