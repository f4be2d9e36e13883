//! What `tminus init` would write.

use super::{Choice, Known, RemotePlace, RepositoryInfo, infer};
use crate::adapters::forge::github;
use crate::adapters::kinds;
use crate::base::source::Source;
use crate::project::manifest::read;
use crate::project::sources::places;
use crate::project::tags::Dated;
use insta::assert_snapshot;

fn found(files: &[(&str, &str)]) -> RepositoryInfo {
    RepositoryInfo {
        files: files.iter().map(|(name, _)| (*name).into()).collect(),
        places: places(&files.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>(), ""),
        known: Known {
            now: files.iter().map(|(name, text)| ((*name).into(), Some((*text).into()))).collect(),
            ..Known::default()
        },
        branch: Some("main".into()),
        place: RemotePlace::On { forge: github::KIND.manifest, note: None },
        usual: kinds().usual(),
        workflows: [(".github/workflows/ci.yml".into(), "on: push".into())].into(),
        ..RepositoryInfo::default()
    }
}

/// The manifest, which must be a right one, and the reasons.
fn written(found: &RepositoryInfo) -> String {
    let inferred = infer(found, &Choice::default());
    let source = Source { name: "tminus.yaml".into(), text: inferred.text.clone() };
    read(source, &kinds()).unwrap();
    format!("{}--\n{}", inferred.text, inferred.because.join("\n"))
}

fn tags(names: &[&str]) -> Vec<Dated> {
    names.iter().map(|name| Dated { name: (*name).into(), at: 0 }).collect()
}

#[test]
fn a_rust_workspace_has_its_version_in_the_root_manifest() {
    let cargo = "[workspace.package]\nversion = \"1.2.0\"\n[package]\nversion.workspace = true\n";
    let mut found = found(&[("Cargo.toml", cargo), ("CHANGELOG.md", "# Changelog")]);
    found.tags = tags(&["v1.0.0", "v1.1.0", "nightly"]);
    assert_snapshot!(written(&found), @r#"
    schema: 1
    version:
      files: [Cargo.toml]
    --
    releases are made from `main`, which is in `branches` by default
    the version is in `Cargo.toml`: 1.2.0
    the tag format is `v{version}` (2 tags; the highest is `v1.1.0`)
    the changelog is `CHANGELOG.md`
    "#);
    found.known.now.insert("Cargo.toml".into(), Some("[package]\nversion = \"0.1.0\"\n".into()));
    assert!(infer(&found, &Choice::default()).text.contains("files: [Cargo.toml]"));
    found.known.now.insert("Cargo.toml".into(), Some("[workspace]\nmembers = []\n".into()));
    assert!(!infer(&found, &Choice::default()).text.contains("Cargo.toml"));
}

#[test]
fn an_npm_package_has_its_version_in_package_json() {
    let mut found = found(&[("package.json", r#"{"version": "2.0.1"}"#), ("HISTORY.md", "")]);
    found.tags = tags(&["2.0.0", "1.9.0", "v0.1.0"]);
    assert_snapshot!(written(&found), @r#"
    schema: 1
    version:
      files: [package.json]
    tag: "{version}"
    changelog:
      file: HISTORY.md
    --
    releases are made from `main`, which is in `branches` by default
    the version is in `package.json`: 2.0.1
    the tag format is `{version}` (2 tags; the highest is `2.0.0`)
    the changelog is `HISTORY.md`
    "#);
    found.known.now.insert("package.json".into(), Some(r#"{"private": true}"#.into()));
    assert!(!infer(&found, &Choice::default()).text.contains("package.json"));
}

#[test]
fn init_lists_a_static_python_version_but_not_a_dynamic_one() {
    let mut found = found(&[("pyproject.toml", "[project]\nversion = \"0.3.0\"\n")]);
    found.tags = tags(&["widget-v0.1.0", "widget-v0.2.0"]);
    found.branch = Some("trunk{1}".into());
    assert_snapshot!(written(&found), @r#"
    schema: 1
    branches: ["trunk\\{1\\}", "{line}"]
    version:
      files: [pyproject.toml]
    tag: "widget-v{version}"
    --
    releases are made from `trunk{1}`, the default branch
    the version is in `pyproject.toml`: 0.3.0
    the tag format is `widget-v{version}` (2 tags; the highest is `widget-v0.2.0`)
    no changelog was found, so none is required
    "#);
    found
        .known
        .now
        .insert("pyproject.toml".into(), Some("[project]\ndynamic = [\"version\"]\n".into()));
    assert_snapshot!(written(&found), @r#"
    schema: 1
    branches: ["trunk\\{1\\}", "{line}"]
    tag: "widget-v{version}"
    --
    releases are made from `trunk{1}`, the default branch
    left out: `pyproject.toml` has no version of its own: it is dynamic, computed when the package is built
    no file contains the version: it is computed from the commits since the last release
    the tag format is `widget-v{version}` (2 tags; the highest is `widget-v0.2.0`)
    no changelog was found, so none is required
    "#);
}

#[test]
fn an_empty_repository_still_gets_a_manifest() {
    assert_snapshot!(written(&RepositoryInfo::default()), @r#"
    schema: 1
    forge: none
    --
    no GitHub remote was found: using `forge: none`, so a release consists of a tag only
    no branch was found, so releases are made from `main` or `master`
    no file contains the version: it is computed from the commits since the last release
    there are no version tags yet: using the tag format `v{version}`
    no changelog was found, so none is required
    "#);
}

#[test]
fn init_does_not_list_version_files_that_disagree() {
    let found = found(&[
        ("Cargo.toml", "[package]\nversion = \"1.0.0\"\n"),
        ("package.json", r#"{"version": "0.9.0"}"#),
        ("pyproject.toml", "[project]\nversion = \"1.0.0\"\n"),
    ]);
    assert_snapshot!(written(&found), @r#"
    schema: 1
    version:
      files: [Cargo.toml, pyproject.toml]
    --
    releases are made from `main`, which is in `branches` by default
    the version is in `Cargo.toml`: 1.0.0
    ignoring `package.json`: its version is 0.9.0, but `Cargo.toml` has 1.0.0
    the version is in `pyproject.toml`: 1.0.0
    there are no version tags yet: using the tag format `v{version}`
    no changelog was found, so none is required
    "#);
}
