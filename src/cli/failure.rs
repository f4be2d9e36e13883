//! A command that ends without a report: wrong arguments, errors, a timeout. Only this module
//! converts errors to text. In a workflow it always writes an annotation, a summary and an outcome.

use super::args::Args;
use super::command::Call;
use super::course::ReleaseProgress;
use super::deliver::refused;
use super::format::Color;
use super::late::Late;
use super::out::{Out, colour};
use super::world::UsageError;
use crate::base::clean::clean_lines;
use crate::base::finding::{Finding, Who};
use crate::ci::{Environment, Guard};
use crate::drive::observe::ObserveError;
use crate::ports::RepositoryError;
use crate::release::outcome::{Exit, Outcome};
use crate::report::formats::{Reader, find};
use crate::report::{Ending, Paint, Sources, clean, finding};
use clap::builder::StyledStr;
use clap::error::ContextValue;
use clap::{CommandFactory as _, ValueEnum as _};

/// Prints an error in the arguments. They can be untrusted, such as an input of a workflow, and
/// clap prints them unchanged.
#[must_use]
pub fn report_usage_error(
    error: clap::Error,
    given: impl IntoIterator<Item = String>,
    environment: &Environment,
) -> Exit {
    let out = Out::new(false, environment.secrets());
    let given: Vec<String> = given.into_iter().collect();
    let out = match Guard::fresh() {
        Ok(guard) if is_for_a_runner(&given) => out.guarded(guard),
        Ok(_) | Err(_) => out,
    };
    let text = match spaced(&given) {
        Some(tip) => format!("{}\n\n  tip: {tip}\n", harmless(error).trim_end()),
        None => harmless(error),
    };
    let said = text.strip_prefix("error: ").unwrap_or(&text);
    out.error(&format!("{}: {}", out.paint().word(Outcome::Error, 0), said.trim_end()));
    let message: Vec<&str> = said.split("\n\n").next().unwrap_or(said).lines().collect();
    let finding = Finding::new(message.join(" ")).help("see `tminus help`").who(Who::Operator);
    let ending = Ending::new(Outcome::Error, "invalid arguments");
    refused(&ending, &[finding], &Sources::default(), environment, out);
    out.release();
    ending.outcome.exit()
}

/// Whether unparsed arguments request the format for a workflow step.
fn is_for_a_runner(given: &[String]) -> bool {
    values(given, "--format")
        .any(|value| find(value).is_some_and(|format| format.reader == Reader::Runner))
}

/// The values of an option in unparsed arguments.
fn values<'a>(given: &'a [String], option: &'a str) -> impl Iterator<Item = &'a str> {
    let before = std::iter::once("").chain(given.iter().map(String::as_str));
    before.zip(given).filter_map(move |(before, word)| {
        let joined = word.strip_prefix(option).and_then(|rest| rest.strip_prefix('='));
        joined.or((before == option).then_some(word))
    })
}

/// Decides whether output is colored if the arguments were not, or not completely, parsed: for an
/// error in them, and for the help.
pub fn colour_unparsed(given: impl IntoIterator<Item = String>, environment: &Environment) {
    let given: Vec<String> = given.into_iter().collect();
    let chosen = values(&given, "--color").chain(values(&given, "--colour"));
    let chosen = chosen.filter_map(|value| Color::from_str(value, false).ok()).last();
    colour(chosen.unwrap_or_default(), environment);
}

/// What to write instead of `--wait 5m`: an option with an optional value does not take it from the
/// next argument.
fn spaced(given: &[String]) -> Option<String> {
    let mut behind = given.iter().skip_while(|word| *word != "--wait").skip(1);
    let value = behind.next().filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let unit = if value.bytes().all(|byte| byte.is_ascii_digit()) { "m" } else { "" };
    Some(format!("to wait for at most {0}, write `--wait={0}`", clean(&format!("{value}{unit}"))))
}

/// clap's message, made safe for a terminal and a runner. Each argument is on one line.
fn harmless(mut error: clap::Error) -> String {
    let styled = |text: &StyledStr| StyledStr::from(clean_lines(&text.to_string()));
    let context: Vec<_> = error
        .context()
        .map(|(kind, value)| {
            let value = match value {
                ContextValue::String(text) => ContextValue::String(clean(text).into_owned()),
                ContextValue::Strings(all) => {
                    ContextValue::Strings(all.iter().map(|text| clean(text).into_owned()).collect())
                }
                ContextValue::StyledStr(text) => ContextValue::StyledStr(styled(text)),
                ContextValue::StyledStrs(all) => {
                    ContextValue::StyledStrs(all.iter().map(styled).collect())
                }
                other @ (ContextValue::None
                | ContextValue::Bool(_)
                | ContextValue::Number(_)
                | _) => other.clone(),
            };
            (kind, value)
        })
        .collect();
    for (kind, value) in context {
        error.insert(kind, value);
    }
    clean_lines(&error.render().to_string())
}

/// Prints that the command could not be started.
#[must_use]
pub fn report_startup_error(
    args: &Args,
    error: &std::io::Error,
    environment: &Environment,
) -> Exit {
    let out = Out::new(args.common.quiet, environment.secrets());
    let why = format!("the command cannot be started: {error}");
    let (common, course, definition) = (&args.common, &ReleaseProgress::default(), Args::command);
    let call = Call { common, environment, course, out, definition };
    Late::of(args.command.0.as_ref(), call).tell(&why)
}

/// Prints an error in the format of other findings.
pub(super) fn refuse(error: &anyhow::Error, environment: &Environment, out: Out) -> Exit {
    let Reasons { word, findings, sources, outcome } = reasons(error);
    out.error(&text(word, &findings, &sources, out.paint()));
    let ending = Ending::new(outcome, "nothing was evaluated");
    refused(&ending, &findings, &sources, environment, out);
    outcome.exit()
}

/// The errors, and the outcome.
struct Reasons {
    /// The word before each finding.
    word: Outcome,
    findings: Vec<Finding>,
    sources: Sources,
    outcome: Outcome,
}

fn text(word: Outcome, findings: &[Finding], sources: &Sources, paint: Paint) -> String {
    let text = finding::all(word, None, findings, sources, paint);
    match findings.len() {
        0 | 1 => text.trim_end().to_owned(),
        n => format!("{}\n\n{n} errors", text.trim_end()),
    }
}

fn reasons(error: &anyhow::Error) -> Reasons {
    let mut word = Outcome::Error;
    let (findings, sources, outcome) = match error.downcast_ref::<ObserveError>() {
        Some(ObserveError::Manifest { source_file, findings }) => {
            let theirs = |finding: &Finding| finding.clone().who(Who::Author);
            (findings.iter().map(theirs).collect(), Sources::of(source_file), Outcome::Error)
        }
        Some(ObserveError::NoManifest(_)) => {
            let one = Finding::new(error.to_string()).help("run `tminus init` to create one");
            let one = one.who(Who::Author);
            (vec![one], Sources::default(), Outcome::Error)
        }
        Some(ObserveError::NoCommits) => {
            let one = Finding::new(error.to_string()).help("commit something first");
            let one = one.who(Who::Operator);
            (vec![one], Sources::default(), Outcome::Unknown)
        }
        Some(ObserveError::OtherForge { .. }) => {
            let help = "check out that commit: tminus reads `forge` from the manifest on disk";
            let one = Finding::new(error.to_string()).help(help).who(Who::Operator);
            (vec![one], Sources::default(), Outcome::Unknown)
        }
        Some(ObserveError::NotPromoted { outcome, finding }) => {
            word = *outcome;
            (vec![(**finding).clone()], Sources::default(), word)
        }
        Some(ObserveError::Repository(cause)) => {
            (vec![unread(cause)], Sources::default(), Outcome::Unknown)
        }
        None => {
            let (one, outcome) = match (error.downcast_ref(), error.downcast_ref()) {
                (Some(UsageError(cause)), _) => (unread(cause), Outcome::Error),
                (None, Some(cause)) => (unread(cause), Outcome::Unknown),
                (None, None) => (Finding::new(format!("{error:#}")), Outcome::Error),
            };
            (vec![one], Sources::default(), outcome)
        }
    };
    Reasons { word, findings, sources, outcome }
}

fn unread(error: &RepositoryError) -> Finding {
    let mut finding = Finding::new(clean(&error.why).into_owned());
    finding.help.clone_from(&error.help);
    finding.who(Who::Operator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_for_another_forge_is_unknown_with_a_fix() {
        let error = ObserveError::OtherForge { wants: "gitlab", connected: "github" };
        let Reasons { word, findings, sources, outcome } = reasons(&error.into());
        assert_eq!(outcome, Outcome::Unknown);
        assert_eq!(
            text(word, &findings, &sources, Paint::Plain),
            "error: the manifest in the commit sets `forge: gitlab`, but this run uses `github`\n |\n \
             = help: check out that commit: tminus reads `forge` from the manifest on disk"
        );
    }
}
