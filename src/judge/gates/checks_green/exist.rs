//! `required-checks-exist`: a merge does not remove or rename a check that the manifest requires.

use super::requirement::Requirement;
use super::rule::ChecksGreen;
use super::settings::{Required, Settings};
use crate::base::finding::{Finding, Who};
use crate::base::names::BranchName;
use crate::base::source::Source;
use crate::judge::case::Case;
use crate::judge::gates::gate::typed;
use crate::judge::gates::gate::{Need, Occasion, Rule};
use crate::judge::ruling::Ruling;
use crate::project::manifest::ErasedSettings;
use crate::project::manifest::Manifest;
use crate::project::workflow::{APP, OnPush, ReportsCheck, Workflow};

/// The rule.
pub(in crate::judge::gates) struct RequiredChecksExist;

impl Rule for RequiredChecksExist {
    const ID: &'static str = "required-checks-exist";
    const ASKS: &'static str = "does CI still report every required check under its name?";
    const PAGE: &'static str = include_str!("../../../../docs/gates/required-checks-exist.md");
    const AT: &'static [Occasion] = &[Occasion::Merge];
    type Settings = ();

    fn needs((): &()) -> Vec<Need> {
        Vec::new()
    }

    fn by_default(case: &Case<'_>) -> bool {
        super::reads_checks(case.manifest)
    }

    fn rule(case: &Case<'_>, (): &()) -> Ruling {
        let (manifest, facts) = (case.manifest, case.facts);
        let Some(merge) = &facts.merge else { return Ruling::no_merge() };
        let typed = typed::<ChecksGreen>(manifest);
        let settings: Option<&Settings> = typed.as_ref().and_then(ErasedSettings::get);
        let Some(Required::Listed(wants)) = settings.map(|settings| &settings.required) else {
            return Ruling::go("the manifest lists no required checks");
        };
        let (before, after) = match (merge.workflows.known(), facts.workflows.known()) {
            (Err(unseen), _) => {
                return Ruling::unseen("the workflow files before the merge", unseen);
            }
            (_, Err(unseen)) => return Ruling::unseen("the workflow files", unseen),
            (Ok(before), Ok(after)) => (before, after),
        };
        let Some(base) = facts.branch.known().ok() else { return Ruling::no_merge() };
        let (mut findings, mut unclear) = (Vec::new(), Vec::new());
        for want in wants.iter().filter(|want| want.app.as_deref().is_none_or(|app| app == APP)) {
            let name = want.text().replace(['*', '?'], "1");
            match (reported(before, &name, base), reported(after, &name, base)) {
                (ReportsCheck::Yes | ReportsCheck::Perhaps, ReportsCheck::No) => {
                    findings.push(lost(want, before, &name, manifest));
                }
                (ReportsCheck::Yes, ReportsCheck::Perhaps) => {
                    unclear.push(doubtful(want, manifest))
                }
                (ReportsCheck::No | ReportsCheck::Perhaps, _)
                | (ReportsCheck::Yes, ReportsCheck::Yes) => {}
            }
        }
        if let (None, Some(first)) = (findings.first(), unclear.first()) {
            return Ruling::Unknown { summary: first.message.clone(), findings: unclear };
        }
        match findings.first() {
            None => Ruling::go(match wants.len() {
                1 => "1 required check keeps its name".to_owned(),
                n => format!("{n} required checks keep their names"),
            }),
            Some(first) => Ruling::NoGo { summary: first.message.clone(), findings },
        }
    }
}

/// Whether a workflow would report a check for a push to the branch. A file that cannot be parsed
/// might report any check.
fn reported(files: &[Source], name: &str, branch: &BranchName) -> ReportsCheck {
    let each = files.iter().map(|file| match Workflow::read(file) {
        None => ReportsCheck::Perhaps,
        Some(workflow) if workflow.on_push(branch, None) == OnPush::Elsewhere => ReportsCheck::No,
        Some(workflow) => workflow.reports(name),
    });
    each.max().unwrap_or(ReportsCheck::No)
}

fn lost(want: &Requirement, before: &[Source], name: &str, manifest: &Manifest) -> Finding {
    let did = |file: &&Source| {
        Workflow::read(file).is_none_or(|workflow| workflow.reports(name) > ReportsCheck::No)
    };
    let known: Vec<&str> = before.iter().filter(did).map(|file| file.name.as_str()).collect();
    let message =
        format!("no workflow would report check `{}` on push after the merge", want.text());
    let finding = Finding::new(message)
        .note(format!("before the merge, `{}` reports it", known.join("`, `")))
        .help("keep the job's name and its trigger, or change `required` in the manifest first")
        .who(Who::Author);
    want.point(manifest, finding)
}

fn doubtful(want: &Requirement, manifest: &Manifest) -> Finding {
    let message = format!("cannot determine whether check `{}` is still reported", want.text());
    let finding = Finding::new(message)
        .note("some workflow files cannot be read or use expressions as job names; one of them might report the check")
        .help("give the job a literal name, or change `required` in the manifest first")
        .who(Who::Author);
    want.point(manifest, finding)
}
