//! `tminus check`: all gates, one verdict.

use super::args::{Check, Common, Format};
use super::deliver::Shown;
use super::environment::Environment;
use super::exit::Exit;
use super::out::Out;
use super::post::post;
use super::world::{Network, World, read};
use crate::facts::{FORMAT, Facts};
use crate::gates::{self, Asking};
use crate::manifest::{self, Manifest};
use crate::observe::{Depth, Observed, observe};
use crate::render::check::{Cost, check as report, verdict_line};
use crate::render::{Pages, Report, json};
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
        let (pages, around) = (environment.pages(), Around { args, environment, out });
        return around.show(&manifest, &facts, &poll, cost, &pages).map(|()| poll.verdict().into());
    }
    let network = if args.offline { Network::Offline } else { Network::Online };
    let world = World::new(common, environment, network, out)?;
    let order = world.order(&args.subject, Depth::Check(asking.clone()))?;
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
            let (pages, around) = (world.pages(), Around { args, environment, out });
            around.show(&manifest, &facts, &poll, world.cost(), &pages)?;
            around.post(&world, &manifest, &facts, &poll).await;
            return Ok(poll.verdict().into());
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

/// What stays the same around a judgement.
struct Around<'a> {
    args: &'a Check,
    environment: &'a Environment,
    out: Out,
}

impl Around<'_> {
    fn show(
        &self,
        manifest: &Manifest,
        facts: &Facts,
        poll: &Poll,
        cost: Cost,
        pages: &Pages,
    ) -> anyhow::Result<()> {
        let Self { args, environment, out } = *self;
        if let Some(path) = &args.facts_out {
            let text = serde_json::to_string_pretty(facts)?;
            std::fs::write(path, text + "\n")
                .with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        let target = target::of(manifest, facts).ok();
        let text = |paint| {
            let line = verdict_line(poll, cost, paint);
            format!("{}\n{line}\n", report(facts, target.as_ref(), poll, paint))
        };
        let judged = Report::judged(facts, target.as_ref(), poll, pages, cost);
        let json = json::check(facts, target.as_ref(), poll, cost);
        let shown = Shown { report: &judged, json, text: &text };
        match args.format {
            Format::Text | Format::Github => {
                out.detail(&report(facts, target.as_ref(), poll, out.paint()));
                out.detail("");
                out.result(&verdict_line(poll, cost, out.paint()));
            }
            Format::Json | Format::Markdown | Format::Sarif | Format::Junit => {
                out.result(&shown.whole(args.format)?);
            }
        }
        shown.files(&args.reports, out);
        if args.format == Format::Github {
            shown.workflow(environment, None, out);
        }
        Ok(())
    }

    /// Tells the verdict on the forge, where that was asked for.
    async fn post(&self, world: &World, manifest: &Manifest, facts: &Facts, poll: &Poll) {
        let target = target::of(manifest, facts).ok();
        let pages = world.pages();
        let judged = Report::judged(facts, target.as_ref(), poll, &pages, world.cost());
        post(&self.args.post, world, self.environment, &judged, self.out).await;
    }
}
