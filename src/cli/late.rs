//! A command that is stopped by `--timeout`: what it prints, and a watchdog that ends the process.

use super::command::{Call, Run};
use super::course::ReleaseProgress;
use super::deliver::refused;
use super::out::Out;
use crate::adapters::child::end_all;
use crate::base::finding::{Finding, Who};
use crate::base::word::Word;
use crate::ci::Environment;
use crate::release::outcome::{CommandKind, Exit, PublicationState};
use crate::report::formats::Reader;
use crate::report::{Ending, Sources, finding};
use std::sync::mpsc::channel;
use std::time::Duration;

/// How long a command can exceed its time limit before it is ended, and how long the final message
/// can take.
const GRACE: Duration = Duration::from_secs(1);

/// The data to report that a command was stopped.
#[derive(Debug, Clone)]
pub(super) struct Late {
    /// The type of the command.
    pub(super) ran: CommandKind,
    pub(super) out: Out,
    pub(super) environment: Environment,
    pub(super) reached: ReleaseProgress,
}

impl Late {
    /// Prepares the message. It does not go to standard output if the result is a document.
    pub(super) fn of(command: &dyn Run, call: Call<'_>) -> Self {
        let out = match command.listener() {
            Reader::Person | Reader::Runner => call.out,
            Reader::Program => call.out.aside(),
        };
        let (environment, reached) = (call.environment.clone(), call.course.clone());
        Self { ran: command.ran(), out, environment, reached }
    }

    /// Reports why it was stopped, and the state that remains.
    pub(super) fn tell(&self, why: &str) -> Exit {
        let (out, again) = (self.out, self.ran.again());
        let one = [Finding::new(why).help(again).who(Who::Operator)];
        let text = finding::all(Word::ERROR, None, &one, &Sources::default(), out.paint());
        out.error(text.trim_end());
        let outcome = self.reached.get().outcome();
        let state = match self.reached.get() {
            PublicationState::Unknown => None,
            // Another runner may have continued in the meantime.
            PublicationState::Private => Some("nothing was public when tminus last checked"),
            PublicationState::Public => Some("something is public"),
        };
        if let Some(state) = state {
            out.result(&format!("{}: {state}; {again}", out.paint().word(outcome, 0)));
        }
        let ending = Ending::new(outcome, state.unwrap_or(why));
        refused(&ending, &one, &Sources::default(), &self.environment, out);
        outcome.exit()
    }
}

/// Why a command is stopped when its time is up.
pub(super) fn timed_out(seconds: u64) -> String {
    format!("the command timed out after {seconds} s (`--timeout`)")
}

/// Ends the process soon after its time is up, even if it is blocked: by a named pipe, a folder on
/// an unreachable server, or a reader that does not read.
pub(super) fn watch_over(late: Late, seconds: u64) {
    std::thread::spawn(move || {
        let time = Duration::from_secs(seconds).saturating_add(GRACE);
        // Nothing is ever sent: this is only a way to wait.
        let (_held, never) = channel::<()>();
        let _over = never.recv_timeout(time);
        end_all();
        let code = late.reached.get().outcome().exit().code();
        let (said, heard) = channel();
        std::thread::spawn(move || {
            late.tell(&timed_out(seconds));
            late.out.release();
            let _ = said.send(());
        });
        let _ = heard.recv_timeout(GRACE);
        end(code)
    });
}

#[expect(clippy::exit, clippy::disallowed_methods, reason = "`main` waits for what does not end")]
fn end(code: u8) -> ! {
    std::process::exit(i32::from(code))
}
