//! The limits for hostile or broken input.

use super::{good, wrong};
use crate::base::source::Source;
use crate::project::manifest::yaml::{MAX_BYTES, parse};
use insta::assert_snapshot;

fn source(text: String) -> Source {
    Source { name: "tminus.yaml".into(), text }
}

#[test]
fn a_manifest_of_five_megabytes_is_rejected_without_being_parsed() {
    let source = source("x".repeat(5 * MAX_BYTES));
    let finding = parse(&source).unwrap_err();
    assert_snapshot!(finding.message, @"`tminus.yaml` is too large: 5,242,880 bytes (limit: 1,048,576)");
}

#[test]
fn an_anchor_bomb_is_rejected() {
    let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for level in 1..7 {
        let below = format!("*a{}", level - 1);
        text += &format!("a{level}: &a{level} [{}]\n", vec![below; 9].join(","));
    }
    let finding = parse(&source(text)).unwrap_err();
    assert_snapshot!(finding.message, @"aliases repeat more than 20,000 values");
}

#[test]
fn nesting_depth_is_limited_even_through_aliases() {
    let nested = "[".repeat(40) + &"]".repeat(40);
    let finding = parse(&source(format!("a: {nested}"))).unwrap_err();
    assert_snapshot!(finding.message, @"nested deeper than 32 levels");
    let (open, close) = ("[".repeat(20), "]".repeat(20));
    let text = format!("a: &a {open}{close}\nb: {open}*a{close}\n");
    let finding = parse(&source(text)).unwrap_err();
    assert_snapshot!(finding.message, @"nested deeper than 32 levels");
}

#[test]
fn the_number_of_values_and_of_aliases_is_bounded() {
    let finding = parse(&source(format!("a: [{}]", "x,".repeat(20_001)))).unwrap_err();
    assert_snapshot!(finding.message, @"more than 20,000 values");
    let text = format!("a: &a x\nb: [{}]", "*a,".repeat(65));
    assert_snapshot!(parse(&source(text)).unwrap_err().message, @"more than 64 aliases");
}

#[test]
fn an_empty_document_is_a_manifest_with_defaults() {
    for text in ["", "\n", "# only a comment\n", "---\n", "{}", "null\n", "\u{feff}"] {
        let manifest = good(text);
        assert_eq!(manifest.tag.value.version("v1.0.0").map(|it| it.to_string()).unwrap(), "1.0.0");
        assert_eq!(manifest.stages.len(), 1);
    }
}

#[test]
fn a_byte_order_mark_and_windows_line_endings_are_accepted() {
    let manifest = good("\u{feff}schema: 1\r\nname: é\r\nbranches: [main]\r\n");
    assert_eq!(manifest.name.unwrap(), "é");
    let place = manifest.branches[0].span;
    assert_eq!(manifest.source.text.get(place.start..place.end).unwrap(), "main");
}

#[test]
fn a_yaml_syntax_error_is_reported_in_plain_words_with_its_position() {
    let texts = [
        "schema: 1\nname: a\nname: b\n",
        "é: &x {a: 1}\nb:\n  <<: *x\n",
        "name: !secret x\n",
        "schema: 1\n---\nname: b\n",
        "branches: [*main]\n",
        "name: &a [*a]\n",
        "stages:\n\t- name: a\n",
        "name: a: b\n",
        "name: @acme/x\n",
        "branches: [main\nname: x\n",
        "? [a]\n: 1\n",
        "~: 1\n",
        "- a\n",
        "hello\n",
    ];
    let told: Vec<String> = texts.iter().map(|text| wrong(text)).collect();
    assert_snapshot!(told.join("\n"), @r#"
    3:1 duplicate key `name`
        "name" <- again here
        help: keep one of the two
    3:3 a manifest cannot have merge keys (`<<`)
        "<<"
        help: write the keys out
    1:15 a manifest cannot have the YAML tag `!secret`
        "x"
        help: remove it, or quote the text
    2:1 a manifest must be a single YAML document
        "---"
        help: remove the line `---`
    1:12 this alias has no anchor
        ""
        help: quote the text if it is not meant as an alias (`*` starts one)
    1:11 this alias is inside its own anchor
        "*a"
    2:2 this is not YAML: tabs disallowed within this context (block indentation)
        ""
        help: indent with spaces
    1:8 this is not YAML: mapping values are not allowed in this context
        ""
        help: quote text that contains `: `, or indent the key like its neighbors
    1:7 this is not YAML: unexpected character: `@`
        ""
        help: quote the text
    2:5 this is not YAML: illegal placement of `:` indicator
        ""
    1:3 a key must be a string
        "["
    1:1 a key must be a string
        "~"
    1:1 a manifest must be a mapping, but this is a list
        "- a" <- expected `key: value`
        help: start with `schema: 1`
    1:1 a manifest must be a mapping, but this is a string
        "hello" <- expected `key: value`
        help: start with `schema: 1`
    "#);
}

proptest::proptest! {
    #[test]
    fn no_manifest_text_makes_the_parser_fail_internally(
        text in r#"((schema|name|tag|gates|stages|steps|run|version|files|ü|on|1\.10|v\{version\}|&a|\*a|: |, |- |\[|\]|\{|\}|"|'|\n|\n  |\n    |#|!x|\t|\u{feff}|\|)){0,24}"#
    ) {
        for finding in super::read(&text).err().into_iter().flatten() {
            let span = finding.place.expect("a place").span;
            proptest::prop_assert!(text.get(span.start..span.end).is_some(), "{span:?}");
            proptest::prop_assert!(!finding.message.contains("could not be read"));
        }
    }
}
