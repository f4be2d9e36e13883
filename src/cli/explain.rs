//! `tminus explain`: a gate's own page.

use super::args::Explain;
use super::check::unknown_gate;
use super::exit::Exit;
use super::out::Out;
use crate::judge::gates;
use anyhow::bail;
use std::fmt::Write as _;

pub(super) fn run(args: &Explain, out: Out) -> anyhow::Result<Exit> {
    let Some(id) = &args.gate else {
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
