//! Who can still approve a stage, and how.

use super::people::asked_since;
use crate::base::awaited::Awaited;
use crate::base::finding::{Finding, Who};
use crate::base::names::{Person, RoleName, StageName};
use crate::judge::case::Case;
use crate::judge::people::{ApprovalSource, Given, Statements};
use std::collections::{BTreeMap, BTreeSet};

/// A role, the number of approvals that it needs, and who approved in it.
pub(super) struct RoleApprovals<'a> {
    pub(super) role: RoleName,
    pub(super) needed: usize,
    pub(super) members: BTreeMap<Person, Given<'a>>,
    /// Members who approved their own changes.
    pub(super) own: Vec<Person>,
    /// People whose membership could not be read.
    pub(super) unseen: bool,
}

/// People whose approvals count, each with where it was given.
pub(super) type Counted<'p> = Vec<(&'p Person, Given<'p>)>;

/// What is known about the approvals of a stage.
pub(super) struct Approvers<'a> {
    pub(super) case: &'a Case<'a>,
    pub(super) statements: &'a Statements<'a>,
    /// The sources that count.
    pub(super) from: &'a [ApprovalSource],
    pub(super) stage: Option<&'a StageName>,
    /// The authors of the release, if their approvals do not count.
    pub(super) own: Option<&'a BTreeSet<Person>>,
    pub(super) approvals: &'a [RoleApprovals<'a>],
    /// For each role, the approvals that count for it.
    pub(super) given: &'a [Counted<'a>],
}

impl<'a> Approvers<'a> {
    /// What is missing in a role, and who can give it.
    pub(super) fn finding(
        &self,
        role: &'a RoleApprovals<'a>,
        missing: usize,
        so_far: &[(&Person, Given<'_>)],
    ) -> Finding {
        let needs = match missing {
            1 => format!("waiting for approval from the role `{}`", role.role),
            n => format!("waiting for {n} approvals from the role `{}`", role.role),
        };
        let mut finding = Finding::new(needs);
        if !so_far.is_empty() {
            finding = finding.note(format!("approved so far: {}", listed(so_far)));
        }
        for person in &role.own {
            finding = finding.note(format!(
                "the approval by {person} does not count, because {person} wrote commits of the \
                 release"
            ));
        }
        let elsewhere = self.elsewhere(role);
        for (person, other) in &elsewhere {
            finding = finding.note(format!(
                "the approval by {person} counts for `{}`; each one must come from a different \
                 person",
                other.role
            ));
        }
        let reviews = self.statements.people().reviews.known().ok();
        let reviews = reviews.filter(|_| self.from.contains(&ApprovalSource::Reviews));
        for pull in reviews.into_iter().flat_map(|it| &it.changed) {
            finding = without(finding, *pull);
        }
        let awaited = Awaited::Approval { role: role.role.clone(), stage: self.stage.cloned() };
        let roles = std::iter::once(role).chain(elsewhere.iter().map(|(_, other)| *other));
        let mut able = roles.map(|role| (&role.role, self.can_approve(role)));
        let finding = match able.find(|(_, people)| !people.is_empty()) {
            Some((role, people)) => finding.help(self.help(role)).people(people),
            None => {
                let help = format!("add another person to the role `{}`", role.role);
                finding.help(help).who(Who::Author)
            }
        };
        finding.since(asked_since(self.case)).awaits(awaited)
    }

    /// The members of a role whose approvals count for another role, each with that role.
    fn elsewhere(&self, role: &'a RoleApprovals<'a>) -> Vec<(&'a Person, &'a RoleApprovals<'a>)> {
        let counted = |of: &RoleApprovals<'_>, who: &Person| {
            let mut all = self.approvals.iter().zip(self.given);
            all.any(|(one, given)| one.role == of.role && given.iter().any(|(it, _)| *it == who))
        };
        let left = role.members.keys().filter(|who| !counted(role, who));
        let other = |who| {
            let other = self.approvals.iter().find(|other| counted(other, who));
            other.map(|other| (who, other))
        };
        left.filter_map(other).collect()
    }

    /// The members of a role who have not approved and whose approval would count.
    fn can_approve(&self, role: &RoleApprovals<'_>) -> Vec<String> {
        let cannot = |person: &Person| {
            let wrote = self.own.is_some_and(|authors| authors.contains(person));
            wrote || role.members.contains_key(person)
        };
        let defined = self.case.manifest.role(&role.role);
        defined.map(|role| role.described_without(cannot)).unwrap_or_default()
    }

    /// How a member of a role can approve, by the sources that count.
    fn help(&self, role: &RoleName) -> String {
        let people = self.statements.people();
        let way = |source: &ApprovalSource| match source {
            ApprovalSource::Signed => {
                let stage = self.stage.map_or_else(String::new, |it| format!(" --stage {it}"));
                vec![format!("run `tminus approve {role}{stage}`")]
            }
            ApprovalSource::Comments => {
                let issue = people.issue.iter();
                issue.map(|issue| format!("comment `/approve {role}` on {}", issue.url)).collect()
            }
            ApprovalSource::Reviews => {
                let pulls = people.reviews.known().into_iter().flat_map(|reviews| &reviews.pulls);
                pulls.map(|pull| format!("approve {}", pull.url)).collect()
            }
            ApprovalSource::Environments => {
                vec!["approve the deployment that waits in the workflow run".into()]
            }
        };
        let ways: Vec<String> = self.from.iter().flat_map(way).collect();
        match ways.is_empty() {
            true => "approve the pull request whose newest commit is the released commit".into(),
            false => ways.join(", or "),
        }
    }
}

/// People, each with where the approval was given.
pub(super) fn listed(given: &[(&Person, Given<'_>)]) -> String {
    let all: Vec<String> = given.iter().map(|(who, from)| format!("{who} ({from})")).collect();
    all.join(", ")
}

/// A note about why the reviews of a pull request do not count.
fn without(finding: Finding, pull: u64) -> Finding {
    let why = "its newest commit and the released commit have different files";
    finding.note(format!("the reviews of #{pull} do not count: {why}"))
}
