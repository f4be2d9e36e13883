//! Builds the query that reads a commit's state: as a whole, or in parts if GitHub cannot execute
//! the whole query.
//!
//! GitHub gives a query ten seconds. A commit with many checks can take longer, and every retry
//! costs points.

use super::client::Http;
use super::graphql::{Answer, QueryResult, ask_heavy};
use crate::base::names::{BranchName, TagName};
use crate::ports::{PortError, Survey};
use serde_json::{Value, json};

const SURVEY: &str = concat!(
    include_str!("query.graphql"),
    include_str!("context.graphql"),
    include_str!("suites.graphql"),
);
const WHAT: &str = "read the commit's checks, rules and release";
const FULL: usize = 100;
const FEWER: usize = 25;

/// Parts that can be queried separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Checks,
    Rules,
    Tag,
    Release,
    SameTree,
}

impl Part {
    const ALL: [Self; 5] = [Self::Checks, Self::Rules, Self::Tag, Self::Release, Self::SameTree];

    fn wanted(self, survey: &Survey) -> bool {
        match self {
            Self::Checks => true,
            Self::Rules => survey.branch.is_some(),
            Self::Tag | Self::Release => survey.tag.is_some(),
            Self::SameTree => survey.same_tree,
        }
    }

    /// Its key in the response.
    fn key(self) -> &'static str {
        match self {
            Self::Checks => "commit",
            Self::Rules => "branch",
            Self::Tag => "tag",
            Self::Release => "release",
            Self::SameTree => "twins",
        }
    }
}

/// The response, and how many entries each page can contain.
pub(super) async fn answer(http: &Http, survey: &Survey) -> Result<(Answer, usize), PortError> {
    let parts: Vec<Part> = Part::ALL.into_iter().filter(|part| part.wanted(survey)).collect();
    match ask_heavy(http, WHAT, SURVEY, variables(survey, &parts, FULL)).await? {
        QueryResult::Answer(answer) => Ok((answer, FULL)),
        QueryResult::Strained(_) => Ok((by_parts(http, survey, parts).await?, FEWER)),
    }
}

/// Requests each part separately. If one fails again, only that part is missing; if all fail, there
/// is no response.
async fn by_parts(http: &Http, survey: &Survey, parts: Vec<Part>) -> Result<Answer, PortError> {
    let (mut whole, mut failed) = (Answer::default(), None);
    let mut lost = 0;
    let count = parts.len();
    for part in parts {
        let heard = ask_heavy(http, WHAT, SURVEY, variables(survey, &[part], FEWER)).await;
        let error = match heard {
            Ok(QueryResult::Answer(answer)) => {
                whole.join(part.key(), answer);
                continue;
            }
            Ok(QueryResult::Strained(why)) => PortError::NoAnswer { what: WHAT.into(), why },
            Err(error @ PortError::Limited { .. }) => return Err(error),
            Err(error) => error,
        };
        whole.lack(part.key(), error.why());
        lost += 1;
        failed = Some(error);
    }
    match failed {
        Some(error) if lost == count => Err(error),
        Some(_) | None => Ok(whole),
    }
}

fn variables(survey: &Survey, parts: &[Part], page: usize) -> Value {
    let branch = survey.branch.as_ref().map_or("", BranchName::as_str);
    let tag = survey.tag.as_ref().map_or("", TagName::as_str);
    json!({
        "commit": survey.commit.as_str(),
        "page": page,
        "hasChecks": parts.contains(&Part::Checks),
        "hasTwins": parts.contains(&Part::SameTree),
        "branch": format!("refs/heads/{branch}"),
        "hasBranch": parts.contains(&Part::Rules),
        "tag": format!("refs/tags/{tag}"),
        "hasTag": parts.contains(&Part::Tag),
        "tagName": tag,
        "hasRelease": parts.contains(&Part::Release),
    })
}
