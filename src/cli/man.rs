//! `tminus man`: the man pages, one for each command.

use super::command::{Call, Done, Run};
use super::exit::Exit;
use super::out::Out;
use anyhow::Context as _;
use async_trait::async_trait;
use clap::Args;
use std::path::PathBuf;

/// Print the man page, or write the man pages of all commands.
#[derive(Debug, Args)]
pub(super) struct Man {
    /// Write the man pages to this directory.
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

#[async_trait(?Send)]
impl Run for Man {
    async fn run(&self, call: Call<'_>) -> Done {
        self.print((call.definition)(), call.out).into()
    }
}

impl Man {
    fn print(&self, definition: clap::Command, out: Out) -> anyhow::Result<Exit> {
        let Some(folder) = &self.folder else {
            let mut page = Vec::new();
            clap_mangen::Man::new(definition).render(&mut page)?;
            out.document(&String::from_utf8(page)?);
            return Ok(Exit::Go);
        };
        let cannot = || format!("cannot write man pages to `{}`", folder.display());
        std::fs::create_dir_all(folder).with_context(cannot)?;
        clap_mangen::generate_to(definition, folder).with_context(cannot)?;
        Ok(Exit::Go)
    }
}
