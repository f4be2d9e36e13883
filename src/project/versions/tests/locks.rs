//! Lock files record the version too.

use super::*;

/// What the lock files of the first file record, as `path: version`.
fn locked_by(all: &[(&'static str, &'static str)]) -> Vec<String> {
    let tree = files(all);
    let (path, text) = all[0];
    let site = read_path(path, text, &tree).unwrap();
    match locked(&source(path), &site, &tree) {
        Ok(sites) => sites.iter().map(|site| format!("{}: {}", site.path, site.version)).collect(),
        Err(error) => vec![error.to_string()],
    }
}

const CORE: &str = "[package]\nname = \"core\"\nversion = \"1.1.0\"\n";

#[test]
fn a_dependency_with_the_same_name_is_not_mistaken_for_the_package() {
    let lock = "[[package]]\nname = \"core\"\nversion = \"9.0.0\"\nsource = \"registry\"\n\n\
                [[package]]\nname = \"core\"\nversion = \"1.0.0\"\n";
    assert_eq!(locked_by(&[("Cargo.toml", CORE), ("Cargo.lock", lock)]), ["Cargo.lock: 1.0.0"]);
}

#[test]
fn the_nearest_lock_file_above_is_used() {
    let lock = "version = 4\n\n[[package]]\nname = \"core\"\nversion = \"1.0.0\"\n";
    let other = "version = 4\n\n[[package]]\nname = \"other\"\nversion = \"1.0.0\"\n";
    assert_eq!(
        locked_by(&[("core/Cargo.toml", CORE), ("Cargo.lock", lock)]),
        ["Cargo.lock: 1.0.0"]
    );
    assert_eq!(
        locked_by(&[("core/Cargo.toml", CORE), ("core/Cargo.lock", lock), ("Cargo.lock", other)]),
        ["core/Cargo.lock: 1.0.0"]
    );
    // One above that does not have the package is another workspace's.
    assert!(locked_by(&[("core/Cargo.toml", CORE), ("Cargo.lock", other)]).is_empty());
    assert_eq!(
        locked_by(&[("Cargo.toml", CORE), ("Cargo.lock", other)]),
        ["`Cargo.lock` has no entry for `core`"]
    );
}

#[test]
fn every_member_that_inherits_the_version_is_compared_in_the_lock_file() {
    let root = "[workspace]\nmembers = [\"a\", \"b\", \"own\"]\n[workspace.package]\nversion = \"1.1.0\"\n";
    let lock = "[[package]]\nname = \"a\"\nversion = \"1.1.0\"\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\n[[package]]\nname = \"own\"\nversion = \"0.3.0\"\n";
    let files = [
        ("Cargo.toml", root),
        ("Cargo.lock", lock),
        ("a/Cargo.toml", "[package]\nname = \"a\"\nversion.workspace = true\n"),
        ("b/Cargo.toml", "[package]\nname = \"b\"\nversion.workspace = true\n"),
        ("own/Cargo.toml", "[package]\nname = \"own\"\nversion = \"0.3.0\"\n"),
    ];
    assert_eq!(locked_by(&files), ["Cargo.lock: 1.1.0", "Cargo.lock: 1.0.0"]);
}

#[test]
fn a_workspace_of_unnamed_members_needs_a_lock_entry_with_its_version() {
    let root = "[workspace]\nmembers = [\"crates/*\"]\n[workspace.package]\nversion = \"1.1.0\"\n";
    let fresh = "[[package]]\nname = \"tool\"\nversion = \"0.1.0\"\n[[package]]\nname = \"a\"\nversion = \"1.1.0\"\n";
    let stale = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n";
    assert_eq!(locked_by(&[("Cargo.toml", root), ("Cargo.lock", fresh)]), ["Cargo.lock: 1.1.0"]);
    assert_eq!(locked_by(&[("Cargo.toml", root), ("Cargo.lock", stale)]), ["Cargo.lock: 1.0.0"]);
}

#[test]
fn npm_lock_files_have_two_versions_and_list_workspaces_by_folder() {
    let package = r#"{"name": "w", "version": "1.1.0"}"#;
    let lock = r#"{"name": "w", "version": "1.1.0", "lockfileVersion": 3, "packages": {"": {"version": "1.0.0"}, "packages/a": {"version": "0.9.0"}}}"#;
    assert_eq!(
        locked_by(&[("package.json", package), ("package-lock.json", lock)]),
        ["package-lock.json: 1.1.0", "package-lock.json: 1.0.0"]
    );
    assert_eq!(
        locked_by(&[("package.json", package), ("npm-shrinkwrap.json", lock)]),
        ["npm-shrinkwrap.json: 1.1.0", "npm-shrinkwrap.json: 1.0.0"]
    );
    assert_eq!(
        locked_by(&[("packages/a/package.json", package), ("package-lock.json", lock)]),
        ["package-lock.json: 0.9.0"]
    );
    let none = r#"{"name": "w", "lockfileVersion": 3, "packages": {"": {"name": "w"}}}"#;
    assert_eq!(
        locked_by(&[("package.json", package), ("package-lock.json", none)]),
        ["`package-lock.json` has no entry for `w`"]
    );
    assert_eq!(refresh("a/package-lock.json"), Some("npm install --package-lock-only"));
}

#[test]
fn bun_uv_and_bundler_lock_files_are_compared() {
    let package = r#"{"name": "w", "version": "1.1.0"}"#;
    let bun = r#"{ "lockfileVersion": 1, "workspaces": { "": { "name": "r" }, "packages/w": { "name": "w", "version": "1.0.0", } } }"#;
    assert_eq!(
        locked_by(&[("packages/w/package.json", package), ("bun.lock", bun)]),
        ["bun.lock: 1.0.0"]
    );
    let project = "[project]\nname = \"w\"\nversion = \"1.1.0\"\n";
    let uv = "version = 1\n[[package]]\nname = \"x\"\nversion = \"9.0.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n[[package]]\nname = \"w\"\nversion = \"1.0.0\"\nsource = { editable = \".\" }\n";
    assert_eq!(locked_by(&[("pyproject.toml", project), ("uv.lock", uv)]), ["uv.lock: 1.0.0"]);
    let member =
        "[[package]]\nname = \"w\"\nversion = \"1.0.0\"\nsource = { virtual = \"packages/w\" }\n";
    assert_eq!(
        locked_by(&[("packages/w/pyproject.toml", project), ("uv.lock", member)]),
        ["uv.lock: 1.0.0"]
    );
    let dynamic = "[[package]]\nname = \"w\"\nsource = { editable = \".\" }\n";
    assert!(locked_by(&[("pyproject.toml", project), ("uv.lock", dynamic)]).is_empty());
    let gem = "Gem::Specification.new do |s|\n  s.name = \"w\"\n  s.version = \"1.1.0\"\nend\n";
    let gems = "PATH\n  remote: .\n  specs:\n    w (1.0.0)\n      x (>= 9.0.0)\n\nGEM\n  specs:\n    x (9.1.0)\n";
    assert_eq!(locked_by(&[("w.gemspec", gem), ("Gemfile.lock", gems)]), ["Gemfile.lock: 1.0.0"]);
}

#[test]
fn a_file_that_is_read_by_a_pattern_has_no_lock_file() {
    let tree = files(&[("Cargo.lock", "[[package]]\nname = \"core\"\nversion = \"1.0.0\"\n")]);
    let source = with_pattern("Cargo.toml", r#"^version = "(.+)""#);
    let site = super::read(&source, CORE, &tree).unwrap();
    assert_eq!(locked(&source, &site, &tree), Ok(Vec::new()));
}
