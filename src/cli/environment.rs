//! The environment, read once and nowhere else.

use crate::facts::OwnRun;
use crate::ledger::HolderRun;
use crate::names::{BranchName, Slug};
use crate::render::Pages;
use secrecy::SecretString;
use std::collections::BTreeMap;

/// What the environment tells. Variables that are set and empty count as not set.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Reads the process's own environment; values that are not UTF-8 are left out.
    #[must_use]
    pub fn of_process() -> Self {
        let known = |name: &str| {
            name.starts_with("GITHUB_")
                || matches!(name, "TMINUS_CHECK_RUN" | "RUNNER_TEMP")
                || matches!(name, "GH_TOKEN" | "USER" | "USERNAME")
        };
        let pairs = std::env::vars_os().filter_map(|(name, value)| {
            let pair = (name.into_string().ok()?, value.into_string().ok()?);
            (known(&pair.0) && !pair.1.is_empty()).then_some(pair)
        });
        Self(pairs.collect())
    }

    /// One variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// `GITHUB_TOKEN`, else `GH_TOKEN`.
    #[must_use]
    pub fn token(&self) -> Option<SecretString> {
        self.get("GITHUB_TOKEN").or_else(|| self.get("GH_TOKEN")).map(SecretString::from)
    }

    /// The branch that the workflow's event is about.
    #[must_use]
    pub fn branch(&self) -> Option<BranchName> {
        BranchName::new(self.get("GITHUB_REF")?.strip_prefix("refs/heads/")?).ok()
    }

    /// The pull request whose merge the workflow's event is about.
    #[must_use]
    pub fn pull_request(&self) -> Option<u64> {
        let rest = self.get("GITHUB_REF")?.strip_prefix("refs/pull/")?;
        rest.strip_suffix("/merge")?.parse().ok()
    }

    /// The job that tminus runs in, for the gates. `TMINUS_CHECK_RUN` is the job's own check run
    /// (`${{ job.check_run_id }}`): without it the job is known by its id, which a `name:` hides.
    #[must_use]
    pub fn own_run(&self) -> Option<OwnRun> {
        let run = self.get("GITHUB_RUN_ID")?.parse().ok()?;
        let job = self.get("GITHUB_JOB").unwrap_or_default().to_owned();
        let check_run = self.get("TMINUS_CHECK_RUN").map(str::to_owned);
        let workflow = self.get("GITHUB_WORKFLOW").map(str::to_owned);
        Some(OwnRun { run, job, workflow, check_run })
    }

    /// The job that tminus runs in, for the record.
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

    /// Pages of the repository and the run, as the workflow names them.
    #[must_use]
    pub fn pages(&self) -> Pages {
        let repository = self.get("GITHUB_REPOSITORY").and_then(|text| Slug::new(text).ok());
        let run = self.holder_run().map(|run| run.url);
        Pages::of(self.get("GITHUB_SERVER_URL"), repository.as_ref(), run.as_deref())
    }

    /// Who the user is, for the record.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.get("GITHUB_ACTOR").or_else(|| self.get("USER")).or_else(|| self.get("USERNAME"))
    }
}
