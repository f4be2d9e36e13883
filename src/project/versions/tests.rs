//! What version files say.

use super::*;

fn found(path: &str, text: &str) -> (String, String) {
    let site = read(path, text).unwrap();
    (site.version.to_string(), text[site.span.start..site.span.end].to_owned())
}

#[test]
fn each_kind_of_file_tells_its_version_and_where_it_stands() {
    let quoted = ("1.2.3".to_owned(), "\"1.2.3\"".to_owned());
    assert_eq!(found("Cargo.toml", "[package]\nname = \"a\"\nversion = \"1.2.3\"\n"), quoted);
    assert_eq!(found("x/Cargo.toml", "[workspace.package]\nversion = \"1.2.3\"\n"), quoted);
    assert_eq!(found("pyproject.toml", "[project]\nversion = \"1.2.3\"\n"), quoted);
    assert_eq!(found("package.json", "{\"é\": 1, \"version\": \"1.2.3\"}"), quoted);
    assert_eq!(found("VERSION", "\n1.2.3\n"), ("1.2.3".into(), "1.2.3".into()));
}

#[test]
fn a_member_that_inherits_sends_its_reader_to_the_workspace() {
    let error = read("a/Cargo.toml", "[package]\nname = \"a\"\nversion.workspace = true\n");
    assert!(matches!(error, Err(SiteError::Inherited { .. })), "{error:?}");
}

#[test]
fn a_dependency_of_the_same_name_is_not_taken_for_the_package() {
    let lock = "[[package]]\nname = \"a\"\nversion = \"9.0.0\"\nsource = \"registry\"\n\n\
                [[package]]\nname = \"a\"\nversion = \"1.2.3\"\n";
    let site = read_lock("Cargo.lock", lock, "a").unwrap().unwrap();
    assert_eq!(site.version.to_string(), "1.2.3");
    assert_eq!(read_lock("Cargo.lock", lock, "b"), Ok(None));
}

#[test]
fn what_is_no_version_is_an_error_with_its_place() {
    for (path, text) in [
        ("VERSION", "one\ntwo"),
        ("VERSION", ""),
        ("VERSION", "1"),
        ("package.json", "{\"version\": \"1.2\"}"),
        ("Cargo.toml", "[package]\nname = \"a\"\nversion = \"1.2\"\n"),
        ("pyproject.toml", "[project]\nversion = \"1.2-x\"\n"),
        ("package.json", "{"),
        ("package.json", "{\"version\": 3}"),
        ("package.json", "[]"),
        ("Cargo.toml", "[package"),
        ("pyproject.toml", "[project]\ndynamic = [\"version\"]\n"),
    ] {
        assert!(read(path, text).is_err(), "{path}: {text}");
    }
}
