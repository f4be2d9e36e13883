//! `tminus rehearse`: the whole release in a simulator, with the user's manifest and repository.
//! Nothing is changed outside of it; only the protection of environments and the calendars of other
//! repositories are read from the forge. The user's commands are shown and not run, unless they define a `rehearse` command.

mod protection;
mod systems;
mod time;

use super::command::{Call, Done, Run};
use super::looked::{conflicts, no_plan};
use super::options::Subject;
use super::out::Out;
use super::release::conclude;
use super::stand_ins::{Disk, stand_in};
use super::values::number;
use super::world::{Network, World as Real};
use crate::adapters::sim::{Author, Checkout, FaultKind, Faults, Outcome, TagRef, World};
use crate::base::names::TagName;
use crate::base::word::{Tone, Word};
use crate::drive::execute::plan_of;
use crate::drive::observe::{NO_FORGE, ObserveError, ObserveRequest, Observed, Scope, observe};
use crate::facts::{BranchPosition, Facts, FileAt};
use crate::judge::calendar::applied;
use crate::judge::case::Case;
use crate::judge::gates::{self, GateSelection, required_checks};
use crate::planner::blockers::blockers;
use crate::planner::cost::Costs;
use crate::planner::progress;
use crate::planner::steps;
use crate::ports::{Clock as _, ForgeWrite, ReadPorts, Repository as _, WritePorts};
use crate::project::manifest::{ForgeFeatures, Manifest};
use crate::release::outcome::Exit;
use crate::release::plan::Plan;
use crate::release::sample::RunSample;
use crate::release::step::Command;
use crate::report::dates::Dates;
use crate::report::model::Reason;
use crate::report::since::after;
use crate::report::{Paint, check, clean, plan as plan_report, status};
use anyhow::bail;
use async_trait::async_trait;
use clap::Args;
use std::cell::{Cell, OnceCell};
use std::time::Duration;

/// How often the release is run again before faults are no longer injected.
const RUNS: usize = 12;

/// With `--faults`, one effect in this many fails.
const ONE_IN: u64 = 6;

const CRASH: Word = Word::new("crash", Tone::Plain);
const REHEARSED: Word = Word::new("rehearsed", Tone::Plain);

/// Simulate the whole release, with your manifest and your repository.
#[derive(Debug, Args)]
pub(super) struct Rehearse {
    /// The commit to use.
    #[command(flatten)]
    subject: Subject,
    /// Inject random faults; the same seed always produces the same faults.
    #[arg(long, value_name = "SEED")]
    faults: Option<u64>,
    /// Simulate a crash at the Nth change that the release makes, then resume.
    #[arg(long, value_name = "N", value_parser = number::<usize>)]
    crash_at: Option<usize>,
    /// Rehearse the release even if the verdict is not go.
    #[arg(long)]
    anyway: bool,
    /// Do not use the network: assume protection rules for environments instead of reading them.
    #[arg(long)]
    offline: bool,
}

#[async_trait(?Send)]
impl Run for Rehearse {
    async fn run(&self, call: Call<'_>) -> Done {
        let rehearse = async |real: &Real| self.rehearse(real, call.out).await;
        let network = if self.offline { Network::Offline } else { Network::Online };
        call.in_world(network, rehearse).await
    }
}

impl Rehearse {
    async fn rehearse(&self, real: &Real, out: Out) -> anyhow::Result<Exit> {
        let world = World::new(real.clock().now());
        let mut order = real.order(&self.subject, Scope::Plan)?;
        order.fetch = true;
        let rehearsal = Rehearsal {
            real,
            repository: Checkout::of(&real.repository),
            world: &world,
            order,
            out,
            commands: Vec::new(),
            samples: Vec::new(),
            overruled: Vec::new(),
            stand_ins: OnceCell::new(),
            hosts: Cell::new(ForgeFeatures::Releases),
        };
        rehearsal.run(self).await
    }
}

struct Rehearsal<'a> {
    real: &'a Real,
    /// The real repository, with the rehearsed commit checked out.
    repository: Checkout<'a>,
    world: &'a World,
    order: ObserveRequest,
    out: Out,
    /// The user's commands, with their replacements in the simulator.
    commands: Vec<Command>,
    /// Commands that are samples, with their replacements.
    samples: Vec<RunSample>,
    /// Gates that were not go, with `--anyway`.
    overruled: Vec<String>,
    /// Which files are not built, once this is known.
    stand_ins: OnceCell<String>,
    /// What the manifest's forge supports, once this is known.
    hosts: Cell<ForgeFeatures>,
}

impl Rehearsal<'_> {
    async fn run(mut self, args: &Rehearse) -> anyhow::Result<Exit> {
        self.out.detail("rehearsal: this is a simulation; nothing outside of it is changed\n");
        self.prepare_simulator()?;
        let mut seen = self.look().await?;
        self.calendars(&seen.manifest).await;
        if self.last(&seen) {
            seen = self.look().await?;
        }
        self.reopen(&seen)?;
        let seen = self.look().await?;
        if let Some(said) = self.stand_ins.get() {
            self.out.detail(&format!("{said}\n"));
        }
        self.prepare(&seen.case()).await?;
        let seen = self.look().await?;
        let seen = match self.show(&seen, args) {
            ObservedStep::Stops(exit) => return Ok(exit),
            ObservedStep::Goes if self.overruled.is_empty() => seen,
            ObservedStep::Goes => self.look().await?,
        };
        let Ok(plan) = plan_of(&seen.case()) else { return Ok(Exit::NoGo) };
        self.prepare_samples(&plan);
        let before = self.world.effects().len();
        self.arrange(args, before);
        let mut runs = 0;
        let exit = loop {
            runs += 1;
            self.heading(&match runs {
                1 => "release".to_owned(),
                n => format!("release, run {n}"),
            });
            if runs == RUNS {
                self.out.detail("  (no more faults from here on)");
                self.world.calm();
            }
            let exit = self.once(before).await?;
            if exit == Some(Exit::Go) || runs > RUNS {
                break exit;
            }
            if exit == Some(Exit::Hold) {
                self.world.sleep(Duration::from_secs(660)).await;
            }
        };
        self.heading("status");
        self.status().await?;
        Ok(self.conclude(&plan, exit, runs, before, args))
    }

    /// Copies the repository's tags, and the branches at the last fetch, to the simulator.
    fn prepare_simulator(&self) -> anyhow::Result<()> {
        let heads = self.real.repository.branches()?.heads;
        self.world.with(|state| state.heads = heads);
        for at in self.real.repository.tags()? {
            let Some(Ok(name)) = at.name.strip_prefix("refs/tags/").map(TagName::new) else {
                continue;
            };
            let tag = TagRef {
                object: at.object,
                commit: at.commit,
                message: String::new(),
                by: Author::Foreign,
            };
            self.world.with(|state| state.tags.insert(name, tag));
        }
        Ok(())
    }

    /// Copies the calendars of other repositories to the simulator. One that cannot be read is unseen
    /// there too.
    async fn calendars(&self, manifest: &Manifest) {
        let Ok(forge) = self.real.forge() else { return };
        for file in manifest.schedule.iter().flat_map(|schedule| &schedule.calendars) {
            let Some((slug, commit)) = &file.elsewhere else { continue };
            if let Ok(FileAt::Text(text)) =
                forge.file_elsewhere(slug, commit, &file.path.value).await
            {
                self.world.with(|state| state.elsewhere.insert(file.name(), text.into_bytes()));
            }
        }
    }

    /// If a person must pass the version and did not, rehearses the last release.
    fn last(&mut self, seen: &Observed) -> bool {
        let Some(last) = seen.case().last_given() else { return false };
        self.out.detail("no version was passed (`--version`): rehearsing the last release\n");
        self.order.request.version = Some(last.version.clone());
        true
    }

    /// If the version is already released, goes back to the commit of its tag, and removes the tag
    /// from the simulator, so that the version can be released again.
    fn reopen(&mut self, seen: &Observed) -> anyhow::Result<()> {
        let (case, facts) = (seen.case(), &seen.facts);
        let target = match case.target() {
            Ok(target) => target,
            Err(none) => {
                self.out.error(&no_plan(none, facts, self.paint()));
                bail!("there is nothing to rehearse");
            }
        };
        let tag = facts.tag.known().ok().and_then(Option::as_ref);
        let Some(at) = tag.filter(|tag| tag.ancestor && case.is_true(tag)) else { return Ok(()) };
        let (name, commit) = (clean(target.tag.as_str()), at.commit.short());
        self.out.detail(&format!(
            "{name} is already released: rehearsing it at its commit {commit}, as if it were not released\n"
        ));
        if let Some(since) = case.since() {
            self.out.detail(&after(&since, self.paint()));
        }
        self.world.with(|state| state.tags.remove(&target.tag));
        self.repository.switch(at.commit.clone());
        self.order.commit = None;
        // Only this version matters, not what was released before it.
        self.order.request.version = Some(target.version.clone());
        self.order.manifest = Some(seen.manifest.source.clone());
        Ok(())
    }

    async fn look(&self) -> Result<Observed, ObserveError> {
        let mut seen = observe(&self.read_ports(), &self.order).await?;
        self.hosts.set(seen.manifest.forge.hosts);
        seen.manifest.overruled.clone_from(&self.overruled);
        let disk = Disk::of(self.repository.head()?.as_ref(), &seen.facts);
        if let Some(said) = stand_in(&mut seen, disk) {
            self.stand_ins.get_or_init(|| said);
        }
        Ok(seen)
    }

    /// Prepares the simulator for the release: the commit is pushed, its checks are green, and the
    /// environments in the manifest exist.
    async fn prepare(&mut self, case: &Case<'_>) -> anyhow::Result<()> {
        let (manifest, facts) = (case.manifest, case.facts);
        let Ok(target) = case.target() else {
            bail!("there is nothing to rehearse");
        };
        self.push(facts);
        self.protect(manifest).await;
        let mut names = required_checks(manifest);
        if names.is_empty() {
            names.push("ci".into());
        }
        for name in &names {
            self.world.check(&facts.commit.sha, name, "success");
        }
        if manifest.forge.has_releases() {
            self.world.require(&names.iter().map(String::as_str).collect::<Vec<_>>());
        }
        self.world.about(&target.tag, &facts.commit.sha);
        for run in steps::commands(manifest) {
            if let Some(probe) = &run.probe {
                let words = |words: &[String]| words.to_vec();
                self.world.with(|state| state.answers_for(words(probe), words(&run.command)));
            }
            self.commands.push(run.clone());
        }
        Ok(())
    }

    /// Pushes the commit to the branch of the simulated remote, because the real remote may not
    /// have it yet.
    fn push(&self, facts: &Facts) {
        let (Ok(branch), Ok(at)) = (facts.branch.known(), facts.branch_head.known()) else {
            return;
        };
        if at.commit == BranchPosition::Ahead || at.head.is_none() {
            let commit = facts.commit.sha.clone();
            let (short, name) = (commit.short(), clean(branch.as_str()));
            self.out.detail(&format!("rehearsing {short} as if it were pushed to {name}\n"));
            self.world.with(|state| state.heads.insert(branch.clone(), commit.clone()));
        }
    }

    /// Shows check and plan, and returns whether the release can start. Reasons that stop it come
    /// first.
    fn show(&mut self, seen: &Observed, args: &Rehearse) -> ObservedStep {
        let (case, facts) = (seen.case(), &seen.facts);
        let target = case.target().ok();
        let poll = gates::poll(&case, &GateSelection::release());
        let stops = poll.permit(facts).is_none();
        let verdict = self.paint().word(poll.verdict(), 0);
        if stops {
            let gates = poll.deciding().join(", ");
            self.out.detail(&format!("{verdict}: the release would not start ({gates})"));
        }
        self.heading("check");
        self.out.detail(&check::check(facts, target, &poll, self.paint()));
        let plan = match plan_of(&case) {
            Ok(plan) => plan,
            Err(none) => {
                self.out.error(&no_plan(&none, facts, self.paint()));
                return ObservedStep::Stops(Exit::NoGo);
            }
        };
        self.heading("plan");
        match (progress(&plan, facts), target) {
            (Ok(progress), Some(target)) => {
                let costs = Costs::default();
                let (paint, schedule) = (self.paint(), applied(&case));
                self.out.detail(&plan_report::plan(
                    &plan,
                    &progress,
                    (facts, schedule.as_ref(), &Dates::of(&case)),
                    target,
                    &costs,
                    paint,
                ));
            }
            (Ok(_), None) => {}
            (Err(found), _) => {
                self.out.error(&conflicts(&found, facts, self.paint()));
                return ObservedStep::Stops(Exit::NoGo);
            }
        }
        if stops && !args.anyway {
            self.out.result(&format!(
                "\n{verdict}: the release would not start; to rehearse it, run `tminus rehearse --anyway`",
            ));
            return ObservedStep::Stops(Exit::NoGo);
        }
        if stops {
            self.overruled = poll.stopping();
        }
        ObservedStep::Goes
    }

    fn arrange(&self, args: &Rehearse, before: usize) {
        let faults = match (args.crash_at, args.faults) {
            (Some(n), _) => Faults::at(vec![(before + n, FaultKind::CrashAfter)]),
            (None, Some(seed)) => {
                let kinds: Vec<FaultKind> =
                    FaultKind::ALL.iter().filter(|kind| self.recovers(**kind)).copied().collect();
                Faults::seeded(seed, ONE_IN, &kinds)
            }
            (None, None) => Faults::none(),
        };
        self.world.faults(faults);
    }

    /// Whether running again is sufficient, without a person's help. Without a forge, whose time is
    /// used, a wrong clock shortens a soak and must be corrected.
    fn recovers(&self, kind: FaultKind) -> bool {
        let clock = matches!(kind, FaultKind::ClockForward | FaultKind::ClockBack);
        let is_timed = self.hosts.get() == ForgeFeatures::Releases;
        !kind.conflicts() && kind != FaultKind::Denied && (is_timed || !clock)
    }

    /// Simulates one process: it finishes the run, or crashes.
    async fn once(&self, before: usize) -> anyhow::Result<Option<Exit>> {
        let process = async {
            let Observed { manifest, facts, .. } = self.look().await?;
            if facts.ledger.known().is_ok_and(|ledger| ledger.plan().is_some()) {
                self.out.detail("  resuming from the ledger");
            }
            let (release_run, manifest) = self.performed(manifest, facts).await?;
            anyhow::Ok(conclude(&release_run, &manifest, self.out))
        };
        match self.world.run(process).await {
            Outcome::Ended(exit) => exit.map(Some),
            Outcome::Crashed => {
                let effects = self.world.effects();
                let last = effects.last().map_or("", |effect| effect.line.as_str());
                let n = effects.len() - before;
                self.out.detail(&format!(
                    "    {} at change {n} ({}): the process crashed",
                    self.paint().word(CRASH, 8),
                    clean(last)
                ));
                Ok(None)
            }
        }
    }

    async fn status(&self) -> anyhow::Result<()> {
        let seen = self.look().await?;
        let facts = &seen.facts;
        if let Ok(plan) = plan_of(&seen.case()) {
            match progress(&plan, facts) {
                Ok(progress) => {
                    let found = blockers(&seen.case(), &plan, &progress);
                    let blocking: Vec<Reason<'_>> = match progress.is_complete(&plan) {
                        true => Vec::new(),
                        false => found.all.iter().map(Reason::of).collect(),
                    };
                    let note = |note| Reason::note(note, facts);
                    let notes: Vec<Reason<'_>> = found.notes.iter().map(note).collect();
                    let (reasons, paint) = ((&*blocking, &*notes), self.paint());
                    self.out.detail(&status::status(&plan, &progress, reasons, facts, paint));
                }
                Err(found) => self.out.error(&conflicts(&found, facts, self.paint())),
            }
        }
        Ok(())
    }

    fn conclude(
        &self,
        plan: &Plan,
        exit: Option<Exit>,
        runs: usize,
        before: usize,
        args: &Rehearse,
    ) -> Exit {
        let effects = self.world.effects().len() - before;
        for violation in self.world.violations() {
            self.out.error(&format!(
                "{}: a guarantee was violated: {violation}",
                self.paint().word(Word::ERROR, 0)
            ));
        }
        if let Err(why) = self.world.whole(plan) {
            self.out.error(&format!(
                "{}: the release is incomplete: {why}",
                self.paint().word(Word::ERROR, 0)
            ));
            return exit.filter(|exit| *exit != Exit::Go).unwrap_or(Exit::NoGo);
        }
        if !self.world.violations().is_empty() {
            return Exit::NoGo;
        }
        let times = if runs == 1 { "1 run".to_owned() } else { format!("{runs} runs") };
        let seed = args.faults.map_or_else(String::new, |seed| format!(", fault seed {seed}"));
        self.out.result(&format!(
            "\n{}: {} {} was released completely, exactly once ({times}, {effects} changes{seed})",
            self.paint().word(REHEARSED, 0),
            clean(&plan.name),
            plan.version
        ));
        if !self.overruled.is_empty() {
            let gates = self.overruled.join(", ");
            self.out.result(&format!("(the real release would not start: {gates})"));
        }
        if let Some(n) = args.crash_at.filter(|n| *n > effects) {
            self.out
                .result(&format!("(the release made fewer than {n} changes, so nothing crashed)"));
        }
        Exit::Go
    }

    fn heading(&self, text: &str) {
        self.out.detail(&format!("\n{}", self.paint().bold(&format!("── {text} ──"))));
    }

    fn paint(&self) -> Paint {
        self.out.paint()
    }

    fn write_ports(&self) -> WritePorts<'_> {
        let forge: Result<&dyn ForgeWrite, &str> = match self.hosts.get() {
            ForgeFeatures::Releases => Ok(self.world),
            ForgeFeatures::Nothing => Err(NO_FORGE),
        };
        WritePorts {
            repository: &self.repository,
            remote: self.world,
            forge,
            runner: self,
            clock: self.world,
        }
    }

    fn read_ports(&self) -> ReadPorts<'_> {
        self.write_ports().read_ports()
    }
}

/// Whether the rehearsal continues after check and plan.
enum ObservedStep {
    Goes,
    Stops(Exit),
}
