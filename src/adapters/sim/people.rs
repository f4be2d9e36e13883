//! Simulated issues, and the people who can do something there.

use super::effect::EffectKind;
use super::parts::{SimAccount, SimComment, SimReview, SimTracking};
use super::refusal::Refusal;
use super::state::State;
use super::tell::ME;
use super::world::World;
use crate::base::names::{Person, Sha};
use crate::facts::people::{Opinion, Review, ReviewedPull, Reviews, Verification};
use crate::ports::{
    CloseReason, ForgePeople, ForgePeopleChange, IssueComment, IssueText, PortError, Reaction,
    TrackingIssue,
};
use crate::project::manifest::Permission;
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet};

/// What GitHub takes of an issue or a comment.
const LONGEST: usize = 65_536;
/// What GitHub takes of a title.
const LONGEST_TITLE: usize = 256;

#[async_trait(?Send)]
impl ForgePeople for World {
    async fn issue(&self, number: u64) -> Result<Option<TrackingIssue>, PortError> {
        self.effect(EffectKind::Issue, format!("read issue {number}"), |state, _| {
            Ok(state.issue(number).map(|issue| seen(issue, &state.settings.page)))
        })
        .await
    }

    async fn permissions(
        &self,
        people: &BTreeSet<Person>,
    ) -> Result<BTreeMap<Person, Permission>, PortError> {
        let line = format!("read the permissions of {} people", people.len());
        self.effect(EffectKind::People, line, |state, _| {
            let all = &state.society.permissions;
            let known = |person: &Person| Some((person.clone(), *all.get(person)?));
            Ok(people.iter().filter_map(known).collect())
        })
        .await
    }

    async fn team_members(
        &self,
        team: &str,
        people: &BTreeSet<Person>,
    ) -> Result<BTreeSet<Person>, PortError> {
        let line = format!("read the members of {team}");
        self.effect(EffectKind::People, line, |state, _| {
            let members = state.society.teams.get(team).filter(|_| state.rights.organization);
            let needs = "a token that can read the organization".into();
            let members = members.ok_or(Refusal::Denied { needs })?;
            Ok(people.intersection(members).cloned().collect())
        })
        .await
    }

    async fn authors(&self, commits: &[Sha]) -> Result<BTreeSet<Person>, PortError> {
        let line = format!("read the authors of {} commits", commits.len());
        self.effect(EffectKind::People, line, |state, _| {
            let all = commits.iter().filter_map(|sha| state.society.authors.get(sha));
            Ok(all.flatten().cloned().collect())
        })
        .await
    }

    async fn verified(&self, commit: &Sha) -> Result<Verification, PortError> {
        let line = format!("read who signed {}", commit.short());
        self.effect(EffectKind::People, line, |state, _| {
            let by = state.society.verified.get(commit).cloned();
            Ok(by.map_or_else(|| Verification::Not("unknown_key".into()), Verification::By))
        })
        .await
    }

    async fn reviews(&self, commit: &Sha) -> Result<Reviews, PortError> {
        let line = format!("read the reviews of {}", commit.short());
        self.effect(EffectKind::People, line, |state, _| Ok(state.reviews_of(commit))).await
    }
}

#[async_trait(?Send)]
impl ForgePeopleChange for World {
    async fn create_issue(&self, new: &IssueText) -> Result<TrackingIssue, PortError> {
        self.effect(EffectKind::CreateIssue, format!("open the issue {}", new.title), |state, _| {
            let number = state.create_issue(SimAccount::Bot(ME.into()), new)?;
            let page = state.settings.page.clone();
            state.issue(number).map(|issue| seen(issue, &page)).ok_or(Refusal::Missing)
        })
        .await
    }

    async fn edit_issue(
        &self,
        number: u64,
        text: &IssueText,
        closed: Option<CloseReason>,
    ) -> Result<(), PortError> {
        let line = format!("update issue {number}");
        self.effect(EffectKind::ChangeIssue, line, |state, _| {
            state.edit_issue(number, text)?;
            closed.map_or(Ok(()), |because| state.close_issue(number, because))
        })
        .await
    }

    async fn close_issue(&self, number: u64, because: CloseReason) -> Result<(), PortError> {
        let line = format!("close issue {number}");
        self.effect(EffectKind::ChangeIssue, line, |state, _| state.close_issue(number, because))
            .await
    }

    async fn react(&self, comment: u64, reaction: Reaction) -> Result<bool, PortError> {
        let line = format!("react to comment {comment}");
        self.effect(EffectKind::ChangeIssue, line, |state, _| state.react(comment, ME, reaction))
            .await
    }

    async fn reply(&self, issue: u64, text: &str) -> Result<(), PortError> {
        let line = format!("answer on issue {issue}");
        self.effect(EffectKind::ChangeIssue, line, |state, _| {
            state.may_change_issues()?;
            state.comment_on(issue, SimAccount::Bot(ME.into()), text).map(|_| ())
        })
        .await
    }
}

fn seen(issue: &SimTracking, page: &str) -> TrackingIssue {
    let url = format!("{page}/issues/{}", issue.number);
    let comment = |comment: &SimComment| IssueComment {
        id: comment.id,
        url: format!("{url}#issuecomment-{}", comment.id),
        author: comment.author.person(),
        at: comment.at,
        edited: comment.edited.is_some(),
        body: comment.body.clone(),
        reactions: comment
            .reactions
            .iter()
            .filter(|(by, _)| by == ME)
            .map(|(_, reaction)| *reaction)
            .collect(),
    };
    TrackingIssue {
        number: issue.number,
        author: issue.author.login().map(str::to_owned),
        viewer: ME.into(),
        open: issue.open,
        title: issue.title.clone(),
        body: issue.body.clone(),
        comments: issue.comments.iter().map(comment).collect(),
        url,
    }
}

impl SimReview {
    fn said(&self, pull: &str) -> Option<Review> {
        let says = match self.state {
            "APPROVED" => Opinion::Approved,
            "CHANGES_REQUESTED" => Opinion::ChangesRequested,
            "DISMISSED" => Opinion::Dismissed,
            _ => return None,
        };
        let (at, commit) = (self.at, Some(self.commit.clone()));
        Some(Review { by: self.author.person()?, at, says, commit, url: format!("{pull}#review") })
    }
}

impl SimAccount {
    /// Its name, as REST writes it; `None` if it was deleted.
    #[must_use]
    pub fn login(&self) -> Option<&str> {
        match self {
            Self::User(login) | Self::Bot(login) => Some(login),
            Self::Deleted => None,
        }
    }

    /// The person, if it is one.
    #[must_use]
    pub fn person(&self) -> Option<Person> {
        match self {
            Self::User(login) => Person::new(login.as_str()).ok(),
            Self::Bot(_) | Self::Deleted => None,
        }
    }
}

impl State {
    /// The reviews of the pull requests whose head has the files of a commit.
    fn reviews_of(&self, commit: &Sha) -> Reviews {
        let mut all = Reviews { requests: 1, ..Reviews::of(commit.clone()) };
        for (at, pull) in self.pulls.iter().enumerate() {
            let tree = |sha: &Sha| self.tree_of(sha);
            let same = tree(&pull.head).is_some() && tree(&pull.head) == tree(commit);
            if pull.head != *commit && pull.merge.as_ref() != Some(commit) {
                continue;
            }
            let number = at + 1;
            if pull.head != *commit && !same {
                all.changed.push(number as u64);
                continue;
            }
            let reviews = self.society.reviews.iter().filter(|one| one.pull == number);
            let url = format!("{}/pull/{number}", self.settings.page);
            let reviews = reviews.filter_map(|one| one.said(&url)).collect();
            let (head, number) = (pull.head.clone(), number as u64);
            all.pulls.push(ReviewedPull { number, url, head, reviews });
            all.requests += 1;
        }
        all
    }

    /// An issue by its number.
    #[must_use]
    pub fn issue(&self, number: u64) -> Option<&SimTracking> {
        self.society.issues.iter().find(|issue| issue.number == number)
    }

    fn issue_mut(&mut self, number: u64) -> Result<&mut SimTracking, Refusal> {
        self.society.issues.iter_mut().find(|it| it.number == number).ok_or(Refusal::Missing)
    }

    /// Opens an issue; gives its number.
    ///
    /// # Errors
    /// Where the rights do not reach it, or it is too long.
    pub fn create_issue(&mut self, author: SimAccount, new: &IssueText) -> Result<u64, Refusal> {
        self.may_change_issues()?;
        refuse_long(new)?;
        let number = self.id();
        self.society.issues.push(SimTracking {
            number,
            author,
            open: true,
            closed: None,
            title: new.title.clone(),
            body: new.body.clone(),
            comments: Vec::new(),
            edits: 0,
        });
        Ok(number)
    }

    /// Replaces the text of an issue, and opens it.
    ///
    /// # Errors
    /// Where there is none, the rights do not reach it, or it is too long.
    pub fn edit_issue(&mut self, number: u64, text: &IssueText) -> Result<(), Refusal> {
        self.may_change_issues()?;
        refuse_long(text)?;
        let issue = self.issue_mut(number)?;
        issue.title.clone_from(&text.title);
        issue.body.clone_from(&text.body);
        issue.open = true;
        issue.edits += 1;
        Ok(())
    }

    /// Closes an issue.
    ///
    /// # Errors
    /// Where there is none, or the rights do not reach it.
    pub fn close_issue(&mut self, number: u64, because: CloseReason) -> Result<(), Refusal> {
        self.may_change_issues()?;
        let issue = self.issue_mut(number)?;
        issue.open = false;
        issue.closed = Some(because);
        Ok(())
    }

    /// Writes a comment on an issue as anybody; gives its number.
    ///
    /// # Errors
    /// Where there is no issue, or it is too long.
    pub fn comment_on(
        &mut self,
        number: u64,
        author: SimAccount,
        body: &str,
    ) -> Result<u64, Refusal> {
        let (id, at) = (self.id(), self.now);
        let long = body.encode_utf16().count() > LONGEST;
        let issue = self.issue_mut(number)?;
        if long {
            let why = "body is too long (maximum is 65536 characters)";
            return Err(Refusal::invalid("IssueComment", "unprocessable", "data", why));
        }
        let (edited, body) = (None, body.to_owned());
        issue.comments.push(SimComment {
            id,
            author,
            at,
            edited,
            body,
            reactions: BTreeSet::new(),
        });
        Ok(id)
    }

    /// A comment, to be changed by a test or by its author.
    pub fn issue_comment_mut(&mut self, id: u64) -> Option<&mut SimComment> {
        let comments = self.society.issues.iter_mut().flat_map(|issue| &mut issue.comments);
        comments.into_iter().find(|comment| comment.id == id)
    }

    /// Adds a reaction; gives whether it is new.
    ///
    /// # Errors
    /// Where there is no such comment, or the rights do not reach it.
    pub fn react(&mut self, comment: u64, by: &str, with: Reaction) -> Result<bool, Refusal> {
        self.may_change_issues()?;
        let comment = self.issue_comment_mut(comment).ok_or(Refusal::Missing)?;
        Ok(comment.reactions.insert((by.to_owned(), with)))
    }

    fn may_change_issues(&self) -> Result<(), Refusal> {
        match self.rights.issues {
            true => Ok(()),
            false => Err(Refusal::Denied { needs: "issues: write".into() }),
        }
    }
}

fn refuse_long(text: &IssueText) -> Result<(), Refusal> {
    let too_long = |field, most| {
        let why = format!("{field} is too long (maximum is {most} characters)");
        Err(Refusal::invalid("Issue", "custom", field, why))
    };
    if text.body.encode_utf16().count() > LONGEST {
        return too_long("body", LONGEST);
    }
    if text.title.encode_utf16().count() > LONGEST_TITLE {
        return too_long("title", LONGEST_TITLE);
    }
    Ok(())
}
