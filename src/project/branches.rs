//! Release branches: the default branch, and those of release lines.

use regex::Regex;
use std::sync::LazyLock;

/// The name of a line: `1.x`, `v2.3`, `release-1.2`, `3-1-stable`.
static LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:[A-Za-z]+[-_.]?)?v?\d+(?:[._-]\d+)*(?:[._-]?[xX*])*(?:[-_.]?[A-Za-z]+)?$").ok()
});

/// Names of branches for releases, besides those of release lines. If development is on another
/// branch, `main` is one of them.
const KEPT: [&str; 9] = [
    "main",
    "master",
    "trunk",
    "stable",
    "release",
    "releases",
    "latest",
    "production",
    "maintenance",
];

/// Branches for development only, in git-flow: releases are merged into `main` or `master`.
const DEVELOPMENT: [&str; 3] = ["dev", "develop", "development"];

/// Words in the names of branches for one change, whose number is often that of an issue.
const TOPICS: [&str; 13] = [
    "bug",
    "bugfix",
    "chore",
    "dependabot",
    "feat",
    "feature",
    "fix",
    "gh",
    "hotfix",
    "issue",
    "patch",
    "pr",
    "renovate",
];

/// Whether a branch has the name of a release branch.
#[must_use]
pub fn is_line(branch: &str) -> bool {
    let mut words = branch.split(|letter: char| !letter.is_ascii_alphabetic());
    if words.any(|word| TOPICS.contains(&word.to_ascii_lowercase().as_str())) {
        return false;
    }
    let last = last(branch);
    KEPT.contains(&last) || LINE.as_ref().is_some_and(|line| line.is_match(last))
}

/// Whether a branch is named like the line of a version: `2.x`, `release/2.3` of 2.3.1. If the name
/// has only one number, it must be clear that this number is a version.
#[must_use]
pub fn is_line_of(branch: &str, numbers: &[u64]) -> bool {
    let own = numbers_of(branch);
    is_line(branch) && is_clear(branch, &own) && numbers.starts_with(&own)
}

/// Whether a branch is named like the line of some version.
#[must_use]
pub fn is_some_line(branch: &str) -> bool {
    is_line(branch) && is_clear(branch, &numbers_of(branch))
}

/// Whether a branch has the name of a development branch, from which releases are merged into
/// `main` or `master`.
#[must_use]
pub fn is_development(branch: &str) -> bool {
    DEVELOPMENT.contains(&branch)
}

/// The last part of a branch's name.
fn last(branch: &str) -> &str {
    branch.rsplit('/').next().unwrap_or(branch)
}

fn numbers_of(branch: &str) -> Vec<u64> {
    let parts = last(branch).split(|letter: char| !letter.is_ascii_digit());
    parts.filter_map(|part| part.parse().ok()).collect()
}

fn is_clear(branch: &str, numbers: &[u64]) -> bool {
    let words = branch.split(|letter: char| !letter.is_ascii_alphabetic());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let is_x = |word: &&str| ["x", "X"].contains(word);
    let has_x = words.iter().any(is_x);
    let is_usual = |word: &&str| {
        KEPT.contains(word) || *word == "v" || is_x(word) || (has_x && DEVELOPMENT.contains(word))
    };
    match numbers {
        [] => false,
        [_] => words.iter().all(is_usual),
        [_, _, ..] => true,
    }
}

/// A glob for the branches of all lines that are named like this one; the name itself, if it has no
/// number.
#[must_use]
pub fn glob(branch: &str) -> String {
    let (folder, last) = match branch.rfind('/') {
        Some(slash) => branch.split_at(slash + 1),
        None => ("", branch),
    };
    let first = last.find(|letter: char| letter.is_ascii_digit());
    let Some(first) = first.filter(|_| is_line(branch)) else { return escaped(branch) };
    let end = last.rfind(|letter: char| letter.is_ascii_digit()).unwrap_or(first) + 1;
    let (begin, rest) = last.split_at(first);
    let rest = rest.get(end - first..).unwrap_or_default();
    format!("{}{}[0-9]*{}", escaped(folder), escaped(begin), escaped(rest))
}

/// A branch's name as a glob that matches only this branch. Git allows braces in names.
#[must_use]
pub fn escaped(branch: &str) -> String {
    let mut glob = String::new();
    for letter in branch.chars() {
        if "{}".contains(letter) {
            glob.push('\\');
        }
        glob.push(letter);
    }
    glob
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_line_is_generalized_to_a_glob() {
        let globs = [
            ("4.x", "[0-9]*.x"),
            ("release/9.2", "release/[0-9]*"),
            ("v1.15", "v[0-9]*"),
            ("3-1-stable", "[0-9]*-stable"),
            ("release-3.14", "release-[0-9]*"),
            ("stable", "stable"),
            ("feature/x", "feature/x"),
        ];
        for (branch, wanted) in globs {
            assert_eq!(glob(branch), wanted);
        }
    }

    #[test]
    fn a_release_line_is_recognized_by_its_branch_name() {
        for branch in ["4.x", "release/9", "v1.15", "3-1-stable", "maint_2", "stable", "8.4.x"] {
            assert!(is_line(branch), "{branch}");
        }
        let topics = ["fix-12-crash-of-it", "dependabot/npm/a-1.2", "patch-1", "fix/123", "GH-7"];
        for branch in topics.into_iter().chain(["develop", "topic/x"]) {
            assert!(!is_line(branch), "{branch}");
        }
        assert!(is_line_of("release/9.2", &[9, 2, 1]) && is_line_of("9.x", &[9, 2, 1]));
        assert!(!is_line_of("8.x", &[9, 2, 1]) && !is_line_of("stable", &[9, 2, 1]));
        // One number alone may be anything.
        for branch in ["9.x", "v9", "release/9", "maintenance/v9", "widget-9.2.x", "v9.x-dev"] {
            assert!(is_line_of(branch, &[9, 2, 1]), "{branch}");
        }
        for branch in ["widget-9", "test9", "9-days", "dev9", "main", "9.3", "9.x-rewrite"] {
            assert!(!is_line_of(branch, &[9, 2, 1]), "{branch}");
        }
    }
}
