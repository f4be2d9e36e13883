//! From inputs to arguments.

use super::runner::Runner;
use std::process::Stdio;

#[test]
fn the_action_runs_check_by_default() {
    let ended = Runner::recording().run();
    assert_eq!(ended.stdout, "[check]\n[--format=github]\ntoken=t0ken check-run=\n");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_calendar_is_written_to_its_file() {
    let mut runner = Runner::recording();
    runner.set("INPUT_COMMAND", "calendar");
    runner.set("INPUT_REPORT", "ics=tminus-calendar/releases.ics");
    let expected =
        "[calendar]\n[--report=ics=tminus-calendar/releases.ics]\ntoken=t0ken check-run=\n";
    assert_eq!(runner.run().stdout, expected);
}

#[test]
fn every_input_becomes_one_complete_option() {
    let mut runner = Runner::recording();
    let inputs = [
        ("COMMAND", "release"),
        ("THROUGH", "beta"),
        ("WAIT", "1h 30m"),
        ("VERSION", "1.2.3"),
        ("BRANCH", "release/1"),
        ("PR", "7"),
        ("MANIFEST", "a folder/tminus.yaml"),
        ("WORKING_DIRECTORY", "-x"),
        ("POST", "status,comment"),
        ("REPORT", "json=out/a.json\n\nsarif=with space.sarif\n"),
        ("EXPECT_RELEASE", "true"),
        ("TAKE_OVER", "true"),
    ];
    inputs.iter().for_each(|(name, value)| runner.set(&format!("INPUT_{name}"), value));
    runner.set("TMINUS_CHECK_RUN", "4411");
    let expected = "\
[release]
[--format=github]
[--directory=-x]
[--manifest=a folder/tminus.yaml]
[--through=beta]
[--version=1.2.3]
[--branch=release/1]
[--pr=7]
[--wait=1h 30m]
[--expect-release]
[--take-over]
[--report=json=out/a.json]
[--report=sarif=with space.sarif]
[--post=status,comment]
token=t0ken check-run=4411
";
    assert_eq!(runner.run().stdout, expected);
    runner.set("INPUT_WAIT", "true");
    assert!(runner.run().stdout.contains("\n[--wait]\n"));
}

#[test]
fn text_in_an_input_is_never_executed_as_a_command() {
    let hostile = "$(touch pwned)`touch pwned`\"; touch pwned; '\n::error::\n*";
    for name in
        ["THROUGH", "WAIT", "VERSION", "BRANCH", "PR", "MANIFEST", "WORKING_DIRECTORY", "POST"]
    {
        let mut runner = Runner::recording();
        runner.set(&format!("INPUT_{name}"), hostile);
        let option = name.to_lowercase().replace("working_", "");
        let expected = format!("[--{option}={hostile}]\n");
        assert!(runner.run().stdout.contains(&expected), "{name}");
        assert!(!runner.path("pwned").exists(), "{name}");
    }
    for name in ["COMMAND", "EXPECT_RELEASE", "TAKE_OVER", "BINARY"] {
        let mut runner = Runner::recording();
        runner.set(&format!("INPUT_{name}"), hostile);
        for file in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
            runner.set(file, runner.path(file).to_str().unwrap().to_owned().as_str());
        }
        let ended = runner.run();
        assert_eq!(ended.code, Some(2), "{name}");
        let left = |file: &str| std::fs::read_to_string(runner.path(file)).unwrap();
        assert_eq!(left("GITHUB_OUTPUT"), "outcome=error\n", "{name}");
        let summary = left("GITHUB_STEP_SUMMARY");
        assert!(summary.starts_with("## tminus: error\n"), "{name}: {summary}");
        assert!(!summary.contains("touch"), "an input is not written: {summary}");
        assert!(ended.stdout.starts_with("::error title=tminus action::"), "{name}");
        assert_eq!(ended.stdout.lines().count(), 1, "an input is not printed: {}", ended.stdout);
        assert!(!runner.path("pwned").exists(), "{name}");
    }
}

/// Not what a runner has as `sh` everywhere, and what some have.
fn bash() -> std::path::PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path).map(|dir| dir.join("bash")).find(|file| file.is_file()).unwrap()
}

#[test]
fn shell_functions_in_the_environment_are_rejected() {
    let mut runner = Runner::recording();
    for name in ["fail", "printf", "exit", "exec", "."] {
        runner.set(&format!("BASH_FUNC_{name}%%"), "() { touch pwned; }");
    }
    std::os::unix::fs::symlink(bash(), runner.path("bin/sh")).unwrap();
    let ended = runner.run_in("bin/sh");
    assert_eq!(ended.code, Some(2));
    assert!(ended.stdout.contains("shell functions"), "{}", ended.stdout);
    assert!(!runner.path("pwned").exists());
}

#[test]
fn the_program_gets_the_token_once_and_no_shell_startup_file() {
    let mut runner = Runner::recording();
    for name in ["ENV", "BASH_ENV"] {
        runner.set(name, "/some/file");
    }
    super::runner::script(&runner.path("bin/tminus"), "#!/bin/sh\nenv\n");
    runner.set("INPUT_BINARY", "tminus");
    let said = runner.run().stdout;
    assert!(!said.contains("/some/file"), "{said}");
    assert_eq!(said.matches("t0ken").count(), 1, "{said}");
    assert!(said.contains("GITHUB_TOKEN=t0ken\n"), "{said}");
}

#[test]
fn exit_codes_and_signals_are_passed_through_from_the_program() {
    let mut runner = Runner::recording();
    runner.set("INPUT_BINARY", "tminus");
    super::runner::script(&runner.path("bin/tminus"), "#!/bin/sh\nexit 3\n");
    assert_eq!(runner.run().code, Some(3));
    // It has the process that the runner started.
    super::runner::script(&runner.path("bin/tminus"), "#!/bin/sh\necho $$\n");
    let child = runner.command().stdout(Stdio::piped()).spawn().unwrap();
    let process = child.id();
    let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(said.trim(), process.to_string());
}
