//! From parsed arguments to an exit code, and the one place where errors become text.

use super::args::{Args, Command};
use super::environment::Environment;
use super::exit::Exit;
use super::out::Out;
use super::release::Reached;
use super::{abort, check, explain, init, plan, rehearse, release, schema, status, workflow};
use crate::finding::Finding;
use crate::observe::ObserveError;
use crate::ports::RepositoryError;
use crate::render::{Sources, clean, finding};
use std::cell::Cell;
use std::time::Duration;

/// Performs a command, and cuts it off where its time ends: that is a crash like any other.
pub async fn run(args: &Args, environment: &Environment) -> Exit {
    let (out, reached) =
        (Out::new(args.common.quiet, environment.secrets()), Cell::new(Reached::Unknown));
    let done = perform(args, environment, &reached, out);
    let Some(seconds) = args.common.timeout else { return done.await };
    match tokio::time::timeout(Duration::from_secs(seconds), done).await {
        Ok(exit) => exit,
        Err(_elapsed) => late(args, seconds, reached.get(), out),
    }
}

/// Says that there was no more time, and what that leaves behind.
fn late(args: &Args, seconds: u64, reached: Reached, out: Out) -> Exit {
    let again = match args.command {
        Command::Release(_) => "run `tminus release` again to go on",
        Command::Init(_)
        | Command::Check(_)
        | Command::Plan(_)
        | Command::Status(_)
        | Command::Abort(_)
        | Command::Rehearse(_)
        | Command::Explain(_)
        | Command::Workflow(_)
        | Command::Schema => "run it again with more time",
    };
    let why = format!("the command did not end within {seconds} s, as `--timeout` has it");
    let one = Finding::new(why).help(again);
    let text = finding::all("error", None, &[one], &Sources::default(), out.paint());
    out.error(text.trim_end());
    let word = |word| out.paint().word(word, 0);
    match reached {
        Reached::Unknown => Exit::Unknown,
        Reached::Private => {
            out.result(&format!("{}: nothing is public; {again}", word("stopped")));
            Exit::Unknown
        }
        Reached::Public => {
            out.result(&format!("{}: something is public; {again}", word("partial")));
            Exit::Partial
        }
    }
}

async fn perform(
    args: &Args,
    environment: &Environment,
    reached: &Cell<Reached>,
    out: Out,
) -> Exit {
    let common = &args.common;
    let done = match &args.command {
        Command::Init(args) => init::run(args, common, out),
        Command::Check(args) => check::run(args, common, environment, out).await,
        Command::Plan(args) => plan::run(args, common, environment, out).await,
        Command::Release(args) => release::run(args, common, environment, reached, out).await,
        Command::Status(args) => status::run(args, common, environment, out).await,
        Command::Abort(args) => abort::run(args, common, environment, out).await,
        Command::Rehearse(args) => rehearse::run(args, common, environment, out).await,
        Command::Workflow(args) => workflow::run(args, common, out),
        Command::Explain(args) => explain::run(args, out),
        Command::Schema => schema::run(out),
    };
    let exit = done.unwrap_or_else(|error| refuse(&error, out));
    if common.stats {
        out.error(&common.spent.borrow().table());
    }
    exit
}

/// Says what was wrong, in the form of every other finding.
fn refuse(error: &anyhow::Error, out: Out) -> Exit {
    let paint = out.paint();
    let (findings, sources, exit) = match error.downcast_ref::<ObserveError>() {
        Some(ObserveError::Manifest { source_file, findings }) => {
            (findings.clone(), Sources::of(source_file), Exit::Usage)
        }
        Some(ObserveError::NoManifest(_)) => {
            let one = Finding::new(error.to_string()).help("write one with `tminus init`");
            (vec![one], Sources::default(), Exit::Usage)
        }
        Some(ObserveError::NoCommits) => {
            let one = Finding::new(error.to_string()).help("commit something first");
            (vec![one], Sources::default(), Exit::Unknown)
        }
        Some(ObserveError::Repository(cause)) => {
            (vec![unread(cause)], Sources::default(), Exit::Unknown)
        }
        None => match error.downcast_ref::<RepositoryError>() {
            Some(cause) => (vec![unread(cause)], Sources::default(), Exit::Unknown),
            None => (vec![Finding::new(format!("{error:#}"))], Sources::default(), Exit::Usage),
        },
    };
    out.error(finding::all("error", None, &findings, &sources, paint).trim_end());
    if findings.len() > 1 {
        out.error(&format!("\n{} errors", findings.len()));
    }
    exit
}

fn unread(error: &RepositoryError) -> Finding {
    let mut finding = Finding::new(clean(&error.why).into_owned());
    finding.help.clone_from(&error.help);
    finding
}
