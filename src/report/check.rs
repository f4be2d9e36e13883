//! The output of `check`: first the verdict, then the reasons, then what to do.

use super::ending::Ending;
use super::finding::{self, Paint, Sources};
use super::stats::Cost;
use crate::base::clean::{self, clean, clip};
use crate::base::finding::Finding;
use crate::base::names::BranchName;
use crate::base::word::{Tone, Word};
use crate::facts::{Facts, RuleChange, Seen};
use crate::judge::ruling::{Answer, Poll, Verdict};
use crate::judge::target::Target;
use crate::project::manifest::Mode;
use std::fmt::Write as _;

/// The whole report.
#[must_use]
pub fn check(facts: &Facts, target: Option<&Target>, poll: &Poll, paint: Paint) -> String {
    let mut text = format!("{}\n", paint.bold(&headline(facts, target)));
    if let Some(why) = &facts.pinned {
        let _ = writeln!(
            text,
            "{}",
            paint.dim(&format!("at {}: {}", facts.commit.sha.short(), clean(why)))
        );
    }
    text.push('\n');
    text.push_str(&table(poll, paint));
    text.push_str(&reasons(facts, poll, paint));
    text.push_str(&rules_change(facts, paint));
    text
}

/// The gates whose result would differ with the manifest of the merge.
#[must_use]
pub fn rules_change(facts: &Facts, paint: Paint) -> String {
    let merge = facts.merge.as_ref();
    let Some(Seen::Known(Some(changed))) = merge.map(|merge| &merge.manifest) else {
        return String::new();
    };
    let Some(source) = changed.source.as_ref().filter(|_| changed.findings.is_empty()) else {
        return String::new();
    };
    let name = clean::name(&source.name);
    let title = paint.bold(&format!("this merge changes `{name}`"));
    let mut text = format!("\n{title}\n");
    if changed.rules.is_empty() {
        text.push_str("  no gate result changes, and no setting changes\n");
    }
    let width = changed.rules.iter().map(|change| change.gate.len()).max().unwrap_or(0);
    for RuleChange { gate, now, then } in &changed.rules {
        let _ = writeln!(text, "  {gate:<width$}   {now} -> {then}");
    }
    text
}

/// `widget 1.1.0 (v1.1.0) from 3f2a91c on main`.
#[must_use]
pub fn headline(facts: &Facts, target: Option<&Target>) -> String {
    if let Some(merge) = &facts.merge {
        let what = match merge.number {
            Some(number) => format!("pull request {number} at"),
            None => "merge group".into(),
        };
        let onto = clean::name(facts.branch.known().map_or("its base", BranchName::as_str));
        let (name, head) = (clean::name(&facts.name), merge.head.short());
        let onto = format!("{onto} at {}", merge.onto.short());
        return format!("{name}, {what} {head}, if merged into {onto}");
    }
    let version = target
        .map_or_else(String::new, |t| format!(" {} ({})", t.version, clean::name(t.tag.as_str())));
    let branch = facts
        .branch
        .known()
        .map_or_else(|_| String::new(), |branch| format!(" on {}", clean::name(branch.as_str())));
    format!("{}{version} from {}{branch}", clean::name(&facts.name), facts.commit.sha.short())
}

/// One line for each gate.
#[must_use]
pub fn table(poll: &Poll, paint: Paint) -> String {
    let width = poll.answers.iter().map(|answer| answer.gate.len()).max().unwrap_or(0);
    let mut text = String::new();
    for answer in &poll.answers {
        let (word, said) = line(answer);
        let row = format!("  {} {:<width$}   {}", paint.word(word, 8), answer.gate, clean(&said));
        let _ = writeln!(text, "{}", row.trim_end());
    }
    text
}

fn line(answer: &Answer) -> (Word, String) {
    match (&answer.ruling, answer.mode) {
        (_, Mode::Off) => (Word::new("off", Tone::Off), String::new()),
        (None, Mode::On | Mode::Inform) => (
            Word::new("-", Tone::Off),
            format!("not run: {}", answer.not_asked.as_deref().unwrap_or("no reason given")),
        ),
        (Some(ruling), Mode::On) if ruling.findings().is_empty() => {
            (ruling.verdict().word(), ruling.summary().into())
        }
        (Some(_), Mode::On) if answer.is_waived => {
            (Word::WAIVED, clip(&answer.summary().unwrap_or_default(), CLIP).into_owned())
        }
        // The reasons below contain the whole text.
        (Some(ruling), Mode::On) => {
            (ruling.verdict().word(), clip(ruling.summary(), CLIP).into_owned())
        }
        (Some(ruling), Mode::Inform) => {
            (Word::INFORM, format!("{}: {}", ruling.verdict(), ruling.summary()))
        }
    }
}

/// The maximum length of a summary whose reasons follow, in characters.
pub(super) const CLIP: usize = 100;

/// The findings of every gate that counts and is not go.
#[must_use]
pub fn reasons(facts: &Facts, poll: &Poll, paint: Paint) -> String {
    let sources = Sources::of_facts(facts);
    let mut text = String::new();
    for (word, gates, one) in merged(poll) {
        let shown = finding::finding(word, Some(&gates.join(", ")), one, &sources, paint);
        let _ = write!(text, "\n{shown}\n");
    }
    text.push_str(&remarks(facts, poll, paint));
    text
}

/// What blocks nothing: each waiver that was used, further notes of gates, and notes about other waivers.
#[must_use]
pub fn remarks(facts: &Facts, poll: &Poll, paint: Paint) -> String {
    let sources = Sources::of_facts(facts);
    let used = poll.waived().map(|one| (Word::WAIVED, Some(&*one.used.gate), &one.finding));
    let faults = poll.waiver_faults.iter().map(|one| (Word::ERROR, None, one));
    let notes = poll.waiver_notes.iter().map(|one| (Word::NOTE, None, one));
    let said = poll.notes().map(|(gate, one)| (Word::NOTE, Some(gate), one));
    let mut text = String::new();
    for (word, gate, one) in used.chain(said).chain(faults).chain(notes) {
        let _ = write!(text, "\n{}\n", finding::finding(word, gate, one, &sources, paint));
    }
    text
}

/// All such findings, each with its gates: a file that cannot be parsed can stop several gates.
fn merged(poll: &Poll) -> Vec<(Word, Vec<&str>, &Finding)> {
    let mut all: Vec<(Word, Vec<&str>, &Finding)> = Vec::new();
    for answer in poll.answers.iter().filter(|answer| answer.mode == Mode::On) {
        let Some(verdict) = answer.counts_as().filter(|verdict| *verdict != Verdict::Go) else {
            continue;
        };
        let word = verdict.word();
        for one in answer.open() {
            match all.iter_mut().find(|(said, _, other)| *said == word && *other == one) {
                Some((_, gates, _)) => gates.push(&answer.gate),
                None => all.push((word, vec![&answer.gate], one)),
            }
        }
    }
    all
}

/// `no-go: 1 of 6 gates (1 API request, 0.4 s)`.
#[must_use]
pub fn verdict(poll: &Poll, cost: Cost) -> Ending {
    let verdict = poll.verdict();
    let ruled =
        poll.answers.iter().filter(|answer| answer.mode == Mode::On && answer.ruling.is_some());
    let ruled = ruled.count();
    let such = poll.deciding().len();
    let waived = poll.answers.iter().filter(|answer| answer.is_waived).count();
    let said = match (verdict, ruled) {
        (_, 0) => "no gate ran".to_owned(),
        (Verdict::Go, 1) if waived == 0 => "1 gate".to_owned(),
        (Verdict::Go, 2) if waived == 0 => "both gates".to_owned(),
        (Verdict::Go, all) if waived == 0 => format!("all {all} gates"),
        (Verdict::Go, 1) => "the only gate is waived".to_owned(),
        (Verdict::Go, all) => format!("{} of {all} gates, {waived} waived", all - waived),
        (Verdict::Hold | Verdict::Unknown | Verdict::NoGo, 1) => "1 of 1 gates".to_owned(),
        (Verdict::Hold | Verdict::Unknown | Verdict::NoGo, all) => format!("{such} of {all} gates"),
    };
    let not_asked = poll.answers.iter().filter(|answer| answer.not_asked.is_some()).count();
    let rest = match not_asked {
        _ if ruled == 0 => String::new(),
        0 => String::new(),
        1 => ", 1 gate did not run".to_owned(),
        n => format!(", {n} gates did not run"),
    };
    Ending::new(verdict.into(), format!("{said}{rest}")).cost(cost)
}
