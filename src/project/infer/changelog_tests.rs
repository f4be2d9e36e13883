//! Which changelog `tminus init` takes, and where a project keeps fragments.

use super::{
    Changelogs, Choice, RepositoryInfo, changelogs, fragment_configs, fragment_folders, infer,
    raising_config, version_files,
};
use crate::base::version::Version;
use crate::project::tags::Dated;
use std::collections::BTreeMap;

type Texts<'t> = &'t [(&'t str, &'t str)];

fn map(texts: Texts<'_>) -> BTreeMap<String, String> {
    texts.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

fn names(texts: Texts<'_>) -> Vec<String> {
    texts.iter().map(|(path, _)| (*path).to_owned()).collect()
}

/// A repository with these files, and what they said at the releases 1.2.0, 1.1.0 and 1.0.0.
fn found(now: Texts<'_>, past: [Texts<'_>; 3]) -> RepositoryInfo {
    let versions = ["1.2.0", "1.1.0", "1.0.0"];
    let dated = |(name, at): (&str, i64)| Dated { name: format!("v{name}"), at };
    let past = versions
        .iter()
        .zip(past)
        .map(|(version, texts)| (Version::read(version).unwrap(), map(texts)));
    let files = names(now);
    let configs = fragment_configs(&files, "");
    let configs = map(now).into_iter().filter(|(path, _)| configs.contains(path)).collect();
    let left = fragment_folders(&files, "", &configs);
    RepositoryInfo {
        changelogs: Changelogs {
            now: map(now),
            past: past.collect(),
            left: left.into_iter().map(|kept| (kept.folder, vec![0, 0, 0])).collect(),
            configs,
        },
        files,
        tags: versions.into_iter().zip([3, 2, 1]).map(dated).collect(),
        branch: Some("main".into()),
        ..RepositoryInfo::default()
    }
}

/// The `changelog` section of the manifest, and what is said of it.
fn written(found: &RepositoryInfo) -> String {
    let inferred = infer(found, &Choice::default());
    let section = inferred.text.split_once("changelog:").map_or("", |(_, section)| section);
    let about =
        |line: &&String| ["changelog", "fragment", "notes"].iter().any(|word| line.contains(word));
    let because: Vec<&str> = inferred.because.iter().filter(about).map(String::as_str).collect();
    format!("{}--\n{}", section.trim_start(), because.join("\n"))
}

const FULL: &str = "## 1.2.0\n\n- C.\n\n## 1.1.0\n\n- B.\n\n## 1.0.0\n\n- A.\n";

#[test]
fn a_changelog_is_found_by_its_usual_names_and_folders_in_any_case() {
    let paths = [
        "00-RELEASENOTES",
        "ChangeLog",
        "NEWS.rst",
        "docs/changelog.adoc",
        "docs/source/changelog.rst",
        "doc/en/changelog.rst",
        "HISTORY.md",
        "RELEASE_NOTES.txt",
        "website/docs/release-notes.md",
        "src/changelog.rs",
        "examples/CHANGELOG.md",
        "crates/other/CHANGELOG.md",
        "crates/other/Cargo.toml",
        "a/b/c/d/CHANGELOG.md",
    ];
    let paths: Vec<String> = paths.iter().map(|&path| path.into()).collect();
    assert_eq!(
        changelogs(&paths, ""),
        [
            "ChangeLog",
            "HISTORY.md",
            "NEWS.rst",
            "00-RELEASENOTES",
            "RELEASE_NOTES.txt",
            "docs/changelog.adoc",
            "doc/en/changelog.rst",
            "docs/source/changelog.rst",
            "website/docs/release-notes.md",
        ]
    );
    let inner = changelogs(&paths, "crates/other/");
    assert_eq!(inner.first().map(String::as_str), Some("crates/other/CHANGELOG.md"));
}

#[test]
fn a_file_that_only_links_elsewhere_is_not_the_changelog() {
    let pointer = [("CHANGELOG.md", "# Changelog\n\nSee https://x.example/releases.\n")];
    insta::assert_snapshot!(written(&found(&pointer, [&pointer; 3])), @r#"
    style: generated
    --
    `CHANGELOG.md` is not the changelog: it has no version sections
    notes are generated from the commits
    "#);
    let both = [pointer[0], ("docs/changelog.md", FULL)];
    insta::assert_snapshot!(written(&found(&both, [&both; 3])), @r#"
    file: docs/changelog.md
    --
    `CHANGELOG.md` is not the changelog: it has no version sections
    the changelog is `docs/changelog.md`
    "#);
}

#[test]
fn a_file_that_lacks_the_last_releases_is_not_the_changelog() {
    let old = [("CHANGES", "0.2.0 (2016-01-06)\n------------------\n\n* B.\n")];
    insta::assert_snapshot!(written(&found(&old, [&old; 3])), @r#"
    --
    `CHANGES` is not the changelog: it describes 0 of the last 3 releases
    no changelog was found, so none is required
    "#);
}

#[test]
fn a_changelog_written_after_the_releases_ranks_below_one_written_with_them() {
    let late: [(&str, &str); 2] = [("CHANGELOG.md", FULL), ("NEWS.md", FULL)];
    let then = [("CHANGELOG.md", "# Changelog\n\n## 0.1.0\n\n- Z.\n"), ("NEWS.md", FULL)];
    insta::assert_snapshot!(written(&found(&late, [&then; 3])), @r#"
    file: NEWS.md
    --
    `CHANGELOG.md` is not the changelog: it describes 0 of the last 3 releases
    the changelog is `NEWS.md`
    "#);
}

#[test]
fn init_finds_one_changelog_file_per_version() {
    let files = [
        ("docs/releases/1.0.0.md", "- A.\n"),
        ("docs/releases/1.1.0.md", "- B.\n"),
        ("docs/releases/1.2.0.md", "- C.\n"),
        ("docs/releases/1.12.0.md", "- Z.\n"),
        ("tests/releases/1.2.0.md", "- Z.\n"),
        ("README.md", "1.2.0\n"),
    ];
    insta::assert_snapshot!(written(&found(&files, [&files, &files[..2], &files[..1]])), @r#"
    file: "docs/releases/{version}.md"
    --
    each version has its own file of notes: `docs/releases/{version}.md`
    "#);
    let versions: Vec<Version> =
        ["1.2.0", "1.0.0"].iter().map(|it| Version::read(it).unwrap()).collect();
    assert_eq!(version_files(&names(&files), &versions), ["docs/releases/{version}.md"]);
    // Files that were added later did not come with their releases.
    insta::assert_snapshot!(written(&found(&files, [&[], &[], &[]])), @r#"
    --
    no changelog was found, so none is required
    "#);
    // A changelog that tells as much stays the changelog.
    let both = [files[0], files[1], files[2], ("CHANGELOG.md", FULL)];
    insta::assert_snapshot!(written(&found(&both, [&both; 3])), @r#"
    --
    the changelog is `CHANGELOG.md`
    "#);
}

#[test]
fn fragments_are_found_through_the_configuration_of_their_tool() {
    for (path, text, expected) in [
        (
            "towncrier.toml",
            "[tool.towncrier]\ndirectory = \"changes\"\nfilename = \"NEWS.rst\"\n",
            "changes",
        ),
        (
            "pyproject.toml",
            "[tool.towncrier]\npackage = \"widget.core\"\npackage_dir = \"src\"\n",
            "src/widget/core/newsfragments",
        ),
        ("pyproject.toml", "[tool.towncrier]\n", "newsfragments"),
        ("pyproject.toml", "[tool.scriv]\nformat = \"md\"\n", "changelog.d"),
        (
            "setup.cfg",
            "[metadata]\nname = x\n\n[tool.scriv]\nfragment_directory = notes.d/\n",
            "notes.d",
        ),
        (".changeset/config.json", "{}", ".changeset"),
        (".changie.yaml", "changesDir: changes\nunreleasedDir: next\n", "changes/next"),
    ] {
        let folders = fragment_folders(&[path.into()], "", &map(&[(path, text)]));
        let first = folders.first().map(|kept| (kept.folder.as_str(), kept.by.as_str()));
        assert_eq!(first, Some((expected, path)), "{text}");
    }
    for (path, text) in [
        ("pyproject.toml", "[tool.black]\n"),
        ("pyproject.toml", "not toml"),
        ("pyproject.toml", "[tool.towncrier]\ndirectory = \"../news\"\n"),
        ("pyproject.toml", "[tool.towncrier]\ndirectory = \"/news\"\n"),
        ("setup.cfg", "[metadata]\nname = x\n"),
    ] {
        assert_eq!(fragment_folders(&[path.into()], "", &map(&[(path, text)])), [], "{text}");
    }
}

#[test]
fn fragments_are_found_by_their_folder_name() {
    let folders = |files: &[&str]| -> Vec<String> {
        let files: Vec<String> = files.iter().map(|&file| file.into()).collect();
        let found = fragment_folders(&files, "", &BTreeMap::new());
        found.into_iter().map(|kept| kept.folder).collect()
    };
    assert_eq!(folders(&["changelog.d/1.md"]), ["changelog.d"]);
    assert_eq!(folders(&["newsfragments/.gitkeep"]), ["newsfragments"]);
    assert_eq!(folders(&["changes/README.md", "changes/12.fix.md"]), ["changes"]);
    assert_eq!(folders(&["news/_template.rst"]), ["news"]);
    // Anything may be in such a folder: pages of a blog, or a file for each version.
    assert_eq!(folders(&["news/hello.md"]), Vec::<String>::new());
    assert_eq!(folders(&["changes/README.md", "changes/1.2.0.md"]), Vec::<String>::new());
}

#[test]
fn fragments_are_required_only_if_past_releases_left_none() {
    let files = [
        ("CHANGELOG.md", FULL),
        ("changelog.d/scriv.ini", "[scriv]\nformat = md\n"),
        ("changelog.d/12.md", "- D.\n"),
    ];
    let mut found = found(&files, [&files; 3]);
    insta::assert_snapshot!(written(&found), @r#"
    style: fragments
    --
    each change has a fragment in `changelog.d`, collected in `CHANGELOG.md`, according to `changelog.d/scriv.ini`
    "#);
    let choice = Choice { without_fragments: true, ..Choice::default() };
    assert!(!infer(&found, &choice).text.contains("fragments"));
    found.changelogs.left.insert("changelog.d".into(), vec![3, 1, 0]);
    insta::assert_snapshot!(written(&found), @r#"
    --
    the fragments in `changelog.d` are not required: 2 of the last 3 releases still contain some
    the changelog is `CHANGELOG.md`
    "#);
}

#[test]
fn the_changelog_of_fragments_is_the_one_written_by_their_tool() {
    let files = [
        (
            "docs/changes.rst",
            "Version 1.2.0\n=============\n\n* C.\n\nVersion 1.1.0\n=============\n\n* B.\n",
        ),
        (
            "pyproject.toml",
            "[tool.towncrier]\ndirectory = \"changes\"\nfilename = \"docs/changes.rst\"\n",
        ),
        ("changes/12.feature.rst", "D.\n"),
    ];
    insta::assert_snapshot!(written(&found(&files, [&files; 3])), @r#"
    style: fragments
      file: docs/changes.rst
      fragments: changes
    --
    each change has a fragment in `changes`, collected in `docs/changes.rst`, according to `pyproject.toml`
    "#);
}

#[test]
fn a_project_without_a_changelog_is_told_about_notes_generated_by_its_forge() {
    insta::assert_snapshot!(written(&found(&[(".github/release.yml", "changelog: {}\n")], [&[]; 3])), @r#"
    --
    no changelog was found, so none is required
    `.github/release.yml` configures notes that GitHub generates: to use them, set `style: github` under `changelog`
    "#);
}

#[test]
fn a_changelog_of_all_versions_is_chosen_before_copies_for_each_release_line() {
    let both = [("CHANGES.md", FULL), ("docs/history/changelog-1.2.md", "## 1.2.0\n\n- C.\n")];
    let copies = [
        [both[0], both[1]],
        [both[0], ("docs/history/changelog-1.1.md", "## 1.1.0\n\n- B.\n")],
        [both[0], ("docs/history/changelog-1.0.md", "## 1.0.0\n\n- A.\n")],
    ];
    let past = [&copies[0][..], &copies[1][..], &copies[2][..]];
    insta::assert_snapshot!(written(&found(&both, past)), @r"
    file: CHANGES.md
    --
    the changelog is `CHANGES.md`
    ");
}

#[test]
fn a_new_release_line_has_its_own_changelog_as_the_others_do() {
    let of = |path, text| [(path, text)];
    let (a, b, c) = (
        of("changes-1.2.md", "## 1.2.0\n\n- C.\n"),
        of("changes-1.1.md", "## 1.1.0\n\n- B.\n"),
        of("changes-1.0.md", "## 1.0.0\n\n- A.\n"),
    );
    let now = [("VERSION", "1.3.0\n"), ("changes-1.3.md", "## 1.3.0\n\n- D.\n")];
    let mut found = found(&now, [&a, &b, &c]);
    found.places = vec![(0, "VERSION".into())];
    found.known.now =
        now.iter().map(|(path, text)| ((*path).into(), Some((*text).into()))).collect();
    insta::assert_snapshot!(written(&found), @r#"
    file: "changes-{major}.{minor}.md"
    --
    each release line has its own changelog: `changes-{major}.{minor}.md`
    "#);
}

#[test]
fn tools_whose_fragments_raise_the_version_are_found_by_their_configuration() {
    let config = |files: &[&str], folder: &str| {
        let files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
        raising_config(&files, folder).map(str::to_owned)
    };
    let changesets = ".changeset/config.json";
    assert_eq!(config(&[changesets], "").as_deref(), Some(changesets));
    assert_eq!(config(&[changesets], "packages/w/").as_deref(), Some(changesets));
    assert_eq!(config(&["w/.changie.yaml"], "w/").as_deref(), Some("w/.changie.yaml"));
    assert_eq!(config(&["w/.changie.yaml", "towncrier.toml"], ""), None);
}
