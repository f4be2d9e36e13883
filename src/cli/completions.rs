//! `tminus completions`: a script with which a shell completes the command line.

use super::args::{Args, Completions};
use super::exit::Exit;
use super::out::Out;
use clap::CommandFactory as _;

pub(super) fn run(args: &Completions, out: Out) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "tminus", &mut script);
    out.document(&String::from_utf8(script)?);
    Ok(Exit::Go)
}
