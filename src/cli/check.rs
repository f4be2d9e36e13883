//! `tminus check`: all gates, one verdict.

use super::args::{Check, Common, Format};
use super::deliver::{Shown, keep, refused, workflow};
use super::environment::Environment;
use super::exit::Exit;
use super::file::read;
use super::merge::{from_a_fork, merging, refuse_checkout};
use super::out::Out;
use super::post::post;
use super::watch::watch;
use super::world::{Network, World};
use crate::base::finding::{Finding, Who};
use crate::drive::observe::{ObserveRequest, Observed, Scope, observe};
use crate::facts::{FORMAT, Facts};
use crate::judge::gates::{self, Asking, Occasion};
use crate::judge::ruling::Poll;
use crate::judge::target;
use crate::planner::steps::kinds;
use crate::project::manifest::{self, Manifest};
use crate::release::outcome::Outcome;
use crate::report::check::{check as report, verdict_line};
use crate::report::since::headline;
use crate::report::stats::Stats;
use crate::report::{Ending, Pages, Report, Sources, json};
use anyhow::{Context as _, bail};
use std::path::Path;

/// The largest file of facts that is read.
const MAX_FACTS: usize = 64 << 20;

pub(super) async fn run(
    args: &Check,
    common: &Common,
    environment: &Environment,
    out: Out,
) -> anyhow::Result<Exit> {
    let only = args.gates.concat();
    if let Some(id) = only.iter().find(|id| gates::find(id).is_none()) {
        bail!(unknown_gate(id));
    }
    let asking = Asking { only, offline: args.offline, ..Asking::default() };
    let around = Around { args, environment, out };
    if let Some(path) = &args.facts {
        let (manifest, facts) = replay(path)?;
        let occasion = facts.merge.as_ref().map_or(Occasion::Check, |_| Occasion::Merge);
        let asking = Asking { occasion, ..asking };
        let poll = gates::poll(&manifest, &facts, &asking);
        around.show(&manifest, &facts, &poll, &Stats::default(), &environment.pages())?;
        return Ok(poll.verdict().outcome().exit());
    }
    let network = if args.offline { Network::Offline } else { Network::Online };
    let world = World::new(common, environment, network, out)?;
    refuse_checkout(environment, &world)?;
    let merging = match args.due.subject.commit {
        Some(_) => None,
        None => merging(args.pr, environment, &world).await?,
    };
    let occasion = merging.as_ref().map_or(Occasion::Check, |_| Occasion::Merge);
    let asking = Asking { occasion, ..asking };
    let mut order =
        ObserveRequest { merging, ..world.order(&args.due.subject, Scope::Check(asking.clone()))? };
    order.request.expect_release = args.due.expect_release;
    if order.merging.is_some() {
        if common.manifest.is_some() {
            bail!("a merge is judged by the manifest of its base: leave out `--manifest`");
        }
        // What lies in the work tree may be the pull request's own.
        order.manifest = None;
    }
    let seen = match args.wait {
        None => Some(observe(&world.eyes(), &order).await?),
        Some(seconds) => watch(&world, order, asking.clone(), seconds, out).await?,
    };
    let Some(Observed { manifest, facts, fetched }) = seen else { return Ok(around.blind()) };
    for what in fetched {
        out.progress(&format!("fetched {what}"));
    }
    let poll = gates::poll(&manifest, &facts, &asking);
    around.show(&manifest, &facts, &poll, &world.stats(), &world.pages())?;
    around.post(&world, &manifest, &facts, &poll).await;
    Ok(poll.verdict().outcome().exit())
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
    let text = read(path, MAX_FACTS)?;
    let facts: Facts = serde_json::from_str(&text)
        .with_context(|| format!("`{}` holds no facts", path.display()))?;
    if facts.format != FORMAT {
        bail!("`{}` has format {}, this tminus reads {FORMAT}", path.display(), facts.format);
    }
    let manifest = manifest::read(facts.manifest.clone(), &kinds()).map_err(|findings| {
        crate::drive::observe::ObserveError::Manifest {
            source_file: facts.manifest.clone(),
            findings,
        }
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
        stats: &Stats,
        pages: &Pages,
    ) -> anyhow::Result<()> {
        let Self { args, environment, out } = *self;
        if let Some(path) = &args.facts_out {
            let text = serde_json::to_string_pretty(facts)?;
            keep(path, &format!("{text}\n"), out)
                .with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        let target = target::of(manifest, facts).ok();
        let since = target::since(manifest, facts);
        let body = |paint| {
            let since = since.as_ref().map(|since| format!("{}\n", headline(since, paint)));
            since.unwrap_or_default() + &report(facts, target.as_ref(), poll, paint)
        };
        let text = |paint| {
            let line = verdict_line(poll, stats.cost(), paint);
            format!("{}\n{line}\n", body(paint))
        };
        let judged = Report::judged(manifest, facts, target.as_ref(), poll, pages, stats.cost());
        let json = json::check(facts, target.as_ref(), poll, &judged.ending, stats);
        let shown = Shown { report: &judged, json, text: &text };
        match args.format {
            Format::Text | Format::Github => {
                out.detail(&body(out.paint()));
                out.detail("");
                out.result(&verdict_line(poll, stats.cost(), out.paint()));
            }
            Format::Json | Format::Markdown | Format::Sarif | Format::Junit => {
                shown.print(args.format, out)?;
            }
        }
        shown.files(&args.reports.concat(), out);
        if args.format == Format::Github {
            workflow(&judged, None, None, environment, out);
        }
        Ok(())
    }

    /// Says that there is nothing to judge: it was stopped while it looked for the first time.
    fn blind(&self) -> Exit {
        let Self { args, environment, out } = *self;
        let ending = Ending {
            outcome: Outcome::Unknown,
            said: "stopped before anything was seen".to_owned(),
        };
        let out = match args.format {
            Format::Text | Format::Github => out,
            Format::Json | Format::Markdown | Format::Sarif | Format::Junit => out.aside(),
        };
        out.result(&format!("{}: {}", out.paint().word(ending.outcome, 0), ending.said));
        let finding = [Finding::new(&ending.said).who(Who::Operator)];
        refused(&ending, &finding, &Sources::default(), environment, out);
        ending.outcome.exit()
    }

    /// Tells the verdict on the forge, where that was asked for.
    async fn post(&self, world: &World, manifest: &Manifest, facts: &Facts, poll: &Poll) {
        let what = self.args.post.concat();
        if !what.is_empty() && from_a_fork(self.environment) {
            return self.out.progress("nothing is posted for a pull request from a fork");
        }
        let target = target::of(manifest, facts).ok();
        let (pages, cost) = (world.pages(), world.cost());
        let judged = Report::judged(manifest, facts, target.as_ref(), poll, &pages, cost);
        post(&what, world, &judged, self.out).await;
    }
}
