//! Keeps the tracking issue of a release. A failure is printed and changes nothing else.

use super::out::Out;
use super::world::World;
use crate::base::finding::Who;
use crate::drive::execute::{IssueEnd, Tracked, Tracker};
use crate::facts::{Facts, Seen};
use crate::judge::case::Case;
use crate::judge::gates::{self, GateSelection};
use crate::judge::ruling::{Poll, Ruling, Verdict};
use crate::planner::Progress;
use crate::planner::blockers::blockers;
use crate::ports::PortError;
use crate::project::manifest::Manifest;
use crate::release::ledger::Ledger;
use crate::release::plan::{Plan, PlannedStage};
use crate::release::statement::Shown;
use crate::report::issue::{ending, issue, seen_from_issue};
use crate::report::plan::final_digest;
use crate::report::{Kind, Report, clean};

/// When an issue is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// If the release waits for people.
    IfHeld,
    /// Because the user requested it.
    Always,
}

/// The tracking issue of a release that a command looks at.
pub(super) struct ReleaseIssue<'a> {
    world: &'a World,
    manifest: &'a Manifest,
    out: Out,
}

impl<'a> ReleaseIssue<'a> {
    /// `None` if the manifest has no roles, or no forge can have an issue.
    pub(super) fn new(world: &'a World, manifest: &'a Manifest, out: Out) -> Option<Self> {
        let people = !manifest.roles.is_empty() && manifest.forge.has_releases();
        (people && world.tracker().is_some()).then_some(Self { world, manifest, out })
    }

    fn tracker(&self) -> Option<Tracker<'a>> {
        Some(Tracker {
            remote: &self.world.remote,
            forge: self.world.tracker()?,
            read_ports: self.world.read_ports(),
        })
    }

    fn failed(&self, what: &str, error: &PortError) {
        let why = clean(&error.why()).into_owned();
        self.out.error(&format!("could not {what}: {why}; the verdict does not change"));
    }

    /// Records what people said in comments.
    pub(super) async fn record(&self, facts: &mut Facts) {
        let tag = Case::new(self.manifest, facts).target().ok().map(|target| target.tag.clone());
        let (Some(tag), Some(tracker)) = (tag, self.tracker()) else { return };
        match tracker.record(&tag, self.manifest, facts).await {
            Ok(0) => {}
            Ok(1) => self.out.progress("recorded 1 statement from the tracking issue"),
            Ok(count) => {
                self.out.progress(&format!("recorded {count} statements from the tracking issue"));
            }
            Err(error) => self.failed("record what was said on the tracking issue", &error),
        }
    }

    /// Answers comments and brings the text up to date.
    pub(super) async fn keep(
        &self,
        facts: &mut Facts,
        plan: Option<(&Plan, &Progress)>,
        open: Open,
    ) {
        let Some(tracker) = self.tracker() else { return };
        if let Err(error) = tracker.acknowledge(self.manifest, facts).await {
            self.failed("acknowledge comments on the tracking issue", &error);
        }
        let seen = seen_from_issue(facts);
        let case = Case::new(self.manifest, &seen);
        let Ok(target) = case.target() else { return };
        let tag = target.tag.clone();
        let next = next(facts, plan);
        let poll = poll(&case, next);
        let exists = facts.people.known().is_ok_and(|people| people.issue.is_some());
        if !exists && open == Open::IfHeld && !is_held_by_people(&poll) {
            return;
        }
        let pages = self.world.pages();
        let mut report = Report::new(
            Kind::Plan,
            &case,
            &pages,
            crate::report::Ending::new(crate::release::outcome::Outcome::Unknown, ""),
        );
        (report.poll, report.plan) = (Some(&poll), plan);
        let begun = facts.ledger.known().is_ok_and(Ledger::under_way);
        let begun = plan.filter(|_| begun);
        report.blockers = begun.map(|(plan, progress)| blockers(&case, plan, progress));
        report.ending = ending(&report);
        let text = issue(&case, &report);
        let text = crate::ports::IssueText {
            title: self.out.redact(&text.title).into_owned(),
            body: self.out.redact(&text.body).into_owned(),
        };
        let ledger = facts.ledger.known().ok();
        let end =
            if ledger.is_some_and(Ledger::finished) { IssueEnd::Finished } else { IssueEnd::Open };
        let expected = plan.and_then(|(plan, _)| final_digest(plan));
        let shows = case.candidate().map(|candidate| Shown {
            about: candidate.expecting(expected),
            stage: gates::stage_to_approve(&case, next.map(|stage| &stage.name)),
        });
        match tracker.keep(&tag, facts, shows.as_ref(), &text, end).await {
            Ok(None | Some(Tracked::Same(_))) => {}
            Ok(Some(kept)) => self.out.progress(&clean(&match kept {
                Tracked::Opened(url) => format!("opened the tracking issue {url}"),
                Tracked::Changed(url) => format!("updated the tracking issue {url}"),
                Tracked::Closed(url) => format!("closed the tracking issue {url}"),
                Tracked::Other(url) => format!("another run opened the tracking issue {url}"),
                Tracked::Same(_) => String::new(),
            })),
            Err(error) => self.failed("write the tracking issue", &error),
        }
    }

    /// Closes the issue of an aborted release.
    pub(super) async fn close(&self, before: &Facts) {
        let Some(tracker) = self.tracker() else { return };
        let Seen::Known(people) = &before.people else { return };
        let Some(issue) = &people.issue else { return };
        let reason = crate::ports::CloseReason::NotPlanned;
        match tracker.forge.close_issue(issue.number, reason).await {
            Ok(()) => {
                self.out.progress(&clean(&format!("closed the tracking issue {}", issue.url)))
            }
            Err(error) => self.failed("close the tracking issue", &error),
        }
    }
}

/// The stage that comes next, if the release was started.
fn next<'p>(facts: &Facts, plan: Option<(&'p Plan, &Progress)>) -> Option<&'p PlannedStage> {
    let begun = facts.ledger.known().is_ok_and(Ledger::under_way);
    let (plan, progress) = plan.filter(|_| begun)?;
    progress.next(plan, None).map(|(stage, _)| stage)
}

/// The rulings before the stage that comes next.
fn poll(case: &Case<'_>, next: Option<&PlannedStage>) -> Poll {
    let Some(stage) = next else { return gates::poll(case, &GateSelection::release()) };
    let asking = GateSelection { also: stage.gates.clone(), ..GateSelection::release() };
    gates::poll(&case.clone().in_stage(&stage.name), &asking)
}

/// Whether the release waits for people, and perhaps for time, and nothing fails.
fn is_held_by_people(poll: &Poll) -> bool {
    let rulings = poll.answers.iter().filter_map(|answer| answer.ruling.as_ref());
    let waits = |ruling: &Ruling| {
        ruling.verdict() == Verdict::Hold
            && ruling.findings().iter().any(|finding| finding.who == Some(Who::Member))
    };
    poll.verdict() == Verdict::Hold && rulings.into_iter().any(waits)
}
