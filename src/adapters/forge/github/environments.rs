//! Reads the protection of environments, and the approvals of workflow runs.

use super::client::{ApiRequest, Http};
use super::retry::{Page, get};
use super::wire::encode;
use crate::base::names::{EnvironmentName, Sha};
use crate::facts::environment::{AllowedRefs, Approval, Protection, RefPattern, Reviewer};
use crate::ports::PortError;
use http::Method;
use jiff::Timestamp;
use serde::Deserialize;

const READ: &str = "actions: read";
/// Pages of patterns, 100 on each.
const PAGES: usize = 10;
/// Runs whose reviews are read; the newest ones.
const RUNS: usize = 10;

#[derive(Debug, Deserialize)]
struct WireEnvironment {
    name: String,
    #[serde(default)]
    protection_rules: Vec<Rule>,
    deployment_branch_policy: Option<Policy>,
}

#[derive(Debug, Deserialize)]
struct Rule {
    #[serde(rename = "type")]
    kind: String,
    wait_timer: Option<u64>,
    #[serde(default)]
    prevent_self_review: bool,
    reviewers: Option<Vec<WireReviewer>>,
}

#[derive(Debug, Deserialize)]
struct WireReviewer {
    #[serde(rename = "type")]
    kind: Option<String>,
    reviewer: Option<Named>,
}

#[derive(Debug, Deserialize)]
struct Named {
    login: Option<String>,
    slug: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Policy {
    protected_branches: bool,
    custom_branch_policies: bool,
}

#[derive(Debug, Deserialize)]
struct Patterns {
    branch_policies: Vec<Pattern>,
}

#[derive(Debug, Deserialize)]
struct Pattern {
    name: String,
    /// Servers without patterns for tags do not return it.
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Debug, Deserialize)]
struct CustomRules {
    total_count: usize,
    custom_deployment_protection_rules: Vec<CustomRule>,
}

#[derive(Debug, Deserialize)]
struct CustomRule {
    enabled: bool,
    app: App,
}

#[derive(Debug, Deserialize)]
struct App {
    slug: String,
}

/// The protection of an environment; `None` if there is no such environment.
pub(super) async fn protection(
    http: &Http,
    environment: &EnvironmentName,
) -> Result<Option<Protection>, PortError> {
    let reader = Reader {
        http,
        what: format!("read the protection of `{environment}`"),
        place: format!(
            "/repos/{}/environments/{}",
            http.settings.repository,
            encode(environment.as_str())
        ),
    };
    if matches!(environment.as_str(), "." | "..") {
        // In a URL, these segments mean the current and the parent folder, even if they are
        // encoded.
        let why = "GitHub's API cannot address an environment of this name".into();
        return Err(PortError::Refused { what: reader.what, why });
    }
    let ask = reader.ask("GET /repos/{}/environments/{}", &reader.place);
    let Some(page) = get::<WireEnvironment>(http, &ask).await? else { return Ok(None) };
    let WireEnvironment { name, protection_rules, deployment_branch_policy } = page.value;
    if !environment.is_called(&name) {
        return Err(reader.unclear("another environment"));
    }
    let limits_refs = protection_rules.iter().any(|rule| rule.kind == "branch_policy");
    let mut protection = Protection::default();
    for rule in protection_rules {
        reader.add(rule, &mut protection)?;
    }
    protection.apps.extend(reader.apps().await?);
    protection.refs = match deployment_branch_policy {
        None if limits_refs => return Err(reader.unclear("a branch policy without its kind")),
        None => AllowedRefs::Any,
        Some(Policy { protected_branches: true, custom_branch_policies: false }) => {
            AllowedRefs::Protected
        }
        Some(Policy { protected_branches: false, custom_branch_policies: true }) => {
            AllowedRefs::Patterns(reader.patterns().await?)
        }
        Some(_) => return Err(reader.unclear("a branch policy of an unknown kind")),
    };
    Ok(Some(protection))
}

struct Reader<'a> {
    http: &'a Http,
    what: String,
    /// The environment's path.
    place: String,
}

impl Reader<'_> {
    fn ask<'a>(&'a self, endpoint: &'static str, target: &'a str) -> ApiRequest<'a> {
        ApiRequest {
            what: &self.what,
            endpoint,
            method: &Method::GET,
            target,
            body: None,
            needs: READ,
        }
    }

    fn unclear(&self, why: &str) -> PortError {
        let why = format!("GitHub's response has {why}");
        PortError::NoAnswer { what: self.what.clone(), why }
    }

    fn absent(&self) -> PortError {
        self.unclear("the environment, but not its rules")
    }

    /// A rule of an unknown type is treated as an app's: it is unknown whether it is met.
    fn add(&self, rule: Rule, to: &mut Protection) -> Result<(), PortError> {
        match rule.kind.as_str() {
            "wait_timer" => {
                let minutes = rule.wait_timer;
                to.wait_minutes =
                    minutes.ok_or_else(|| self.unclear("a wait timer without its minutes"))?;
            }
            "required_reviewers" => {
                let reviewers = rule.reviewers.unwrap_or_default();
                let reviewers: Option<Vec<Reviewer>> =
                    reviewers.into_iter().map(WireReviewer::named).collect();
                let known = reviewers.filter(|reviewers| !reviewers.is_empty());
                to.reviewers =
                    known.ok_or_else(|| self.unclear("required reviewers without their names"))?;
                to.prevents_self_review = rule.prevent_self_review;
            }
            // The patterns that it allows come from another request.
            "branch_policy" => {}
            _ => to.apps.push(rule.kind),
        }
        Ok(())
    }

    /// The apps with their own protection rules. It is not documented whether the environment
    /// itself lists them.
    async fn apps(&self) -> Result<Vec<String>, PortError> {
        let target = format!("{}/deployment_protection_rules", self.place);
        let ask = self.ask("GET /repos/{}/environments/{}/deployment_protection_rules", &target);
        let page = get::<CustomRules>(self.http, &ask).await?.ok_or_else(|| self.absent())?;
        let rules = page.value.custom_deployment_protection_rules;
        if page.value.total_count > rules.len() {
            return Err(self.unclear("more rules than it lists"));
        }
        let enabled = rules.into_iter().filter(|rule| rule.enabled);
        Ok(enabled.map(|rule| rule.app.slug).collect())
    }

    async fn patterns(&self) -> Result<Vec<RefPattern>, PortError> {
        let mut target = format!("{}/deployment-branch-policies?per_page=100", self.place);
        let mut all = Vec::new();
        for _ in 0..PAGES {
            let ask = self.ask("GET /repos/{}/environments/{}/deployment-branch-policies", &target);
            let page = get::<Patterns>(self.http, &ask).await?.ok_or_else(|| self.absent())?;
            let Page { value: Patterns { branch_policies }, next } = page;
            // A pattern for neither branches nor tags allows none of them.
            all.extend(branch_policies.into_iter().filter_map(|pattern| {
                let tag = match pattern.kind.as_deref() {
                    None | Some("branch") => false,
                    Some("tag") => true,
                    Some(_) => return None,
                };
                Some(RefPattern { name: pattern.name, tag })
            }));
            match next {
                Some(next) => target = next,
                None => return Ok(all),
            }
        }
        Err(self.unclear("more patterns than tminus reads"))
    }
}

impl WireReviewer {
    fn named(self) -> Option<Reviewer> {
        let Named { login, slug } = self.reviewer?;
        match self.kind.as_deref() {
            Some("User") => login.map(Reviewer::User),
            Some("Team") => slug.map(Reviewer::Team),
            _ => None,
        }
    }
}

#[derive(Debug, Deserialize)]
struct Runs {
    workflow_runs: Vec<Run>,
}

#[derive(Debug, Deserialize)]
struct Run {
    id: u64,
    head_sha: Sha,
    html_url: Option<String>,
    created_at: Timestamp,
    triggering_actor: Option<Account>,
}

#[derive(Debug, Deserialize)]
struct Account {
    login: String,
}

#[derive(Debug, Deserialize)]
struct Review {
    state: String,
    user: Option<Account>,
    #[serde(default)]
    environments: Vec<Place>,
}

#[derive(Debug, Deserialize)]
struct Place {
    name: Option<String>,
}

/// Approvals of workflow runs of a commit for an environment. The creation time of a run counts,
/// because a later attempt still shows the reviews of earlier attempts.
pub(super) async fn approvals(
    http: &Http,
    environment: &EnvironmentName,
    commit: &Sha,
    since: Timestamp,
) -> Result<Vec<Approval>, PortError> {
    let what = format!("read the approvals of `{environment}`");
    let slug = &http.settings.repository;
    let created = encode(&format!(">={}", since.strftime("%Y-%m-%dT%H:%M:%SZ")));
    let target =
        format!("/repos/{slug}/actions/runs?head_sha={commit}&created={created}&per_page={RUNS}");
    let ask = ApiRequest {
        what: &what,
        endpoint: "GET /repos/{}/actions/runs",
        method: &Method::GET,
        target: &target,
        body: None,
        needs: READ,
    };
    let Some(page) = get::<Runs>(http, &ask).await? else {
        let why = format!("repository `{slug}` was not found, or the token cannot see it");
        return Err(PortError::Refused { what, why });
    };
    let counts = |run: &Run| run.head_sha == *commit && run.created_at >= since;
    let mut found = Vec::new();
    for run in page.value.workflow_runs.into_iter().filter(counts).take(RUNS) {
        let target = format!("/repos/{slug}/actions/runs/{}/approvals", run.id);
        let endpoint = "GET /repos/{}/actions/runs/{}/approvals";
        let ask = ApiRequest { endpoint, target: &target, ..ask };
        // A run that was deleted in the meantime has no approvals.
        let reviews = get::<Vec<Review>>(http, &ask).await?.map(|page| page.value);
        let ours = reviews.into_iter().flatten().filter(|review| review.lets_into(environment));
        found.extend(ours.filter_map(|review| {
            Some(Approval {
                by: review.user?.login,
                run: run.id,
                at: Some(run.created_at),
                started_by: run.triggering_actor.as_ref().map(|actor| actor.login.clone()),
                url: run.html_url.clone(),
            })
        }));
    }
    Ok(found)
}

impl Review {
    fn lets_into(&self, environment: &EnvironmentName) -> bool {
        let mut names = self.environments.iter().filter_map(|place| place.name.as_deref());
        self.state == "approved" && names.any(|name| environment.is_called(name))
    }
}
