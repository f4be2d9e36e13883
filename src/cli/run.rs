//! From parsed arguments to an exit code, and the one place where errors become text.

use super::args::{Args, Command, FlightFormat, Format};
use super::deliver::{guard, refused};
use super::environment::Environment;
use super::exit::Exit;
use super::out::Out;
use super::{abort, check, explain, init, plan, rehearse, release, schema, status};
use crate::finding::Finding;
use crate::observe::ObserveError;
use crate::ports::RepositoryError;
use crate::render::{Sources, clean, finding};

/// Performs a command.
pub async fn run(args: &Args, environment: &Environment) -> Exit {
    let (common, quiet) = (&args.common, args.common.quiet);
    let out = match for_workflow(&args.command).then(guard) {
        None => Out::new(quiet),
        Some(Ok(guard)) => Out::guarded(quiet, guard),
        Some(Err(error)) => return refuse(&error, environment, Out::new(quiet)),
    };
    let done = match &args.command {
        Command::Init(args) => init::run(args, common, out),
        Command::Check(args) => check::run(args, common, environment, out).await,
        Command::Plan(args) => plan::run(args, common, environment, out).await,
        Command::Release(args) => release::run(args, common, environment, out).await,
        Command::Status(args) => status::run(args, common, environment, out).await,
        Command::Abort(args) => abort::run(args, common, environment, out).await,
        Command::Rehearse(args) => rehearse::run(args, common, environment, out).await,
        Command::Explain(args) => explain::run(args, out),
        Command::Schema => schema::run(out),
    };
    let exit = done.unwrap_or_else(|error| refuse(&error, environment, out));
    out.release();
    exit
}

/// Whether a workflow's runner listens.
fn for_workflow(command: &Command) -> bool {
    match command {
        Command::Check(args) => args.format == Format::Github,
        Command::Plan(args) => args.format == Format::Github,
        Command::Release(args) => args.format == FlightFormat::Github,
        Command::Init(_)
        | Command::Status(_)
        | Command::Abort(_)
        | Command::Rehearse(_)
        | Command::Explain(_)
        | Command::Schema => false,
    }
}

/// Says what was wrong, in the form of every other finding.
fn refuse(error: &anyhow::Error, environment: &Environment, out: Out) -> Exit {
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
    if out.is_guarded() {
        refused(&findings, &sources, exit, environment, out);
    }
    exit
}

fn unread(error: &RepositoryError) -> Finding {
    let mut finding = Finding::new(clean(&error.why).into_owned());
    finding.help.clone_from(&error.help);
    finding
}
