//! Versions and tags as projects have them: their forms, their lines, and what is out.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{Story, regex_of};

/// A project without a forge, made step by step.
struct Project(Story);

impl Project {
    fn new() -> Self {
        Self(Story::empty(Options::default()))
    }

    /// Commits the version in `package.json`, where there is one.
    fn commit(&self, message: &str, version: Option<&str>) {
        if let Some(version) = version {
            let text = format!("{{\"name\": \"widget\", \"version\": \"{version}\"}}\n");
            self.0.write("work/package.json", text);
        }
        self.0.git("work", &["add", "-A"]);
        self.0.git("work", &["commit", "-q", "--allow-empty", "-m", message]);
    }

    fn release(&self, version: Option<&str>, tag: &str) {
        self.commit(&format!("release {tag}"), version);
        self.0.git("work", &["tag", tag]);
    }

    fn git(&self, arguments: &[&str]) {
        self.0.git("work", arguments);
    }

    fn push(&self) {
        self.git(&["push", "-q", "--tags", "-u", "origin", "main"]);
    }

    /// The manifest that `init` writes.
    fn init(&self) -> String {
        let said = self.0.run(&["init", "--forge", "none"]);
        assert_eq!(said.code, Some(0), "{}", said.whole());
        self.manifest(&std::fs::read_to_string(self.0.path("work/tminus.yaml")).unwrap())
    }

    /// Takes a manifest, committed where HEAD is.
    fn manifest(&self, text: &str) -> String {
        self.0.write("work/tminus.yaml", text);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--amend", "--no-edit", "--allow-empty"]);
        text.to_owned()
    }

    /// The line of `version-increases`, and the exit code.
    fn judged(&self, more: &[&str]) -> String {
        let arguments = [&["check", "--offline", "--gate", "version-increases"], more].concat();
        let said = self.0.run(&arguments);
        let line = said.stdout.lines().find(|line| line.contains(" version-increases "));
        let words: Vec<&str> = line.unwrap_or(&said.stderr).split_whitespace().collect();
        format!("{}: {}", said.code.unwrap(), words.join(" ").replace(" version-increases", ""))
    }
}

const PLAIN: &str = "forge: none\n";
const FILE: &str = "forge: none\nversion: { files: [package.json] }\n";

#[test]
fn the_format_of_the_newest_tags_is_used_and_older_ones_count_as_history() {
    let project = Project::new();
    for n in 1..=3 {
        project.release(Some(&format!("0.{n}.0")), &format!("v0.{n}.0"));
    }
    project.release(Some("1.0.0"), "1.0.0");
    project.commit("release 1.1.0", Some("1.1.0"));
    assert!(project.init().contains("tag: \"{version}\""));
    assert_eq!(project.judged(&[]), "0: go 1.0.0 -> 1.1.0, 1 commit since 1.0.0");
    // Right after the change of the form the release before has the old one.
    project.git(&["tag", "-d", "1.0.0"]);
    assert_eq!(project.judged(&[]), "0: go 0.3.0 -> 1.1.0, 2 commits since v0.3.0");
}

#[test]
fn a_package_does_not_use_the_tags_of_a_larger_sibling() {
    let project = Project::new();
    for n in 1..=3 {
        project.release(None, &format!("big-v2.{n}.0"));
    }
    project.release(None, "widget-v0.7.0");
    project.commit("release 2.9.0", Some("2.9.0"));
    assert!(project.init().contains("tag: \"widget-v{version}\""));
    assert_eq!(project.judged(&[]), "0: go 0.7.0 -> 2.9.0, 1 commit since widget-v0.7.0");
}

#[test]
fn tags_in_another_format_never_make_this_the_first_release() {
    let project = Project::new();
    project.release(None, "1.4.0");
    project.commit("fix: x", None);
    project.manifest(PLAIN);
    let no = "1: no-go the tag would be `v1.4.1`, but earlier tags have the format of `1.4.0`";
    assert_eq!(project.judged(&[]), no);
    project.manifest(&format!("{PLAIN}tag: 'v{{version}}'\n"));
    assert_eq!(project.judged(&[]), "0: go 1.4.0 -> 1.4.1, 1 commit since 1.4.0");
    // Of those that nobody can read two are named.
    project.git(&["tag", "-d", "1.4.0"]);
    project.git(&["tag", "gadget-8_20_0"]);
    project.git(&["tag", "gadget-8_21_0"]);
    let said = project.judged(&[]);
    assert!(said.starts_with("4: unknown cannot read the last release"), "{said}");
    assert!(said.contains("`gadget-8_21_0` and `gadget-8_20_0`"), "{said}");
}

#[test]
fn tags_with_unusual_separators_are_read_and_created() {
    let project = Project::new();
    for tag in ["gadget-8_19_0", "gadget-8_20_0", "gadget-8_21_0"] {
        project.release(None, tag);
    }
    project.commit("fix: x", None);
    let form = "tag: \"gadget-{major}_{minor}_{patch}\"\n";
    assert!(project.init().contains(form));
    project.manifest(&format!("{PLAIN}{form}"));
    assert_eq!(project.judged(&[]), "0: go 8.21.0 -> 8.21.1, 1 commit since gadget-8_21_0");
    project.push();
    let plan = project.0.run(&["plan", "--format", "json"]);
    assert!(plan.stdout.contains("\"tag\": \"gadget-8_21_1\""), "{}", plan.whole());
}

#[test]
fn the_next_calendar_version_is_not_guessed() {
    let project = Project::new();
    project.release(None, "26.0");
    project.release(None, "26.1");
    project.commit("fix: x", None);
    let manifest = project.init();
    assert!(manifest.contains("policy: manual\n  scheme: calendar"), "{manifest}");
    project.manifest(&manifest.replace("  policy: manual\n", ""));
    let said = project.judged(&[]);
    assert!(
        said.starts_with("1: no-go the version after 26.1 cannot be computed: a calendar"),
        "{said}"
    );
    let go = "0: go 26.1 -> 26.2, 1 commit since 26.1";
    assert_eq!(project.judged(&["--version", "26.2"]), go);
    let low = project.judged(&["--version", "26.0.5"]);
    assert!(low.contains("26.0.5 is lower than 26.1"), "{low}");
}

#[test]
fn a_version_must_match_the_scheme_in_the_manifest() {
    let project = Project::new();
    project.release(Some("1.0.0"), "v1.0.0");
    project.commit("fix: x", Some("1.0.1-rc.1"));
    project.manifest(&format!("{FILE}tag: 'v{{version}}'\n"));
    assert_eq!(project.judged(&[]), "0: go 1.0.0 -> 1.0.1-rc.1, 1 commit since v1.0.0");
    project.manifest("forge: none\nversion: { files: [package.json], scheme: calendar }\n");
    assert_eq!(project.judged(&[]), "0: go 1.0.0 -> 1.0.1-rc.1, 1 commit since v1.0.0");
    project.manifest("forge: none\nversion: { scheme: semver }\n");
    let said = project.judged(&["--version", "1.7"]);
    assert!(said.starts_with("1: no-go `1.7` is not a semantic version"), "{said}");
    project.0.write("work/tminus.yaml", "version: { scheme: semvre }\n");
    let said = project.0.run(&["check", "--offline", "--manifest", "tminus.yaml"]);
    assert_eq!(said.code, Some(2), "{}", said.whole());
    assert!(said.stderr.contains("tminus.yaml:1:20"), "{}", said.whole());
    assert!(said.stderr.contains("`semver`"), "{}", said.whole());
}

#[test]
fn a_stale_version_file_does_not_hide_a_newer_release() {
    let project = Project::new();
    project.release(Some("1.0.0"), "v1.0.0");
    project.release(Some("1.1.0"), "v1.1.0");
    project.release(None, "v1.2.0");
    project.commit("fix: y", None);
    project.manifest(FILE);
    let said = project.judged(&[]);
    assert!(said.starts_with("1: no-go 1.1.0 was not raised: 1.2.0 is already released"), "{said}");
    project.push();
    let said = project.0.run(&["release"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    assert!(said.whole().contains("1.1.0 was not raised"), "{}", said.whole());
    // A version that is not out and lower than what is, is no-go too.
    project.commit("release 1.1.1", Some("1.1.1"));
    let said = project.judged(&[]);
    assert!(said.starts_with("1: no-go 1.1.1 is lower than 1.2.0"), "{said}");
}

#[test]
fn a_tag_at_a_commit_with_another_version_is_not_that_release() {
    let project = Project::new();
    project.release(Some("1.0.0"), "v1.0.0");
    project.release(None, "v1.1.0");
    project.commit("chore: the version", Some("1.1.0"));
    project.manifest(FILE);
    let said = project.judged(&[]);
    assert!(said.starts_with("1: no-go 1.1.0 is taken: `v1.1.0` at "), "{said}");
    assert!(said.contains("contains version 1.0.0"), "{said}");
}

#[test]
fn a_release_on_an_unmerged_branch_can_be_the_previous_release() {
    let project = Project::new();
    project.release(Some("1.0.0"), "v1.0.0");
    for version in ["1.1.0", "1.2.0"] {
        project.commit(&format!("work for {version}"), None);
        project.git(&["checkout", "-q", "-b", &format!("rel-{version}")]);
        project.release(Some(version), &format!("v{version}"));
        project.git(&["checkout", "-q", "main"]);
    }
    project.commit("work for 1.3.0", None);
    project.commit("release 1.3.0", Some("1.3.0"));
    project.manifest(FILE);
    let go = "0: go 1.2.0 -> 1.3.0, 2 commits since v1.2.0, which is not an ancestor";
    assert_eq!(project.judged(&[]), go);
    // What was picked to that branch is in it already.
    let fix = project.0.sha("work", "HEAD~").to_string();
    project.git(&["checkout", "-q", "rel-1.2.0"]);
    project.git(&["cherry-pick", "--allow-empty", &fix]);
    project.release(Some("1.2.1"), "v1.2.1");
    project.git(&["checkout", "-q", "main"]);
    let go = "0: go 1.2.1 -> 1.3.0, 1 commit since v1.2.1, which is not an ancestor";
    assert_eq!(project.judged(&[]), go);
    // A lower version of a line that is further is no-go.
    project.commit("release 1.2.1 again", Some("1.2.0"));
    assert!(project.judged(&[]).contains("not an ancestor"));
    project.commit("release 1.2.0.1", Some("1.1.9"));
    let go = "0: go 1.1.0 -> 1.1.9, 5 commits since v1.1.0, which is not an ancestor";
    assert_eq!(project.judged(&[]), go);
}

#[test]
fn an_unmerged_branch_has_the_previous_release_only_if_cut_after_our_last_one() {
    let project = Project::new();
    project.release(None, "v1.0.0");
    project.release(None, "v1.1.0");
    project.git(&["checkout", "-q", "-b", "next"]);
    project.release(None, "v2.0.0");
    project.git(&["checkout", "-q", "main"]);
    project.commit("fix: a screw", None);
    project.manifest(PLAIN);
    let go = "0: go 2.0.0 -> 2.0.1, 1 commit since v2.0.0, which is not an ancestor";
    assert_eq!(project.judged(&[]), go);
    // An older line that is merged later is not ours.
    project.git(&["checkout", "-q", "-b", "older", "v1.0.0"]);
    project.release(None, "v1.0.1");
    project.git(&["checkout", "-q", "main"]);
    project.git(&["merge", "-q", "--no-ff", "-m", "Merge branch 'older'", "older"]);
    let go = "0: go 2.0.0 -> 2.0.1, 3 commits since v2.0.0, which is not an ancestor";
    assert_eq!(project.judged(&[]), go);
    project.git(&["tag", "v1.2.0"]);
    project.commit("fix: another screw", None);
    assert_eq!(project.judged(&[]), "0: go 1.2.0 -> 1.2.1, 1 commit since v1.2.0");
}

#[test]
fn a_computed_version_skips_versions_tagged_on_other_branches() {
    let project = Project::new();
    project.release(None, "v1.0.0");
    for version in ["v1.1.0", "v1.2.0"] {
        project.git(&["checkout", "-q", "-b", &format!("rel-{version}")]);
        project.release(None, version);
        project.git(&["checkout", "-q", "main"]);
        project.commit(&format!("feat: work after {version}"), None);
    }
    project.manifest(PLAIN);
    let go = "0: go 1.2.0 -> 1.3.0, 1 commit since v1.2.0, which is not an ancestor";
    assert_eq!(project.judged(&[]), go);
    // Squashed: the only tag is on a branch that main holds in one commit.
    let project = Project::new();
    project.commit("feat: first", None);
    project.git(&["checkout", "-q", "-b", "rel"]);
    project.release(None, "v1.4.0");
    project.git(&["checkout", "-q", "main"]);
    project.commit("fix: x", None);
    project.manifest(PLAIN);
    let go = "0: go 1.4.0 -> 1.4.1, 1 commit since v1.4.0, which is not an ancestor";
    assert_eq!(project.judged(&[]), go);
}

#[test]
fn a_merged_pre_release_does_not_restrict_versions_of_the_current_major() {
    let project = Project::new();
    project.release(Some("3.0.0"), "v3.0.0");
    project.git(&["checkout", "-q", "-b", "next"]);
    project.release(Some("4.0.0-alpha.1"), "v4.0.0-alpha.1");
    project.git(&["checkout", "-q", "main"]);
    project.git(&["merge", "-q", "--no-ff", "-s", "ours", "-m", "Merge next", "next"]);
    project.commit("release 3.1.0", Some("3.1.0"));
    project.manifest(FILE);
    assert_eq!(project.judged(&[]), "0: go 3.0.0 -> 3.1.0, 3 commits since v3.0.0");
    // A computed version is not compared with it either.
    project.commit("fix: y", None);
    project.manifest(PLAIN);
    assert_eq!(project.judged(&[]), "0: go 3.0.0 -> 3.0.1, 4 commits since v3.0.0");
    project.manifest(FILE);
    project.commit("release 4.0.0-alpha.0", Some("4.0.0-alpha.0"));
    assert!(project.judged(&[]).starts_with("1: no-go 4.0.0-alpha.0 is lower than 4.0.0-alpha.1"));
}

#[test]
fn a_development_version_is_not_due() {
    let project = Project::new();
    let write = |version: &str| {
        let text = format!("[project]\nname = \"widget\"\nversion = \"{version}\"\n");
        project.0.write("work/pyproject.toml", text);
    };
    write("1.0.0");
    project.release(None, "v1.0.0");
    write("1.1.0.dev0");
    project.commit("start 1.1.0", None);
    let manifest = project.init();
    assert!(manifest.contains("scheme: pep440"), "{manifest}");
    let said = "1.1.0.dev0 in `pyproject.toml` is a development version";
    assert_eq!(project.judged(&[]), format!("0: go no release is due: {said}"));
    assert_eq!(
        project.judged(&["--expect-release"]),
        format!("1: no-go nothing to release: {said}")
    );
    let one = ["check", "--offline", "--gate", "version-increases", "--format", "json"];
    let json = project.0.run(&one);
    assert!(json.stdout.contains("\"outcome\": \"nothing-to-release\""), "{}", json.whole());
    let none = "\"version\": null,\n  \"tag\": null,\n  \"development\": \"1.1.0.dev0\",";
    assert!(json.stdout.contains(none), "{}", json.whole());
    project.push();
    let said = project.0.run(&["release"]);
    let nothing = "nothing to release: 1.1.0.dev0 in `pyproject.toml` is a development version";
    assert_eq!((said.code, said.stdout.trim()), (Some(0), nothing), "{}", said.whole());
    write("1.1.0rc1");
    project.commit("release 1.1.0rc1", None);
    assert_eq!(project.judged(&[]), "0: go 1.0.0 -> 1.1.0rc1, 2 commits since v1.0.0");
}

#[test]
fn a_placeholder_replaced_only_at_releases_is_not_due() {
    let project = Project::new();
    for n in 0..3 {
        project.commit(&format!("fix: {n}"), Some("0.0.0"));
        project.release(Some(&format!("1.{n}.0")), &format!("v1.{n}.0"));
    }
    project.commit("fix: a screw", Some("0.0.0"));
    assert!(project.init().contains("files: [package.json]"));
    project.push();
    let said = project.0.run(&["check", "--offline"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    saw!(project.0, "not-set", said.whole());
    let said = project.0.run(&["check", "--offline", "--expect-release"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    let nothing = "nothing to release: `0.0.0` in `package.json` is a placeholder\n";
    for command in ["plan", "release"] {
        let said = project.0.run(&[command]);
        assert_eq!((said.code, said.stdout.as_str()), (Some(0), nothing), "{}", said.whole());
    }
    let said = project.judged(&["--version", "1.3.0"]);
    assert!(said.starts_with("1: no-go `0.0.0` in `package.json` is a placeholder"), "{said}");
    assert_eq!(project.0.run(&["release", "--version", "1.3.0"]).code, Some(1));
    project.commit("release 1.3.0", Some("1.3.0"));
    assert_eq!(project.judged(&[]), "0: go 1.2.0 -> 1.3.0, 2 commits since v1.2.0");

    // Where releases never had it, nobody would set it.
    let project = Project::new();
    project.release(Some("0.0.0"), "v1.0.0");
    project.commit("fix: a screw", None);
    project.manifest(FILE);
    let said = project.judged(&[]);
    assert!(said.starts_with("1: no-go `0.0.0` in `package.json` is a placeholder"), "{said}");
}

#[test]
fn a_release_line_with_an_older_tag_format_must_configure_it() {
    let project = Project::new();
    project.release(Some("4.21.0"), "4.21.0");
    project.git(&["branch", "4.x"]);
    project.release(Some("5.0.0"), "v5.0.0");
    project.git(&["checkout", "-q", "4.x"]);
    project.commit("release 4.21.1", Some("4.21.1"));
    let manifest = project.init();
    assert!(!manifest.contains("\ntag:"), "{manifest}");
    assert!(manifest.contains("# Set `tag`: releases are tagged as `4.21.0` and as `v5.0.0`."));
    let no = "1: no-go the tag would be `v4.21.1`, but earlier tags have the format of `4.21.0`";
    assert_eq!(project.judged(&[]), no);
    project.manifest(&format!("{FILE}tag: '{{version}}'\n"));
    assert_eq!(project.judged(&[]), "0: go 4.21.0 -> 4.21.1, 1 commit since 4.21.0");
}

#[test]
fn a_version_file_that_missed_most_releases_does_not_mean_nothing_is_due() {
    let project = Project::new();
    project.release(Some("1.0.0"), "v1.0.0");
    project.git(&["branch", "1.x"]);
    for n in 0..3 {
        project.release(None, &format!("v2.{n}.0"));
    }
    project.git(&["checkout", "-q", "1.x"]);
    project.commit("fix: a screw", None);
    project.manifest(FILE);
    let said = project.judged(&[]);
    let no = "1: no-go cannot determine whether a release is due: 1.0.0 is released, but for most";
    assert!(said.starts_with(no), "{said}");
    let json = project.0.run(&["check", "--offline", "--format", "json"]).stdout;
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(document["version"].is_null() && document["tag"].is_null(), "{json}");
    assert_eq!(document["taken"]["tag"], "v1.0.0", "{json}");
    project.push();
    assert_eq!(project.0.run(&["release"]).code, Some(1));
    // Of the release itself nothing is asked.
    project.git(&["checkout", "-q", "--detach", "v1.0.0"]);
    project.manifest(FILE);
    project.git(&["tag", "-f", "v1.0.0"]);
    assert!(project.judged(&[]).starts_with("0: go 1.0.0 is"), "{}", project.judged(&[]));
}

#[test]
fn an_old_development_tag_does_not_make_the_next_development_version_due() {
    let project = Project::new();
    project.release(Some("0.1.0-dev"), "v0.1.0-dev");
    for n in 1..=20 {
        project.release(Some(&format!("0.{n}.0")), &format!("v0.{n}.0"));
    }
    project.commit("feat: a screw", Some("0.21.0-dev"));
    project.manifest(FILE);
    let said = project.judged(&[]);
    assert!(said.starts_with("0: go no release is due: 0.21.0-dev in"), "{said}");
}

#[cfg(unix)]
#[test]
fn unreadable_version_files_do_not_mean_that_nothing_is_due() {
    let project = Project::new();
    project.release(Some("1.0.0"), "v1.0.0");
    project.git(&["branch", "1.x"]);
    std::fs::remove_file(project.0.path("work/package.json")).unwrap();
    std::os::unix::fs::symlink("tool.json", project.0.path("work/package.json")).unwrap();
    for n in 0..3 {
        project.release(None, &format!("v2.{n}.0"));
    }
    project.git(&["checkout", "-q", "1.x"]);
    project.commit("fix: a screw", None);
    project.manifest(FILE);
    let said = project.0.run(&["check", "--offline", "--gate", "version-increases"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    saw!(project.0, "version-files-not-read", said.whole());
    // One that cannot be read decides nothing.
    project.git(&["tag", "-d", "v2.0.0", "v2.1.0"]);
    assert!(project.judged(&[]).starts_with("0: go 1.0.0 is"), "{}", project.judged(&[]));
}
