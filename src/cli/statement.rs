//! What the commands share with which people say something about a release.

use super::command::{Call, Done};
use super::format::statement_formats;
use super::looked::{ObservedRelease, look};
use super::options::Subject;
use super::out::Out;
use super::world::Network;
use crate::base::finding::{Finding, Who};
use crate::base::names::{Person, RoleName, Sha, StageName};
use crate::base::word::{Tone, Word};
use crate::drive::execute::{NotSaid, SpeakerOnMachine, say, say_of_repository, speaker};
use crate::drive::observe::{SIGNERS, allowed_signers, repository_holds};
use crate::facts::Unseen;
use crate::facts::people::{RepositoryHolds, Verification};
use crate::facts::rights::TokenKind;
use crate::judge::case::Case;
use crate::project::manifest::{Manifest, Role, nearest};
use crate::release::ledger::Ledger;
use crate::release::outcome::{Exit, Outcome};
use crate::release::statement::{Candidate, RepositoryStatement, RepositoryWord, Says, Statement};
use crate::report::formats::{Format, Media};
use crate::report::plan::final_digest;
use crate::report::{Ending, Sources, clean, finding, json};
use clap::Args;
use jiff::Timestamp;

/// Options of these commands.
#[derive(Debug, Args)]
pub(super) struct StatementOptions {
    /// Which commit.
    #[command(flatten)]
    subject: Subject,
    /// Output format.
    #[arg(long, value_parser = statement_formats(), default_value = "text")]
    format: Format,
}

/// A release and the person who says something about it.
pub(super) struct Speaker<'a> {
    pub(super) case: &'a Case<'a>,
    pub(super) by: Person,
    pub(super) candidate: Candidate,
    /// The stage that has the next step.
    pub(super) next: Option<StageName>,
}

/// A person who says something about every release of the repository.
pub(super) struct RepositorySpeaker<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) holds: &'a RepositoryHolds,
    pub(super) by: Person,
    pub(super) now: Timestamp,
}

/// What a person may say, or why not.
pub(super) type Proposed = Result<Says, Box<Finding>>;

impl StatementOptions {
    /// Makes a statement: finds the release and the person, and records what is said.
    pub(super) async fn make(
        &self,
        command: &str,
        call: Call<'_>,
        propose: impl Fn(&Speaker<'_>) -> Proposed,
    ) -> Done {
        let said = async |looked: ObservedRelease<'_>| self.said(&looked, call, &propose).await;
        look(command, call, Network::Online, (&self.subject, None), said).await
    }

    async fn said(
        &self,
        looked: &ObservedRelease<'_>,
        call: Call<'_>,
        propose: &impl Fn(&Speaker<'_>) -> Proposed,
    ) -> anyhow::Result<Exit> {
        let (result, out) = (self.record(looked, propose).await, call.out);
        let statement = match result {
            Ok(statement) => statement,
            Err(refused) => return Ok(nothing_recorded(looked, refused, out)),
        };
        let about = &statement.about;
        if self.format.media == Media::Json {
            let document = serde_json::json!({
                "format": json::FORMAT, "statement": statement,
            });
            out.result(&format!("{document:#}"));
            return Ok(Exit::Go);
        }
        let plan = match &about.plan {
            Some(plan) => format!("plan {}", plan.short()),
            None => match &about.expected {
                Some(plan) => format!("plan {}, not started yet", plan.short()),
                None => "not started yet".to_owned(),
            },
        };
        let line = format!("{} {}", statement.by, statement.says.line());
        let of = format!(
            "{} {} from {}, {plan}",
            looked.facts.name,
            about.version,
            about.commit.short()
        );
        out.detail(&clean(&of));
        out.result(&recorded(&line, out));
        Ok(Exit::Go)
    }

    /// Makes a statement about every release of the repository.
    pub(super) async fn make_of_repository(
        &self,
        command: &str,
        call: Call<'_>,
        propose: impl Fn(&RepositorySpeaker<'_>) -> Result<RepositoryWord, Box<Finding>>,
    ) -> Done {
        let said = async |looked: ObservedRelease<'_>| {
            let out = call.out;
            let statement = match self.record_of_repository(&looked, &propose).await {
                Ok(statement) => statement,
                Err(refused) => return Ok(nothing_recorded(&looked, refused, out)),
            };
            if self.format.media == Media::Json {
                let document = serde_json::json!({
                    "format": json::FORMAT, "statement": statement,
                });
                out.result(&format!("{document:#}"));
                return Ok(Exit::Go);
            }
            out.result(&recorded(&format!("{} {}", statement.by, statement.says.line()), out));
            Ok(Exit::Go)
        };
        look(command, call, Network::Online, (&self.subject, None), said).await
    }

    async fn record_of_repository(
        &self,
        looked: &ObservedRelease<'_>,
        propose: &impl Fn(&RepositorySpeaker<'_>) -> Result<RepositoryWord, Box<Finding>>,
    ) -> Result<RepositoryStatement, Refused> {
        let (facts, manifest) = (&looked.facts, &looked.manifest);
        let SpeakerOnMachine { by, needs_forge } = who_speaks(looked).await?;
        let holds = repository_holds(&looked.world.read_ports(), manifest, facts).await;
        let what = "cannot read the holds of the repository";
        let holds = holds.known().map_err(|unseen| (Outcome::Unknown, unseen.finding(what)))?;
        let now = facts.now().map_err(|unseen| (Outcome::Unknown, unseen.finding("the time")))?;
        let speaker = RepositorySpeaker { manifest, holds, by, now };
        let says = propose(&speaker).map_err(|found| (Outcome::NoGo, *found))?;
        let statement = RepositoryStatement { by: speaker.by, says };
        let ports = looked.world.write_ports(manifest.forge);
        let made = say_of_repository(&ports, holds.head.as_ref(), &statement);
        let entry = made.await.map_err(not_said)?;
        confirm(looked, &statement.by, needs_forge.then_some(&entry)).await?;
        Ok(statement)
    }

    async fn record(
        &self,
        looked: &ObservedRelease<'_>,
        propose: &impl Fn(&Speaker<'_>) -> Proposed,
    ) -> Result<Statement, Refused> {
        let (case, facts) = (looked.case(), &looked.facts);
        let unread = |what: &str, unseen: &Unseen| (Outcome::Unknown, unseen.finding(what));
        let target = case.target().map_err(|none| (none.outcome(), none.finding()))?;
        let ledger = facts.ledger.known();
        let ledger = ledger.map_err(|unseen| unread("cannot read the ledger", unseen))?;
        if Ledger::finished(ledger) {
            let message = format!("the release of {} is finished", target.tag);
            let finding = Finding::new(message).who(Who::Operator);
            return Err((Outcome::NoGo, finding).into());
        }
        let SpeakerOnMachine { by, needs_forge } = who_speaks(looked).await?;
        let ports = looked.world.write_ports(looked.manifest.forge);
        let Some(candidate) = case.candidate() else {
            return Err((Outcome::Unknown, Finding::new("there is no version to release")).into());
        };
        let outlined = looked.outlined().ok();
        let plan = outlined.as_ref().and_then(|(plan, _)| final_digest(plan));
        let next = outlined.as_ref().and_then(|(plan, progress)| progress.next(plan, None));
        let next = next.map(|(stage, _)| stage.name.clone());
        let speaker = Speaker { case: &case, by, candidate: candidate.expecting(plan), next };
        let says = propose(&speaker).map_err(|found| (Outcome::NoGo, *found))?;
        let Speaker { by, candidate, .. } = speaker;
        let statement = say(&ports, &target.tag, ledger, (by, says), candidate);
        let (statement, entry) = statement.await.map_err(not_said)?;
        confirm(looked, &statement.by, needs_forge.then_some(&entry)).await?;
        Ok(statement)
    }
}

/// Why a statement does not count.
struct Refused {
    outcome: Outcome,
    finding: Box<Finding>,
    /// What became of it.
    ending: &'static str,
}

impl From<(Outcome, Finding)> for Refused {
    fn from((outcome, finding): (Outcome, Finding)) -> Self {
        Self { outcome, finding: Box::new(finding), ending: "nothing was recorded" }
    }
}

/// Who makes statements on this machine.
async fn who_speaks(looked: &ObservedRelease<'_>) -> Result<SpeakerOnMachine, Refused> {
    let (world, facts) = (looked.world, &looked.facts);
    let allowed = allowed_signers(&world.read_ports(), facts);
    let unread =
        |unseen: Unseen| (Outcome::Unknown, unseen.finding("cannot read the allowed signers"));
    let allowed = allowed.map_err(unread)?;
    let branch = facts.branch.known().map(ToString::to_string);
    let branch = branch.unwrap_or_else(|_| "the release branch".into());
    let ports = world.write_ports(looked.manifest.forge);
    Ok(speaker(&ports, &allowed, &branch, owner(looked)).await.map_err(not_said)?)
}

/// The person whose token is used for the forge; `None` without a forge, and for apps and workflows.
fn owner(looked: &ObservedRelease<'_>) -> Option<Person> {
    let ports = looked.world.read_ports();
    let people = ports.forge.ok().and_then(|forge| forge.people());
    people.filter(|_| looked.manifest.forge.has_releases())?;
    let token = looked.facts.rights.known().ok()?.token.known().ok()?;
    match token.kind {
        TokenKind::Classic { .. } | TokenKind::FineGrained => {
            Person::new(token.login.as_str()).ok()
        }
        TokenKind::Job | TokenKind::App | TokenKind::Unknown => None,
    }
}

/// Whether the forge verifies the signature of an entry, if no allowed signer has the key.
async fn confirm(
    looked: &ObservedRelease<'_>,
    by: &Person,
    entry: Option<&Sha>,
) -> Result<(), Refused> {
    let Some(entry) = entry else { return Ok(()) };
    let ports = looked.world.read_ports();
    let Some(forge) = ports.forge.ok().and_then(|forge| forge.people()) else { return Ok(()) };
    let why = match forge.verified(entry).await {
        Ok(Verification::By(person)) if person == *by => return Ok(()),
        Ok(Verification::By(person)) => format!("it is the signature of {person}"),
        Ok(Verification::Not(reason)) => reason,
        Err(error) => {
            let ending = "the statement is recorded, but whether it counts is unknown";
            return Err(Refused { ending, ..not_said(NotSaid::Port(error)).into() });
        }
    };
    let message = format!(
        "the entry {} does not count, because GitHub does not verify it: {why}",
        entry.short()
    );
    let help = format!(
        "add your key and the email address of `git config user.email` to your account, or add the \
         key to `{SIGNERS}`, and say it again"
    );
    let finding = Finding::new(message).help(help).who(Who::Operator);
    let ending = "the statement does not count";
    Err(Refused { outcome: Outcome::NoGo, finding: Box::new(finding), ending })
}

fn nothing_recorded(looked: &ObservedRelease<'_>, refused: Refused, out: Out) -> Exit {
    let Refused { outcome, finding: found, ending } = refused;
    let sources = Sources::of_facts(&looked.facts);
    out.error(&finding::finding(outcome, None, &found, &sources, out.paint()));
    out.result(&Ending::new(outcome, ending).line(out.paint()));
    outcome.exit()
}

fn recorded(line: &str, out: Out) -> String {
    let ending = Ending::new(Outcome::Go, clean(line));
    ending.word(Word::new("recorded", Tone::Good)).line(out.paint())
}

fn not_said(error: NotSaid) -> (Outcome, Finding) {
    match error {
        NotSaid::Refused(finding) => (Outcome::NoGo, *finding),
        NotSaid::Port(error) => {
            let mut finding = Finding::new(error.to_string());
            finding.help = error.help();
            (Outcome::Unknown, finding)
        }
    }
}

impl Speaker<'_> {
    /// The manifest.
    pub(super) fn manifest(&self) -> &Manifest {
        self.case.manifest
    }

    /// Refuses a person who is certainly not a member of a role. Membership of a team, and a
    /// permission, are read when the release continues.
    pub(super) fn must_have(&self, name: &RoleName) -> Result<(), Box<Finding>> {
        let Some(role) = self.manifest().role(name) else {
            return Err(unknown("role", name.as_str(), self.roles().map(RoleName::as_str)));
        };
        if self.may_have(role) {
            return Ok(());
        }
        let message = format!("{} is not a member of the role `{name}`", self.by);
        Err(Box::new(Finding::new(message).people(role.described())))
    }

    /// Whether the person is, or may be, a member of a role.
    pub(super) fn may_have(&self, role: &Role) -> bool {
        may_have(role, &self.by)
    }

    /// Refuses a person without any role.
    pub(super) fn must_have_a_role(&self) -> Result<(), Box<Finding>> {
        if self.manifest().roles.iter().any(|role| self.may_have(role)) {
            return Ok(());
        }
        let message = format!("{} has no role in the manifest", self.by);
        Err(Box::new(Finding::new(message).who(Who::Author)))
    }

    /// A stage of the manifest.
    pub(super) fn must_exist(&self, stage: &StageName) -> Result<(), Box<Finding>> {
        if self.manifest().position(stage).is_some() {
            return Ok(());
        }
        let stages = self.manifest().stages.iter().map(|stage| stage.name.value.as_str());
        Err(unknown("stage", stage.as_str(), stages))
    }

    fn roles(&self) -> impl Iterator<Item = &RoleName> {
        self.manifest().roles.iter().map(|role| &role.name)
    }
}

/// Whether a person is, or may be, a member of a role.
pub(super) fn may_have(role: &Role, person: &Person) -> bool {
    role.users.contains(person) || !role.is_listed()
}

/// A name that the manifest does not have, with those that it has.
pub(super) fn unknown<'n>(
    noun: &str,
    name: &str,
    known: impl Iterator<Item = &'n str>,
) -> Box<Finding> {
    let known: Vec<&str> = known.collect();
    let finding = Finding::new(format!("the manifest has no {noun} `{name}`"));
    let finding = match nearest(name, known.iter().copied()) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => finding,
        None => finding.note(format!("it has: {}", known.join(", "))),
    };
    Box::new(finding.who(Who::Operator))
}
