//! Waiting for checks over HTTP, with a clock that only moves when somebody sleeps: the checks move
//! on between looks.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use crate::support::fake_github::{FakeGitHub, Mishap, Options, Scopes, TOKEN};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tminus::adapters::forge::github::{GitHub, Settings, SettingsInput};
use tminus::adapters::sim::{SimRepository, State, World};
use tminus::base::names::{BranchName, Sha};
use tminus::drive::observe::{ObserveRequest, Observed, Scope, observe};
use tminus::drive::wait::Waiter;
use tminus::facts::CheckState;
use tminus::judge::case::Case;
use tminus::judge::gates::{GateSelection, poll};
use tminus::judge::ruling::Verdict;
use tminus::judge::watch::{Board, ProgressLog, RateLimit};
use tminus::ports::{Clock, ReadPorts, RefAt};
use tminus::report::watch::line;

const MANIFEST: &str = "\
schema: 1
branches: [main]
version: { files: [Cargo.toml] }
gates:
  checks-green: { required: [build, docs], grace: 10m }
";

/// What happens while somebody sleeps for the nth time, from 1.
type Turn = Box<dyn Fn(usize, &mut State, &Sha)>;

/// A clock that moves when somebody sleeps, and the world with it.
struct Moving {
    world: World,
    head: Sha,
    sleeps: RefCell<Vec<Duration>>,
    turn: Turn,
}

#[async_trait(?Send)]
impl Clock for Moving {
    fn now(&self) -> Timestamp {
        self.world.now()
    }

    async fn sleep(&self, duration: Duration) {
        self.world.sleep(duration).await;
        self.sleeps.borrow_mut().push(duration);
        let n = self.sleeps.borrow().len();
        self.world.with(|state| (self.turn)(n, state, &self.head));
    }
}

struct Scene {
    fake_github: FakeGitHub,
    world: World,
    repository: SimRepository,
    clock: Rc<Moving>,
    token: &'static str,
    max_wait: SignedDuration,
    rate_limit: Option<RateLimit>,
    gate: &'static str,
}

/// What came of it.
struct End {
    verdict: Verdict,
    lines: Vec<String>,
    requests: usize,
    pauses: Vec<f64>,
}

fn start() -> Timestamp {
    "2026-06-01T14:02:10Z".parse().unwrap()
}

fn report(state: &mut State, head: &Sha, name: &str, word: &str) {
    state.report(head, name, CheckState::Finished(word.into()));
}

fn begin(state: &mut State, head: &Sha, name: &str, doing: &str) {
    state.report(head, name, CheckState::Pending(doing.into()));
}

/// Ends the newest run of a check.
fn end(state: &mut State, head: &Sha, name: &str, word: &str) {
    let now = state.now;
    let runs = state.checks.get_mut(head).unwrap();
    let run = runs.iter_mut().rfind(|run| run.name == name).unwrap();
    run.state = CheckState::Finished(word.into());
    run.completed_at = Some(now);
}

impl Scene {
    /// `build` runs, `docs` is queued; then `turn` has it.
    fn new(turn: impl Fn(usize, &mut State, &Sha) + 'static) -> Self {
        let mut repository = SimRepository {
            branch: Some(BranchName::new("main").unwrap()),
            ..SimRepository::default()
        };
        let first = repository.add_commit("feat: first").unwrap();
        let head = repository.add_commit("feat: second").unwrap();
        let name = "refs/tags/v1.0.0".into();
        repository.tags.push(RefAt { name, object: first.clone(), commit: first.clone() });
        let cargo = "[package]\nname = \"widget\"\nversion = \"1.1.0\"\n";
        for (path, text) in [("tminus.yaml", MANIFEST), ("Cargo.toml", cargo)] {
            repository.files.insert(path.into(), text.into());
        }
        let state = Arc::new(Mutex::new(State::new(start())));
        let world = World::over(Arc::clone(&state));
        world.with(|state| {
            state.adopt(&repository.tags);
            state.heads.extend(repository.branch.clone().map(|branch| (branch, head.clone())));
            begin(state, &head, "build", "in_progress");
            begin(state, &head, "docs", "queued");
        });
        let mut options = Options { state: Some(state), ..Options::default() };
        options.tokens.insert("blind".into(), Scopes { checks: false, ..Scopes::ALL });
        let fake_github = FakeGitHub::start(options).unwrap();
        let sleeps = RefCell::default();
        let clock = Rc::new(Moving { world: world.clone(), head, sleeps, turn: Box::new(turn) });
        let max_wait = SignedDuration::from_hours(1);
        Self {
            fake_github,
            world,
            repository,
            clock,
            token: TOKEN,
            max_wait,
            rate_limit: None,
            gate: "checks-green",
        }
    }

    fn github(&self) -> GitHub {
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let given = SettingsInput {
            api_url_option: Some(self.fake_github.url.clone()),
            graphql_url: None,
            repository_option: Some("acme/widget".into()),
            token: Some(self.token.to_owned().into()),
            ..SettingsInput::default()
        };
        GitHub::new(Settings::derive(given).unwrap(), self.clock.clone()).unwrap()
    }

    async fn wait(&self) -> End {
        let github = self.github();
        let clock: &dyn Clock = &*self.clock;
        let read_ports = ReadPorts {
            repository: &self.repository,
            remote: Some(&self.world),
            forge: Ok(&github),
            prober: &self.world,
            clock,
        };
        let selection = GateSelection { only: vec![self.gate.into()], ..GateSelection::default() };
        let order = ObserveRequest {
            name: "widget".into(),
            fetch: true,
            ..ObserveRequest::of_head(
                Scope::Check(selection.clone()),
                tminus::adapters::kinds(),
                "github",
            )
        };
        let mut seen = observe(&read_ports, &order).await.unwrap();
        let (news, lines) = (RefCell::new(ProgressLog::default()), RefCell::new(Vec::new()));
        let watcher = |board: Board| {
            let new = news.borrow_mut().of(&board).map(|new| line(&board, &new));
            lines.borrow_mut().extend(new);
        };
        let rate_limit = || self.rate_limit;
        let waiter = Waiter {
            read_ports,
            order,
            selection: selection.clone(),
            max_wait: self.max_wait,
            rate_limit: &rate_limit,
            watcher: Some(&watcher),
        };
        waiter.wait(&mut seen).await.unwrap();
        let Observed { manifest, facts, .. } = &seen;
        assert_eq!(facts.commit.sha, self.clock.head);
        let pauses = self.clock.sleeps.borrow().iter().map(Duration::as_secs_f64).collect();
        End {
            verdict: poll(&Case::new(manifest, facts), &selection).verdict(),
            lines: lines.into_inner(),
            requests: self.fake_github.requests().len(),
            pauses,
        }
    }
}

#[tokio::test]
async fn hold_becomes_go_and_every_change_is_printed() {
    let end = Scene::new(|n, state, head| match n {
        2 => end(state, head, "build", "success"),
        3 => end(state, head, "docs", "success"),
        _ => {}
    });
    let end = end.wait().await;
    assert_eq!(end.verdict, Verdict::Go);
    assert_eq!(end.requests, 6, "a whole look, earlier runs, three light looks, a whole look");
    insta::assert_snapshot!("waiting-go", end.lines.join("\n"));
}

#[tokio::test]
async fn the_wait_for_a_push_ends_with_the_push() {
    let main = BranchName::new("main").unwrap();
    let pushed = main.clone();
    let mut scene = Scene::new(move |n, state, head| {
        if n == 2 {
            state.heads.insert(pushed.clone(), head.clone());
        }
    });
    let first = scene.repository.commits[1].sha.clone();
    scene.world.with(|state| state.heads.insert(main, first));
    scene.gate = "branch-allowed";
    let end = scene.wait().await;
    assert_eq!((end.verdict, end.pauses.len()), (Verdict::Go, 2));
}

#[tokio::test]
async fn hold_becomes_no_go_as_soon_as_a_check_fails() {
    let end = Scene::new(|n, state, head| {
        if n == 1 {
            end(state, head, "docs", "failure");
        }
    });
    let end = end.wait().await;
    assert_eq!((end.verdict, end.pauses.len(), end.requests), (Verdict::NoGo, 1, 4));
    insta::assert_snapshot!("waiting-no-go", end.lines.join("\n"));
}

#[tokio::test]
async fn pauses_grow_from_15_to_90_seconds_and_end_with_the_deadline() {
    let mut scene = Scene::new(|_, _, _| ());
    scene.max_wait = SignedDuration::from_mins(20);
    let end = scene.wait().await;
    assert_eq!(end.verdict, Verdict::Hold);
    let (last, others) = end.pauses.split_last().unwrap();
    assert!((12.75..=17.25).contains(&others[0]), "{:?}", end.pauses);
    assert!(others.iter().all(|pause| (12.75..=103.5).contains(pause)), "{:?}", end.pauses);
    assert!(others[6..].iter().all(|pause| *pause >= 76.5), "{:?}", end.pauses);
    assert!(*last <= 103.5);
    let whole: f64 = end.pauses.iter().sum();
    assert!((whole - 1200.0).abs() < 0.01, "{whole}");
    assert_eq!(end.requests, 2 + end.pauses.len());
    insta::assert_snapshot!("waiting-silence", end.lines.join("\n"));
}

#[tokio::test]
async fn pauses_get_longer_if_little_of_the_quota_is_left() {
    let mut scene = Scene::new(|_, _, _| ());
    let resets = start() + SignedDuration::from_mins(50);
    scene.rate_limit = Some(RateLimit { remaining: 62, resets });
    scene.max_wait = SignedDuration::from_mins(49);
    let end = scene.wait().await;
    assert_eq!(end.verdict, Verdict::Hold);
    assert!(end.pauses[0] > 1490.0 && end.pauses.len() <= 8, "{:?}", end.pauses);
}

#[tokio::test]
async fn a_required_check_that_never_reports_is_no_go_after_its_grace_period() {
    let scene = Scene::new(|n, state, head| {
        if n == 1 {
            end(state, head, "build", "success");
            state.checks.get_mut(head).unwrap().retain(|run| run.name != "docs");
        }
    });
    let end = scene.wait().await;
    assert_eq!(end.verdict, Verdict::NoGo);
    let whole: f64 = end.pauses.iter().sum();
    assert!((600.0..720.0).contains(&whole), "{whole}");
}

#[tokio::test]
async fn a_temporary_network_failure_does_not_end_the_wait() {
    let scene = Scene::new(|n, state, head| {
        if n == 8 {
            end(state, head, "build", "success");
            end(state, head, "docs", "success");
        }
    });
    // The first light look fails with all its repeats.
    for n in 3..=6 {
        scene.fake_github.strike(n, Mishap::BadGatewayBefore);
    }
    let end = scene.wait().await;
    assert_eq!(end.verdict, Verdict::Go);
    assert!(end.lines.iter().any(|line| line.contains("502")), "{:?}", end.lines);
}

#[tokio::test]
async fn a_permanent_network_failure_ends_the_wait_with_unknown() {
    let scene = Scene::new(|_, _, _| ());
    for n in 3..200 {
        scene.fake_github.strike(n, Mishap::CutBefore);
    }
    let end = scene.wait().await;
    assert_eq!(end.verdict, Verdict::Unknown);
}

#[tokio::test]
async fn a_missing_permission_ends_the_wait() {
    let mut scene = Scene::new(|_, _, _| ());
    scene.token = "blind";
    let end = scene.wait().await;
    assert_eq!((end.verdict, end.pauses.len()), (Verdict::Unknown, 0));
}
