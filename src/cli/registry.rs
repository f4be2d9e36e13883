//! All commands, in the order of the help.

use super::command::Run;
use clap::error::ErrorKind::{InvalidSubcommand, MissingSubcommand};
use clap::{ArgMatches, Args, Error, FromArgMatches, Subcommand};

/// One line for each command: its arguments and its name.
const COMMANDS: &[Kind] = &[
    Kind::of::<super::init::Init>("init"),
    Kind::of::<super::check::Check>("check"),
    Kind::of::<super::plan::Plan>("plan"),
    Kind::of::<super::release::Release>("release"),
    Kind::of::<super::promote::Promote>("promote"),
    Kind::of::<super::status::Status>("status"),
    Kind::of::<super::next::Next>("next"),
    Kind::of::<super::calendar::Calendar>("calendar"),
    Kind::of::<super::abort::Abort>("abort"),
    Kind::of::<super::approve::Approve>("approve"),
    Kind::of::<super::object::Object>("object"),
    Kind::of::<super::done::DoneTask>("done"),
    Kind::of::<super::accept::Accept>("accept"),
    Kind::of::<super::accept::Reject>("reject"),
    Kind::of::<super::hold::Hold>("hold"),
    Kind::of::<super::hold::Lift>("lift"),
    Kind::of::<super::rehearse::Rehearse>("rehearse"),
    Kind::of::<super::waive::Waive>("waive"),
    Kind::of::<super::replay::Replay>("replay"),
    Kind::of::<super::workflow::Workflow>("workflow"),
    Kind::of::<super::explain::Explain>("explain"),
    Kind::of::<super::schema::Schema>("schema"),
    Kind::of::<super::completions::Completions>("completions"),
    Kind::of::<super::man::Man>("man"),
];

/// A command in the registry.
struct Kind {
    name: &'static str,
    define: fn(clap::Command) -> clap::Command,
    read: fn(&mut ArgMatches) -> Result<Box<dyn Run>, Error>,
}

impl Kind {
    const fn of<C: Run + Args + 'static>(name: &'static str) -> Self {
        let read = |given: &mut ArgMatches| -> Result<Box<dyn Run>, Error> {
            Ok(Box::new(C::from_arg_matches_mut(given)?))
        };
        Self { name, define: C::augment_args, read }
    }
}

/// A parsed command with its arguments, and its name.
#[derive(Debug)]
pub struct Command(pub(super) Box<dyn Run>, pub(super) &'static str);

impl Subcommand for Command {
    fn augment_subcommands(program: clap::Command) -> clap::Command {
        program
            .subcommands(COMMANDS.iter().map(|kind| (kind.define)(clap::Command::new(kind.name))))
    }

    fn augment_subcommands_for_update(program: clap::Command) -> clap::Command {
        Self::augment_subcommands(program)
    }

    fn has_subcommand(name: &str) -> bool {
        COMMANDS.iter().any(|kind| kind.name == name)
    }
}

impl FromArgMatches for Command {
    fn from_arg_matches(given: &ArgMatches) -> Result<Self, Error> {
        Self::from_arg_matches_mut(&mut given.clone())
    }

    fn from_arg_matches_mut(given: &mut ArgMatches) -> Result<Self, Error> {
        let (name, mut given) =
            given.remove_subcommand().ok_or_else(|| Error::new(MissingSubcommand))?;
        match COMMANDS.iter().find(|kind| kind.name == name) {
            Some(kind) => (kind.read)(&mut given).map(|run| Self(run, kind.name)),
            None => Err(Error::new(InvalidSubcommand)),
        }
    }

    fn update_from_arg_matches(&mut self, given: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(given)?;
        Ok(())
    }
}
