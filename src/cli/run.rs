//! From parsed arguments to an exit code.

use super::args::Args;
use super::command::{Call, Done, OnSignal, Run};
use super::course::ReleaseProgress;
use super::failure::refuse;
use super::late::{Late, timed_out, watch_over};
use super::out::Out;
use super::stop::Stop;
use crate::adapters::timed::timed;
use crate::ci::{Environment, Guard};
use crate::release::outcome::Exit;
use crate::report::formats::Reader;
use clap::CommandFactory as _;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// Runs a command, and stops it when its time is up. A release handles this like any other crash.
pub async fn run(args: &Args, environment: &Environment) -> Exit {
    let out = Out::new(args.common.quiet, environment.secrets());
    let command = args.command.0.as_ref();
    let out = match (command.listener(), Guard::fresh()) {
        (Reader::Person | Reader::Program, _) => out,
        (Reader::Runner, Ok(guard)) => out.guarded(guard),
        (Reader::Runner, Err(error)) => return refuse(&error.into(), environment, out),
    };
    let (common, course, definition) = (&args.common, &ReleaseProgress::default(), Args::command);
    let call = Call { common, environment, course, out, definition };
    let late = Late::of(command, call);
    if let Some(seconds) = common.timeout {
        watch_over(late.clone(), seconds);
    }
    let whole = timed(format_args!("tminus {}", args.command.1));
    let done = caught(perform(command, call));
    let exit = tokio::select! {
        exit = done => match exit {
            Ok(exit) => exit,
            Err(Panicked) => late.tell(BUG),
        },
        why = cut(command, common.timeout) => late.tell(&why),
    };
    out.release();
    let exit = if Out::was_lost() { Exit::Unknown } else { exit };
    whole.ended(format_args!("exited with {}", exit.code()));
    exit
}

/// The message after a panic, whose own message is already on standard error.
const BUG: &str = "tminus stopped because of an internal error, which is a bug";

/// A future panicked.
#[derive(Debug, PartialEq, Eq)]
struct Panicked;

/// Catches a panic of a future: the runner must still process commands again and get an outcome.
async fn caught<T>(future: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut future = pin!(future);
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        polled.map_or(Poll::Ready(Err(Panicked)), |polled| polled.map(Ok))
    })
    .await
}

/// Waits until a command must end: its time is up, or a signal requests it.
async fn cut(command: &dyn Run, timeout: Option<u64>) -> String {
    let time = async {
        match timeout {
            None => std::future::pending().await,
            Some(seconds) => {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                timed_out(seconds)
            }
        }
    };
    let stop = match command.on_signal() {
        OnSignal::Report => Stop::new().ok(),
        OnSignal::End => None,
    };
    let signal = async {
        match stop {
            None => std::future::pending().await,
            Some(mut stop) => {
                stop.requested().await;
                "the command was stopped by a signal".to_owned()
            }
        }
    };
    tokio::select! {
        why = time => why,
        why = signal => why,
    }
}

async fn perform(command: &dyn Run, call: Call<'_>) -> Exit {
    let Call { common, environment, out, .. } = call;
    let Done { exit, stats } = if common.directory.is_dir() {
        command.run(call).await
    } else {
        Err(anyhow::anyhow!("`{}` is not a directory", common.directory.display())).into()
    };
    let exit = exit.unwrap_or_else(|error| refuse(&error, environment, out));
    if common.stats {
        out.error(&stats.table());
    }
    exit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_caught_as_an_error() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let fails = async {
            if std::hint::black_box(true) {
                panic!("on purpose")
            }
        };
        assert_eq!(runtime.block_on(caught(fails)), Err(Panicked));
        assert_eq!(runtime.block_on(caught(async { 1 })), Ok(1));
    }
}
