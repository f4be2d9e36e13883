//! The headline if the version is already released, with the commits since then.

use super::ending::Ending;
use super::finding::Paint;
use crate::base::clean::clean;
use crate::base::names::{Sha, TagName};
use crate::base::version::Version;
use crate::judge::case::Since;
use crate::release::outcome::Outcome;

/// Says that a version is released.
#[must_use]
pub fn released(version: &Version, tag: &TagName, commit: &Sha) -> String {
    format!("{version} is already released (`{}` at {})", clean(tag.as_str()), commit.short())
}

/// Says that a file contains a development version, so there is nothing to release.
#[must_use]
pub fn not_due(version: &Version, path: &str) -> String {
    format!("{version} in `{}` is a development version", clean(path))
}

/// Says that a file contains a placeholder, so there is nothing to release.
#[must_use]
pub fn not_set(path: &str, text: &str) -> String {
    format!("`{}` in `{}` is a placeholder", clean(text), clean(path))
}

/// How to make a version due.
#[must_use]
pub(super) fn set_version(path: &str) -> String {
    format!("set the version in `{}` to the one to release", clean(path))
}

/// Says that there is nothing to release, which commits were made since, and how to release them.
#[must_use]
pub fn headline(since: &Since, paint: Paint) -> String {
    let said = released(&since.out.version, &since.out.tag, &since.at);
    let line = Ending::new(Outcome::NothingToRelease, said).line(paint);
    format!("{line}\n{}", after(since, paint))
}

/// Says that a person must pass the version and did not.
#[must_use]
pub fn not_given(commits: usize, tag: Option<&TagName>) -> String {
    let count = match commits {
        1 => "1 commit".to_owned(),
        n => format!("{n} commits"),
    };
    let since = tag.map(|tag| format!(" since {}", clean(tag.as_str()))).unwrap_or_default();
    let how = "pass the version with `--version` or push its tag";
    format!("{count}{since}; {how}")
}

/// The commits since the release, and how to release them.
#[must_use]
pub fn after(since: &Since, paint: Paint) -> String {
    let tag = clean(since.out.tag.as_str());
    let count = match since.commits {
        1 => "1 commit".to_owned(),
        n => format!("{n} commits"),
    };
    let mut text = match &since.next {
        Some((version, changes, kind)) => format!(
            "{count} since {tag}; the next version would be {version} ({changes} {})\n",
            clean(kind)
        ),
        None => format!("{count} since {tag}; none of them requires a new version\n"),
    };
    let next = since.next.as_ref().map(|(version, ..)| version.to_string());
    if let Some(help) = raise(next, &since.files) {
        text.push_str(&format!("  = {}: {help}\n", paint.bold("help")));
    }
    if since.unpublished {
        let how = format!("to publish one, run `tminus release --commit {tag}`");
        let note = paint.bold("note");
        text.push_str(&format!("  = {note}: {tag} has no release; {how}\n"));
    }
    text
}

/// How to set the next version.
fn raise(next: Option<String>, files: &[String]) -> Option<String> {
    let names: Vec<String> = files.iter().map(|file| format!("`{}`", clean(file))).collect();
    let next = next.unwrap_or_else(|| "a higher version".into());
    match names.as_slice() {
        [] => None,
        names => Some(format!(
            "to make another release, set the version in {} to {next}",
            names.join(" and ")
        )),
    }
}
