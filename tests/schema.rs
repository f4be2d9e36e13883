//! One set of shapes gives the parser, the schema and the reference page: what one of them takes, all
//! of them take. Every manifest that people may copy from is tried.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use tminus::adapters::kinds;
use tminus::base::finding::Finding;
use tminus::base::source::Source;
use tminus::project::manifest::{json_schema, read, reference, yaml};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder whose name fits.
fn files(folder: &Path, fits: &dyn Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, fits));
        } else if path.file_name().is_some_and(|name| fits(&name.to_string_lossy())) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The fenced YAML of a page, each with the line it begins at.
fn blocks(page: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in page.lines().enumerate() {
        match (&mut open, line.trim_start()) {
            (None, "```yaml") => open = Some((number + 2, String::new())),
            (Some(_), "```") => blocks.extend(open.take()),
            (Some((_, text)), _) => text.extend([line, "\n"]),
            (None, _) => {}
        }
    }
    blocks
}

/// What people may copy a manifest from, by where it stands. Workflows are not manifests.
fn manifests() -> Vec<(String, String)> {
    let text = |path: &Path| std::fs::read_to_string(path).unwrap();
    let whole = |name: &str| name == "tminus.yaml";
    let mut all: Vec<(String, String)> = Vec::new();
    for path in files(&root().join("examples"), &whole)
        .into_iter()
        .chain(files(&root().join("tests/gates"), &whole))
    {
        all.push((path.display().to_string(), text(&path)));
    }
    let pages = files(&root().join("docs"), &|name| name.ends_with(".md"));
    for page in pages.into_iter().chain([root().join("README.md")]).filter(|page| page.exists()) {
        for (line, block) in blocks(&text(&page)) {
            let other =
                ["jobs:", "on:", "- uses:", "- run:", "steps:", "permissions:", "env:", "waivers:"];
            if !block.lines().any(|line| other.iter().any(|key| line.starts_with(key))) {
                all.push((format!("{}:{line}", page.display()), block));
            }
        }
    }
    all
}

fn source(text: &str) -> Source {
    Source { name: "tminus.yaml".into(), text: text.into() }
}

fn schema_says(schema: &Value, text: &str) -> Vec<String> {
    let document = yaml::parse(&source(text)).expect("it is YAML").to_json();
    let validator = jsonschema::validator_for(schema).expect("the schema is one");
    validator
        .iter_errors(&document)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect()
}

#[test]
fn the_parser_and_the_schema_accept_every_documented_waivers_file() {
    let schema = tminus::project::waivers::json_schema();
    let page = std::fs::read_to_string(root().join("docs/waivers.md")).unwrap();
    let all: Vec<_> =
        blocks(&page).into_iter().filter(|(_, it)| it.starts_with("waivers:")).collect();
    assert!(!all.is_empty(), "the page shows none");
    for (line, text) in all {
        let read = tminus::project::waivers::Waivers::read(&source(&text));
        assert_eq!((read.problems, read.waivers.len()), (Vec::new(), 1), "line {line}");
        assert_eq!(schema_says(&schema, &text), Vec::<String>::new(), "line {line}");
    }
}

#[test]
fn the_parser_and_the_schema_accept_every_documented_manifest() {
    let schema = json_schema(&kinds());
    let all = manifests();
    assert!(all.len() > 10, "only {} manifests were found", all.len());
    for (place, text) in all {
        if let Err(findings) = read(source(&text), &kinds()) {
            let said: Vec<&Finding> = findings.iter().collect();
            panic!("{place}\n{text}\n{said:#?}");
        }
        assert_eq!(schema_says(&schema, &text), Vec::<String>::new(), "{place}");
    }
}

#[test]
fn the_schema_rejects_manifests_the_parser_rejects() {
    let schema = json_schema(&kinds());
    for bad in [
        "gates: { checks-gren: on }",
        "gates: { checks-green: { required: [build], grce: 10m } }",
        "gates: { checks-green: { accept: [success] } }",
        "gates: { checks-green: { required: all } }",
        "gates: { checks-green: { grace: soon } }",
        "gates: { changelog-entry: { unreleased: yes please } }",
        "gates: { tree-clean: maybe }",
        "colour: red",
    ] {
        assert!(read(source(bad), &kinds()).is_err(), "{bad}");
        assert_ne!(schema_says(&schema, bad), Vec::<String>::new(), "{bad}");
    }
}

#[test]
fn the_reference_page_is_generated_from_the_shapes() {
    let path = root().join("docs/manifest.md");
    let page = reference(&kinds());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/manifest.md is not up to date: UPDATE=1 cargo test --test suite schema::"
    );
}

#[test]
fn only_fenced_yaml_blocks_are_extracted() {
    let page = "text\n```yaml\na: 1\n```\n```markdown\nb: 2\n```\n";
    assert_eq!(blocks(page), [(3, "a: 1\n".to_owned())]);
}
