//! A report as GitHub Markdown: a job summary, a comment, a file.

use super::accounting::summary;
use super::blocked::{About, lines};
use super::check::CLIP;
use super::dates::TaskState;
use super::ending::Ending;
use super::escape::markdown::{Within, block, code, message, text};
use super::escape::uri;
use super::finding::Sources;
use super::model::{Kind, Reason, Report};
use super::plan::{environment, final_digest, promoted, reach};
use crate::base::clean::clip;
use crate::base::word::{Tone, Word};
use crate::facts::{RuleChange, Seen};
use crate::judge::ruling::Answer;
use crate::planner::Progress;
use crate::planner::accounting::Accounting;
use crate::planner::steps::{detail, title};
use crate::project::manifest::Mode;
use crate::release::plan::Plan;
use crate::release::step::Reach;
use jiff::Timestamp;
use std::fmt::Write as _;

/// The maximum size of a step's summary, in bytes. GitHub drops a summary of more than 1 MiB.
pub const MAX_SUMMARY: usize = 1000 * 1024;
/// The maximum size of a comment and of a check run's summary, in bytes. GitHub allows this many
/// characters.
pub const MAX_COMMENT: usize = 65_535;

/// The maximum length of one message, so that a long title does not displace the rest.
const MAX_MESSAGE: usize = 2000;
/// The maximum length of a name, in characters.
const MAX_NAME: usize = 120;
/// Reserved for the note that the page was cut, and for the end.
const RESERVE: usize = 1200;

const CUT: &str = "\n*This report is cut off here: it is longer than GitHub allows.*\n";

/// The whole report, within a maximum size in bytes.
#[must_use]
pub fn markdown(report: &Report<'_>, most: usize) -> String {
    let sources = Sources::of_facts(report.facts);
    let mut page = headline(report);
    page.push_str(&blocked(report, &sources, usize::MAX, Some(report.facts.at)));
    page.push_str(&gates(report));
    page.push_str(&remarks(report, &sources));
    page.push_str(&rules_change(report));
    if let Some((plan, progress)) = report.plan {
        page.push_str(&steps(plan, progress, report));
    }
    if let Some(all) = &report.accounting {
        page.push_str(&accounted(all, report));
    }
    let foot = foot(report);
    let room = most.saturating_sub(RESERVE + foot.len());
    if cut(&mut page, room) {
        page.push_str(CUT);
    } else if let Some(notes) = report.notes() {
        page.push_str(&folded(&notes, room.saturating_sub(page.len())));
    }
    page.push_str(&foot);
    page
}

/// A page for a run that ended before there was a report.
#[must_use]
pub fn refusal(ending: &Ending, reasons: &[Reason<'_>], most: usize) -> String {
    let word = ending.outcome.word();
    let said = message(&clip(&ending.sentence(), MAX_MESSAGE), Within::Line);
    let mut page = format!("## {} {word}: {said}\n\n", sign(word));
    for reason in reasons {
        page.push_str(&item(reason, None, None));
    }
    if cut(&mut page, most.saturating_sub(RESERVE)) {
        page.push_str(CUT);
    }
    page
}

/// An emoji for a tone.
#[must_use]
pub fn sign(word: Word) -> &'static str {
    match word.tone {
        Tone::Good => "✅",
        Tone::Wait => "⏳",
        Tone::Doubtful => "❔",
        Tone::Remark => "ℹ️",
        Tone::Open => "⬜",
        Tone::Unfinished => "⚠️",
        Tone::Off => "➖",
        Tone::Bad | Tone::Plain => "❌",
    }
}

fn headline(report: &Report<'_>) -> String {
    let facts = report.facts;
    let name = text(&clip(&facts.name, MAX_NAME));
    let subject = report.subject().map_or_else(String::new, |(version, tag)| {
        let tag = code(&clip(tag.as_str(), MAX_NAME), Within::Line);
        format!(" {} ({tag})", text(&version.to_string()))
    });
    let sha = &facts.commit.sha;
    let commit = linked(&code(sha.short(), Within::Line), report.pages.commit(sha).as_deref());
    let branch = facts.branch.known().map_or_else(
        |_| String::new(),
        |branch| format!(" on {}", code(&clip(branch.as_str(), MAX_NAME), Within::Line)),
    );
    let what = match &facts.merge {
        None => format!("{subject} from {commit}{branch}"),
        Some(merge) => {
            let head = code(merge.head.short(), Within::Line);
            let head = linked(&head, report.pages.commit(&merge.head).as_deref());
            match merge.number {
                Some(number) => format!(
                    ", pull request {number} at {head}, if merged into{}",
                    branch.trim_start_matches(" on")
                ),
                None => format!(
                    ", merge group {head}, if merged into{}",
                    branch.trim_start_matches(" on")
                ),
            }
        }
    };
    let word = report.ending.outcome.word();
    let mut head = format!("## {} {word}: {name}{what}\n", sign(word));
    let said = message(&clip(&report.ending.sentence(), MAX_MESSAGE), Within::Line);
    if !said.is_empty() {
        let _ = write!(head, "\n{said}\n");
    }
    if let Some(why) = &facts.pinned {
        let _ = write!(head, "\nat {commit}: {}\n", message(&clip(why, MAX_MESSAGE), Within::Line));
    }
    if let Some(promoted) = report.plan.and_then(|(plan, _)| promoted(plan)) {
        let _ = write!(head, "\n{}\n", message(&promoted, Within::Line));
    }
    let dates = dates(report);
    if report.kind == Kind::Plan && !dates.is_empty() {
        let _ = write!(head, "\n{dates}");
    }
    head
}

/// The train, and the tasks that have a date and are open.
pub(super) fn dates(report: &Report<'_>) -> String {
    let mut list = String::new();
    if let Some(train) = &report.dates.train {
        let name = code(&clip(&train.name, MAX_NAME), Within::Line);
        let _ = writeln!(list, "- train: {name}, {}", text(&train.said()));
    }
    for task in report.dates.tasks.iter().filter(|task| task.state != TaskState::Done) {
        let overdue = if task.state == TaskState::Overdue { ", **overdue**" } else { "" };
        let (id, due) = (code(&task.id, Within::Line), text(&task.due.local));
        let _ = writeln!(list, "- task {id}: due {due}{overdue}");
    }
    list
}

/// The gates whose result would differ with the manifest of the merge.
fn rules_change(report: &Report<'_>) -> String {
    let merge = report.facts.merge.as_ref();
    let Some(Seen::Known(Some(changed))) = merge.map(|merge| &merge.manifest) else {
        return String::new();
    };
    let Some(source) = changed.source.as_ref().filter(|_| changed.findings.is_empty()) else {
        return String::new();
    };
    let name = code(&clip(&source.name, MAX_NAME), Within::Line);
    let mut section = format!("\n### This merge changes {name}\n\n");
    if changed.rules.is_empty() {
        section.push_str("No gate result changes, and no setting changes.\n");
        return section;
    }
    section.push_str("| gate or setting | before | after |\n|---|---|---|\n");
    for RuleChange { gate, now, then } in &changed.rules {
        let cell = |words: &str| unbroken(&text(&clip(words, MAX_NAME)));
        // A section of the manifest is already enclosed in backticks.
        let gate = code(gate.trim_matches('`'), Within::Cell);
        let _ = writeln!(section, "| {gate} | {} | {} |", cell(now), cell(then));
    }
    section
}

pub(super) fn gates(report: &Report<'_>) -> String {
    let Some(poll) = report.poll.filter(|poll| !poll.answers.is_empty()) else {
        return String::new();
    };
    let mut table = String::from("\n| result | gate | summary |\n|---|---|---|\n");
    for answer in &poll.answers {
        let (word, said) = ruled(answer);
        let gate = code(&answer.gate, Within::Cell);
        let said = message(&clip(&said, CLIP), Within::Cell);
        let _ = writeln!(table, "| {} {} | {gate} | {said} |", sign(word), unbroken(word.text));
    }
    table
}

/// A word in a cell that must not be broken at its hyphen.
fn unbroken(words: &str) -> String {
    words.replace("no-go", "no\u{2011}go")
}

fn ruled(answer: &Answer) -> (Word, String) {
    match (&answer.ruling, answer.mode) {
        (_, Mode::Off) => (Word::new("off", Tone::Off), String::new()),
        (None, Mode::On | Mode::Inform) => {
            (Word::new("not run", Tone::Off), answer.not_asked.clone().unwrap_or_default())
        }
        (Some(ruling), Mode::On) => {
            let word = answer.word().unwrap_or(ruling.verdict().word());
            (word, answer.summary().unwrap_or_default())
        }
        (Some(ruling), Mode::Inform) => {
            (Word::INFORM, format!("{}: {}", ruling.verdict(), ruling.summary()))
        }
    }
}

/// What blocks: who can resolve it, how, and since when it waits. Without the time, the text does not
/// depend on it.
pub(super) fn blocked(
    report: &Report<'_>,
    sources: &Sources,
    most: usize,
    now: Option<Timestamp>,
) -> String {
    let all = report.blocking(sources);
    if all.is_empty() {
        return String::new();
    }
    let mut list = String::from("\n### Blocked by\n\n");
    for reason in all.iter().take(most) {
        list.push_str(&item(reason, Some(report), now));
    }
    if let Some(more) = all.len().checked_sub(most).filter(|more| *more > 0) {
        let _ = writeln!(list, "- and {more} more");
    }
    list
}

/// What blocks nothing.
fn remarks(report: &Report<'_>, sources: &Sources) -> String {
    let remarks = report.reasons(sources).into_iter();
    let remarks = remarks.filter(|one| one.word.tone == Tone::Remark);
    let (waived, inform): (Vec<_>, Vec<_>) = remarks.partition(|one| one.word == Word::WAIVED);
    let mut list = String::new();
    for (heading, these) in [("Waived", waived), ("For information", inform)] {
        if these.is_empty() {
            continue;
        }
        let _ = write!(list, "\n### {heading}\n\n");
        for reason in these {
            list.push_str(&item(&reason, Some(report), Some(report.facts.at)));
        }
    }
    list
}

fn item(reason: &Reason<'_>, report: Option<&Report<'_>>, now: Option<Timestamp>) -> String {
    let say = |said: &str| message(&clip(said, MAX_MESSAGE), Within::Line);
    let gates: Vec<String> = reason.gates.iter().map(|gate| code(gate, Within::Line)).collect();
    let of = if gates.is_empty() { String::new() } else { format!(" {}", gates.join(", ")) };
    let (word, finding) = (reason.word, &reason.finding);
    let mut item = format!("- {} **{word}**{of}: {}\n", sign(word), say(&finding.message));
    if let Some(spot) = &reason.spot {
        let name = format!("{}:{}:{}", clip(spot.file, MAX_NAME), spot.line, spot.column);
        let page = report.and_then(|report| {
            report.pages.line(report.commit_of(spot.tree), spot.path, spot.line)
        });
        let label =
            if spot.label.is_empty() { String::new() } else { format!(", {}", say(spot.label)) };
        let at = linked(&code(&name, Within::Line), page.as_deref());
        let _ = writeln!(item, "  - at {at}{label}");
    }
    for (about, line) in lines(reason, now) {
        let _ = match about {
            // An empty item would turn the line above it into a heading.
            About::Note if line.trim().is_empty() => Ok(()),
            About::Note => writeln!(item, "  - {}", note(&line, report)),
            About::Who | About::How | About::Since | About::Until => {
                writeln!(item, "  - **{}:** {}", about.label(), say(&line))
            }
        };
    }
    item
}

/// A note. If it is a page of the repository, or ends with one in parentheses, it has a link.
fn note(line: &str, report: Option<&Report<'_>>) -> String {
    let say = |said: &str| message(&clip(said, MAX_MESSAGE), Within::Line);
    let own = |address: &str| report.and_then(|report| report.pages.own(address));
    let details = |page: &str| linked("details", Some(page));
    if let Some(page) = own(line) {
        return details(&page);
    }
    let end = line.strip_suffix(')').and_then(|line| line.rsplit_once(" ("));
    match end.and_then(|(said, address)| Some((said, own(address)?))) {
        Some((said, page)) => format!("{} ({})", say(said), details(&page)),
        None => say(line),
    }
}

fn steps(plan: &Plan, progress: &Progress, report: &Report<'_>) -> String {
    let released = report.release_page();
    let mut table = match final_digest(plan) {
        Some(digest) => format!("\n### Plan {}\n\n", code(digest.short(), Within::Line)),
        None => "\n### Plan\n\n".into(),
    };
    table.push_str("| stage | step | state | reach | details |\n|---|---|---|---|---|\n");
    let mut returning = true;
    for stage in &plan.stages {
        let mut name = code(stage.name.as_str(), Within::Cell);
        if !stage.gates.is_empty() {
            let gates: Vec<String> =
                stage.gates.iter().map(|gate| code(gate, Within::Cell)).collect();
            let _ = write!(name, " (gates: {})", gates.join(", "));
        }
        if let Some((environment, protection)) = environment(stage, report.facts) {
            let environment = code(&environment, Within::Cell);
            let _ = write!(name, " in {environment} ({})", message(&protection, Within::Cell));
        }
        for planned in &stage.steps {
            if planned.reach == Reach::Irreversible && std::mem::take(&mut returning) {
                table.push_str("| | **point of no return** | | | |\n");
            }
            let standing = progress.of(&planned.key);
            let word = standing.word();
            let said = match standing.said() {
                None => detail(plan, planned, report.facts),
                Some(said) => said.to_owned(),
            };
            let title = code(&clip(&title(plan, planned), MAX_NAME), Within::Cell);
            let said = match uri::address(&said).filter(|page| Some(page) == released.as_ref()) {
                Some(page) => linked("release", Some(&page)),
                None => message(&clip(&said, CLIP), Within::Cell),
            };
            let reach = reach(planned.reach);
            let name = std::mem::take(&mut name);
            let _ =
                writeln!(table, "| {name} | {title} | {} {word} | {reach} | {said} |", sign(word));
        }
    }
    table
}

/// For every commit since the last release, whether the notes list it.
fn accounted(all: &Accounting, report: &Report<'_>) -> String {
    let said = message(&summary(all), Within::Line);
    let mut table = format!("\n### Commits\n\n{said}\n");
    if !all.rows.is_empty() {
        table.push_str(
            "\n| state | commit | subject | heading, rule or reason |\n|---|---|---|---|\n",
        );
    }
    for row in &all.rows {
        let word = row.state.word();
        let commit = code(row.commit.short(), Within::Cell);
        let commit = linked(&commit, report.pages.commit(&row.commit).as_deref());
        let cell = |words: &str| message(&clip(words, MAX_NAME), Within::Cell);
        let (subject, said) = (text(&clip(&row.subject, MAX_NAME)), cell(&row.state.said()));
        let _ = writeln!(
            table,
            "| {} {} | {commit} | {subject} | {said} |",
            sign(word),
            word.text.replace('-', "\u{2011}")
        );
    }
    let rules = all.rules();
    if !rules.is_empty() {
        table.push('\n');
    }
    for rule in rules {
        let sentence = message(rule.sentence(), Within::Line);
        let _ = writeln!(table, "- {}: {sentence}", code(rule.name(), Within::Line));
    }
    table
}

/// The notes in a collapsed section, unchanged and as code: nothing in them can look like a part of
/// this report.
pub(super) fn folded(notes: &str, room: usize) -> String {
    let mut shown = notes.to_owned();
    let was_cut = cut(&mut shown, room.saturating_sub(RESERVE / 2) / 2);
    if was_cut && shown.trim().is_empty() {
        return String::new();
    }
    let rest = if was_cut { "\n\n*The notes are cut off here.*" } else { "" };
    let shown = block(&shown, "markdown");
    let page =
        format!("\n<details><summary>Release notes</summary>\n\n{shown}{rest}\n\n</details>\n");
    // Control characters become longer when they are made visible.
    if page.len() > room { String::new() } else { page }
}

fn foot(report: &Report<'_>) -> String {
    let mut links = Vec::new();
    if let Some(run) = &report.pages.run {
        links.push(linked("workflow run", Some(run)));
    }
    if let Some(release) = report.release_page() {
        let draft = report.plan.and_then(|(_, progress)| progress.release.as_ref());
        let word = if draft.is_some_and(|release| release.draft) { "draft" } else { "release" };
        links.push(linked(word, Some(&release)));
    }
    if links.is_empty() { String::new() } else { format!("\n{}\n", links.join(" · ")) }
}

pub(super) fn linked(shown: &str, page: Option<&str>) -> String {
    match page {
        Some(page) => format!("[{shown}]({page})"),
        None => shown.to_owned(),
    }
}

/// Shortens a text to whole lines within a number of bytes; returns whether it was cut.
pub(super) fn cut(text: &mut String, most: usize) -> bool {
    if text.len() <= most {
        return false;
    }
    let end =
        text.as_bytes().iter().take(most).rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    text.truncate(end);
    true
}
