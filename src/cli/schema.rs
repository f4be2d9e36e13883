//! `tminus schema`: the JSON Schema of the manifest, or of the waivers.

use super::command::{Call, Done, Run};
use super::out::Out;
use crate::adapters::kinds;
use crate::project::{manifest, waivers};
use crate::release::outcome::Exit;
use async_trait::async_trait;
use clap::Args;
use serde_json::Value;

/// Print the JSON Schema of the manifest.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Print the JSON Schema of `.tminus/waivers.yaml` instead.
    #[arg(long)]
    waivers: bool,
}

#[async_trait(?Send)]
impl Run for Schema {
    async fn run(&self, call: Call<'_>) -> Done {
        let schema = match self.waivers {
            true => waivers::json_schema(),
            false => manifest::json_schema(&kinds()),
        };
        print(&schema, call.out).into()
    }
}

fn print(schema: &Value, out: Out) -> anyhow::Result<Exit> {
    out.json(&serde_json::to_string_pretty(schema)?);
    Ok(Exit::Go)
}
