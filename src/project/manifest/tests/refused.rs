//! The errors for invalid manifests.

use super::wrong;
use insta::assert_snapshot;

const MANY_FAULTS: &str = r#"
schema: 2
tagg: "v{version}"
tag: latest
branches: main
version:
  files: [/etc/passwd, Cargo.toml]
  policy: comits
changelog: {file: ../x.md, stile: generated}
gates:
  check-green: on
  tree-clean: true
  version-increases: {mode: off, level: 3}
stages:
  - name: one two
    gates: [checks-gren]
    steps:
      - draft-relase
      - tag: {sign: pgp}
      - run: {command: make publish, probe: [], timeout: 10}
  - steps: []
"#;

#[test]
fn every_manifest_error_is_reported_at_once_in_file_order() {
    assert_snapshot!(wrong(MANY_FAULTS), @r#"
    2:9 `schema` cannot be `2`
        "2" <- expected `1`
    3:1 unknown key `tagg`
        "tagg"
        help: did you mean `tag`?
    4:6 invalid `tag`: the tag must contain either `{version}` exactly once, or `{major}`, `{minor}` and optionally `{patch}`, in this order and separated by text
        "latest" <- expected a tag with `{version}` in it
        help: the usual form is `v{version}`
    5:11 `branches` cannot be a string
        "main" <- expected a list of globs
        help: write `[main]`
    7:11 invalid `version.files`: `/etc/passwd` is an absolute path
        "/etc/passwd" <- expected a path in the repository
        help: paths are relative to the top of the repository
    8:11 `version.policy` cannot be `comits`
        "comits" <- expected `commits` or `manual`
        help: did you mean `commits`?
    9:19 invalid `changelog.file`: `../x.md` points outside the repository
        "../x.md" <- expected a path in the repository
        help: paths are relative to the top of the repository
    9:28 unknown key `stile`
        "stile"
        help: did you mean `style`?
    11:3 unknown gate `check-green`
        "check-green"
        help: did you mean `checks-green`?
    12:15 `gates.tree-clean` cannot be `true`
        "true" <- expected `on`, `inform` or `off`
        help: did you mean `on`?
    13:29 `gates.version-increases.mode` cannot be `off`
        "off" <- expected `on` or `inform`
    13:34 unknown key `level`
        "level"
        help: the keys are `mode`, `back`
    15:11 invalid `stages.name`: `one two` can contain only letters, digits, `-`, `_` and `.`
        "one two" <- expected a name that contains only letters, digits, `-`, `_` and `.`
    16:13 unknown gate `checks-gren`
        "checks-gren"
        help: did you mean `checks-green`?
    18:9 unknown step `draft-relase`
        "draft-relase"
        help: did you mean `draft-release`?
    19:21 `stages.steps.tag.sign` cannot be `pgp`
        "pgp" <- expected `auto`, `off`, `ssh` or `gpg`
    20:24 `stages.steps.run.command` cannot be a string
        "make publish" <- expected a list of a program and its arguments
        help: commands do not run in a shell; write it as a list: `[make, publish]`
    20:45 `stages.steps.run.probe` is empty
        "[]" <- a program is needed
    20:58 invalid `stages.steps.run.timeout`: `10` is not a duration above zero
        "10" <- expected a duration (`10m`, `1h 30m`, `14d`)
        help: write it as `10m`, `1h 30m` or `14d`
    21:5 `stages` has no `name`
        "steps: []" <- `name` is needed here
        help: add `name`: a name that contains only letters, digits, `-`, `_` and `.`
    21:12 `stages.steps` is empty
        "[]" <- at least one is needed
    "#);
}

#[test]
fn a_value_of_the_wrong_type_is_reported_with_the_expected_form() {
    assert_snapshot!(wrong(r#"
name: true
version: Cargo.toml
changelog:
gates: [tree-clean]
stages:
  - name: a
    gates: tree-clean
    steps:
      - run
      - run: {command: [make, true, [x]], repeatable: yes}
      - tag:
      - {tag: {}, draft-release: {}}
      - publish-release: {latest: true}
      - 3
"#), @r#"
    2:7 `name` cannot be a boolean
        "true" <- expected a string
        help: quote it: `"true"`
    3:10 `version` cannot be a string
        "Cargo.toml" <- expected a mapping
    4:10 `changelog` has no value
        "" <- expected a mapping
        help: give it a value, or remove the key
    5:8 `gates` cannot be a list
        "[tree-clean]" <- expected a mapping of gates
    8:12 `stages.gates` cannot be a string
        "tree-clean" <- expected a list of strings
        help: write `[tree-clean]`
    10:9 `stages.steps.run` has no `command`
        "run" <- `command` is needed here
        help: add `command`: a list of a program and its arguments
    11:9 tminus cannot tell whether this `run` step is already done
        "run" <- needs `probe` or `repeatable: true`
        note: an interrupted release is resumed, which may run this step again
        help: add `probe`, a command that exits 0 when it is done and 1 when it is not; or `repeatable: true` if running it twice does no harm
    11:31 an argument of `stages.steps.run.command` is a boolean
        "true" <- expected a string
        help: quote it: `"true"`
    11:37 an argument of `stages.steps.run.command` is a list
        "[x]" <- expected a string
    11:55 `stages.steps.run.repeatable` cannot be a string
        "yes" <- expected `true` or `false`
        help: did you mean `true`?
    12:9 `tag` has no value
        "tag" <- expected its settings
        help: write `- tag` for its defaults
    13:9 a step must have exactly one key, but this one has 2
        "{tag: {}, draft-release: {}}"
        help: write each step as its own list item: `draft-release`, `tag`, `publish-release`, `move-tag` or `run`
    13:10 a release can have only one `tag`
        "tag" <- again here
        note: the first is on line 12
    14:9 `publish-release` requires a `draft-release` step to publish
        "publish-release"
        help: add `- draft-release` to this stage or an earlier one
    14:35 `stages.steps.publish-release.latest` cannot be `true`
        "true" <- expected `auto`, `yes` or `no`
        help: did you mean `yes`?
    15:9 unknown step `3`
        "3"
        help: the steps are `draft-release`, `tag`, `publish-release`, `move-tag`, `run`
    "#);
}

#[test]
fn an_error_in_a_choice_is_reported_for_the_intended_alternative() {
    assert_snapshot!(wrong(r#"
gates:
  checks-green:
    required: [build, {nam: lint}, [x]]
    from-rules: on
    grace: 0m
"#), @r#"
    4:23 `gates.checks-green.required` has no `name`
        "{nam: lint}" <- `name` is needed here
        help: add `name`: a glob
    4:24 unknown key `nam`
        "nam"
        help: did you mean `name`?
    4:36 `gates.checks-green.required` cannot be a list
        "[x]" <- expected a glob or a mapping
    5:17 `gates.checks-green.from-rules` cannot be a string
        "on" <- expected `true` or `false`
        help: did you mean `true`?
    6:12 invalid `gates.checks-green.grace`: `0m` is not a duration above zero
        "0m" <- expected a duration (`10m`, `1h 30m`, `14d`)
        help: write it as `10m`, `1h 30m` or `14d`
    "#);
    assert_snapshot!(wrong("gates: {checks-green: {required: nono}}"), @r#"
    1:34 `gates.checks-green.required` cannot be `nono`
        "nono" <- expected `none`
        help: did you mean `none`?
    "#);
    assert_snapshot!(wrong("gates: {checks-green: [build]}"), @r#"
    1:23 `gates.checks-green` cannot be a list
        "[build]" <- expected `on`, `inform`, `off` or a mapping
    "#);
}

#[test]
fn stages_that_cannot_be_performed_are_rejected() {
    assert_snapshot!(wrong(r#"
gates: {tree-clean: off}
stages:
  - name: a
    gates: [tree-clean]
    steps:
      - publish-release
      - run: {command: [make, x]}
      - run: {command: [make, y], repeatable: false, probe: [test, -e, y]}
  - name: a
    steps: [tag, draft-release, tag]
"#), @r#"
    5:13 gate `tree-clean` is off, but a stage runs it
        "tree-clean" <- runs when this stage starts
        help: remove it from the stage, or write `tree-clean: on`
    7:9 `publish-release` is in stage `a`, before `draft-release`
        "publish-release"
        note: `draft-release` is in stage `a`
        help: move `publish-release` to stage `a` or a later one
    7:9 `publish-release` is in stage `a`, before `tag`
        "publish-release"
        note: `tag` is in stage `a`
        help: move `publish-release` to stage `a` or a later one
    8:9 tminus cannot tell whether this `run` step is already done
        "run" <- needs `probe` or `repeatable: true`
        note: an interrupted release is resumed, which may run this step again
        help: add `probe`, a command that exits 0 when it is done and 1 when it is not; or `repeatable: true` if running it twice does no harm
    9:9 two `run` steps in the same stage are named `make`
        "run" <- again here
        note: the first is on line 8
        help: give one of them another `name`
    10:11 two stages are named `a`
        "a" <- again here
        note: the first is on line 4
    11:33 a release can have only one `tag`
        "tag" <- again here
        note: the first is on line 11
    "#);
    assert_snapshot!(wrong("stages: [{name: a, steps: [tag, publish-release]}]"), @r#"
    1:33 `publish-release` requires a `draft-release` step to publish
        "publish-release"
        help: add `- draft-release` to this stage or an earlier one
    "#);
    assert_snapshot!(wrong("forge: none\nstages: [{name: a, steps: [draft-release]}]"), @r#"
    2:28 `draft-release` requires a forge such as GitHub
        "draft-release"
        note: the manifest sets `forge: none`
        help: remove the step, or the line `forge: none`
    "#);
    assert_snapshot!(wrong("stages: []"), @r#"
    1:9 `stages` is empty
        "[]" <- at least one is needed
    "#);
}

#[test]
fn a_misspelled_draft_step_is_reported_as_one_error() {
    let told = wrong("stages: [{name: a, steps: [draft-relase, publish-release]}]");
    assert_snapshot!(told, @r#"
    1:28 unknown step `draft-relase`
        "draft-relase"
        help: did you mean `draft-release`?
    "#);
}

#[test]
fn error_positions_are_correct_after_multibyte_characters() {
    assert_snapshot!(wrong("name: \"日本 é\"  # ü\nñame: x\ntag: ✓\n"), @r#"
    2:1 unknown key `ñame`
        "ñame"
        help: did you mean `name`?
    3:6 invalid `tag`: the tag must contain either `{version}` exactly once, or `{major}`, `{minor}` and optionally `{patch}`, in this order and separated by text
        "✓" <- expected a tag with `{version}` in it
        help: the usual form is `v{version}`
    "#);
}

#[test]
fn unsupported_features_are_unknown_keys() {
    for key in ["packages", "publish", "comment", "best-effort"] {
        let told = wrong(&format!("{key}: x"));
        assert!(told.contains(&format!("unknown key `{key}`")), "{told}");
        let told = wrong(&format!("stages: [{{name: a, steps: [tag], {key}: x}}]"));
        assert!(told.contains(&format!("unknown key `{key}`")), "{told}");
    }
}

#[test]
fn a_unicode_line_break_cannot_end_a_manifest_text() {
    for end in ['\u{85}', '\u{2028}', '\u{2029}'] {
        let told = wrong(&format!("workflow: {{ action: \"a/b@v1 # v1{end}  run: x\" }}"));
        assert!(told.contains("it contains a line break or a control character"), "{told}");
    }
}

#[test]
fn an_invalid_moving_tag_is_reported_with_its_position() {
    assert_snapshot!(wrong(r#"
version: {files: [Cargo.toml], scheme: dotted}
tag: "v{version}"
stages:
  - name: early
    steps:
      - draft-release
      - move-tag: ["v{version}", "v{minor}", "v{mayor}", "v {major}", "v{major}{minor}"]
  - name: late
    steps:
      - tag
      - publish-release
      - move-tag: ["v{major}.{minor}", latest, latest, "v{major}"]
"#), @r#"
    8:9 `move-tag` is in stage `early`, before `tag`
        "move-tag"
        note: `tag` is in stage `late`
        help: move `move-tag` to stage `late` or a later one
    8:9 `move-tag` is in stage `early`, before `publish-release`
        "move-tag"
        note: `publish-release` is in stage `late`
        help: move `move-tag` to stage `late` or a later one
    8:20 invalid `move-tag`: a moving tag cannot contain `{version}`
        "\"v{version}\""
        help: the usual forms are `v{major}` and `v{major}.{minor}`
    8:34 invalid `move-tag`: a moving tag contains `{major}`, or `{major}` and `{minor}`, in this order, or no part of a version
        "\"v{minor}\""
        help: the usual forms are `v{major}` and `v{major}.{minor}`
    8:46 invalid `move-tag`: `v{mayor}` contains an unknown placeholder
        "\"v{mayor}\""
        help: the usual forms are `v{major}` and `v{major}.{minor}`
    8:58 invalid `move-tag`: `v 1` is not a valid git ref name
        "\"v {major}\""
        help: the usual forms are `v{major}` and `v{major}.{minor}`
    8:71 invalid `move-tag`: the placeholders of a moving tag must be separated by text
        "\"v{major}{minor}\""
        help: the usual forms are `v{major}` and `v{major}.{minor}`
    13:9 a release can have only one `move-tag`
        "move-tag" <- again here
        note: the first is on line 8
    13:20 `v{major}.{minor}` can be the tag of a release
        "\"v{major}.{minor}\""
        note: `v1.2`, for example
        help: use a format that differs from `tag`
    13:48 `latest` is listed twice
        "latest"
    "#);
    assert_snapshot!(wrong("stages: [{name: a, steps: [move-tag]}]"), @r#"
    1:28 `stages.steps.move-tag` is empty
        "move-tag" <- at least one is needed
    1:28 `move-tag` requires a `tag` step to release the version
        "move-tag"
        help: add `- tag` to this stage or an earlier one
    "#);
    assert_snapshot!(wrong("stages: [{name: a, steps: [tag, move-tag: \"v{major}\"]}]"), @r#"
    1:43 `stages.steps.move-tag` cannot be a string
        "\"v{major}\"" <- expected a list of strings
        help: write `["v{major}"]`
    "#);
}
