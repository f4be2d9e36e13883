//! The checks that a branch's rules require.
//!
//! A rule that cannot be expressed as the name of a check, such as a required workflow, makes the
//! rules unseen. If it were ignored, tminus would accept what GitHub would block.

use super::client::{ApiRequest, Http};
use super::graphql::Answer;
use super::part::unless_limited;
use super::retry::get_all;
use crate::base::finding::Who;
use crate::base::names::BranchName;
use crate::facts::{RequiredCheck, Seen, Unseen};
use crate::ports::PortError;
use crate::project::manifest::Pattern;
use http::Method;
use serde::Deserialize;

const PAGES: usize = 10;
const CLASSIC: &str = "branch protection";

/// A branch with its rules, by GraphQL.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Branch {
    ref_update_rule: Option<UpdateRule>,
    branch_protection_rule: Option<Protection>,
    rules: Option<Rules>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateRule {
    required_status_check_contexts: Option<Vec<Option<String>>>,
}

/// Classic protection, in full.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Protection {
    pattern: Option<String>,
    requires_status_checks: bool,
    required_status_checks: Option<Vec<Pinned>>,
}

#[derive(Debug, Deserialize)]
struct Pinned {
    context: String,
    app: Option<App>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct App {
    database_id: Option<i64>,
}

/// Classic protection of every pattern.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Protections {
    viewer_can_administer: bool,
    branch_protection_rules: Patterns,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Patterns {
    total_count: usize,
    nodes: Option<Vec<Option<Protection>>>,
}

impl Protection {
    fn checks(self) -> Vec<RequiredCheck> {
        let checks = self.required_status_checks.filter(|_| self.requires_status_checks);
        let required = |Pinned { context, app }| RequiredCheck {
            name: context,
            app_id: app.and_then(|app| app.database_id),
            rule: CLASSIC.into(),
        };
        checks.into_iter().flatten().map(required).collect()
    }
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
pub(super) struct Rule {
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

/// The checks that a branch requires, according to the response to the survey.
pub(super) async fn rules(
    http: &Http,
    branch: &BranchName,
    answer: &Answer,
) -> Result<Seen<Vec<RequiredCheck>>, PortError> {
    match answer.part::<Branch>("branch") {
        Seen::Unseen(unseen) => Ok(Seen::Unseen(unseen)),
        Seen::Known(Some(branch)) => Ok(of_branch(branch)),
        Seen::Known(None) => match of_patterns(branch, answer) {
            Ok(classic) => of_new_branch(http, branch, classic).await.or_else(unless_limited),
            Err(unseen) => Ok(Seen::Unseen(unseen)),
        },
    }
}

/// What an existing branch requires. Everyone can read the names of the checks that classic
/// protection requires; only administrators can read which apps must report them.
fn of_branch(branch: Branch) -> Seen<Vec<RequiredCheck>> {
    let Some(rules) = branch.rules else {
        return Seen::unseen(
            "GitHub's response has no \
        rules",
        );
    };
    let nodes: Vec<Rule> = rules.nodes.into_iter().flatten().flatten().collect();
    if nodes.len() != rules.total_count {
        let (seen, total) = (nodes.len(), rules.total_count);
        return Seen::unseen(format!("GitHub's response has only {seen} of {total} rules"));
    }
    let mut classic = branch.branch_protection_rule.map(Protection::checks).unwrap_or_default();
    let names = branch.ref_update_rule.and_then(|rule| rule.required_status_check_contexts);
    for name in names.into_iter().flatten().flatten() {
        if !classic.iter().any(|check| check.name == name) {
            classic.push(RequiredCheck { name, app_id: None, rule: CLASSIC.into() });
        }
    }
    of_rules(nodes, classic)
}

/// The checks that classic protection would require on a branch that does not exist yet. Only
/// administrators can read this: other users get an error or an empty list.
///
/// If several patterns with wildcards match, GitHub applies the oldest. It does not report which
/// one that is, so all count.
fn of_patterns(branch: &BranchName, answer: &Answer) -> Result<Vec<RequiredCheck>, Unseen> {
    let unseen =
        |why: String, help: Option<&str>| Unseen { why, help: help.map(str::to_owned), who: None };
    let told = match answer.part::<Protections>("protection") {
        Seen::Known(told) => told,
        Seen::Unseen(_) => None,
    };
    let told = told
        .filter(|told| told.viewer_can_administer || told.branch_protection_rules.total_count > 0);
    let Some(Protections { branch_protection_rules: rules, .. }) = told else {
        let why = format!(
            "`{branch}` does not exist on GitHub yet; reading the branch protection rule that will \
             apply to it requires `administration: read`"
        );
        return Err(unseen(why, Some("push the branch first")));
    };
    let nodes: Vec<Protection> = rules.nodes.into_iter().flatten().flatten().collect();
    if nodes.len() != rules.total_count {
        let (seen, total) = (nodes.len(), rules.total_count);
        return Err(unseen(
            format!(
                "GitHub's response has only {seen} of {total} protected \
                                   patterns"
            ),
            None,
        ));
    }
    let named = |rule: &Protection| rule.pattern.as_deref() == Some(branch.as_str());
    if let Some(place) = nodes.iter().position(named) {
        return Ok(nodes.into_iter().nth(place).map(Protection::checks).unwrap_or_default());
    }
    let mut required = Vec::new();
    for rule in nodes {
        let pattern = rule.pattern.clone().unwrap_or_default();
        match fits(&pattern, branch) {
            Ok(true) => required.extend(rule.checks()),
            Ok(false) => {}
            Err(error) => {
                return Err(unseen(format!("protected pattern `{pattern}`: {error}"), None));
            }
        }
    }
    Ok(required)
}

/// Ruby's `File.fnmatch` with `FNM_PATHNAME`, as GitHub's documentation has it: `**` crosses
/// slashes only before one, and braces are plain.
fn fits(pattern: &str, branch: &BranchName) -> Result<bool, globset::Error> {
    let parts: Vec<_> = pattern.split("**/").map(|part| part.replace("**", "*")).collect();
    let pattern = parts.join("**/").replace('{', "\\{").replace('}', "\\}");
    Ok(Pattern::new(&pattern)?.matches(branch.as_str()))
}

/// The checks that would be required on a branch that does not exist yet, by rulesets and by
/// classic protection as far as it is known.
async fn of_new_branch(
    http: &Http,
    branch: &BranchName,
    classic: Vec<RequiredCheck>,
) -> Result<Seen<Vec<RequiredCheck>>, PortError> {
    let name = super::wire::encode(branch.as_str());
    let target = format!("/repos/{}/rules/branches/{name}?per_page=100", http.settings.repository);
    let ask = ApiRequest {
        what: "read the branch's rules",
        endpoint: "GET /repos/{}/rules/branches/{}",
        method: &Method::GET,
        target: &target,
        body: None,
        needs: "metadata: read",
    };
    match get_all(http, &ask, PAGES).await? {
        Some(rules) => Ok(of_rules(rules, classic)),
        None => Ok(Seen::unseen("GitHub reports no rules for a branch that does not exist")),
    }
}

/// Adds the checks that rules require to those that are already required.
pub(super) fn of_rules(
    rules: Vec<Rule>,
    mut required: Vec<RequiredCheck>,
) -> Seen<Vec<RequiredCheck>> {
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
                        "GitHub's response does not contain the checks that {name} requires"
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
                    format!("{name} requires a workflow instead of checks"),
                    "list its jobs under `required` and set `from-rules: false`",
                )
                .by(Who::Author);
            }
            _ => {}
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    required.retain(|check| seen.insert((check.name.clone(), check.app_id)));
    Seen::Known(required)
}
