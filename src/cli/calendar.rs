//! `tminus calendar`: trains, cut-offs, freezes, and when the stages can be entered.

use super::command::{Call, Done, Run};
use super::deliver::print;
use super::looked::{ObservedRelease, look};
use super::options::Subject;
use super::values::moment;
use super::world::Network;
use crate::drive::execute::idle;
use crate::drive::observe::train_record;
use crate::judge::calendar;
use crate::judge::ruling::Ruling;
use crate::planner::forecast::{entries, expected};
use crate::project::schedule::Schedule;
use crate::release::outcome::Exit;
use crate::release::train::TrainRecord;
use crate::report::calendar::{CalendarView, Coming, events};
use crate::report::formats::{Media, Reader};
use crate::report::{Sources, finding, ics};
use anyhow::{Context as _, bail};
use async_trait::async_trait;
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use std::collections::BTreeMap;

/// Show trains, cut-offs and freezes, and when the stages of the release can be entered.
#[derive(Debug, Args)]
pub(super) struct Calendar {
    /// Which commit.
    #[command(flatten)]
    subject: Subject,
    /// How many days to show.
    #[arg(long, value_name = "DAYS", default_value = "42", value_parser = clap::value_parser!(u16).range(1..=366))]
    days: u16,
    /// The first day, such as `2026-12-01` [default: today].
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Evaluate the schedule for this time, such as `2026-12-24T10:00:00Z`, instead of now.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<Timestamp>,
    /// Do not use the network.
    #[arg(long)]
    offline: bool,
    /// Output format.
    #[arg(long, value_enum, default_value = "text")]
    format: Form,
}

/// How a calendar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A month view for a terminal
    Text,
    /// JSON
    Json,
    /// An iCalendar file, to subscribe to
    Ics,
    /// Markdown
    Markdown,
}

#[async_trait(?Send)]
impl Run for Calendar {
    async fn run(&self, call: Call<'_>) -> Done {
        let network = if self.offline { Network::Offline } else { Network::Online };
        let show = async |looked: ObservedRelease<'_>| self.show(looked, call).await;
        look("calendar", call, network, (&self.subject, None), show).await
    }

    fn listener(&self) -> Reader {
        match self.format {
            Form::Text => Reader::Person,
            Form::Json | Form::Ics | Form::Markdown => Reader::Program,
        }
    }
}

impl Calendar {
    async fn show(&self, mut looked: ObservedRelease<'_>, call: Call<'_>) -> anyhow::Result<Exit> {
        let out = call.out;
        looked.facts.request.at = self.at;
        let zone = match &looked.manifest.schedule {
            Some(schedule) => schedule.zone.clone(),
            None => bail!("the manifest has no `schedule`"),
        };
        let now = match calendar::now(&looked.facts) {
            Ok(now) => now,
            Err(ruling) => return Ok(refused(&looked, &ruling, call)),
        };
        let from = self.from.unwrap_or_else(|| zone.to_datetime(now).date());
        let until = from.checked_add(i64::from(self.days).days());
        let until = until.context("`--from` is too late")?;
        let first = looked.manifest.schedule.as_ref().and_then(|schedule| schedule.moment(from));
        let first = first.context("`--from` cannot be shown")?.min(now);
        let schedule = match calendar::schedule(&looked.case(), first) {
            Ok(Some(schedule)) => schedule,
            Ok(None) => bail!("the manifest has no `schedule`"),
            Err(ruling) => return Ok(refused(&looked, &ruling, call)),
        };
        let view = self.view(&looked, schedule, now, (from, until)).await;
        let text = match self.format {
            Form::Text => view.text(out.paint()),
            Form::Json => format!("{:#}\n", view.json()),
            Form::Ics => ics::ics(&view),
            Form::Markdown => view.markdown(),
        };
        match self.format {
            Form::Text => out.result(text.trim_end()),
            Form::Json => print(Media::Json, &text, out),
            Form::Ics => out.internet(&text),
            Form::Markdown => out.document(&text),
        }
        Ok(Exit::Go)
    }

    async fn view(
        &self,
        looked: &ObservedRelease<'_>,
        schedule: Schedule,
        now: Timestamp,
        (from, until): (Date, Date),
    ) -> CalendarView {
        let ports = looked.world.read_ports();
        let mut records: BTreeMap<String, TrainRecord> = BTreeMap::new();
        for train in &schedule.trains {
            if let Ok(stored) = train_record(&ports, &train.name).await.known() {
                records.insert(train.name.clone(), stored.value.clone());
            }
        }
        let moment = |day: Date| schedule.moment(day).unwrap_or(now);
        let events = events(&schedule, (moment(from), moment(until)), &records);
        let (release, idle) = coming(looked);
        let name = looked.facts.name.clone();
        CalendarView { name, now, from, until, events, release, idle, schedule }
    }
}

/// The release that is due or in progress; else a sentence.
fn coming(looked: &ObservedRelease<'_>) -> (Option<Coming>, Option<String>) {
    let (case, facts) = (looked.case(), &looked.facts);
    if let Some(idle) = idle(&case) {
        return (None, Some(idle.said()));
    }
    let Ok((plan, progress)) = looked.outlined() else {
        return (None, Some("`tminus plan` shows why there is no plan for a release".into()));
    };
    if progress.is_complete(&plan) {
        return (None, Some(format!("{} is released", plan.tag)));
    }
    let started = facts.ledger.known().is_ok_and(|ledger| ledger.plan().is_some());
    let schedule = calendar::applied(&case);
    let people = expected(&case, &plan, &progress);
    let stages = entries(&plan, &progress, (facts, schedule.as_ref()), &people);
    let title = format!("{} {} ({})", plan.name, plan.version, plan.tag);
    (Some(Coming { title, started, stages }), None)
}

/// Prints why the schedule cannot be evaluated.
fn refused(looked: &ObservedRelease<'_>, ruling: &Ruling, call: Call<'_>) -> Exit {
    let (out, outcome) = (call.out, ruling.verdict().outcome());
    let sources = Sources::of_facts(&looked.facts);
    out.error(&finding::all(outcome.word(), None, ruling.findings(), &sources, out.paint()));
    outcome.exit()
}
