//! A calendar as text, Markdown and JSON.

use super::calendar::{CalendarEvent, CalendarView};
use super::escape::markdown;
use super::finding::Paint;
use super::json::FORMAT;
use super::month::months;
use crate::base::clean::{self, clean};
use crate::base::names::StageName;
use crate::project::schedule::Entry;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

impl CalendarView {
    /// A local time of the schedule's zone, which the headline names.
    fn local(&self, at: Timestamp) -> String {
        at.to_zoned(self.schedule.zone.clone()).strftime("%a %e %b %Y %H:%M").to_string()
    }

    fn headline(&self) -> String {
        let last = self.until.yesterday().unwrap_or(self.until);
        let day = |date: Date| date.strftime("%-d %b %Y").to_string();
        let (name, zone) = (clean::name(&self.name), &self.schedule.timezone);
        format!("{name}, {} to {}, {zone}", day(self.from), day(last))
    }

    /// The state of the schedule now.
    fn state(&self) -> String {
        match (self.schedule.closed(self.now), self.schedule.next_open(self.now)) {
            (None, _) => "open now".into(),
            (Some(_), Some(at)) => format!("closed now; opens {}", self.local(at).trim()),
            (Some(_), None) => "closed now, and never opens".into(),
        }
    }

    /// For a terminal, in 80 columns.
    #[must_use]
    pub fn text(&self, paint: Paint) -> String {
        let mut text = format!("{}\n{}\n\n", paint.bold(&self.headline()), self.state());
        text.push_str(&months(self, paint));
        let weekly: BTreeMap<&str, &CalendarEvent> = self
            .events
            .iter()
            .filter(|event| event.weekly)
            .map(|event| (event.name.as_str(), event))
            .collect();
        for event in weekly.values() {
            let ends = event.until.unwrap_or(event.at).to_zoned(self.schedule.zone.clone());
            let begins = event.at.to_zoned(self.schedule.zone.clone());
            let _ = writeln!(
                text,
                "  every week         freeze   {}, {} to {}",
                clean::name(&event.name),
                begins.strftime("%a %H:%M"),
                ends.strftime("%a %H:%M")
            );
        }
        for event in self.events.iter().filter(|event| !event.weekly) {
            let at = self.local(event.at);
            let said = format!("  {at}  {:<7}  {}", event.kind.word(), clean::name(&event.name));
            text.push_str(&said);
            if let Some(until) = event.until {
                let _ = write!(text, ", until {}", self.local(until).replace("  ", " "));
            }
            text.push('\n');
            if let Some(note) = &event.note {
                let _ = writeln!(text, "{:35}{}", "", paint.dim(&clean(note)));
            }
        }
        text.push('\n');
        text.push_str(&self.coming(paint));
        text
    }

    fn coming(&self, paint: Paint) -> String {
        let Some(release) = &self.release else {
            return format!("{}\n", self.idle.as_deref().unwrap_or("nothing to release"));
        };
        let state = if release.started { "in progress" } else { "due" };
        let mut text = format!("{}, {state}\n", paint.bold(&clean(&release.title)));
        let width = release.stages.iter().map(|(stage, _)| stage.as_str().len()).max().unwrap_or(0);
        for (stage, entry) in &release.stages {
            let _ = writeln!(text, "  {:<width$}  {}", stage.as_str(), self.expected(entry));
        }
        text
    }

    /// When a stage can be entered, and what decides it.
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
        text.push_str("| when | what | name | note |\n|---|---|---|---|\n");
        for event in &self.events {
            let until = event.until.map(|until| format!("until {}", self.local(until)));
            let notes: Vec<String> = until.into_iter().chain(event.note.clone()).collect();
            let cells = [
                self.local(event.at),
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
            Some(release) => {
                let state = if release.started { "in progress" } else { "due" };
                let _ = writeln!(text, "\n### {}, {state}\n", line(&release.title));
                for (stage, entry) in &release.stages {
                    let _ = writeln!(
                        text,
                        "- {}: {}",
                        line(stage.as_str()),
                        line(&self.expected(entry))
                    );
                }
            }
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
        json!({
            "format": FORMAT,
            "name": self.name,
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
        })
    }
}
