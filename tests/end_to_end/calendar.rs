//! The schedule with the real binary: merge times, calendars of other repositories, what is in progress.

use crate::support::fake_github::Options;
use crate::support::story::Story;
use jiff::SignedDuration;
use serde_json::Value;
use tminus::adapters::sim::Pull;

/// A train that leaves every day, and a calendar of another repository.
const MANIFEST: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
gates:
  checks-green: { required: [build] }
schedule:
  freezes:
    - { calendar: company.ics, repository: acme/policies, commit: 0123456789abcdef0123456789abcdef01234567 }
  trains:
    - { name: daily, every: 1d, from: \"2026-01-01 00:00\" }
stages:
  - name: candidate
    steps: [draft-release]
  - name: stable
    steps: [{ tag: { sign: 'off' } }, publish-release]
";

const POLICY: &str = "acme/policies@0123456789abcdef0123456789abcdef01234567:company.ics";

/// A year that is over.
const CALENDAR: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Over\r\nDTSTART;VALUE=DATE:20200101\r\n\
                        DTEND;VALUE=DATE:20210101\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// Its head was merged two days ago.
fn story(manifest: &str) -> Story {
    let mut story = Story::bare(Options::default(), manifest);
    story.hurry();
    std::fs::remove_dir_all(story.path("work/dist")).unwrap();
    story.report("build", "success");
    let head = story.sha("work", "HEAD");
    story.fake_github.with(|state| {
        state.elsewhere.insert(POLICY.into(), CALENDAR.into());
        let merged_at = Some(state.now - SignedDuration::from_hours(48));
        state.pulls.push(Pull { head: head.clone(), merge: Some(head), merged_at, fork: false });
    });
    story
}

fn json(story: &Story, arguments: &[&str]) -> Value {
    let said = story.run(arguments);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    serde_json::from_str(&said.stdout).unwrap()
}

#[test]
fn a_release_with_a_schedule_asks_exactly_what_its_plan_stated() {
    let story = story(MANIFEST);
    let stated = json(&story, &["plan", "--format", "json"])["release_requests"].as_u64();
    let before = story.fake_github.requests().len();
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let asked: Vec<String> =
        story.fake_github.requests().iter().skip(before).map(|one| one.path.clone()).collect();
    assert_eq!(Some(asked.len() as u64), stated, "{asked:#?}");
    for part in ["/pulls", "/contents/company.ics"] {
        assert_eq!(asked.iter().filter(|path| path.contains(part)).count(), 1, "{asked:#?}");
    }
}

#[test]
fn a_commit_that_was_merged_after_the_cut_off_waits_for_the_next_train() {
    let story = story(MANIFEST);
    assert_eq!(story.run(&["check"]).code, Some(0));
    story.fake_github.with(|state| state.pulls[0].merged_at = Some(state.now));
    let said = story.run(&["check"]);
    assert_eq!(said.code, Some(3), "{}", said.whole());
    assert!(said.stdout.contains("after the cut-off"), "{}", said.whole());
}

#[test]
fn a_calendar_of_another_repository_that_cannot_be_read_is_unknown_and_named() {
    let story = story(MANIFEST);
    let said = story.run(&["check", "--offline", "--gate", "window-open"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    assert!(said.stdout.contains("`acme/policies@0123456:company.ics`"), "{}", said.whole());
    story.fake_github.with(|state| state.elsewhere.clear());
    let said = story.run(&["check", "--gate", "window-open"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    let why = "the token lacks `contents: read` for acme/policies";
    assert!(said.stdout.contains(why), "{}", said.whole());
}

#[test]
fn a_calendar_shows_the_other_releases_in_progress_with_their_stages() {
    let without = MANIFEST.replace("schedule:", "x-schedule:");
    let (start, rest) = without.split_once("x-schedule:").unwrap();
    let (_, stages) = rest.split_once("stages:").unwrap();
    let story = story(&format!("{start}stages:{stages}"));
    let said = story.run(&["release", "--through", "candidate"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let shown = json(&story, &["calendar", "--format", "json"]);
    assert_eq!((&shown["scheduled"], &shown["in_flight"]), (&false.into(), &Value::Array(vec![])));
    assert_eq!(shown["release"]["stages"][0]["stage"], "stable", "{shown:#}");
    let cargo = std::fs::read_to_string(story.path("work/Cargo.toml")).unwrap();
    story.write("work/Cargo.toml", cargo.replace("1.1.0", "1.2.0"));
    story.push("feat: a third widget");
    let shown =
        json(&story, &["calendar", "--version", "1.2.0", "--commit", "HEAD", "--format", "json"]);
    let other = &shown["in_flight"][0];
    assert_eq!(
        (&other["tag"], &other["stage"]),
        (&"v1.1.0".into(), &"candidate".into()),
        "{shown:#}"
    );
    let report = format!("ics={}", story.path("site/releases.ics").display());
    let said = story.run(&["calendar", "--report", &report]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert!(
        said.stdout.contains("to add one, write this in the manifest, for example:"),
        "{}",
        said.whole()
    );
    let written = std::fs::read_to_string(story.path("site/releases.ics")).unwrap();
    assert!(written.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"), "{written}");
}

#[test]
fn a_rehearsal_shows_the_forecast_and_lets_time_pass_until_the_train_leaves() {
    let trains = "{ name: fortnightly, every: 14d, from: \"2026-01-01 00:00\", stages: [stable] }";
    let manifest =
        MANIFEST.replace("{ name: daily, every: 1d, from: \"2026-01-01 00:00\" }", trains);
    let story = story(&manifest);
    let said = story.run(&["rehearse"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    for part in ["(the train `fortnightly`)", "waiting  the train `fortnightly` leaves ", "1 run"] {
        assert!(said.stdout.contains(part), "{part}: {}", said.whole());
    }
}
