//! The version has no tag: whether it is higher than the last release on its line.

use super::skipped::skips;
use super::taken::{other_form, taken};
use super::words::pointed;
use crate::base::finding::Finding;
use crate::facts::{History, VersionTag};
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;
use crate::judge::target::{Target, unread_tags};
use std::cmp::Ordering;

pub(super) fn compare(case: &Case<'_>, target: &Target, history: &History) -> Ruling {
    let version = &target.version;
    if let Some(unseen) = unread_tags(case.manifest, history) {
        return Ruling::unseen("the last release", &unseen);
    }
    if let Some(finding) = taken(version, history).or_else(|| other_form(case, target, history)) {
        return Ruling::no_go(pointed(finding, target));
    }
    // A pre-release of another version does not count.
    let counts = |last: &&VersionTag| {
        let same = !version.is_final() && last.version.released() == version.released();
        last.version.is_final() || same || last.version.cmp_precedence(version).is_le()
    };
    let last = history.last.as_ref().filter(counts).or(history.base.as_ref());
    let Some(last) = last else {
        return Ruling::go(format!("{version}, the first release"));
    };
    match version.cmp_precedence(&last.version) {
        Ordering::Greater => {
            let from = history.base.as_ref().unwrap_or(last);
            let commits = match history.since.iter().filter(|commit| !commit.elsewhere).count() {
                1 => "1 commit".to_owned(),
                n => format!("{n} commits"),
            };
            if let Some(finding) = skips(case, target, history) {
                return Ruling::no_go(pointed(finding, target));
            }
            let apart = match history.apart {
                true => ", which is not an ancestor",
                false => "",
            };
            Ruling::go(format!(
                "{} -> {version}, {commits} since {}{apart}",
                from.version, from.tag
            ))
        }
        Ordering::Equal => {
            let message = format!("{version} differs from {} only in build metadata", last.version);
            let finding = Finding::new(message)
                .help("raise the version: build metadata does not affect precedence");
            Ruling::no_go(pointed(finding, target))
        }
        Ordering::Less => {
            let message = format!("{version} is lower than {}, the last release", last.version);
            let finding = Finding::new(message)
                .note(format!("`{}` is at {}", last.tag, last.commit.short()))
                .help(format!("choose a version above {}", last.version));
            Ruling::no_go(pointed(finding, target))
        }
    }
}
