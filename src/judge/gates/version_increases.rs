//! `version-increases`: the version is higher than the last release on its line, or is that
//! release.

use super::gate::{Need, Rule, not_due};
use crate::base::finding::{Finding, Who};
use crate::base::version::{Scheme, Version};
use crate::facts::{Facts, History, TagAt, VersionTag};
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;
use crate::judge::target::{Origin, Target, unread_tags};
use std::cmp::Ordering;

/// The rule.
pub(super) struct VersionIncreases;

impl Rule for VersionIncreases {
    const ID: &'static str = "version-increases";
    const ASKS: &'static str = "is the version higher than the previous release?";
    const PAGE: &'static str = include_str!("../../../docs/gates/version-increases.md");
    type Settings = ();

    fn needs((): &()) -> Vec<Need> {
        vec![Need::History, Need::Files, Need::Tag]
    }

    fn rule(case: &Case<'_>, (): &()) -> Ruling {
        let facts = case.facts;
        let target = match case.target() {
            Ok(target) => target,
            Err(none) => return none.ruling(),
        };
        let history = match facts.history.known() {
            Ok(history) => history,
            Err(unseen) => return Ruling::unseen("the tags", unseen),
        };
        if let Some((target, path)) = case.in_development() {
            return in_development(target, path, facts);
        }
        match facts.tag.known() {
            Err(unseen) => Ruling::unseen(&format!("tag `{}`", target.tag), unseen),
            Ok(Some(tag)) if tag.ancestor => match invalid_tag(case, target, tag) {
                Some(finding) => Ruling::no_go(finding),
                None => out(case, target, tag),
            },
            Ok(Some(tag)) => elsewhere(target, tag, facts),
            Ok(None) => compare(case, target, history),
        }
    }
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

fn in_development(target: &Target, path: &str, facts: &Facts) -> Ruling {
    if !facts.request.expect_release {
        return Ruling::go(not_due(target, path));
    }
    let why = not_due(target, path).replacen("no release is due", "nothing to release", 1);
    let finding = Finding::new(why);
    let help = format!("set the version in `{path}` to the one to release");
    Ruling::no_go(pointed(finding, target).help(help))
}

/// What is wrong with a tag of the version: a higher version is released, or the tag's commit has
/// another version.
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
    let other = tag.carries.as_ref().filter(|other| *other != version)?;
    let message = format!("{version} is taken: {at} contains version {other} in its files");
    Some(pointed(Finding::new(message), target).help("choose a version that is not taken"))
}

fn at_tag(tag: &VersionTag) -> String {
    format!("`{}` at {}", tag.tag, tag.commit.short())
}

fn elsewhere(target: &Target, tag: &TagAt, facts: &Facts) -> Ruling {
    let finding = Finding::new(format!(
        "tag `{}` points to {}, which is not an ancestor of {}",
        target.tag,
        tag.commit.short(),
        facts.commit.sha.short(),
    ));
    Ruling::no_go(pointed(finding, target).help("choose another version; tminus never moves a tag"))
}

fn compare(case: &Case<'_>, target: &Target, history: &History) -> Ruling {
    let version = &target.version;
    if let Some(unseen) = unread_tags(case.manifest, history) {
        return Ruling::unseen("the last release", &unseen);
    }
    if let Some(finding) = taken(version, history).or_else(|| other_form(case, target, history)) {
        return Ruling::no_go(pointed(finding, target));
    }
    // A pre-release of another version does not prevent this release.
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

/// The problem with a version in a file that does not follow a released version: it was raised too
/// early, or the number is a typo. A project that skips numbers as a habit may do so, and so may
/// whoever passes `--version`.
fn skips(case: &Case<'_>, target: &Target, history: &History) -> Option<Finding> {
    let Origin::File { .. } = target.origin else { return None };
    let version = &target.version;
    if case.facts.request.version.is_some() || !version.is_final() {
        return None;
    }
    let finals: Vec<&Version> =
        history.tags.iter().map(|tag| &tag.version).filter(|it| it.is_final()).collect();
    // Patches, minor and major versions each have their own habit.
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

/// How many releases show whether a project skips numbers.
const HABIT: usize = 5;

/// The version that should precede a semantic version, if it was never released.
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

/// What is wrong with a version that is out under another tag, or lower than one of its line that
/// is out, wherever that was tagged.
fn taken(version: &Version, history: &History) -> Option<Finding> {
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
    let finding = Finding::new(message).note(at_tag(newest));
    Some(finding.help(format!("choose a version above {}", newest.version)))
}

/// The problem if the tag would have the default form, but all existing tags have another form.
fn other_form(case: &Case<'_>, target: &Target, history: &History) -> Option<Finding> {
    let template = &case.manifest.tag.value;
    let like = |tag: &VersionTag| template.version(tag.tag.as_str()).is_some();
    let newest = history.tags.iter().find(|tag| tag.version.is_final()).or(history.tags.first())?;
    if case.manifest.tag_is_stated || history.tags.iter().any(like) {
        return None;
    }
    let message = format!(
        "the tag would be `{}`, but earlier tags have the format of `{}`",
        target.tag, newest.tag
    );
    let help = "set `tag` in the manifest to the format of the project's tags";
    Some(Finding::new(message).help(help).who(Who::Author))
}

fn pointed(finding: Finding, target: &Target) -> Finding {
    let finding = finding.who(target.origin.who());
    match &target.origin {
        Origin::File { path, span } => finding.at(path, *span, "the version"),
        Origin::Asked | Origin::Commits { .. } | Origin::First | Origin::Last => finding,
    }
}
