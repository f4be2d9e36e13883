//! Whether a version skips a number, although the project usually does not.

use crate::base::finding::Finding;
use crate::base::version::{Scheme, Version};
use crate::facts::History;
use crate::judge::case::Case;
use crate::judge::target::{Origin, Target};

/// How many releases are checked for skipped numbers.
const HABIT: usize = 5;

/// The finding for a version in a file that does not follow any released version: it was raised too
/// early, or its number is wrong. There is no finding if the project regularly skips numbers, or if
/// `--version` was passed.
pub(super) fn skips(case: &Case<'_>, target: &Target, history: &History) -> Option<Finding> {
    let Origin::File { .. } = target.origin else { return None };
    let version = &target.version;
    if case.facts.request.version.is_some() || !version.is_final() {
        return None;
    }
    let finals: Vec<&Version> =
        history.tags.iter().map(|tag| &tag.version).filter(|it| it.is_final()).collect();
    // Patch, minor and major versions are compared separately.
    let kind = |it: &Version| (it.number(2) > 0, it.number(2) == 0 && it.number(1) > 0);
    let lower = finals.iter().filter(|it| it.cmp_precedence(version).is_lt());
    let last: Vec<_> = lower.filter(|it| kind(it) == kind(version)).take(HABIT).collect();
    let skips = last.iter().filter(|it| skipped(it, &finals).is_some()).count();
    let is_habit = last.len() < HABIT || skips * 2 >= HABIT;
    let missing = skipped(version, &finals).filter(|_| !is_habit)?;
    let message = format!("{version} skips {missing}, which is not released");
    Some(
        Finding::new(message).help(format!(
            "release {missing}, or pass `--version {version}` if you mean to skip it"
        )),
    )
}

/// The version that should come before a semantic version and is missing.
fn skipped(version: &Version, finals: &[&Version]) -> Option<String> {
    let [major, minor, patch] = *version.numbers() else { return None };
    if version.scheme() != Scheme::Semver {
        return None;
    }
    let has = |fits: &dyn Fn(&[u64]) -> bool| finals.iter().any(|it| fits(it.numbers()));
    match (major, minor, patch) {
        (_, _, 1..) => {
            let before = [major, minor, patch - 1];
            (!has(&|it| it == before)).then(|| format!("{major}.{minor}.{}", patch - 1))
        }
        (_, 1.., 0) => (!has(&|it| it.starts_with(&[major, minor - 1])))
            .then(|| format!("{major}.{}.0", minor - 1)),
        (1.., 0, 0) => {
            (!has(&|it| it.first() == Some(&(major - 1)))).then(|| format!("{}.0.0", major - 1))
        }
        (0, 0, 0) => None,
    }
}
