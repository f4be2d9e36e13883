//! The locations of this gate's findings, and the text for a tag.

use crate::base::finding::Finding;
use crate::facts::VersionTag;
use crate::judge::target::{Origin, Target};

pub(super) fn at_tag(tag: &VersionTag) -> String {
    format!("`{}` at {}", tag.tag, tag.commit.short())
}

pub(super) fn pointed(finding: Finding, target: &Target) -> Finding {
    let finding = finding.who(target.origin.who());
    match &target.origin {
        Origin::File { path, span } => finding.at(path, *span, "the version"),
        Origin::Asked | Origin::Commits { .. } | Origin::First | Origin::Last => finding,
    }
}
