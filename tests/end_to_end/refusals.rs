//! Whatever fails first: nothing that others wrote is obeyed, and a workflow gets an outcome.

use crate::support::fake_github::Options;
use crate::support::hostile::{obeyed, outputs, would_obey};
use crate::support::story::{MANIFEST, Said, Story};

/// Each is a command to a runner, somewhere in it.
const HOSTILE: [&str; 6] = [
    "x\n::error::planted",
    "\r::set-output name=verdict::go",
    "##[error]planted",
    "a #\u{ad}#[error]planted",
    "\u{1b}[31m:\u{1b}[0m:error::planted",
    "x\n:\u{1b}[0m:add-mask::a",
];

fn step(mut story: Story) -> Story {
    let at = |name: &str| story.path(name).to_str().unwrap().to_owned();
    let (summary, output) = (at("summary.md"), at("output"));
    story.set("GITHUB_ACTIONS", "true");
    story.set("GITHUB_STEP_SUMMARY", &summary);
    story.set("GITHUB_OUTPUT", &output);
    story
}

/// The commands that the runner obeys in both streams, but for our own guard.
fn taken(said: &Said) -> Vec<String> {
    let both = format!("{}\n{}", said.stdout, said.stderr);
    let names = obeyed(&both).into_iter().map(|command| command.name);
    names.filter(|name| name != "stop-commands").collect()
}

fn left(story: &Story, name: &str) -> String {
    std::fs::read_to_string(story.path(name)).unwrap_or_default()
}

#[test]
fn a_wrong_argument_contains_no_workflow_command() {
    let story = step(Story::new());
    for hostile in HOSTILE {
        for (command, option) in [
            ("check", "--version"),
            ("check", "--branch"),
            ("check", "--post"),
            ("check", "--wait"),
            ("check", "--pr"),
            ("check", "--gate"),
            ("check", "--report"),
            ("check", "--commit"),
            ("check", "--repo"),
            ("check", "--directory"),
            ("check", "--manifest"),
            ("check", "--facts"),
            ("release", "--through"),
            ("release", "--plan"),
            ("release", "--no-such"),
            ("release", "--timeout"),
        ] {
            for format in [&["--format=github"][..], &["--format", "text"], &["--format=json"]] {
                let _nothing_yet = std::fs::remove_file(story.path("output"));
                let _nothing_yet = std::fs::remove_file(story.path("summary.md"));
                let value = format!("{option}={hostile}");
                let said = story.run(&[&[command], format, &[&value]].concat());
                let what = format!("{value:?} {format:?}: {}", said.whole());
                assert!(matches!(said.code, Some(2 | 4)), "{what}");
                let kind = if said.code == Some(2) { "error" } else { "warning" };
                assert_eq!(taken(&said), [kind], "{what}");
                let both = format!("{}\n{}", said.stdout, said.stderr);
                let planted = would_obey(&both).into_iter().filter(|one| {
                    one.name != "stop-commands"
                        && !one.properties.get("title").is_some_and(|it| it.starts_with("tminus"))
                });
                assert_eq!(planted.collect::<Vec<_>>(), [], "{what}");
                assert!(!both.contains(['\u{1b}', '\r']), "{what}");
                let outcome = if said.code == Some(2) { "error" } else { "unknown" };
                assert_eq!(outputs(&left(&story, "output"))["outcome"], outcome, "{what}");
                assert!(left(&story, "summary.md").contains(outcome), "{what}");
            }
        }
    }
}

#[test]
fn invalid_arguments_contain_no_workflow_command() {
    let story = step(Story::new());
    for hostile in HOSTILE {
        for arguments in [
            &[hostile][..],
            &["help", hostile],
            &["check", hostile],
            &["explain", hostile],
            &["--format=github", hostile],
            &["check", "-C", hostile, "-vv"],
        ] {
            let said = story.run(arguments);
            let what = format!("{arguments:?}: {}", said.whole());
            assert!(
                matches!(taken(&said).as_slice(), [one] if *one == "error" || *one == "warning"),
                "{what}"
            );
        }
    }
}

#[test]
fn a_wrong_argument_outside_a_workflow_is_a_plain_message() {
    let story = Story::new();
    let said = story.run(&["check", "--version=1.x"]);
    let expected = "error: invalid value '1.x' for '--version <X.Y.Z>': not a version in any \
        supported scheme (examples: `1.2.3-rc.1`, `1.2.3rc1`, `2026.11`, `1.7`)\n\nFor more information, try '--help'.\n--- exit 2\n";
    assert_eq!(said.whole(), format!("--- on standard error\n{expected}"));
}

#[test]
fn no_format_prints_a_workflow_command() {
    let manifest = MANIFEST.replace("[build]", "[build, '##[error]planted']");
    let story = Story::bare(Options::default(), &manifest);
    let log = "# Changelog\n\n## [1.1.0] - 2026-01-10\n\n### Added\n\n- ##[error]planted\n\
        ::error::planted\n  a #\u{ad}#[error]planted\n";
    story.write("work/CHANGELOG.md", log);
    story.script(
        "work/deploy",
        "#!/bin/sh\nprintf '::error::no\\n##[error]no\\n\\r::error::x\\n' | tee /dev/stderr\nexit 1\n",
    );
    story.push("feat: ##[error]planted");
    story.report("build", "failure");
    story.report("##[error]planted", "failure");
    for command in ["check", "plan"] {
        for format in ["text", "json", "markdown", "sarif", "junit"] {
            let said = story.run(&[command, "--format", format]);
            let both = format!("{}\n{}", said.stdout, said.stderr);
            assert!(both.contains("planted"), "{command} {format}: {}", said.whole());
            assert_eq!(would_obey(&both), [], "{command} {format}: {}", said.whole());
            if let "json" | "sarif" = format {
                let document: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
                assert!(document.to_string().contains("##[error]planted"));
            }
        }
    }
    story.report("build", "success");
    story.report("##[error]planted", "success");
    for arguments in [&["release"][..], &["release", "--format=json"], &["status"], &["rehearse"]] {
        let said = story.run(arguments);
        let both = format!("{}\n{}", said.stdout, said.stderr);
        assert_eq!(would_obey(&both), [], "{}", said.whole());
    }
}

#[test]
fn a_malformed_duration_is_rejected_with_a_hint() {
    let story = Story::new();
    for (arguments, hint) in [
        (&["check", "--wait", "5"][..], "tip: to wait for at most 5m, write `--wait=5m`"),
        (&["check", "--wait", "30m"], "tip: to wait for at most 30m, write `--wait=30m`"),
        (&["check", "--wait=5"], "the unit is missing: write `5s`, `5m` or `5h`"),
        (&["release", "--timeout", "90"], "the unit is missing: write `90s`, `90m` or `90h`"),
        (&["release", "--timeout", "0"], "`0` is not a duration above zero"),
        (&["check", "--wait=99999999999999h"], "`99999999999999h` is too long for a duration"),
        (&["check", "--wait=soon"], "`soon` is not a duration, such as `10m` or `1h 30m`"),
    ] {
        let said = story.run(arguments);
        assert!(said.code == Some(2) && said.stderr.contains(hint), "{}", said.whole());
    }
}

#[test]
fn color_follows_the_option_and_the_environment_variables() {
    let coloured = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut story = Story::new();
        variables.iter().for_each(|(name, value)| story.env(name, value));
        let said = story.run(&[&["check", "--offline"], arguments].concat());
        assert_eq!(said.code, Some(0), "{}", said.whole());
        said.stdout.contains("\u{1b}[")
    };
    assert!(!coloured(&[], &[]), "it is no terminal");
    assert!(coloured(&[], &["--color", "always"]));
    assert!(coloured(&[("FORCE_COLOR", "1")], &[]));
    assert!(coloured(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!coloured(&[("FORCE_COLOR", "0")], &[]));
    assert!(!coloured(&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], &[]));
    assert!(!coloured(&[("FORCE_COLOR", "1")], &["--color=never"]));
    assert!(coloured(&[("NO_COLOR", "1")], &["--color=always"]));
}

#[test]
fn an_impossible_argument_is_a_usage_error() {
    let story = Story::new();
    for (arguments, why) in [
        (&["check", "--remote", "upstream", "--offline"][..], "no remote is named `upstream`"),
        (&["init", "--remote", "upstream", "--print"], "no remote is named `upstream`"),
        (&["rehearse", "--remote", "upstream"], "no remote is named `upstream`"),
        (&["check", "--pr", "0"], "numbers start at 1"),
        (&["rehearse", "--crash-at", "0"], "numbers start at 1"),
        (&["check", "--repo", "widget", "--offline"], "`widget`"),
        (&["status", "--api-url", "github.example.com"], "is not an HTTP URL"),
        (&["check", "--version", "v1.2.3"], "write it without the `v`: `1.2.3`"),
    ] {
        let said = story.run(arguments);
        assert!(said.code == Some(2) && said.stderr.contains(why), "{}", said.whole());
    }
}

#[test]
fn usage_errors_and_help_are_colored_as_requested() {
    let coloured = |arguments: &[&str]| {
        let mut story = Story::new();
        story.env("FORCE_COLOR", "1");
        let said = story.run(arguments);
        said.stdout.contains("\u{1b}[") || said.stderr.contains("\u{1b}[")
    };
    for unread in ["--nonsense", "--help"] {
        assert!(coloured(&["check", unread]));
        for never in [&["--color", "never"][..], &["--color=never"], &["--colour=never"]] {
            assert!(!coloured(&[&["check"], never, &[unread]].concat()), "{unread} {never:?}");
        }
    }
}
