//! `tminus schema`: the manifest's JSON Schema.

use super::exit::Exit;
use super::out::Out;
use crate::planner::steps::kinds;
use crate::project::manifest;

pub(super) fn run(out: Out) -> anyhow::Result<Exit> {
    let schema = manifest::json_schema(&kinds());
    out.json(&serde_json::to_string_pretty(&schema)?);
    Ok(Exit::Go)
}
