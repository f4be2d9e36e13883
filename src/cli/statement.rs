//! What the commands share with which people say something about a release.

use super::command::{Call, Done};
use super::format::statement_formats;
use super::looked::{ObservedRelease, look};
use super::options::Subject;
use super::world::Network;
use crate::base::finding::{Finding, Who};
use crate::base::names::{Person, RoleName, StageName};
use crate::base::word::{Tone, Word};
use crate::drive::execute::{NotSaid, say, speaker};
use crate::drive::observe::allowed_signers;
use crate::facts::Unseen;
use crate::judge::case::Case;
use crate::project::manifest::{Manifest, Role, nearest};
use crate::release::ledger::Ledger;
use crate::release::outcome::{Exit, Outcome};
use crate::release::statement::{Candidate, Says, Statement};
use crate::report::formats::{Format, Media};
use crate::report::plan::final_digest;
use crate::report::{Ending, Sources, clean, finding, json};
use clap::Args;

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
            Err((outcome, found)) => {
                let sources = Sources::of_facts(&looked.facts);
                out.error(&finding::finding(outcome, None, &found, &sources, out.paint()));
                out.result(&Ending::new(outcome, "nothing was recorded").line(out.paint()));
                return Ok(outcome.exit());
            }
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
        let ending = Ending::new(Outcome::Go, clean(&line));
        out.result(&ending.word(Word::new("recorded", Tone::Good)).line(out.paint()));
        Ok(Exit::Go)
    }

    async fn record(
        &self,
        looked: &ObservedRelease<'_>,
        propose: &impl Fn(&Speaker<'_>) -> Proposed,
    ) -> Result<Statement, (Outcome, Finding)> {
        let (case, facts) = (looked.case(), &looked.facts);
        let unread = |what: &str, unseen: &Unseen| (Outcome::Unknown, unseen.finding(what));
        let target = case.target().map_err(|none| (none.outcome(), none.finding()))?;
        let ledger = facts.ledger.known();
        let ledger = ledger.map_err(|unseen| unread("cannot read the ledger", unseen))?;
        if Ledger::finished(ledger) {
            let message = format!("the release of {} is finished", target.tag);
            let finding = Finding::new(message).who(Who::Operator);
            return Err((Outcome::NoGo, finding));
        }
        let world = looked.world;
        let allowed = allowed_signers(&world.read_ports(), facts);
        let allowed =
            allowed.map_err(|unseen| unread("cannot read the allowed signers", &unseen))?;
        let branch = facts.branch.known().map(ToString::to_string);
        let branch = branch.unwrap_or_else(|_| "the release branch".into());
        let ports = world.write_ports(looked.manifest.forge);
        let by = speaker(&ports, &allowed, &branch).await.map_err(not_said)?;
        let Some(candidate) = case.candidate() else {
            return Err((Outcome::Unknown, Finding::new("there is no version to release")));
        };
        let plan = looked.outlined().ok().and_then(|(plan, _)| final_digest(&plan));
        let speaker = Speaker { case: &case, by, candidate: candidate.expecting(plan) };
        let says = propose(&speaker).map_err(|found| (Outcome::NoGo, *found))?;
        let Speaker { by, candidate, .. } = speaker;
        let statement = say(&ports, &target.tag, ledger, (by, says), candidate);
        statement.await.map_err(not_said)
    }
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
        role.users.contains(&self.by) || !role.is_listed()
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
