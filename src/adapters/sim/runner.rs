//! Simulated commands and time. Nothing is executed: a command stores a mark, and its probe reads
//! it.

use super::effect::EffectKind;
use super::faults::FaultKind;
use super::oracle::MACHINE;
use super::world::{World, yield_once};
use crate::facts::environment::JobIdentity;
use crate::ports::{Clock, Ended, HttpResponse, PortError, Prober, Runner};
use crate::release::ledger::Holder;
use crate::release::sample::HttpSample;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

#[async_trait(?Send)]
impl Prober for World {
    async fn probe(&self, command: &[String], _: &[(String, String)]) -> Result<Ended, PortError> {
        let line = format!("probe {}", command.join(" "));
        self.effect(EffectKind::Probe, line, |state, _| {
            let Some(asked) = state.probes.get(command) else {
                return Ok(Ended { code: Some(127), tail: "no such command".into() });
            };
            let done = state.done.get(asked).is_some_and(|times| *times > 0);
            Ok(Ended { code: Some(i32::from(!done)), tail: String::new() })
        })
        .await
    }

    async fn http(&self, request: &HttpSample) -> Result<HttpResponse, PortError> {
        let line = format!("get {}", request.url);
        self.effect(EffectKind::Http, line, |state, _| Ok(state.http_response(&request.url))).await
    }

    async fn identity(&self) -> Result<Option<JobIdentity>, PortError> {
        let line = "read the identity of the job".into();
        self.effect(EffectKind::Identity, line, |state, _| Ok(state.job.clone())).await
    }

    fn me(&self) -> Holder {
        let process = self.process();
        Holder {
            name: format!("{}@{MACHINE}", self.user()),
            machine: MACHINE.into(),
            process,
            started: Some(u64::from(process)),
            run: None,
        }
    }

    fn gone(&self, holder: &Holder) -> bool {
        let me = self.process();
        self.with(|state| state.is_gone(me, holder))
    }

    fn alive(&self, holder: &Holder) -> bool {
        self.with(|state| state.settings.tells_the_living && state.alive.contains(&holder.process))
    }
}

#[async_trait(?Send)]
impl Runner for World {
    async fn run(
        &self,
        command: &[String],
        _: &[(String, String)],
        _: Duration,
    ) -> Result<Ended, PortError> {
        let line = format!("run {}", command.join(" "));
        for _ in 0..self.with(|state| state.settings.command_minutes) {
            yield_once().await;
            self.with(|state| state.advance(SignedDuration::from_mins(1)));
        }
        self.effect(EffectKind::Run, line, |state, process| {
            let fault = state.fault_now();
            if fault != Some(FaultKind::RunFailsBefore) {
                state.ran(process, command);
            }
            let fails = matches!(fault, Some(FaultKind::RunFailsBefore | FaultKind::RunFailsAfter));
            let tail = if fails { "it failed" } else { "it worked" };
            Ok(Ended { code: Some(i32::from(fails)), tail: tail.into() })
        })
        .await
    }
}

#[async_trait(?Send)]
impl Clock for World {
    fn now(&self) -> Timestamp {
        self.with(|state| state.clock())
    }

    async fn sleep(&self, duration: Duration) {
        yield_once().await;
        let by = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        self.with(|state| state.advance(by));
    }

    /// Time passes by what goes on meanwhile.
    async fn lapse(&self, duration: Duration) {
        let by = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        let until = self.with(|state| state.now.checked_add(by).unwrap_or(Timestamp::MAX));
        while self.with(|state| state.now) < until {
            yield_once().await;
        }
    }
}
