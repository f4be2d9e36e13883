//! What the commands in comments on the tracking issue come to: statements, or why they count for
//! nothing.

use crate::base::clean::clip;
use crate::base::names::{RoleName, StageName};
use crate::facts::people::{Comment, People};
use crate::judge::case::Case;
use crate::judge::gates::{APPROVED, acceptance};
use crate::project::manifest::{Manifest, TaskProof};
use crate::release::comment::{Command, MOST, Wish, is_digest};
use crate::release::ledger::Ledger;
use crate::release::plan::Plan;
use crate::release::statement::{
    Candidate, LONGEST_REASON, Page, Says, Shown, Statement, StatementSource,
};
use jiff::Timestamp;

/// A command that counts for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The line, clipped.
    pub line: String,
    /// Why.
    pub why: String,
}

/// How a comment is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The comment.
    pub comment: u64,
    /// Commands that were refused; if there are none, every command counts.
    pub refused: Vec<Refusal>,
    /// Whether the refusals are explained: to people with a role only, so that nobody can make the
    /// forge send messages.
    pub explained: bool,
}

/// Whether two statements say the same in the same comment.
#[must_use]
pub fn same_words(one: &Statement, other: &Statement) -> bool {
    let id = |statement: &Statement| statement.source.page().map(|page| page.id);
    id(one) == id(other) && one.by == other.by && one.says == other.says
}

/// Whether the ledger has a statement.
#[must_use]
pub fn is_recorded(ledger: &Ledger, statement: &Statement) -> bool {
    ledger.statements().any(|(_, _, recorded)| same_words(recorded, statement))
}

/// The statements in a comment, by any author. A comment is about what the release was when it was
/// written.
#[must_use]
pub fn said_in(case: &Case<'_>, comment: &Comment) -> Vec<Result<Statement, Refusal>> {
    let Some(commands) = &comment.commands else {
        let why = format!("a comment can have at most {MOST} commands");
        return vec![Err(Refusal { line: String::new(), why })];
    };
    let said = commands.iter().map(|command| {
        let refused = |why: String| Refusal { line: command.line.clone(), why };
        statement(case, comment, command).map_err(refused)
    });
    said.collect()
}

fn statement(case: &Case<'_>, comment: &Comment, command: &Command) -> Result<Statement, String> {
    if comment.edited {
        return Err("the comment was edited; write a new one".into());
    }
    let about = about(case, comment.at).ok_or("there is no version to release")?;
    let wish = command.says.as_ref().map_err(Clone::clone)?;
    let says = says(case, comment, &about, wish)?;
    let page = Page { id: comment.id, url: comment.url.clone() };
    let source = StatementSource::Comment(page);
    Ok(Statement { by: comment.by.clone(), says, about, source })
}

fn about(case: &Case<'_>, at: Timestamp) -> Option<Candidate> {
    let ledger = case.facts.ledger.known().ok();
    let shown = ledger.and_then(|ledger| ledger.shown_before(at)).map(|shown| shown.about);
    shown.or_else(|| Some(Candidate { plan: None, ..case.candidate()? }))
}

fn says(
    case: &Case<'_>,
    comment: &Comment,
    about: &Candidate,
    wish: &Wish,
) -> Result<Says, String> {
    let manifest = case.manifest;
    match wish {
        Wish::Approve { role, digest } => {
            approve(case, comment, about, (role.as_ref(), digest.as_deref()))
        }
        Wish::Object { reason } => Ok(Says::Object { reason: reason.clone() }),
        Wish::WithdrawObjection => Ok(Says::WithdrawObjection),
        Wish::Done { task } => {
            let tasks = manifest.tasks.iter();
            let said = tasks.filter(|task| matches!(task.proof, TaskProof::Role(_)));
            let names: Vec<&str> = said.map(|task| task.id.value.as_str()).collect();
            known("task", task.as_str(), &names)?;
            Ok(Says::Done { task: task.clone() })
        }
        Wish::Accept { scenario } => {
            scenario_exists(manifest, scenario.as_str())?;
            Ok(Says::Accept { scenario: scenario.clone() })
        }
        Wish::Reject { scenario, reason } => {
            scenario_exists(manifest, scenario.as_str())?;
            Ok(Says::Reject { scenario: scenario.clone(), reason: reason.clone() })
        }
        Wish::Hold { words } => hold(manifest, words),
        Wish::Lift { stage } => {
            if let Some(stage) = stage {
                known("stage", stage.as_str(), &stages(manifest))?;
            }
            Ok(Says::Lift { stage: stage.clone() })
        }
    }
}

fn approve(
    case: &Case<'_>,
    comment: &Comment,
    about: &Candidate,
    (role, digest): (Option<&RoleName>, Option<&str>),
) -> Result<Says, String> {
    let manifest = case.manifest;
    // One word can be either.
    let (role, digest) = match (role, digest) {
        (Some(word), None) if manifest.role(word).is_none() && is_digest(word.as_str()) => {
            (None, Some(word.as_str().to_ascii_lowercase()))
        }
        (role, digest) => (role, digest.map(str::to_owned)),
    };
    if let Some(role) = role {
        let roles: Vec<&str> = manifest.roles.iter().map(|role| role.name.as_str()).collect();
        known("role", role.as_str(), &roles)?;
    }
    if let Some(digest) = digest {
        match about.plan.as_ref().or(about.expected.as_ref()) {
            Some(plan) if plan.as_str().starts_with(&digest) => {}
            Some(plan) => return Err(format!("the plan is `{}`, not `{digest}`", plan.short())),
            None => return Err(
                "there was no plan when the comment was written, so the comment cannot name one"
                    .into(),
            ),
        }
    }
    let stage = to_approve(case, comment)?;
    // The gate requires the plan then.
    let sealed = case.facts.ledger.known().ok().and_then(Ledger::plan).map(Plan::digest);
    let other = sealed.is_some_and(|sealed| about.expected.as_ref() != Some(&sealed));
    if stage.is_some() && about.plan.is_none() && other {
        return Err(
            "the comment was written before the plan was made; review the plan and approve again"
                .into(),
        );
    }
    Ok(Says::Approve { role: role.cloned(), stage })
}

/// The stage that waited for approvals, as the tracking issue showed it when a comment was written:
/// the first, if the issue had not been recorded by then. `None` if no stage requires approval.
fn to_approve(case: &Case<'_>, comment: &Comment) -> Result<Option<StageName>, String> {
    let Some(first) = case.manifest.first_stage_with(APPROVED) else { return Ok(None) };
    let ledger = case.facts.ledger.known().ok();
    match ledger.and_then(|ledger| ledger.shown_before(comment.at)) {
        None => Ok(Some(first.clone())),
        Some(Shown { stage: Some(stage), .. }) => Ok(Some(stage)),
        Some(Shown { stage: None, .. }) => {
            Err("every stage that requires approval has already been entered".into())
        }
    }
}

fn hold(manifest: &Manifest, words: &str) -> Result<Says, String> {
    let (first, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    let stage = StageName::new(first).ok().filter(|stage| manifest.position(stage).is_some());
    let reason = if stage.is_some() { rest.trim() } else { words };
    if reason.is_empty() {
        return Err("the reason is missing: write `/hold [STAGE] REASON`".into());
    }
    let reason = clip(reason, LONGEST_REASON).into_owned();
    Ok(Says::Hold { stage, reason, until: None })
}

fn stages(manifest: &Manifest) -> Vec<&str> {
    manifest.stages.iter().map(|stage| stage.name.value.as_str()).collect()
}

fn scenario_exists(manifest: &Manifest, name: &str) -> Result<(), String> {
    let all = acceptance(manifest).map(|(_, all)| all).unwrap_or_default();
    let names: Vec<&str> = all.iter().map(|id| id.as_str()).collect();
    known("scenario", name, &names)
}

fn known(noun: &str, name: &str, all: &[&str]) -> Result<(), String> {
    if all.contains(&name) {
        return Ok(());
    }
    match all {
        [] => Err(format!("the manifest has no {noun}")),
        [..] => {
            let names: Vec<String> = all.iter().map(|name| format!("`{name}`")).collect();
            Err(format!("the manifest has no {noun} `{name}`; it has {}", names.join(", ")))
        }
    }
}

/// Whether the author of a statement may make it.
enum Leave {
    Yes,
    /// Why not.
    No(String),
    /// Membership could not be read.
    Unseen,
}

fn leave(manifest: &Manifest, people: &People, statement: &Statement) -> Leave {
    let role = match &statement.says {
        Says::Approve { role, .. } => role.clone(),
        Says::Done { task } => {
            let task = manifest.tasks.iter().find(|known| known.id.value == *task);
            task.and_then(|task| match &task.proof {
                TaskProof::Role(role) => Some(role.clone()),
                TaskProof::Check(_) => None,
            })
        }
        Says::Accept { .. } | Says::Reject { .. } => acceptance(manifest).map(|(role, _)| role),
        Says::Object { .. } | Says::WithdrawObjection | Says::Hold { .. } | Says::Lift { .. } => {
            None
        }
    };
    let asked: Vec<&RoleName> = match &role {
        Some(role) => vec![role],
        None => manifest.roles.iter().map(|role| &role.name).collect(),
    };
    let mut unseen = false;
    for name in asked {
        let Some(members) = people.members.get(name) else { continue };
        if members.known.contains(&statement.by) {
            return Leave::Yes;
        }
        unseen |= members.unseen.is_some();
    }
    match (unseen, role) {
        (true, _) => Leave::Unseen,
        (false, Some(role)) => Leave::No(format!("you are not a member of the role `{role}`")),
        (false, None) => Leave::No("you have no role in this release".into()),
    }
}

/// Statements of members in comments that the ledger does not have yet. What strangers say is not
/// recorded: the ledger would grow without end.
#[must_use]
pub fn unrecorded(case: &Case<'_>, ledger: &Ledger, people: &People) -> Vec<Statement> {
    let said = people.comments.iter().flat_map(|comment| said_in(case, comment));
    let mut new: Vec<Statement> = Vec::new();
    for statement in said.filter_map(Result::ok) {
        let again = new.iter().any(|other| same_words(other, &statement));
        let member = matches!(leave(case.manifest, people, &statement), Leave::Yes);
        if member && !again && !is_recorded(ledger, &statement) {
            new.push(statement);
        }
    }
    new
}

/// How comments are answered that were not acknowledged yet. Where membership could not be read, the
/// answer waits.
#[must_use]
pub fn acknowledgements(case: &Case<'_>, people: &People) -> Vec<Acknowledgement> {
    let open = people.comments.iter().filter(|comment| !comment.acknowledged);
    open.filter_map(|comment| acknowledgement(case, people, comment)).collect()
}

fn acknowledgement(case: &Case<'_>, people: &People, comment: &Comment) -> Option<Acknowledgement> {
    let explained = people.members.values().any(|members| members.known.contains(&comment.by));
    let unseen = people.members.values().any(|members| members.unseen.is_some());
    if unseen && !explained {
        return None;
    }
    let mut refused = Vec::new();
    for said in said_in(case, comment) {
        match said {
            Err(refusal) => refused.push(refusal),
            Ok(statement) => match leave(case.manifest, people, &statement) {
                Leave::Yes => {}
                Leave::No(why) => refused.push(Refusal { line: line(comment, &statement), why }),
                Leave::Unseen => return None,
            },
        }
    }
    Some(Acknowledgement { comment: comment.id, refused, explained })
}

/// The command that a statement was read from.
fn line(comment: &Comment, statement: &Statement) -> String {
    let commands = comment.commands.iter().flatten();
    let word = match &statement.says {
        Says::Approve { .. } => "/approve",
        Says::Object { .. } => "/object",
        Says::WithdrawObjection => "/withdraw-objection",
        Says::Done { .. } => "/done",
        Says::Accept { .. } => "/accept",
        Says::Reject { .. } => "/reject",
        Says::Hold { .. } => "/hold",
        Says::Lift { .. } => "/lift",
    };
    let mut lines = commands.map(|command| &command.line);
    let found = lines.find(|line| line.to_ascii_lowercase().starts_with(word));
    found.cloned().unwrap_or_else(|| word.into())
}
