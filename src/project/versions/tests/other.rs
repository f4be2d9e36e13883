//! YAML, other TOML, files of one line, plain files, and patterns.

use super::*;

#[test]
fn yaml_has_it_at_the_top() {
    says_it("pubspec.yaml", &["name: w\nversion: 1.2.3\ndependencies:\n  x: ^9.0.0\n"]);
    says_it(
        "charts/w/Chart.yaml",
        &[
            "apiVersion: v2\nname: w\nversion: 1.2.3\nappVersion: \"9.0.0\"\ndependencies:\n- name: x\n  version: 8.0.0\n",
            "appVersion: v9.0.0\nversion: \"1.2.3\"\r\n",
        ],
    );
    says_it("shard.yml", &["name: w\nversion: 1.2.3\n"]);
    let chart = "name: w\nversion: 1.2.3\n";
    assert_eq!(read_path("Chart.yaml", chart, &SingleFile).unwrap().package.as_deref(), Some("w"));
    refuses(
        "Chart.yaml",
        &["apiVersion: v2\nappVersion: 1.2.3\n", "version: [1]\n", "version: {\n"],
    );
    refuses("action.yml", &["name: w\nruns:\n  using: node20\n  main: dist/index.js\n"]);
}

#[test]
fn formats_of_one_line_have_it_there() {
    for (path, text) in [
        ("DESCRIPTION", "Package: w\nVersion: 1.2.3\nDepends: R (>= 4.1.0)\n"),
        ("w.cabal", "cabal-version: 3.0\nname: w\nversion: 1.2.3\n"),
        ("version.sbt", "ThisBuild / version := \"1.2.3\"\n"),
        ("build.sbt", "scalaVersion := \"3.3.1\"\nversion := \"1.2.3\"\n"),
        (
            "build.zig.zon",
            ".{\n    .name = .w,\n    .version = \"1.2.3\",\n    .minimum_zig_version = \"0.14.0\",\n}\n",
        ),
        ("w.nimble", "version       = \"1.2.3\"\nrequires \"nim >= 2.0.0\"\n"),
        ("src/w.app.src", "{application, w, [{vsn, \"1.2.3\"}]}.\n"),
        ("project.clj", "(defproject org/w \"1.2.3\"\n  :dependencies [[x \"9.0.0\"]])\n"),
        ("dune-project", "(lang dune 3.0)\n(name w)\n(version 1.2.3)\n"),
        (
            "w.podspec",
            "Pod::Spec.new do |s|\n  s.name = 'W'\n  s.version = '1.2.3'\n  s.ios.deployment_target = '13.0'\nend\n",
        ),
        (
            "Project.toml",
            "name = \"W\"\nuuid = \"x\"\nversion = \"1.2.3\"\n[compat]\njulia = \"1.6\"\n",
        ),
        ("w.lua", "local M = {}\nM._VERSION = '1.2.3'\n"),
        ("Makefile", "PREFIX ?= /usr\nVERSION := 1.2.3\nall:\n\techo $(VERSION)\n"),
    ] {
        says_it(path, &[text]);
    }
    refuses("DESCRIPTION", &["Package: w\nDepends: R (>= 4.1.0)\n"]);
    refuses("build.sbt", &["scalaVersion := \"3.3.1\"\n"]);
    refuses("build.zig.zon", &[".minimum_zig_version = \"0.14.0\",\n"]);
    refuses("Makefile", &["VERSION := $(shell git describe)\nall:\n"]);
}

#[test]
fn a_plain_file_has_one_line_that_is_the_version() {
    says_it(
        "VERSION",
        &[
            "1.2.3",
            "1.2.3\n",
            "\n  1.2.3\r\n\r\n",
            "v1.2.3\n",
            "# of the program\n1.2.3\n",
            "\u{feff}1.2.3\n",
        ],
    );
    refuses("VERSION", &["", "one\ntwo\n", "1.2.3\n1.3.0\n", "dev\n", "0.0.0\n"]);
    refuses("README", &["a widget\n", "see 1.2.3\n"]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_any_file() {
    for (path, text) in [
        ("VERSION", "\u{feff}1.2.3\n"),
        ("package.json", "\u{feff}{\"version\": \"1.2.3\"}"),
        ("Cargo.toml", "\u{feff}[package]\nversion = \"1.2.3\"\n"),
        ("w/__init__.py", "\u{feff}__version__ = \"1.2.3\"\n"),
        ("pom.xml", "\u{feff}<project><version>1.2.3</version></project>"),
        (
            "Directory.Build.props",
            "\u{feff}<Project><PropertyGroup><Version>1.2.3</Version></PropertyGroup></Project>",
        ),
        ("Chart.yaml", "\u{feff}version: 1.2.3\n"),
    ] {
        says_it(path, &[text]);
    }
}

#[test]
fn any_file_is_read_by_a_pattern_with_one_capture() {
    let read = |pattern: &str, text: &str| {
        let site = read(&with_pattern("docs/install.md", pattern), text, &SingleFile);
        site.map(|site| format!("{} at {}", site.version, site.span.start))
            .map_err(|e| e.to_string())
    };
    let text = "Install w 1.2.3 with\n\n    get w@1.2.3\n";
    assert_eq!(read(r"^Install w (\S+)", text), Ok("1.2.3 at 10".into()));
    assert_eq!(read(r"w[ @](\d\S+)", text), Ok("1.2.3 at 10".into()));
    assert_eq!(
        read(r"^Get (\S+)", text),
        Err(r"the pattern `^Get (\S+)` does not match anything in `docs/install.md`".into())
    );
    assert_eq!(
        read(r"w[ @](\d\S+)", "w 1.2.3\nw@1.3.0\n"),
        Err("`docs/install.md` has several versions: 1.2.3 and 1.3.0".into())
    );
    assert_eq!(
        read(r"w (\w+)", "w latest\n").unwrap_err(),
        "`latest` in `docs/install.md` is not a version in any supported scheme (examples: `1.2.3-rc.1`, `1.2.3rc1`, `2026.11`, `1.7`)"
    );
    // The pattern is asked, not the kind of the file.
    let source = with_pattern("package.json", r#""widget": "(.+?)""#);
    let site =
        super::read(&source, r#"{"version": "9.0.0", "widget": "1.2.3"}"#, &SingleFile).unwrap();
    assert_eq!(site.version.to_string(), "1.2.3");
}

#[test]
fn a_pattern_says_which_part_is_the_version() {
    assert!(LinePattern::new(r#"^version = "(.+)"$"#).is_ok());
    assert!(LinePattern::new(r"(?:a|b) (\d+)").is_ok());
    for text in ["version", "(a) (b)", "(", "(?:a)"] {
        assert!(LinePattern::new(text).is_err(), "{text}");
    }
}
