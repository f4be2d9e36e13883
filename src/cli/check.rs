//! `tminus check`: all gates, one verdict.

use super::args::{Check, Common, Format};
use super::environment::Environment;
use super::exit::Exit;
use super::file::read;
use super::merge::merging;
use super::out::Out;
use super::world::{Network, World};
use crate::facts::{FORMAT, Facts};
use crate::gates::{self, Asking};
use crate::manifest::{self, Manifest};
use crate::observe::{Depth, Observed, observe};
use crate::render::check::{Cost, check as report, verdict_line};
use crate::render::json;
use crate::ruling::{Poll, Verdict};
use crate::target;
use anyhow::{Context as _, bail};
use std::path::Path;
use std::time::Duration;

/// The largest file of facts that is read.
const MOST_FACTS: usize = 64 << 20;

/// Waits between looks with `--wait`, in seconds: from the first to the last.
const WAIT: (u64, u64) = (15, 90);

pub(super) async fn run(
    args: &Check,
    common: &Common,
    environment: &Environment,
    out: Out,
) -> anyhow::Result<Exit> {
    if let Some(id) = args.gates.iter().find(|id| gates::find(id).is_none()) {
        bail!(unknown_gate(id));
    }
    let asking = Asking { only: args.gates.clone(), offline: args.offline };
    if let Some(path) = &args.facts {
        let (manifest, facts) = replay(path)?;
        let poll = gates::poll(&manifest, &facts, &asking);
        let cost = Cost { requests: 0, seconds: 0.0 };
        return show(args, &manifest, &facts, &poll, cost, out);
    }
    let network = if args.offline { Network::Offline } else { Network::Online };
    let world = World::new(common, environment, network, out)?;
    let mut order = world.order(&args.subject, Depth::Check(asking.clone()))?;
    if args.subject.commit.is_none() {
        order.merging = merging(args.pr, environment, &world).await?;
    }
    let mut waited = 0;
    let mut pause = WAIT.0;
    loop {
        let Observed { manifest, facts, fetched } = observe(&world.eyes(), &order).await?;
        for what in fetched {
            out.progress(&format!("fetched {what}"));
        }
        let poll = gates::poll(&manifest, &facts, &asking);
        let left = args.wait.unwrap_or(0).saturating_sub(waited);
        if poll.verdict() != Verdict::Hold || left == 0 {
            return show(args, &manifest, &facts, &poll, world.cost(), out);
        }
        out.progress(&verdict_line(&poll, world.cost(), out.paint()));
        tokio::time::sleep(Duration::from_secs(pause.min(left))).await;
        waited += pause.min(left);
        pause = (pause * 3 / 2).min(WAIT.1);
    }
}

/// Why a gate's name is not known, with the nearest one that is.
pub(super) fn unknown_gate(id: &str) -> String {
    let known: Vec<&str> = gates::GATES.iter().map(|gate| gate.id).collect();
    match manifest::nearest(id, known.iter().copied()) {
        Some(near) => format!("there is no gate `{id}`; did you mean `{near}`?"),
        None => format!("there is no gate `{id}`; there are {}", known.join(", ")),
    }
}

fn replay(path: &Path) -> anyhow::Result<(Manifest, Facts)> {
    let text = read(path, MOST_FACTS)?;
    let facts: Facts = serde_json::from_str(&text)
        .with_context(|| format!("`{}` holds no facts", path.display()))?;
    if facts.format != FORMAT {
        bail!("`{}` has format {}, this tminus reads {FORMAT}", path.display(), facts.format);
    }
    let manifest =
        manifest::read(facts.manifest.clone(), &gates::shapes()).map_err(|findings| {
            crate::observe::ObserveError::Manifest { source_file: facts.manifest.clone(), findings }
        })?;
    Ok((manifest, facts))
}

fn show(
    args: &Check,
    manifest: &Manifest,
    facts: &Facts,
    poll: &Poll,
    cost: Cost,
    out: Out,
) -> anyhow::Result<Exit> {
    if let Some(path) = &args.facts_out {
        let text = serde_json::to_string_pretty(facts)?;
        std::fs::write(path, text + "\n")
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    let target = target::of(manifest, facts).ok();
    match args.format {
        Format::Json => {
            let document = json::check(facts, target.as_ref(), poll, cost);
            out.result(&serde_json::to_string_pretty(&document)?);
        }
        Format::Text => {
            out.detail(&report(facts, target.as_ref(), poll, out.paint()));
            out.detail("");
            out.result(&verdict_line(poll, cost, out.paint()));
        }
    }
    Ok(poll.verdict().into())
}
