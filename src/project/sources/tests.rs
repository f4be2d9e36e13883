//! Which files carry the version.

use super::*;

/// A repository: the files of the work tree, and at each tag.
struct Repository {
    now: Vec<(&'static str, &'static str)>,
    past: Vec<(&'static str, Vec<(&'static str, &'static str)>)>,
}

impl Repository {
    fn chosen(&self) -> Sources {
        let files: Vec<String> = self.now.iter().map(|(path, _)| (*path).to_owned()).collect();
        let tags: Vec<String> = self.past.iter().map(|(tag, _)| (*tag).to_owned()).collect();
        let places = places(&files, "");
        let mut known = Known::default();
        loop {
            let wanted = wanted(&places, &tags, &known);
            if wanted.is_empty() {
                return choose(&places, &tags, &known);
            }
            for Wanted { tag, path } in wanted {
                let files = match &tag {
                    None => &self.now,
                    Some(tag) => &self.past.iter().find(|(name, _)| name == tag).unwrap().1,
                };
                let text = files.iter().find(|(name, _)| *name == path);
                let text = text.map(|(_, text)| (*text).to_owned());
                match tag {
                    None => known.now.insert(path, text),
                    Some(tag) => known.past.entry(tag).or_default().insert(path, text),
                };
            }
        }
    }

    fn files(&self) -> Vec<String> {
        self.chosen().files
    }
}

const fn package(version: u8) -> &'static str {
    match version {
        1 => r#"{"name": "w", "version": "1.1.0"}"#,
        2 => r#"{"name": "w", "version": "1.2.0"}"#,
        _ => r#"{"name": "w", "version": "1.0.0"}"#,
    }
}

#[test]
fn a_file_whose_version_never_follows_releases_is_not_a_version_file() {
    let tools = r#"{"name": "tools", "version": "1.0.0"}"#;
    let repository = Repository {
        now: vec![("package.json", tools), ("VERSION", "2.2.0\n")],
        past: vec![
            ("v2.0.0", vec![("package.json", tools), ("VERSION", "2.0.0\n")]),
            ("v2.1.0", vec![("package.json", tools), ("VERSION", "2.1.0\n")]),
        ],
    };
    let chosen = repository.chosen();
    assert_eq!(chosen.files, ["VERSION"]);
    assert_eq!(chosen.prefix.as_deref(), Some("v"));
    assert_eq!(
        chosen.because,
        [
            "the version is in `VERSION`: 2.2.0, which matches 2 of 2 releases",
            "ignoring `package.json` (now 1.0.0): it did not contain the released version at any of the last releases",
        ]
    );
}

#[test]
fn a_version_file_that_missed_one_release_is_still_a_version_file() {
    let repository = Repository {
        now: vec![("package.json", package(1))],
        past: vec![
            ("v1.0.0", vec![("package.json", package(0))]),
            ("v1.1.0", vec![("package.json", package(1))]),
            ("v1.2.0", vec![("package.json", package(1))]),
        ],
    };
    assert_eq!(repository.files(), ["package.json"]);
}

#[test]
fn a_file_with_development_versions_at_releases_is_not_a_version_file() {
    let header = "#define W_VERSION \"1.1.0-DEV\"\n";
    let repository = Repository {
        now: vec![("include/w/wver.h", "#define W_VERSION \"1.2.0-DEV\"\n")],
        past: vec![("w-1_1_0", vec![("include/w/wver.h", header)])],
    };
    assert!(repository.files().is_empty());
}

#[test]
fn the_package_of_a_workspace_is_found_in_its_folder() {
    let root = r#"{"name": "monorepo", "private": true, "version": "1.0.0"}"#;
    let past = |inner| vec![("package.json", root), ("packages/w/package.json", inner)];
    let repository = Repository {
        now: vec![("package.json", root), ("packages/w/package.json", package(2))],
        past: vec![("w@1.0.0", past(package(0))), ("w@1.1.0", past(package(1)))],
    };
    let chosen = repository.chosen();
    assert_eq!(chosen.files, ["packages/w/package.json"]);
    assert_eq!(chosen.prefix.as_deref(), Some("w@"));
}

#[test]
fn a_form_that_replaced_two_others_lately_is_tried_although_it_has_few_tags() {
    let at = |text: &'static str| vec![("VERSION", text)];
    let repository = Repository {
        now: at("3.2.0\n"),
        past: vec![
            ("OLD_1_0_0", at("1.0.0\n")),
            ("OLD_1_1_0", at("1.1.0\n")),
            ("OLD_1_2_0", at("1.2.0\n")),
            ("lib-x-2.0.0", at("2.0.0\n")),
            ("lib-x-2.1.0", at("2.1.0\n")),
            ("rel/lib-x-3.1.0", at("3.1.0\n")),
        ],
    };
    assert_eq!(repository.chosen().prefix.as_deref(), Some("rel/lib-x-"));
}

#[test]
fn tags_without_a_package_name_belong_to_the_main_package() {
    let other = r#"{"name": "create-w", "version": "5.0.0"}"#;
    let past =
        |inner| vec![("packages/create-w/package.json", other), ("packages/w/package.json", inner)];
    let repository = Repository {
        now: past(package(2)),
        past: vec![
            ("create-w@5.0.0", past(package(0))),
            ("v1.0.0", past(package(0))),
            ("v1.1.0", past(package(1))),
            ("plugin@1.0.0", past(package(1))),
        ],
    };
    assert_eq!(repository.files(), ["packages/w/package.json"]);
}

#[test]
fn the_target_of_a_version_file_is_also_read_at_past_releases() {
    let project = "[project]\nname = \"w\"\ndynamic = [\"version\"]\n[tool.hatch.version]\npath = \"src/w/__about__.py\"\n";
    let about = |version| match version {
        0 => "__version__ = \"1.0.0\"\n",
        _ => "__version__ = \"1.1.0\"\n",
    };
    let repository = Repository {
        now: vec![("pyproject.toml", project), ("src/w/__about__.py", about(1))],
        past: vec![("1.0.0", vec![("pyproject.toml", project), ("src/w/__about__.py", about(0))])],
    };
    let chosen = repository.chosen();
    assert_eq!(chosen.files, ["pyproject.toml"]);
    assert_eq!(
        chosen.because.first().map(String::as_str),
        Some(
            "the version is in `pyproject.toml`, which refers to `src/w/__about__.py`: 1.1.0, which matches 1 of 1 release"
        )
    );
}

#[test]
fn without_past_releases_a_manifest_version_is_accepted_but_a_placeholder_is_not() {
    let cargo = "[package]\nname = \"w\"\nversion = \"0.0.0\"\n";
    let repository =
        Repository { now: vec![("Cargo.toml", cargo), ("package.json", package(1))], past: vec![] };
    assert_eq!(repository.files(), ["package.json"]);
    let header = Repository { now: vec![("w.h", "#define X_VERSION \"1.2.3\"\n")], past: vec![] };
    assert!(header.files().is_empty());
    let private = r#"{"private": true, "version": "1.0.0"}"#;
    let root = Repository { now: vec![("package.json", private)], past: vec![] };
    assert!(root.files().is_empty());
}

#[test]
fn files_of_tests_and_examples_are_ignored() {
    let files = [
        "examples/w/Cargo.toml",
        "docs/package.json",
        "node_modules/x/package.json",
        "a/Cargo.toml",
    ];
    let files: Vec<String> = files.iter().map(|path| (*path).to_owned()).collect();
    let found: Vec<String> = places(&files, "").into_iter().map(|(_, path)| path).collect();
    assert_eq!(found, ["a/Cargo.toml"]);
}

#[test]
fn an_abandoned_tag_format_is_not_chosen_again() {
    let past = |text| vec![("w/Cargo.toml", text)];
    let repository = Repository {
        now: past("[package]\nname = \"w\"\nversion = \"0.8.1\"\n"),
        past: vec![
            ("v0.3.0", past("[package]\nname = \"w\"\nversion = \"0.3.0\"\n")),
            ("v0.4.0", past("[package]\nname = \"w\"\nversion = \"0.4.0\"\n")),
            ("w-v0.8.0", past("[package]\nname = \"w\"\nversion = \"0.8.0\"\n")),
            ("w-core-v0.8.0", past("[package]\nname = \"w\"\nversion = \"0.8.0\"\n")),
        ],
    };
    assert_eq!(repository.chosen().prefix.as_deref(), Some("w-v"));
}

#[test]
fn a_placeholder_file_is_accepted_if_the_last_releases_had_their_version_in_it() {
    let stand_in = r#"{"name": "w", "version": "0.0.0"}"#;
    let past = |n| vec![("package.json", package(n))];
    let repository = Repository {
        now: vec![("package.json", stand_in)],
        past: vec![("v1.0.0", past(0)), ("v1.1.0", past(1))],
    };
    let chosen = repository.chosen();
    assert_eq!((chosen.files, chosen.version), (vec!["package.json".to_owned()], None));
    let never = vec![("package.json", stand_in)];
    let repository =
        Repository { now: never.clone(), past: vec![("v1.0.0", never.clone()), ("v1.1.0", never)] };
    assert!(repository.files().is_empty());
}

#[test]
fn tags_of_a_package_released_together_do_not_replace_the_main_tags() {
    let past = |n: u8| vec![("package.json", package(n)), ("parts/package.json", package(n))];
    let repository = Repository {
        now: past(2),
        past: vec![
            ("v1.0.0", past(0)),
            ("part-v1.0.0", past(0)),
            ("v1.1.0", past(1)),
            ("part-v1.1.0", past(1)),
            // Released alone, ahead of the package.
            ("part-v1.2.0", past(2)),
        ],
    };
    let chosen = repository.chosen();
    assert_eq!(
        (chosen.files, chosen.prefix.as_deref()),
        (vec!["package.json".to_owned()], Some("v"))
    );
}

#[test]
fn a_new_shared_property_file_is_accepted_as_the_version_source() {
    let props =
        "<Project><PropertyGroup><VersionPrefix>1.2.0</VersionPrefix></PropertyGroup></Project>";
    let project = |version| match version {
        0 => {
            "<Project><PropertyGroup><VersionPrefix>1.1.0</VersionPrefix></PropertyGroup></Project>"
        }
        _ => "<Project></Project>",
    };
    let repository = Repository {
        now: vec![("Directory.Version.props", props), ("src/W/W.csproj", project(1))],
        past: vec![("v1.1.0", vec![("src/W/W.csproj", project(0))])],
    };
    assert_eq!(repository.files(), ["Directory.Version.props"]);
}

#[test]
fn a_project_file_that_imports_the_moved_version_remains_the_source() {
    let own =
        "<Project><PropertyGroup><VersionPrefix>1.0.0</VersionPrefix></PropertyGroup></Project>";
    let moved = "<Project><Import Project=\"../../Directory.Version.props\"/></Project>";
    let props = |version| match version {
        1 => {
            "<Project><PropertyGroup><VersionPrefix>1.1.0</VersionPrefix></PropertyGroup></Project>"
        }
        _ => {
            "<Project><PropertyGroup><VersionPrefix>1.2.0</VersionPrefix></PropertyGroup></Project>"
        }
    };
    let now =
        |version| vec![("src/W/W.csproj", moved), ("Directory.Version.props", props(version))];
    let repository = Repository {
        now: now(2),
        past: vec![("v1.0.0", vec![("src/W/W.csproj", own)]), ("v1.1.0", now(1))],
    };
    assert_eq!(repository.files(), ["src/W/W.csproj"]);
}

#[test]
fn tags_of_a_folder_above_the_version_file_do_not_replace_the_main_tags() {
    let at = |text| vec![("api/version/version.go", text)];
    let (one, two) = (
        "package version\n\nconst Version = \"1.0.0\"\n",
        "package version\n\nconst Version = \"1.1.0\"\n",
    );
    let repository = Repository {
        now: at(two),
        past: vec![("v1.0.0", at(one)), ("api/v1.0.0", at(one)), ("api/v1.1.0", at(two))],
    };
    assert_eq!(repository.chosen().prefix.as_deref(), Some("v"));
}

#[test]
fn a_file_that_other_tags_had_with_the_same_version_is_not_new() {
    let tools = r#"{"name": "tools", "version": "1.0.0"}"#;
    let at = |version| vec![("package.json", tools), ("dist/VERSION", version)];
    let repository = Repository {
        now: at("2.1.0\n"),
        past: vec![("old-0.1.0", vec![]), ("2.0.0", at("2.0.0\n")), ("2.0.1", at("2.0.1\n"))],
    };
    assert_eq!(repository.files(), ["dist/VERSION"]);
    let alone = |past| Repository { now: vec![("package.json", tools)], past };
    let had = vec![("package.json", tools)];
    let past = vec![("old-0.1.0", vec![]), ("2.0.0", had.clone()), ("2.0.1", had)];
    assert!(alone(past).files().is_empty());
}

#[test]
fn a_neglected_file_counts_again_once_it_is_raised_above_all_releases() {
    let at = |text| vec![("package.json", text)];
    let old = r#"{"name": "w", "version": "1.0.0"}"#;
    let past = || vec![("v2.0.0", at(old)), ("v2.0.1", at(old)), ("0.9.0", vec![])];
    let now = |text| Repository { now: at(text), past: past() };
    assert_eq!(now(r#"{"name": "w", "version": "3.0.0"}"#).files(), ["package.json"]);
    assert!(now(r#"{"name": "w", "version": "2.0.1"}"#).files().is_empty(), "it is not above");
    let private = r#"{"name": "w", "version": "3.0.0", "private": true}"#;
    assert!(now(private).files().is_empty());
    assert!(now(old).files().is_empty());
}

#[test]
fn a_file_that_only_names_the_release_line_is_not_a_version_file() {
    let at = |text: &'static str| vec![("internal/version/version.go", text)];
    let line = "package version\n\nvar version = \"v1.1\"\n";
    let repository = Repository {
        now: at(line),
        past: vec![("v1.1.0", at(line)), ("v1.1.1", at(line)), ("v1.1.2", at(line))],
    };
    assert!(repository.files().is_empty());
}
