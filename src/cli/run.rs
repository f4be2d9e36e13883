//! From parsed arguments to an exit code.

use super::args::{Args, Command};
use super::deliver::guard;
use super::environment::Environment;
use super::exit::Exit;
use super::failure::refuse;
use super::late::{Course, Late, timed_out, watch_over};
use super::listener::{Listener, listener};
use super::out::Out;
use super::stop::Stop;
use super::{
    abort, check, completions, explain, init, man, plan, rehearse, release, replay, schema, status,
    workflow,
};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// Performs a command, and cuts it off where its time ends: that is a crash like any other.
pub async fn run(args: &Args, environment: &Environment) -> Exit {
    let out = Out::new(args.common.quiet, environment.secrets());
    let out = match (listener(&args.command), guard()) {
        (Listener::Person | Listener::Program, _) => out,
        (Listener::Runner, Ok(guard)) => out.guarded(guard),
        (Listener::Runner, Err(error)) => return refuse(&error, environment, out),
    };
    let reached = Course::default();
    let late = Late::of(args, environment, reached.clone(), out);
    if let Some(seconds) = args.common.timeout {
        watch_over(late.clone(), seconds);
    }
    let done = caught(perform(args, environment, &reached, out));
    let exit = tokio::select! {
        exit = done => match exit {
            Ok(exit) => exit,
            Err(Panicked) => late.tell(BUG),
        },
        why = cut(args) => late.tell(&why),
    };
    out.release();
    if Out::was_lost() { Exit::Unknown } else { exit }
}

/// What is said of a panic, whose own words are on standard error already.
const BUG: &str = "tminus stopped on an error of its own, which is a bug";

/// A future came to a panic.
#[derive(Debug, PartialEq, Eq)]
struct Panicked;

/// A future whose panic ends it alone: the runner must hear again, and be given an outcome.
async fn caught<T>(future: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut future = pin!(future);
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        polled.map_or(Poll::Ready(Err(Panicked)), |polled| polled.map(Ok))
    })
    .await
}

/// Waits until a command has to end: its time is over, or somebody asks. What changes nothing may
/// be ended by a signal as any program; a release ends its children first, and says how it stands.
async fn cut(args: &Args) -> String {
    let time = async {
        match args.common.timeout {
            None => std::future::pending().await,
            Some(seconds) => {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                timed_out(seconds)
            }
        }
    };
    let stop = match args.command {
        Command::Release(_) | Command::Abort(_) => Stop::new().ok(),
        Command::Init(_)
        | Command::Check(_)
        | Command::Plan(_)
        | Command::Status(_)
        | Command::Rehearse(_)
        | Command::Replay(_)
        | Command::Workflow(_)
        | Command::Explain(_)
        | Command::Schema
        | Command::Completions(_)
        | Command::Man(_) => None,
    };
    let signal = async {
        match stop {
            None => std::future::pending().await,
            Some(mut stop) => {
                stop.asked().await;
                "the command was asked to end, by a signal".to_owned()
            }
        }
    };
    tokio::select! {
        why = time => why,
        why = signal => why,
    }
}

async fn perform(args: &Args, environment: &Environment, reached: &Course, out: Out) -> Exit {
    let common = &args.common;
    let done = match &args.command {
        _ if !common.directory.is_dir() => {
            Err(anyhow::anyhow!("`{}` is not a directory", common.directory.display()))
        }
        Command::Init(args) => init::run(args, common, environment, out),
        Command::Check(args) => check::run(args, common, environment, out).await,
        Command::Plan(args) => plan::run(args, common, environment, out).await,
        Command::Release(args) => release::run(args, common, environment, reached, out).await,
        Command::Status(args) => status::run(args, common, environment, out).await,
        Command::Abort(args) => abort::run(args, common, environment, out).await,
        Command::Rehearse(args) => rehearse::run(args, common, environment, out).await,
        Command::Replay(args) => replay::run(args, common, environment, out).await,
        Command::Workflow(args) => workflow::run(args, common, out),
        Command::Explain(args) => explain::run(args, out),
        Command::Schema => schema::run(out),
        Command::Completions(args) => completions::run(args, out),
        Command::Man(args) => man::run(args, out),
    };
    let exit = done.unwrap_or_else(|error| refuse(&error, environment, out));
    if common.stats {
        out.error(&common.spent.borrow().table());
    }
    exit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_end_like_any_other() {
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
