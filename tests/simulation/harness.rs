//! One release in one simulated world, flown until it is done.

use jiff::SignedDuration;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tminus::adapters::sim::{
    Effect, EffectKind, FaultKind, Faults, Outcome as Run, SimRepository, World,
};
use tminus::base::names::{BranchName, TagName};
use tminus::drive::execute::{
    End, Listener, ReleaseNotice, ReleaseOptions, ReleaseRun, record_trains, release,
};
use tminus::drive::observe::{ObserveRequest, PromotionRequest, Scope, observe};
use tminus::facts::Request;
use tminus::facts::environment::Protection;
use tminus::planner::audit::audit;
use tminus::ports::{Clock as _, RefAt, WritePorts};

const MANIFEST: &str = r#"
schema: 1
version:
  files: [Cargo.toml]
gates:
  checks-green:
    required: [build, test]
stages:
  - name: candidate
    steps:
      - draft-release: { assets: ["dist/*"] }
  - name: staging
    gates: [checks-green]
    steps:
      - run: { name: deploy, command: [./deploy], probe: [./deployed], reach: public }
      - run: { name: warm, command: [./warm], repeatable: true, reach: private }
  - name: stable
    gates: [checks-green, changelog-entry]
    steps:
      - tag
      - publish-release
      - move-tag: ["v{major}", latest]
      - run: { name: announce, command: [./announce], probe: [./announced] }
"#;

/// A release through two environments, with a verification and a soak.
const STAGED: &str = r#"
schema: 1
version:
  files: [Cargo.toml]
gates:
  checks-green:
    required: [build, test]
stages:
  - name: candidate
    steps:
      - draft-release: { assets: ["dist/*"] }
  - name: staging
    environment: staging
    steps:
      - run: { name: deploy, command: [./deploy], probe: [./deployed], reach: public, timeout: 1h }
    verify:
      samples:
        - http: { url: "https://staging.example.com/health", status: 200 }
      every: 1h
    soak: 3h
  - name: production
    environment: { name: production, protected: true }
    gates: [checks-green]
    steps:
      - run: { name: announce, command: [./announce], probe: [./announced], reach: public }
      - tag
      - publish-release
    verify:
      - http: { url: "https://example.com/health", status: 200 }
"#;

/// The same for a pre-release, and then for the final version that is promoted from it.
fn promoted_manifest() -> String {
    STAGED.replace(
        "version:\n  files: [Cargo.toml]",
        "version: { policy: manual }\nchangelog: { style: none }",
    )
}

const CHANGELOG: &str =
    "# Changelog\n\n## [1.1.0] - 2026-05-30\n\n- Second\n\n## [1.0.0] - 2026-01-01\n\n- First\n";

/// Runs while faults may strike.
const ROUGH_RUNS: usize = 6;
/// Runs that a calm world is given to finish.
const CALM_RUNS: usize = 6;
/// The same for a release that soaks.
const STAGED_RUNS: usize = 12;

/// What is released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Course {
    /// Stages without an environment.
    Plain,
    /// Two environments, with a verification and a soak.
    Staged,
    /// A pre-release through two environments.
    Prerelease,
    /// The final version of a pre-release.
    Promoted,
}

/// A repository, and what is released from it.
pub(crate) struct Project {
    pub(crate) repository: SimRepository,
    course: Course,
}

impl Project {
    /// The version that is passed, and whether it is promoted.
    fn wish(&self) -> (Option<&str>, Option<PromotionRequest>) {
        match self.course {
            Course::Plain | Course::Staged => (None, None),
            Course::Prerelease => (Some("1.1.0-rc.1"), None),
            Course::Promoted => (Some("1.1.0"), Some(PromotionRequest::default())),
        }
    }

    /// What a process reads.
    pub(crate) fn order(&self) -> ObserveRequest {
        let (version, promotion) = self.wish();
        let version = version.map(|version| version.parse().unwrap());
        ObserveRequest {
            name: "widget".into(),
            fetch: true,
            request: Request { version, ..Request::default() },
            promotion,
            ..ObserveRequest::of_head(Scope::Plan, tminus::adapters::kinds(), "github")
        }
    }
}

/// A story that was flown to its end.
pub(crate) struct Story {
    world: World,
    course: Course,
    pub(crate) runs_with_faults: usize,
}

/// How many effects a release has when nothing goes wrong.
pub(crate) fn fault_free_effects() -> usize {
    let world = world();
    let repository = repository();
    block_on(run(&world, &repository));
    world.effects().len()
}

/// The same of a release through environments, with its runs until it is released.
pub(crate) fn staged_effects() -> usize {
    let story =
        Story::fly_through(Course::Staged, "no faults", Faults::none(), SignedDuration::ZERO);
    story.world.effects().len()
}

/// The number of the last upload when nothing goes wrong.
pub(crate) fn last_upload() -> usize {
    let world = world();
    let repository = repository();
    block_on(run(&world, &repository));
    let uploads = world.effects();
    uploads.iter().rfind(|effect| effect.kind == EffectKind::Upload).unwrap().n
}

impl Story {
    /// A story that somebody else flies.
    pub(crate) fn over(world: World) -> Self {
        Self { world, course: Course::Plain, runs_with_faults: 0 }
    }

    /// Flies a release with faults, then without, and asserts both properties.
    pub(crate) fn fly(name: &str, faults: Faults) -> Self {
        Self::fly_in(name, faults, SignedDuration::ZERO)
    }

    /// The same in a world whose listing of releases stays behind by `lag`.
    pub(crate) fn fly_in(name: &str, faults: Faults, lag: SignedDuration) -> Self {
        Self::fly_through(Course::Plain, name, faults, lag)
    }

    /// The same by another course. A story that fails is reported with the fewest faults that make it fail.
    pub(crate) fn fly_through(
        course: Course,
        name: &str,
        faults: Faults,
        lag: SignedDuration,
    ) -> Self {
        let struck = match Self::flown(course, name, faults, lag) {
            Ok(story) => return story,
            Err(struck) => struck,
        };
        let all = struck.faults.len();
        let fails = |faults: &[(usize, FaultKind)]| {
            Self::flown(course, name, Faults::at(faults.to_vec()), lag).err()
        };
        // Without those that did not strike it is the same story.
        let least = fails(&struck.faults).map_or(struck, |first| shrink(first, &fails));
        panic!(
            "{name} ({course:?}, lag {lag}) fails with {} of {all} faults: {:?}\n{}",
            least.faults.len(),
            least.faults,
            least.why
        );
    }

    /// The same; an error is what struck and what came of it.
    fn flown(
        course: Course,
        name: &str,
        faults: Faults,
        lag: SignedDuration,
    ) -> Result<Self, Failing> {
        let world = world();
        let told = world.clone();
        let story = AssertUnwindSafe(|| Self::attempted(world, course, name, faults, lag));
        let why = match catch_unwind(story) {
            Ok(Ok(story)) => return Ok(story),
            Ok(Err(why)) => why,
            Err(panicked) => {
                let text = panicked.downcast_ref::<String>().cloned();
                text.unwrap_or_else(|| "it panicked".into())
            }
        };
        let effects = told.effects();
        let struck = effects.iter().filter_map(|effect| Some((effect.n, effect.fault?)));
        Err(Failing { faults: struck.collect(), why })
    }

    fn attempted(
        world: World,
        course: Course,
        name: &str,
        faults: Faults,
        lag: SignedDuration,
    ) -> Result<Self, String> {
        let repository = repository_of(course);
        protect(&world, course);
        world.faults(faults);
        world.with(|state| state.settings.listing_lag = lag);
        let mut story = Self { world, course, runs_with_faults: 0 };
        for _ in 0..ROUGH_RUNS {
            story.runs_with_faults += 1;
            let landed = block_on(run(&story.world, &repository));
            story.safe(name)?;
            match landed {
                Run::Ended(Some(landed)) if done(&landed) => break,
                Run::Ended(Some(_)) => pause(&story.world),
                Run::Ended(None) | Run::Crashed => {}
            }
        }
        story.finish(name, &repository)?;
        Ok(story)
    }

    /// Promotes a pre-release to its final version with a fault at an effect of the promotion; gives
    /// the number of its effects too.
    pub(crate) fn promote(name: &str, fault: Option<(usize, FaultKind)>) -> (Self, usize) {
        let calm = SignedDuration::ZERO;
        let before = Self::fly_through(Course::Prerelease, name, Faults::none(), calm);
        let (world, repository) = (before.world, repository_of(Course::Promoted));
        let so_far = world.effects().len();
        let faults = fault.map(|(n, kind)| (so_far + n, kind)).into_iter().collect();
        world.faults(Faults::at(faults));
        let mut story = Self { world, course: Course::Promoted, runs_with_faults: 0 };
        for _ in 0..ROUGH_RUNS {
            story.runs_with_faults += 1;
            let landed = block_on(run(&story.world, &repository));
            kept(story.safe(name));
            match landed {
                Run::Ended(Some(landed)) if done(&landed) => break,
                Run::Ended(Some(_)) => pause(&story.world),
                Run::Ended(None) | Run::Crashed => {}
            }
        }
        let effects = story.world.effects().len() - so_far;
        kept(story.finish(name, &repository));
        (story, effects)
    }

    /// Two runners begin at once; whoever is left finishes.
    pub(crate) fn fly_two(name: &str, faults: Faults) -> Self {
        let (world, repository) = (world(), repository());
        world.faults(faults);
        let story = Self { world, course: Course::Plain, runs_with_faults: 1 };
        let (one, two) = (story.world.another(), story.world.another());
        let (one, two) =
            block_on(async { tokio::join!(run(&one, &repository), run(&two, &repository)) });
        kept(story.safe(name));
        let flew = |end: &Run<Option<ReleaseRun>>| {
            matches!(end, Run::Ended(Some(ReleaseRun { end: End::Released, .. })))
        };
        assert!(!(flew(&one) && flew(&two)), "{name}: both flew\n{}", story.log());
        pause(&story.world);
        kept(story.finish(name, &repository));
        story
    }

    /// Several runners begin at once, and again after a pause, until the release is finished.
    pub(crate) fn fly_together(name: &str, runners: usize, faults: Faults) -> Self {
        let (world, repository) = (world(), repository_of(Course::Staged));
        protect(&world, Course::Staged);
        world.faults(faults);
        let story = Self { world, course: Course::Staged, runs_with_faults: 0 };
        for _ in 0..ROUGH_RUNS {
            let worlds: Vec<World> = (0..runners).map(|_| story.world.another()).collect();
            let runs = worlds.iter().map(|world| run(world, &repository));
            block_on(all(runs.collect()));
            kept(story.safe(name));
            pause(&story.world);
        }
        kept(story.finish(name, &repository));
        story
    }

    /// A runner is paused when it begins a step, for longer than its lease, while another one begins;
    /// gives what the first one came to, and the second one. `alive`: whether the second one sees
    /// that the first one's process runs.
    pub(crate) fn overtaken(at: &str, alive: bool) -> (ReleaseRun, ReleaseRun) {
        let at = at.to_owned();
        // One run is inside of the other, and so needs twice the stack of a test.
        let thread = std::thread::Builder::new().stack_size(8 << 20);
        thread.spawn(move || Self::overtakes(&at, alive)).unwrap().join().unwrap()
    }

    fn overtakes(at: &str, alive: bool) -> (ReleaseRun, ReleaseRun) {
        let (world, repository) = (world(), repository());
        world.with(|state| state.settings.tells_the_living = alive);
        let (one, two) = (world.another(), world.another());
        let mut second = None;
        let first = block_on(flown(&one, &repository, &mut |_, report| {
            if let ReleaseNotice::Begins(planned) = report
                && planned.key.as_str() == at
                && second.is_none()
            {
                at_once(two.sleep(Duration::from_secs(3600)));
                second = Some(at_once(run(&two, &repository)));
            }
        }));
        let story = Self { world, course: Course::Plain, runs_with_faults: 0 };
        match (first, second) {
            (Run::Ended(Some(one)), Some(Run::Ended(Some(two)))) => (one, two),
            other => panic!("{other:?}\n{}", story.log()),
        }
    }

    /// A release whose commands take long, while another runner begins after so many minutes; gives the
    /// effects, what the first one came to, and the second one.
    pub(crate) fn during_a_long_command(
        command_minutes: u32,
        after: Duration,
    ) -> (Vec<Effect>, ReleaseRun, ReleaseRun) {
        let (world, repository) = (world(), repository_of(Course::Staged));
        protect(&world, Course::Staged);
        world.with(|state| state.settings.command_minutes = command_minutes);
        let (one, two) = (world.another(), world.another());
        let late = Box::pin(async {
            two.lapse(after).await;
            run(&two, &repository).await
        });
        let first = Box::pin(run(&one, &repository));
        let both = block_on(async { tokio::join!(first, late) });
        let story = Self { world, course: Course::Staged, runs_with_faults: 0 };
        kept(story.safe("a long command"));
        match both {
            (Run::Ended(Some(one)), Run::Ended(Some(two))) => (story.world.effects(), one, two),
            other => panic!("{other:?}\n{}", story.log()),
        }
    }

    /// A release that is flown when no later moment can be told.
    pub(crate) fn at_the_end_of_time() -> ReleaseRun {
        let (world, repository) = (world(), repository());
        let rest = jiff::Timestamp::MAX.duration_since(world.now());
        block_on(world.sleep(rest.unsigned_abs()));
        assert_eq!(world.now(), jiff::Timestamp::MAX);
        match block_on(run(&world, &repository)) {
            Run::Ended(Some(landed)) => landed,
            other @ (Run::Ended(_) | Run::Crashed) => panic!("{other:?}"),
        }
    }

    /// One run that meets a conflict while nothing of ours is public.
    pub(crate) fn stops_private(faults: Faults) {
        let (world, repository) = (world(), repository());
        world.faults(faults);
        let story = Self { world, course: Course::Plain, runs_with_faults: 1 };
        let landed = block_on(run(&story.world, &repository));
        let conflict =
            matches!(&landed, Run::Ended(Some(ReleaseRun { end: End::Conflicts(_), .. })));
        assert!(conflict, "{landed:?}\n{}", story.log());
        let public = |effect: &&Effect| {
            let kind = matches!(effect.kind, EffectKind::CreateTag | EffectKind::Publish);
            kind || effect.line.contains("./deploy")
        };
        let ours = story.world.effects();
        let ours = ours.iter().filter(|effect| effect.kind != EffectKind::Probe).find(public);
        assert_eq!(ours, None, "{}", story.log());
    }

    /// Faults stop: the release comes out whole, unless a person or CI has to settle something.
    fn finish(&self, name: &str, repository: &Project) -> Result<(), String> {
        self.world.calm();
        pause(&self.world);
        let struck = self.world.effects();
        let foreign =
            struck.iter().any(|effect| effect.fault.is_some_and(|fault| fault.conflicts()));
        let mut last = String::new();
        let runs = match self.course {
            Course::Plain => CALM_RUNS,
            Course::Staged | Course::Prerelease | Course::Promoted => STAGED_RUNS,
        };
        for _ in 0..runs {
            let landed = block_on(run(&self.world, repository));
            self.safe(name)?;
            let Run::Ended(Some(landed)) = landed else {
                return self.wrong(name, "died in a calm world");
            };
            if matches!(landed.end, End::Nothing) {
                return self.whole(name, repository, &landed, foreign);
            }
            last = format!("{:?}", landed.end);
            let settled_by_others = matches!(
                landed.end,
                End::Conflicts(_) | End::Gates(_) | End::Idle(_) | End::Held { .. }
            );
            if foreign && settled_by_others {
                return Ok(());
            }
            pause(&self.world);
        }
        self.wrong(name, &format!("did not finish in a calm world: {last}"))
    }

    fn wrong(&self, name: &str, why: &str) -> Result<(), String> {
        Err(format!("{name}: {why}\n{}", self.log()))
    }

    pub(crate) fn whole(
        &self,
        name: &str,
        repository: &Project,
        landed: &ReleaseRun,
        foreign: bool,
    ) -> Result<(), String> {
        let plan = landed.plan.as_ref().expect("a finished release has a plan");
        if !foreign && let Err(why) = self.world.whole(plan) {
            return self.wrong(name, &format!("not whole: {why}"));
        }
        let ledger = self.world.with(|state| state.ledger(&plan.tag));
        let mut found = audit(&ledger);
        // Clocks jump here.
        found.retain(|one| !one.finding.message.contains("its time is"));
        if !found.is_empty() {
            return self.wrong(name, &format!("{found:#?}"));
        }
        let before = self.writes();
        let again = block_on(run(&self.world, repository));
        if !matches!(&again, Run::Ended(Some(ReleaseRun { end: End::Nothing, .. }))) {
            return self.wrong(name, "one more run is not nothing");
        }
        if before != self.writes() {
            return self.wrong(name, "one more run changed something");
        }
        Ok(())
    }

    pub(crate) fn safe(&self, name: &str) -> Result<(), String> {
        let violations = self.world.violations();
        if !violations.is_empty() {
            return self.wrong(name, &format!("{violations:#?}"));
        }
        match unrecorded(&self.world.effects()) {
            None => Ok(()),
            Some(effect) => {
                self.wrong(name, &format!("done before the ledger says that it starts: {effect:?}"))
            }
        }
    }

    fn writes(&self) -> usize {
        self.world.effects().iter().filter(|effect| effect.kind.writes()).count()
    }

    /// Everything that happened, a line each.
    pub(crate) fn log(&self) -> String {
        let line = |effect: &Effect| {
            let fault = effect.fault.map_or_else(String::new, |fault| format!("  [{fault}]"));
            format!(
                "{:>4} p{} {}{fault} -> {}\n",
                effect.n, effect.process, effect.line, effect.answer
            )
        };
        self.world.effects().iter().map(line).collect()
    }
}

/// A fault, and the number of the effect that it strikes.
type Strike = (usize, FaultKind);

/// A story that fails: what struck, and what came of it.
#[derive(Debug, Clone)]
pub(crate) struct Failing<S = Strike> {
    pub(crate) faults: Vec<S>,
    pub(crate) why: String,
}

/// The same failure with as few faults as possible: none of them can be left out.
pub(crate) fn shrink<S: Clone>(
    first: Failing<S>,
    fails: &dyn Fn(&[S]) -> Option<Failing<S>>,
) -> Failing<S> {
    let mut least = first;
    let mut size = least.faults.len().div_ceil(2).max(1);
    loop {
        // Many at once first, then one by one, until none can be left out.
        let fewer = (0..least.faults.len()).step_by(size).find_map(|at| {
            let mut fewer = least.faults.clone();
            fewer.drain(at..(at + size).min(fewer.len()));
            // Of those that are left, some may not strike any more.
            fails(&fewer).filter(|found| found.faults.len() <= fewer.len())
        });
        match fewer {
            Some(fewer) => least = fewer,
            None if size == 1 => return least,
            None => size = size.div_ceil(2),
        }
    }
}

fn kept(promise: Result<(), String>) {
    if let Err(why) = promise {
        panic!("{why}");
    }
}

/// The first effect on the world before which its own process did not record that it starts.
fn unrecorded(effects: &[Effect]) -> Option<&Effect> {
    let does = |kind| {
        use EffectKind::{CreateDraft, CreateTag, MoveTag, Publish, Run, Upload};
        matches!(kind, CreateDraft | Upload | CreateTag | Publish | MoveTag | Run)
    };
    effects.iter().enumerate().find_map(|(at, effect)| {
        let mut before = effects[..at].iter().rev().filter(|other| other.process == effect.process);
        let recorded = before.find(|other| does(other.kind) || other.kind == EffectKind::Append);
        let started = recorded.is_some_and(|last| last.line.contains("starting "));
        (does(effect.kind) && !started).then_some(effect)
    })
}

fn done(landed: &ReleaseRun) -> bool {
    matches!(landed.end, End::Released | End::Nothing)
}

/// A person comes back later: leases have run out, listings have caught up.
pub(crate) fn pause(world: &World) {
    block_on(world.sleep(Duration::from_secs(2 * 3600)));
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Drives futures side by side to their ends.
pub(crate) async fn all<T>(futures: Vec<impl Future<Output = T>>) {
    let mut open: Vec<_> = futures.into_iter().map(Box::pin).collect();
    std::future::poll_fn(|context| {
        open.retain_mut(|future| future.as_mut().poll(context).is_pending());
        if open.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

/// Environments as a course needs them.
fn protect(world: &World, course: Course) {
    if course != Course::Plain {
        let timer = Protection { wait_minutes: 30, ..Protection::default() };
        world.with(|state| {
            state.protect("staging", Protection::default());
            state.protect("production", timer);
        });
    }
}

pub(crate) fn repository() -> Project {
    repository_of(Course::Plain)
}

fn repository_of(course: Course) -> Project {
    let manifest = match course {
        Course::Plain => MANIFEST.to_owned(),
        Course::Staged => STAGED.to_owned(),
        Course::Prerelease | Course::Promoted => promoted_manifest(),
    };
    let mut repository = SimRepository {
        branch: Some(BranchName::new("main").unwrap()),
        ..SimRepository::default()
    };
    let first = repository.add_commit("feat: first").unwrap();
    repository.add_commit("feat: second").unwrap();
    for tag in ["v1.0.0", "v1"] {
        let (object, commit) = (first.clone(), first.clone());
        repository.tags.push(RefAt { name: format!("refs/tags/{tag}"), object, commit });
    }
    for (path, text) in [
        ("tminus.yaml", manifest.as_str()),
        ("CHANGELOG.md", CHANGELOG),
        ("Cargo.toml", "[package]\nname = \"widget\"\nversion = \"1.1.0\"\n"),
    ] {
        repository.files.insert(path.into(), text.into());
    }
    for name in ["widget-linux.tar.gz", "widget-macos.tar.gz"] {
        repository.built.insert(format!("dist/{name}"), name.into());
    }
    Project { repository, course }
}

pub(crate) fn world() -> World {
    let world = World::new("2026-06-01T12:00:00Z".parse().unwrap());
    let Project { repository, .. } = repository();
    world.with(|state| state.adopt(&repository.tags));
    let head = repository.commits[0].sha.clone();
    let main = BranchName::new("main").unwrap();
    world.with(|state| state.heads.insert(main, head.clone()));
    for name in ["build", "test"] {
        world.check(&head, name, "success");
    }
    world.require(&["build", "test"]);
    world.command(&["./deploy"], &["./deployed"]);
    world.command(&["./announce"], &["./announced"]);
    world.about(&TagName::new("v1.1.0").unwrap(), &head);
    world
}

/// Drives a future to its end inside of another one.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

async fn run(world: &World, repository: &Project) -> Run<Option<ReleaseRun>> {
    flown(world, repository, &mut |_, _| {}).await
}

async fn flown(world: &World, project: &Project, report: Listener<'_>) -> Run<Option<ReleaseRun>> {
    let Project { repository, .. } = project;
    let order = project.order();
    let process = async {
        let write_ports =
            WritePorts { repository, remote: world, forge: Ok(world), runner: world, clock: world };
        let seen = observe(&write_ports.read_ports(), &order).await.ok()?;
        Some(
            release(&write_ports, &seen.manifest, seen.facts, &ReleaseOptions::default(), report)
                .await,
        )
    };
    world.run(process).await
}

/// A release that is run again and again while time passes, from 1 June 2026, 12:00 UTC.
pub(crate) struct Clockwork {
    world: World,
    project: Project,
}

impl Clockwork {
    /// A world with a manifest.
    pub(crate) fn begin(manifest: &str) -> Self {
        let (world, mut project) = (world(), repository());
        project.repository.files.insert("tminus.yaml".into(), manifest.into());
        Self { world, project }
    }

    /// Runs the release. After it has its lease, it can be paused for some seconds.
    pub(crate) fn run(&self, pause: Option<u64>) -> ReleaseRun {
        let paused = &mut |_: &tminus::release::plan::Plan, notice: &ReleaseNotice<'_>| {
            if let (ReleaseNotice::Leased(_), Some(seconds)) = (notice, pause) {
                at_once(self.world.sleep(Duration::from_secs(seconds)));
            }
        };
        match block_on(flown(&self.world, &self.project, paused)) {
            Run::Ended(Some(run)) => run,
            other @ (Run::Ended(None) | Run::Crashed) => panic!("{other:?}"),
        }
    }

    /// Records the trains after a run, as the command does.
    pub(crate) fn record(&self, run: &ReleaseRun) -> Vec<String> {
        let (world, repository) = (&self.world, &self.project.repository);
        let forge = Ok(world as &dyn tminus::ports::ForgeWrite);
        let ports = WritePorts { repository, remote: world, forge, runner: world, clock: world };
        let source = run.facts.manifest.clone();
        let manifest = tminus::project::manifest::read(source, &tminus::adapters::kinds()).unwrap();
        block_on(record_trains(&ports, &manifest, run)).unwrap()
    }

    pub(crate) fn sleep_hours(&self, hours: u64) {
        block_on(self.world.sleep(Duration::from_secs(hours * 3600)));
    }

    pub(crate) fn sleep_until(&self, at: &str) {
        let at: jiff::Timestamp = at.parse().unwrap();
        let left = at.duration_since(self.world.now());
        assert!(!left.is_negative(), "the clock is at {}", self.world.now());
        block_on(self.world.sleep(left.unsigned_abs()));
    }

    /// A check turns red.
    pub(crate) fn fail(&self, check: &str) {
        self.world.check(&self.project.repository.commits[0].sha, check, "failure");
    }

    pub(crate) fn is_tagged(&self) -> bool {
        self.world.effects().iter().any(|effect| effect.kind == EffectKind::CreateTag)
    }

    pub(crate) fn safe(&self) {
        assert!(self.world.violations().is_empty(), "{:#?}", self.world.violations());
    }
}

/// How a run ended, and why.
pub(crate) fn told(run: &ReleaseRun) -> String {
    let why = if let End::Gates(poll) = &run.end {
        let stops = poll.answers.iter().filter_map(|answer| {
            let ruling = answer.ruling.as_ref()?;
            (!matches!(ruling, tminus::judge::ruling::Ruling::Go { .. }))
                .then(|| format!("{}: {}", answer.gate, ruling.summary()))
        });
        stops.collect::<Vec<_>>().join("; ")
    } else {
        format!("{:?}", run.end).chars().take(40).collect()
    };
    format!("{}: {why}", run.outcome())
}
