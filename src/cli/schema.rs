//! `tminus schema`: the manifest's JSON Schema.

use super::command::{Call, Done, Run};
use super::out::Out;
use crate::adapters::kinds;
use crate::project::manifest;
use crate::release::outcome::Exit;
use async_trait::async_trait;
use clap::Args;

/// Print the JSON Schema of the manifest.
#[derive(Debug, Args)]
pub(super) struct Schema {}

#[async_trait(?Send)]
impl Run for Schema {
    async fn run(&self, call: Call<'_>) -> Done {
        print(call.out).into()
    }
}

fn print(out: Out) -> anyhow::Result<Exit> {
    let schema = manifest::json_schema(&kinds());
    out.json(&serde_json::to_string_pretty(&schema)?);
    Ok(Exit::Go)
}
