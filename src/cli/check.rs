//! `tminus check`: all gates, one verdict.

use super::args::{Check, Common, Format};
use super::environment::Environment;
use super::exit::Exit;
use super::file::read;
use super::merge::merging;
use super::out::Out;
use super::watch::watch;
use super::world::{Network, World};
use crate::facts::{FORMAT, Facts};
use crate::gates::{self, Asking, Occasion};
use crate::manifest::{self, Manifest};
use crate::observe::{Depth, Observed, Order, observe};
use crate::render::check::{check as report, verdict_line};
use crate::render::json;
use crate::render::stats::Stats;
use crate::ruling::Poll;
use crate::target;
use anyhow::{Context as _, bail};
use std::path::Path;

/// The largest file of facts that is read.
const MOST_FACTS: usize = 64 << 20;

pub(super) async fn run(
    args: &Check,
    common: &Common,
    environment: &Environment,
    out: Out,
) -> anyhow::Result<Exit> {
    if let Some(id) = args.gates.iter().find(|id| gates::find(id).is_none()) {
        bail!(unknown_gate(id));
    }
    let asking = Asking { only: args.gates.clone(), offline: args.offline, ..Asking::default() };
    if let Some(path) = &args.facts {
        let (manifest, facts) = replay(path)?;
        let occasion = facts.merge.as_ref().map_or(Occasion::Check, |_| Occasion::Merge);
        let asking = Asking { occasion, ..asking };
        let poll = gates::poll(&manifest, &facts, &asking);
        return show(args, &manifest, &facts, &poll, &Stats::default(), out);
    }
    let network = if args.offline { Network::Offline } else { Network::Online };
    let world = World::new(common, environment, network, out)?;
    let merging = match args.subject.commit {
        Some(_) => None,
        None => merging(args.pr, environment, &world).await?,
    };
    let occasion = merging.as_ref().map_or(Occasion::Check, |_| Occasion::Merge);
    let asking = Asking { occasion, ..asking };
    let order = Order { merging, ..world.order(&args.subject, Depth::Check(asking.clone()))? };
    let Some(seconds) = args.wait else {
        let seen = observe(&world.eyes(), &order).await?;
        return tell(args, &world, &seen, &asking, out);
    };
    match watch(&world, order, asking.clone(), seconds, out).await? {
        Some(seen) => tell(args, &world, &seen, &asking, out),
        None => {
            let unknown = out.paint().word("unknown", 0);
            out.result(&format!("{unknown}: stopped before anything was seen"));
            Ok(Exit::Unknown)
        }
    }
}

fn tell(
    args: &Check,
    world: &World,
    seen: &Observed,
    asking: &Asking,
    out: Out,
) -> anyhow::Result<Exit> {
    let Observed { manifest, facts, fetched } = seen;
    for what in fetched {
        out.progress(&format!("fetched {what}"));
    }
    let poll = gates::poll(manifest, facts, asking);
    show(args, manifest, facts, &poll, &world.stats(), out)
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
    stats: &Stats,
    out: Out,
) -> anyhow::Result<Exit> {
    if let Some(path) = &args.facts_out {
        let text = serde_json::to_string_pretty(facts)?;
        std::fs::write(path, format!("{}\n", out.redact(&text)))
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    let target = target::of(manifest, facts).ok();
    match args.format {
        Format::Json => {
            let document = json::check(facts, target.as_ref(), poll, stats);
            out.result(&serde_json::to_string_pretty(&document)?);
        }
        Format::Text => {
            out.detail(&report(facts, target.as_ref(), poll, out.paint()));
            out.detail("");
            out.result(&verdict_line(poll, stats.cost(), out.paint()));
        }
    }
    Ok(poll.verdict().into())
}
