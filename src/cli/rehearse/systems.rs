//! The user's own systems in a rehearsal: commands are shown and not run, and samples succeed.

use super::Rehearsal;
use crate::adapters::sim::SimDeployment;
use crate::base::clean::{clean, typed};
use crate::facts::environment::{Deployment, DeploymentState};
use crate::planner::steps::verifying;
use crate::ports::{Clock as _, Ended, HttpResponse, PortError, Prober, Runner};
use crate::release::ledger::Holder;
use crate::release::plan::Plan;
use crate::release::sample::{HttpSample, SampleSource};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;

impl Rehearsal<'_> {
    /// Prepares the simulator so that the samples of a plan succeed.
    pub(super) fn prepare_samples(&mut self, plan: &Plan) {
        let verified = plan.steps().filter_map(|(_, planned)| verifying(&planned.step));
        for sample in verified.flat_map(|verifying| verifying.samples) {
            match sample {
                SampleSource::Run(sample) => self.samples.push(sample),
                SampleSource::Http(_) => {}
                SampleSource::Check(sample) => {
                    self.world.check(&plan.commit, &sample.name, "success");
                }
                SampleSource::Deployment(sample) => self.world.with(|state| {
                    let deployment = Deployment {
                        id: 1,
                        commit: plan.commit.clone(),
                        at: state.now,
                        by: None,
                        state: DeploymentState::Success,
                        mark: None,
                        url: None,
                    };
                    let environment = sample.environment;
                    state.deployments.push(SimDeployment { environment, deployment });
                }),
            }
        }
    }
}

/// A response that meets every condition of a sample. A regular expression is met only if it is
/// plain text.
fn as_wanted(request: &HttpSample, now: Timestamp) -> HttpResponse {
    let mut document = json!({});
    for (pointer, value) in &request.json {
        let mut at = &mut document;
        for name in pointer.split('/').skip(1) {
            let name = name.replace("~1", "/").replace("~0", "~");
            if !at.is_object() {
                *at = json!({});
            }
            at = &mut at[name];
        }
        *at = Value::String(value.clone());
    }
    if let (Some(text), true) = (&request.body, request.json.is_empty()) {
        document = Value::String(text.trim_matches(['^', '$']).replace('\\', ""));
    }
    let years = SignedDuration::from_hours(24 * 365 * 10);
    HttpResponse {
        status: request.status.unwrap_or(200),
        headers: request.headers.clone().into_iter().collect(),
        body: document.as_str().map_or_else(|| document.to_string(), str::to_owned).into_bytes(),
        certificate_expires: now.checked_add(years).ok(),
    }
}

#[async_trait(?Send)]
impl Prober for Rehearsal<'_> {
    async fn probe(
        &self,
        command: &[String],
        env: &[(String, String)],
    ) -> Result<Ended, PortError> {
        let Some(sample) = self.samples.iter().find(|sample| sample.command == command) else {
            return self.world.probe(command, env).await;
        };
        match &sample.rehearse {
            Some(rehearse) => self.real.processes().probe(rehearse, env).await,
            None => Ok(Ended { code: Some(0), tail: String::new() }),
        }
    }

    async fn http(&self, request: &HttpSample) -> Result<HttpResponse, PortError> {
        let response = self.world.http(request).await?;
        Ok(if response.status == 200 { as_wanted(request, self.world.now()) } else { response })
    }

    fn me(&self) -> Holder {
        self.world.me()
    }

    fn gone(&self, holder: &Holder) -> bool {
        self.world.gone(holder)
    }

    fn alive(&self, holder: &Holder) -> bool {
        self.world.alive(holder)
    }
}

#[async_trait(?Send)]
impl Runner for Rehearsal<'_> {
    async fn run(
        &self,
        command: &[String],
        env: &[(String, String)],
        timeout: Duration,
    ) -> Result<Ended, PortError> {
        let rules = self.commands.iter().find(|run| run.command == command);
        match rules.and_then(|run| run.rehearse.as_ref()) {
            None => self.out.detail(&format!("    | would run {}", clean(&typed(command)))),
            Some(rehearse) => {
                let ended = self.real.processes().run(rehearse, env, timeout).await?;
                if ended.code != Some(0) {
                    return Ok(ended);
                }
            }
        }
        Runner::run(self.world, command, env, timeout).await
    }
}
