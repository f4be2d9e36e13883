//! What `init` infers from projects as they are, and what `check` says right after.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{Said, Story, regex_of};
use std::cell::Cell;

/// A project without a forge, whose commits are an hour apart.
struct Project {
    story: Story,
    hour: Cell<i64>,
}

type Files<'f> = &'f [(&'f str, &'f str)];

impl Project {
    fn new() -> Self {
        Self { story: Story::empty(Options::default()), hour: Cell::new(0) }
    }

    fn git(&self, arguments: &[&str]) {
        self.story.git_at("work", 1_768_000_000 + self.hour.get() * 3_600, arguments);
    }

    fn commit(&self, message: &str, files: Files<'_>) {
        self.hour.set(self.hour.get() + 1);
        for (path, text) in files {
            self.story.write(&format!("work/{path}"), text);
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    fn release(&self, tag: &str, files: Files<'_>) {
        self.commit(&format!("Release {tag}"), files);
        self.git(&["tag", tag]);
    }

    fn remove(&self, path: &str) {
        self.git(&["rm", "-q", path]);
    }

    /// Writes the manifest, and gives it with the reasons.
    fn init(&self) -> Said {
        let said = self.story.run(&["init", "--force", "--forge", "none"]);
        assert_eq!(said.code, Some(0), "{}", said.whole());
        Said { stdout: self.manifest(), ..said }
    }

    fn manifest(&self) -> String {
        std::fs::read_to_string(self.story.path("work/tminus.yaml")).unwrap()
    }

    fn check(&self) -> Said {
        self.git(&["push", "-q", "--force", "origin", "HEAD"]);
        self.story.run(&["check", "--offline"])
    }
}

fn cargo(version: &str) -> String {
    format!("[package]\nname = \"widget\"\nversion = \"{version}\"\n")
}

fn package(name: &str, version: &str) -> String {
    format!("{{\"name\": \"{name}\", \"version\": \"{version}\"}}\n")
}

#[test]
fn versions_are_found_in_single_line_files() {
    for (path, old, new) in [
        ("VERSION", "1.0.0\n", "1.1.0\n"),
        ("VERSION", "1.0.0\r\n", "1.1.0\r\n"),
        ("VERSION.txt", "1.0.0", "\u{feff}1.1.0"),
        ("src/version.py", "__version__ = \"1.0.0\"\n", "__version__ = \"1.1.0\"\n"),
        ("widget/__init__.py", "__version__ = '1.0.0'\r\n", "__version__ = '1.1.0'\r\n"),
        ("lib/widget/version.rb", "VERSION = \"1.0.0\"\n", "VERSION = \"1.1.0\"\n"),
        ("lib/Widget.pm", "our $VERSION = '1.0.0';\n", "our $VERSION = '1.1.0';\n"),
        ("widget.el", ";; Version: 1.0.0\n", ";; Version: 1.1.0\n"),
        ("bin/widget", "#!/bin/sh\nVERSION=1.0.0\n", "#!/bin/sh\nVERSION=1.1.0\n"),
        ("Makefile.PL", "VERSION => '1.0.0',\n", "VERSION => '1.1.0',\n"),
        ("readme.txt", "Stable tag: 1.0.0\n", "Stable tag: 1.1.0\n"),
    ] {
        let project = Project::new();
        project.release("v1.0.0", &[(path, old)]);
        project.commit("Add a second widget (#7)", &[]);
        project.commit("Release 1.1.0", &[(path, new)]);
        let said = project.init();
        assert!(said.stdout.contains(&format!("files: [{path}]")), "{path}: {}", said.whole());
        assert!(said.stderr.contains("1.1.0, which matches 1 of 1 release"), "{}", said.whole());
        let said = project.check();
        assert_eq!(said.code, Some(0), "{path}: {}", said.whole());
        assert!(said.stdout.contains("1.0.0 -> 1.1.0, 2 commits"), "{path}: {}", said.whole());
    }
}

#[test]
fn the_private_package_at_the_top_of_a_monorepo_is_not_released() {
    let project = Project::new();
    let top = "{\"name\": \"top\", \"version\": \"1.0.0\", \"private\": true, \"workspaces\": [\"packages/*\"]}\n";
    for version in ["1.0.0", "2.0.0"] {
        let inner = package("w", version);
        project.release(
            &format!("w@{version}"),
            &[("package.json", top), ("packages/w/package.json", &inner)],
        );
    }
    project.commit("w 2.1.0", &[("packages/w/package.json", &package("w", "2.1.0"))]);
    let said = project.init();
    assert!(said.stdout.contains("files: [packages/w/package.json]"), "{}", said.whole());
    assert!(said.stdout.contains("tag: \"w@{version}\""), "{}", said.whole());
    let said = project.check();
    assert!(said.stdout.starts_with("w 2.1.0 (w@2.1.0)"), "{}", said.whole());
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

#[test]
fn a_workspace_member_is_compared_with_the_lock_file_at_the_top() {
    let project = Project::new();
    let lock = "version = 4\n\n[[package]]\nname = \"widget\"\nversion = \"1.0.0\"\n";
    project.release(
        "v1.0.0",
        &[
            ("Cargo.toml", "[workspace]\nmembers = [\"widget\"]\n"),
            ("widget/Cargo.toml", &cargo("1.0.0")),
            ("Cargo.lock", lock),
        ],
    );
    project.commit("Release 1.1.0", &[("widget/Cargo.toml", &cargo("1.1.0"))]);
    for folder in [".", "widget"] {
        let said = project.story.run(&["-C", folder, "init", "--force", "--forge", "none"]);
        assert!(project.manifest().contains("files: [widget/Cargo.toml]"), "{}", said.whole());
        let said = project.check();
        assert_eq!(said.code, Some(1), "{}", said.whole());
        let stale = "`Cargo.lock` says 1.0.0, `widget/Cargo.toml` says 1.1.0";
        assert!(said.stdout.contains(stale), "{}", said.whole());
    }
}

#[test]
fn a_changelog_that_only_links_elsewhere_needs_no_entry_for_a_release() {
    for pointer in [
        "The changes are at https://example.org/releases\n",
        "# Changes\r\n\r\nSee <https://example.org/releases>.\r\n",
    ] {
        let project = Project::new();
        project.release("v1.0.0", &[("Cargo.toml", &cargo("1.0.0")), ("CHANGELOG.md", pointer)]);
        project.commit("Release 1.1.0", &[("Cargo.toml", &cargo("1.1.0"))]);
        let said = project.init();
        assert!(said.stdout.contains("style: generated"), "{}", said.whole());
        let said = project.check();
        assert_eq!(said.code, Some(0), "{}", said.whole());
        assert!(!said.stdout.contains("changelog-entry"), "{}", said.whole());
    }
}

#[test]
fn the_changelog_next_to_the_version_file_belongs_to_the_package() {
    let project = Project::new();
    let released = |version: &str, changelog: &str| {
        let files = [
            ("package.json", "{\"private\": true}\n"),
            ("packages/w/package.json", &package("w", version)),
            ("packages/w/CHANGELOG.md", changelog),
            ("packages/z/CHANGELOG.md", "# z\n\n## 9.0.0\n\n- Other.\n"),
            ("packages/z/package.json", "{\"name\": \"z\", \"version\": \"9.0.0\"}\n"),
        ];
        project.release(&format!("w@{version}"), &files);
    };
    released("1.0.0", "# w\n\n## 1.0.0\n\n- First.\n");
    released("1.1.0", "# w\n\n## 1.1.0\n\n- Second.\n\n## 1.0.0\n\n- First.\n");
    project.commit("Release 1.2.0", &[("packages/w/package.json", &package("w", "1.2.0"))]);
    let said = project.init();
    assert!(said.stdout.contains("file: packages/w/CHANGELOG.md"), "{}", said.whole());
    let said = project.check();
    assert_eq!(said.code, Some(1), "{}", said.whole());
    let lacks = "`packages/w/CHANGELOG.md` has no section for 1.2.0";
    assert!(said.stdout.contains(lacks), "{}", said.whole());
}

#[test]
fn each_release_line_may_have_its_own_changelog() {
    for (path, next, template) in [
        ("CHANGELOG-1.1.md", "CHANGELOG-1.2.md", "CHANGELOG-{major}.{minor}.md"),
        ("changelogs/v1.1.md", "changelogs/v1.2.md", "changelogs/v{major}.{minor}.md"),
        ("CHANGELOG-1.md", "CHANGELOG-1.md", "CHANGELOG-{major}.md"),
        ("doc/CHANGELOG_V1.md", "doc/CHANGELOG_V1.md", "doc/CHANGELOG_V{major}.md"),
    ] {
        let project = Project::new();
        let first = "# Changes\n\n## 1.1.0 - 2026-01-01\n\n- First.\n";
        let index = "# Changes\n\nThey are in one file for each line.\n";
        let second = format!("# Changes\n\n## 1.1.1 - 2026-01-02\n\n- Second.\n\n{first}");
        let second = second.replace("\n\n# Changes\n", "\n");
        project
            .release("v1.1.0", &[("VERSION", "1.1.0\n"), (path, first), ("CHANGELOG.md", index)]);
        project.release("v1.1.1", &[("VERSION", "1.1.1\n"), (path, &second)]);
        project.commit("Release 1.2.0", &[("VERSION", "1.2.0\n")]);
        let said = project.init();
        assert!(said.stdout.contains(&format!("file: \"{template}\"")), "{}", said.whole());
        let said = project.check();
        assert_eq!(said.code, Some(1), "the new section is missing: {}", said.whole());
        let third = format!("## 1.2.0 - 2026-01-09\n\n- Third.\n\n{second}");
        project.commit("Describe 1.2.0", &[(next, &third)]);
        let said = project.check();
        assert!(said.stdout.contains(&format!("{next}:1, dated")), "{}", said.whole());
    }
}

#[test]
fn a_version_that_was_moved_to_another_file_is_still_found_in_older_releases() {
    let project = Project::new();
    let at_top = |version: &str| format!("allprojects {{\n  version = \"{version}\"\n}}\n");
    let new = "build-logic/src/main/kotlin/base.gradle.kts";
    for version in ["1.0.0", "1.1.0"] {
        project.release(&format!("v{version}"), &[("build.gradle.kts", &at_top(version))]);
    }
    project.git(&["branch", "1.x"]);
    let rest = ("build.gradle.kts", "plugins {\n  java\n}\n");
    project.release("v2.0.0", &[rest, (new, "version = \"2.0.0\"\n")]);
    project.commit("Start 2.1.0", &[(new, "version = \"2.1.0-SNAPSHOT\"\n")]);
    let said = project.init();
    saw!(project.story, "init-moved", said.whole());

    // A release of the older line, by the same manifest.
    let manifest = project.manifest();
    project.git(&["add", "-A"]);
    project.git(&["commit", "-q", "-m", "Add the manifest"]);
    project.git(&["checkout", "-q", "1.x"]);
    project.commit(
        "Release 1.1.1",
        &[("build.gradle.kts", &at_top("1.1.1")), ("tminus.yaml", &manifest)],
    );
    let said = project.check();
    saw!(project.story, "moved-check", said.whole());
    assert_eq!(said.code, Some(0), "{}", said.whole());

    // What the former file still says is never overlooked.
    project.git(&["checkout", "-q", "main"]);
    project.commit("Merge 1.x", &[("build.gradle.kts", &at_top("1.1.1"))]);
    let said = project.check();
    assert_eq!(said.code, Some(1), "{}", said.whole());
    let differs = "`build.gradle.kts` says 1.1.1";
    assert!(said.stdout.contains(differs), "{}", said.whole());
}

#[test]
fn a_version_moved_from_a_file_in_another_format_is_found_too() {
    let project = Project::new();
    project.release("v1.0.0", &[("setup.cfg", "[metadata]\nname = w\nversion = 1.0.0\n")]);
    project.remove("setup.cfg");
    project
        .release("v1.1.0", &[("pyproject.toml", "[project]\nname = \"w\"\nversion = \"1.1.0\"\n")]);
    let said = project.init();
    let moved = "{ path: pyproject.toml, formerly: setup.cfg }";
    assert!(said.stdout.contains(moved), "{}", said.whole());
    let said = project.story.run(&["replay"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

#[test]
fn init_uses_the_branch_into_which_a_development_branch_is_merged() {
    for branch in ["dev", "develop"] {
        let project = Project::new();
        project.git(&["checkout", "-q", "-b", branch]);
        project.release("v1.0.0", &[("Cargo.toml", &cargo("1.0.0"))]);
        project.git(&["push", "-q", "origin", branch]);
        let head = format!("refs/remotes/origin/{branch}");
        project.git(&["symbolic-ref", "refs/remotes/origin/HEAD", &head]);
        let said = project.init();
        let branches = format!("branches: [{branch}, main, master, \"{{line}}\"]");
        assert!(said.stdout.contains(&branches), "{}", said.whole());
        let merged = "or from `main` or `master`, into which it is merged";
        assert!(said.stderr.contains(merged), "{}", said.whole());
    }
}

#[test]
fn a_charts_app_version_is_compared_only_if_it_always_matched_the_chart_version() {
    let chart = |version: &str, app: &str| {
        format!("apiVersion: v2\nname: widget\nversion: {version}\nappVersion: {app}\n")
    };
    let lists = |apps: [&str; 3]| {
        let project = Project::new();
        for (n, app) in apps.into_iter().enumerate() {
            project
                .release(&format!("v1.{n}.0"), &[("Chart.yaml", &chart(&format!("1.{n}.0"), app))]);
        }
        let said = project.init();
        (said.stdout.contains("appVersion"), project, said)
    };
    let (listed, project, said) = lists(["1.0.0", "\"1.1.0\"", "v1.2.0"]);
    assert!(listed, "{}", said.whole());
    saw!(project.story, "init-chart", said.whole());
    project.commit("Release 1.3.0", &[("Chart.yaml", &chart("1.3.0", "1.2.0"))]);
    let said = project.check();
    assert_eq!(said.code, Some(1), "{}", said.whole());
    let differs = "`Chart.yaml` says 1.2.0, `Chart.yaml` says 1.3.0";
    assert!(said.stdout.contains(differs), "{}", said.whole());
    let (listed, _, said) = lists(["1.0.0", "1.0.0", "1.2.0"]);
    assert!(!listed, "another program's version: {}", said.whole());
}

#[test]
fn an_old_line_of_the_changelog_that_is_not_utf8_does_not_spoil_the_others() {
    let project = Project::new();
    let section = |version: &str, entry: &str| {
        let line = format!("{version} (2026-01-06)\n==================\n\n* {entry}\n\n");
        line.chars().map(|letter| letter as u8).collect::<Vec<u8>>()
    };
    let write = |text: &[Vec<u8>]| {
        std::fs::write(project.story.path("work/NEWS"), text.concat()).unwrap();
    };
    let (old, first) = (section("1.0.0", "Jos\u{e9} made it"), section("0.9.0", "all of it"));
    write(std::slice::from_ref(&first));
    project.release("v0.9.0", &[("VERSION", "0.9.0\n")]);
    write(&[old.clone(), first.clone()]);
    project.release("v1.0.0", &[("VERSION", "1.0.0\n")]);
    write(&[section("1.1.0", "another"), old.clone(), first.clone()]);
    project.commit("Release 1.1.0", &[("VERSION", "1.1.0\n")]);
    let said = project.init();
    assert!(said.stdout.contains("file: NEWS"), "{}", said.whole());
    let said = project.check();
    assert!(said.stdout.contains("NEWS:1, dated 2026-01-06, 1 entry"), "{}", said.whole());

    write(&[section("1.1.0", "Jos\u{e9} again"), old, first]);
    std::fs::write(
        project.story.path("work/tminus.yaml"),
        "schema: 1\nforge: none\nversion:\n  files: [VERSION]\nchangelog:\n  file: NEWS\n",
    )
    .unwrap();
    project.commit("Say who made it", &[]);
    let said = project.check();
    assert_eq!(said.code, Some(1), "{}", said.whole());
    assert!(said.stdout.contains("line 4 of `NEWS` is not UTF-8 text"), "{}", said.whole());
}

#[test]
fn a_file_in_an_unusual_place_is_the_source_only_if_most_releases_show_it() {
    let project = Project::new();
    for (version, installed) in
        [("1.0.0", "0.9.0"), ("1.1.0", "0.9.0"), ("1.2.0", "0.9.0"), ("1.3.0", "1.3.0")]
    {
        let script = format!("#!/bin/sh\nVERSION={installed}\n");
        project.release(&format!("v{version}"), &[("install.sh", &script)]);
    }
    project.commit("Add a second widget (#7)", &[]);
    let said = project.init();
    assert!(said.stdout.contains("policy: manual"), "{}", said.whole());
}
