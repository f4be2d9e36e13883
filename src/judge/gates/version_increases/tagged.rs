//! The version has a tag: whether that is the release, and whether the tag is valid.

use super::words::{at_tag, pointed};
use crate::base::finding::Finding;
use crate::facts::{Facts, TagAt};
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;
use crate::judge::target::{Origin, Target};

/// The tag is on the commit or on one of its ancestors.
pub(super) fn reached(case: &Case<'_>, target: &Target, tag: &TagAt) -> Ruling {
    match invalid_tag(case, target, tag) {
        Some(finding) => Ruling::no_go(finding),
        None => out(case, target, tag),
    }
}

/// The tag is on another commit.
pub(super) fn elsewhere(target: &Target, tag: &TagAt, facts: &Facts) -> Ruling {
    let finding = Finding::new(format!(
        "tag `{}` points to {}, which is not an ancestor of {}",
        target.tag,
        tag.commit.short(),
        facts.commit.sha.short(),
    ));
    Ruling::no_go(pointed(finding, target).help("choose another version; tminus never moves a tag"))
}

fn out(case: &Case<'_>, target: &Target, tag: &TagAt) -> Ruling {
    let facts = case.facts;
    let at = format!("`{}` at {}", target.tag, tag.commit.short());
    if !case.is_out(tag) {
        return Ruling::go(format!("{} is tagged ({at}) but not published yet", target.version));
    }
    let unfinished = facts.ledger.known().is_ok_and(|ledger| ledger.under_way());
    if facts.request.expect_release && !unfinished {
        let finding = Finding::new(format!(
            "nothing to release: {} is already released ({at})",
            target.version
        ));
        let help = match target.origin {
            Origin::File { ref path, .. } => format!("raise the version in `{path}`"),
            Origin::Asked | Origin::Commits { .. } | Origin::First | Origin::Last => {
                "there is no change to release; to release anyway, pass `--version`".into()
            }
        };
        return Ruling::no_go(pointed(finding, target).help(help));
    }
    Ruling::go(format!("{} is already released ({at})", target.version))
}

/// Why the tag of the version is invalid: a higher version is released, or its commit has another
/// version.
fn invalid_tag(case: &Case<'_>, target: &Target, tag: &TagAt) -> Option<Finding> {
    let (version, at) = (&target.version, format!("`{}` at {}", target.tag, tag.commit.short()));
    if let Some(last) = case.higher() {
        let message = format!(
            "{version} was not raised: {} is already released \
             ({})",
            last.version,
            at_tag(last)
        );
        let finding = Finding::new(message).note(format!("{version} is released as {at}"));
        let help = format!("choose a version above {}", last.version);
        return Some(pointed(finding, target).help(help));
    }
    if let Some(behind) = case.behind(tag) {
        let message = format!(
            "cannot determine whether a release is due: {version} is released, but for most of \
             the last releases, the version file had an older version"
        );
        let note = format!("`{}` contains version {} in its files", behind.tag, behind.file);
        let help = "raise the version in the file, or remove the file from `version.files`";
        return Some(pointed(Finding::new(message).note(note), target).help(help));
    }
    let other = tag.carries.as_ref().filter(|other| *other != version)?;
    let message = format!("{version} is taken: {at} contains version {other} in its files");
    Some(pointed(Finding::new(message), target).help("choose a version that is not taken"))
}
