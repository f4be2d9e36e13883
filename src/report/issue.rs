//! The text of the tracking issue: the state of a release, whom it waits for, and how to respond.
//!
//! It depends only on the state, not on the time or the run, so it changes only if the state
//! changes.

use super::dates::{Dates, TaskState};
use super::ending::Ending;
use super::escape::markdown::{Within, code, message, text};
use super::finding::Sources;
use super::markdown::{blocked, cut, folded, gates, linked, sign};
use super::model::Report;
use super::plan::final_digest;
use crate::base::clean::clip;
use crate::base::names::Person;
use crate::base::word::{Tone, Word};
use crate::facts::people::Issue;
use crate::facts::{Facts, Seen};
use crate::judge::case::Case;
use crate::judge::gates::{self as judged, SignOff, Trial};
use crate::judge::people::{Statements, repository_holds};
use crate::planner::steps::title;
use crate::project::commits::account;
use crate::project::manifest::{Role, TaskProof};
use crate::release::ledger::Ledger;
use crate::release::outcome::Outcome;
use crate::release::step::Reach;
use std::fmt::Write as _;

/// Characters of an issue's text.
pub const LONGEST: usize = 65_536;
/// Characters of its title.
const LONGEST_TITLE: usize = 200;
/// Marks our text for people; no decision depends on it.
const MARK: &str = "<!-- tminus: tracking issue -->";
/// The maximum length of a name, and of a sentence, in characters.
const NAME: usize = 120;
const SENTENCE: usize = 500;
/// The maximum number of reasons and changes that are listed.
const LISTED: usize = 30;
/// Characters that are reserved for the end of the text.
const RESERVE: usize = 4_000;
const CUT: &str = "\n*This text is cut off here: it is longer than GitHub allows.*\n";

/// What an issue shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueText {
    /// Its title.
    pub title: String,
    /// Markdown, at most 65,536 characters.
    pub body: String,
}

/// The facts as the text reads them: wherever a finding names the tracking issue, it is this one.
#[must_use]
pub fn seen_from_issue(facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    if let Seen::Known(people) = &mut facts.people {
        let number = people.issue.as_ref().map_or(0, |issue| issue.number);
        people.issue = Some(Issue { number, url: "this issue".into(), shown: Seen::not_asked() });
    }
    facts
}

/// The whole text. The report has the rulings and the plan of the same case.
#[must_use]
pub fn issue(case: &Case<'_>, report: &Report<'_>) -> IssueText {
    let name = clip(&report.facts.name, NAME);
    let version = report.subject().map_or_else(String::new, |(version, tag)| {
        if tag.as_str().contains(&version.to_string()) {
            format!(" {version}")
        } else {
            format!(" {version} ({tag})")
        }
    });
    let headline = clip(&format!("Release {name}{version}"), LONGEST_TITLE).into_owned();
    let mut body = format!("{MARK}\n{}", state(report));
    let sources = Sources::of_facts(report.facts);
    body.push_str(&blocked(report, &sources, LISTED, None));
    body.push_str(&stopped(case));
    body.push_str(&signed_off(case));
    body.push_str(&tasks(case, &report.dates));
    body.push_str(&accepted(case, report));
    let table = gates(report);
    if !table.is_empty() {
        let _ = write!(body, "\n### Gates\n{table}");
    }
    let end = format!("{}{}", ways_out(report), answers(case));
    // A text has at least as many bytes as characters.
    let room = LONGEST.saturating_sub(RESERVE + end.len());
    if cut(&mut body, room) {
        body.push_str(CUT);
    } else {
        let changes = changes(case, report, room.saturating_sub(body.len()));
        body.push_str(&changes);
    }
    body.push_str(&end);
    IssueText { title: super::clean(&headline).into_owned(), body }
}

/// The state in a few lines.
fn state(report: &Report<'_>) -> String {
    let (facts, ending) = (report.facts, &report.ending);
    let word = ending.outcome.word();
    let said = message(&clip(&ending.said, SENTENCE), Within::Line);
    let comma = if said.is_empty() { "" } else { ": " };
    let mut lines = format!("**{} {word}**{comma}{said}\n\n", sign(word));
    let name = text(&clip(&facts.name, NAME));
    if let Some((version, tag)) = report.subject() {
        let tag = code(&clip(tag.as_str(), NAME), Within::Line);
        let _ = writeln!(lines, "- version: {name} {} ({tag})", text(&version.to_string()));
    }
    let sha = report.plan.map_or(&facts.commit.sha, |(plan, _)| &plan.commit);
    let commit = linked(&code(sha.short(), Within::Line), report.pages.commit(sha).as_deref());
    let branch = facts.branch.known().map_or_else(
        |_| String::new(),
        |branch| format!(" on {}", code(&clip(branch.as_str(), NAME), Within::Line)),
    );
    let _ = writeln!(lines, "- commit: {commit}{branch}");
    let sealed = facts.ledger.known().ok().and_then(Ledger::plan);
    match sealed {
        Some(plan) => {
            let _ = writeln!(lines, "- plan: {}", code(plan.digest().short(), Within::Line));
        }
        None => match report.plan.and_then(|(plan, _)| final_digest(plan)) {
            Some(digest) => {
                let digest = code(digest.short(), Within::Line);
                let _ = writeln!(lines, "- plan: {digest}, not started yet");
            }
            None => lines.push_str("- plan: not started yet\n"),
        },
    }
    let stages: Vec<String> = (report.stages().into_iter())
        .map(|(name, word)| format!("{} {} {}", sign(word), code(name, Within::Line), word.text))
        .collect();
    if !stages.is_empty() {
        let _ = writeln!(lines, "- stages: {}", stages.join(" → "));
    }
    if let Some(train) = &report.dates.train {
        let name = code(&clip(&train.name, NAME), Within::Line);
        let _ = writeln!(lines, "- train: {name}, {}", text(&train.said()));
    }
    if let Some(page) = report.release_page() {
        let _ = writeln!(lines, "- release: {}", linked("page", Some(&page)));
    }
    lines
}

const DONE: Word = Word::new("done", Tone::Good);
const WAITS: Word = Word::new("waiting", Tone::Wait);
const WARNS: Word = Word::new("warning", Tone::Unfinished);
const REJECTED: Word = Word::new("rejected", Tone::Bad);

/// The people that the manifest names, as mentions that notify them.
fn mentions(role: Option<&Role>) -> String {
    let Some(role) = role else { return String::new() };
    let user = |person: &Person| {
        let login = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        match person.as_str().bytes().all(login) {
            true => format!("@{person}"),
            false => text(person.as_str()),
        }
    };
    let users = role.users.iter().take(LISTED).map(user);
    let team = role.team.iter().map(|team| format!("team {}", text(&clip(team, NAME))));
    let level = role.permission.map(|it| format!("permission `{}`", it.word()));
    users.chain(team).chain(level).collect::<Vec<_>>().join(", ")
}

fn names<'n>(people: impl IntoIterator<Item = &'n str>) -> String {
    let names = people.into_iter().map(|name| text(&clip(name, NAME)));
    names.collect::<Vec<_>>().join(", ")
}

/// Current objections and holds, including those that affect only a later stage.
fn stopped(case: &Case<'_>) -> String {
    let Ok(Some(statements)) = Statements::new(case) else { return String::new() };
    let Ok(now) = case.now() else { return String::new() };
    let roles = &case.manifest.roles;
    let mut list = String::new();
    for (proven, reason, _) in statements.objections(roles).iter().take(LISTED) {
        let by = text(&clip(proven.statement.by.as_str(), NAME));
        let why = text(&clip(reason, SENTENCE));
        let _ = writeln!(list, "- {} {by} objects: {why}", sign(REJECTED));
        let _ = writeln!(list, "  - {by} can withdraw it with the comment `/withdraw-objection`");
    }
    for hold in statements.holds(roles, now).iter().take(LISTED) {
        let by = text(&clip(hold.by.statement.by.as_str(), NAME));
        let why = text(&clip(hold.reason, SENTENCE));
        let stage = hold.stage.map(ToString::to_string);
        let what = stage.as_deref().map_or("the release".into(), |it| code(it, Within::Line));
        let lift = stage.map_or("/lift".into(), |stage| format!("/lift {stage}"));
        let _ = writeln!(list, "- {} {by} put {what} on hold: {why}", sign(WAITS));
        let _ = writeln!(
            list,
            "  - {by}, or a member of any role, can lift it with the comment `{lift}`"
        );
    }
    let of_repository = case.facts.repository_holds.known();
    let of_repository = of_repository.map(|holds| repository_holds(holds, roles, now));
    for hold in of_repository.unwrap_or_default().iter().take(LISTED) {
        let (by, why) = (text(&clip(hold.by.as_str(), NAME)), text(&clip(hold.reason, SENTENCE)));
        let _ = writeln!(list, "- {} {by} put every release on hold: {why}", sign(WAITS));
        let how = code("tminus lift --repository", Within::Line);
        let _ = writeln!(list, "  - {by} or a member of a role can lift it: run {how}");
    }
    if list.is_empty() { list } else { format!("\n### Objections and holds\n\n{list}") }
}

fn signed_off(case: &Case<'_>) -> String {
    let Some(all) = judged::sign_offs(case).filter(|all| !all.is_empty()) else {
        return String::new();
    };
    let mut table = String::from(
        "\n### Sign-offs\n\n| role | members | approved by | state | comment |\n|---|---|---|---|---|\n",
    );
    for SignOff { role, needed, given, .. } in &all {
        let word = if given.len() >= *needed { DONE } else { WAITS };
        let members = mentions(case.manifest.role(role));
        let given: Vec<String> =
            given.iter().map(|(who, from)| format!("{who} ({from})")).collect();
        let by = names(given.iter().map(String::as_str));
        let state = format!("{} {} of {needed}", sign(word), given.len().min(*needed));
        let how = code(&format!("/approve {role}"), Within::Cell);
        let role = code(role.as_str(), Within::Cell);
        let _ = writeln!(table, "| {role} | {members} | {by} | {state} | {how} |");
    }
    table
}

fn tasks(case: &Case<'_>, dates: &Dates) -> String {
    let Some(mut all) = judged::tasks(case).filter(|all| !all.is_empty()) else {
        return String::new();
    };
    let team = |proof: &TaskProof| match proof {
        TaskProof::Role(role) => (0, role.to_string()),
        TaskProof::Check(check) => (1, format!("check {check}")),
    };
    all.sort_by_key(|(task, _)| team(&task.proof));
    let dated = !dates.tasks.is_empty();
    let (due, rule) = if dated { (" due |", "---|") } else { ("", "") };
    let mut table = format!(
        "\n### Tasks\n\n| role | task | before |{due} state | comment |\n|---|---|---|{rule}---|---|\n",
    );
    for (task, done) in all.iter().take(3 * LISTED) {
        let id = &task.id.value;
        let (state, how) = match (done, &task.proof) {
            (Ok(by), _) => (format!("{} {}", sign(DONE), text(&clip(by, NAME))), String::new()),
            (Err(why), TaskProof::Role(_)) => {
                let why =
                    why.as_deref().map_or_else(|| "open".into(), |why| text(&clip(why, NAME)));
                (format!("{} {why}", sign(WAITS)), code(&format!("/done {id}"), Within::Cell))
            }
            (Err(why), TaskProof::Check(_)) => {
                let why = why.as_deref().unwrap_or("open");
                (
                    format!("{} {}", sign(WAITS), message(&clip(why, NAME), Within::Cell)),
                    String::new(),
                )
            }
        };
        let (_, team) = team(&task.proof);
        let before =
            task.before.as_ref().map_or_else(String::new, |it| code(it.as_str(), Within::Cell));
        let said = text(&clip(&task.text, SENTENCE));
        let id = code(id.as_str(), Within::Cell);
        let team = text(&clip(&team, NAME));
        let due = match dates.task(task.id.value.as_str()) {
            Some(date) if date.state == TaskState::Overdue => {
                format!(" {}, **overdue** |", text(&date.due.local))
            }
            Some(date) => format!(" {} |", text(&date.due.local)),
            None if dated => "  |".into(),
            None => String::new(),
        };
        let _ = writeln!(table, "| {team} | {id}: {said} | {before} |{due} {state} | {how} |");
    }
    table
}

/// What the testers accepted, and what they reported.
fn accepted(case: &Case<'_>, report: &Report<'_>) -> String {
    match format!("{}{}", scenarios(case), feedback(report)) {
        none if none.is_empty() => none,
        section => format!("\n### Acceptance\n{section}"),
    }
}

fn scenarios(case: &Case<'_>) -> String {
    let Some((role, trials)) = judged::trials(case).filter(|(_, all)| !all.is_empty()) else {
        return String::new();
    };
    let members = mentions(case.manifest.role(&role));
    let role = code(role.as_str(), Within::Line);
    let mut table = format!(
        "\nTesters: {role} ({members})\n\n| scenario | state | accepted by | comment |\n\
         |---|---|---|---|\n"
    );
    for Trial { id, text: what, needed, accepted, rejected } in trials.iter().take(3 * LISTED) {
        let word = match (rejected.is_empty(), accepted.len() >= *needed) {
            (false, _) => REJECTED,
            (true, true) => DONE,
            (true, false) => WAITS,
        };
        let mut state = format!("{} {} of {needed}", sign(word), accepted.len().min(*needed));
        for (by, why) in rejected.iter().take(LISTED) {
            let (by, why) = (text(&clip(by, NAME)), text(&clip(why, NAME)));
            let _ = write!(state, "; rejected by {by}: {why}");
        }
        let what = what.as_ref().map(|what| format!(": {}", text(&clip(what, SENTENCE))));
        let by = names(accepted.iter().map(String::as_str));
        let how = code(&format!("/accept {id}"), Within::Cell);
        let id = code(id.as_str(), Within::Cell);
        let what = what.unwrap_or_default();
        let _ = writeln!(table, "| {id}{what} | {state} | {by} | {how} |");
    }
    table
}

/// The issues that testers reported. Each is linked, and nothing in its title notifies anybody.
fn feedback(report: &Report<'_>) -> String {
    let Some(feedback) = report.feedback else { return String::new() };
    let mut list = String::from("\nFeedback, which does not block the release:\n\n");
    let say = |said: &str| message(&clip(said, SENTENCE), Within::Line);
    if let Some(open) = feedback.open() {
        let _ = writeln!(list, "- {}", say(&open.message));
    }
    for (issue, title) in feedback.issues() {
        let number = code(&format!("#{}", issue.number), Within::Line);
        let number = linked(&number, report.pages.own(&issue.url).as_deref());
        let _ = writeln!(list, "  - {number}: {}", text(&title));
    }
    if feedback.more() > 0 {
        let _ = writeln!(list, "  - and {} more", feedback.more());
    }
    for problem in feedback.problems() {
        let _ = writeln!(list, "- {} {}", sign(WARNS), say(&problem.message));
    }
    list
}

/// The changes for users, breaking changes first.
fn changes(case: &Case<'_>, report: &Report<'_>, room: usize) -> String {
    let Ok(history) = case.facts.history.known() else { return String::new() };
    let account = account(&history.since, case.change_kinds());
    let breaking = account.changes.iter().filter(|change| change.breaking);
    let mut section = String::new();
    for change in breaking.clone().take(LISTED) {
        let said = text(&clip(&change.description, SENTENCE));
        let _ = writeln!(section, "- ⚠️ **breaking**: {said} ({})", change.sha.short());
    }
    let more = breaking.count().saturating_sub(LISTED);
    if more > 0 {
        let _ = writeln!(section, "- and {more} more breaking changes");
    }
    if let Some(notes) = report.notes() {
        section.push_str(&folded(&notes, room.saturating_sub(section.len())));
    }
    if section.is_empty() || section.len() > room {
        return String::new();
    }
    format!("\n### Changes\n\n{}", section.trim_start_matches('\n'))
}

/// The point of no return, and how to abort.
fn ways_out(report: &Report<'_>) -> String {
    let Some((plan, progress)) = report.plan else { return String::new() };
    let mut steps =
        plan.stages.iter().flat_map(|stage| stage.steps.iter().map(move |it| (stage, it)));
    let first = steps.find(|(_, planned)| planned.reach == Reach::Irreversible);
    let mut section = String::from("\n### Point of no return\n\n");
    match first {
        None => section.push_str(
            "No step is irreversible. `tminus abort` cancels the release and removes what it created.\n",
        ),
        Some((stage, planned)) => {
            let step = code(&clip(&title(plan, planned), NAME), Within::Line);
            let stage = code(stage.name.as_str(), Within::Line);
            let _ = if progress.is_done(&planned.key) {
                writeln!(
                    section,
                    "{step} in stage {stage} is done and cannot be undone: finish the release, or \
                     release a new version."
                )
            } else {
                writeln!(
                    section,
                    "{step} in stage {stage}. Before this step, `tminus abort` cancels the release \
                     and removes what it created."
                )
            };
        }
    }
    section
}

/// How to respond.
fn answers(case: &Case<'_>) -> String {
    if case.manifest.roles.is_empty() {
        return String::new();
    }
    let lines = [
        (
            "/approve [ROLE]",
            "approve the stage; `/approve ROLE DIGEST` approves only the plan with this digest",
        ),
        ("/object REASON", "stop the release; `/withdraw-objection` withdraws the objection"),
        ("/done TASK", "mark a task as done"),
        ("/accept SCENARIO", "accept a scenario; `/reject SCENARIO REASON` rejects it"),
        (
            "/hold [STAGE] REASON",
            "put the release, or a stage, on hold; `/lift [STAGE]` lifts the hold",
        ),
    ];
    let mut section = String::from(
        "\n### How to respond\n\nComment here, with the command at the start of a line. Do not \
         edit a comment: commands in edited comments are ignored. Each command is acknowledged \
         with a reaction.\n\n",
    );
    for (command, what) in lines {
        let command = code(command, Within::Line);
        let _ = writeln!(section, "- {command}: {}", message(what, Within::Line));
    }
    section
}

/// The outcome that the issue shows: the worst ruling, and its first reason.
#[must_use]
pub fn ending(report: &Report<'_>) -> Ending {
    let ledger = report.facts.ledger.known().ok();
    if ledger.is_some_and(Ledger::finished) {
        return Ending::new(Outcome::Released, "");
    }
    if ledger.is_some_and(Ledger::aborted) {
        return Ending::new(Outcome::Aborted, "");
    }
    let Some(poll) = report.poll else { return Ending::new(Outcome::Unknown, "") };
    let outcome: Outcome = poll.verdict().into();
    let sources = Sources::default();
    let reasons = report.reasons(&sources);
    let first = reasons.iter().find(|reason| reason.word == outcome.word());
    let said = first.map_or_else(String::new, |reason| reason.finding.message.clone());
    Ending::new(outcome, said)
}

/// The reply to a comment with refused commands: one line for each command.
#[must_use]
pub fn refusals(url: &str, refused: &[crate::judge::comments::Refusal]) -> String {
    let mut answer = format!("This [comment]({url}) does not count:\n\n");
    for one in refused {
        let why = message(&clip(&one.why, SENTENCE), Within::Line);
        let line = clip(&one.line, NAME);
        let _ = match line.trim().is_empty() {
            true => writeln!(answer, "- {why}"),
            false => writeln!(answer, "- {}: {why}", code(&line, Within::Line)),
        };
    }
    answer
}
