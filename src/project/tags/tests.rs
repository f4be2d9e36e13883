//! Which tags count, and which form is chosen.

use super::*;

fn template(text: &str) -> TagTemplate {
    TagTemplate::new(text).unwrap()
}

fn counted(form: &str, names: &[&str], tags: &[&str]) -> (Vec<String>, Vec<String>) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let reading = read(&template(form), None, &names, tags.iter().copied());
    let tags = reading.versions.iter().map(|(tag, version)| format!("{tag}={version}"));
    (tags.collect(), reading.strange.iter().map(|tag| (*tag).to_owned()).collect())
}

fn chosen(tags: &[(&str, &str)], names: &[&str], file: Option<&str>) -> Option<Form> {
    let at = |date: &str| {
        format!("{date}T00:00:00Z").parse::<Timestamp>().map_or(0, |at| at.as_second())
    };
    let tags: Vec<Dated> =
        tags.iter().map(|(name, date)| Dated { name: (*name).into(), at: at(date) }).collect();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    choose(&tags, &names, file.map(|file| Version::read(file).unwrap()).as_ref(), &|_| true)
}

fn form(tags: &[&str], names: &[&str], file: Option<&str>) -> String {
    let tags: Vec<(&str, &str)> = tags.iter().map(|tag| (*tag, "")).collect();
    chosen(&tags, names, file).unwrap().template
}

#[test]
fn tags_in_an_earlier_format_still_count_as_history() {
    let all = ["1.0.0=1.0.0", "v1.1.0=1.1.0", "rel-1.2.0=1.2.0", "release/1.3.0=1.3.0"];
    for form in ["v{version}", "{version}"] {
        let tags = ["1.0.0", "v1.1.0", "rel-1.2.0", "release/1.3.0", "nightly", "v1"];
        let (mut found, strange) = counted(form, &[], &tags);
        found.sort();
        let mut all = all.to_vec();
        all.sort_unstable();
        assert_eq!((found, strange), (all.iter().map(|it| (*it).to_owned()).collect(), vec![]));
    }
    let (found, _) = counted("v{version}", &["@acme/widget"], &["widget-1.0.0", "gadget-2.0.0"]);
    assert_eq!(found, ["widget-1.0.0=1.0.0"]);
}

#[test]
fn tags_without_a_name_do_not_belong_to_a_package_with_its_own_tags() {
    // Either the whole repository's or those from before the package was moved.
    let tags = ["core-v1.0.0", "core-v1.1.0", "v0.9.0", "v5.0.0", "core-util-v9.0.0"];
    let (found, strange) = counted("core-v{version}", &[], &tags);
    assert_eq!(found, ["core-v1.0.0=1.0.0", "core-v1.1.0=1.1.0", "v0.9.0=0.9.0"]);
    assert!(strange.is_empty());
    assert_eq!(counted("core-v{version}", &[], &["v5.0.0", "util-v1.0.0"]), (vec![], vec![]));
}

#[test]
fn unmatched_tags_that_look_like_versions_are_reported() {
    let tags = ["gadget-8_20_0", "gadget-8_21_0", "nightly"];
    let (found, strange) = counted("v{version}", &["widget"], &tags);
    assert_eq!((found.len(), strange), (0, vec!["gadget-8_20_0".into(), "gadget-8_21_0".into()]));
    let (found, strange) = counted("v{version}", &["gadget"], &tags);
    assert_eq!(found, ["gadget-8_20_0=8.20.0", "gadget-8_21_0=8.21.0"]);
    assert!(strange.is_empty());
}

#[test]
fn the_newest_releases_determine_the_tag_format_rather_than_the_majority() {
    let tags = ["v0.1.0", "v0.2.0", "v0.3.0", "1.0.0", "1.1.0"];
    assert_eq!(form(&tags, &[], Some("1.2.0")), "{version}");
    assert_eq!(form(&tags, &[], None), "{version}");
    // By date, not by number: an old calendar is above all that follow.
    let dated = [("2015.1.2", "2015-01-02"), ("v1.0.0", "2020-01-01"), ("v1.1.0", "2021-01-01")];
    assert_eq!(chosen(&dated, &[], None).unwrap().template, "v{version}");
    // What was left years ago is not taken up again.
    let dated = [
        ("v0.5.0", "2022-01-01"),
        ("widget-v0.8.0", "2026-01-01"),
        ("widget-core-v0.9.0", "2026-02-01"),
        ("widgetry-v9.0.0", "2025-01-01"),
    ];
    assert_eq!(chosen(&dated, &[], None).unwrap().template, "widget-v{version}");
    // A maintenance line has its own form, or takes the new one.
    let tags = [("4.21.0", ""), ("4.21.1", ""), ("v5.0.0", ""), ("v5.1.0", "")];
    let line = chosen(&tags, &[], Some("4.21.2")).unwrap();
    assert_eq!((line.template.as_str(), line.rival.as_deref()), ("{version}", Some("v5.1.0")));
    let newest = chosen(&tags, &[], Some("5.1.1")).unwrap();
    assert_eq!((newest.template.as_str(), newest.rival), ("v{version}", None));
}

#[test]
fn tags_of_release_candidates_do_not_determine_the_release_tag_format() {
    let dated = [
        ("widget-8_20_0", "2026-01-01"),
        ("widget-8_21_0", "2026-02-01"),
        ("rc-8_22_0-1", "2026-03-01"),
        ("rc-8_22_0", "2026-03-02"),
    ];
    let form = chosen(&dated, &[], None).unwrap();
    assert_eq!(form.template, "widget-{major}_{minor}_{patch}");
    // A tag that lacks its name is a mistake, not another form.
    let dated =
        [("widget-1.5", "2025-01-01"), ("widget-1.6rc1", "2026-01-01"), ("1.6rc2", "2026-02-01")];
    assert_eq!(chosen(&dated, &[], None).unwrap().template, "widget-{version}");
}

#[test]
fn a_package_prefers_tags_with_its_own_prefix() {
    let tags = ["big-v2.1.0", "big-v2.2.0", "big-v2.3.0", "small-v0.7.0", "v9.0.0"];
    assert_eq!(form(&tags, &["small"], Some("2.9.0")), "small-v{version}");
    assert_eq!(form(&tags, &["@acme/small"], Some("2.9.0")), "small-v{version}");
    assert_eq!(form(&tags, &["none"], Some("9.1.0")), "v{version}");
    assert_eq!(form(&["a@1.0.0", "b@2.0.0"], &[], Some("2.1.0")), "b@{version}");
    let scoped = ["@acme/w@1.0.0", "@acme/x@3.0.0", "v2.0.0"];
    assert_eq!(form(&scoped, &["@acme/w"], Some("3.1.0")), "@acme/w@{version}");
}

#[test]
fn tags_with_unusual_separators_get_a_template() {
    assert_eq!(
        form(&["widget-8_19_0", "widget-8_20_0", "widget-7_9"], &[], None),
        "widget-{major}_{minor}_{patch}"
    );
    assert_eq!(form(&["REL_17_1", "REL_17_2"], &[], None), "REL_{major}_{minor}");
    assert_eq!(form(&["widget-1.6", "widget-1.7", "widget-1.7.1"], &[], None), "widget-{version}");
    assert_eq!(form(&["release-1-2-3"], &[], None), "release-{major}-{minor}-{patch}");
    assert_eq!(form(&["v1.51", "v1.52"], &[], None), "v{version}");
    assert_eq!(chosen(&[("nightly", ""), ("v1", ""), ("20240105", "")], &[], None), None);
}

#[test]
fn the_version_scheme_is_written_only_if_it_is_not_semver() {
    let scheme = |tags: &[(&str, &str)], file| chosen(tags, &[], file).unwrap().scheme;
    assert_eq!(scheme(&[("v1.2.0", "2026-01-01")], Some("1.3.0")), None);
    assert_eq!(
        scheme(&[("1.6", "2026-01-01"), ("1.7.1", "2026-02-01")], None),
        Some(Scheme::Dotted)
    );
    assert_eq!(scheme(&[("1.2.0", "2026-01-01")], Some("1.3.0rc1")), Some(Scheme::Pep440));
    let calendar = Some(Scheme::Calendar);
    assert_eq!(scheme(&[("25.3", "2025-10-01"), ("26.1", "2026-02-01")], Some("26.2")), calendar);
    assert_eq!(scheme(&[("25.11.0", "2026-01-01")], None), calendar);
    assert_eq!(scheme(&[("2026.1.0", "")], None), calendar);
    // Majors that are of the size of a year by chance.
    let chance = [
        ("v25.0.9", "2026-08-05"),
        ("v25.0.5", "2026-06-09"),
        ("v25.0.0", "2025-10-15"),
        ("v24.2.9", "2025-10-01"),
        ("v24.0.0", "2024-05-31"),
    ];
    assert_eq!(scheme(&chance, None), None);
    assert_eq!(scheme(&[("v24.14.0", "2026-03-01"), ("v25.2.0", "2026-02-01")], None), None);
}
