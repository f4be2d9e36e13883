//! Which headings start a version's section, according to the style of the file.

use super::day::{self, Dated};
use super::heading::{BARE, Heading, LISTED, PARAGRAPH};
use super::title::{Title, Unreleased};
use std::collections::BTreeMap;

/// A heading that begins a section.
#[derive(Debug, Clone)]
pub(super) struct Begins {
    pub(super) heading: Heading,
    pub(super) title: Title,
}

/// How a file writes its versions: at which level, behind which name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct HeadingStyle {
    level: usize,
    name: String,
}

/// The headings that begin sections, from the top of the file.
pub(super) fn sections(headings: Vec<Heading>) -> Vec<Begins> {
    let mut all: Vec<Begins> = headings.into_iter().filter_map(candidate).collect();
    let is_heading = |it: &Begins| it.heading.level != LISTED && it.title.version.is_some();
    if all.iter().any(is_heading) || all.len() < 2 {
        all.retain(|it| it.heading.level != LISTED);
    }
    let Some(usual) = usual(&all) else {
        // A file without any version: only what is not released can be told of.
        return all.into_iter().filter(|it| it.title.unreleased != Unreleased::No).collect();
    };
    let names = names(&all, &usual);
    let at_usual = |it: &&Begins| {
        let named = it.title.name.is_empty() || names.contains(&it.title.name);
        it.heading.level == usual.level && it.title.version.is_some() && named
    };
    let clean = all.iter().filter(at_usual).filter(|it| it.title.is_clean).count();
    let loose = all.iter().filter(at_usual).count() > clean * 2;
    let dated = all.iter().filter(at_usual).filter(|it| is_dated(it)).count();
    let dates = dated * 2 > all.iter().filter(at_usual).count();
    let first = all.iter().position(|it| at_usual(&it)).unwrap_or(0);
    let history = history(&all, &at_usual);
    let mut chosen: Vec<Begins> = Vec::new();
    for (place, one) in all.into_iter().enumerate() {
        let level = one.heading.level;
        let begins = match (&one.title.version, one.title.unreleased) {
            (Some(_), _) => {
                let name = &one.title.name;
                let longer = dates && is_dated(&one) && is_longer(name, &usual.name);
                let named = name.is_empty() || names.contains(name) || longer;
                let near = (level.abs_diff(usual.level) <= 1 || dates && level < usual.level)
                    && one.heading.is_marked()
                    && usual_is_marked(&usual)
                    && one.title.is_clean
                    && (is_dated(&one) || !dates);
                // `Widget 1.2 release notes` above sections with dates is the file's title.
                let titles = place == 0 && dates && !is_dated(&one);
                let written = one.title.is_clean || (loose && !titles);
                // A line in the text can name a version too.
                let own = level != BARE || *name == usual.name || is_dated(&one);
                named && own && ((level == usual.level && written) || near)
            }
            (None, Unreleased::Says) => {
                let near = level.abs_diff(usual.level) <= 1 && one.heading.is_marked();
                (level == usual.level || near || place < first) && place < history
            }
            (None, Unreleased::Perhaps) => level <= usual.level && place < first,
            (None, Unreleased::No) => false,
        };
        if begins {
            chosen.push(one);
        }
    }
    chosen
}

/// Where a file ends that has its newest version first: what is not released below its oldest
/// version is history.
fn history(all: &[Begins], at_usual: &impl Fn(&&Begins) -> bool) -> usize {
    let version = |one: &Begins| one.title.version.clone();
    let newest = all.iter().find(at_usual).and_then(version);
    let oldest = all.iter().rposition(|one| at_usual(&one));
    let descends = newest > oldest.and_then(|at| version(all.get(at)?));
    oldest.filter(|_| descends).unwrap_or(usize::MAX)
}

/// Whether one name is the other and more, as a project that was renamed has it.
fn is_longer(name: &str, usual: &str) -> bool {
    let begins = |whole: &str, part: &str| {
        !part.is_empty() && whole.strip_prefix(part).is_some_and(|rest| rest.starts_with(' '))
    };
    begins(name, usual) || begins(usual, name)
}

fn usual_is_marked(usual: &HeadingStyle) -> bool {
    usual.level < PARAGRAPH - 1
}

fn is_dated(one: &Begins) -> bool {
    one.title.dated != Dated::Missing
}

fn candidate(heading: Heading) -> Option<Begins> {
    let title = Title::read(&heading.text);
    // A paragraph is a heading only if it contains only a version and its date.
    let paragraph = heading.level == PARAGRAPH;
    let bold = heading.level + 1 == PARAGRAPH;
    let says = if heading.level == LISTED {
        title.version.is_some() && title.name.is_empty() && title.is_clean
    } else if heading.level == BARE && title.version.is_some() {
        title.is_clean
            && begins_section(&title.name)
            && (is_general(&title.name) || heading.text.contains("; urgency="))
            || title.dated != Dated::Missing && title.name.is_empty()
    } else if paragraph || heading.level == BARE {
        title.version.is_some() && title.dated != Dated::Missing && title.name.is_empty()
            || title.version.is_none()
                && title.unreleased == Unreleased::Says
                && title.written.split_whitespace().count() < 3
    } else {
        !bold || title.version.is_none() || title.is_clean
    };
    let heads = title.version.is_some() || title.unreleased != Unreleased::No;
    (says && heads).then_some(Begins { heading, title })
}

/// Words before a version that another version is compared with.
const COMPARED: [&str; 6] = ["since", "than", "before", "after", "until", "requires"];

/// Whether the words before a version in a line of plain text can be those of a heading.
fn begins_section(name: &str) -> bool {
    let words: Vec<&str> = name.split(' ').collect();
    words.len() <= 5 && !words.iter().any(|word| COMPARED.contains(word))
}

/// Whether the words before a version are those of any project's headings, not a name.
fn is_general(name: &str) -> bool {
    name.is_empty() || ["changes", "new", "what"].iter().any(|word| name.starts_with(word))
}

/// How most versions are written; marked headings first, then those higher up.
fn usual(all: &[Begins]) -> Option<HeadingStyle> {
    let mut counts: BTreeMap<HeadingStyle, usize> = BTreeMap::new();
    for one in all.iter().filter(|one| one.title.version.is_some()) {
        let manner = HeadingStyle { level: one.heading.level, name: one.title.name.clone() };
        *counts.entry(manner).or_default() += if one.title.is_clean { 2 } else { 1 };
    }
    let rank = |(manner, count): &(HeadingStyle, usize)| {
        (*count, manner.name.is_empty(), std::cmp::Reverse(manner.level))
    };
    counts.into_iter().max_by_key(|it| rank(it)).map(|(manner, _)| manner)
}

/// Names before versions that the file uses at its usual level, again and again.
fn names(all: &[Begins], usual: &HeadingStyle) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in all.iter().filter(|one| one.heading.level == usual.level) {
        *counts.entry(&one.title.name).or_default() += 1;
    }
    let often = counts.into_iter().filter(|(name, count)| *name == usual.name || *count > 2);
    often.map(|(name, _)| name.to_owned()).collect()
}

/// The date of a section: in its heading, or alone in the line below.
pub(super) fn dated(title: &Title, body: &str) -> Dated {
    if title.version.is_none() || title.dated != Dated::Missing {
        return title.dated.clone();
    }
    let first = body.lines().map(str::trim).find(|line| !line.is_empty());
    first.and_then(day::alone).unwrap_or(Dated::Missing)
}
