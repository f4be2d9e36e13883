//! `tminus completions`: a completion script for a shell.

use super::command::{Call, Done, Run};
use super::exit::Exit;
use super::out::Out;
use async_trait::async_trait;
use clap::Args;

/// Print a completion script for a shell.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

#[async_trait(?Send)]
impl Run for Completions {
    async fn run(&self, call: Call<'_>) -> Done {
        self.print(&mut (call.definition)(), call.out).into()
    }
}

impl Completions {
    fn print(&self, definition: &mut clap::Command, out: Out) -> anyhow::Result<Exit> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, definition, "tminus", &mut script);
        out.document(&String::from_utf8(script)?);
        Ok(Exit::Go)
    }
}
