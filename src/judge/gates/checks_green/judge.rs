//! Evaluates all required checks.

use super::absent::{MissingReason, Read, absence, workflows};
use super::found::{Counted, EvaluatedChecks, Found, add};
use super::requirement::{Name, Requirement};
use super::settings::{Lineage, Settings};
use super::words::{STATUS, described, moment, source};
use crate::base::clean::quoted;
use crate::base::finding::{Finding, Who};
use crate::base::names::Sha;
use crate::facts::Conclusion;
use crate::facts::{CheckState, Checks, Facts};
use crate::judge::case::Case;
use crate::judge::checks::{
    CheckOutcome, CheckPolicy, FailureReason, LatestRun, OwnChecks, Reported, latest_runs,
};
use crate::project::manifest::Manifest;
use jiff::Timestamp;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// Evaluates the checks on one commit, and on the commits with the same tree.
pub(super) struct Judge<'a> {
    settings: &'a Settings,
    manifest: &'a Manifest,
    facts: &'a Facts,
    /// When CI first received the commit.
    since: Option<Timestamp>,
    /// The evaluated commit.
    home: &'a Sha,
    /// Other commits with the same tree.
    same_tree: BTreeSet<&'a Sha>,
    /// All reported checks.
    all: Vec<Reported<'a>>,
    /// The workflow files, parsed only if a check is missing.
    workflows: OnceCell<Vec<Read>>,
}

impl<'a> Judge<'a> {
    /// Collects what was reported on the commit and on commits with the same tree.
    pub(super) fn new(
        settings: &'a Settings,
        case: &Case<'a>,
        checks: &'a Checks,
        same_tree: &'a [Checks],
    ) -> Self {
        let home = &checks.commit;
        let same_tree = || same_tree.iter().filter(|twin| twin.commit != *home);
        let all = Reported::all(checks).chain(same_tree().flat_map(Reported::all)).collect();
        let same_tree = same_tree().map(|twin| &twin.commit).collect();
        Self {
            settings,
            manifest: case.manifest,
            facts: case.facts,
            since: checks.since,
            home,
            same_tree,
            all,
            workflows: OnceCell::new(),
        }
    }

    /// Evaluates all checks, given the names that are required, and whether all reported checks are
    /// required.
    pub(super) fn evaluate_all(
        &self,
        wants: &[&Requirement],
        reported: bool,
    ) -> EvaluatedChecks<'a> {
        let own = OwnChecks::among(&self.all, self.facts.own_run.as_ref());
        let (mine, others): (Vec<Reported<'_>>, Vec<Reported<'_>>) =
            self.all.iter().partition(|check| own.has(check));
        let mut found = Found::on(self.home);
        if others.is_empty() && !wants.iter().any(|want| mine.iter().any(|own| want.named(own))) {
            self.nothing(wants, &mine, &mut found);
        } else {
            for want in wants {
                self.want(want, &others, &mine, &mut found);
            }
            if reported {
                self.reported(&others, &mut found);
            }
        }
        let summary = found.summary(&others);
        EvaluatedChecks { found, summary }
    }

    fn latest_runs(&self, chosen: &[Reported<'a>]) -> Vec<LatestRun<'a>> {
        let terms = CheckPolicy {
            accept: self.settings.accept.clone(),
            max_age: self.settings.max_age,
            min_duration: self.settings.min_duration,
            queue_suffices: self.settings.lineage == Lineage::MergeGroup,
            now: self.facts.at,
        };
        latest_runs(chosen, &self.all, &terms)
    }

    fn want(
        &self,
        want: &Requirement,
        others: &[Reported<'a>],
        mine: &[Reported<'a>],
        found: &mut Found<'_>,
    ) {
        let named: Vec<Reported<'a>> =
            others.iter().filter(|check| want.named(check)).copied().collect();
        if !named.iter().any(|check| want.matches_pin(check) == Some(true)) {
            let own = mine.iter().any(|check| want.named(check));
            let mut finding = self.missing(want, &named, mine);
            if named.is_empty() && !own {
                match self.absence(want) {
                    MissingReason::NotApplicable(_) => {
                        return found.miss(want.text(), Counted::NotApplicable);
                    }
                    MissingReason::Noted(notes) => finding.notes.extend(notes),
                }
            }
            found.miss(want.text(), Counted::Missing);
            let finding = want.point(self.manifest, finding);
            let waits = "the check counts as pending";
            self.absent(finding, waits, want.remedy(!named.is_empty(), own), found);
            return;
        }
        // A check without a source may come from the pinned source. It cannot satisfy the
        // requirement, but it is not ignored.
        let chosen: Vec<Reported<'a>> =
            named.into_iter().filter(|check| want.matches_pin(check) != Some(false)).collect();
        for latest in self.latest_runs(&chosen) {
            self.add_outcome(&latest, Some(want), found);
        }
    }

    /// All reported checks must be green, and there must be at least one. Checks that the rules
    /// require by name were evaluated before.
    fn reported(&self, others: &[Reported<'a>], found: &mut Found<'_>) {
        for latest in self.latest_runs(others) {
            if !found.is_evaluated(&latest.check) {
                self.add_outcome(&latest, None, found);
            }
        }
        if found.red.is_empty()
            && found.pending.is_empty()
            && !found.counted.contains_key(&Counted::Green)
        {
            let at = self.home.short();
            found.red.push(
                Finding::new(format!("no check on {at} succeeded: all were skipped or neutral"))
                    .help("make sure that at least one check runs on this commit")
                    .who(Who::Author),
            );
        }
    }

    fn absence(&self, want: &Requirement) -> MissingReason {
        absence(want, self.facts, self.workflows.get_or_init(|| workflows(self.facts)))
    }

    fn add_outcome(
        &self,
        latest: &LatestRun<'_>,
        want: Option<&Requirement>,
        found: &mut Found<'_>,
    ) {
        let check = &latest.check;
        match &latest.outcome {
            CheckOutcome::Green => found.count(check, Counted::Green),
            CheckOutcome::Accepted(_) if want.is_some() => found.count(check, Counted::Accepted),
            CheckOutcome::PassedOver(word) if want.is_some() => {
                let help = format!("run the job, or set `accept: [{word}]` if this is intended");
                let what = format!("was {word}");
                let finding =
                    self.finding(check, want, &what, "; this does not count as a success");
                let finding = finding.help(help).who(Who::Author);
                found.count(check, Counted::Failed);
                add(&mut found.red, finding);
            }
            CheckOutcome::Accepted(_) | CheckOutcome::PassedOver(_) => {
                found.count(check, Counted::PassedOver)
            }
            CheckOutcome::Pending(FailureReason { what, more, who }) => {
                found.count(check, Counted::Pending);
                add(&mut found.pending, self.finding(check, want, what, more).who(*who));
            }
            CheckOutcome::Red { why: FailureReason { what, more, who }, help } => {
                let finding = self.finding(check, want, what, more).who(*who);
                found.count(check, Counted::Failed);
                add(&mut found.red, finding.help(format!("{help}, then run `tminus check` again")));
            }
        }
    }

    fn finding(
        &self,
        check: &Reported<'_>,
        want: Option<&Requirement>,
        what: &str,
        more: &str,
    ) -> Finding {
        let at = check.commit.short();
        let since = match check.state {
            CheckState::Pending(_) => check.started_at,
            CheckState::Finished(_) => check.completed_at,
        };
        let finding = Finding::new(format!("check {} {what} on {at}{more}", quoted(&check.name)));
        let finding = finding.since(since);
        let finding = match want {
            Some(want) => want.point(self.manifest, finding),
            None => finding,
        };
        let finding = described(check).into_iter().fold(finding, Finding::note);
        if check.commit == self.home {
            return finding;
        }
        finding.note(format!("{at} has the same tree as {}", self.home.short()))
    }

    fn missing(
        &self,
        want: &Requirement,
        named: &[Reported<'_>],
        mine: &[Reported<'_>],
    ) -> Finding {
        let at = self.home.short();
        let name = quoted(want.text());
        if !named.is_empty() {
            let sources: BTreeSet<String> = named.iter().map(|check| source(check)).collect();
            let finding =
                Finding::new(format!("check {name} on {at} was not reported by {}", want.pin()));
            return sources.into_iter().fold(finding, |finding, source| {
                let link = if source.starts_with(STATUS) { "as" } else { "by" };
                finding.note(format!("it was reported {link} {source}"))
            });
        }
        if mine.iter().any(|check| want.named(check)) {
            return Finding::new(format!(
                "check {name} on {at} was reported only by tminus's own job"
            ));
        }
        let mut missing = match &want.name {
            Name::Pattern(pattern) if pattern.is_wild() => {
                Finding::new(format!("no check on {at} matches the pattern {name}"))
            }
            Name::Pattern(_) | Name::Exact(_) => Finding::new(match self.grace() {
                Some(_) => format!("check {name} has not been reported on {at} yet"),
                None => format!("check {name} was never reported on {at}"),
            }),
        };
        for run in &self.all {
            if run.state.is(&Conclusion::NotStarted) {
                missing = missing.note(format!("workflow {} could not start", quoted(&run.name)));
            }
        }
        missing.notes.sort_unstable();
        missing.notes.dedup();
        self.same_tree.iter().fold(missing, |missing, twin| {
            missing.note(format!(
                "it was not reported on {} either (a commit with the same tree)",
                twin.short()
            ))
        })
    }

    /// A missing check is pending during the grace period.
    fn absent(
        &self,
        finding: Finding,
        waits: &str,
        (remedy, who): (&str, Who),
        found: &mut Found<'_>,
    ) {
        match self.grace() {
            Some(until) => {
                let note = format!("{waits} until {} (`grace`)", moment(until));
                add(&mut found.pending, finding.note(note).who(Who::Nobody));
            }
            None => add(&mut found.red, finding.help(remedy).who(who)),
        }
    }

    fn nothing(&self, wants: &[&Requirement], mine: &[Reported<'_>], found: &mut Found<'_>) {
        let at = self.home.short();
        let mut finding = Finding::new(if mine.is_empty() {
            match self.grace() {
                Some(_) => format!("no check was reported on {at} yet"),
                None => format!("no check was reported on {at}"),
            }
        } else {
            format!("no check was reported on {at} except tminus's own")
        });
        let message = self.facts.commit.message.to_ascii_lowercase();
        let words = self.manifest.forge.words;
        if let Some(skip) = words.skips.iter().find(|skip| message.contains(**skip)) {
            finding = finding.note(format!("its message contains `{skip}`"));
        }
        let days =
            self.facts.at.as_second().saturating_sub(self.facts.commit.committed_at) / 86_400;
        if let Some(kept) = words.keeps_checks.filter(|kept| days > *kept) {
            finding = finding.note(format!(
                "the commit is {days} days old, and {} keeps checks for about {kept} days",
                words.name
            ));
        }
        let mut reasons = BTreeSet::new();
        for want in wants {
            match self.absence(want) {
                MissingReason::NotApplicable(files) => reasons.extend(files),
                MissingReason::Noted(_) => {}
            }
        }
        self.absent(
            reasons.into_iter().fold(finding, Finding::note),
            "the result stays hold",
            (
                &format!(
                    "push a commit that triggers CI; commits pushed with {} do not trigger workflows",
                    words.job_token
                ),
                Who::Author,
            ),
            found,
        );
    }

    /// The end of the grace period; `None` if it has passed, or if a clock is wrong.
    fn grace(&self) -> Option<Timestamp> {
        let committed = Timestamp::from_second(self.facts.commit.committed_at).ok();
        let push = self.facts.push.known().ok().and_then(Option::as_ref);
        let since = self.since.max(push.map(|push| push.at)).or(committed)?;
        let age = self.facts.at.duration_since(since);
        let grace = self.settings.grace;
        (age < grace && age > -grace).then(|| since.checked_add(grace).ok())?
    }
}
