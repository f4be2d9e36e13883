//! YAML, other TOML, files of one line, plain files, and patterns.

use super::*;

#[test]
fn yaml_versions_are_read_from_the_top_level() {
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
fn single_line_formats_have_their_version_on_that_line() {
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
fn a_plain_version_file_has_exactly_one_version_line() {
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
fn a_byte_order_mark_is_ignored_in_every_version_file() {
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
fn any_file_can_be_read_by_a_pattern_with_one_capture_group() {
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
fn a_version_pattern_has_exactly_one_capture_group() {
    assert!(LinePattern::new(r#"^version = "(.+)"$"#).is_ok());
    assert!(LinePattern::new(r"(?:a|b) (\d+)").is_ok());
    for text in ["version", "(a) (b)", "(", "(?:a)"] {
        assert!(LinePattern::new(text).is_err(), "{text}");
    }
}

#[test]
fn the_manifests_of_many_ecosystems_have_it_in_one_line() {
    for (path, text) in [
        ("dist.ini", "name = W\nversion = 1.2.3\n"),
        ("Makefile.PL", "WriteMakefile(\n    NAME => 'W',\n    VERSION => '1.2.3',\n);\n"),
        ("lib/W.pm", "package W;\nour $VERSION = '1.2.3';\nour $OTHER = '9.0.0';\n"),
        ("lib/W.pm", "package W v1.2.3;\n"),
        ("w.el", ";;; w.el --- x\n;; Version: 1.2.3\n;; Package-Requires: ((emacs \"25.1\"))\n"),
        ("conanfile.py", "class W(ConanFile):\n    name = \"w\"\n    version = \"1.2.3\"\n"),
        (
            "MODULE.bazel",
            "module(\n    name = \"w\",\n    version = \"1.2.3\",\n)\nbazel_dep(name = \"x\", version = \"9.0.0\")\n",
        ),
        ("w.opam", "opam-version: \"2.0\"\nversion: \"1.2.3\"\n"),
        ("setup.iss", "#define MyAppName \"W\"\n#define MyAppVersion \"1.2.3\"\n"),
        ("addons/w/plugin.cfg", "[plugin]\nname=\"W\"\nversion=\"1.2.3\"\n"),
        ("w.nuspec", "<package><metadata><version>1.2.3</version></metadata></package>\n"),
        ("W.psd1", "@{\n    ModuleVersion     = '1.2.3'\n    PowerShellVersion = '5.1'\n}\n"),
        ("v.mod", "Module {\n\tname: 'w'\n\tversion: '1.2.3'\n}\n"),
        ("dub.sdl", "name \"w\"\nversion \"1.2.3\"\n"),
        ("metadata.rb", "name 'w'\nversion '1.2.3'\nchef_version '>= 15.0'\n"),
        ("xmake.lua", "set_project(\"w\")\nset_version(\"1.2.3\")\n"),
        (
            "Info.plist",
            "<dict>\n<key>CFBundleShortVersionString</key>\n<string>1.2.3</string>\n</dict>\n",
        ),
        ("style.css", "/*\nTheme Name: W\nVersion: 1.2.3\n*/\n"),
        ("readme.txt", "=== W ===\nRequires at least: 5.0\nStable tag: 1.2.3\n"),
        (
            "package.xml",
            "<?xml version=\"1.0\"?>\n<package format=\"3\">\n  <name>w</name>\n  <version>1.2.3</version>\n  <depend version_gte=\"9.0.0\">x</depend>\n</package>\n",
        ),
        (
            "addon.xml",
            "<?xml version=\"1.0\"?>\n<addon id=\"w\" version=\"1.2.3\" name=\"W\">\n<import addon=\"x\" version=\"9.0.0\"/></addon>\n",
        ),
        (
            "debian/changelog",
            "w (1.2.3-1) unstable; urgency=medium\n\n  * New.\n\n -- A <a@x.example>  Tue, 06 Jan 2026 10:00:00 +0000\n\nw (1.2.2-1) unstable; urgency=low\n",
        ),
        ("CITATION.cff", "cff-version: 1.2.0\nversion: 1.2.3\n"),
        (
            "ext_emconf.php",
            "<?php\n$EM_CONF[$_EXTKEY] = [\n    'title' => 'W',\n    'version' => '1.2.3',\n];\n",
        ),
        ("justfile", "version := \"1.2.3\"\n"),
        ("install.sh", "#!/bin/sh\nset -e\nreadonly VERSION=\"1.2.3\"\n"),
    ] {
        says_it(path, &[text]);
    }
    refuses("MODULE.bazel", &["bazel_dep(name = \"x\", version = \"9.0.0\")\n"]);
    let parts =
        read_path("VERSION", "VERSION_MAJOR = 1\nVERSION_MINOR = 2\nPATCHLEVEL = 3\n", &SingleFile);
    assert_eq!(parts.unwrap().version.to_string(), "1.2.3");
}

#[test]
fn a_constant_in_other_languages_is_a_version_file_too() {
    for (path, text) in [
        ("Properties/AssemblyInfo.cs", "using System;\n[assembly: AssemblyVersion(\"1.2.3.0\")]\n"),
        (
            "AssemblyInfo.cs",
            "[assembly: AssemblyVersion(\"1.0.0.0\")]\n[assembly: AssemblyInformationalVersion(\"1.2.3\")]\n",
        ),
        (
            "Version.java",
            "class Version {\n    public static final String VERSION = \"1.2.3\";\n}\n",
        ),
        ("Version.kt", "const val VERSION = \"1.2.3\"\n"),
        ("lib/src/version.dart", "const packageVersion = '1.2.3';\n"),
        ("src/version.rs", "pub const VERSION: &str = \"1.2.3\";\n"),
        ("src/main.zig", "const version = \"1.2.3\";\n"),
        ("default.nix", "{\n  pname = \"w\";\n  version = \"1.2.3\";\n}\n"),
    ] {
        says_it(path, &[text]);
    }
    refuses("src/main.rs", &["let minimumVersion = \"1.2.3\";\n"]);
    // The joined numbers above are the version, not the text between them.
    let joined = "version_info = (1, 2, 3)\n__version__ = \".\".join(map(str, version_info))\n";
    assert_eq!(
        read_path("w/_version.py", joined, &SingleFile).unwrap().version.to_string(),
        "1.2.3"
    );
}
