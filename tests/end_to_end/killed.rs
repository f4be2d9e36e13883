//! Killed at every effect in turn, a release is finished by running it again: once, and whole.

use crate::support::fake_github::Mishap;
use crate::support::story::{Said, Story};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
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
fn a_release_that_is_killed_anywhere_is_finished_by_running_it_again() {
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
fn a_release_that_is_killed_a_little_later_every_time_is_finished_too() {
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
