//! `tminus schema`: the manifest's JSON Schema.

use super::exit::Exit;
use super::out::Out;
use crate::judge::gates;
use crate::project::manifest;

pub(super) fn run(out: Out) -> anyhow::Result<Exit> {
    let schema = manifest::json_schema(&gates::shapes());
    out.json(&serde_json::to_string_pretty(&schema)?);
    Ok(Exit::Go)
}
