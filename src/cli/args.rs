//! The whole command line: one definition for the parser and the help.

use super::options::Common;
use super::registry::Command;
use clap::Parser;

/// Checks whether a commit can be released, then tags and publishes it in stages.
#[derive(Debug, Parser)]
#[command(name = "tminus", bin_name = "tminus", version, max_term_width = 100)]
#[command(after_help = "Exit codes:\n  \
    0  go, released, or nothing to release\n  \
    1  no-go\n  \
    2  usage or manifest error\n  \
    3  hold: try again later\n  \
    4  unknown: something could not be read\n  \
    5  partial: something is public, and the release stopped before it was finished")]
pub struct Args {
    /// The command.
    #[command(subcommand)]
    pub command: Command,

    /// Options of every command.
    #[command(flatten)]
    pub common: Common,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn every_command_is_well_defined_and_can_be_parsed() {
        Args::command().debug_assert();
        for command in Args::command().get_subcommands() {
            let name = command.get_name();
            let args = Args::try_parse_from(["tminus", name, "--help"]);
            assert_eq!(args.unwrap_err().kind(), clap::error::ErrorKind::DisplayHelp, "{name}");
            assert!(command.get_about().is_some(), "`{name}` says what it is for");
        }
        let args = Args::try_parse_from(["tminus", "check", "--no-fetch"]).unwrap();
        assert!(format!("{:?}", args.command).starts_with("Command(Check {"));
        assert!(args.common.no_fetch);
    }
}
