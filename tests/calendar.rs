//! When releases may be made: against an independent implementation, as properties, and as it is shown.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

use crate::simulation::harness::{Clockwork, told};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tminus::adapters::kinds;
use tminus::base::names::{Sha, StageName, TagName};
use tminus::base::seen::Seen;
use tminus::base::source::{Source, Spanned};
use tminus::project::manifest::read;
use tminus::project::schedule::{
    Calendar, CalendarFile, Closed, DatedSpan, Dates, Freeze, Schedule, Span, Train, WeekSpan,
    Window, zone,
};
use tminus::release::in_flight::InFlight;
use tminus::report::calendar::{CalendarView, Coming, EXAMPLE, events};
use tminus::report::{Paint, ics};

fn source(text: &str) -> Source {
    Source { name: "tminus.yaml".into(), text: text.into() }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn empty(name: &str) -> Schedule {
    Schedule {
        timezone: name.into(),
        zone: zone(name).unwrap(),
        freezes: Vec::new(),
        windows: Vec::new(),
        calendars: Vec::new(),
        trains: Vec::new(),
    }
}

fn freeze(span: Span) -> Freeze {
    Freeze { name: "f".into(), reason: None, span }
}

/// A schedule with the one freeze of a row of the table.
fn of_row(name: &str, text: &str, moment: Timestamp) -> Schedule {
    let mut schedule = empty(name);
    let (kind, rest) = text.split_once(' ').unwrap();
    match kind {
        "weekly" => schedule.freezes.push(freeze(Span::Week(WeekSpan::read(rest).unwrap()))),
        "dates" => {
            let (from, until) = rest.split_once(' ').unwrap();
            schedule.freezes.push(freeze(Span::Dates(DatedSpan::read(from, until).unwrap())));
        }
        "ics" => {
            let event = rest.replace('|', "\r\n");
            let text = format!(
                "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
            );
            let calendar = Calendar::read(&text).unwrap();
            let ahead = moment + SignedDuration::from_hours(24 * 800);
            let path = Spanned::new("c.ics".to_owned(), tminus::base::source::Span::default());
            let file = CalendarFile { path, elsewhere: None };
            return schedule.with(&[(file, calendar)], (moment, ahead)).unwrap();
        }
        other => panic!("{other}"),
    }
    schedule
}

#[test]
fn two_hundred_moments_in_ten_zones_match_an_independent_implementation() {
    let table = include_str!("calendar/moments.tsv");
    let rows: Vec<&str> = table.lines().filter(|line| !line.starts_with('#')).collect();
    let mut zones = BTreeSet::new();
    let mut wrong = Vec::new();
    for row in &rows {
        let cells: Vec<&str> = row.split('\t').collect();
        let [name, text, moment, wanted] = cells.as_slice() else { panic!("{row}") };
        zones.insert(*name);
        let moment = at(moment);
        let found = match of_row(name, text, moment).closed(moment) {
            None => "open".to_owned(),
            Some(Closed::Frozen { until, .. }) => until.to_string(),
            Some(Closed::NoWindow { .. }) => panic!("{row}"),
        };
        if found != *wanted {
            wrong.push(format!("{row}: {found}"));
        }
    }
    assert_eq!((rows.len(), zones.len()), (200, 10));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const ZONES: [&str; 4] = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC"];

fn week() -> impl Strategy<Value = Span> {
    (0..7_usize, 0..24, 0..7_usize, 0..24).prop_map(|(from, hour, until, end)| {
        let text = format!("{} {hour:02}:00 - {} {end:02}:30", DAYS[from], DAYS[until]);
        Span::Week(WeekSpan::read(&text).unwrap())
    })
}

fn dated() -> impl Strategy<Value = Span> {
    (1..28_i64, 0..24, 0..20_i64).prop_map(|(day, hour, days)| {
        let from = format!("2026-03-{day:02} {hour:02}:00");
        let until = jiff::civil::Date::constant(2026, 3, 1) + (day + days).days();
        Span::Dates(DatedSpan::read(&from, &until.to_string()).unwrap())
    })
}

fn span() -> impl Strategy<Value = Span> {
    prop_oneof![week(), dated()]
}

fn train() -> impl Strategy<Value = Train> {
    (1..9_u64, 0..3_u64, 1..9).prop_map(|(days, cut_off, day)| Train {
        name: "t".into(),
        dates: Dates::every(days * 86_400, &format!("2026-03-0{day} 10:00")).unwrap(),
        cut_off_seconds: cut_off * 86_400,
        late_seconds: 7_200,
        stages: Vec::new(),
    })
}

fn some_schedule() -> impl Strategy<Value = Schedule> {
    let freezes = prop::collection::vec(span(), 0..3);
    let windows = prop::collection::vec(week(), 0..3);
    (0..4_usize, freezes, windows, prop::option::of(train())).prop_map(
        |(name, freezes, windows, train)| {
            let window = |span| Window { name: "w".into(), span };
            let mut schedule = empty(ZONES[name]);
            schedule.freezes = freezes.into_iter().map(freeze).collect();
            schedule.windows = windows.into_iter().map(window).collect();
            schedule.trains = train.into_iter().collect();
            schedule
        },
    )
}

fn march() -> impl Strategy<Value = Timestamp> {
    (0..40 * 24 * 4_i64)
        .prop_map(|quarter| at("2026-03-01T00:00:00Z") + SignedDuration::from_mins(quarter * 15))
}

/// Whether a stage of something that was merged at a time can be entered.
fn may(schedule: &Schedule, merged: Timestamp, now: Timestamp) -> bool {
    let due = |train: &Train| {
        let found = train.carrying(&schedule.zone, merged, now);
        found.is_some_and(|departure| departure.at <= now)
    };
    let trains = &schedule.trains;
    schedule.closed(now).is_none() && (trains.is_empty() || trains.iter().any(due))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn adding_a_freeze_never_opens_the_schedule(
        schedule in some_schedule(),
        more in span(),
        now in march(),
    ) {
        let mut frozen = schedule.clone();
        frozen.freezes.push(freeze(more));
        prop_assert!(schedule.closed(now).is_none() || frozen.closed(now).is_some());
        match (schedule.next_open(now), frozen.next_open(now)) {
            (Some(before), Some(after)) => prop_assert!(before <= after),
            (None, after) => prop_assert_eq!(after, None),
            (Some(_), None) => {}
        }
    }

    #[test]
    fn the_forecast_is_the_first_open_moment(
        schedule in some_schedule(),
        ready in march(),
        merged in march(),
    ) {
        let merged = merged.min(ready);
        let entry = schedule.entry(&StageName::new("stable").unwrap(), ready, merged);
        if let Some(at) = entry.at {
            prop_assert!(may(&schedule, merged, at));
        }
        let horizon = ready + SignedDuration::from_hours(24 * 60);
        let end = entry.at.map_or(horizon, |at| at.min(horizon));
        let mut now = ready;
        while now < end {
            prop_assert!(!may(&schedule, merged, now), "{} is before {}", now, end);
            now += SignedDuration::from_mins(15);
        }
    }
}

const TRAINS: &str = "\
schema: 1
schedule:
  timezone: Europe/Paris
  freezes:
    - { name: weekend, weekly: \"Fri 16:00 - Mon 08:00\" }
    - { name: year end, yearly: \"12-18 - 01-05\", reason: nobody is on call }
  trains:
    - { name: fortnightly, every: 14d, from: \"2026-12-01 10:00\", cut-off: 2d }
";

/// A release in its soak, one that was only started, and one that was rolled back.
fn others() -> Vec<InFlight> {
    let stage = || StageName::new("candidate").unwrap();
    let one = |name: &str, version: &str, stage, rolled_back| InFlight {
        name: name.into(),
        version: version.parse().unwrap(),
        tag: TagName::new(format!("v{version}")).unwrap(),
        commit: Sha::new("1".repeat(40)).unwrap(),
        started: at("2026-12-15T10:00:00Z"),
        stage,
        rolled_back,
    };
    vec![
        one("widget", "1.0.4", Some((stage(), at("2026-12-16T10:00:00Z"))), None),
        one("widget-core, *b*", "0.9.0-rc.1", None, None),
        one("widget", "1.0.3", None, Some(stage())),
    ]
}

fn view() -> CalendarView {
    let schedule = read(source(TRAINS), &kinds()).unwrap().schedule.unwrap();
    let (from, until) = ("2026-12-01".parse().unwrap(), "2027-01-16".parse().unwrap());
    let now = at("2026-12-17T12:00:00Z");
    let span = (schedule.moment(from).unwrap(), schedule.moment(until).unwrap());
    let events = events(&schedule, span, &BTreeMap::new());
    let names = ["candidate", "stable"].map(|name| StageName::new(name).unwrap());
    let merged = at("2026-12-16T12:00:00Z");
    let entries = [&names[0], &names[1]].map(|name| schedule.entry(name, now, merged));
    let stages = names.into_iter().zip(entries).collect();
    let release = Some(Coming { title: "widget 1.1.0 (v1.1.0)".into(), started: true, stages });
    let name = "widget, \u{1b}[31mred; *a*".into();
    let (in_flight, unread) = (Seen::Known(others()), Vec::new());
    CalendarView {
        name,
        schedule,
        scheduled: true,
        now,
        from,
        until,
        events,
        release,
        idle: None,
        in_flight,
        unread,
    }
}

#[test]
fn a_calendar_fits_eighty_columns() {
    let text = view().text(Paint::Plain);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn without_a_schedule_a_calendar_says_how_to_add_one_and_what_is_in_progress() {
    let view = CalendarView {
        schedule: Schedule::default(),
        scheduled: false,
        events: Vec::new(),
        release: None,
        in_flight: Seen::Known(others().into_iter().take(1).collect()),
        unread: vec!["the dates of the train `fortnightly` that are over: no answer".into()],
        ..view()
    };
    let example = format!("schema: 1\n{EXAMPLE}");
    assert_eq!(read(source(&example), &kinds()).unwrap().schedule.unwrap().trains.len(), 1);
    let text = format!("{}\n---\n{}", view.text(Paint::Plain), view.markdown());
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_calendar_as_json_has_everything_that_is_shown() {
    insta::assert_snapshot!(format!("{:#}", view().json()));
}

#[test]
fn the_markdown_calendar_escapes_its_texts() {
    insta::assert_snapshot!(view().markdown());
}

#[test]
fn an_ics_calendar_can_be_parsed_again() {
    let text = ics::ics(&view());
    assert!(text.lines().all(|line| line.len() <= 75), "{text}");
    let calendar = Calendar::read(&text).unwrap();
    let span = (at("2026-12-01T00:00:00Z"), at("2027-02-01T00:00:00Z"));
    let found = calendar.occurrences(&zone("UTC").unwrap(), span).unwrap();
    assert!(found.iter().any(|one| one.name == "Freeze: year end"), "{found:?}");
    insta::assert_snapshot!(text);
}

#[test]
fn all_errors_of_a_schedule_are_reported_at_once() {
    let text = "\
schema: 1
schedule:
  freezes:
    - { weekly: \"Sat - Sun\" }
    - { calendar: c.ics, yearly: \"12-24 - 01-02\" }
  trains:
    - { name: a, every: 36h, from: \"2026-12-01\" }
    - { name: a, cron: \"* * * * *\" }
    - { name: b, every: 1d }
    - { name: c, dates: [soon], stages: [stabel], cut-off: 800d }
stages:
  - name: stable
    steps: [tag]
";
    let findings = read(source(text), &kinds()).unwrap_err();
    let said: Vec<String> = findings
        .iter()
        .map(|one| format!("{}; {}", one.message, one.help.as_deref().unwrap_or("-")))
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

const STORY: &str = "\
schema: 1
version: { files: [Cargo.toml] }
gates:
  checks-green: { required: [build, test] }
schedule:
  freezes:
    - { name: inventory, from: \"2026-06-09 10:30\", until: \"2026-06-10 08:00\" }
  trains:
    - { name: fortnightly, every: 14d, from: \"2026-06-09 10:00\", cut-off: 2d, stages: [stable] }
stages:
  - name: candidate
    steps: [draft-release]
  - name: stable
    steps: [tag, publish-release]
";

#[test]
fn a_release_waits_for_its_train_is_stopped_by_a_freeze_and_leaves_when_it_ends() {
    let story = Clockwork::begin(STORY);
    let mut said = Vec::new();
    // Before the train, only the candidate is made, however often it runs.
    for _ in 0..7 {
        said.push(told(&story.run(None)));
        assert!(!story.is_tagged());
        story.sleep_hours(24);
    }
    // The gates are go at first, but the freeze begins before the tag is created.
    story.sleep_until("2026-06-09T10:29:50Z");
    said.push(told(&story.run(Some(20))));
    assert!(!story.is_tagged());
    story.sleep_until("2026-06-09T20:00:00Z");
    said.push(told(&story.run(None)));
    assert!(!story.is_tagged());
    // The hold ends by itself.
    story.sleep_until("2026-06-10T08:00:00Z");
    let run = story.run(None);
    said.push(told(&run));
    assert!(story.is_tagged());
    said.extend(story.record(&run));
    story.sleep_until("2026-06-15T12:00:00Z");
    let run = story.run(None);
    said.push(told(&run));
    said.extend(story.record(&run));
    story.safe();
    said.dedup();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_train_without_a_release_is_recorded_as_missed_with_its_reason() {
    let story = Clockwork::begin(STORY);
    // Since this run, dates are recorded.
    let mut said = story.record(&story.run(None));
    story.fail("test");
    for moment in ["2026-06-09T10:10:00Z", "2026-06-10T10:05:00Z", "2026-06-11T10:00:00Z"] {
        story.sleep_until(moment);
        let run = story.run(None);
        said.push(told(&run));
        said.extend(story.record(&run));
    }
    assert!(!story.is_tagged());
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_merge_after_the_cutoff_is_released_with_the_next_train() {
    let story = Clockwork::begin(STORY);
    let mut said = story.record(&story.run(None));
    // One second after it.
    story.merged_at("2026-06-07T10:00:01Z");
    for moment in ["2026-06-09T10:00:30Z", "2026-06-10T10:05:00Z", "2026-06-23T10:00:30Z"] {
        story.sleep_until(moment);
        let run = story.run(None);
        said.push(told(&run));
        said.extend(story.record(&run));
    }
    assert!(story.is_tagged());
    story.safe();
    insta::assert_snapshot!(said.join("\n"));
}
