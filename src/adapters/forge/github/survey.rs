//! Reads checks, commits with the same tree, rules, tag and release in one request. Each part can
//! be known or unseen.
//!
//! More requests are needed only if there are more than a hundred checks, if the branch is not on
//! GitHub yet, if the push is needed, or if there is a release, because GraphQL does not report all
//! fields of its assets. Without further pages there are at most three.

use super::client::Http;
use super::commit::{Reported, reported};
use super::graphql::Answer;
use super::part::unless_limited;
use super::releases::published;
use super::rules::rules;
use super::same_tree::same_tree;
use super::{push, query};
use crate::base::names::{Sha, TagName};
use crate::facts::{Checks, Push, Release, Seen};
use crate::ports::{CommitState, PortError, Survey};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Ref {
    target: Option<Object>,
}

#[derive(Deserialize)]
struct Object {
    #[serde(rename = "__typename")]
    kind: String,
    oid: Option<Sha>,
    target: Option<Box<Object>>,
}

#[derive(Deserialize)]
struct Found {}

/// Sends the query and converts the response.
pub(super) async fn survey(http: &Http, survey: &Survey) -> Result<CommitState, PortError> {
    let (answer, page) = query::answer(http, survey).await?;
    parse(http, survey, &answer, page).await
}

/// Converts a response, and requests what it does not contain.
pub(super) async fn parse(
    http: &Http,
    survey: &Survey,
    answer: &Answer,
    page: usize,
) -> Result<CommitState, PortError> {
    let checks = checks(http, &survey.commit, answer, page).await?;
    let same_tree = if survey.same_tree {
        same_tree(http, &survey.commit, answer, page).await?
    } else {
        Seen::not_asked()
    };
    let rules = match &survey.branch {
        Some(branch) => rules(http, branch, answer).await?,
        None => Seen::not_asked(),
    };
    let tag = survey.tag.as_ref().map_or_else(Seen::not_asked, |_| peeled(answer));
    let published = match &survey.tag {
        Some(tag) => release(http, tag, answer).await?,
        None => Seen::not_asked(),
    };
    let push = pushed(http, survey, answer, &checks).await?;
    Ok(CommitState { checks, same_tree, push, rules, tag, published })
}

async fn checks(
    http: &Http,
    commit: &Sha,
    answer: &Answer,
    page: usize,
) -> Result<Seen<Checks>, PortError> {
    match answer.part::<Reported>("commit") {
        Seen::Unseen(unseen) => Ok(Seen::Unseen(unseen)),
        Seen::Known(None) => {
            let why = format!("commit {} is not on GitHub", commit.short());
            Ok(Seen::unseen_help(why, "push it first"))
        }
        Seen::Known(Some(node)) if node.kind != "Commit" => {
            Ok(Seen::unseen(format!("{} is not a commit", commit.short())))
        }
        Seen::Known(Some(node)) => reported(http, commit, node, page).await,
    }
}

/// The push, if it is requested, or if there is no check and no suite: then only the time of the
/// push shows how long CI has had.
async fn pushed(
    http: &Http,
    survey: &Survey,
    answer: &Answer,
    checks: &Seen<Checks>,
) -> Result<Seen<Option<Push>>, PortError> {
    let silent = |checks: &Checks| checks.total == 0 && checks.since.is_none();
    let wanted = survey.push || checks.known().is_ok_and(silent);
    match &survey.branch {
        // A branch that does not exist has no pushes.
        Some(_) if wanted && matches!(answer.part::<Value>("branch"), Seen::Known(None)) => {
            Ok(Seen::Known(None))
        }
        Some(branch) if wanted => push::push(http, branch, &survey.commit).await,
        Some(_) | None => Ok(Seen::not_asked()),
    }
}

fn peeled(answer: &Answer) -> Seen<Option<(Sha, Sha)>> {
    let target = match answer.part::<Ref>("tag") {
        Seen::Unseen(unseen) => return Seen::Unseen(unseen),
        Seen::Known(None) => return Seen::Known(None),
        Seen::Known(Some(tag)) => tag.target,
    };
    let object = target.as_ref().and_then(|object| object.oid.clone());
    let mut end = target;
    while let Some(next) = end.as_mut().and_then(|object| object.target.take()) {
        end = Some(*next);
    }
    match (object, end) {
        (Some(object), Some(Object { kind, oid: Some(commit), .. })) if kind == "Commit" => {
            Seen::Known(Some((object, commit)))
        }
        (_, Some(end)) => Seen::unseen(format!("it points to a {}", end.kind.to_ascii_lowercase())),
        (_, None) => Seen::unseen("GitHub does not report its target"),
    }
}

/// For a tag with several releases, GraphQL returns one of them, possibly a draft, with some fields
/// missing. So REST is used.
async fn release(
    http: &Http,
    tag: &TagName,
    answer: &Answer,
) -> Result<Seen<Option<Release>>, PortError> {
    match answer.part::<Found>("release") {
        Seen::Unseen(unseen) => Ok(Seen::Unseen(unseen)),
        Seen::Known(None) => Ok(Seen::Known(None)),
        Seen::Known(Some(Found {})) => {
            published(http, tag).await.map(Seen::Known).or_else(unless_limited)
        }
    }
}
