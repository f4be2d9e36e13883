//! The checks that a branch's rules require.
//!
//! What cannot be put as a check's name (a ruleset that requires a workflow) makes the rules
//! unseen: to leave it out would call green what GitHub would block.

use super::client::{Ask, Http};
use super::retry::get_all;
use crate::facts::{RequiredCheck, Seen};
use crate::names::BranchName;
use crate::ports::PortError;
use http::Method;
use serde::Deserialize;

const PAGES: usize = 10;

/// A branch with its rules, by GraphQL.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Branch {
    ref_update_rule: Option<UpdateRule>,
    rules: Option<Rules>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateRule {
    required_status_check_contexts: Option<Vec<Option<String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rules {
    total_count: usize,
    nodes: Option<Vec<Option<Rule>>>,
}

/// One rule, by either API: they differ in the case of words and keys.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    #[serde(rename = "type")]
    kind: String,
    repository_ruleset: Option<Named>,
    #[serde(rename = "ruleset_id")]
    ruleset_id: Option<i64>,
    parameters: Option<Parameters>,
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Parameters {
    #[serde(alias = "requiredStatusChecks")]
    required_status_checks: Option<Vec<Required>>,
}

#[derive(Debug, Deserialize)]
struct Required {
    context: String,
    #[serde(alias = "integrationId")]
    integration_id: Option<i64>,
}

/// What an existing branch requires.
pub(super) fn of_branch(branch: Branch) -> Seen<Vec<RequiredCheck>> {
    let Some(rules) = branch.rules else { return Seen::unseen("the forge told no rules") };
    let nodes: Vec<Rule> = rules.nodes.into_iter().flatten().flatten().collect();
    if nodes.len() != rules.total_count {
        let (seen, total) = (nodes.len(), rules.total_count);
        return Seen::unseen(format!("the forge told {seen} of {total} rules"));
    }
    let classic = branch.ref_update_rule.and_then(|rule| rule.required_status_check_contexts);
    let classic = classic.into_iter().flatten().flatten().map(|name| RequiredCheck {
        name,
        app_id: None,
        rule: "branch protection".into(),
    });
    of_rules(nodes, classic.collect())
}

/// What a branch that is not on the forge yet would require. Classic protection of a pattern that
/// it would fit cannot be asked for.
pub(super) async fn of_new_branch(
    http: &Http,
    branch: &BranchName,
) -> Result<Seen<Vec<RequiredCheck>>, PortError> {
    let name = super::wire::encode(branch.as_str());
    let target = format!("/repos/{}/rules/branches/{name}?per_page=100", http.settings.repository);
    let ask = Ask {
        what: "read the branch's rules",
        endpoint: "GET /repos/{}/rules/branches/{}",
        method: &Method::GET,
        target: &target,
        body: None,
        needs: "metadata: read",
    };
    match get_all(http, &ask, PAGES).await? {
        Some(rules) => Ok(of_rules(rules, Vec::new())),
        None => Ok(Seen::unseen("the forge does not tell rules of a branch that is not there")),
    }
}

fn of_rules(rules: Vec<Rule>, mut required: Vec<RequiredCheck>) -> Seen<Vec<RequiredCheck>> {
    for rule in rules {
        let name = match (&rule.repository_ruleset, rule.ruleset_id) {
            (Some(ruleset), _) => format!("ruleset `{}`", ruleset.name),
            (None, Some(id)) => format!("ruleset {id}"),
            (None, None) => "a ruleset".into(),
        };
        match rule.kind.to_ascii_uppercase().as_str() {
            "REQUIRED_STATUS_CHECKS" => {
                let checks = rule.parameters.and_then(|it| it.required_status_checks);
                let Some(checks) = checks else {
                    return Seen::unseen(format!(
                        "the forge did not tell which checks {name} asks for"
                    ));
                };
                required.extend(checks.into_iter().map(|check| RequiredCheck {
                    name: check.context,
                    app_id: check.integration_id.filter(|id| *id > 0),
                    rule: name.clone(),
                }));
            }
            "WORKFLOWS" | "REQUIRED_WORKFLOW_STATUS_CHECKS" => {
                return Seen::unseen_help(
                    format!("{name} requires a workflow, which names no checks"),
                    "name its jobs under `required` and set `from-rules: false`",
                );
            }
            _ => {}
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    required.retain(|check| seen.insert((check.name.clone(), check.app_id)));
    Seen::Known(required)
}
