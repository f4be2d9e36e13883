//! A calendar as text, Markdown and JSON.

use super::calendar::{CalendarEvent, CalendarView, Coming, EXAMPLE, EventKind};
use super::escape::markdown;
use super::finding::Paint;
use super::json::FORMAT;
use super::month::months;
use crate::base::clean::{self, clean};
use crate::base::names::StageName;
use crate::project::schedule::Entry;
use crate::release::in_flight::InFlight;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A space at which no line is broken.
const HARD: &str = "\u{a0}";

/// The columns of a terminal.
const WIDTH: usize = 80;

/// The indentation below the name of an event.
const INDENT: &str = "                                  ";

impl CalendarView {
    /// A local time of the schedule's zone, which the headline names.
    fn local(&self, at: Timestamp) -> String {
        at.to_zoned(self.schedule.zone.clone()).strftime("%a %e %b %Y %H:%M").to_string()
    }

    /// The same within a sentence.
    fn day(&self, at: Timestamp) -> String {
        self.local(at).replace("  ", " ")
    }

    fn headline(&self) -> String {
        let last = self.until.yesterday().unwrap_or(self.until);
        let day = |date: Date| date.strftime("%-d %b %Y").to_string();
        let (name, zone) = (clean::name(&self.name), &self.schedule.timezone);
        format!("{name}, {} to {}, {zone}", day(self.from), day(last))
    }

    /// The state of the schedule now.
    fn state(&self) -> String {
        if !self.scheduled {
            return "the manifest has no `schedule`, so releases can be made at any time".into();
        }
        match (self.schedule.closed(self.now), self.schedule.next_open(self.now)) {
            (None, _) => "open now".into(),
            (Some(_), Some(at)) => format!("closed now; opens {}", self.day(at)),
            (Some(_), None) => "closed now, and never opens".into(),
        }
    }

    /// For a terminal, in 80 columns.
    #[must_use]
    pub fn text(&self, paint: Paint) -> String {
        let mut text = format!("{}\n{}\n\n", paint.bold(&self.headline()), self.state());
        match self.scheduled {
            true => text.push_str(&self.schedule_text(paint)),
            false => {
                text.push_str("to add one, write this in the manifest, for example:\n\n");
                EXAMPLE.lines().for_each(|line| text.push_str(&format!("  {line}\n")));
            }
        }
        text.push('\n');
        text.push_str(&self.coming(paint));
        text.push_str(&self.in_flight_text(paint));
        text
    }

    /// The months and the events.
    fn schedule_text(&self, paint: Paint) -> String {
        let mut text = months(self, paint);
        let weekly: BTreeMap<(EventKind, &str), &CalendarEvent> = self
            .events
            .iter()
            .filter(|event| event.weekly)
            .map(|event| ((event.kind, event.name.as_str()), event))
            .collect();
        for event in weekly.values() {
            let day = |at: Timestamp| {
                at.to_zoned(self.schedule.zone.clone()).strftime("%a %H:%M").to_string()
            };
            let (begins, ends) = (day(event.at), day(event.until.unwrap_or(event.at)));
            let said = format!("{}, {begins} to {ends}", clean::name(&event.name));
            text.push_str(&self.line("every week", event.kind, &said));
            text.push_str(&self.note(event.note.as_deref(), paint));
        }
        for event in self.events.iter().filter(|event| !event.weekly) {
            let name = clean::name(&event.name);
            let zone = format!(" {}", self.schedule.timezone);
            let (said, note) = match (event.kind, event.until, event.note.as_deref()) {
                (EventKind::CutOff, _, Some(leaves)) => {
                    let leaves = leaves.strip_suffix(zone.as_str()).unwrap_or(leaves);
                    (format!("{name}, {leaves}"), None)
                }
                (_, Some(until), note) => {
                    // A time is not broken into two lines.
                    let until = format!("until {}", self.day(until)).replace(' ', HARD);
                    (format!("{name}, {until}"), note)
                }
                (_, None, note) => (name.into_owned(), note),
            };
            text.push_str(&self.line(&self.local(event.at), event.kind, &said));
            text.push_str(&self.note(note, paint));
        }
        text
    }

    /// An event, wrapped.
    fn line(&self, when: &str, kind: EventKind, said: &str) -> String {
        let first = format!("  {when:<21}  {:<7}  ", kind.word());
        let options =
            textwrap::Options::new(WIDTH).initial_indent(&first).subsequent_indent(INDENT);
        textwrap::fill(said, options).replace(HARD, " ") + "\n"
    }

    /// The note of an event, below it.
    fn note(&self, note: Option<&str>, paint: Paint) -> String {
        let Some(note) = note else { return String::new() };
        let note = clean(note);
        let lines = textwrap::wrap(&note, WIDTH - INDENT.len());
        lines.iter().map(|line| format!("{INDENT}{}\n", paint.dim(line))).collect()
    }

    fn in_flight_text(&self, paint: Paint) -> String {
        let all = self.in_flight.known().map_or(&[][..], Vec::as_slice);
        let mut text = String::new();
        if !all.is_empty() {
            let _ = writeln!(text, "\n{}", paint.bold("other releases in progress"));
        }
        let titles: Vec<String> = all.iter().map(|one| clean(&titled(one)).into_owned()).collect();
        let width = titles.iter().map(|title| title.chars().count()).max().unwrap_or(0);
        let places: Vec<String> = all.iter().map(|one| self.place(one)).collect();
        let fits = places.iter().all(|place| width + place.len() + 4 <= WIDTH);
        for (title, place) in titles.iter().zip(places) {
            let line = match fits {
                true => format!("  {title:<width$}  {place}\n"),
                false => format!("  {title}\n    {place}\n"),
            };
            text.push_str(&line);
        }
        for unread in self.unread() {
            let _ = writeln!(text, "\nnot read: {}", clean(&unread));
        }
        text
    }

    /// What could not be read.
    fn unread(&self) -> Vec<String> {
        let other = self.in_flight.known().err();
        let other = other.map(|unseen| format!("other releases in progress: {}", unseen.why));
        self.unread.iter().cloned().chain(other).collect()
    }

    /// The progress of a release.
    fn place(&self, one: &InFlight) -> String {
        let since = |at: Timestamp| self.day(at);
        match (&one.rolled_back, &one.stage) {
            (Some(stage), _) => format!("rolled back in {stage}"),
            (None, Some((stage, at))) => format!("in {stage} since {}", since(*at)),
            (None, None) => format!("started {}, in no stage yet", since(one.started)),
        }
    }

    fn coming(&self, paint: Paint) -> String {
        let Some(release) = &self.release else {
            return format!("{}\n", self.idle.as_deref().unwrap_or("nothing to release"));
        };
        let state = if release.started { "in progress" } else { "due" };
        let mut text = format!("{}, {state}\n", paint.bold(&clean(&release.title)));
        let width = release.stages.iter().map(|(stage, _)| stage.as_str().len()).max().unwrap_or(0);
        for (stage, entry) in &release.stages {
            let (first, rest) = (format!("  {:<width$}  ", stage.as_str()), " ".repeat(width + 4));
            let options =
                textwrap::Options::new(WIDTH).initial_indent(&first).subsequent_indent(&rest);
            let _ = writeln!(text, "{}", textwrap::fill(&self.expected(entry), options));
        }
        text
    }

    /// When a stage can be entered, and the rule that determines this.
    fn expected(&self, entry: &Entry) -> String {
        let when = match entry.at {
            Some(at) if at <= self.now => "now".to_owned(),
            Some(at) => self.local(at),
            None => "never".to_owned(),
        };
        let rule =
            entry.rule.as_ref().map(|rule| format!(", because of {}", clean(&rule.to_string())));
        let waits = entry.ready > self.now && entry.at != Some(entry.ready);
        let ready = waits.then(|| format!("; ready {}", self.local(entry.ready)));
        format!("{when}{}{}", rule.unwrap_or_default(), ready.unwrap_or_default())
    }

    /// As Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let line = markdown::text;
        let mut text = format!("## {}\n\n{}\n\n", line(&self.headline()), line(&self.state()));
        match self.scheduled {
            true => text.push_str("| when | what | name | note |\n|---|---|---|---|\n"),
            false => {
                let _ = writeln!(
                    text,
                    "To add one, write this in the manifest, for example:\n\n```yaml\n{EXAMPLE}```"
                );
            }
        }
        for event in &self.events {
            let until = event.until.map(|until| format!("until {}", self.day(until)));
            let notes: Vec<String> = until.into_iter().chain(event.note.clone()).collect();
            let cells = [
                self.day(event.at),
                event.kind.word().into(),
                event.name.clone(),
                notes.join("; "),
            ];
            let cells = cells.map(|cell| line(&cell));
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        match &self.release {
            None => {
                let idle = self.idle.as_deref().unwrap_or("nothing to release");
                let _ = writeln!(text, "\n{}", line(idle));
            }
            Some(release) => text.push_str(&self.markdown_of(release)),
        }
        let all = self.in_flight.known().map_or(&[][..], Vec::as_slice);
        if !all.is_empty() {
            text.push_str("\n### Other releases in progress\n\n");
        }
        for one in all {
            let _ = writeln!(text, "- {}: {}", line(&titled(one)), line(&self.place(one)));
        }
        for unread in self.unread() {
            let _ = writeln!(text, "\nnot read: {}", line(&unread));
        }
        text
    }

    fn markdown_of(&self, release: &Coming) -> String {
        let line = markdown::text;
        let state = if release.started { "in progress" } else { "due" };
        let mut text = format!("\n### {}, {state}\n\n", line(&release.title));
        for (stage, entry) in &release.stages {
            let (stage, expected) = (line(stage.as_str()), line(&self.expected(entry)));
            let _ = writeln!(text, "- {stage}: {expected}");
        }
        text
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let event = |event: &CalendarEvent| {
            json!({
                "kind": event.kind.word(),
                "name": event.name,
                "at": event.at,
                "until": event.until,
                "note": event.note,
            })
        };
        let stage = |(stage, entry): &(StageName, Entry)| {
            json!({
                "stage": stage,
                "ready": entry.ready,
                "at": entry.at,
                "rule": entry.rule.as_ref().map(ToString::to_string),
            })
        };
        let in_flight = |one: &InFlight| {
            json!({
                "name": one.name,
                "version": one.version,
                "tag": one.tag,
                "commit": one.commit,
                "started": one.started,
                "stage": one.stage.as_ref().map(|(stage, _)| stage),
                "entered": one.stage.as_ref().map(|(_, at)| at),
                "rolled_back": one.rolled_back,
            })
        };
        let others = self.in_flight.known().ok();
        json!({
            "format": FORMAT,
            "name": self.name,
            "scheduled": self.scheduled,
            "timezone": self.schedule.timezone,
            "now": self.now,
            "from": self.from,
            "until": self.until,
            "next_open": self.schedule.next_open(self.now),
            "events": self.events.iter().map(event).collect::<Vec<_>>(),
            "release": self.release.as_ref().map(|release| json!({
                "title": release.title,
                "started": release.started,
                "stages": release.stages.iter().map(stage).collect::<Vec<_>>(),
            })),
            "in_flight": others.map(|all| all.iter().map(in_flight).collect::<Vec<_>>()),
            "unread": self.unread(),
        })
    }
}

/// Name, version and tag.
fn titled(one: &InFlight) -> String {
    format!("{} {} ({})", one.name, one.version, one.tag)
}
