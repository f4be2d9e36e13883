//! How changelogs are read: each case is a file that some project could have.

use super::*;
use crate::base::source::Source;
use crate::base::version::Version;
use jiff::civil::date;

fn read(name: &str, text: &str) -> Vec<Section> {
    sections(&Source { name: name.into(), text: text.into() }).unwrap_or_default().to_vec()
}

/// The titles of the sections of a file.
fn titles(name: &str, text: &str) -> Vec<String> {
    read(name, text).into_iter().map(|section| section.title).collect()
}

/// The section of 1.1.0.
fn section(name: &str, text: &str) -> Section {
    let sections = read(name, text);
    let found = of(&sections, &Version::new(1, 1, 0));
    found.map(|(_, section)| section.clone()).unwrap_or_else(|| panic!("{name}: {text:?}"))
}

const DAY: Dated = Dated::On(date(2026, 1, 6));

#[test]
fn changelog_sections_have_a_version_date_position_and_entry_count() {
    let text = "# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-01-06\n\n### Added\n\n- One thing\n  \
                - in detail\n- Another\n\n## 1.0.0 (2025-02-30)\n\n### Fixed\n\n## 0.9.0\n\nWords.\n";
    let sections = read("CHANGELOG.md", text);
    assert!(sections[0].is_unreleased() && sections[0].is_empty());
    let section = &sections[1];
    assert_eq!((section.version.clone(), &section.date), (Some(Version::new(1, 1, 0)), &DAY));
    assert_eq!(&text[section.heading.start..section.heading.end], "## [1.1.0] - 2026-01-06");
    assert_eq!(section.entries, 2);
    assert_eq!(sections[2].date, Dated::Unreal("2025-02-30".into()));
    assert!(sections[2].is_empty());
    assert_eq!(sections[3].date, Dated::Missing);
    assert!(!sections[3].is_empty());
}

#[test]
fn a_changelog_heading_is_parsed_in_every_common_format() {
    for heading in [
        "## [1.1.0] - 2026-01-06",
        "## [1.1.0] - 2026-01-06 ##",
        "## 1.1.0 (2026-01-06)",
        "## 1.1.0 / 2026-01-06",
        "## 1.1.0 — 2026/01/06",
        "# v1.1.0 - January 6, 2026",
        "## Version 1.1.0 (6th January, 2026)",
        "### Release 1.1.0: Jan 6th 2026",
        "## widget 1.1.0 (6 Jan 2026)",
        "## widget-v1.1.0 (Tue 6 Jan 2026 10:00:00 UTC)",
        "## @acme/widget@1.1.0 2026-01-06",
        "## [1.1.0](https://x.example/compare/v1.0.0...v1.1.0) (2026-01-06)",
        "## [1.1.0 - 2026-01-06](https://x.example)",
        "## <small>[1.1.0](https://x.example) (2026-01-06)</small>",
        "## [1.1.0] - 2026-01-06 (Hedgehog)",
        "## 1.1.0 \"Hedgehog\" - 2026-01-06",
        "## [1.1.0] - 2026-01-06 <a id=\"v110\"></a>",
        "## 🚀 v1.1.0 🎉 (06.01.2026)",
        "## **1.1.0** _(2026-01-06T10:00:00Z)_",
        "## `1.1.0` – 2026-01-06 {#v1-1-0}",
        "## 2026-01-06: 1.1.0",
        "## 2026-01-06, Version 1.1.0 (Current), @somebody",
        "1.1.0 (2026-01-06)\n==================",
        "[1.1.0](https://x.example) - 2026-01-06\n---",
        "<h2 id=\"v110\">1.1.0 (2026-01-06)</h2>",
        "**1.1.0** (2026-01-06)",
        "v1.1.0 - January 6, 2026",
        "## 1.1.0\n\nReleased on 2026-01-06.",
        "## 1.1.0\n\n_January 6th, 2026_",
        "## 1.1.0\nRelease date: 2026-01-06",
    ] {
        for end in ["\n", "\r\n"] {
            let text = format!("# Changes\n\n{heading}\n\n- Third.\n").replace('\n', end);
            let section = section("CHANGELOG.md", &text);
            assert_eq!(section.date, DAY, "{heading}");
            assert_eq!((section.entries, section.is_empty()), (1, false), "{heading}");
        }
    }
}

#[test]
fn a_placeholder_for_a_date_is_not_a_date() {
    for (heading, word) in [
        ("## 1.1.0 - TBD", "TBD"),
        ("## 1.1.0 (TBD)", "TBD"),
        ("## [1.1.0] - Unreleased", "Unreleased"),
        ("## [1.1.0] - ReleaseDate", "ReleaseDate"),
        ("## [1.1.0] - YYYY-MM-DD", "YYYY-MM-DD"),
        ("## [1.1.0] - 2026-xx-xx", "2026-xx-xx"),
        ("## [1.1.0] - 2026-05-011", "2026-05-011"),
        ("## [1.1.0] - 2026-02-30", "2026-02-30"),
        ("## 1.1.0 (February 30th, 2026)", "30th February 2026"),
        ("## 1.1.0 (not yet released)", "not yet released"),
        ("## 1.1.0\n\nUnreleased", "Unreleased"),
        ("## 1.1.0\n\nReleased on TBD.", "TBD"),
    ] {
        let text = format!("# Changes\n\n{heading}\n\n- Third.\n\n## 1.0.0 (2025-01-01)\n\n- A.\n");
        assert_eq!(section("CHANGELOG.md", &text).date, Dated::Unreal(word.into()), "{heading}");
    }
    let month = section("CHANGELOG.md", "## 1.1.0 (January 2026)\n\n- Third.\n");
    assert_eq!(month.date, Dated::During(date(2026, 1, 1)));
    // A code name is none of these.
    let named = section("CHANGELOG.md", "## 1.1.0 - Hedgehog\n\n- Third.\n");
    assert_eq!(named.date, Dated::Missing);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of changelogs")]
fn a_section_reaches_to_the_next_version_and_not_to_the_next_heading() {
    for (name, begin, inner, next) in [
        ("a.md", "## 1.1.0\n\n", "A.\n\n---\n\n### Added\n\n- B.", "\n\n## 1.0.0\n\n- C.\n"),
        ("a.md", "## 1.1.0\n\n", "- A.\n---\n- B.", "\n\n## 1.0.0\n\n- C.\n"),
        ("a.md", "## 1.1.0\n\n", "- A.\n\n## Highlights\n\n- B.", "\n\n## 1.0.0\n\n- C.\n"),
        ("a.md", "# 1.1.0\n\n", "```\n# 1.0.0\n```\n\n- B.", "\n\n# 1.0.0\n\n- C.\n"),
        ("a.md", "## 1.1.0\n\n", "> ## 0.9.0\n\n- B.", "\n\n## 1.0.0\n\n- C.\n"),
        (
            "a.md",
            "## 1.1.0\n\n",
            "### core ([`1.0.4`](https://x.example))\n\n- B.",
            "\n\n## 1.0.0\n\n- C.\n",
        ),
        ("a.md", "## 1.1.0\n\n", "### Upgrading from 1.0 to 1.1\n\n- B.", "\n\n## 1.0.0\n\n- C.\n"),
        (
            "a.md",
            "## [1.1.0](x) (2026-01-06)\n\n",
            "* third",
            "\n\n### [1.0.1](x) (2025-12-01)\n\n* b\n\n## [1.0.0](x) (2025-11-01)\n\n* a\n",
        ),
        (
            "a.md",
            "# [1.1.0](x) (2026-01-06)\n\n",
            "* third",
            "\n\n## [1.0.1](x) (2025-12-01)\n\n* b\n",
        ),
        ("a.md", "## 1.1.0\n\n", "### 1.1.0-rc.1\n\n- B.", "\n\n## 1.0.0\n\n- C.\n"),
        ("a.md", "## 1.1.0\n\n", "    code first\n\n- B.", "\n\n## 1.0.0\n\n- C.\n"),
        (
            "a.rst",
            "Version 1.1.0\n-------------\n\n",
            "Added\n^^^^^\n\n- B.",
            "\n\nVersion 1.0.0\n-------------\n\n- C.\n",
        ),
        (
            "a.rst",
            "pytest 1.1.0 (2026-01-06)\n=========================\n\n",
            "Fixes\n-----\n\n- `#1 <https://x.example>`_: B.",
            "\n\npytest 1.0.0 (2025-01-06)\n=========================\n\n- C.\n",
        ),
        (
            "a.rst",
            "=====\n1.1.0\n=====\n\n",
            "Fixes\n-----\n\n- B.",
            "\n\n=====\n1.0.0\n=====\n\n- C.\n",
        ),
        (
            "a.adoc",
            "== 1.1.0 (2026-01-06)\n\n",
            "=== Added\n\n----\n== 1.0.0\n----\n\n* B.",
            "\n\n== 1.0.0 (2025-01-06)\n\n* C.\n",
        ),
        (
            "NEWS",
            "1.1.0 / 2026-01-06\n==================\n\n",
            "  * B\n\n  * D",
            "\n\n1.0.0 / 2025-01-06\n==================\n\n  * C\n",
        ),
        ("NEWS", "v1.1.0 - January 6, 2026\n\n", "* B", "\n\nv1.0.0 - January 1, 2025\n\n* C\n"),
        (
            "ChangeLog.txt",
            "Version 1.1.0 (2026-01-06)\n",
            "  - B",
            "\n\nVersion 1.0.0 (2025-01-06)\n  - C\n",
        ),
        (
            "NEWS",
            "* Noteworthy changes in release 1.1.0 (2026-01-06) [stable]\n\n",
            "** Bug fixes\n\n  B.",
            "\n\n* Noteworthy changes in release 1.0.0 (2025-01-06) [stable]\n\n  C.\n",
        ),
        (
            "CHANGELOG",
            "## 1.1.0 (2026-01-06)\n\n",
            "### Added\n\n- B.",
            "\n\n## 1.0.0 (2025-01-06)\n\n- C.\n",
        ),
    ] {
        let section = section(name, &format!("{begin}{inner}{next}"));
        assert_eq!(section.notes, inner, "{name}: {begin}");
        assert!(!section.is_empty(), "{name}: {begin}");
    }
}

#[test]
fn version_headings_are_recognized_by_the_conventions_of_the_file() {
    let patches = "# Changelog\n\n## [Unreleased]\n\n### [1.1.0] - 2026-01-10\n\n- C.\n\n## [1.0.0] - 2025-11-02\n\n- A.\n";
    assert_eq!(titles("a.md", patches), ["Unreleased", "1.1.0", "1.0.0"]);
    let title = "# Changelog for v1.1\n\nSee 1.0.\n\n## 1.1.0\n\n- C.\n\n## 1.0.0\n\n- A.\n";
    assert_eq!(titles("a.md", title), ["1.1.0", "1.0.0"]);
    let lines = "v1.1.0 - January 6, 2026\n\n* a\n\nv1.0.0 - January 1, 2025\n\n* b\n";
    assert_eq!(titles("a.md", lines), ["1.1.0", "1.0.0"]);
    let pointer = "Change Log\n==========\n\nThe changes are on the releases page.\n";
    assert_eq!(titles("a.md", pointer), Vec::<String>::new());
    let marked = "\u{feff}## [1.1.0] - 2026-01-10\n\n- C.\n";
    assert_eq!(titles("a.md", marked), ["1.1.0"]);
    let front = "---\ntitle: 1.0.0\n---\n\n## 1.1.0\n\n- C.\n";
    assert_eq!(titles("a.md", front), ["1.1.0"]);
    let twice = "## 1.1.0\n\n- C.\n\n## 0.2.0\n\n- b\n\n## 0.2.0\n\n- a\n";
    assert_eq!(titles("a.md", twice), ["1.1.0", "0.2.0", "0.2.0"]);
    let groups = "## 1.1\n\n### 1.1.0 (2026-01-06)\n\n- C.\n\n### 1.0.0 (2025-01-06)\n\n- A.\n";
    assert_eq!(section("a.md", groups).notes, "- C.");
}

#[test]
fn a_changelog_under_a_longer_project_name_still_lists_its_versions() {
    let rule = "=".repeat(40);
    let text = format!(
        "Widget 1.1 release notes\n====\n\n---\nLevels:\n\nLOW: Fixes.\n---\n\n\
         Widget Community Edition 1.1.0    Released Tue 06 Jan 2026 20:17:04 UTC\n{rule}\n\n\
         Fixes\n=====\n\n* Third.\n\n{rule}\nWidget 1.0.1   Released Mon 05 Jan 2026 10:00:00 UTC\n\
         {rule}\n\n* Second.\n\n{rule}\nWidget 1.0.0   Released Sun 04 Jan 2026 10:00:00 UTC\n{rule}\n\n\
         * First.\n"
    );
    assert_eq!(titles("NEWS", &text), ["1.1.0", "1.0.1", "1.0.0"]);
    let section = section("NEWS", &text);
    assert_eq!((section.date, section.entries), (DAY, 1));
    let loose = "Widget 1.1 release notes\n===\n\n===\nWidget 1.1.0 GA   Released Tue 06 Jan 2026\n===\n\n\
                 * Third.\n\n===\nWidget 1.0.0 GA   Released Sun 04 Jan 2026\n===\n\n* First.\n";
    assert_eq!(titles("NEWS", loose), ["1.1.0", "1.0.0"]);
}

#[test]
fn the_unreleased_section_is_recognized_by_any_usual_name() {
    for heading in [
        "## [Unreleased]",
        "## [unreleased]",
        "## Unreleased:",
        "# unreleased",
        "## [Unreleased] - ReleaseDate",
        "## 🚧 UNRELEASED 🚧",
        "## Next (UNRELEASED)",
        "## master (unreleased)",
        "## Unreleased changes",
        "## Upcoming release",
        "## HEAD",
        "TBD\n===",
        "**Unreleased**",
        "## [Unreleased](https://x.example)",
        "<h2>Unreleased</h2>",
    ] {
        let text = format!("# Changes\n\n{heading}\n\n- Left.\n\n## 1.1.0 (2026-01-06)\n\n- C.\n");
        let sections = read("CHANGELOG.md", &text);
        assert!(sections[0].is_unreleased() && !sections[0].is_empty(), "{heading}");
        assert_eq!(sections.len(), 2, "{heading}");
    }
    // Below a version such a word is no more than a heading.
    let inner = "## 1.1.0\n\n### Development\n\n- B.\n\n## Next\n\n- D.\n\n## 1.0.0\n\n- A.\n";
    assert_eq!(titles("a.md", inner), ["1.1.0", "1.0.0"]);
    let end =
        "## 1.1.0\n\n- B.\n\n## 1.0.0\n\n- A.\n\n## Unreleased changes in the fork\n\n- Old.\n";
    assert_eq!(titles("a.md", end), ["1.1.0", "1.0.0"]);
    let oldest_first = "## 1.0.0\n\n- A.\n\n## 1.1.0\n\n- B.\n\n## Unreleased\n\n- Left.\n";
    assert_eq!(titles("a.md", oldest_first), ["1.0.0", "1.1.0", "Unreleased"]);
    let rst = "Unreleased\n----------\n\n- Left.\n\nVersion 1.0.0\n-------------\n\n- A.\n";
    assert_eq!(titles("a.rst", rst), ["Unreleased", "1.0.0"]);
    let adoc = "== Unreleased\n\n* Left.\n\n== 1.0.0\n\n* A.\n";
    assert_eq!(titles("a.adoc", adoc), ["Unreleased", "1.0.0"]);
}

#[test]
fn changelog_entries_are_counted_as_a_reader_sees_them() {
    for (notes, entries, empty) in [
        ("- A.\n- B.\n", 2, false),
        ("Words.\n", 0, false),
        ("<details>\n<summary>S</summary>\n<ul><li>A.</li></ul>\n</details>\n", 1, false),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n", 1, false),
        ("### Added\n\n### Fixed\n", 0, true),
        ("<!-- a\ncomment -->\n", 0, true),
        ("[1]: https://x.example\n", 0, true),
        ("TBD\n", 0, true),
        ("- TBD.\n", 1, true),
        ("_Nothing yet._\n", 0, true),
        ("Unreleased changes. Release notes have not yet been written.\n", 0, true),
        ("No changes.\n", 0, true),
        ("- Nothing breaks any more.\n", 1, false),
    ] {
        let text = format!("## Unreleased\n\n{notes}\n## 1.0.0\n\n- A.\n");
        let section = &read("CHANGELOG.md", &text)[0];
        assert_eq!((section.entries, section.is_empty()), (entries, empty), "{notes}");
    }
    // A released version may have no changes.
    assert!(!section("CHANGELOG.md", "## 1.1.0\n\nNo changes.\n").is_empty());
}

#[test]
fn notes_contain_exactly_the_link_definitions_they_use() {
    let text = "## [1.1.0]\n\n- Third, see [#12] and [this][Other].[^1]\n\n## [1.0.0]\n\n- First [#1].\n\n\
                [1.1.0]: https://x.example/1.1.0\n[#12]: https://x.example/12\n[#1]: https://x.example/1\n\
                [other]: https://x.example/o\n\n[^1]: A footnote.\n";
    assert_eq!(
        section("CHANGELOG.md", text).notes,
        "- Third, see [#12] and [this][Other].[^1]\n\n[#12]: https://x.example/12\n\
         [other]: https://x.example/o\n[^1]: A footnote."
    );
    let last =
        "## 1.1.0\n\n- Third [#1].\n\n[#1]: https://x.example/1\n[#2]: https://x.example/2\n";
    assert_eq!(section("CHANGELOG.md", last).notes, "- Third [#1].\n\n[#1]: https://x.example/1");
}

#[test]
fn a_heading_that_leads_from_one_version_to_the_next_is_that_of_the_next() {
    for line in [
        "### Changes between 1.0.0 and {} [6 Jan 2026]",
        "### From 1.0.0 to {} (2026-01-06)",
        "### 1.0.0 -> {} (2026-01-06)",
        "### 1.0.0 → {} (2026-01-06)",
    ] {
        let of = |this: &str, before: &str| line.replace("1.0.0", before).replace("{}", this);
        let text = format!("{}\n\n- b\n\n{}\n\n- a\n", of("1.1.0", "1.0.0"), of("1.0.0", "0.9.0"));
        assert_eq!(titles("CHANGES.md", &text), ["1.1.0", "1.0.0"], "{line}");
        assert_eq!(section("CHANGES.md", &text).date, DAY, "{line}");
    }
    let asked = "# What's new in Widget 1.1.0?\n\n- b\n\n# What's new in Widget 1.0.0?\n\n- a\n";
    assert_eq!(titles("CHANGES.md", asked), ["1.1.0", "1.0.0"]);
}

#[test]
fn plain_text_has_headings_without_marks_and_without_dates() {
    for (line, notes) in [
        ("v{}\n", "  * b"),
        ("{}:\n", "  - b"),
        ("version {}:\n", "- b"),
        ("Changes in {}:\n", "- b"),
        ("Changes in version {} (Jan 6, 2026):\n\n", "  o b"),
        ("Changes with widget {}                          06 Jan 2026\n\n", "    *) b"),
        ("CHANGES FROM 0.1.0 TO {}\n\n", "* b"),
        ("New in {}:\n\n", "* New features\n\n  - b"),
        ("-- {} --\n\n", " * b"),
        (
            "2026.01.06, Version {} (Stable), e9f29cb984231524\n\n",
            "Changes since version 1.0.0:\n\n* b",
        ),
        ("h2. {} / 2026-01-06\n\n", "* b"),
        ("{}      2026-01-06 10:00:00+01:00 Europe/Berlin\n", "    - b"),
        ("{}   Tue Jan 06 2026\n", "        b"),
    ] {
        let of = |this: &str| line.replace("{}", this);
        let text =
            format!("{}{notes}\n\n{}  * a\n\n{}  * z\n", of("1.1.0"), of("1.0.0"), of("0.9.0"));
        for name in ["CHANGES", "NEWS.txt"] {
            assert_eq!(titles(name, &text), ["1.1.0", "1.0.0", "0.9.0"], "{text}");
            assert_eq!(section(name, &text).notes, notes, "{text}");
        }
    }
}

#[test]
fn a_version_that_a_line_of_plain_text_mentions_begins_no_section() {
    let text = "Widget 1.1.0\n============\n\nChanges since 1.0.0:\n\n * b\n\nRequires gadget 2.0:\n \
                * it\n\nWidget 1.0.0\n============\n\nChanges since 0.9.0:\n\n * a\n";
    assert_eq!(titles("NEWS", text), ["1.1.0", "1.0.0"]);
    let text = "v1.1.0\n  * b\n\nTested with 2.0:\n  * it\n\nv1.0.0\n  * a\n";
    assert_eq!(titles("NEWS", text), ["1.1.0", "1.0.0"]);
}

#[test]
fn the_changelog_of_a_debian_package_has_the_versions_of_its_source() {
    let of = |version: &str| {
        format!(
            "widget ({version}) unstable; urgency=medium\n\n  * b\n\n -- A <a@x.example>  Tue, 06 Jan 2026 \
             10:00:00 +0000\n\n"
        )
    };
    for (new, old) in
        [("1.1.0", "1.0.0"), ("1.1.0-1", "1.0.0-3ubuntu1"), ("1:1.1.0-1", "1:1.0.0-1")]
    {
        let text = of(new) + &of(old);
        assert_eq!(titles("debian/changelog", &text), ["1.1.0", "1.0.0"]);
        assert!(section("debian/changelog", &text).notes.starts_with("  * b\n"));
    }
    let open = of("1.1.0").replace("unstable", "UNRELEASED") + &of("1.0.0");
    assert_eq!(section("debian/changelog", &open).date, Dated::Unreal("UNRELEASED".into()));
}

#[test]
fn versions_in_a_list_begin_sections_if_no_heading_has_one() {
    for text in [
        "# Changelog\n\n* 1.1.0\n  * b\n* 1.0.0\n  * a\n",
        "# Changelog\n\n- **v1.1.0** (2026-01-06)\n  * b\n- **v1.0.0** (2025-01-06)\n  * a\n",
        "CHANGELOG for 1.x\n=================\n\n* 1.1.0 (2026-01-06)\n\n  * b\n\n* 1.0.0 (2025-01-06)\n\n  * a\n",
    ] {
        assert_eq!(titles("CHANGELOG.md", text), ["1.1.0", "1.0.0"], "{text}");
        assert_eq!(section("CHANGELOG.md", text).notes, "  * b", "{text}");
    }
    let headings = "## 1.1.0\n\n- 2.0.0\n- 2.1.0\n\n## 1.0.0\n\n- 3.0.0\n";
    assert_eq!(titles("CHANGELOG.md", headings), ["1.1.0", "1.0.0"]);
    assert!(titles("CHANGELOG.md", "See the releases:\n\n- 1.0.0\n").is_empty());
}
