//! Reports how a release or an attempt to cancel it ended: the outcome, the last line, and any
//! reasons that do not come from gates.

use super::abandon::AbortResult;
use super::end::{End, ReleaseRun};
use crate::base::clean::clean;
use crate::base::finding::{Finding, Who};
use crate::base::moment::short;
use crate::base::word::{Tone, Word};
use crate::facts::Facts;
use crate::judge::ruling::Poll;
use crate::planner::StepState;
use crate::release::ledger::Holder;
use crate::release::outcome::{Cause, CommandKind, Outcome};
use crate::release::plan::Plan;
use crate::release::step::{Planned, Reach};
use crate::report::plan::reach;
use crate::report::since::released;
use crate::report::status::{in_doubt, steps_done};
use crate::report::{Ending, NothingToDo, Trouble};
use jiff::Timestamp;

/// There is no plan.
const NO_PLAN: Word = Word::new("no plan", Tone::Plain);
/// The release was already cancelled.
const ALREADY: Word = Word::new("already aborted", Tone::Plain);

impl ReleaseRun {
    /// The rulings of the gates, if they stopped the release.
    #[must_use]
    pub fn poll(&self) -> Option<&Poll> {
        match &self.end {
            End::Gates(poll) => Some(poll),
            End::Nothing
            | End::Idle(_)
            | End::Released
            | End::Through(_)
            | End::Before(_)
            | End::NoPlan(_)
            | End::NoStage(_)
            | End::NotStarted
            | End::OtherPlan { .. }
            | End::Conflicts(_)
            | End::Attached { .. }
            | End::Failed { .. }
            | End::Held { .. }
            | End::Blind { .. } => None,
        }
    }

    /// Why there is nothing to release, if there is no plan.
    #[must_use]
    pub fn idle(&self) -> Option<NothingToDo> {
        match &self.end {
            End::Idle(idle) => Some(idle.as_ref().clone()),
            End::Nothing
            | End::Released
            | End::Through(_)
            | End::Before(_)
            | End::NoPlan(_)
            | End::NoStage(_)
            | End::NotStarted
            | End::OtherPlan { .. }
            | End::Gates(_)
            | End::Conflicts(_)
            | End::Attached { .. }
            | End::Failed { .. }
            | End::Held { .. }
            | End::Blind { .. } => None,
        }
    }

    /// How the release ended, with the parts of its last line.
    #[must_use]
    pub fn ending(&self) -> Ending {
        let outcome = self.outcome();
        match (&self.plan, self.idle()) {
            (_, Some(idle)) => Ending::new(outcome, idle.said()),
            (Some(plan), None) => self.of(plan, outcome),
            (None, None) => Ending::new(outcome, "nothing was done").word(NO_PLAN),
        }
    }

    fn of(&self, plan: &Plan, outcome: Outcome) -> Ending {
        let (name, version, tag) = (clean(&plan.name), &plan.version, &plan.tag);
        let again = CommandKind::Release.again();
        match &self.end {
            End::Nothing | End::Idle(_) => {
                Ending::new(outcome, released(version, tag, &plan.commit))
            }
            // The last line contains the page's URL; in Markdown it is a link.
            End::Released => {
                let page = self.progress.release.as_ref().map(|release| release.url.clone());
                let at = page.unwrap_or_else(|| format!("{tag} at {}", plan.commit.short()));
                let last = format!("{name} {version}, {}", clean(&at));
                Ending::new(outcome, "every step is done").last(last)
            }
            End::Through(stage) => {
                Ending::new(outcome, format!("{name} {version}; {again}")).of(format!(" {stage}"))
            }
            End::Before(stage) => {
                let said = format!("{name} {version}; stage {stage} can be entered");
                Ending::new(outcome, said).word(Word::new("ready", Tone::Good))
            }
            End::NoStage(stage) => {
                let names = plan.stages.iter().map(|stage| stage.name.as_str());
                let names = names.collect::<Vec<&str>>().join(", ");
                let said = format!("there is no stage `{stage}`; the stages are {names}");
                Ending::new(outcome, said)
            }
            End::NotStarted => Ending::new(outcome, "nothing was done"),
            End::OtherPlan { kept, .. } => {
                let (now, kept) = (plan.digest(), kept.short());
                let said = format!(
                    "the current plan ({}) does not match the requested plan ({kept})",
                    now.short()
                );
                Ending::new(outcome, format!("{said}; nothing was done"))
            }
            End::Attached { holder, until } => attached(holder, *until, plan),
            // With `--quiet`, it is the only line, so it names the gates that stop the release.
            End::Gates(poll) => Ending::new(outcome, self.stopped(plan, again))
                .word(poll.verdict().word())
                .of(format!("[{}]", poll.deciding().join(", "))),
            End::Conflicts(_) => {
                Ending::new(outcome, "nothing was overwritten").word(Word::CONFLICT)
            }
            End::Held { held, .. } => {
                let done = plan.steps().filter(|(_, one)| self.progress.is_done(&one.key)).count();
                let steps = steps_done(done, plan.steps().count());
                let next = match held.again {
                    Some(at) if outcome == Outcome::Hold => {
                        format!("run `tminus release` again after {}", short(at))
                    }
                    Some(_) | None => again.to_owned(),
                };
                Ending::new(outcome, format!("{steps}; {next}"))
            }
            End::Failed { .. } | End::Blind { .. } | End::NoPlan(_) => {
                let state = match self.is_partial() {
                    true => Outcome::Partial,
                    false => Outcome::Stopped(Cause::Unanswered),
                };
                Ending::new(outcome, self.stopped(plan, again)).word(state.word())
            }
        }
    }

    fn stopped(&self, plan: &Plan, again: &str) -> String {
        let progress = &self.progress;
        let done = plan.steps().filter(|(_, planned)| progress.is_done(&planned.key)).count();
        let steps = steps_done(done, plan.steps().count());
        if let Some(doubt) = in_doubt(plan, progress) {
            return format!("{steps}; {doubt}; {again}");
        }
        let unseen = |planned: &Planned| matches!(progress.of(&planned.key), StepState::Unseen(_));
        if plan.steps().any(|(_, planned)| planned.reach > Reach::Private && unseen(planned)) {
            return format!("{steps}, but some states cannot be read; {again}");
        }
        let begun = self.facts.ledger.known().is_ok_and(|ledger| !ledger.in_doubt().is_empty());
        match progress.reached(plan) {
            None if begun => format!("{steps}; {again}"),
            None => "nothing was done".into(),
            Some(Reach::Private) => {
                format!("{steps} and nothing is public; {again}, or `tminus abort`")
            }
            Some(far) => format!("{steps}, including {} steps; {again}", reach(far)),
        }
    }
}

impl AbortResult {
    /// The outcome and the parts of the last line; `None` if the attempt was stopped. In that case,
    /// use its [`End`].
    #[must_use]
    pub fn ending(&self, plan: &Plan, facts: &Facts) -> Option<Ending> {
        let (tag, outcome) = (clean(plan.tag.as_str()), self.outcome());
        let ending = match self {
            Self::Removed(removed) if removed.is_empty() => {
                Ending::new(outcome, format!("{tag}; there was nothing to remove"))
            }
            Self::Removed(removed) => {
                Ending::new(outcome, format!("{tag}; removed {}", clean(&removed.join(", "))))
            }
            Self::Nothing => already(facts).unwrap_or_else(|| {
                Ending::new(outcome, format!("the release of {tag} was not started"))
            }),
            Self::Finished => {
                Ending::new(outcome, format!("{tag} is released; there is nothing to abort"))
            }
            Self::TooLate => {
                let finish = "to finish it, run `tminus release`";
                Ending::new(outcome, format!("{tag} is past its point of no return; {finish}"))
            }
            Self::Stopped(_) => return None,
        };
        Some(ending)
    }

    /// The outcome and the parts of the last line of an attempt that was stopped.
    #[must_use]
    pub fn stopped(run: &ReleaseRun) -> Ending {
        match (&run.end, &run.plan) {
            (End::Attached { holder, until }, Some(plan)) => attached(holder, *until, plan),
            _ => {
                let state = Outcome::Stopped(Cause::Unanswered);
                Ending::new(run.outcome(), CommandKind::Abort.again()).word(state.word())
            }
        }
    }
}

/// Says that the release was already aborted, and by whom.
#[must_use]
pub fn already(facts: &Facts) -> Option<Ending> {
    let ledger = facts.ledger.known().ok().filter(|ledger| ledger.aborted())?;
    let last = ledger.entries.last()?;
    let (who, at) = (clean(&last.by.name), short(last.at));
    let said = format!("by {who} at {at}; there is nothing to remove");
    Some(Ending::new(Outcome::NothingToAbort, said).word(ALREADY))
}

fn not_started() -> Finding {
    Finding::new("no release was started, so there is no stage to promote to")
        .help("run `tminus release` first, with `--through STAGE` if necessary")
        .who(Who::Operator)
}

/// Says who has the release, and how to take it over.
fn attached(holder: &Holder, until: Option<Timestamp>, plan: &Plan) -> Ending {
    let run = holder.run.as_ref().map(|run| format!(" ({})", clean(&run.url))).unwrap_or_default();
    let (who, version) = (clean(&holder.name), &plan.version);
    let until = until_when(holder, until);
    let said = format!("{who}{run} is releasing {version}, and {until}");
    Ending::new(Outcome::Attached, format!("{said}; to take over the release, pass `--take-over`"))
}

fn until_when(holder: &Holder, until: Option<Timestamp>) -> String {
    match until {
        Some(until) => format!("its lease expires at {}", short(until)),
        None => format!("its process {} is running on this machine", holder.process),
    }
}

/// Findings that do not come from a gate, and what to do after a failure.
#[must_use]
pub fn trouble(end: &End, ran: CommandKind) -> Vec<Trouble> {
    let one = |word, finding| vec![Trouble { word, finding }];
    match end {
        End::NoPlan(none) => one(none.outcome().word(), none.finding()),
        End::Conflicts(found) => {
            let found =
                found.iter().map(|one| Trouble { word: Word::CONFLICT, finding: one.finding() });
            found.collect()
        }
        End::OtherPlan { difference, .. } => {
            let finding = Finding::new("the current plan differs from the requested plan");
            let finding = difference.iter().fold(finding, |finding, line| finding.note(line));
            one(Outcome::NoGo.word(), finding.who(Who::Operator))
        }
        End::Failed { step, error } => {
            let said = match step {
                Some(step) => format!("step `{step}` failed: {}", error.why()),
                None => error.to_string(),
            };
            let mut finding = Finding::new(said).help(ran.again());
            finding.who = error.who();
            one(Word::ERROR, finding)
        }
        End::Held { held, .. } => {
            let outcome: Outcome = held.verdict.into();
            one(outcome.word(), held.finding.clone())
        }
        End::Blind { step, unseen } => {
            let what = format!("cannot determine the state of step `{step}`");
            one(Outcome::Unknown.word(), unseen.finding(&what))
        }
        End::NotStarted => one(Word::ERROR, not_started()),
        End::NoStage(stage) => {
            let finding = Finding::new(format!("there is no stage `{stage}`"));
            one(Word::ERROR, finding.who(Who::Operator))
        }
        End::Attached { holder, until } => {
            let finding = Finding::new(format!("`{}` is running this release", holder.name));
            let mut finding = finding.note(until_when(holder, *until)).who(Who::Nobody);
            finding.help = Outcome::Attached.next(ran).map(str::to_owned);
            one(Outcome::Attached.word(), finding)
        }
        End::Nothing
        | End::Idle(_)
        | End::Released
        | End::Through(_)
        | End::Before(_)
        | End::Gates(_) => Vec::new(),
    }
}
