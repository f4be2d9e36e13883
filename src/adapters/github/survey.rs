//! Checks, rules, tag and release in one request, each seen or unseen by itself.
//!
//! More requests follow only where more than a hundred checks reported, where the branch is not on
//! the forge yet, or where there is a release: GraphQL does not tell what its assets are.

use super::checks::{Contexts, Gathered, Suites};
use super::client::Http;
use super::graphql::{Answer, ask};
use super::releases::published;
use super::rules::{Branch, of_branch, of_new_branch};
use crate::facts::{Checks, Release, RequiredCheck, Seen, Unseen};
use crate::names::{BranchName, Sha, TagName};
use crate::ports::{PortError, Survey, Surveyed};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

const SURVEY: &str = concat!(include_str!("query.graphql"), include_str!("context.graphql"));
const MORE: &str = concat!(include_str!("more.graphql"), include_str!("context.graphql"));
const WHAT: &str = "read the commit's checks, rules and release";
const WHAT_MORE: &str = "read more of the commit's checks";
const PAGES: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommitNode {
    #[serde(rename = "__typename")]
    kind: String,
    status_check_rollup: Option<Rollup>,
    check_suites: Option<Suites>,
}

#[derive(Deserialize)]
struct Rollup {
    contexts: Option<Contexts>,
}

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

/// Asks, and keeps what was answered.
pub(super) async fn survey(http: &Http, survey: &Survey) -> Result<Surveyed, PortError> {
    let branch = survey.branch.as_ref().map_or("", BranchName::as_str);
    let tag = survey.tag.as_ref().map_or("", TagName::as_str);
    let variables = json!({
        "commit": survey.commit.as_str(),
        "branch": format!("refs/heads/{branch}"),
        "hasBranch": survey.branch.is_some(),
        "tag": format!("refs/tags/{tag}"),
        "tagName": tag,
        "hasTag": survey.tag.is_some(),
    });
    let answer = ask(http, WHAT, SURVEY, variables).await?;
    told(http, survey, answer).await
}

/// What an answer tells; where it does not tell all, the rest is asked for.
pub(super) async fn told(
    http: &Http,
    survey: &Survey,
    answer: Answer,
) -> Result<Surveyed, PortError> {
    Ok(Surveyed {
        checks: checks(http, &survey.commit, &answer).await?,
        twins: Seen::not_asked(),
        push: Seen::not_asked(),
        rules: match &survey.branch {
            Some(branch) => rules(http, branch, &answer).await?,
            None => Seen::not_asked(),
        },
        tag: survey.tag.as_ref().map_or_else(Seen::not_asked, |_| peeled(&answer)),
        published: match &survey.tag {
            Some(tag) => release(http, tag, &answer).await?,
            None => Seen::not_asked(),
        },
    })
}

/// One part of the answer: unseen if anything below it was denied, `None` if there is none.
fn part<T: DeserializeOwned>(answer: &Answer, name: &str) -> Seen<Option<T>> {
    if let Some(error) = answer.errors.iter().find(|error| error.about(name)) {
        return Seen::Unseen(error.unseen());
    }
    let Some(value) = answer.repository.get(name) else {
        return Seen::unseen("the forge left it out of its answer");
    };
    match Option::<T>::deserialize(value) {
        Ok(value) => Seen::Known(value),
        Err(error) => Seen::unseen(format!("the forge's answer makes no sense: {error}")),
    }
}

async fn checks(http: &Http, commit: &Sha, answer: &Answer) -> Result<Seen<Checks>, PortError> {
    let node: CommitNode = match part(answer, "commit") {
        Seen::Unseen(unseen) => return Ok(Seen::Unseen(unseen)),
        Seen::Known(None) => {
            let why = format!("commit {} is not on the forge", commit.short());
            return Ok(Seen::unseen_help(why, "push it first"));
        }
        Seen::Known(Some(node)) => node,
    };
    if node.kind != "Commit" {
        return Ok(Seen::unseen(format!("{} is not a commit", commit.short())));
    }
    let mut gathered = Gathered::default();
    let first = node.status_check_rollup.and_then(|rollup| rollup.contexts).unwrap_or_default();
    let total = match follow(http, commit, first, &mut gathered).await {
        Ok(Seen::Known(total)) => total,
        Ok(Seen::Unseen(unseen)) => return Ok(Seen::Unseen(unseen)),
        Err(error) => return unless_limited(error),
    };
    let reported = gathered.runs.len();
    let hidden = gathered.suites(node.check_suites.unwrap_or_default());
    let lone = gathered.runs.len().saturating_sub(reported);
    let total = total.saturating_add(hidden).saturating_add(lone);
    let (runs, since) = (gathered.runs, gathered.since);
    Ok(Seen::Known(Checks { commit: commit.clone(), total, runs, since }))
}

/// Gathers all pages of contexts, and gives how many there are by the forge's last word.
async fn follow(
    http: &Http,
    commit: &Sha,
    first: Contexts,
    gathered: &mut Gathered,
) -> Result<Seen<usize>, PortError> {
    let mut page = first;
    for _ in 1..PAGES {
        let total = page.total_count;
        let after = page.page_info.end_cursor.take().filter(|_| page.page_info.has_next_page);
        gathered.page(page);
        let Some(after) = after else { return Ok(Seen::Known(total)) };
        let variables = json!({ "commit": commit.as_str(), "after": after });
        let answer = ask(http, WHAT_MORE, MORE, variables).await?;
        page = match part::<CommitNode>(&answer, "commit") {
            Seen::Unseen(unseen) => return Ok(Seen::Unseen(unseen)),
            Seen::Known(node) => {
                let rollup = node.and_then(|node| node.status_check_rollup);
                rollup.and_then(|rollup| rollup.contexts).unwrap_or_default()
            }
        };
        // Fewer than before would hide that some are missing.
        page.total_count = page.total_count.max(total);
    }
    let total = page.total_count;
    gathered.page(page);
    Ok(Seen::Known(total))
}

async fn rules(
    http: &Http,
    branch: &BranchName,
    answer: &Answer,
) -> Result<Seen<Vec<RequiredCheck>>, PortError> {
    match part::<Branch>(answer, "branch") {
        Seen::Unseen(unseen) => Ok(Seen::Unseen(unseen)),
        Seen::Known(Some(branch)) => Ok(of_branch(branch)),
        Seen::Known(None) => of_new_branch(http, branch).await.or_else(unless_limited),
    }
}

fn peeled(answer: &Answer) -> Seen<Option<(Sha, Sha)>> {
    let target = match part::<Ref>(answer, "tag") {
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
        (_, Some(end)) => Seen::unseen(format!("it leads to a {}", end.kind.to_ascii_lowercase())),
        (_, None) => Seen::unseen("the forge does not tell where it leads"),
    }
}

/// By tag GraphQL gives one of several releases, possibly a draft, and not all of it: REST tells.
async fn release(
    http: &Http,
    tag: &TagName,
    answer: &Answer,
) -> Result<Seen<Option<Release>>, PortError> {
    match part::<Found>(answer, "release") {
        Seen::Unseen(unseen) => Ok(Seen::Unseen(unseen)),
        Seen::Known(None) => Ok(Seen::Known(None)),
        Seen::Known(Some(Found {})) => {
            published(http, tag).await.map(Seen::Known).or_else(unless_limited)
        }
    }
}

/// A part that could not be read is unseen; a rate limit stops everything.
fn unless_limited<T>(error: PortError) -> Result<Seen<T>, PortError> {
    match error {
        PortError::Limited { .. } => Err(error),
        PortError::Denied { needs, .. } => Ok(Seen::Unseen(Unseen {
            why: format!("the token lacks `{needs}`"),
            help: Some(format!("grant `{needs}` under the job's `permissions`")),
        })),
        PortError::NoAnswer { .. } | PortError::Refused { .. } | PortError::Behind { .. } => {
            Ok(Seen::unseen(error.to_string()))
        }
    }
}
