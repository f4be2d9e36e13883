//! The handle that implements the ports.

use super::effect::EffectKind;
use super::faults::Faults;
use super::meet::{Call, CallResult};
use super::parts::Effect;
use super::refusal::Refusal;
use super::state::State;
use crate::base::names::{Person, Sha, TagName};
use crate::facts::CheckState;
use crate::ports::PortError;
use crate::release::plan::Plan;
use jiff::Timestamp;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

/// A handle on a world; clones share it. It implements every port but the local repository.
#[derive(Debug, Clone)]
pub struct World {
    state: Arc<Mutex<State>>,
    /// The process of this handle; if not set, the newest run.
    process: Option<u32>,
    /// The user whose process it is; if not set, every process has a user of its own.
    user: Option<Person>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T> {
    /// By itself.
    Ended(T),
    /// The process died; the world lives on.
    Crashed,
}

impl World {
    /// An empty world at a moment.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self::over(Arc::new(Mutex::new(State::new(now))))
    }

    /// A handle on a state that others hold too.
    #[must_use]
    pub fn over(state: Arc<Mutex<State>>) -> Self {
        Self { state, process: None, user: None }
    }

    /// The state itself, to be shared.
    #[must_use]
    pub fn state(&self) -> Arc<Mutex<State>> {
        Arc::clone(&self.state)
    }

    /// Looks at the state, or changes it behind everybody's back.
    pub fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A handle for a further process that lives beside the others until it is run and ends.
    #[must_use]
    pub fn another(&self) -> Self {
        let process = self.with(State::start);
        Self { state: self.state(), process: Some(process), user: self.user.clone() }
    }

    /// The same for a process on the machine of a user, who signs with their own key.
    #[must_use]
    pub fn on_machine_of(&self, user: &Person) -> Self {
        Self { user: Some(user.clone()), ..self.another() }
    }

    /// Runs a process in this world until it ends or dies. A handle from [`World::another`] runs
    /// its own process, any other a new one.
    pub async fn run<T>(&self, process: impl Future<Output = T>) -> Outcome<T> {
        let number = self.process.unwrap_or_else(|| self.with(State::start));
        let mut process = pin!(process);
        poll_fn(|context| {
            let polled = process.as_mut().poll(context);
            if self.with(|state| state.crashed.contains(&number)) {
                return Poll::Ready(Outcome::Crashed);
            }
            polled.map(|ended| {
                self.with(|state| state.alive.remove(&number));
                Outcome::Ended(ended)
            })
        })
        .await
    }

    /// The checks that a permit must have seen green.
    pub fn require(&self, names: &[&str]) {
        self.with(|state| state.required = names.iter().map(|&name| name.into()).collect());
    }

    /// Reports a check run on a commit.
    pub fn check(&self, commit: &Sha, name: &str, outcome: &str) {
        self.with(|state| state.report(commit, name, CheckState::Finished(outcome.into())));
    }

    /// Tells which probe asks after which command.
    pub fn command(&self, command: &[&str], probe: &[&str]) {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        self.with(|state| state.answers_for(words(probe), words(command)));
    }

    /// Sets the release that simulated other users change.
    pub fn about(&self, tag: &TagName, commit: &Sha) {
        self.with(|state| state.about(tag, commit));
    }

    /// Sets what will go wrong.
    pub fn faults(&self, faults: Faults) {
        self.with(|state| state.faults = faults);
    }

    /// Faults stop: rights are back, reads are fresh. What foreign hands did stays done.
    pub fn calm(&self) {
        self.with(State::calm);
    }

    /// Everything that was asked and done so far.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        self.with(|state| state.effects.clone())
    }

    /// How many calls there were so far.
    #[must_use]
    pub fn effect_count(&self) -> usize {
        self.with(|state| state.effects.len())
    }

    /// All violations of the invariants so far.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.with(|state| state.violations.clone())
    }

    /// Whether the world shows the plan as done, with nothing left over.
    ///
    /// # Errors
    /// The first thing that is missing or too much.
    pub fn whole(&self, plan: &Plan) -> Result<(), String> {
        self.with(|state| state.whole(plan))
    }

    /// The user whose process it is.
    pub(super) fn user(&self) -> String {
        let own = || format!("process{}", self.process());
        self.user.as_ref().map_or_else(own, ToString::to_string)
    }

    /// The process that this handle speaks for.
    pub(super) fn process(&self) -> u32 {
        self.process.unwrap_or_else(|| self.with(|state| state.process))
    }

    /// Lets one effect happen, or not happen, as the faults have it.
    pub(super) async fn effect<T>(
        &self,
        kind: EffectKind,
        line: String,
        act: impl FnOnce(&mut State, u32) -> Result<T, Refusal>,
    ) -> Result<T, PortError> {
        yield_once().await;
        let process = self.process();
        let call = Call { kind, line };
        match self.with(|state| state.handle_call(process, call, |state| act(state, process))) {
            CallResult::Answered(answer) => answer,
            CallResult::Dead => pending().await,
        }
    }
}

impl State {
    /// A new process is born.
    fn start(&mut self) -> u32 {
        self.process += 1;
        self.alive.insert(self.process);
        self.process
    }
}

/// Yields once, so that concurrent processes can interleave between any two operations.
pub(super) async fn yield_once() {
    let mut breathed = false;
    poll_fn(|context| {
        if breathed {
            return Poll::Ready(());
        }
        breathed = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
