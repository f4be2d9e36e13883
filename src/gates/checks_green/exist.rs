//! `required-checks-exist`: a merge does not take away, or rename, what the manifest requires.

use super::rule::ChecksGreen;
use super::settings::{Required, settings};
use super::want::Want;
use crate::facts::Facts;
use crate::finding::Finding;
use crate::gates::gate::{Need, Occasion, Rule};
use crate::manifest::{Manifest, Node, Shape};
use crate::ruling::Ruling;
use crate::source::Source;
use crate::workflow::{Reports, Workflow};

/// The app whose checks come from workflow files.
const ACTIONS: &str = "github-actions";

/// The rule.
pub(in crate::gates) struct RequiredChecksExist;

impl Rule for RequiredChecksExist {
    const ID: &'static str = "required-checks-exist";
    const ASKS: &'static str = "does CI still report every required check under its name?";
    const PAGE: &'static str = include_str!("../../../docs/gates/required-checks-exist.md");
    const AT: &'static [Occasion] = &[Occasion::Merge];
    const SETTINGS: Shape<'static> = Shape::Object(&[]);
    type Settings = ();

    fn settings(_: Option<&Node>) {}

    fn needs((): &()) -> Vec<Need> {
        Vec::new()
    }

    fn by_default(manifest: &Manifest, _: &Facts) -> bool {
        super::asks_checks(manifest)
    }

    fn rule((): &(), manifest: &Manifest, facts: &Facts) -> Ruling {
        let Some(merge) = &facts.merge else { return Ruling::no_merge() };
        let entry = manifest.gates.iter().flatten().find(|entry| entry.id.value == ChecksGreen::ID);
        let settings = settings(entry.and_then(|entry| entry.settings.as_ref()));
        let Required::Listed(wants) = &settings.required else {
            return Ruling::go("the manifest names no checks");
        };
        let (before, after) = match (merge.workflows.known(), facts.workflows.known()) {
            (Err(unseen), _) => {
                return Ruling::unseen("the workflow files before the merge", unseen);
            }
            (_, Err(unseen)) => return Ruling::unseen("the workflow files", unseen),
            (Ok(before), Ok(after)) => (before, after),
        };
        let mut findings = Vec::new();
        for want in wants.iter().filter(|want| want.app.as_deref().is_none_or(|app| app == ACTIONS))
        {
            let name = want.text().replace(['*', '?'], "1");
            let known = reporters(before, &name);
            if !known.is_empty() && reporters(after, &name).is_empty() {
                findings.push(lost(want, &known, manifest));
            }
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

/// Files of workflows that may report a check. One that is not understood may report anything.
fn reporters<'s>(files: &'s [Source], name: &str) -> Vec<&'s str> {
    let may = |file: &&Source| {
        Workflow::read(file).is_none_or(|workflow| workflow.reports(name) > Reports::No)
    };
    files.iter().filter(may).map(|file| file.name.as_str()).collect()
}

fn lost(want: &Want, known: &[&str], manifest: &Manifest) -> Finding {
    let name = want.text();
    let finding = Finding::new(format!("after the merge no workflow reports check `{name}`"))
        .note(format!("before it, `{}` does", known.join("`, `")))
        .help("keep the job's name, or change `required` in the manifest first");
    want.point(manifest, finding)
}
