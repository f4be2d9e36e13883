//! Where the notes of a release come from, and what they are on GitHub.

use crate::saw;
use crate::support::fake_github::{Options, Scopes, TOKEN};
use crate::support::story::{MANIFEST, Story, regex_of};
use std::collections::BTreeMap;

/// A project whose manifest has this in place of the changelog, with one more commit.
fn story(changelog: &str, files: &[(&str, &str)]) -> Story {
    let usual = "changelog: { file: CHANGELOG.md, style: keep-a-changelog }";
    let story = Story::new();
    story.write("work/tminus.yaml", MANIFEST.replace(usual, changelog));
    for (path, text) in files {
        story.write(&format!("work/{path}"), text);
    }
    story.push("chore: notes");
    story.report("build", "success");
    story
}

/// The notes of the only release, without the mark.
fn notes(story: &Story) -> String {
    let body = story.fake_github.with(|state| {
        assert_eq!(state.releases.len(), 1);
        state.releases.first().map(|held| held.release.body.clone()).unwrap()
    });
    body.split_once("\n\n<!-- tminus:").map_or(body.clone(), |(notes, _)| notes.to_owned())
}

fn released(story: &Story) {
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

#[test]
fn notes_generated_by_github_are_sealed_before_the_release_starts() {
    let story = story("changelog: { style: github }", &[]);
    saw!(story, "notes-of-github-plan", story.run(&["plan"]).whole());
    let said = story.run(&["release", "--through", "candidate"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    story.fake_github.with(|state| state.settings.generated_notes = "* Something else\n".into());
    released(&story);
    assert_eq!(notes(&story), "## What's Changed\n* A change by @ada\n");
}

#[test]
fn no_plan_is_made_without_permission_to_generate_notes() {
    let tokens = BTreeMap::from([(TOKEN.to_owned(), Scopes::READ)]);
    let options = Options { tokens, ..Options::default() };
    let usual = "changelog: { file: CHANGELOG.md, style: keep-a-changelog }";
    let story = Story::bare(options, &MANIFEST.replace(usual, "changelog: { style: github }"));
    story.report("build", "success");
    saw!(story, "notes-of-github-denied", story.run(&["plan"]).whole());
    let mut story = story;
    story.set("GITHUB_TOKEN", "");
    saw!(story, "notes-of-github-without-a-token", story.run(&["plan"]).whole());
}

#[test]
fn a_version_with_its_own_notes_file_is_released_with_its_text() {
    let text = "---\ntitle: Widget 1.1\n---\n\n# Widget 1.1\n\n- A  second *widget*. \n\n[1]: https://x.example\n";
    let changelog = "changelog: { file: 'docs/{version}.md' }";
    let story = story(changelog, &[("docs/1.1.0.md", text)]);
    saw!(story, "notes-in-a-file-check", story.run(&["check"]).whole());
    released(&story);
    let expected = "# Widget 1.1\n\n- A  second *widget*. \n\n[1]: https://x.example";
    assert_eq!(notes(&story), expected);
}

#[test]
fn uncollected_fragments_stop_a_release_and_collected_ones_do_not() {
    let changelog = "changelog: { style: fragments, fragments: changes }";
    let files = [("changes/README.md", "How to.\n"), ("changes/core/2.feature.md", "A widget.\n")];
    let story = story(changelog, &files);
    saw!(story, "fragments-left", story.run(&["check"]).whole());
    story.git("work", &["rm", "-q", "changes/core/2.feature.md"]);
    story.push("chore: collect");
    story.report("build", "success");
    released(&story);
    assert_eq!(notes(&story), "### Added\n\n- A second widget.");
}

/// What is kept of notes that are cut, and where the link at their end leads.
fn parts(notes: &str) -> (&str, &str, &str) {
    let (kept, link) = notes.rsplit_once("\n\n[").unwrap();
    let (words, page) = link.split_once("](").unwrap();
    (kept, words, page.strip_suffix(')').unwrap())
}

#[test]
fn notes_cut_after_many_commits_end_with_a_link_and_check_reports_it() {
    let story = story("changelog: { style: generated }", &[]);
    let said = "a change that is told in many words ".repeat(40);
    let mut parent = story.sha("work", "HEAD").to_string();
    for number in 0..100 {
        let message = format!("fix: number {number}, {said}");
        let commit = ["commit-tree", "-p", &parent, "-m", &message, "HEAD^{tree}"];
        parent = story.git("work", &commit).trim().to_owned();
    }
    story.git("work", &["reset", "-q", "--hard", &parent]);
    story.push("docs: the end");
    story.report("build", "success");
    saw!(story, "notes-of-commits-too-long-check", story.run(&["check"]).whole());
    released(&story);
    let notes = notes(&story);
    let (kept, words, page) = parts(&notes);
    assert!(kept.starts_with("### Features\n\n- a second widget"), "{kept:.99}");
    assert!(kept.lines().last().unwrap().starts_with("- number "));
    assert!((120_000..123_000).contains(&kept.len()), "{}", kept.len());
    assert_eq!(words, "The notes continue in the list of commits.");
    assert!(page.ends_with("/acme/widget/compare/v1.0.0...v1.1.0"), "{page}");
}

#[test]
fn overlong_notes_from_github_end_with_a_link_before_anything_is_public() {
    let story = story("changelog: { style: github }", &[]);
    let body = format!("## What's Changed\n{}", "* A change by @ada\n".repeat(8000));
    story.fake_github.with(|state| state.settings.generated_notes = body.clone());
    let plan = story.run(&["plan"]).whole();
    assert!(plan.contains("[The notes continue in the list of commits.]"), "{plan}");
    released(&story);
    let notes = notes(&story);
    let (kept, _, page) = parts(&notes);
    assert!(body.starts_with(kept) && kept.ends_with("* A change by @ada"));
    assert!(page.ends_with("/acme/widget/compare/v1.0.0...v1.1.0"), "{page}");
}

#[test]
fn overlong_changelog_notes_end_before_a_heading_with_a_link() {
    let part =
        |name: &str| format!("### {name}\n\n{}\n", "- A change of this part.\n".repeat(2500));
    let text = format!(
        "# Changelog\n\n## [1.1.0] - 2026-01-10\n\n{}{}{}\n## [1.0.0] - 2026-01-02\n\n- The widget.\n",
        part("One"),
        part("Two"),
        part("Three"),
    );
    let changelog = "changelog: { file: CHANGELOG.md }";
    let story = story(changelog, &[("CHANGELOG.md", &text)]);
    saw!(story, "notes-too-long-check", story.run(&["check"]).whole());
    released(&story);
    let notes = notes(&story);
    let (kept, words, page) = parts(&notes);
    let (_, whole) = text.split_once("- 2026-01-10\n\n").unwrap();
    assert!(whole.starts_with(kept) && kept.starts_with("### One"));
    assert!(whole[kept.len()..].starts_with("\n\n### Two"), "it ends before a heading");
    assert_eq!(words, "The notes continue in the changelog.");
    assert!(page.ends_with("/acme/widget/blob/v1.1.0/CHANGELOG.md"), "{page}");
}
