//! From parsed arguments to an exit code, and the one place where errors become text.

use super::args::{
    Abort, Args, Check, Command, FlightFormat, Format, Plan, Release, Status, StatusFormat,
};
use super::deliver::{guard, refused};
use super::environment::Environment;
use super::exit::Exit;
use super::late::{Course, Late, timed_out, watch_over};
use super::out::Out;

use super::stop::Stop;
use super::{abort, check, explain, init, plan, rehearse, release, schema, status, workflow};
use crate::base::finding::{Finding, Who};
use crate::drive::observe::ObserveError;
use crate::ports::RepositoryError;
use crate::report::{Ending, Sources, clean, finding};
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
    let late = Late {
        again: again(&args.command),
        out: match listener(&args.command) {
            Listener::Person | Listener::Runner => out,
            Listener::Program => out.aside(),
        },
        environment: environment.clone(),
        reached: reached.clone(),
    };
    if let Some(seconds) = args.common.timeout {
        watch_over(late.clone(), seconds);
    }
    let done = perform(args, environment, &reached, out);
    let exit = tokio::select! {
        exit = done => exit,
        why = cut(args) => late.tell(&why),
    };
    out.release();
    if Out::was_lost() { Exit::Unknown } else { exit }
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
        | Command::Workflow(_)
        | Command::Explain(_)
        | Command::Schema => None,
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

/// Who reads standard output.
enum Listener {
    Person,
    /// What reads a document.
    Program,
    /// A workflow's.
    Runner,
}

fn listener(command: &Command) -> Listener {
    match command {
        Command::Check(Check { format, .. }) | Command::Plan(Plan { format, .. }) => match format {
            Format::Text => Listener::Person,
            Format::Github => Listener::Runner,
            Format::Json | Format::Markdown | Format::Sarif | Format::Junit => Listener::Program,
        },
        Command::Release(Release { format, .. }) | Command::Abort(Abort { format, .. }) => {
            match format {
                FlightFormat::Text => Listener::Person,
                FlightFormat::Github => Listener::Runner,
                FlightFormat::Json => Listener::Program,
            }
        }
        Command::Status(Status { format, .. }) => match format {
            StatusFormat::Text => Listener::Person,
            StatusFormat::Github => Listener::Runner,
            StatusFormat::Json | StatusFormat::Markdown => Listener::Program,
        },
        Command::Init(_)
        | Command::Rehearse(_)
        | Command::Workflow(_)
        | Command::Explain(_)
        | Command::Schema => Listener::Person,
    }
}

/// What to do after the command was cut off.
fn again(command: &Command) -> &'static str {
    match command {
        Command::Release(_) => "run `tminus release` again to go on",
        Command::Init(_)
        | Command::Check(_)
        | Command::Plan(_)
        | Command::Status(_)
        | Command::Abort(_)
        | Command::Rehearse(_)
        | Command::Explain(_)
        | Command::Workflow(_)
        | Command::Schema => "run it again",
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
        Command::Workflow(args) => workflow::run(args, common, out),
        Command::Explain(args) => explain::run(args, out),
        Command::Schema => schema::run(out),
    };
    let exit = done.unwrap_or_else(|error| refuse(&error, environment, out));
    if common.stats {
        out.error(&common.spent.borrow().table());
    }
    exit
}

/// Says what was wrong, in the form of every other finding.
fn refuse(error: &anyhow::Error, environment: &Environment, out: Out) -> Exit {
    let paint = out.paint();
    let (findings, sources, exit) = match error.downcast_ref::<ObserveError>() {
        Some(ObserveError::Manifest { source_file, findings }) => {
            let theirs = |finding: &Finding| finding.clone().who(Who::Author);
            (findings.iter().map(theirs).collect(), Sources::of(source_file), Exit::Usage)
        }
        Some(ObserveError::NoManifest(_)) => {
            let one = Finding::new(error.to_string()).help("write one with `tminus init`");
            let one = one.who(Who::Author);
            (vec![one], Sources::default(), Exit::Usage)
        }
        Some(ObserveError::NoCommits) => {
            let one = Finding::new(error.to_string()).help("commit something first");
            let one = one.who(Who::Operator);
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
    let word = if exit == Exit::Usage { "error" } else { "unknown" };
    let ending = Ending { word, said: "nothing was judged".into() };
    refused(&ending, &findings, &sources, environment, out);
    exit
}

fn unread(error: &RepositoryError) -> Finding {
    let mut finding = Finding::new(clean(&error.why).into_owned());
    finding.help.clone_from(&error.help);
    finding.who(Who::Operator)
}
