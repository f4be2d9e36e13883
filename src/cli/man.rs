//! `tminus man`: the manual, a page for each command.

use super::args::{Args, Man};
use super::exit::Exit;
use super::out::Out;
use anyhow::Context as _;
use clap::CommandFactory as _;

pub(super) fn run(args: &Man, out: Out) -> anyhow::Result<Exit> {
    let Some(folder) = &args.folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Args::command()).render(&mut page)?;
        out.document(&String::from_utf8(page)?);
        return Ok(Exit::Go);
    };
    let cannot = || format!("cannot write man pages to `{}`", folder.display());
    std::fs::create_dir_all(folder).with_context(cannot)?;
    clap_mangen::generate_to(Args::command(), folder).with_context(cannot)?;
    Ok(Exit::Go)
}
