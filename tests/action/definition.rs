//! `action.yml` as the runner reads it, and what must agree with it.

use serde_json::{Map, Value};
use std::path::Path;

/// The top of the repository.
pub(crate) fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `action.yml`.
pub(crate) fn action() -> Value {
    let text = std::fs::read_to_string(top().join("action.yml")).unwrap();
    serde_yaml::from_str(&text).unwrap()
}

/// One of its steps.
pub(crate) fn step(id: &str) -> Value {
    let action = action();
    let mut steps = action["runs"]["steps"].as_array().unwrap().iter();
    steps.find(|step| step["id"] == id).unwrap().clone()
}

fn table<'a>(action: &'a Value, key: &str) -> &'a Map<String, Value> {
    action[key].as_object().unwrap()
}

#[test]
fn every_input_is_a_variable_on_unix_and_windows() {
    let action = action();
    let (unix, windows) = (step("unix"), step("windows"));
    assert_eq!(unix["env"], windows["env"]);
    assert_eq!(unix["run"], windows["run"]);
    for input in table(&action, "inputs").keys() {
        let variable = format!("INPUT_{}", input.to_uppercase().replace('-', "_"));
        let expected = format!("${{{{ inputs.{input} }}}}");
        assert_eq!(unix["env"][&variable], expected, "{input}");
    }
    let inputs = unix["env"].as_object().unwrap().keys().filter(|name| name.starts_with("INPUT_"));
    assert_eq!(inputs.count(), table(&action, "inputs").len());
}

#[test]
fn no_expression_is_interpolated_into_a_script() {
    for id in ["unix", "windows"] {
        let run = step(id)["run"].as_str().unwrap().to_owned();
        assert!(!run.contains("${{"), "{run}");
    }
}

#[test]
fn every_output_is_taken_from_whichever_step_ran() {
    for (output, entry) in table(&action(), "outputs") {
        let expected =
            format!("${{{{ steps.unix.outputs.{output} || steps.windows.outputs.{output} }}}}");
        assert_eq!(entry["value"], expected);
    }
}

#[test]
fn inputs_and_outputs_are_described_in_the_definition_and_on_their_page() {
    let page = std::fs::read_to_string(top().join("docs/github-action.md")).unwrap();
    let action = action();
    for key in ["inputs", "outputs"] {
        for (name, entry) in table(&action, key) {
            assert!(entry["description"].is_string(), "{name}");
            assert!(page.contains(&format!("| `{name}` |")), "`{name}` in docs/github-action.md");
        }
    }
}

/// The names of the archives that can be pinned.
pub(crate) fn archives(version: &str) -> Vec<String> {
    let os = ["unknown-linux-musl", "apple-darwin", "pc-windows-msvc"];
    let triples =
        os.iter().flat_map(|os| ["x86_64", "aarch64"].map(|machine| format!("{machine}-{os}")));
    triples.map(|triple| format!("tminus-{version}-{triple}.tar.gz")).collect()
}

#[test]
fn pinned_checksums_exist_for_every_platform_or_for_none() {
    let text = std::fs::read_to_string(top().join(".github/action/checksums.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut names = Vec::new();
    for line in lines {
        let (sum, name) = line.split_once("  ").expect("a sum, two spaces, a name");
        assert!(sum.len() == 64 && sum.bytes().all(|byte| b"0123456789abcdef".contains(&byte)));
        names.push(name.to_owned());
    }
    let Some(list) = names.iter().find_map(|name| name.strip_suffix(".cdx.json")) else {
        assert_eq!(names, [""; 0]);
        return;
    };
    let version = list.strip_prefix("tminus-").unwrap().to_owned();
    let mut expected = archives(&version);
    expected.push(format!("tminus-{version}.cdx.json"));
    expected.sort();
    names.sort();
    assert_eq!(names, expected);
    let [pinned, now] = [version.as_str(), env!("CARGO_PKG_VERSION")]
        .map(|text| semver::Version::parse(text).unwrap());
    assert!(pinned <= now, "{pinned} is pinned, Cargo.toml says {now}");
}

#[test]
fn the_built_archives_are_exactly_the_pinnable_ones() {
    let build = std::fs::read_to_string(top().join(".github/workflows/build.yml")).unwrap();
    let build: Value = serde_yaml::from_str(&build).unwrap();
    let include = &build["jobs"]["build"]["strategy"]["matrix"]["include"];
    let targets = include.as_array().unwrap().iter().map(|one| one["target"].as_str().unwrap());
    let mut built: Vec<_> = targets.map(|target| format!("tminus-1.2.3-{target}.tar.gz")).collect();
    let mut pinnable = archives("1.2.3");
    built.sort();
    pinnable.sort();
    assert_eq!(built, pinnable);
}
