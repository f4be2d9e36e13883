//! Which waivers apply to which answers, and what there is to say of the others.

use super::gate::Gate;
use super::registry::{GATES, find};
use crate::base::finding::{Finding, Who};
use crate::base::source::{Source, Span, Spanned};
use crate::base::version::Version;
use crate::facts::{Asked, Seen, WaiverFile};
use crate::judge::case::Case;
use crate::judge::ruling::{Answer, Ruling, Verdict, Waived};
use crate::project::manifest::{Mode, nearest};
use crate::project::waivers::{Until, Versions, Waiver, Waivers};
use crate::release::waiver::UsedWaiver;
use jiff::Timestamp;

/// What there is to say of waivers.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    /// Why some do not apply that should be corrected.
    pub(super) faults: Vec<Finding>,
    /// Those that have expired, and those that are not needed.
    pub(super) notes: Vec<Finding>,
}

/// A waiver with everything that it needs to apply.
struct Sound<'w> {
    waiver: &'w Waiver,
    versions: &'w Versions,
    by: &'w str,
    until: &'w Until,
}

/// Marks the answers that waivers cover.
pub(super) fn waive(case: &Case<'_>, answers: &mut [Answer]) -> Remarks {
    let mut remarks = Remarks::default();
    let file = match &case.facts.waivers {
        seen if seen.is_not_asked() => return remarks,
        Seen::Known(file) => file,
        Seen::Unseen(unseen) => {
            let stops = |answer: &Answer| {
                answer.mode == Mode::On && !matches!(answer.counts_as(), None | Some(Verdict::Go))
            };
            if answers.iter().any(stops) {
                remarks.notes.push(unseen.finding("cannot read the waivers"));
            }
            return remarks;
        }
    };
    let Some(source) = &file.source else { return remarks };
    let version = case.target().ok().map(|target| &target.version);
    // Otherwise whoever can push any branch could grant it leave there.
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
            remarks.notes.push(unseen.finding("no waiver applies: the time is not known"));
            return remarks;
        }
    };
    for waiver in &waivers {
        match sound(waiver, source, now) {
            Err(fault) => remarks.faults.push(fault.who(Who::Author)),
            Ok(sound) => apply(&sound, (case, file, source), now, answers, &mut remarks),
        }
    }
    remarks
}

/// A waiver that is not too broad, or what is wrong with it.
#[expect(clippy::result_large_err, reason = "called once for each waiver")]
pub(in crate::judge) fn sound<'w>(
    waiver: &'w Waiver,
    source: &Source,
    now: Timestamp,
) -> Result<Sound<'w>, Finding> {
    let id = waiver.gate.value.as_str();
    let at = |finding: Finding, span: Span, label: &str| finding.at(&source.name, span, label);
    let Some(gate) = find(id) else {
        return Err(at(unknown(id), waiver.gate.span, "not a gate"));
    };
    if !gate.waivable {
        return Err(at(fixed(gate), waiver.gate.span, "this waiver does not apply"));
    }
    let lacks = |key: &str, why: &str, help: String| {
        let finding = Finding::new(format!("the waiver of `{id}` has no `{key}`, so it {why}"));
        at(finding, waiver.gate.span, "this waiver does not apply").help(help)
    };
    let Some(Spanned { value: versions, .. }) = &waiver.versions else {
        let help = "add the version that it is for, such as `version: 1.4.0`";
        return Err(lacks("version", "would be for every release", help.into()));
    };
    let Some(by) = &waiver.by else {
        let help = "add who granted it, such as `by: grace`";
        return Err(lacks("by", "has no granter", help.into()));
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
    let finding = Finding::new(format!("the waiver is of `{id}`, which is not a gate"));
    match nearest(id, GATES.iter().map(|gate| gate.id)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("`tminus explain` lists the gates"),
    }
}

fn fixed(gate: &Gate) -> Finding {
    Finding::new(format!("gate `{}` cannot be waived", gate.id))
        .help("remove the waiver, and fix what the gate says")
}

/// Lets a waiver cover the answer of its gate, if it is for this version and has not expired.
fn apply(
    sound: &Sound<'_>,
    (case, file, source): (&Case<'_>, &WaiverFile, &Source),
    now: Timestamp,
    answers: &mut [Answer],
    remarks: &mut Remarks,
) {
    let Sound { waiver, versions, until, .. } = sound;
    let id = waiver.gate.value.as_str();
    let target = case.target().ok().map(|target| &target.version);
    if !target.is_some_and(|version: &Version| versions.contain(version)) {
        return;
    }
    let note = |said: String, span: Span, label: &str| {
        Finding::new(said).at(&source.name, span, label).who(Who::Author)
    };
    if until.is_past(now) {
        let span = waiver.until.as_ref().map_or(waiver.span, |until| until.span);
        let said = format!("the waiver of `{id}` for {versions} has expired");
        let finding = note(said, span, "it no longer applies");
        return remarks.notes.push(finding.help("remove it, or renew it in a reviewed change"));
    }
    // A gate that did not run needs no waiver now, and may need it another time.
    let Some(answer) = answers.iter_mut().find(|answer| answer.gate == id) else { return };
    let Some(ruling) = &answer.ruling else { return };
    let unused = |why: String| {
        let said = format!("the waiver of `{id}` for {versions} is not needed: {why}");
        note(said, waiver.gate.span, "not needed").help("remove it if the gate stays like this")
    };
    let open: Vec<usize> = open(answer);
    let covers = match &waiver.finding {
        None => open,
        Some(text) => {
            let fits = |at: &usize| ruling.findings().get(*at).is_some_and(|it| says(it, text));
            open.into_iter().filter(fits).collect()
        }
    };
    let why = match (ruling.verdict(), answer.mode) {
        (Verdict::Go, _) => Some("the gate says go".to_owned()),
        (_, Mode::Inform | Mode::Off) => Some("the gate is for information only".to_owned()),
        (_, Mode::On) if answer.is_waived() => Some("another waiver covers the gate".to_owned()),
        (_, Mode::On) => match &waiver.finding {
            Some(text) if covers.is_empty() => Some(format!("no finding contains `{text}`")),
            Some(_) | None => None,
        },
    };
    match why {
        Some(why) => remarks.notes.push(unused(why)),
        None => {
            let used = used(sound, ruling);
            let finding = shown(&used, ruling, &covers, file)
                .at(&source.name, waiver.gate.span, "waived here");
            answer.waived.push(Waived { used, covers, finding });
        }
    }
}

/// The places of findings that no waiver covers.
fn open(answer: &Answer) -> Vec<usize> {
    let all = answer.ruling.as_ref().map_or(0, |ruling| ruling.findings().len());
    let covered = |at: &usize| answer.waived.iter().any(|waived| waived.covers.contains(at));
    (0..all).filter(|at| !covered(at)).collect()
}

fn says(finding: &Finding, text: &str) -> bool {
    let plain = |text: &str| text.replace('`', "");
    plain(&finding.message).contains(&plain(text))
}

fn used(sound: &Sound<'_>, ruling: &Ruling) -> UsedWaiver {
    let Sound { waiver, versions, by, until } = sound;
    UsedWaiver {
        gate: waiver.gate.value.clone(),
        ruling: ruling.verdict().to_string(),
        said: ruling.summary().to_owned(),
        finding: waiver.finding.clone(),
        version: versions.to_string(),
        reason: waiver.reason.clone(),
        by: (*by).to_owned(),
        until: until.to_string(),
    }
}

/// What is waived, by whom, until when and why.
fn shown(used: &UsedWaiver, ruling: &Ruling, covers: &[usize], file: &WaiverFile) -> Finding {
    let messages: Vec<&str> = (covers.iter())
        .filter_map(|at| ruling.findings().get(*at))
        .map(|finding| finding.message.as_str())
        .collect();
    let (first, rest) = match (messages.split_first(), &used.finding) {
        (Some((first, rest)), Some(_)) => (*first, rest),
        (Some(_) | None, _) => (ruling.summary(), &messages[..]),
    };
    let mut finding = Finding::new(format!("{}: {first}", ruling.verdict()));
    for message in rest.iter().filter(|message| **message != first) {
        finding = finding.note(format!("also: {message}"));
    }
    let finding = finding
        .note(format!("reason: {}", used.reason))
        .note(format!("granted by {} for {} until {}", used.by, used.version, used.until));
    let branch = &file.branch;
    match (file.asked, &file.commit) {
        (Asked::LastFetch, Some(commit)) => finding.note(format!(
            "read from `{branch}` at {}, as it was fetched last",
            commit.short()
        )),
        (Asked::Now, _) | (Asked::LastFetch, None) => finding,
    }
}
