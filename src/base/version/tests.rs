//! How versions are read, ordered, and moved.

use super::*;

fn read(text: &str) -> Version {
    Version::read(text).unwrap()
}

/// Every text is lower than the next, read by the scheme, and in any order of reading.
fn rises(scheme: Scheme, texts: &[&str]) {
    let parsed: Vec<Version> =
        texts.iter().map(|text| Version::parse(text, scheme).unwrap()).collect();
    for (a, low) in parsed.iter().enumerate() {
        for (b, high) in parsed.iter().enumerate() {
            assert_eq!(low.cmp(high), a.cmp(&b), "{low} and {high}");
        }
    }
}

#[test]
fn each_version_scheme_has_its_own_order() {
    rises(
        Scheme::Semver,
        &[
            "1.0.0-1",
            "1.0.0-RC",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.0+1",
            "1.0.1",
            "1.10.0",
            "2.0.0",
        ],
    );
    rises(
        Scheme::Pep440,
        &[
            "1.0.dev456",
            "1.0a1.dev1",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12",
            "1.0b1",
            "1.0b2.post345",
            "1.0rc1.dev456",
            "1.0rc1",
            "1.0",
            "1.0+abc",
            "1.0+5",
            "1.0.post456.dev34",
            "1.0.post456",
            "1.1.dev1",
            "1!0.1",
        ],
    );
    rises(Scheme::Calendar, &["24.04", "24.10", "25.1", "25.1.1", "25.2-rc1", "25.2", "2026.1"]);
    rises(
        Scheme::Dotted,
        &[
            "1.5rc1",
            "1.5",
            "1.6.0-M2",
            "1.6.0.RC1",
            "1.6.0.Final",
            "1.6.1",
            "1.7",
            "1.7.0.1",
            "1.10",
        ],
    );
}

#[test]
fn versions_are_ordered_consistently_across_schemes() {
    let texts = ["1.2.0.dev0", "1.2.0-alpha.1", "1.2.0b1", "1.2.0-rc.1", "1.2.0", "1.2.0.post1"];
    for pair in texts.windows(2) {
        assert!(read(pair[0]) < read(pair[1]), "{pair:?}");
    }
    // Cargo and Python write the same release each in its way.
    assert_eq!(read("1.2.0-rc.1"), read("1.2.0rc1"));
    assert_eq!(read("1.7"), read("1.7.0"));
    assert_ne!(read("1.7.0+a"), read("1.7.0"));
}

#[test]
fn a_version_is_printed_as_it_was_written() {
    for text in
        ["1.2.3-rc.1+5", "1.2.0rc1", "26.1", "24.04", "2026.11.0", "1.7", "1.2.3.4", "1!2.0"]
    {
        assert_eq!(read(text).to_string(), text);
        let json = serde_json::to_string(&read(text)).unwrap();
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<Version>(&json).unwrap().as_str(), text);
    }
}

#[test]
fn a_version_is_parsed_with_the_strictest_matching_scheme() {
    let scheme = |text: &str| read(text).scheme();
    for text in ["1.2.3", "1.2.3-rc.1", "26.1.0", "0.0.0-dev"] {
        assert_eq!(scheme(text), Scheme::Semver, "{text}");
    }
    for text in ["1.2.0rc1", "1.2.0.dev0", "1.0.post1", "1.7rc1"] {
        assert_eq!(scheme(text), Scheme::Pep440, "{text}");
    }
    for text in ["2026.11.0", "2026.11", "24.04", "24.04.1", "2026-01-06"] {
        assert_eq!(scheme(text), Scheme::Calendar, "{text}");
    }
    for text in ["1.7", "26.1", "1.2.3.4", "1.0-SNAPSHOT", "5.3.0.RELEASE", "9.9p1"] {
        assert_eq!(scheme(text), Scheme::Dotted, "{text}");
    }
}

#[test]
fn invalid_versions_are_rejected() {
    for text in [
        "",
        "1",
        "v1.2.3",
        "1.",
        ".1",
        "1..2",
        "1.x",
        "latest",
        "1.2-",
        "1.2.foo",
        "20240105",
        "1.2.3 ",
        "1.2/3",
        "1.2.99999999999999999999999",
        "١.٢",
        "1.2-rc..1",
    ] {
        assert!(Version::read(text).is_err(), "{text:?}");
    }
    assert!(Version::read(&format!("1.0.{}", "0".repeat(300))).is_err());
    let error = Version::parse("1.7", Scheme::Semver).unwrap_err().to_string();
    assert!(error.starts_with("not a semantic version: "), "{error}");
    assert!(Version::parse("512.1", Scheme::Calendar).is_err());
}

#[test]
fn a_pre_release_is_not_final_and_a_post_release_is() {
    for text in ["1.2.3", "1.7", "26.1", "1.0.post1", "9.9p1", "5.3.0.RELEASE", "1.0.0+5"] {
        assert!(read(text).is_final(), "{text}");
    }
    for text in ["1.2.3-rc.1", "1.2rc1", "1.2.dev0", "1.0.post1.dev1", "1.0-beta1", "6.0.0.M1"] {
        assert!(!read(text).is_final(), "{text}");
    }
}

#[test]
fn development_and_placeholder_versions_are_recognized() {
    for text in [
        "1.3.0.dev0",
        "1.3.0-SNAPSHOT",
        "1.0-SNAPSHOT",
        "1.3.0-dev",
        "1.3.0-dev.5",
        "4.0.0-next",
        "1.0.0-rc.1-SNAPSHOT",
        "1.0.post1.dev2",
    ] {
        assert!(read(text).is_development(), "{text}");
    }
    for text in ["1.3.0", "1.3.0-rc.1", "4.0.0-next.1", "1.0a1", "1.3.0-develop-fix.1"] {
        assert!(!read(text).is_development(), "{text}");
    }
    assert!(read("0.0.0").is_placeholder() && read("0.0.0-dev").is_placeholder());
    assert!(!read("0.0.1").is_placeholder());
}

#[test]
fn a_version_bump_keeps_the_version_format() {
    let next = |text: &str, bump| read(text).bumped(bump, Bump::Minor).map(|next| next.to_string());
    let of = |text: &str, bump| next(text, bump).unwrap();
    assert_eq!(of("0.3.1", Bump::Major), "0.4.0");
    assert_eq!(of("1.2.3", Bump::Major), "2.0.0");
    assert_eq!(of("1.2.0-rc.1", Bump::Minor), "1.2.0");
    assert_eq!(of("1.2.0rc1", Bump::Patch), "1.2.0");
    assert_eq!(of("1.2.0.post1", Bump::Patch), "1.2.1");
    assert_eq!(of("1!1.2.0", Bump::Minor), "1!1.3.0");
    assert_eq!(of("1.7", Bump::Minor), "1.8");
    assert_eq!(of("1.7", Bump::Patch), "1.7.1");
    assert_eq!(of("1.7", Bump::Major), "2.0");
    assert_eq!(of("1.2.3.4", Bump::Patch), "1.2.4.0");
    assert_eq!(next("2026.11.0", Bump::Minor), Err(NoNextVersion::Calendar));
    assert_eq!(next("24.04", Bump::Patch), Err(NoNextVersion::Calendar));
    assert_eq!(next(&format!("1.{}.0", u64::MAX), Bump::Minor), Err(NoNextVersion::Last));
    let zero = |zero| read("0.3.1").bumped(Bump::Major, zero).unwrap().to_string();
    assert_eq!((zero(Bump::Major).as_str(), zero(Bump::Patch).as_str()), ("1.0.0", "0.3.2"));
    assert_eq!(read("1.7").moved_to(&read("1.8")), Some(Bump::Minor));
    assert_eq!(read("1.7").moved_to(&read("1.7.1")), Some(Bump::Patch));
    assert_eq!(read("1.7").moved_to(&read("1.6")), None);
}
