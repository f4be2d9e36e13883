//! Killed at every effect in turn, a release is finished by running it again: once, and whole.

use super::environments::{a_day_later, bump, exits, on_github};
use super::promoted::{assets, proven};
use crate::support::fake_github::Mishap;
use crate::support::story::{Said, Story};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tminus::facts::environment::DeploymentState;
use tminus::release::step::sha256;

/// More runs than this are not "run the command again".
const RUNS: usize = 4;

/// Where a release is killed.
#[derive(Debug, Clone)]
enum Kill {
    /// At a request to the API.
    Request(usize, Mishap),
    /// By a file that a script finds.
    Marked(String),
}

/// How many requests and network commands an undisturbed release has.
fn undisturbed() -> (usize, usize) {
    let story = Story::new();
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    (story.fake_github.requests().len(), network(&story))
}

fn network(story: &Story) -> usize {
    std::fs::read_to_string(story.path("network")).unwrap().lines().count()
}

fn kills() -> Vec<Kill> {
    let (requests, commands) = undisturbed();
    eprintln!("a whole release: {requests} API requests, {commands} git commands with the remote");
    let mut kills =
        vec![Kill::Marked("kill-before-run".into()), Kill::Marked("kill-after-run".into())];
    for n in 1..=requests {
        kills.extend([Kill::Request(n, Mishap::KillBefore), Kill::Request(n, Mishap::KillAfter)]);
    }
    for n in 1..=commands {
        let moments = ["before", "after"];
        kills.extend(moments.map(|moment| Kill::Marked(format!("kill-{moment}-git-{n}"))));
    }
    kills
}

#[test]
fn a_release_killed_at_any_point_is_finished_by_running_it_again() {
    let kills = kills();
    let (all, next, wrong) = (kills.len(), AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(kill) = kills.get(next.fetch_add(1, Ordering::SeqCst)) {
            if let Err(why) = survives(kill) {
                wrong.lock().unwrap().push(format!("{kill:?}: {why}"));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().unwrap();
    eprintln!("{all} kills, {} not survived", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_release_killed_a_little_later_each_time_is_finished_eventually() {
    let story = Story::new();
    let mut so_far = String::new();
    for later in 1..60 {
        story.fake_github.calm();
        story.fake_github.strike(story.fake_github.requests().len() + later, Mishap::KillAfter);
        let said = story.run(&["release"]);
        so_far += &said.whole();
        if said.code.is_some() {
            eprintln!("finished by run {later}");
            story.fake_github.calm();
            return whole(&story, &said).unwrap_or_else(|why| panic!("{why}\n{so_far}"));
        }
    }
    panic!("it was never finished:\n{so_far}");
}

fn survives(kill: &Kill) -> Result<(), String> {
    let story = Story::new();
    match kill {
        Kill::Request(n, mishap) => story.fake_github.strike(*n, *mishap),
        Kill::Marked(name) => story.write(name, ""),
    }
    let killed = story.run(&["release"]);
    if killed.code.is_some() {
        return Err(format!("it was not killed:\n{}", killed.whole()));
    }
    let mut story_so_far = killed.whole();
    let mut last = killed;
    for _ in 0..RUNS {
        last = story.run(&["release"]);
        story_so_far += &last.whole();
        if last.code == Some(0) {
            break;
        }
    }
    whole(&story, &last).map_err(|why| format!("{why}\n{story_so_far}"))
}

/// Everything is there once, and one more run finds nothing to do.
fn whole(story: &Story, last: &Said) -> Result<(), String> {
    same("exit", last.code, Some(0))?;
    released(story)?;
    let before = story.left();
    let again = story.run(&["release"]);
    same("exit of one more run", again.code, Some(0))?;
    if !again.stdout.starts_with("nothing to release: 1.1.0 is already released") {
        return Err(format!("one more run says:\n{}", again.whole()));
    }
    same("what one more run leaves", story.left(), before)?;
    let log = ["log", "--reverse", "--format=%s", "refs/tminus/releases/v1.1.0"];
    let log = story.git("remote.git", &log);
    let readable = log.lines().all(|line| !line.is_empty() && line.len() < 200);
    let ends = log.lines().last() == Some("finished");
    if readable && ends { Ok(()) } else { Err(format!("the record reads:\n{log}")) }
}

fn released(story: &Story) -> Result<(), String> {
    let head = story.sha("work", "HEAD");
    same("the tag leads to", &story.sha("remote.git", "v1.1.0^{commit}"), &head)?;
    same("tags", story.git("remote.git", &["tag"]).as_str(), "v1.0.0\nv1.1.0")?;
    let deployed = std::fs::read_to_string(story.path("deployed")).unwrap_or_default();
    same("the run's effect", deployed, format!("deployed 1.1.0 v1.1.0 {head}\n"))?;
    let releases = story.fake_github.with(|state| state.releases.clone());
    same("releases, drafts included", releases.len(), 1)?;
    let release = &releases[0].release;
    same("draft", release.draft, false)?;
    same("its tag", release.tag.as_str(), "v1.1.0")?;
    let digest = |name: &str| match std::fs::read(story.path(Path::new("work/dist").join(name))) {
        Ok(bytes) => sha256(&bytes),
        Err(_) => sha256(sums(story).as_bytes()),
    };
    let mut names: Vec<_> = release.assets.iter().map(|asset| asset.name.as_str()).collect();
    names.sort_unstable();
    same("assets", names, vec!["SHA256SUMS", "widget.tar.gz", "widget.txt"])?;
    for asset in &release.assets {
        same(&asset.name, &asset.digest, &Some(digest(&asset.name)))?;
    }
    Ok(())
}

fn sums(story: &Story) -> String {
    let line = |name: &str| {
        let bytes = std::fs::read(story.path(Path::new("work/dist").join(name))).unwrap();
        format!("{}  {name}\n", sha256(&bytes))
    };
    line("widget.tar.gz") + &line("widget.txt")
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, is: T, should: T) -> Result<(), String> {
    if is == should { Ok(()) } else { Err(format!("{what}: is {is:?}, should be {should:?}")) }
}

/// How many requests and network commands there were so far.
fn so_far(story: &Story) -> (usize, usize) {
    (story.fake_github.requests().len(), network(story))
}

/// Kills between two counts, every seventh of each kind.
fn kills_between(from: (usize, usize), to: (usize, usize)) -> Vec<Kill> {
    let mut kills = Vec::new();
    for n in (from.0 + 1..=to.0).step_by(7) {
        let mishap = if n % 2 == 0 { Mishap::KillBefore } else { Mishap::KillAfter };
        kills.push(Kill::Request(n, mishap));
    }
    for n in (from.1 + 1..=to.1).step_by(7) {
        let moment = if n % 2 == 0 { "before" } else { "after" };
        kills.push(Kill::Marked(format!("kill-{moment}-git-{n}")));
    }
    kills
}

/// Tries all of them at once, and gives those that were not survived.
fn all_survived(kills: &[Kill], survives: impl Fn(&Kill) -> Result<(), String> + Sync) {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(kill) = kills.get(next.fetch_add(1, Ordering::SeqCst)) {
            if let Err(why) = survives(kill) {
                wrong.lock().unwrap().push(format!("{kill:?}: {why}"));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().unwrap();
    eprintln!("{} kills, {} not survived", kills.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn strike(story: &Story, kill: &Kill) {
    match kill {
        Kill::Request(n, mishap) => story.fake_github.strike(*n, *mishap),
        Kill::Marked(name) => story.write(name, ""),
    }
}

/// Runs a release until it is finished; a day passes whenever it soaks. Gives how often it was killed.
fn release_staged(story: &Story, version: &str) -> Result<usize, String> {
    let (mut told, mut killed) = (String::new(), 0);
    for _ in 0..8 {
        let said = story.run(&["release"]);
        told += &said.whole();
        match said.code {
            Some(0) => return Ok(killed),
            Some(3) => a_day_later(story, version, "staging"),
            None => killed += 1,
            Some(_) => {}
        }
    }
    Err(format!("it was never finished:\n{told}"))
}

/// One deployment of each entry, all done or replaced, and each command performed once.
fn deployed_once(story: &Story, lines: &str, deployments: usize) -> Result<(), String> {
    let deployed = std::fs::read_to_string(story.path("deployed")).unwrap_or_default();
    same("what the commands did", deployed.as_str(), lines)?;
    let all = story.fake_github.with(|state| state.deployments.clone());
    same("deployments", all.len(), deployments)?;
    for one in &all {
        let state = &one.deployment.state;
        let is_over = matches!(state, DeploymentState::Success | DeploymentState::Inactive);
        if !is_over {
            return Err(format!("a deployment to {} is {state:?}", one.environment));
        }
    }
    Ok(())
}

const WAY: &str = "candidate 1.1.0\nstaging 1.1.0\nproduction 1.1.0\n";

#[test]
fn a_release_through_environments_that_is_killed_is_finished_by_running_it_again() {
    let story = on_github();
    let before = (0, 0);
    assert_eq!(release_staged(&story, "1.1.0"), Ok(0));
    deployed_once(&story, WAY, 2).unwrap();
    let kills = kills_between(before, so_far(&story));
    all_survived(&kills, |kill| {
        let story = on_github();
        strike(&story, kill);
        let killed = release_staged(&story, "1.1.0")?;
        same("times it was killed", killed, 1)?;
        deployed_once(&story, WAY, 2)?;
        same("the tag", story.sha("remote.git", "v1.1.0^{commit}"), story.sha("work", "HEAD"))
    });
}

/// Two versions in production, the second to be taken back.
fn two_versions() -> Result<Story, String> {
    let story = on_github();
    release_staged(&story, "1.1.0")?;
    bump(&story, "1.2.0");
    story.report("build", "success");
    release_staged(&story, "1.2.0")?;
    Ok(story)
}

#[test]
fn a_rollback_that_is_killed_is_finished_by_running_it_again() {
    let lines = format!("{WAY}{}production 1.1.0\n", WAY.replace("1.1.0", "1.2.0"));
    let story = two_versions().unwrap();
    let before = so_far(&story);
    exits(&story.run(&["promote", "--back"]), 0);
    deployed_once(&story, &lines, 5).unwrap();
    let kills = kills_between(before, so_far(&story));
    all_survived(&kills, |kill| {
        let story = two_versions()?;
        strike(&story, kill);
        let killed = story.run(&["promote", "--back"]);
        same("exit of the killed run", killed.code, None)?;
        let again = story.run(&["promote", "--back"]);
        if again.code != Some(0) {
            return Err(format!("{}{}", killed.whole(), again.whole()));
        }
        deployed_once(&story, &lines, 5)
    });
}

#[test]
fn a_promotion_to_a_final_version_that_is_killed_is_finished_by_running_it_again() {
    let promote = ["promote", "--final"];
    let whole = |story: &Story| {
        let deployed = std::fs::read_to_string(story.path("deployed")).unwrap_or_default();
        same("what the commands did", deployed.as_str(), "staging 1.1.0-rc.1\nstaging 1.1.0\n")?;
        same("the assets", assets(story, "v1.1.0"), assets(story, "v1.1.0-rc.1"))?;
        same("releases", story.fake_github.with(|state| state.releases.len()), 2)?;
        let head = story.sha("work", "HEAD");
        same("the tag", story.sha("remote.git", "v1.1.0^{commit}"), head)
    };
    let story = proven();
    let before = so_far(&story);
    exits(&story.run(&promote), 0);
    whole(&story).unwrap();
    let kills = kills_between(before, so_far(&story));
    all_survived(&kills, |kill| {
        let story = proven();
        strike(&story, kill);
        let mut told = String::new();
        for run in 0..RUNS {
            let said = story.run(&promote);
            told += &said.whole();
            if run == 0 {
                same("exit of the killed run", said.code, None)?;
            } else if said.code == Some(0) {
                return whole(&story).map_err(|why| format!("{why}\n{told}"));
            }
        }
        Err(format!("it was never finished:\n{told}"))
    });
}
