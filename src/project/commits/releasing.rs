//! Commits that only set the version of a release.

use super::header::conventional;
use super::part::unnumbered;

/// Words that such a subject contains, besides the version and the package.
const WORDS: [&str; 34] = [
    "release",
    "released",
    "releasing",
    "releases",
    "version",
    "versions",
    "bump",
    "bumped",
    "bumping",
    "prepare",
    "preparing",
    "prep",
    "for",
    "to",
    "from",
    "new",
    "cut",
    "the",
    "next",
    "development",
    "iteration",
    "update",
    "set",
    "start",
    "back",
    "begin",
    "of",
    "and",
    "changelog",
    "notes",
    "cycle",
    "tag",
    "->",
    "→",
];

/// Subjects without a version.
const WHOLE: [&str; 8] = [
    "release",
    "new release",
    "publish",
    "version packages",
    "bump version",
    "back to development",
    "prepare for next development iteration",
    "prepare release",
];

/// Whether a subject only sets the version of a package of this name.
pub(super) fn only_releases(subject: &str, package: &str) -> bool {
    let subject = unnumbered(subject);
    let subject = subject.strip_prefix("[maven-release-plugin]").unwrap_or(subject);
    let subject = subject.strip_prefix("(cargo-release)").unwrap_or(subject).trim();
    let text = conventional(subject).map_or(subject, |parsed| parsed.description());
    let text = text.trim().trim_end_matches('.').to_lowercase();
    if WHOLE.contains(&text.as_str()) {
        return true;
    }
    let package = package.to_lowercase();
    let short = package.rsplit('/').next().unwrap_or(&package);
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| word.trim_matches([':', ',', '"', '\'', '`', '(', ')', '[', ']', '!']))
        .filter(|word| !word.is_empty())
        .collect();
    let named =
        |word: &str| WORDS.contains(&word) || word == package || word == short || is_version(word);
    // `Release widget 1.1.0` names its package, which may be another package in the repository.
    let other =
        matches!(words.as_slice(), ["release" | "releasing", _, version] if is_version(version));
    words.iter().any(|word| is_version(word)) && (other || words.iter().all(|word| named(word)))
}

/// `1.1.0`, `v1.1`, `widget@1.1.0`, `widget-v1.1.0`.
fn is_version(word: &str) -> bool {
    let number = |text: &str| {
        let text = text.strip_prefix('v').unwrap_or(text);
        let mut parts = text.splitn(2, '.');
        let digits = |part: Option<&str>| {
            part.is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()))
        };
        let first = parts.next();
        digits(first)
            && first.is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()))
            && digits(parts.next())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-+_".contains(&b))
    };
    number(word)
        || word.rsplit_once('@').is_some_and(|(_, text)| number(text))
        || word.rsplit_once("-v").is_some_and(|(_, text)| number(text))
}

#[cfg(test)]
mod tests {
    use super::only_releases;

    #[test]
    fn a_commit_that_only_sets_the_version_is_recognized() {
        for subject in [
            "chore: release 1.1.0",
            "chore(main): release widget 1.1.0 (#12)",
            "chore(release): 1.1.0",
            "chore: bump version to 1.1.0",
            "release: v1.1.0",
            "Release 1.1.0",
            "Release v1.1.0-rc.1",
            "Release other 2.0.0",
            "v1.1.0",
            "1.1.0",
            "widget@1.1.0",
            "widget-v1.1.0",
            "Bump version: 1.0.0 → 1.1.0",
            "Prepare for release 1.1.0.",
            "[maven-release-plugin] prepare release widget-v1.1.0",
            "[maven-release-plugin] prepare for next development iteration",
            "(cargo-release) version 1.1.0",
            "Version Packages",
            "Publish",
            "Back to development: 1.2.0.dev0",
            "Update changelog for 1.1.0",
        ] {
            assert!(only_releases(subject, "@acme/widget"), "{subject}");
        }
        for subject in [
            "chore(deps): bump x from 1.0.0 to 2.0.0",
            "Bump serde to 1.0.200",
            "Release the lock earlier",
            "release notes are sorted",
            "Support TLS 1.3",
            "fix: version 1.1.0 could not be read",
            "docs: what is new in 1.1.0",
            "Update to the 2.0 protocol",
            "",
        ] {
            assert!(!only_releases(subject, "widget"), "{subject}");
        }
    }
}
