//! Reads tag rulesets with GraphQL, and whether they can be bypassed with REST.

use super::client::{ApiRequest, Http};
use super::part::unless_limited;
use super::retry::get;
use crate::base::names::TagName;
use crate::facts::rights::{Token, TokenKind};
use crate::facts::tag_rules::{NamePattern, TagRule, TagRuleset};
use crate::facts::{Seen, TagAt};
use crate::ports::{PermissionQuery, PortError};
use http::Method;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RulesetNodes {
    total_count: usize,
    nodes: Option<Vec<Option<RulesetNode>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RulesetNode {
    database_id: Option<u64>,
    name: String,
    enforcement: String,
    conditions: Option<Conditions>,
    rules: Option<Rules>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Conditions {
    ref_name: Option<RefName>,
}

#[derive(Deserialize)]
struct RefName {
    include: Vec<String>,
    exclude: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rules {
    total_count: usize,
    nodes: Option<Vec<Option<Rule>>>,
}

#[derive(Deserialize)]
struct Rule {
    #[serde(rename = "type")]
    kind: String,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    operator: Option<String>,
    pattern: Option<String>,
    negate: Option<bool>,
}

#[derive(Deserialize)]
struct Bypass {
    current_user_can_bypass: Option<String>,
}

/// The enforced rulesets. For one that would reject the tag, a request checks whether it can be
/// bypassed.
pub(super) async fn rulesets(
    http: &Http,
    inquiry: &PermissionQuery,
    token: &Token,
    found: Seen<Option<RulesetNodes>>,
) -> Result<Seen<Vec<TagRuleset>>, PortError> {
    let found = match found {
        Seen::Known(Some(found)) => found,
        Seen::Known(None) => return Ok(Seen::unseen("GitHub's response has no rulesets")),
        Seen::Unseen(unseen) => return Ok(Seen::Unseen(unseen)),
    };
    let nodes: Vec<RulesetNode> = found.nodes.into_iter().flatten().flatten().collect();
    if nodes.len() != found.total_count {
        let (seen, total) = (nodes.len(), found.total_count);
        return Ok(Seen::unseen(format!(
            "GitHub's response has only {seen} of {total} \
                                        rulesets"
        )));
    }
    let mut rulesets = Vec::new();
    // A ruleset that is only evaluated (`EVALUATE`) rejects nothing.
    for node in nodes
        .into_iter()
        .filter(|node| !matches!(node.enforcement.as_str(), "DISABLED" | "EVALUATE"))
    {
        let mut ruleset = match ruleset(node) {
            Ok(ruleset) => ruleset,
            Err(why) => return Ok(Seen::unseen(why)),
        };
        let moved = |(tag, now): &(TagName, Option<TagAt>)| ruleset.refuses(tag, now.as_ref());
        if ruleset.refuses(&inquiry.tag, None) || inquiry.moving.iter().any(moved) {
            ruleset.bypass = bypass(http, token, ruleset.id).await?;
        }
        rulesets.push(ruleset);
    }
    Ok(Seen::Known(rulesets))
}

fn ruleset(node: RulesetNode) -> Result<TagRuleset, String> {
    let name = node.name;
    let about = node.conditions.and_then(|conditions| conditions.ref_name);
    let about = about.ok_or_else(|| {
        format!(
            "GitHub's response does not contain the target of ruleset \
                                     `{name}`"
        )
    })?;
    let told = node.rules.ok_or_else(|| {
        format!(
            "GitHub's response has no rules of ruleset \
        `{name}`"
        )
    })?;
    let rules: Vec<Rule> = told.nodes.into_iter().flatten().flatten().collect();
    if rules.len() != told.total_count {
        let (seen, total) = (rules.len(), told.total_count);
        return Err(format!(
            "GitHub's response has only {seen} of {total} rules of ruleset \
                            `{name}`"
        ));
    }
    Ok(TagRuleset {
        id: node.database_id,
        name,
        include: about.include,
        exclude: about.exclude,
        rules: rules.into_iter().map(rule).collect(),
        bypass: Seen::not_asked(),
    })
}

fn rule(rule: Rule) -> TagRule {
    let pattern = rule.parameters.and_then(|told| {
        let (operator, pattern) = (told.operator?.to_ascii_lowercase(), told.pattern?);
        Some(NamePattern { operator, pattern, negate: told.negate? })
    });
    TagRule { kind: rule.kind.to_ascii_lowercase(), pattern }
}

async fn bypass(http: &Http, token: &Token, id: Option<u64>) -> Result<Seen<bool>, PortError> {
    if token.kind == TokenKind::Job {
        // GitHub does not allow the Actions app on a bypass list.
        return Ok(Seen::Known(false));
    }
    let Some(id) = id else {
        return Ok(Seen::unseen(
            "GitHub's response does not contain its \
        id",
        ));
    };
    let target = format!("/repos/{}/rulesets/{id}", http.settings.repository);
    let ask = ApiRequest {
        what: "check whether a ruleset can be bypassed",
        endpoint: "GET /repos/{}/rulesets/{}",
        method: &Method::GET,
        target: &target,
        body: None,
        needs: "metadata: read",
    };
    let said = get::<Bypass>(http, &ask).await;
    let said = said.map(|page| page.and_then(|page| page.value.current_user_can_bypass));
    Ok(match said.map(Seen::Known).or_else(unless_limited)? {
        Seen::Known(Some(word)) => match word.as_str() {
            "always" | "exempt" => Seen::Known(true),
            // A tag is not created by a pull request.
            "never" | "pull_requests_only" => Seen::Known(false),
            _ => Seen::unseen(format!("GitHub reports `{word}`")),
        },
        Seen::Known(None) => Seen::unseen("GitHub does not report it"),
        Seen::Unseen(unseen) => Seen::Unseen(unseen),
    })
}
