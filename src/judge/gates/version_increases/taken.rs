//! Whether a version or its tag conflicts with released versions.

use super::words::at_tag;
use crate::base::finding::{Finding, Who};
use crate::base::version::Version;
use crate::facts::{History, VersionTag};
use crate::judge::case::Case;
use crate::judge::target::Target;

/// The finding for a version that is released under another tag, or is lower than a released
/// version of its line, no matter where that tag is.
pub(super) fn taken(version: &Version, history: &History) -> Option<Finding> {
    let finals = history.tags.iter().filter(|tag| tag.version.is_final());
    if let Some(same) = history.tags.iter().find(|tag| tag.version == *version) {
        let message = format!("{version} is already released, as {}", at_tag(same));
        return Some(Finding::new(message).help("choose a version that is not taken"));
    }
    let line = |tag: &&VersionTag| {
        let same = |place: usize| tag.version.number(place) == version.number(place);
        same(0) && same(1) && tag.version.cmp_precedence(version).is_gt()
    };
    let newest = finals.max_by_key(|tag| line(tag).then_some(&tag.version)).filter(line)?;
    let message = format!("{version} is lower than {}, which is already released", newest.version);
    let finding =
        Finding::new(message).note(format!("`{}` is at {}", newest.tag, newest.commit.short()));
    Some(finding.help(format!("choose a version above {}", newest.version)))
}

/// The finding if the tag would have the default format, and the last or the highest release has
/// another.
pub(super) fn other_form(case: &Case<'_>, target: &Target, history: &History) -> Option<Finding> {
    if case.manifest.tag_is_stated {
        return None;
    }
    let template = &case.manifest.tag.value;
    let is_other = |tag: &&VersionTag| template.version(tag.tag.as_str()).is_none();
    let highest = history.tags.iter().find(|tag| tag.version.is_final()).or(history.tags.first());
    let other = history.base.iter().chain(highest).find(is_other)?;
    let message = format!(
        "the tag would be `{}`, but earlier tags have the format of `{}`",
        target.tag, other.tag
    );
    let help = "set `tag` in the manifest to the format of the project's tags";
    Some(Finding::new(message).help(help).who(Who::Author))
}
