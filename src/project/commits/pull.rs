//! The pull request that a merge commit belongs to, as forges write it.

use super::change::{Change, Commit};
use super::message::{ChangeKinds, change, is_revert_subject};
use super::part::{number, parts, split};
use std::borrow::Cow;

/// A pull request, read from the message of its merge.
pub(super) struct Pull<'m> {
    /// `#3`, or `!3`.
    pub(super) reference: String,
    /// Its title, and what the message says below it.
    pub(super) title: &'m str,
}

/// Reads the message of a merge; `None` if it is not that of a pull request, or has no title.
pub(super) fn pull(message: &str) -> Option<Pull<'_>> {
    let message = message.trim_start();
    let (subject, body) = message.split_once('\n').unwrap_or((message, ""));
    let subject = subject.trim();
    let below = |reference: String| {
        let title = body.trim_start();
        let first = title.lines().next().unwrap_or_default();
        let words = !first.trim().is_empty() && !is_trailer(first);
        words.then_some(Pull { reference, title })
    };
    // GitHub, and Gitea with another subject: `Merge pull request 'Title' (#3) from f into main`.
    if let Some(rest) = subject.strip_prefix("Merge pull request ") {
        if let Some(rest) = rest.strip_prefix('\'') {
            let (title, rest) = rest.rsplit_once("' (")?;
            return found(&format!("({}", rest.split(' ').next()?), title);
        }
        return below(format!("#{}", number(subject)?));
    }
    // Bors: `Merge #3`, `Auto merge of #3 - f, r=a`.
    for begin in ["Merge #", "Auto merge of #"] {
        if let Some(rest) = subject.strip_prefix(begin) {
            let digits = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            let reference = format!("#{}", digits.parse::<u64>().ok()?);
            return match rest.split_once(": ") {
                Some((_, title)) => Some(Pull { reference, title }),
                None => below(reference),
            };
        }
    }
    // Azure: `Merged PR 3: Title`.
    if let Some(rest) = subject.strip_prefix("Merged PR ") {
        let (digits, title) = rest.split_once(": ")?;
        let reference = format!("#{}", digits.parse::<u64>().ok()?);
        return Some(Pull { reference, title });
    }
    // Bitbucket: `Merged in f (pull request #3)`.
    if subject.starts_with("Merged in ") {
        return below(format!("#{}", number(subject)?));
    }
    if subject.starts_with("Merge branch ") {
        let told = body.lines().find_map(|line| line.strip_prefix("See merge request "))?;
        let digits = told.rsplit_once('!')?.1.trim();
        return below(format!("!{}", digits.parse::<u64>().ok()?));
    }
    let sign = if subject.contains("(!") { '!' } else { '#' };
    let reference = format!("{sign}{}", number(subject)?);
    Some(Pull { reference, title: message })
}

fn found<'m>(place: &str, title: &'m str) -> Option<Pull<'m>> {
    let digits = place.strip_prefix("(#")?.strip_suffix(')')?;
    let reference = format!("#{}", digits.parse::<u64>().ok()?);
    (!title.trim().is_empty()).then_some(Pull { reference, title })
}

/// Texts that forges write in place of a title.
fn is_trailer(line: &str) -> bool {
    ["See merge request ", "Approved-by: ", "Co-authored-by: ", "Closes ", "Related "]
        .iter()
        .any(|begin| line.starts_with(begin))
}

/// The subject that is used for a merge: its own if it has a type, otherwise the title of its pull
/// request.
pub(super) fn title<'c>(merge: &'c Commit, kinds: ChangeKinds<'_>) -> Cow<'c, str> {
    if kinds.knows(merge.subject()) {
        return merge.subject().into();
    }
    pull(&merge.message).map_or_else(|| merge.subject().into(), |pull| split(pull.title).0)
}

/// The change that the title of a merge's pull request describes. The title of a revert describes
/// none, because the commits of the merge show what they revert.
pub(super) fn title_change(merge: &Commit, kinds: ChangeKinds<'_>) -> Option<Change> {
    let pull = pull(&merge.message)?;
    let parts = parts(pull.title);
    let title = parts.first()?;
    (!is_revert_subject(&title.subject)).then(|| change(&merge.sha, title, kinds))
}

/// The number of the pull request that a commit belongs to, according to its message.
#[must_use]
pub fn number_of(commit: &Commit) -> Option<u64> {
    let merge = pull(&commit.message).filter(|_| commit.parents > 1);
    let of_merge = merge.and_then(|pull| pull.reference.get(1..)?.parse().ok());
    of_merge.or_else(|| number(commit.subject()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::names::Sha;

    #[test]
    fn the_title_is_parsed_from_the_merge_message_of_every_forge() {
        for (message, reference, title) in [
            ("Merge pull request #3 from acme/f\n\nThird\n\nMore.", "#3", "Third"),
            ("Merge pull request #3 from acme/f\r\n\r\nThird\r\n", "#3", "Third"),
            ("Merge pull request 'Third' (#3) from f into main", "#3", "Third"),
            ("Merge branch 'f' into 'main'\n\nThird\n\nSee merge request a/b!3", "!3", "Third"),
            ("Merged in f (pull request #3)\n\nThird\n\nApproved-by: Ada", "#3", "Third"),
            ("Merged PR 3: Third", "#3", "Third"),
            ("Merge #3: Third", "#3", "Third"),
            ("Auto merge of #3 - acme:f, r=ada\n\nThird\n\nMore", "#3", "Third"),
            ("Third (#3)", "#3", "Third (#3)"),
        ] {
            let merge = Commit::saying(Sha::new("a".repeat(40)).unwrap(), message.into());
            assert_eq!(super::title(&merge, ChangeKinds::default()), title, "{message}");
            assert_eq!(pull(message).unwrap().reference, reference, "{message}");
        }
        for none in [
            "Merge branch 'main' into f",
            "Merge branch 'f' into 'main'\n\nSee merge request a/b!3",
            "Merge pull request #3 from acme/f",
            "Merge pull request #x from acme/f\n\nThird",
            "Merged in f (pull request #3)\n\nApproved-by: Ada",
            "",
        ] {
            assert!(pull(none).is_none(), "{none}");
        }
    }
}
