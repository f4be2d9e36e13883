//! The parser and the JSON Schema come from one definition; these tests compare the two.

use super::{known, read};
use crate::base::source::Source;
use crate::project::manifest::{json_schema, yaml};

/// Right for both.
const RIGHT: &[&str] = &[
    "",
    "{}",
    "schema: 1",
    "name: 1.10",
    "forge: none",
    "branches: [main, 'release/*', 1.x]",
    "version: {files: [Cargo.toml, a/b.json], policy: manual, zero: major}",
    "version: {}",
    "tag: '{version}'",
    "tag: core/v{version}",
    "tag: '@acme/x@{version}'",
    "tag: 'widget-{major}_{minor}_{patch}'",
    "tag: 'REL_{major}_{minor}'",
    "tag: '{name}@{version}'",
    "version: { scheme: pep440 }",
    "changelog: {file: docs/HISTORY.md, style: generated}",
    "gates: {}",
    "gates: {tree-clean: on, checks-green: inform, version-increases: off}",
    "gates: {checks-green: {required: none, mode: inform}}",
    "gates: {checks-green: {required: [a, {name: b, app: c}], grace: 1h 30m}}",
    "gates: {tree-clean: {}}",
    "stages: [{name: a, steps: [tag]}]",
    "stages: [{name: a, gates: [], steps: [draft-release, tag: {sign: off}, publish-release]}]",
    "stages: [{name: a, steps: [draft-release: {assets: ['d/**', x], checksums: none}]}]",
    "stages: [{name: a, steps: [tag, move-tag: ['v{major}', 'v{major}.{minor}', latest]]}]",
    "stages: [{name: a, steps: [run: {command: [x, 1, ''], repeatable: true, timeout: 14d}]}]",
];

/// Wrong for both.
const WRONG: &[&str] = &[
    "[]",
    "hello",
    "tagg: x",
    "schema: 2",
    "schema: '1'",
    "name: ''",
    "name: true",
    "name: \"a\\nb\"",
    "name: [a]",
    "forge: gitlab",
    "forge: null",
    "branches: []",
    "branches: main",
    "branches: [true]",
    "version: {files: []}",
    "version: {files: [/etc/passwd]}",
    "version: {files: [a/../../b]}",
    "version: {files: ['a\\b']}",
    "version: {files: [.git/config]}",
    "version: {files: ['C:x']}",
    "version: {policy: fragments}",
    "version: {zero: none}",
    "tag: v1",
    "tag: 'v{version}{version}'",
    "tag: 'v{major}'",
    "tag: 'v{minor}.{major}'",
    "tag: 'v{major}{minor}'",
    "tag: '{major}.{minor}-{version}'",
    "tag: '{name}{name}{version}'",
    "version: { scheme: semvre }",
    "tag: 'v {version}'",
    "tag: '{version}.lock'",
    "tag: '-{version}'",
    "tag: 1.0",
    "changelog: HISTORY.md",
    "changelog: {style: leaflets}",
    "changelog: {file: ../x}",
    "gates: []",
    "gates: {nope: on}",
    "gates: {tree-clean: true}",
    "gates: {tree-clean: yes}",
    "gates: {tree-clean: }",
    "gates: {tree-clean: {x: 1}}",
    "gates: {tree-clean: {mode: off}}",
    "gates: {checks-green: {required: all}}",
    "gates: {checks-green: {required: []}}",
    "gates: {checks-green: {required: [{app: x}]}}",
    "gates: {checks-green: {from-rules: on}}",
    "gates: {checks-green: {grace: 10}}",
    "gates: {checks-green: {grace: 0m}}",
    "gates: {checks-green: {grace: -10m}}",
    "gates: {checks-green: {grace: 10 minutes}}",
    "gates: {checks-green: {grace: 10ms}}",
    "stages: []",
    "stages: {name: a}",
    "stages: [{name: a}]",
    "stages: [{name: a, steps: []}]",
    "stages: [{steps: [tag]}]",
    "stages: [{name: a b, steps: [tag]}]",
    "stages: [{name: a, steps: [tag], environment: {protected: true}}]",
    "stages: [{name: a, steps: [tag], verify: [], soak: 24h}]",
    "stages: [{name: a, steps: [tag], verify: {samples: []}}]",
    "stages: [{name: a, gates: x, steps: [tag]}]",
    "stages: [{name: a, steps: [publish]}]",
    "stages: [{name: a, steps: [publish: npm]}]",
    "stages: [{name: a, steps: [run]}]",
    "stages: [{name: a, steps: [tag: ]}]",
    "stages: [{name: a, steps: [{}]}]",
    "stages: [{name: a, steps: [{tag: {}, draft-release: {}}]}]",
    "stages: [{name: a, steps: [tag: {sign: true}]}]",
    "stages: [{name: a, steps: [tag, move-tag]}]",
    "stages: [{name: a, steps: [tag, move-tag: []]}]",
    "stages: [{name: a, steps: [tag, move-tag: 'v{major}']}]",
    "stages: [{name: a, steps: [tag, move-tag: {tags: ['v{major}']}]}]",
    "stages: [{name: a, steps: [tag, move-tag: ['']]}]",
    "stages: [{name: a, steps: [draft-release: {assets: x}]}]",
    "stages: [{name: a, steps: [draft-release: {assets: [../x]}]}]",
    "stages: [{name: a, steps: [draft-release: {checksums: sha1}]}]",
    "stages: [{name: a, steps: [run: {probe: [x]}]}]",
    "stages: [{name: a, steps: [run: {command: x, probe: [x]}]}]",
    "stages: [{name: a, steps: [run: {command: [], probe: [x]}]}]",
    "stages: [{name: a, steps: [run: {command: [''], probe: [x]}]}]",
    "stages: [{name: a, steps: [run: {command: [x, true], probe: [x]}]}]",
    "stages: [{name: a, steps: [run: {command: [x], probe: [x], reach: far}]}]",
    "stages: [{name: a, steps: [run: {command: [x], probe: [x], timeout: soon}]}]",
    "stages: [{name: a, steps: [run: {command: [x], repeatable: 'yes'}]}]",
];

/// Wrong for the parser alone: what holds between values, and what only the glob, duration and
/// number readers can tell, is beyond a schema.
const WRONG_FOR_THE_PARSER: &[&str] = &[
    "branches: ['{a']",
    "schema: 1.0",
    "gates: {checks-green: {grace: 10m 1h}}",
    "gates: {checks-green: {grace: 99999999999999999999d}}",
    "stages: [{name: a, gates: [nope], steps: [tag]}]",
    "{gates: {tree-clean: off}, stages: [{name: a, gates: [tree-clean], steps: [tag]}]}",
    "stages: [{name: a, steps: [tag], soak: 24h}]",
    "stages: [{name: a, steps: [tag]}, {name: a, steps: [draft-release]}]",
    "stages: [{name: a, steps: [tag, tag]}]",
    "stages: [{name: a, steps: [tag, publish-release]}]",
    "stages: [{name: a, steps: [publish-release]}, {name: b, steps: [draft-release]}]",
    "stages: [{name: a, steps: [draft-release, publish-release]}, {name: b, steps: [tag]}]",
    "stages: [{name: a, steps: [move-tag: ['v{major}']]}]",
    "stages: [{name: a, steps: [tag, move-tag: ['v{version}']]}]",
    "stages: [{name: a, steps: [tag, move-tag: [a, a]]}]",
    "stages: [{name: a, steps: [tag, move-tag: [a], move-tag: [b]]}]",
    "{forge: none, stages: [{name: a, steps: [draft-release]}]}",
    "stages: [{name: a, steps: [run: {command: [x]}]}]",
    "stages: [{name: a, steps: [run: {command: [x], repeatable: false}]}]",
    "stages: [{name: a, steps: [run: {command: [x], probe: [y]}, run: {command: [x], probe: [z]}]}]",
];

fn by_schema(text: &str) -> bool {
    let source = Source { name: String::new(), text: text.into() };
    let validator = jsonschema::validator_for(&json_schema(&known())).unwrap();
    // A root that is no mapping does not get as far as a tree.
    yaml::parse(&source).is_ok_and(|tree| validator.is_valid(&tree.to_json()))
}

#[test]
fn the_json_schema_is_valid() {
    assert!(jsonschema::meta::is_valid(&json_schema(&known())));
    assert!(jsonschema::validator_for(&json_schema(&known())).is_ok());
}

#[test]
fn the_parser_and_the_schema_accept_valid_manifests() {
    for text in RIGHT {
        super::good(text);
        assert!(by_schema(text), "the schema refuses {text}");
    }
}

#[test]
fn the_parser_and_the_schema_reject_invalid_manifests() {
    for text in WRONG {
        assert!(read(text).is_err(), "the parser takes {text}");
        assert!(!by_schema(text), "the schema takes {text}");
    }
}

#[test]
fn the_parser_rejects_errors_the_schema_cannot_express() {
    for text in WRONG_FOR_THE_PARSER {
        assert!(read(text).is_err(), "the parser takes {text}");
        assert!(by_schema(text), "the schema refuses {text}: it belongs in the other table");
    }
}

#[test]
fn the_schema_describes_keys_and_has_defaults_as_values() {
    let schema = json_schema(&known());
    let property = |path: &str| schema.pointer(path).unwrap_or_else(|| panic!("{path}"));
    assert_eq!(
        property("/properties/branches/default"),
        &serde_json::json!(["main", "master", "{line}"])
    );
    assert_eq!(property("/properties/schema/default"), &serde_json::json!(1));
    assert_eq!(property("/properties/tag/default"), &serde_json::json!("v{version}"));
    assert!(property("/properties/gates/properties/tree-clean/description").is_string());
    assert_eq!(property("/additionalProperties"), &serde_json::json!(false));
}
