//! `tminus explain`: the page of a gate.

use super::check::unknown_gate;
use super::command::{Call, Done, Run};
use super::out::Out;
use crate::judge::gates;
use crate::release::outcome::Exit;
use anyhow::bail;
use async_trait::async_trait;
use clap::Args;
use std::fmt::Write as _;

/// Explain what a gate checks and how to pass it.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The gate to explain; if omitted, list all gates.
    #[arg(value_name = "ID")]
    gate: Option<String>,
}

#[async_trait(?Send)]
impl Run for Explain {
    async fn run(&self, call: Call<'_>) -> Done {
        self.explain(call.out).into()
    }
}

impl Explain {
    fn explain(&self, out: Out) -> anyhow::Result<Exit> {
        let Some(id) = &self.gate else {
            let width = gates::GATES.iter().map(|gate| gate.id.len()).max().unwrap_or(0);
            let mut text = String::new();
            for gate in gates::GATES {
                let _ = writeln!(text, "{:<width$}   {}", gate.id, gate.asks);
            }
            out.result(&text);
            return Ok(Exit::Go);
        };
        let Some(gate) = gates::find(id) else { bail!(unknown_gate(id)) };
        out.document(gate.page);
        Ok(Exit::Go)
    }
}
