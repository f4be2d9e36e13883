//! `tminus rehearse`: the whole release in a simulated world.

use super::args::{Common, Rehearse};
use super::environment::Environment;
use super::exit::Exit;
use super::out::Out;

pub(super) async fn run(
    _args: &Rehearse,
    _common: &Common,
    _environment: &Environment,
    _out: Out,
) -> anyhow::Result<Exit> {
    Ok(Exit::Unknown)
}
