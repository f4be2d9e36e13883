//! The result of people's statements: who approved, who objects, what is done, what is on hold.

use crate::base::names::{EnvironmentName, ItemId, Person, RoleName, StageName};
use crate::base::seen::{Seen, Unseen};
use crate::facts::Facts;
use crate::facts::environment::Approval;
use crate::facts::people::{
    Opinion, People, Proven, ProvenHold, RepositoryHolds, Review, ReviewedPull,
};
use crate::judge::case::Case;
use crate::project::manifest::{Manifest, Role};
use crate::release::statement::{Candidate, RepositoryWord, Says, Statement, StatementSource};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The statements about one candidate, as gates read them.
pub struct Statements<'a> {
    people: &'a People,
    candidate: Candidate,
    manifest: &'a Manifest,
    facts: &'a Facts,
}

/// A place where people approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalSource {
    /// `tminus approve`, with a signed entry of the ledger.
    Signed,
    /// A comment on the tracking issue.
    Comments,
    /// A review of the release's pull request.
    Reviews,
    /// The approval of a workflow run for the stage's environment.
    Environments,
}

/// An approval: where it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given<'a> {
    /// In a signed entry of the ledger.
    Signed,
    /// In a comment on the tracking issue.
    Comment,
    /// In a review of a pull request.
    Review(u64),
    /// By the approval of a workflow run for an environment.
    Environment(&'a EnvironmentName),
}

impl fmt::Display for Given<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed => to.write_str("signed"),
            Self::Comment => to.write_str("comment"),
            Self::Review(pull) => write!(to, "review of #{pull}"),
            Self::Environment(name) => write!(to, "environment `{name}`"),
        }
    }
}

/// Whether a statement must name the sealed plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// It must, or the same plan before it was sealed: the stage is entered with exactly these steps and
    /// files.
    Plan,
    /// The same commit, version and manifest suffice, if it was made before the plan was sealed.
    Release,
}

/// Whether a person belongs to a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership<'a> {
    /// Yes.
    Member,
    /// No.
    Stranger,
    /// It could not be read.
    Unseen(&'a Unseen),
}

impl<'a> Statements<'a> {
    /// The statements about the candidate of a case; `None` if there is no version to release.
    ///
    /// # Errors
    /// When the statements could not be read.
    pub fn new(case: &Case<'a>) -> Result<Option<Self>, &'a Unseen> {
        let people = case.facts.people.known()?;
        let (manifest, facts) = (case.manifest, case.facts);
        Ok(case.candidate().map(|candidate| Self { people, candidate, manifest, facts }))
    }

    /// The facts that they come from.
    #[must_use]
    pub fn people(&self) -> &'a People {
        self.people
    }

    fn covers(&self, statement: &Statement, binding: Binding) -> bool {
        let about = &statement.about;
        match (&self.candidate.plan, &about.plan) {
            (Some(sealed), Some(plan)) => sealed == plan,
            // Equal digests are equal plans, whenever the statement was made.
            (Some(sealed), None) => match binding {
                Binding::Plan => about.expected.as_ref() == Some(sealed),
                Binding::Release => self.candidate.is_same_release(about),
            },
            (None, None) => self.candidate.is_same_release(about),
            (None, Some(_)) => false,
        }
    }

    /// Whether a person is a member of a role.
    #[must_use]
    pub fn membership(&self, role: &RoleName, person: &Person) -> Membership<'a> {
        let Some(members) = self.people.members.get(role) else { return Membership::Stranger };
        match &members.unseen {
            _ if members.known.contains(person) => Membership::Member,
            Some(unseen) => Membership::Unseen(unseen),
            None => Membership::Stranger,
        }
    }

    /// Why it is not known whether people are members of a role.
    #[must_use]
    pub fn unseen_members(&self, role: &RoleName) -> Option<&'a Unseen> {
        self.people.members.get(role)?.unseen.as_ref()
    }

    /// The roles of a person among some.
    fn has_role<'r>(
        &self,
        roles: impl IntoIterator<Item = &'r RoleName>,
        person: &Person,
    ) -> Membership<'a> {
        let mut unseen = Membership::Stranger;
        for role in roles {
            match self.membership(role, person) {
                Membership::Member => return Membership::Member,
                Membership::Unseen(why) => unseen = Membership::Unseen(why),
                Membership::Stranger => {}
            }
        }
        unseen
    }

    /// People who approved a stage in a role, whose approval was made after a moment, by where they
    /// did.
    #[must_use]
    pub fn approvals(
        &self,
        role: &RoleName,
        stage: Option<&StageName>,
        after: Option<Timestamp>,
        sources: &[ApprovalSource],
    ) -> BTreeMap<Person, Given<'a>> {
        let binding = if stage.is_some() { Binding::Plan } else { Binding::Release };
        let is_new = |at: Timestamp| after.is_none_or(|after| at > after);
        let mut all = BTreeMap::new();
        if sources.contains(&ApprovalSource::Environments)
            && let Some((name, Seen::Known(approvals))) = self.run_approvals(stage)
        {
            let new = approvals.iter().filter(|one| one.at.map_or(after.is_none(), is_new));
            let people = new.filter_map(|one| Person::new(one.by.as_str()).ok());
            all.extend(people.map(|person| (person, Given::Environment(name))));
        }
        if sources.contains(&ApprovalSource::Reviews) {
            let yes = self.opinions().filter(|(_, review)| review.says == Opinion::Approved);
            let new = yes.filter(|(_, review)| is_new(review.at));
            all.extend(new.map(|(pull, review)| (review.by.clone(), Given::Review(pull.number))));
        }
        for proven in &self.people.statements {
            let Says::Approve { role: named, stage: of } = &proven.statement.says else { continue };
            let (source, given) = match &proven.statement.source {
                StatementSource::Signature => (ApprovalSource::Signed, Given::Signed),
                StatementSource::Comment(_) => (ApprovalSource::Comments, Given::Comment),
                // Reviews and runs are read from the forge each time.
                StatementSource::Review(_) | StatementSource::Environment(_) => continue,
            };
            let counts = sources.contains(&source)
                && named.as_ref().is_none_or(|named| named == role)
                && of.as_ref() == stage
                && self.covers(&proven.statement, binding)
                && is_new(proven.at);
            if counts {
                all.insert(proven.statement.by.clone(), given);
            }
        }
        all
    }

    /// The approvals of workflow runs for the environment of a stage.
    #[must_use]
    pub fn run_approvals(
        &self,
        stage: Option<&StageName>,
    ) -> Option<(&'a EnvironmentName, &'a Seen<Vec<Approval>>)> {
        let stage = self.manifest.stages.iter().find(|one| Some(&one.name.value) == stage)?;
        let name = &stage.environment.as_ref()?.name;
        Some((name, &self.facts.environments.get(name)?.approvals))
    }

    /// The newest review of each person that is more than a comment, where it is of the exact head of
    /// the release's pull request.
    fn opinions(&self) -> impl Iterator<Item = (&'a ReviewedPull, &'a Review)> {
        let reviews = self.people.reviews.known().ok();
        let reviews = reviews.filter(|reviews| reviews.commit == self.candidate.commit);
        let mut newest: BTreeMap<&Person, (&ReviewedPull, &Review)> = BTreeMap::new();
        let pulls = reviews.into_iter().flat_map(|reviews| &reviews.pulls);
        for (pull, review) in pulls.flat_map(|pull| pull.reviews.iter().map(move |one| (pull, one)))
        {
            let older = newest.get(&review.by).is_none_or(|(_, other)| other.at <= review.at);
            if older {
                newest.insert(&review.by, (pull, review));
            }
        }
        newest.into_values().filter(|(pull, review)| review.commit.as_ref() == Some(&pull.head))
    }

    /// The reviews that request changes.
    #[must_use]
    pub fn change_requests(
        &self,
        roles: &[Role],
    ) -> Vec<(&'a ReviewedPull, &'a Review, Membership<'a>)> {
        let against = self.opinions().filter(|(_, one)| one.says == Opinion::ChangesRequested);
        let names = || roles.iter().map(|role| &role.name);
        against
            .map(|(pull, review)| (pull, review, self.has_role(names(), &review.by)))
            .filter(|(.., membership)| *membership != Membership::Stranger)
            .collect()
    }

    /// Objections that stand: those of people who did not withdraw them. Unlike an approval, an
    /// objection outlives the plan.
    #[must_use]
    pub fn objections(&self, roles: &[Role]) -> Vec<(&'a Proven, &'a str, Membership<'a>)> {
        let mut open: BTreeMap<&Person, (&Proven, &str)> = BTreeMap::new();
        for proven in &self.people.statements {
            match &proven.statement.says {
                Says::Object { reason } => {
                    open.insert(&proven.statement.by, (proven, reason));
                }
                Says::WithdrawObjection => {
                    open.remove(&proven.statement.by);
                }
                Says::Approve { .. }
                | Says::Done { .. }
                | Says::Accept { .. }
                | Says::Reject { .. }
                | Says::Hold { .. }
                | Says::Lift { .. } => {}
            }
        }
        let names = || roles.iter().map(|role| &role.name);
        open.into_values()
            .map(|(proven, reason)| (proven, reason, self.has_role(names(), &proven.statement.by)))
            .filter(|(_, _, membership)| *membership != Membership::Stranger)
            .collect()
    }

    /// Who said that a task is done, in a role.
    #[must_use]
    pub fn done(&self, task: &ItemId, role: &RoleName) -> Option<Result<&'a Proven, &'a Unseen>> {
        let mut unseen = None;
        for proven in self.people.statements.iter().rev() {
            let Says::Done { task: named } = &proven.statement.says else { continue };
            if named != task || proven.statement.about.version != self.candidate.version {
                continue;
            }
            match self.membership(role, &proven.statement.by) {
                Membership::Member => return Some(Ok(proven)),
                Membership::Unseen(why) => unseen = Some(Err(why)),
                Membership::Stranger => {}
            }
        }
        unseen
    }

    /// The latest statement of each person about a scenario: accepted, or rejected for a reason.
    #[must_use]
    pub fn verdicts(
        &self,
        scenario: &ItemId,
        binding: Binding,
    ) -> BTreeMap<&'a Person, (&'a Proven, Option<&'a str>)> {
        let mut last = BTreeMap::new();
        for proven in &self.people.statements {
            let (named, reason) = match &proven.statement.says {
                Says::Accept { scenario } => (scenario, None),
                Says::Reject { scenario, reason } => (scenario, Some(reason.as_str())),
                Says::Approve { .. }
                | Says::Object { .. }
                | Says::WithdrawObjection
                | Says::Done { .. }
                | Says::Hold { .. }
                | Says::Lift { .. } => continue,
            };
            if named == scenario && self.covers(&proven.statement, binding) {
                last.insert(&proven.statement.by, (proven, reason));
            }
        }
        last
    }

    /// Holds that stand at a moment. The person who set a hold, or a member of any role, lifts it.
    #[must_use]
    pub fn holds(&self, roles: &[Role], now: Timestamp) -> Vec<Hold<'a>> {
        let mut open: Vec<Hold<'a>> = Vec::new();
        for proven in &self.people.statements {
            match &proven.statement.says {
                Says::Hold { stage, reason, until } => {
                    open.push(Hold { by: proven, stage: stage.as_ref(), reason, until: *until });
                }
                Says::Lift { stage } => {
                    let names = roles.iter().map(|role| &role.name);
                    let member = self.has_role(names, &proven.statement.by) == Membership::Member;
                    open.retain(|hold| {
                        let may = member || hold.by.statement.by == proven.statement.by;
                        !(may && hold.stage == stage.as_ref())
                    });
                }
                Says::Approve { .. }
                | Says::Object { .. }
                | Says::WithdrawObjection
                | Says::Done { .. }
                | Says::Accept { .. }
                | Says::Reject { .. } => {}
            }
        }
        open.retain(|hold| hold.until.is_none_or(|until| until > now));
        open
    }
}

/// A hold that stands.
#[derive(Debug, Clone, Copy)]
pub struct Hold<'a> {
    /// The statement that set it.
    pub by: &'a Proven,
    /// Only this stage; `None` for the whole release.
    pub stage: Option<&'a StageName>,
    /// Why.
    pub reason: &'a str,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}

/// A hold on the whole repository that stands.
#[derive(Debug, Clone, Copy)]
pub struct RepositoryHold<'a> {
    /// Who set it.
    pub by: &'a Person,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: &'a str,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}

/// Holds of the whole repository that stand at a moment. The person who set a hold, or a member of
/// any role, lifts it.
#[must_use]
pub fn repository_holds<'a>(
    holds: &'a RepositoryHolds,
    roles: &[Role],
    now: Timestamp,
) -> Vec<RepositoryHold<'a>> {
    let has_role = |person: &Person| {
        let known = |role: &Role| {
            let members = holds.members.get(&role.name);
            members.is_some_and(|members| members.known.contains(person))
        };
        roles.iter().any(known)
    };
    let mut open: Vec<RepositoryHold<'a>> = Vec::new();
    for ProvenHold { at, statement } in &holds.statements {
        let by = &statement.by;
        match &statement.says {
            RepositoryWord::Hold { reason, until } => {
                open.push(RepositoryHold { by, at: *at, reason, until: *until });
            }
            RepositoryWord::Lift => {
                let member = has_role(by);
                open.retain(|hold| !member && hold.by != by);
            }
        }
    }
    open.retain(|hold| hold.until.is_none_or(|until| until > now));
    open
}

/// Assigns distinct people to the places of roles; returns for each place the person, as many as
/// can be filled (augmenting paths, Kuhn's algorithm).
#[must_use]
pub fn assign<'p>(places: &[BTreeSet<&'p Person>]) -> Vec<Option<&'p Person>> {
    let mut taken: BTreeMap<&Person, usize> = BTreeMap::new();
    for place in 0..places.len() {
        fill(place, places, &mut taken, &mut BTreeSet::new());
    }
    let person = |place: usize| taken.iter().find(|(_, at)| **at == place).map(|(who, _)| *who);
    (0..places.len()).map(person).collect()
}

fn fill<'p>(
    place: usize,
    places: &[BTreeSet<&'p Person>],
    taken: &mut BTreeMap<&'p Person, usize>,
    tried: &mut BTreeSet<&'p Person>,
) -> bool {
    for person in places.get(place).into_iter().flatten() {
        if !tried.insert(person) {
            continue;
        }
        let free = match taken.get(person).copied() {
            None => true,
            Some(other) => fill(other, places, taken, tried),
        };
        if free {
            taken.insert(person, place);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_fills_only_one_required_approval() {
        let person = |name: &str| Person::new(name).unwrap();
        let (ada, lin) = (person("ada"), person("lin"));
        let both = BTreeSet::from([&ada, &lin]);
        let only_ada = BTreeSet::from([&ada]);
        assert_eq!(assign(&[both.clone(), only_ada.clone()]), [Some(&lin), Some(&ada)]);
        assert_eq!(assign(&[only_ada.clone(), only_ada]), [Some(&ada), None]);
        assert_eq!(assign(&[]), []);
    }
}
