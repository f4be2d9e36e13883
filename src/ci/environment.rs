//! Reads the environment variables. No other module does.

use crate::adapters::child::ORGANIZATION_TOKEN;
use crate::adapters::files::{FileError, read};
use crate::adapters::forge::github::LINKS;
use crate::adapters::web::TokenRequest;
use crate::base::names::{BranchName, Sha, Slug, TagName};
use crate::base::secrets::{Secrets, in_addresses};
use crate::facts::OwnRun;
use crate::facts::event::{self, Event, EventError, Trigger};
use crate::release::ledger::HolderRun;
use crate::report::Pages;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::path::Path;

/// The maximum size of an event file; GitHub's webhooks have at most 25 MB.
const MAX_EVENT: usize = 32 << 20;

/// Variables that hold the token; the first that is set counts.
const TOKENS: [&str; 2] = ["GITHUB_TOKEN", "GH_TOKEN"];
/// Variables with secrets that tminus does not use, but masks.
const OTHERS: [&str; 3] =
    ["ACTIONS_RUNTIME_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];
/// The variables with which a job with `id-token: write` requests its identity token.
const REQUEST_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
const REQUEST_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
/// Tests set this, so that requests are retried without a pause.
const HURRY: &str = "TMINUS_HURRY";
/// Variables that contain URLs, possibly with a password.
const PROXIES: [&str; 3] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/// The values of the environment. Empty variables count as not set.
#[derive(Debug, Clone)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    token: Option<SecretString>,
    request_token: Option<SecretString>,
    organization_token: Option<SecretString>,
    secrets: &'static Secrets,
}

/// Why the event that triggered the workflow is unknown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoEvent {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Form(#[from] EventError),
    /// The run is for a merge, but it is unknown which one.
    #[error(
        "cannot determine which pull request this workflow run is for; trigger the workflow on \
         `pull_request` or `merge_group`"
    )]
    Nameless,
}

/// An empty environment.
impl Default for Environment {
    fn default() -> Self {
        let secrets = for_good(Secrets::default());
        Self {
            variables: BTreeMap::new(),
            token: None,
            request_token: None,
            organization_token: None,
            secrets,
        }
    }
}

impl Environment {
    /// Reads the environment of the process. Values that are not UTF-8 are ignored.
    #[must_use]
    pub fn of_process() -> Self {
        let mut variables = BTreeMap::new();
        let mut tokens: [Option<SecretString>; 2] = [None, None];
        let mut request_token: Option<SecretString> = None;
        let mut organization_token: Option<SecretString> = None;
        let mut secrets: Vec<SecretString> = Vec::new();
        for (name, value) in std::env::vars_os() {
            let (Ok(name), Ok(value)) = (name.into_string(), value.into_string()) else { continue };
            let known = name.starts_with("GITHUB_")
                || [HURRY, REQUEST_URL].contains(&name.as_str())
                || matches!(
                    name.as_str(),
                    "GIT_ALLOW_PROTOCOL"
                        | "TMINUS_CHECK_RUN"
                        | "RUNNER_TEMP"
                        | "SSL_CERT_FILE"
                        | "USER"
                        | "USERNAME"
                        | "FORCE_COLOR"
                        | "NO_COLOR"
                );
            if value.is_empty() {
                continue;
            } else if let Some(place) = TOKENS.iter().position(|token| *token == name) {
                secrets.push(value.as_str().into());
                tokens.get_mut(place).map(|token| token.replace(value.into()));
            } else if name == REQUEST_TOKEN {
                secrets.push(value.as_str().into());
                request_token = Some(value.into());
            } else if name == ORGANIZATION_TOKEN {
                secrets.push(value.as_str().into());
                organization_token = Some(value.into());
            } else if OTHERS.contains(&name.as_str()) {
                secrets.push(value.into());
            } else if PROXIES.contains(&name.to_ascii_uppercase().as_str()) {
                secrets.extend(in_addresses(&value));
            } else if known {
                variables.insert(name, value);
            }
        }
        let [first, second] = tokens;
        let (token, secrets) = (first.or(second), for_good(Secrets::of(secrets)));
        Self { variables, token, request_token, organization_token, secrets }
    }

    /// Adds secrets that were found elsewhere.
    #[must_use]
    pub fn knowing(self, more: Vec<SecretString>) -> Self {
        if more.is_empty() {
            self
        } else {
            Self { secrets: for_good(self.secrets.and(more)), ..self }
        }
    }

    /// The secrets to mask.
    #[must_use]
    pub fn secrets(&self) -> &'static Secrets {
        self.secrets
    }

    /// One variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// `GITHUB_TOKEN` or, if it is not set, `GH_TOKEN`.
    #[must_use]
    pub fn token(&self) -> Option<SecretString> {
        self.token.clone()
    }

    /// The token that reads the members of teams, and nothing else.
    #[must_use]
    pub fn organization_token(&self) -> Option<SecretString> {
        self.organization_token.clone()
    }

    /// The URL where the job requests its identity token; set only with the permission `id-token:
    /// write`.
    #[must_use]
    pub fn token_request(&self) -> Option<TokenRequest> {
        let url = self.get(REQUEST_URL)?.to_owned();
        Some(TokenRequest { url, token: self.request_token.clone()? })
    }

    /// The branch of the workflow's event, and its head at that time.
    #[must_use]
    pub fn branch(&self) -> Option<(BranchName, Sha)> {
        let branch = BranchName::new(self.get("GITHUB_REF")?.strip_prefix("refs/heads/")?).ok()?;
        Some((branch, self.commit()?))
    }

    /// The tag whose push triggered the workflow.
    #[must_use]
    pub fn tag(&self) -> Option<TagName> {
        TagName::new(self.get("GITHUB_REF")?.strip_prefix("refs/tags/")?).ok()
    }

    /// The event that triggered the workflow; `None` outside of a workflow.
    ///
    /// # Errors
    /// When the file of a relevant event cannot be read, or when the run is for a merge and it is
    /// unknown which one: the manifest of an untrusted author must not be used to evaluate that
    /// author's own pull request.
    fn event(&self) -> Result<Option<Event>, NoEvent> {
        let merges = self.get("GITHUB_REF").is_some_and(|name| {
            name.starts_with("refs/pull/") || name.starts_with("refs/heads/gh-readonly-queue/")
        });
        let event = match (self.get("GITHUB_EVENT_NAME"), self.get("GITHUB_EVENT_PATH")) {
            (Some(name), Some(path)) => {
                Some(event::read(name, &read(Path::new(path), MAX_EVENT)?)?)
            }
            (_, _) => None,
        };
        match event {
            Some(Event::Pull(_) | Event::Queue(_)) => {}
            Some(Event::Push(_) | Event::Other(_)) | None if merges => {
                return Err(NoEvent::Nameless);
            }
            Some(Event::Push(_) | Event::Other(_)) | None => {}
        }
        Ok(event)
    }

    /// The event that triggered the workflow, and further data about the run.
    ///
    /// # Errors
    /// As [`Environment::event`].
    pub(crate) fn trigger(&self) -> Result<Trigger, NoEvent> {
        let (event, commit) = (self.event()?, self.commit());
        Ok(Trigger { event, commit, is_rerun: self.is_rerun() })
    }

    /// The commit of the workflow's event; for a pull request, the test merge.
    #[must_use]
    pub fn commit(&self) -> Option<Sha> {
        Sha::new(self.get("GITHUB_SHA")?).ok()
    }

    /// The repository of the workflow, `owner/name`.
    #[must_use]
    pub fn repository(&self) -> Option<&str> {
        self.get("GITHUB_REPOSITORY")
    }

    /// The forge's web address.
    #[must_use]
    pub fn server_url(&self) -> Option<&str> {
        self.get("GITHUB_SERVER_URL")
    }

    /// The address of its REST API.
    #[must_use]
    pub fn api_url(&self) -> Option<&str> {
        self.get("GITHUB_API_URL")
    }

    /// The address of its GraphQL API.
    #[must_use]
    pub fn graphql_url(&self) -> Option<&str> {
        self.get("GITHUB_GRAPHQL_URL")
    }

    /// Whether this is a workflow runner, whose clone is temporary.
    #[must_use]
    pub fn is_runner(&self) -> bool {
        self.get("GITHUB_ACTIONS").is_some()
    }

    /// Whether a workflow runner reads the output.
    #[must_use]
    pub fn is_workflow(&self) -> bool {
        self.get("GITHUB_ACTIONS") == Some("true")
    }

    /// Whether this is a rerun. A rerun has the event of the first run.
    #[must_use]
    pub fn is_rerun(&self) -> bool {
        self.get("GITHUB_RUN_ATTEMPT").is_some_and(|attempt| attempt != "1")
    }

    /// The job that tminus runs in, for the gates. `TMINUS_CHECK_RUN` is the job's own check run
    /// (`${{ job.check_run_id }}`). Without it, the job is identified by its ID, but checks show
    /// its `name:` if it has one.
    #[must_use]
    pub fn own_run(&self) -> Option<OwnRun> {
        let run = self.get("GITHUB_RUN_ID")?.parse().ok()?;
        let job = self.get("GITHUB_JOB").unwrap_or_default().to_owned();
        let check_run = self.get("TMINUS_CHECK_RUN").map(str::to_owned);
        let workflow = self.get("GITHUB_WORKFLOW").map(str::to_owned);
        Some(OwnRun { run, job, workflow, check_run })
    }

    /// The job that tminus runs in, for the ledger.
    #[must_use]
    pub fn holder_run(&self) -> Option<HolderRun> {
        let id = self.get("GITHUB_RUN_ID")?.parse().ok()?;
        let attempt =
            self.get("GITHUB_RUN_ATTEMPT").and_then(|text| text.parse().ok()).unwrap_or(1);
        let server = self.get("GITHUB_SERVER_URL").unwrap_or("https://github.com");
        let repository = self.get("GITHUB_REPOSITORY").unwrap_or_default();
        let url = format!("{server}/{repository}/actions/runs/{id}/attempts/{attempt}");
        Some(HolderRun { id, attempt, job: self.get("GITHUB_JOB").unwrap_or_default().into(), url })
    }

    /// Web pages of the repository and the run, according to the workflow's variables.
    #[must_use]
    pub fn pages(&self) -> Pages {
        let repository = self.get("GITHUB_REPOSITORY").and_then(|text| Slug::new(text).ok());
        let run = self.holder_run().map(|run| run.url);
        Pages::of(LINKS, self.get("GITHUB_SERVER_URL"), repository.as_ref(), run.as_deref())
    }

    /// Whether requests are retried without a pause. Release builds always pause.
    #[must_use]
    pub fn is_hurried(&self) -> bool {
        cfg!(debug_assertions) && self.get(HURRY).is_some()
    }

    /// The name of the user, for the ledger.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.get("GITHUB_ACTOR").or_else(|| self.get("USER")).or_else(|| self.get("USERNAME"))
    }
}

/// Secrets are kept until the process ends, because the last output may still need them.
fn for_good(secrets: Secrets) -> &'static Secrets {
    Box::leak(Box::new(secrets))
}
