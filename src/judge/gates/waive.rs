//! Which waivers apply to which results, and notes about the others.

use super::gate::Gate;
use super::registry::{GATES, find};
use crate::base::finding::{Finding, Who};
use crate::base::source::{Source, Span, Spanned};
use crate::facts::{Freshness, Seen, WaiverFile};
use crate::judge::case::Case;
use crate::judge::ruling::{Answer, Ruling, Verdict, Waived};
use crate::project::manifest::{Mode, nearest};
use crate::project::waivers::{Until, Versions, Waiver, Waivers};
use crate::release::waiver::UsedWaiver;
use jiff::Timestamp;
use std::cell::RefCell;

/// Findings about waivers.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    /// Errors: waivers that do not apply and should be corrected.
    pub(super) faults: Vec<Finding>,
    /// Notes: waivers that have expired or are not needed.
    pub(super) notes: Vec<Finding>,
}

/// A waiver with everything that it needs to apply.
struct Sound<'w> {
    waiver: &'w Waiver,
    versions: &'w Versions,
    by: &'w str,
    until: &'w Until,
}

/// Marks the results that waivers cover.
pub(super) fn waive(case: &Case<'_>, answers: &mut [Answer]) -> Remarks {
    let mut remarks = Remarks::default();
    let file = match &case.facts.waivers {
        seen if seen.is_not_asked() => return remarks,
        Seen::Known(file) => file,
        Seen::Unseen(unseen) => {
            let stops = |answer: &&Answer| {
                answer.mode == Mode::On && !matches!(answer.counts_as(), None | Some(Verdict::Go))
            };
            let mut open = answers.iter().filter(stops).flat_map(Answer::open).peekable();
            // One cause is reported once.
            if open.peek().is_some() && !open.any(|one| one.message.contains(&unseen.why)) {
                remarks.notes.push(unseen.finding("cannot read the waivers"));
            }
            return remarks;
        }
    };
    let Some(source) = &file.source else { return remarks };
    let version = case.target().ok().map(|target| &target.version);
    // Otherwise, a person who can push any branch could grant waivers there.
    if case.manifest.allowing(file.branch.as_str(), version).is_none() {
        let branch = &file.branch;
        let why = format!("no waiver applies: releases are not allowed from branch `{branch}`");
        let help = "merge the waivers into a branch that is listed in `branches`";
        remarks.notes.push(Finding::new(why).help(help).who(Who::Author));
        return remarks;
    }
    let Waivers { waivers, problems } = Waivers::read(source);
    remarks.faults = problems.into_iter().map(|problem| problem.who(Who::Author)).collect();
    let now = match case.now() {
        Ok(now) => now,
        Err(unseen) => {
            remarks.notes.push(unseen.finding("no waiver applies: the time is unknown"));
            return remarks;
        }
    };
    let mut sounds = Vec::new();
    for waiver in &waivers {
        match sound(waiver, source, now) {
            Err(fault) => remarks.faults.push(fault.who(Who::Author)),
            Ok(sound) if !version.is_some_and(|version| sound.versions.contain(version)) => {}
            Ok(sound) if sound.until.is_past(now) => {
                remarks.notes.push(expired(&sound, source));
            }
            Ok(sound) => sounds.push(sound),
        }
    }
    for answer in answers {
        let mine = sounds.iter().filter(|sound| sound.waiver.gate.value == answer.gate);
        let cover = Cover { case, file, source };
        cover.apply(&mine.collect::<Vec<_>>(), answer, &mut remarks);
    }
    remarks
}

/// Everything that prevents waivers in a file from applying, except their expiry.
#[must_use]
pub fn waiver_faults(source: &Source, now: Timestamp) -> Vec<Finding> {
    let Waivers { waivers, mut problems } = Waivers::read(source);
    problems.extend(waivers.iter().filter_map(|waiver| sound(waiver, source, now).err()));
    problems.into_iter().map(|problem| problem.who(Who::Author)).collect()
}

/// A waiver that is not too broad, or what is wrong with it.
#[expect(clippy::result_large_err, reason = "called once for each waiver")]
fn sound<'w>(waiver: &'w Waiver, source: &Source, now: Timestamp) -> Result<Sound<'w>, Finding> {
    let id = waiver.gate.value.as_str();
    let at = |finding: Finding, span: Span, label: &str| finding.at(&source.name, span, label);
    let Some(gate) = find(id) else {
        return Err(at(unknown(id), waiver.gate.span, "not a gate"));
    };
    if !gate.waivable {
        return Err(at(fixed(gate), waiver.gate.span, "this waiver does not apply"));
    }
    if let (Some(_), false) = (&waiver.finding, gate.splits) {
        let finding = Finding::new(format!("individual findings of `{id}` cannot be waived"))
            .note("the gate stops at its first problem, so there may be more")
            .help("remove `finding` to waive the whole gate");
        return Err(at(finding, waiver.gate.span, "this waiver does not apply"));
    }
    let lacks = |key: &str, why: &str, help: String| {
        let finding = Finding::new(format!("the waiver of `{id}` has no `{key}`, so it {why}"));
        at(finding, waiver.gate.span, "this waiver does not apply").help(help)
    };
    let Some(Spanned { value: versions, .. }) = &waiver.versions else {
        let help = "add the version that it applies to, such as `version: 1.4.0`";
        return Err(lacks("version", "would apply to every release", help.into()));
    };
    let Some(by) = &waiver.by else {
        let help = "add who granted it, such as `by: grace`";
        return Err(lacks("by", "does not name who granted it", help.into()));
    };
    let latest = Until::latest(now).map_or_else(String::new, |day| day.to_string());
    let Some(Spanned { value: until, span }) = &waiver.until else {
        let help = format!("add its last day, at most 90 days away, such as `until: {latest}`");
        return Err(lacks("until", "would never expire", help));
    };
    if until.is_too_far(now) {
        let finding = Finding::new(format!("the waiver of `{id}` lasts longer than 90 days"));
        let help = format!("use `until: {latest}` or an earlier day, and renew it if necessary");
        return Err(at(finding, *span, "this waiver does not apply").help(help));
    }
    Ok(Sound { waiver, versions, by, until })
}

fn unknown(id: &str) -> Finding {
    let finding = Finding::new(format!("the waiver is for `{id}`, which is not a gate"));
    match nearest(id, GATES.iter().map(|gate| gate.id)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("`tminus explain` lists the gates"),
    }
}

fn fixed(gate: &Gate) -> Finding {
    Finding::new(format!("gate `{}` cannot be waived", gate.id))
        .help("remove the waiver, and fix the problem that the gate reports")
}

fn expired(sound: &Sound<'_>, source: &Source) -> Finding {
    let Sound { waiver, versions, .. } = sound;
    let span = waiver.until.as_ref().map_or(waiver.span, |until| until.span);
    Finding::new(format!("the waiver of `{}` for {versions} has expired", waiver.gate.value))
        .at(&source.name, span, "it no longer applies")
        .help("remove it, or renew it in a reviewed change")
        .who(Who::Author)
}

/// Applies the waivers of one file to the results.
struct Cover<'a> {
    case: &'a Case<'a>,
    file: &'a WaiverFile,
    source: &'a Source,
}

impl Cover<'_> {
    /// Applies the waivers of its gate and this version to one result.
    fn apply(&self, mine: &[&Sound<'_>], answer: &mut Answer, remarks: &mut Remarks) {
        let Some(ruling) = &answer.ruling else { return };
        // A gate that did not run needs no waiver now, and may need it another time.
        let why = match (ruling.verdict(), answer.mode) {
            (Verdict::Go, _) => Some("the gate is go"),
            (_, Mode::Inform | Mode::Off) => Some("the gate is for information only"),
            (_, Mode::On) => None,
        };
        if let Some(why) = why {
            return remarks.notes.extend(mine.iter().map(|sound| self.unused(sound, why)));
        }
        let whole = mine.iter().find(|sound| sound.waiver.finding.is_none());
        match whole {
            Some(whole) => {
                let others = mine.iter().filter(|other| !std::ptr::eq(**other, *whole));
                let why = "another waiver covers the gate";
                remarks.notes.extend(others.map(|sound| self.unused(sound, why)));
                let messages = ruling.findings().iter().map(|it| it.message.clone());
                answer.waived.push(self.waived(whole, ruling, messages.collect()));
                answer.is_waived = true;
            }
            None if mine.is_empty() => {}
            None => self.split(mine, answer, remarks),
        }
    }

    /// Covers single findings. The gate determines the remaining ruling.
    fn split(&self, mine: &[&Sound<'_>], answer: &mut Answer, remarks: &mut Remarks) {
        let (Some(gate), Some(ruling)) = (find(&answer.gate), answer.ruling.clone()) else {
            return;
        };
        let covered: Vec<RefCell<Vec<String>>> = mine.iter().map(|_| RefCell::default()).collect();
        let covers = |finding: &Finding| {
            let mut any = false;
            for (sound, covered) in mine.iter().zip(&covered) {
                let text = sound.waiver.finding.as_deref();
                if text.is_some_and(|text| says(finding, text)) {
                    covered.borrow_mut().push(finding.message.clone());
                    any = true;
                }
            }
            any
        };
        let left = gate.without(self.case, &covers);
        for (sound, covered) in mine.iter().zip(&covered) {
            match covered.take() {
                none if none.is_empty() => {
                    let text = sound.waiver.finding.as_deref().unwrap_or_default();
                    let why = format!("no finding contains `{text}`");
                    remarks.notes.push(self.unused(sound, &why));
                }
                messages => answer.waived.push(self.waived(sound, &ruling, messages)),
            }
        }
        if answer.waived.is_empty() {
            return;
        }
        match left.verdict() {
            Verdict::Go => answer.is_waived = true,
            Verdict::Hold | Verdict::NoGo | Verdict::Unknown => answer.ruling = Some(left),
        }
    }

    fn unused(&self, sound: &Sound<'_>, why: &str) -> Finding {
        let Sound { waiver, versions, .. } = sound;
        let id = &waiver.gate.value;
        Finding::new(format!("the waiver of `{id}` for {versions} is not needed: {why}"))
            .at(&self.source.name, waiver.gate.span, "not needed")
            .help("remove it if the gate is still go when you release")
            .who(Who::Author)
    }

    fn waived(&self, sound: &Sound<'_>, ruling: &Ruling, messages: Vec<String>) -> Waived {
        let Sound { waiver, versions, by, until } = sound;
        let (verdict, summary) = (ruling.verdict(), ruling.summary());
        let (said, rest) = match (messages.split_first(), &waiver.finding) {
            (Some((first, rest)), Some(_)) => (first.clone(), rest),
            (Some(_) | None, _) => (summary.to_owned(), &messages[..]),
        };
        let used = UsedWaiver {
            gate: waiver.gate.value.clone(),
            ruling: verdict.to_string(),
            said: said.clone(),
            finding: waiver.finding.clone(),
            version: versions.to_string(),
            reason: waiver.reason.clone(),
            by: (*by).to_owned(),
            until: until.to_string(),
        };
        let mut finding = Finding::new(format!("{verdict}: {said}"));
        for message in rest.iter().filter(|message| **message != said) {
            finding = finding.note(format!("covers: {message}"));
        }
        finding = finding
            .note(format!("reason: {}", used.reason))
            .note(format!("granted by {} for {} until {}", used.by, used.version, used.until));
        if let (Freshness::LastFetch, Some(commit)) = (self.file.asked, &self.file.commit) {
            let (branch, at) = (&self.file.branch, commit.short());
            finding = finding.note(format!("read from `{branch}` at {at}, as of the last fetch"));
        }
        let finding = finding.at(&self.source.name, waiver.gate.span, "waived here");
        Waived { used, finding }
    }
}

fn says(finding: &Finding, text: &str) -> bool {
    let plain = |text: &str| text.replace('`', "");
    plain(&finding.message).contains(&plain(text))
}
