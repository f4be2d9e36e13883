//! The first commands in a repository: `init`, and the workflows that it needs.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{MANIFEST, Story, regex_of};
use serde_json::json;

const CHECK: &str = ".github/workflows/tminus-check.yml";
const RELEASE: &str = ".github/workflows/tminus-release.yml";

#[test]
fn a_workflow_that_is_no_longer_needed_is_drift_and_gets_removed() {
    let story = Story::empty(Options::default());
    story.write("work/tminus.yaml", "schema: 1\n");
    assert_eq!(story.run(&["workflow"]).code, Some(0));
    story.write("work/tminus.yaml", "workflow: { release: off }\n");
    saw!(story, "newcomer-left-over", story.run(&["workflow", "--check"]).whole());
    assert!(story.path(format!("work/{RELEASE}")).exists(), "`--check` writes nothing");
    saw!(story, "newcomer-removed", story.run(&["workflow"]).whole());
    assert!(!story.path(format!("work/{RELEASE}")).exists());
    assert_eq!(story.run(&["workflow", "--check"]).code, Some(0));

    story.write("work/tminus.yaml", "forge: none\n");
    let said = story.run(&["workflow", "--check"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    let said = story.run(&["workflow"]);
    assert_eq!(said.stdout, format!("removed {CHECK}, which is no longer needed\n"));
    for arguments in [&["workflow"][..], &["workflow", "--check"], &["workflow", "--print"]] {
        let said = story.run(arguments);
        assert_eq!(said.code, Some(0), "nothing is wanted, nothing is left: {}", said.whole());
        assert!(said.stdout.starts_with("no workflow is needed: "), "{}", said.whole());
    }
}

#[test]
fn workflow_lists_the_changes_needed_in_the_project_file_by_file() {
    let story = Story::empty(Options::default());
    let jobs = "jobs: { a: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] } }\n";
    story.write("work/.github/workflows/ci.yml", format!("on: pull_request\n{jobs}"));
    story.write("work/.github/workflows/build.yml", format!("on: push\n{jobs}"));
    story.write(
        "work/.github/workflows/publish.yml",
        format!("on: {{ release: {{ types: [published] }}, push: {{ tags: ['v*'] }} }}\n{jobs}"),
    );
    story.write(
        "work/tminus.yaml",
        "branches: [trunk, main]\nworkflow: { build: .github/workflows/build.yml }\n\
         stages: [{ name: a, environment: live, steps: [{ draft-release: { assets: [x] } }] }]\n",
    );
    saw!(story, "newcomer-to-do", story.run(&["workflow"]).whole());
    let said = story.run(&["workflow", "--check"]);
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{}", said.whole());
}

#[test]
fn an_existing_workflow_of_the_project_is_not_replaced_and_the_options_are_shown() {
    let story = Story::empty(Options::default());
    story.write("work/tminus.yaml", "schema: 1\n");
    story.write(&format!("work/{RELEASE}"), "name: mine\non: push\n");
    saw!(story, "newcomer-foreign-check", story.run(&["workflow", "--check"]).whole());
    saw!(story, "newcomer-foreign", story.run(&["workflow"]).whole());
    assert!(!story.path(format!("work/{CHECK}")).exists(), "half of it would be none");
    assert_eq!(story.run(&["workflow", "--force"]).code, Some(0));
    assert_eq!(story.run(&["workflow", "--check"]).code, Some(0));
}

#[test]
fn a_workflow_of_the_project_is_left_unchanged() {
    let story = Story::empty(Options::default());
    story.write("work/tminus.yaml", "workflow: { release: off }\n");
    assert_eq!(story.run(&["workflow"]).code, Some(0));
    story.write(&format!("work/{RELEASE}"), "name: tminus-release\non: push\n");
    for arguments in [&["workflow", "--check"][..], &["workflow"], &["workflow", "--force"]] {
        let said = story.run(arguments);
        assert_eq!(said.code, Some(0), "{}", said.whole());
    }
    assert!(story.path(format!("work/{RELEASE}")).exists());
}

#[cfg(unix)]
#[test]
fn generated_files_are_not_written_through_links_out_of_the_repository() {
    use std::os::unix::fs::symlink;
    let story = Story::empty(Options::default());
    story.write("work/tminus.yaml", "workflow: { release: off }\n");
    story.write("work/.github/workflows/ci.yml", "on: push\n");
    symlink("../../../outside.yml", story.path(format!("work/{CHECK}"))).unwrap();
    let said = story.run(&["workflow"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert!(!story.path("outside.yml").exists());
    assert!(story.path(format!("work/{CHECK}")).symlink_metadata().unwrap().is_file());

    std::fs::remove_dir_all(story.path("work/.github")).unwrap();
    std::fs::create_dir(story.path("elsewhere")).unwrap();
    symlink("../elsewhere", story.path("work/.github")).unwrap();
    let said = story.run(&["workflow"]);
    assert_eq!(said.code, Some(2), "{}", said.whole());
    assert!(said.stderr.contains("points outside the repository"), "{}", said.whole());
}

#[cfg(unix)]
#[test]
fn init_does_not_follow_links_out_of_the_repository() {
    use std::os::unix::fs::symlink;
    let story = Story::empty(Options::default());
    story.write("outside/package.json", "{ \"name\": \"stolen\", \"version\": \"6.6.6\" }");
    story.write("outside/CHANGELOG.md", "# Changelog\n\n## stolen 6.6.6 - 2020-01-10\n\n- x\n");
    story.write("outside/workflows/ci.yml", "on: push\njobs: { stolen: { runs-on: x } }\n");
    for name in ["package.json", "CHANGELOG.md"] {
        symlink(format!("../outside/{name}"), story.path(format!("work/{name}"))).unwrap();
    }
    std::fs::create_dir(story.path("work/.github")).unwrap();
    symlink("../../outside/workflows", story.path("work/.github/workflows")).unwrap();
    symlink("../outside/tminus.yaml", story.path("work/tminus.yaml")).unwrap();
    let said = story.run(&["init", "--print"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert!(!said.whole().contains("stolen"), "{}", said.whole());
    let said = story.run(&["init"]);
    assert_eq!(said.code, Some(2), "a link that leads nowhere is there too: {}", said.whole());
    let said = story.run(&["init", "--force"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert!(!story.path("outside/tminus.yaml").exists());
}

#[cfg(unix)]
#[test]
fn a_report_is_written_to_a_device_or_to_a_file_with_the_permissions_of_the_user() {
    use std::os::unix::fs::PermissionsExt as _;
    let story = Story::new();
    let said = story.run(&["check", "-q", "--report", "json=/dev/stdout"]);
    assert!(said.stdout.trim_end().ends_with('}'), "{}", said.whole());
    let files = ["facts.json", "report.json", "kept.json"].map(|name| story.path(name));
    let [facts, report, kept] = &files;
    story.write("kept.json", "old");
    std::fs::set_permissions(kept, std::fs::Permissions::from_mode(0o640)).unwrap();
    let mut limited = std::process::Command::new("sh");
    let script = r#"umask 077; exec "$@""#;
    limited.args(["-c", script, "sh", env!("CARGO_BIN_EXE_tminus")]);
    limited.args(["-C", story.path("work").to_str().unwrap(), "check", "--offline"]);
    limited.arg("--facts-out").arg(facts);
    limited.arg("--report").arg(format!("json={}", report.display()));
    limited.arg("--report").arg(format!("json={}", kept.display()));
    limited.output().unwrap();
    let modes = files.each_ref().map(|file| file.metadata().unwrap().permissions().mode() & 0o777);
    assert_eq!(modes, [0o600, 0o600, 0o640]);
    let said = story.run(&["check", "--facts", "/dev/zero"]);
    assert_eq!(said.code, Some(2), "{}", said.whole());
    assert!(said.stderr.contains("cannot read `/dev/zero`: it is a device"), "{}", said.whole());
}

#[test]
fn a_release_is_named_after_its_package() {
    let nameless = MANIFEST.replace("name: widget\n", "");
    let story = Story::bare(Options::default(), &nameless);
    let cargo = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"1.1.0\"\n");
    let named = |story: &Story| {
        let said = story.run(&["check", "--offline"]);
        let headline = said.stdout.split_once(" 1.1.0 ");
        headline.unwrap_or_else(|| panic!("{}", said.whole())).0.to_owned()
    };
    story.write("work/Cargo.toml", cargo("gadget"));
    story.push("chore: a name");
    assert_eq!(named(&story), "gadget", "the repository is called `widget`");

    // What is under way goes by its sealed plan.
    story.report("build", "success");
    assert_eq!(story.run(&["release", "--through", "candidate"]).code, Some(0));
    story.write("work/Cargo.toml", cargo("gizmo"));
    story.push("chore: another name");
    let said = story.run(&["release"]);
    assert!(said.stdout.contains("released: gadget 1.1.0"), "{}", said.whole());

    let of_two = nameless.replace("[Cargo.toml]", "[Cargo.toml, package.json]");
    story.write("work/tminus.yaml", of_two);
    let package = |name: &str| json!({ "name": name, "version": "1.1.0" }).to_string();
    story.write("work/package.json", package("gizmo"));
    story.push("chore: a package");
    assert_eq!(named(&story), "gizmo");
    story.write("work/package.json", package("@acme/gizmo"));
    story.push("chore: a scope");
    assert_eq!(named(&story), "widget", "of two names neither is the release's");
    story.write("work/tminus.yaml", nameless.replace("[Cargo.toml]", "[package.json]"));
    story.push("chore: one file");
    assert_eq!(named(&story), "@acme/gizmo");
    story.write("work/package.json", package("\u{1b}]0;x\u{7}\nwidget 2.0.0"));
    story.push("chore: mischief");
    assert_eq!(named(&story), "\\u{1b}]0;x\\u{7} / widget 2.0.0");
}

/// An empty clone on an odd branch, with files that nobody has committed.
fn unborn() -> Story {
    let story = Story::empty(Options::default());
    story.git("work", &["checkout", "-q", "-b", "trunk"]);
    story.git("work", &["remote", "set-url", "origin", "https://github.com/acme/widget.git"]);
    story.write("work/Cargo.toml", "[package]\nname = \"widget\"\nversion = \"0.3.0\"\n");
    story.write("work/CHANGES.md", "# Changes\n");
    story.write("work/.gitignore", "/target\n");
    story.write("work/target/package/pyproject.toml", "[project]\nversion = \"9.9.9\"\n");
    story
}

#[test]
fn init_reads_uncommitted_files() {
    let story = unborn();
    saw!(story, "newcomer-unborn", story.run(&["init"]).whole());
    let text = std::fs::read_to_string(story.path("work/tminus.yaml")).unwrap();
    saw!(story, "newcomer-unborn-manifest", text);
    story.git("work", &["add", "-A"]);
    story.git("work", &["commit", "-q", "-m", "feat: the widget"]);
    let said = story.run(&["check", "--offline"]);
    assert!(said.stdout.contains("widget 0.3.0 (v0.3.0)"), "{}", said.whole());
}

#[test]
fn init_in_a_subfolder_describes_the_package_there() {
    let story = unborn();
    story.write(
        "work/crates/gadget/Cargo.toml",
        "[package]\nname = \"gadget\"\nversion = \"2.0.0\"\n",
    );
    story.write("work/crates/gadget/CHANGELOG.md", "# Changelog\n");
    story.write("work/docs/words.md", "x\n");
    saw!(story, "newcomer-folder", story.run(&["-C", "crates/gadget", "init"]).whole());
    let text = std::fs::read_to_string(story.path("work/tminus.yaml")).unwrap();
    assert!(text.contains("files: [crates/gadget/Cargo.toml]"), "{text}");
    assert!(text.contains("file: crates/gadget/CHANGELOG.md"), "{text}");
    let said = story.run(&["-C", "docs", "init", "--print"]);
    assert!(said.stdout.contains("files: [Cargo.toml]"), "nothing is there: {}", said.whole());
}

#[test]
fn init_recognizes_github_by_its_host_and_warns_about_a_shallow_clone() {
    let story = Story::bare(Options::default(), MANIFEST);
    let forge = |story: &Story, url: &str| {
        story.git("work", &["remote", "set-url", "origin", url]);
        !story.run(&["init", "--print"]).stdout.contains("forge: none")
    };
    for url in [
        "git@github.com:acme/widget.git",
        "ssh://git@ssh.github.com:443/acme/widget",
        "https://github.example.com/acme/widget",
        "https://acme.ghe.com/acme/widget",
    ] {
        assert!(forge(&story, url), "{url}");
    }
    for url in ["git@gitlab.com:acme/github-tools.git", "../github/widget.git"] {
        assert!(!forge(&story, url), "{url}");
    }
    let remote = format!("file://{}", story.path("remote.git").display());
    story.git(".", &["clone", "-q", "--depth=1", "--no-tags", &remote, "shallow"]);
    let said = story.run_in("shallow", &["init", "--print"]);
    assert!(said.stderr.contains("run `git fetch --tags` first"), "{}", said.whole());
}

#[test]
fn init_uses_the_remote_default_branch_as_the_release_branch() {
    let story = Story::bare(Options::default(), MANIFEST);
    story.git("work", &["checkout", "-q", "-b", "topic"]);
    let releases = |story: &Story| {
        let said = story.run(&["init", "--print"]);
        let line = said.stderr.lines().find(|line| line.contains("releases are made from"));
        line.unwrap().trim().to_owned()
    };
    assert_eq!(
        releases(&story),
        "releases are made from `main`, which is in `branches` by default"
    );
    story.git("work", &["push", "-q", "origin", "topic:next"]);
    story.git("work", &["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/next"]);
    let next = "releases are made from `next`, the default branch";
    assert_eq!(releases(&story), next);
    story.git("work", &["checkout", "-q", "--detach"]);
    assert_eq!(releases(&story), next);
}

#[test]
fn init_does_not_mistake_tminus_workflows_for_the_ci_of_the_project() {
    let story = unborn();
    let requires =
        |story: &Story| story.run(&["init", "--print"]).stdout.contains("required: none");
    assert!(requires(&story));
    assert_eq!((story.run(&["init"]).code, story.run(&["workflow"]).code), (Some(0), Some(0)));
    assert!(requires(&story), "they report nothing on the commit that is released");
    story.write("work/.github/workflows/ci.yml", "on: push\n");
    assert!(!requires(&story));
    saw!(story, "newcomer-again", story.run(&["init"]).whole());
}

#[test]
fn init_never_ignores_a_remote_that_may_be_a_github_server() {
    let mut story = Story::empty(Options::default());
    story.write("work/.github/workflows/ci.yml", "on: push\njobs: { build: {} }\n");
    let at = |url: &str| story.git("work", &["remote", "set-url", "origin", url]);
    at("git@git.example.com:acme/widget.git");
    saw!(story, "newcomer-unknown-host", story.run(&["init"]).whole());
    assert!(!story.path("work/tminus.yaml").exists());
    for told in [
        &["--api-url", "https://git.example.com/api/v3", "init", "--print"][..],
        &["init", "--print", "--forge", "github"],
    ] {
        let said = story.run(told);
        assert_eq!(said.stdout, "schema: 1\n", "{}", said.whole());
    }
    let said = story.run(&["init", "--print", "--forge", "none"]);
    assert_eq!(said.stdout, "schema: 1\nforge: none\n", "{}", said.whole());
    at("https://gitlab.com/acme/widget.git");
    saw!(story, "newcomer-other-forge", story.run(&["init", "--print"]).whole());
    at("https://git.example.com/acme/widget.git");
    story.set("GITHUB_SERVER_URL", "https://git.example.com");
    saw!(story, "newcomer-github-server", story.run(&["init", "--print"]).whole());
}
