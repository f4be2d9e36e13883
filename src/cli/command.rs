//! The interface of a command: its arguments, and how to run it. Each command is one file and one
//! line in `registry.rs`.

use super::course::ReleaseProgress;
use super::options::Common;
use super::out::Out;
use super::world::{Network, World};
use crate::ci::Environment;
use crate::release::outcome::{CommandKind, Exit};
use crate::report::formats::Reader;
use crate::report::stats::Stats;
use async_trait::async_trait;
use std::fmt::Debug;

/// A command with its arguments.
#[async_trait(?Send)]
pub(super) trait Run: Debug {
    /// Runs the command. The caller prints an error.
    async fn run(&self, call: Call<'_>) -> Done;

    /// The reader of standard output.
    fn listener(&self) -> Reader {
        Reader::Person
    }

    /// The type of the command, which determines what to do after it was stopped.
    fn ran(&self) -> CommandKind {
        CommandKind::Look
    }

    /// How the command reacts to a signal.
    fn on_signal(&self) -> OnSignal {
        OnSignal::End
    }
}

/// How a command reacts to a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnSignal {
    /// The signal ends the process: nothing was changed.
    End,
    /// The signal ends the child processes, and the command reports its progress.
    Report,
}

/// The context of a command, in addition to its own arguments.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    /// Options of every command.
    pub(super) common: &'a Common,
    pub(super) environment: &'a Environment,
    /// Stores the progress of a release.
    pub(super) course: &'a ReleaseProgress,
    pub(super) out: Out,
    /// The definition of all commands and their options, for commands that print it.
    pub(super) definition: fn() -> clap::Command,
}

impl<'a> Call<'a> {
    /// The same context, but results go to standard error.
    pub(super) fn aside(self) -> Self {
        Self { out: self.out.aside(), ..self }
    }

    /// Runs with the real ports, and counts the requests.
    pub(super) async fn in_world(
        self,
        network: Network,
        work: impl AsyncFnOnce(&World) -> anyhow::Result<Exit>,
    ) -> Done {
        match World::new(self.common, self.environment, network, self.out) {
            Ok(world) => Done { exit: work(&world).await, stats: world.stats() },
            Err(error) => Err(error).into(),
        }
    }
}

/// The result of a command.
pub(super) struct Done {
    /// Its exit code, or why it failed.
    pub(super) exit: anyhow::Result<Exit>,
    /// The requests that it made, for `--stats`.
    pub(super) stats: Stats,
}

/// The result of a command that made no requests.
impl From<anyhow::Result<Exit>> for Done {
    fn from(exit: anyhow::Result<Exit>) -> Self {
        Self { exit, stats: Stats::default() }
    }
}
