//! What a right manifest means.

use super::{good, known};
use crate::base::source::{Source, Span};
use crate::project::manifest::{
    Bump, ChangelogStyle, Manifest, Mode, Policy, Shape, check, with_root,
};
use insta::assert_snapshot;

const WHOLE: &str = r#"
schema: 1
name: widget
forge: github
branches: [main, "release/*"]
version:
  files: [Cargo.toml, package.json]
  policy: commits
  zero: minor
tag: "v{version}"
changelog:
  file: CHANGELOG.md
  style: keep-a-changelog

gates:
  checks-green:
    required: [build, "test (*)", {name: lint, app: github-actions}]
    from-rules: true
    mode: inform
  version-increases: on
  tree-clean: off

stages:
  - name: candidate
    steps:
      - draft-release: { assets: ["dist/*.tar.gz"], checksums: sha256 }
  - name: beta
    steps:
      - run: { command: [./deploy, staging], probe: [./deployed, staging], reach: public, timeout: 1h 30m }
      - run: { name: warm up, command: [./warm, 1.10], repeatable: true, rehearse: [echo, warm] }
  - name: stable
    gates: [version-increases]
    steps:
      - tag: { sign: ssh }
      - publish-release: { latest: no }
"#;

fn at(manifest: &Manifest, span: Span) -> &str {
    manifest.source.text.get(span.start..span.end).unwrap()
}

#[test]
fn the_complete_example_manifest_is_parsed() {
    let manifest = good(WHOLE);
    assert_eq!(manifest.name.as_deref(), Some("widget"));
    assert_eq!(manifest.forge.name, "github");
    assert!(manifest.branches[1].value.matches("release/1.x"));
    assert!(!manifest.branches[1].value.matches("release/1/x"));
    assert_eq!(at(&manifest, manifest.branches[1].span), "\"release/*\"");
    let files: Vec<&str> = manifest.version.files.iter().map(|it| it.path.value.as_str()).collect();
    assert_eq!(files, ["Cargo.toml", "package.json"]);
    assert_eq!((manifest.version.policy, manifest.version.zero), (Policy::Commits, Bump::Minor));
    assert_eq!(at(&manifest, manifest.changelog.declared.unwrap()), "CHANGELOG.md");
    assert_eq!(manifest.changelog.style, ChangelogStyle::KeepAChangelog);
    let names: Vec<&str> = manifest.stages.iter().map(|it| it.name.value.as_str()).collect();
    assert_eq!(names, ["candidate", "beta", "stable"]);
    let gates: Vec<&str> = manifest.stages[2].gates.iter().map(|it| it.value.as_str()).collect();
    assert_eq!(gates, ["version-increases"]);
}

#[test]
fn gates_keep_their_own_settings_without_the_mode() {
    let manifest = good(WHOLE);
    let gates = manifest.gates.as_ref().unwrap();
    let modes: Vec<Mode> = gates.iter().map(|gate| gate.mode).collect();
    assert_eq!(modes, [Mode::Inform, Mode::On, Mode::Off]);
    let keys = |at: usize| gates[at].settings.get::<Vec<&str>>().unwrap().clone();
    assert_eq!(keys(0), ["required", "from-rules"]);
    assert_eq!(keys(1), Vec::<&str>::new());
}

#[test]
fn an_unquoted_number_keeps_its_original_text() {
    let manifest = good("name: 1.10\nbranches: [1.0, 0x10, 1e5]\n");
    assert_eq!(manifest.name.as_deref(), Some("1.10"));
    let names: Vec<&str> = manifest.branches.iter().map(|it| it.value.as_str()).collect();
    assert_eq!(names, ["1.0", "0x10", "1e5"]);
}

#[test]
fn an_alias_has_the_value_of_its_anchor_and_its_own_position() {
    let manifest = good("name: &n 1.10\nbranches: [*n]\n");
    assert_eq!(manifest.branches[0].value.as_str(), "1.10");
    assert_eq!(at(&manifest, manifest.branches[0].span), "*n");
}

#[test]
fn a_manifest_without_stages_drafts_tags_and_publishes() {
    let usual = good("schema: 1\n").stages;
    assert_eq!(usual.len(), 1);
    assert_eq!(usual[0].name.value.as_str(), "release");
    assert_eq!(usual[0].steps.len(), 3);
    let plain = good("forge: none\n").stages;
    assert_eq!(plain[0].steps.len(), 1);
    assert_eq!(plain[0].steps[0].value.kind.name, "tag");
}

#[test]
fn the_digest_of_a_manifest_is_that_of_its_text() {
    let digest = good("").digest;
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(digest.as_str(), empty);
}

#[test]
fn every_declared_default_matches_its_own_shape() {
    fn walk(shape: &Shape<'_>) -> usize {
        let fields = match shape {
            Shape::Object(fields) => fields,
            Shape::Named { fields, .. } | Shape::Choice { fields, .. } => fields,
            Shape::List { of, .. } | Shape::Dictionary(of) => return walk(of),
            Shape::AnyOf(shapes) => return shapes.iter().map(walk).sum(),
            Shape::Text | Shape::Name | Shape::Flag | Shape::Integer { .. } | Shape::OneOf(_) => {
                return 0;
            }
            Shape::Glob | Shape::Files | Shape::Path | Shape::Duration | Shape::Tag => return 0,
            Shape::Argv | Shape::LinePattern => return 0,
        };
        let mut seen = 0;
        for field in *fields {
            if let Some(default) = field.default {
                let mut problems = Vec::new();
                check(&field.shape, &default.node(), "", &mut problems);
                // The reference shows it as it can be written.
                let source = Source { name: String::new(), text: format!("it: {default}") };
                let tree = crate::project::manifest::yaml::parse(&source).unwrap();
                assert_eq!(tree.get("it").unwrap().to_json(), default.node().to_json());
                assert!(problems.is_empty(), "{}: {problems:?}", field.key);
                seen += 1;
            }
            seen += walk(&field.shape);
        }
        seen
    }
    assert!(with_root(&known(), walk) > 15);
}

#[test]
fn the_reference_page_has_every_section_and_keyword() {
    let page = crate::project::manifest::reference(&known());
    let headings: Vec<&str> = page.lines().filter(|line| line.starts_with('#')).collect();
    assert_snapshot!(headings.join("\n"), @r#"
    # The manifest
    ## `version`
    ## `version.files`
    ## `changelog`
    ## `roles`
    ## `tasks`
    ## `gates`
    ## `gates.checks-green`
    ## `gates.checks-green.required`
    ## `gates.tree-clean`
    ## `gates.version-increases`
    ## `schedule`
    ## `schedule.freezes`
    ## `schedule.windows`
    ## `schedule.trains`
    ## `stages`
    ## `stages.environment`
    ## `stages.steps`
    ## `stages.steps.draft-release`
    ## `stages.steps.tag`
    ## `stages.steps.publish-release`
    ## `stages.steps.run`
    ## `stages.verify`
    ## `stages.verify.samples`
    ## `stages.verify.samples.http`
    ## `stages.verify.samples.run`
    ## `stages.verify.samples.check`
    ## `stages.verify.samples.deployment`
    ## `workflow`
    ## `workflow.runner`
    "#);
    let rows: Vec<&str> =
        page.lines().filter(|line| line.contains("`sign`") || line.contains("`command`")).collect();
    assert_snapshot!(rows.join("\n"), @r#"
    | `sign` | `auto`, `off`, `ssh` or `gpg` | `auto` | How the tag is signed.<br>`auto`: as git is configured (`tag.gpgSign`, `gpg.format`)<br>`off`: not signed<br>`ssh`: with `ssh-keygen`<br>`gpg`: with `gpg` |
    | `command` | a list of a program and its arguments | required | The program and its arguments. It runs without a shell. |
    | `command` | a list of a program and its arguments | required | The program and its arguments. It runs without a shell. Exit code 0 is a success, 1 a failure, 2 inconclusive; any other code is an error. |
    "#);
}
