//! Handles each call: numbers it, injects a fault or not, and verifies the result.

use super::effect::EffectKind;
use super::faults::FaultKind;
use super::parts::Effect;
use super::refusal::Refusal;
use super::state::State;
use crate::ports::PortError;
use jiff::SignedDuration;

/// A call on its way.
pub(super) struct Call {
    pub(super) kind: EffectKind,
    pub(super) line: String,
}

/// What becomes of a call.
pub(super) enum CallResult<T> {
    /// The caller hears this.
    Answered(Result<T, PortError>),
    /// The caller is dead.
    Dead,
}

impl State {
    /// Numbers a call, applies the scheduled fault, performs the call, and verifies the invariants.
    pub(super) fn handle_call<T>(
        &mut self,
        process: u32,
        call: Call,
        act: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> CallResult<T> {
        self.advance(SignedDuration::from_millis(250));
        let n = self.effects.len() + 1;
        let Call { kind, line } = call;
        let fault = self.faults.draw(n, kind);
        let at = self.now;
        let what = line.clone();
        self.effects.push(Effect { n, kind, line, at, process, fault, answer: String::new() });
        if let Some(fault) = fault {
            self.strike(fault);
        }
        let met = self.suffer(process, kind, &what, fault, act);
        // Neither an entry of the ledger nor the state of a deployment is what a permit allows.
        let allowed = !matches!(kind, EffectKind::Append | EffectKind::SetDeployment);
        if kind == EffectKind::Run || (kind.writes() && allowed) {
            self.invalidate_permit(process);
        }
        let answer = match &met {
            CallResult::Answered(Ok(_)) => "ok".to_owned(),
            CallResult::Answered(Err(error)) => error.to_string(),
            CallResult::Dead => String::new(),
        };
        if let Some(effect) = self.effects.last_mut() {
            effect.answer = answer;
        }
        self.audit();
        met
    }

    fn suffer<T>(
        &mut self,
        process: u32,
        kind: EffectKind,
        what: &str,
        fault: Option<FaultKind>,
        act: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> CallResult<T> {
        let (may, needs) = match kind.deploys() {
            true => (self.may_deploy(), "deployments: write"),
            false => (self.sees_drafts(), "contents: write"),
        };
        let act = |state: &mut Self| {
            if kind.writes() && !may {
                return Err(Refusal::Denied { needs: needs.into() });
            }
            act(state)
        };
        let silence = |why: &str| {
            let error = PortError::NoAnswer { what: what.into(), why: why.into() };
            CallResult::Answered(Err(error))
        };
        match fault {
            Some(FaultKind::CrashBefore) => {
                self.die(process);
                CallResult::Dead
            }
            Some(FaultKind::CrashAfter) => {
                drop(act(self));
                self.die(process);
                CallResult::Dead
            }
            Some(FaultKind::Lost) => silence("connection reset"),
            Some(FaultKind::AnswerLost) => {
                drop(act(self));
                silence("502 Bad Gateway")
            }
            // The act itself leaves the broken asset behind.
            Some(FaultKind::BrokenUpload) => {
                drop(act(self));
                silence("Error creating asset temp dir")
            }
            Some(FaultKind::Refused) => {
                let why = "the simulator refused it".into();
                CallResult::Answered(Err(PortError::Refused { what: what.into(), why }))
            }
            Some(FaultKind::Limited) => {
                let until = self.now.checked_add(SignedDuration::from_mins(1)).unwrap_or(self.now);
                CallResult::Answered(Err(PortError::Limited {
                    what: what.into(),
                    until,
                    said: None,
                }))
            }
            Some(
                FaultKind::Denied
                | FaultKind::StaleReads
                | FaultKind::ForeignTag
                | FaultKind::ForeignTagSame
                | FaultKind::ForeignMove
                | FaultKind::ForeignDeployment
                | FaultKind::ForeignEntry
                | FaultKind::ForeignPublish
                | FaultKind::ForeignDraftMarked
                | FaultKind::ForeignDraft
                | FaultKind::ClockForward
                | FaultKind::ClockBack
                | FaultKind::CheckTurnsRed
                | FaultKind::CheckRestarts
                | FaultKind::Unhealthy
                | FaultKind::RunFailsBefore
                | FaultKind::RunFailsAfter,
            )
            | None => CallResult::Answered(act(self).map_err(|refusal| refusal.port_error(what))),
        }
    }

    /// What strikes the effect that is going on.
    pub(super) fn fault_now(&self) -> Option<FaultKind> {
        self.effects.last().and_then(|effect| effect.fault)
    }

    fn die(&mut self, process: u32) {
        self.crashed.insert(process);
        self.alive.remove(&process);
    }
}
