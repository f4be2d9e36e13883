//! The one law of the sources: modules stand in dependency order and import only what stands above
//! them, and nothing above the line touches the world.
//!
//! The order is that of `mod` lines in `lib.rs` and in every `mod.rs`. Sources are read as text;
//! comments and what is compiled for tests alone are left out.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const LINE: &str = "// ── The line";
const WORLD: [&str; 10] = [
    "async ",
    "std::fs",
    "std::env",
    "std::process",
    "std::net",
    "tokio",
    "Timestamp::now",
    "SystemTime",
    "git2",
    "reqwest",
];
/// Words of GitHub. An adapter or the CI host puts them into ours, and hands up as data what is shown.
const GITHUBS: [&str; 7] = [
    "github-actions",
    "startup_failure",
    "/blob/",
    "/commit/",
    "/job/",
    "/actions/runs/",
    "GITHUB_TOKEN",
];
/// Where these words may stand above the line, and why. Each must still need its place here.
const SPEAKS_GITHUB: [(&str, &str); 3] = [
    ("project/workflow/file.rs", "reads GitHub's workflow files"),
    ("project/workflow/advice.rs", "reads GitHub's workflow files"),
    ("report/sarif.rs", "links to tminus's own pages, which are on GitHub"),
];
const VAGUE: [&str; 4] = ["utils", "helpers", "common", "misc"];
const MAX_LINES: usize = 500;

/// Folders whose modules know each other both ways. Each must still need its place here.
const LOOSE: &[&str] = &[];
/// Files that wait to be split. Each must still need its place here.
const LONG: &[&str] = &[];

/// A module as `gates::poll`, and its source without comments and tests.
type Sources = BTreeMap<String, String>;

fn code(text: &str) -> String {
    let kept = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    kept.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// Modules in the order of their `mod` lines.
fn declared(code: &str) -> Vec<&str> {
    code.lines()
        .filter_map(|line| line.trim().strip_suffix(';'))
        .filter_map(|line| {
            line.split_once("mod ")
                .filter(|(before, _)| before.is_empty() || before.starts_with("pub"))
        })
        .map(|(_, module)| module)
        .collect()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Every path that begins at the start of a text: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn paths(text: &str) -> Vec<Vec<String>> {
    let text = text.trim_start();
    if let Some(group) = text.strip_prefix('{') {
        let mut found = Vec::new();
        let (mut depth, mut start) = (0, 0);
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' | '}' => {
                    found.extend(paths(&group[start..at]));
                    start = at + 1;
                    if c == '}' {
                        break;
                    }
                }
                _ => {}
            }
        }
        return found;
    }
    let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    if end == 0 {
        return Vec::new();
    }
    let first = text[..end].to_owned();
    match text[end..].strip_prefix("::").map(paths) {
        Some(rest) if !rest.is_empty() => {
            rest.into_iter().map(|path| [vec![first.clone()], path].concat()).collect()
        }
        Some(_) | None => vec![vec![first]],
    }
}

/// Every `crate::` and `super::` path of a module, from the root of the crate.
fn imports(module: &[&str], is_folder: bool, code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, word) in code.match_indices("crate::").chain(code.match_indices("super::")) {
        let before = &code[..at];
        if before.ends_with(is_word) || before.ends_with("::") {
            continue;
        }
        let parent = if is_folder { module } else { &module[..module.len().saturating_sub(1)] };
        for path in paths(&code[at..]) {
            let ups = path.iter().take_while(|part| *part == "super").count();
            let kept = if word == "crate::" {
                0
            } else {
                parent.len().saturating_sub(ups - usize::from(!is_folder))
            };
            let base = parent[..kept.min(parent.len())].iter().map(|part| (*part).to_owned());
            let skip = ups.max(1);
            found.push(base.chain(path.into_iter().skip(skip)).collect());
        }
    }
    found
}

/// What stands out of order, as `folder: a -> b`.
fn violations(sources: &Sources) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    for (name, code) in sources {
        let module: Vec<&str> = name.split("::").filter(|part| !part.is_empty()).collect();
        let is_folder = sources.keys().any(|other| other.starts_with(&format!("{name}::")));
        for path in imports(&module, is_folder, code) {
            let shared = module.iter().zip(&path).take_while(|(a, b)| *a == b).count();
            let (Some(own), Some(target)) = (module.get(shared), path.get(shared)) else {
                continue;
            };
            let folder = module[..shared].join("::");
            let Some(parent) = sources.get(&folder) else { continue };
            let order = declared(parent);
            let target = order
                .iter()
                .find(|name| *name == target)
                .map_or_else(|| exported(parent, target), |name| Some((*name).to_owned()));
            let rank = |name: &str| order.iter().position(|known| *known == name);
            let Some(target) = target.filter(|target| target != own) else { continue };
            if rank(&target) >= rank(own) {
                wrong.push((folder, format!("{own} -> {target}")));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    wrong
}

/// The module that a `use` of a `mod.rs` takes a name from.
fn exported(code: &str, name: &str) -> Option<String> {
    let uses = code.split(';').filter_map(|statement| statement.split_once("use "));
    let mut all = uses.flat_map(|(_, path)| paths(path));
    all.find(|path| path.last().is_some_and(|last| last == name))
        .and_then(|path| path.first().cloned())
}

/// Statements of a `mod.rs` that are neither `mod` nor `use`.
fn logic(code: &str) -> Vec<String> {
    let plain = |statement: &str| {
        let statement = statement.trim_start_matches("#[cfg(test)]").trim_start();
        let bare = match statement.strip_prefix("pub(") {
            Some(rest) => rest.split_once(") ").map_or("", |(_, rest)| rest),
            None => statement.strip_prefix("pub ").unwrap_or(statement),
        };
        statement.is_empty()
            || bare.starts_with("mod ") && !bare.contains('{')
            || bare.starts_with("use ")
    };
    code.split(';').map(str::trim).filter(|part| !plain(part)).map(str::to_owned).collect()
}

fn touches_the_world(code: &str) -> Vec<&'static str> {
    WORLD.into_iter().filter(|word| code.contains(word)).collect()
}

// ── The sources as they are. ────────────────────────────────────────────────────────────────────

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source file that is not for tests alone, by its path under `src`.
fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![src()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let name = path.strip_prefix(src()).unwrap().to_string_lossy().replace('\\', "/");
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

fn for_tests(file: &str) -> bool {
    file.split('/').any(|part| part == "tests" || part == "tests.rs")
}

fn sources() -> Sources {
    let mut sources = Sources::new();
    for (file, text) in files() {
        if !for_tests(&file) && file != "main.rs" {
            let module = file.trim_end_matches(".rs").replace('/', "::");
            let module = module.strip_suffix("::mod").unwrap_or(&module);
            sources.insert(
                if module == "lib" { String::new() } else { module.to_owned() },
                code(&text),
            );
        }
    }
    sources
}

#[test]
fn a_module_imports_only_modules_above_it() {
    let wrong = violations(&sources());
    let told: Vec<_> =
        wrong.iter().filter(|(folder, _)| !LOOSE.contains(&folder.as_str())).collect();
    assert!(told.is_empty(), "{told:#?}");
    for loose in LOOSE {
        assert!(
            wrong.iter().any(|(folder, _)| folder == loose),
            "`{loose}` is in order: take it off the list"
        );
    }
}

#[test]
fn modules_above_the_line_have_no_side_effects() {
    let lib = std::fs::read_to_string(src().join("lib.rs")).unwrap();
    let (above, below) = lib.split_once(LINE).expect("lib.rs has the line");
    let pure = declared(above);
    assert!(pure.contains(&"judge") && declared(below).contains(&"ports"));
    let mut wrong = Vec::new();
    for (module, code) in sources() {
        let top = module.split("::").next().unwrap_or("");
        if pure.contains(&top) {
            wrong.extend(
                touches_the_world(&code).into_iter().map(|word| format!("{module}: `{word}`")),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Comments count: what a comment explains in a forge's words, the code does.
fn githubs(text: &str) -> Vec<&'static str> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    GITHUBS.into_iter().filter(|word| code.contains(word)).collect()
}

#[test]
fn modules_above_the_line_do_not_use_words_of_a_forge() {
    let lib = std::fs::read_to_string(src().join("lib.rs")).unwrap();
    let pure = declared(lib.split_once(LINE).expect("lib.rs has the line").0);
    let mut speaking = BTreeMap::new();
    for (file, text) in files() {
        let district = file.split(['/', '.']).next().unwrap_or("");
        let words = githubs(&text);
        if pure.contains(&district) && !for_tests(&file) && !words.is_empty() {
            speaking.insert(file, words);
        }
    }
    for (file, why) in SPEAKS_GITHUB {
        assert!(speaking.remove(file).is_some(), "`{file}` no longer {why}: take it off the list");
    }
    assert!(speaking.is_empty(), "{speaking:#?}");
}

#[test]
fn only_the_ci_host_module_reads_its_environment_and_prints_workflow_commands() {
    let variable = |code: &str| {
        let mut all = code.match_indices("\"GITHUB_").map(|(at, word)| &code[at + word.len()..]);
        all.any(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
    };
    // A forge names the variables that it wants; it is handed what they hold.
    let names =
        |module: &str| module.starts_with("adapters::forge::") && module.ends_with("::kind");
    let of_the_host = |module: &str, code: &str| {
        variable(code) && !names(module)
            || ["env::var", "RUNNER_TEMP", "::stop-commands"].iter().any(|it| code.contains(it))
    };
    let all = sources();
    let (ci, others): (Vec<_>, Vec<_>) =
        all.iter().partition(|(module, _)| module.starts_with("ci::"));
    assert!(ci.iter().any(|(module, code)| of_the_host(module, code)));
    let wrong: Vec<_> = others.iter().filter(|(module, code)| of_the_host(module, code)).collect();
    assert!(wrong.is_empty(), "{:?}", wrong.iter().map(|(module, _)| module).collect::<Vec<_>>());
}

#[test]
fn mod_rs_files_contain_no_logic() {
    for (file, text) in files() {
        if file.ends_with("/mod.rs") && !for_tests(&file) {
            assert_eq!(logic(&code(&text)), Vec::<String>::new(), "{file}");
        }
    }
}

#[test]
fn files_are_short_and_have_specific_names() {
    for (file, text) in files() {
        let stem = file.rsplit('/').next().unwrap_or("").trim_end_matches(".rs");
        assert!(!VAGUE.contains(&stem), "{file}: name it for what it holds");
        let lines = text.lines().count();
        assert_eq!(lines > MAX_LINES, LONG.contains(&file.as_str()), "{file} has {lines} lines");
    }
}

// ── The checker itself, on sources that break the law. ──────────────────────────────────────────

fn planted(files: &[(&str, &str)]) -> Vec<String> {
    let sources = files.iter().map(|(module, text)| ((*module).to_owned(), code(text))).collect();
    violations(&sources).into_iter().map(|(folder, what)| format!("{folder}: {what}")).collect()
}

#[test]
fn an_import_from_below_is_found_in_every_notation() {
    let lib = ("", "pub mod a;\npub mod b;\npub mod c;\n");
    for bad in [
        "use crate::c::X;",
        "use crate::{a::Y, c::X};",
        "use crate::{a::{Y, Z}, c};",
        "use crate::{\n    a::Y,\n    c::{X, W},\n};",
        "fn f() { let x = crate::c::make(); }",
        "use super::c::X;",
        "fn f(x: &[crate::c::X]) {}",
    ] {
        assert_eq!(planted(&[lib, ("b", bad)]), [": b -> c"], "{bad}");
    }
    for good in [
        "use crate::a::X;",
        "// use crate::c::X;",
        "/// [`X`](crate::c::X)",
        "use crate::b::X;",
        "#[cfg(test)]\nmod tests {\n    use crate::c::X;\n}\n",
        "pub(crate) fn f() {}",
        "use othercrate::c::X;",
    ] {
        assert_eq!(planted(&[lib, ("b", good)]), Vec::<String>::new(), "{good}");
    }
}

#[test]
fn an_import_from_below_is_found_within_a_folder_and_through_its_mod_rs() {
    let lib = ("", "pub mod gates;");
    let gates = ("gates", "pub mod one;\nmod two;\nmod deep;\npub use two::{Two, Other};");
    for bad in [
        "use super::two::X;",
        "use super::Two;",
        "use crate::gates::{two::X};",
        "use crate::gates::Other;",
    ] {
        assert_eq!(planted(&[lib, gates, ("gates::one", bad)]), ["gates: one -> two"], "{bad}");
    }
    let deep = ("gates::deep", "mod x;\nmod y;");
    let up = planted(&[
        lib,
        gates,
        deep,
        ("gates::deep::x", "use super::super::two::X; use super::y::Y;"),
    ]);
    assert_eq!(up, ["gates::deep: x -> y"]);
    let low = ("gates::two", "use super::deep::x::X;");
    assert_eq!(planted(&[lib, gates, deep, low]), ["gates: two -> deep"]);
}

#[test]
fn the_layering_check_detects_logic_and_side_effects() {
    assert_eq!(
        logic("pub mod a;\nmod b;\npub(super) use a::{A, B};\n#[cfg(test)]\nmod tests;\n"),
        Vec::<String>::new()
    );
    assert_eq!(logic("mod a;\nfn f() {}").len(), 1);
    assert_eq!(githubs("/// `/job/`\nfn f() { \"/blob/\" }"), ["/blob/", "/job/"]);
    assert_eq!(logic("mod a { fn f() {} }").len(), 1);
    assert_eq!(
        touches_the_world(&code("async fn f() { std::fs::read(x) } // tokio")),
        ["async ", "std::fs"]
    );
}
