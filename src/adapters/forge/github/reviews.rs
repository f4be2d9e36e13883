//! Reads the reviews of the pull requests that a commit comes from.
//!
//! A review is about the head of its pull request. It is a review of the released commit only if that
//! is the head, or if it has the same tree: a merge or a squash of a branch that was up to date.

use super::associated::{Commit, Nothing, Object, Pull};
use super::client::Http;
use super::graphql::{Answer, ask};
use super::issue::{Actor, PageInfo};
use crate::adapters::permission::grant;
use crate::base::names::Sha;
use crate::facts::people::{Opinion, Review, ReviewedPull, Reviews};
use crate::ports::PortError;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

const REVIEWED: &str = include_str!("reviewed.graphql");
const REVIEWS: &str = include_str!("reviews.graphql");
const WHAT: &str = "read the reviews of the release's pull request";
const READ: &str = "pull-requests: read";
/// Pages of pull requests, 50 on each, and of reviews, 100 on each.
const PAGES: usize = 10;
/// The most pull requests whose reviews are read.
const MOST: usize = 5;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pulls {
    page_info: PageInfo,
    nodes: Option<Vec<Option<Pull<Named, Nothing>>>>,
}

/// What else is read of a pull request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    number: u64,
    url: String,
    head_ref_oid: Sha,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reviewed {
    head_ref_oid: Sha,
    reviews: Option<Page>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    page_info: PageInfo,
    nodes: Option<Vec<Option<WireReview>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireReview {
    url: String,
    state: String,
    submitted_at: Option<Timestamp>,
    author: Option<Actor>,
    commit: Option<Object>,
}

/// The relation of a pull request to a commit.
enum Relation {
    /// Its head has exactly the files of the commit.
    Same,
    /// The commit is its merge, with other files than its head.
    Changed,
    /// It only contains the commit.
    Contains,
}

/// The reviews of the pull requests whose head has exactly the files of a commit.
pub(super) async fn reviews(http: &Http, commit: &Sha) -> Result<Reviews, PortError> {
    let mut all = Reviews::of(commit.clone());
    let mut after: Option<String> = None;
    let mut same = Vec::new();
    for page in 0.. {
        if page == PAGES {
            return Err(unreadable("the commit is in too many pull requests"));
        }
        let variables = json!({ "oid": commit.as_str(), "after": after });
        let answer = ask(http, WHAT, REVIEWED, variables).await?;
        all.requests += 1;
        let Commit::<Pulls> { tree, associated_pull_requests: pulls } = part(&answer, "object")?;
        let (Some(tree), Some(pulls)) = (tree, pulls) else {
            return Err(unreadable("the commit has no tree, or its pull requests are missing"));
        };
        for pull in pulls.nodes.into_iter().flatten().flatten() {
            let (relation, Named { number, url, .. }) = related(pull, commit, &tree.oid);
            match relation {
                Relation::Same => same.push((number, url)),
                Relation::Changed => all.changed.push(number),
                Relation::Contains => {}
            }
        }
        match pulls.page_info.next(WHAT)? {
            None => break,
            next => after = next,
        }
    }
    if same.len() > MOST {
        let why = format!("the commit is the head of more than {MOST} pull requests");
        return Err(unreadable(&why));
    }
    for (number, url) in same {
        let (pull, requests) = pull(http, number, url).await?;
        all.pulls.push(pull);
        all.requests += requests;
    }
    Ok(all)
}

/// What a pull request has to do with a commit that has this tree, and which one it is.
fn related(pull: Pull<Named, Nothing>, commit: &Sha, tree: &Sha) -> (Relation, Named) {
    let merged = pull.is_merged_as(commit);
    let (named, head) = pull.parts();
    let same = head.is_some_and(|head| head.oid == named.head_ref_oid && head.tree.oid == *tree);
    let relation = match (named.head_ref_oid == *commit, merged, same) {
        (true, _, _) | (false, true, true) => Relation::Same,
        (false, true, false) => Relation::Changed,
        (false, false, _) => Relation::Contains,
    };
    (relation, named)
}

/// A pull request with the reviews that say something, and the number of requests.
async fn pull(http: &Http, number: u64, url: String) -> Result<(ReviewedPull, usize), PortError> {
    let mut after: Option<String> = None;
    let mut found: Option<ReviewedPull> = None;
    for requests in 1..=PAGES {
        let variables = json!({ "number": number, "after": after });
        let answer = ask(http, WHAT, REVIEWS, variables).await?;
        let Reviewed { head_ref_oid: head, reviews } = part(&answer, "pullRequest")?;
        let page = reviews.ok_or_else(|| unreadable("its reviews are missing"))?;
        let reviews = page.nodes.into_iter().flatten().flatten().filter_map(WireReview::said);
        match &mut found {
            Some(pull) if pull.head != head => {
                return Err(unreadable("the pull request changed while it was read"));
            }
            Some(pull) => pull.reviews.extend(reviews),
            None => {
                let (url, reviews) = (url.clone(), reviews.collect());
                found = Some(ReviewedPull { number, url, head, reviews });
            }
        }
        match (page.page_info.next(WHAT)?, found.take()) {
            (None, Some(pull)) => return Ok((pull, requests)),
            (next, pull) => (after, found) = (next, pull),
        }
    }
    Err(unreadable(&format!("#{number} has more than {PAGES} pages of reviews")))
}

impl WireReview {
    /// A review by a person that is more than a comment.
    fn said(self) -> Option<Review> {
        let says = match self.state.as_str() {
            "APPROVED" => Opinion::Approved,
            "CHANGES_REQUESTED" => Opinion::ChangesRequested,
            "DISMISSED" => Opinion::Dismissed,
            _ => return None,
        };
        Some(Review {
            by: self.author?.person()?,
            at: self.submitted_at?,
            says,
            commit: self.commit.map(|commit| commit.oid),
            url: self.url,
        })
    }
}

/// A part of the response. It must be complete, because an objection could be missing.
fn part<T: for<'de> Deserialize<'de>>(answer: &Answer, name: &str) -> Result<T, PortError> {
    if let Some(error) = answer.errors.iter().find(|error| error.forbids()) {
        let (needs, help, said) = (READ.to_owned(), grant(READ), Some(error.message().to_owned()));
        return Err(PortError::Denied { what: WHAT.into(), needs, help, said });
    }
    if let Some(error) = answer.errors.first() {
        return Err(unreadable(error.message()));
    }
    let value = answer.repository.get(name).filter(|value| !value.is_null());
    let value: &Value = value.ok_or_else(|| unreadable("a part is missing"))?;
    T::deserialize(value).map_err(|error| unreadable(&error.to_string()))
}

fn unreadable(why: &str) -> PortError {
    PortError::NoAnswer {
        what: WHAT.into(),
        why: format!("GitHub's response cannot be used: {why}"),
    }
}
