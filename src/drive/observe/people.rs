//! Reads the statements about a release, and verifies who made them.

use super::signatures::Signed;
use super::unseen::{from_port, unanswered};
use crate::base::names::{Digest, Person, RoleName, Sha};
use crate::facts::people::{
    Comment, Disregarded, Issue, Members, People, Proven, Reviews, ShownIssue, Verification,
};
use crate::facts::{Facts, Seen, Unseen};
use crate::judge::case::Case;
use crate::judge::comments::{is_recorded, said_in, same_words};
use crate::judge::gates::{asks_authors, counts_approvals_from};
use crate::judge::people::ApprovalSource;
use crate::ports::{ForgePeople, IssueComment, ReadPorts, TrackingIssue};
use crate::project::manifest::{Manifest, Permission, Role};
use crate::release::comment::commands;
use crate::release::ledger::Ledger;
use crate::release::signature::EntrySignature;
use crate::release::statement::StatementSource;
use crate::release::step::sha256;
use std::collections::{BTreeMap, BTreeSet};

/// Reads the statements of a release, if its manifest has roles or somebody made one.
pub async fn people(read_ports: &ReadPorts<'_>, manifest: &Manifest, facts: &mut Facts) {
    facts.people = match facts.ledger.known() {
        Ok(ledger) if manifest.roles.is_empty() && ledger.statements().next().is_none() => {
            return;
        }
        Ok(ledger) => match read(read_ports, manifest, facts, ledger).await {
            Ok(people) => Seen::Known(people),
            Err(unseen) => Seen::Unseen(unseen),
        },
        Err(_) if manifest.roles.is_empty() => return,
        Err(unseen) => Seen::Unseen(unseen.clone()),
    };
}

async fn read(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    facts: &Facts,
    ledger: &Ledger,
) -> Result<People, Unseen> {
    let (mut statements, mut disregarded) = (Vec::new(), Vec::new());
    let forge = people_of(read_ports, manifest);
    let said = (&mut statements, &mut disregarded);
    let verified = signed((read_ports, forge), facts, ledger, said).await?;
    let (issue, comments) = tracked(forge, manifest, ledger, &mut disregarded).await?;
    let case = Case::new(manifest, facts);
    said_in_comments(&case, ledger, &comments, &mut statements, &mut disregarded);
    statements.sort_by_key(|proven| proven.at);
    let reviews = reviews(forge, manifest, &case).await;
    let reviewers = reviews.known().into_iter().flat_map(|reviews| &reviews.pulls);
    let reviewers = reviewers.flat_map(|pull| &pull.reviews).map(|review| &review.by);
    let speakers: BTreeSet<Person> = (statements.iter().map(|proven| &proven.statement.by))
        .chain(comments.iter().map(|comment| &comment.by))
        .chain(reviewers)
        .cloned()
        .chain(let_runs_through(manifest, facts))
        .collect();
    let members = members(forge, &manifest.roles, &speakers).await;
    // Anybody can comment, so comments of people without a role are ignored.
    let is_member = |by: &Person| {
        members.values().any(|members| members.unseen.is_some() || members.known.contains(by))
    };
    statements.retain(|proven| match &proven.statement.source {
        StatementSource::Comment(_) => is_member(&proven.statement.by),
        StatementSource::Signature
        | StatementSource::Review(_)
        | StatementSource::Environment(_) => true,
    });
    let authors = authors(forge, manifest, facts).await;
    Ok(People { statements, disregarded, verified, members, authors, reviews, issue, comments })
}

/// The reviews of the release's pull request, if they count as approvals.
async fn reviews(
    forge: Option<&dyn ForgePeople>,
    manifest: &Manifest,
    case: &Case<'_>,
) -> Seen<Reviews> {
    if !counts_approvals_from(manifest, ApprovalSource::Reviews) {
        return Seen::not_asked();
    }
    let Some(candidate) = case.candidate() else { return Seen::not_asked() };
    let Some(forge) = forge else {
        return Seen::unseen("without a forge, there are no pull requests");
    };
    match forge.reviews(&candidate.commit).await {
        Ok(reviews) => Seen::Known(reviews),
        Err(error) => from_port(&error),
    }
}

/// The people who approved workflow runs for environments, if that counts as an approval.
fn let_runs_through(manifest: &Manifest, facts: &Facts) -> Vec<Person> {
    if !counts_approvals_from(manifest, ApprovalSource::Environments) {
        return Vec::new();
    }
    let approvals = facts.environments.values().filter_map(|state| state.approvals.known().ok());
    approvals.flatten().filter_map(|one| Person::new(one.by.as_str()).ok()).collect()
}

/// The tracking issue, and its comments that contain commands. Comments on an issue that we did not
/// open are ignored.
async fn tracked(
    forge: Option<&dyn ForgePeople>,
    manifest: &Manifest,
    ledger: &Ledger,
    disregarded: &mut Vec<Disregarded>,
) -> Result<(Option<Issue>, Vec<Comment>), Unseen> {
    let Some((number, url)) = ledger.issue() else { return Ok((None, Vec::new())) };
    let mut known = Issue { number, url: url.to_owned(), shown: Seen::not_asked() };
    if !manifest.forge.has_releases() {
        return Ok((Some(known), Vec::new()));
    }
    let Some(forge) = forge else {
        let why = "the comments on the tracking issue were not read".into();
        return Err(Unseen { why, help: None, who: None });
    };
    let found = forge.issue(number).await.map_err(|error| unanswered(&error))?;
    let ours = |issue: &TrackingIssue| {
        let opened = ledger.issue_author().unwrap_or(&issue.viewer);
        issue.author.as_deref() == Some(opened)
    };
    let why = match &found {
        None => "the issue does not exist",
        Some(issue) if !ours(issue) => "somebody else opened the issue",
        Some(_) => "",
    };
    let Some(issue) = found.filter(|_| why.is_empty()) else {
        disregarded.push(Disregarded { what: url.to_owned(), why: why.into() });
        known.shown = Seen::Known(None);
        return Ok((Some(known), Vec::new()));
    };
    known.shown = Seen::Known(Some(ShownIssue {
        open: issue.open,
        text: text_digest(&issue.title, &issue.body),
        comments: issue.comments.len(),
    }));
    Ok((Some(known), issue.comments.into_iter().filter_map(with_commands).collect()))
}

/// Identifies the text of an issue. The forge may return line ends as `\r\n`.
#[must_use]
pub fn text_digest(title: &str, body: &str) -> Digest {
    let body = body.replace("\r\n", "\n");
    sha256(format!("{}\n{}", title.trim(), body.trim_end()).as_bytes())
}

fn with_commands(comment: IssueComment) -> Option<Comment> {
    let by = comment.author?;
    let commands = commands(&comment.body);
    if commands.as_ref().is_some_and(Vec::is_empty) {
        return None;
    }
    Some(Comment {
        id: comment.id,
        url: comment.url,
        by,
        at: comment.at,
        edited: comment.edited,
        acknowledged: !comment.reactions.is_empty(),
        commands,
    })
}

/// The statements in the comments. If the comment of a recorded statement was edited or deleted,
/// the statement can still stop the release but no longer approves it, because anybody who can push
/// can write such an entry.
fn said_in_comments(
    case: &Case<'_>,
    ledger: &Ledger,
    comments: &[Comment],
    statements: &mut Vec<Proven>,
    disregarded: &mut Vec<Disregarded>,
) {
    let mut said: Vec<Proven> = Vec::new();
    for comment in comments {
        for statement in said_in(case, comment).into_iter().filter_map(Result::ok) {
            let recorded = is_recorded(ledger, &statement);
            said.push(Proven { at: comment.at, statement, recorded });
        }
    }
    for (_, entry, statement) in ledger.statements() {
        let StatementSource::Comment(page) = &statement.source else { continue };
        let is_same = |proven: &Proven| same_words(&proven.statement, statement);
        if said.iter().any(is_same) {
            continue;
        }
        if statement.says.stops() {
            let (at, statement) = (entry.at, statement.clone());
            statements.push(Proven { at, statement, recorded: true });
        } else {
            let why = "the comment was edited or deleted, or is by somebody else";
            disregarded.push(Disregarded { what: page.url.clone(), why: why.into() });
        }
    }
    statements.extend(said);
}

/// The statements that are proven by the signature of their entry, and what the forge says about
/// signatures.
async fn signed(
    (read_ports, forge): (&ReadPorts<'_>, Option<&dyn ForgePeople>),
    facts: &Facts,
    ledger: &Ledger,
    (statements, disregarded): (&mut Vec<Proven>, &mut Vec<Disregarded>),
) -> Result<BTreeMap<Sha, Verification>, Unseen> {
    let entries: Vec<usize> = ledger
        .statements()
        .filter(|(_, entry, _)| entry.event.must_be_signed())
        .map(|(number, ..)| number)
        .collect();
    let known = facts.people.known().map(|people| people.verified.clone()).unwrap_or_default();
    let entries = Signed { ledger, entries: &entries };
    let (signatures, verified) = entries.signatures(read_ports, forge, facts, known).await?;
    for ((number, entry, statement), signature) in
        ledger.statements().filter(|(_, entry, _)| entry.event.must_be_signed()).zip(signatures)
    {
        match proves(signature, &statement.by) {
            Ok(()) => statements.push(Proven {
                at: entry.at,
                statement: statement.clone(),
                recorded: true,
            }),
            Err(why) => {
                disregarded.push(Disregarded { what: format!("entry {number} of the ledger"), why })
            }
        }
    }
    Ok(verified)
}

/// Whether the signature of an entry proves that a person wrote it.
pub(super) fn proves(signature: EntrySignature, person: &Person) -> Result<(), String> {
    match signature {
        EntrySignature::Good { by } if Person::new(by.as_str()).as_ref() == Ok(person) => Ok(()),
        EntrySignature::Good { by } => {
            Err(format!("it claims to be from {person}, but {by} signed it"))
        }
        EntrySignature::Unsigned => Err("it is not signed".into()),
        EntrySignature::Bad { why }
        | EntrySignature::Foreign { why }
        | EntrySignature::Unchecked { why } => Err(why),
    }
}

/// The people of the forge, if the manifest has one.
pub(super) fn people_of<'p>(
    read_ports: &ReadPorts<'p>,
    manifest: &Manifest,
) -> Option<&'p dyn ForgePeople> {
    match manifest.forge.has_releases() {
        true => read_ports.forge.ok().and_then(|forge| forge.people()),
        false => None,
    }
}

/// For each role, its members among the people who made a statement.
pub(super) async fn members(
    forge: Option<&dyn ForgePeople>,
    roles: &[Role],
    speakers: &BTreeSet<Person>,
) -> BTreeMap<RoleName, Members> {
    let unlisted = |role: &Role| -> BTreeSet<Person> {
        speakers.iter().filter(|person| !role.users.contains(*person)).cloned().collect()
    };
    let asked: BTreeSet<Person> =
        roles.iter().filter(|role| role.permission.is_some()).flat_map(&unlisted).collect();
    let permissions = match forge {
        _ if asked.is_empty() => Seen::Known(BTreeMap::new()),
        None => Seen::unseen("without a forge, tminus cannot read the permissions of people"),
        Some(forge) => match forge.permissions(&asked).await {
            Ok(permissions) => Seen::Known(permissions),
            Err(error) => from_port(&error),
        },
    };
    let mut all = BTreeMap::new();
    for role in roles {
        let others = unlisted(role);
        let known = speakers.difference(&others).cloned().collect();
        let mut members = Members { known, unseen: None };
        let mut found: Vec<Seen<BTreeSet<Person>>> = Vec::new();
        if let Some(least) = role.permission.filter(|_| !others.is_empty()) {
            let may = |person: &&Person, all: &BTreeMap<Person, Permission>| {
                all.get(*person).is_some_and(|has| *has >= least)
            };
            let pick = |all: BTreeMap<Person, Permission>| {
                others.iter().filter(|person| may(person, &all)).cloned().collect()
            };
            found.push(permissions.clone().map(pick));
        }
        if let Some(team) = role.team.as_ref().filter(|_| !others.is_empty()) {
            found.push(match forge {
                None => Seen::unseen("without a forge, tminus cannot read the members of teams"),
                Some(forge) => match forge.team_members(team, &others).await {
                    Ok(found) => Seen::Known(found),
                    Err(error) => from_port(&error),
                },
            });
        }
        for part in found {
            match part {
                Seen::Known(part) => members.known.extend(part),
                Seen::Unseen(unseen) => members.unseen = Some(unseen),
            }
        }
        all.insert(role.name.clone(), members);
    }
    all
}

/// The people who wrote the commits of the release, if approvals of authors do not count.
async fn authors(
    forge: Option<&dyn ForgePeople>,
    manifest: &Manifest,
    facts: &Facts,
) -> Seen<BTreeSet<Person>> {
    if !asks_authors(manifest) {
        return Seen::not_asked();
    }
    let Some(forge) = forge else {
        return Seen::unseen("without a forge, tminus cannot read the authors of commits");
    };
    let history = match &facts.history {
        Seen::Known(history) => history,
        Seen::Unseen(unseen) => return Seen::Unseen(unseen.clone()),
    };
    let own = history.since.iter().filter(|commit| !commit.elsewhere);
    let commits: Vec<Sha> = own.map(|commit| commit.sha.clone()).collect();
    match forge.authors(&commits).await {
        Ok(authors) => Seen::Known(authors),
        Err(error) => from_port(&error),
    }
}
