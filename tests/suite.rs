//! The tests that see the program from outside, as one program: linking takes longer than running
//! most of them. A module is a suite; its name selects it: `cargo test --test suite waiting::`.
//!
//! Apart are `gates` (its tests are folders), and `action` and `fuzz` (not in the published package).

mod support;

mod calendar;
mod checks_properties;
mod contract;
mod docs;
mod end_to_end;
mod environments;
mod errors;
mod fake_github;
mod git;
mod github;
mod hostile_text;
mod layering;
mod reports;
mod schema;
mod simulation;
mod waiting;
mod web;
mod words;
mod workflows;

/// Cargo finds no tests by itself here, so a file that nobody names would never run.
#[test]
fn every_test_file_is_run() {
    let at = |path| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let read = |path| std::fs::read_to_string(at(path)).unwrap();
    let (suite, cargo) = (read("tests/suite.rs"), read("Cargo.toml"));
    for entry in std::fs::read_dir(at("tests")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = file.strip_suffix(".rs") else { continue };
        let runs = suite.contains(&format!("\nmod {name};\n"))
            || cargo.contains(&format!("\n[[test]]\nname = \"{name}\"\n"));
        assert!(runs, "tests/{file} needs a `mod` line in tests/suite.rs");
    }
}
