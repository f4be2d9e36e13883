//! `tminus abort`: cancel a release before its point of no return.

use super::command::{Call, Done, OnSignal, Run};
use super::deliver::workflow;
use super::exit::Exit;
use super::format::ReleaseFormat;
use super::landing;
use super::listener::Listener;
use super::looked::{Looked, attached, look};
use super::options::Subject;
use super::out::Out;
use super::release::reasons;
use super::world::World;
use crate::ci::Environment;
use crate::drive::execute::{Abandoned, End, ReleaseRun, abandon, out_by_others};
use crate::facts::Facts;
use crate::planner::Progress;
use crate::planner::steps::{title, touches};
use crate::project::manifest::Touch;
use crate::release::ledger::Ledger;
use crate::release::outcome::{Outcome, Ran};
use crate::release::plan::Plan;
use crate::report::status::short;
use crate::report::{Ending, Paint, Report, clean, json};
use async_trait::async_trait;
use clap::Args;

/// Cancel a release before its point of no return, and clean up.
#[derive(Debug, Args)]
pub(super) struct Abort {
    /// Which commit.
    #[command(flatten)]
    subject: Subject,
    /// Take over the release from the runner that holds it.
    #[arg(long)]
    take_over: bool,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: ReleaseFormat,
}

#[async_trait(?Send)]
impl Run for Abort {
    async fn run(&self, call: Call<'_>) -> Done {
        let whole = call.out;
        let call = match self.format {
            ReleaseFormat::Json => call.aside(),
            ReleaseFormat::Text | ReleaseFormat::Github => call,
        };
        let abort = async |looked: Looked<'_>| self.abort(looked, call, whole).await;
        look("abort", call, &self.subject, abort).await
    }

    fn listener(&self) -> Listener {
        self.format.into()
    }

    fn on_signal(&self) -> OnSignal {
        OnSignal::Report
    }
}

impl Abort {
    async fn abort(&self, looked: Looked<'_>, call: Call<'_>, whole: Out) -> anyhow::Result<Exit> {
        let Call { environment, out, .. } = call;
        let (case, pages) = (looked.case(), looked.world.pages());
        let around = Around { args: self, environment, world: looked.world, out: whole };
        let plain = |ending, trouble| Report {
            facts: &looked.facts,
            target: case.target().ok(),
            poll: None,
            plan: None,
            trouble,
            ending,
            pages: &pages,
        };
        if let Some((version, tag, _)) = out_by_others(&case) {
            let tag = clean(tag.as_str());
            let line = format!(
                "nothing to abort: {version} is released, and tminus did not \
                                create {tag}"
            );
            out.result(&line);
            let ending = Ending::of(Outcome::NothingToAbort, &line);
            return around.tell(&plain(ending, Vec::new()));
        }
        let before = already(&looked.facts);
        let (plan, progress) = match (looked.planned(), &before) {
            (Ok(both), _) => both,
            (Err(_), Some(line)) => {
                out.result(line);
                let ending = Ending::of(Outcome::NothingToAbort, line);
                return around.tell(&plain(ending, Vec::new()));
            }
            (Err(none), None) => {
                none.tell(&looked.facts, out);
                let ending = Ending { outcome: none.outcome(), said: String::new() };
                return around.tell(&plain(ending, none.trouble()));
            }
        };
        let Looked { world, manifest, facts } = &looked;
        let given_up =
            abandon(&world.hands(manifest.forge), &plan, &progress, facts, self.take_over).await;
        if let Abandoned::Removed(_) = given_up {
            stays(&plan, &progress, facts, out);
        }
        let (line, report) = match given_up {
            Abandoned::Stopped(end) => {
                let line = stopped(&end, &plan, facts, out);
                let facts = facts.clone();
                let landed = ReleaseRun { end, plan: Some(plan), facts, progress };
                let trouble = landing::trouble(&landed.end, Ran::Abort);
                (line.clone(), plain(landing::ending(&landed, &line), trouble))
            }
            Abandoned::Removed(_)
            | Abandoned::Nothing
            | Abandoned::Finished
            | Abandoned::TooLate => {
                let outcome = given_up.outcome();
                let line = |paint| match (&given_up, &before) {
                    (Abandoned::Nothing, Some(before)) => before.clone(),
                    _ => ended(&given_up, &plan, paint),
                };
                let ending = Ending::of(outcome, &line(Paint::Plain));
                (line(out.paint()), plain(ending, Vec::new()))
            }
        };
        out.result(&line);
        around.tell(&report)
    }
}

/// What all endings share.
struct Around<'a> {
    args: &'a Abort,
    environment: &'a Environment,
    world: &'a World,
    out: Out,
}

impl Around<'_> {
    /// The end for machines. What is removed leaves no stage to tell of.
    fn tell(&self, report: &Report<'_>) -> anyhow::Result<Exit> {
        let exit = report.ending.outcome.exit();
        match self.args.format {
            ReleaseFormat::Text => {}
            ReleaseFormat::Json => {
                let document = json::flight(report, exit.code(), &self.world.stats());
                self.out.json(&serde_json::to_string_pretty(&document)?);
            }
            ReleaseFormat::Github => workflow(report, None, None, self.environment, self.out),
        }
        Ok(exit)
    }
}

/// Names the commands that ran or were started: tminus cannot undo their effects.
fn stays(plan: &Plan, progress: &Progress, facts: &Facts, out: Out) {
    let begun = facts.ledger.known().map_or_else(|_| Vec::new(), Ledger::in_doubt);
    for (_, planned) in plan.steps().filter(|(_, one)| touches(&one.step, Touch::Command)) {
        let title = clean(&title(plan, planned)).into_owned();
        if progress.is_done(&planned.key) {
            out.detail(&format!("  remains: {title}; tminus cannot undo it"));
        } else if begun.contains(&&planned.key) {
            out.detail(&format!("  may remain: the effects of {title} before it failed"));
        }
    }
}

/// That the release was already aborted, and by whom.
fn already(facts: &Facts) -> Option<String> {
    let ledger = facts.ledger.known().ok().filter(|ledger| ledger.aborted())?;
    let last = ledger.entries.last()?;
    let who = clean(&last.by.name);
    Some(format!("already aborted: by {who} at {}; nothing is left to remove", short(last.at)))
}

fn ended(given_up: &Abandoned, plan: &Plan, paint: Paint) -> String {
    let (tag, no_go) = (clean(plan.tag.as_str()), paint.word(Outcome::NoGo, 0));
    match given_up {
        Abandoned::Removed(removed) if removed.is_empty() => {
            format!("{}: {tag}, there was nothing to remove", given_up.outcome())
        }
        Abandoned::Removed(removed) => {
            format!("{}: {tag}, removed {}", given_up.outcome(), clean(&removed.join(", ")))
        }
        Abandoned::Nothing => format!("nothing to abort: the release of {tag} was not started"),
        Abandoned::Finished => format!("{no_go}: {tag} is released; there is nothing to abort"),
        Abandoned::TooLate | Abandoned::Stopped(_) => {
            let finish = "`tminus release` finishes the release";
            format!("{no_go}: {tag} is past its point of no return; {finish}")
        }
    }
}

fn stopped(end: &End, plan: &Plan, facts: &Facts, out: Out) -> String {
    let paint = out.paint();
    if let End::Attached { holder, until } = end {
        return attached(holder, *until, plan, paint);
    }
    if let Some(why) = reasons(end, facts, paint) {
        out.error(&why);
    }
    format!("stopped: {}", Ran::Abort.again())
}
