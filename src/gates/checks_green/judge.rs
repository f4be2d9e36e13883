//! The ruling over all required checks.

use super::found::{CheckId, Counted, Found, Heard, add, id};
use super::settings::Settings;
use super::want::{Name, Want};
use super::words::{described, moment, source};
use crate::checks::{Say, Terms, Voice, Why, is_own, voices};
use crate::facts::{Check, CheckState, Checks, Facts};
use crate::finding::Finding;
use crate::manifest::Manifest;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// After about so many days GitHub forgets checks.
const RETENTION_DAYS: i64 = 400;

/// What in a commit's message keeps GitHub from starting workflows
/// (<https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs>).
const SKIPS: [&str; 6] =
    ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]", "skip-checks: true"];

/// Judges the checks of one commit.
pub(super) struct Judge<'a> {
    pub(super) settings: &'a Settings,
    pub(super) manifest: &'a Manifest,
    pub(super) facts: &'a Facts,
    pub(super) checks: &'a Checks,
}

impl Judge<'_> {
    /// Hears all checks, given what is required by name, and whether all that reported is.
    pub(super) fn hear_all(&self, wants: &[&Want], reported: bool) -> Heard {
        let own = self.facts.own_run.as_ref();
        let (mine, others): (Vec<&Check>, Vec<&Check>) =
            self.checks.runs.iter().partition(|check| is_own(check, own));
        let mut found = Found::default();
        if others.is_empty() && !wants.iter().any(|want| mine.iter().any(|own| want.named(own))) {
            self.nothing(&mine, &mut found);
        } else {
            for want in wants {
                self.want(want, &others, &mine, &mut found);
            }
            if reported {
                self.reported(&others, &mut found);
            }
        }
        let looked_at: BTreeSet<CheckId> = others.iter().map(|check| id(check)).collect();
        Heard { found, looked_at: looked_at.len(), at: self.checks.commit.short().to_owned() }
    }

    fn voices<'c>(&'c self, chosen: &[&'c Check]) -> Vec<Voice<'c>> {
        let terms = Terms {
            accept: self.settings.accept.clone(),
            max_age: self.settings.max_age,
            min_duration: self.settings.min_duration,
            now: self.facts.at,
        };
        voices(chosen, &self.checks.runs, &terms)
    }

    fn want(&self, want: &Want, others: &[&Check], mine: &[&Check], found: &mut Found) {
        let named: Vec<&Check> = others.iter().filter(|check| want.named(check)).copied().collect();
        let chosen: Vec<&Check> =
            named.iter().filter(|check| want.pinned_right(check)).copied().collect();
        if chosen.is_empty() {
            let finding = want.point(self.manifest, self.missing(want, &named, mine));
            found.miss(want.text());
            let own = mine.iter().any(|check| want.named(check));
            self.absent(finding, want.remedy(!named.is_empty(), own), found);
            return;
        }
        for voice in self.voices(&chosen) {
            self.hear(&voice, Some(want), found);
        }
    }

    /// Everything that reported must be green, and at least one thing must be. What the rules ask
    /// for by name was heard before.
    fn reported(&self, others: &[&Check], found: &mut Found) {
        for voice in self.voices(others) {
            if !found.counted.values().any(|counted| counted.contains(&id(voice.check))) {
                self.hear(&voice, None, found);
            }
        }
        if found.red.is_empty()
            && found.pending.is_empty()
            && !found.counted.contains_key(&Counted::Green)
        {
            let at = self.checks.commit.short();
            found.red.push(
                Finding::new(format!("every check on {at} was skipped or neutral: none succeeded"))
                    .help("let at least one check run on this commit"),
            );
        }
    }

    fn hear(&self, voice: &Voice<'_>, want: Option<&Want>, found: &mut Found) {
        let check = voice.check;
        match &voice.say {
            Say::Green => found.count(check, Counted::Green),
            Say::Accepted(_) if want.is_some() => found.count(check, Counted::Accepted),
            Say::PassedOver(word) if want.is_some() => {
                let help = format!("let it run, or write `accept: [{word}]` if that is meant");
                let what = format!("was {word}");
                let finding = self.finding(check, want, &what, ", which is no success").help(help);
                found.count(check, Counted::Failed);
                add(&mut found.red, finding);
            }
            Say::Accepted(_) | Say::PassedOver(_) => found.count(check, Counted::PassedOver),
            Say::Pending(Why { what, more }) => {
                found.count(check, Counted::Pending);
                add(&mut found.pending, self.finding(check, want, what, more));
            }
            Say::Red { why: Why { what, more }, help } => {
                let finding = self.finding(check, want, what, more);
                found.count(check, Counted::Failed);
                add(&mut found.red, finding.help(format!("{help}, then run `tminus check` again")));
            }
        }
    }

    fn finding(&self, check: &Check, want: Option<&Want>, what: &str, more: &str) -> Finding {
        let at = self.checks.commit.short();
        let finding = Finding::new(format!("check `{}` {what} on {at}{more}", check.name));
        let finding = match want {
            Some(want) => want.point(self.manifest, finding),
            None => finding,
        };
        described(check).into_iter().fold(finding, Finding::note)
    }

    fn missing(&self, want: &Want, named: &[&Check], mine: &[&Check]) -> Finding {
        let at = self.checks.commit.short();
        let name = want.text();
        if !named.is_empty() {
            let sources: BTreeSet<String> = named.iter().map(|check| source(check)).collect();
            let finding =
                Finding::new(format!("check `{name}` on {at} did not come from {}", want.pin()));
            return sources
                .into_iter()
                .fold(finding, |finding, source| finding.note(format!("it came from {source}")));
        }
        if mine.iter().any(|check| want.named(check)) {
            return Finding::new(format!(
                "check `{name}` was reported on {at} by tminus's own job only"
            ));
        }
        let mut missing = match &want.name {
            Name::Pattern(pattern) if pattern.is_wild() => {
                Finding::new(format!("no check on {at} fits the pattern `{name}`"))
            }
            Name::Pattern(_) | Name::Exact(_) => Finding::new(match self.grace() {
                Some(_) => format!("check `{name}` has not reported on {at} yet"),
                None => format!("check `{name}` never reported on {at}"),
            }),
        };
        for run in &self.checks.runs {
            if matches!(&run.state, CheckState::Finished(word) if word == "startup_failure") {
                missing = missing.note(format!("workflow `{}` could not start", run.name));
            }
        }
        missing.notes.sort_unstable();
        missing.notes.dedup();
        missing
    }

    /// What is not there is waited for, for a while.
    fn absent(&self, finding: Finding, remedy: &str, found: &mut Found) {
        match self.grace() {
            Some(until) => {
                let note = format!("it is waited for until {} (`grace`)", moment(until));
                add(&mut found.pending, finding.note(note));
            }
            None => add(&mut found.red, finding.help(remedy)),
        }
    }

    fn nothing(&self, mine: &[&Check], found: &mut Found) {
        let at = self.checks.commit.short();
        let mut finding = Finding::new(if mine.is_empty() {
            match self.grace() {
                Some(_) => format!("no check was reported on {at} yet"),
                None => format!("no check was reported on {at}"),
            }
        } else {
            format!("no check was reported on {at} but tminus's own")
        });
        let message = self.facts.commit.message.to_ascii_lowercase();
        if let Some(skip) = SKIPS.iter().find(|skip| message.contains(**skip)) {
            finding = finding.note(format!("its message says `{skip}`"));
        }
        let days =
            self.facts.at.as_second().saturating_sub(self.facts.commit.committed_at) / 86_400;
        if days > RETENTION_DAYS {
            finding = finding.note(format!(
                "the commit is {days} days old, and GitHub keeps checks for about {RETENTION_DAYS}"
            ));
        }
        self.absent(
            finding,
            "push a commit that CI runs on; commits pushed with a workflow's own token start no workflow",
            found,
        );
    }

    /// Until when a check may still appear; nothing where that has passed, or where a clock is off.
    fn grace(&self) -> Option<Timestamp> {
        let committed = Timestamp::from_second(self.facts.commit.committed_at).ok();
        let since = self.checks.since.or(committed)?;
        let age = self.facts.at.duration_since(since);
        let grace = self.settings.grace;
        (age < grace && age > -grace).then(|| since.checked_add(grace).ok())?
    }
}
