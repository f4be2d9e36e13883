//! `tminus calendar`: trains, cut-offs, freezes, and when the stages can be entered.

use super::command::{Call, Done, Run};
use super::deliver::{keep, print};
use super::list::files;
use super::looked::{ObservedRelease, look};
use super::options::Subject;
use super::values::moment;
use super::world::Network;
use crate::adapters::files::make_folder;
use crate::drive::execute::idle;
use crate::drive::observe::{in_flight, train_record};
use crate::facts::{Seen, Unseen};
use crate::judge::calendar;
use crate::judge::ruling::Ruling;
use crate::planner::forecast::{entries, expected};
use crate::project::schedule::{Schedule, Train};
use crate::release::in_flight::InFlight;
use crate::release::outcome::Exit;
use crate::release::train::TrainRecord;
use crate::report::calendar::{CalendarView, Coming, events};
use crate::report::formats::{Media, Reader};
use crate::report::{Paint, Sources, finding, ics};
use anyhow::Context as _;
use async_trait::async_trait;
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The default number of days, on a page and in an iCalendar file.
const DAYS: (u16, u16) = (42, 180);

/// Show trains, cut-offs and freezes, and when the stages of the release can be entered.
#[derive(Debug, Args)]
pub(super) struct Calendar {
    /// Which commit.
    #[command(flatten)]
    subject: Subject,
    /// How many days to show [default: 42, or 180 in an iCalendar file].
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=366))]
    days: Option<u16>,
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
    /// Write the calendar to a file; repeat the option for several files.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = files::<Form>)]
    reports: Vec<Vec<(Form, PathBuf)>>,
}

/// The output format of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A month view for a terminal
    Text,
    /// JSON
    Json,
    /// An iCalendar file that others can subscribe to
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
        let scheduled = looked.manifest.schedule.is_some();
        let empty = looked.manifest.schedule.clone().unwrap_or_default();
        let now = match calendar::now(&looked.facts) {
            Ok(now) => now,
            Err(ruling) => return Ok(refused(&looked, &ruling, call)),
        };
        let from = self.from.unwrap_or_else(|| empty.zone.to_datetime(now).date());
        let first = empty.moment(from).context("`--from` is not a supported date")?.min(now);
        let schedule = match calendar::schedule(&looked.case(), first) {
            Ok(schedule) => schedule.unwrap_or(empty),
            Err(ruling) => return Ok(refused(&looked, &ruling, call)),
        };
        let seen = CalendarData::of(&looked, &schedule).await;
        let view = |form: Form| {
            let days = self.days.unwrap_or(if form == Form::Ics { DAYS.1 } else { DAYS.0 });
            let until = from.checked_add(i64::from(days).days()).context("`--from` is too late")?;
            anyhow::Ok(seen.view(&schedule, Days { scheduled, now, from, until }))
        };
        let shown = view(self.format)?;
        match self.format {
            Form::Text => out.result(shown.text(out.paint()).trim_end()),
            Form::Json => print(Media::Json, &format!("{:#}\n", shown.json()), out),
            Form::Ics => out.internet(&ics::ics(&shown)),
            Form::Markdown => out.document(&shown.markdown()),
        }
        for (form, path) in self.reports.concat() {
            let view = view(form)?;
            let text = match form {
                Form::Text => view.text(Paint::Plain),
                Form::Json => format!("{:#}\n", view.json()),
                Form::Ics => ics::ics(&view).replace('\n', "\r\n"),
                Form::Markdown => view.markdown(),
            };
            let place = path.display().to_string();
            let kept = make_folder(&path).map_err(anyhow::Error::from);
            kept.and_then(|()| keep(&path, &text, out))
                .with_context(|| format!("cannot write `{place}`"))?;
        }
        Ok(Exit::Go)
    }
}

/// The data besides the schedule; it does not depend on the days that are shown.
struct CalendarData {
    name: String,
    records: BTreeMap<String, TrainRecord>,
    release: Option<Coming>,
    idle: Option<String>,
    in_flight: Seen<Vec<InFlight>>,
    unread: Vec<String>,
}

/// The days that are shown.
struct Days {
    scheduled: bool,
    now: Timestamp,
    from: Date,
    until: Date,
}

impl CalendarData {
    async fn of(looked: &ObservedRelease<'_>, schedule: &Schedule) -> Self {
        let ports = looked.world.read_ports();
        let (mut records, mut unread) = (BTreeMap::new(), Vec::new());
        for Train { name, .. } in &schedule.trains {
            match train_record(&ports, name).await {
                Seen::Known(stored) => {
                    records.insert(name.clone(), stored.value);
                }
                Seen::Unseen(Unseen { why, .. }) => {
                    unread.push(format!("the past dates of the train `{name}`: {why}"));
                }
            }
        }
        let (release, idle) = coming(looked);
        let own = looked.case().target().ok().map(|target| target.tag.clone());
        let in_flight = in_flight(&ports, own.as_ref()).await;
        let name = looked.facts.name.clone();
        Self { name, records, release, idle, in_flight, unread }
    }

    fn view(&self, schedule: &Schedule, days: Days) -> CalendarView {
        let Days { scheduled, now, from, until } = days;
        let moment = |day: Date| schedule.moment(day).unwrap_or(now);
        CalendarView {
            name: self.name.clone(),
            schedule: schedule.clone(),
            scheduled,
            now,
            from,
            until,
            events: events(schedule, (moment(from), moment(until)), &self.records),
            release: self.release.clone(),
            idle: self.idle.clone(),
            in_flight: self.in_flight.clone(),
            unread: self.unread.clone(),
        }
    }
}

/// The release that is due or in progress; otherwise, a sentence about why there is none.
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
