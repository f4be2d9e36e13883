//! The rule itself: what must be seen before anything can be judged.

use super::judge::Judge;
use super::settings::{Required, SHAPE, Settings, settings};
use super::want::{Want, want_of_rule};
use crate::facts::{Checks, Facts};
use crate::finding::Finding;
use crate::gates::gate::{About, Need, Rule};
use crate::manifest::{Forge, Manifest, Mode, Node, Shape};
use crate::ruling::Ruling;

/// The rule.
pub(in crate::gates) struct ChecksGreen;

impl Rule for ChecksGreen {
    const ID: &'static str = "checks-green";
    const ASKS: &'static str = "did every required check succeed on the release commit?";
    const PAGE: &'static str = include_str!("../../../docs/gates/checks-green.md");
    const ABOUT: About = About::Release;
    const SETTINGS: Shape<'static> = SHAPE;
    type Settings = Settings;

    fn settings(node: Option<&Node>) -> Settings {
        settings(node)
    }

    fn needs(_: &Settings) -> Vec<Need> {
        vec![Need::Checks, Need::Rules, Need::Branch]
    }

    fn by_default(manifest: &Manifest, _: &Facts) -> bool {
        manifest.forge == Forge::GitHub
    }

    fn rule(settings: &Settings, manifest: &Manifest, facts: &Facts) -> Ruling {
        let mut wants: Vec<&Want> = Vec::new();
        match &settings.required {
            Required::None => return Ruling::go("no check is required (`required: none`)"),
            Required::Reported => {}
            Required::Listed(listed) => wants.extend(listed),
        }
        let from_rules = match settings.from_rules.then(|| facts.rules.known()) {
            None => Vec::new(),
            Some(Ok(rules)) => rules.iter().map(want_of_rule).collect(),
            // Where nothing was seen at all, the checks themselves are what is missed.
            Some(Err(unseen)) if facts.checks.known().err() == Some(unseen) => {
                return Ruling::unseen(&checks_on(facts), unseen);
            }
            Some(Err(unseen)) => {
                return Ruling::unseen("which checks the branch's rules require", unseen);
            }
        };
        wants.extend(&from_rules);
        let reported = matches!(settings.required, Required::Reported);
        if wants.is_empty() && !reported {
            return Ruling::no_go(
                Finding::new(
                    "no check is required: the list is empty and the branch's rules add none",
                )
                .help("name checks under `required`, or write `required: none` to go without"),
            );
        }
        let checks = match facts.checks.known() {
            Ok(checks) => checks,
            Err(unseen) => return Ruling::unseen(&checks_on(facts), unseen),
        };
        if checks.total != checks.runs.len() {
            return Ruling::unknown(miscounted(checks));
        }
        let judge = Judge { settings, manifest, facts, checks };
        judge.rule(&wants, reported)
    }
}

/// Names that would satisfy the manifest's list of required checks, one for each pattern.
#[must_use]
pub fn required_checks(manifest: &Manifest) -> Vec<String> {
    let entry = manifest.gates.iter().flatten().find(|entry| entry.id.value == ChecksGreen::ID);
    let settings = settings(entry.and_then(|entry| entry.settings.as_ref()));
    let Required::Listed(wants) = settings.required else { return Vec::new() };
    wants.iter().map(|want| want.text().replace(['*', '?'], "1")).collect()
}

/// Whether what CI reported is asked for: on every such forge, unless it is turned off.
#[must_use]
pub fn asks_checks(manifest: &Manifest) -> bool {
    let entry = manifest.gates.iter().flatten().find(|entry| entry.id.value == ChecksGreen::ID);
    manifest.forge == Forge::GitHub && entry.is_none_or(|entry| entry.mode != Mode::Off)
}

fn miscounted(checks: &Checks) -> Finding {
    let (seen, total, at) = (checks.runs.len(), checks.total, checks.commit.short());
    let message = if seen < total {
        format!("saw only {seen} of {total} checks on {at}")
    } else {
        format!("saw {seen} checks on {at} where the forge counts {total}")
    };
    Finding::new(message).help("run `tminus check` again")
}

fn checks_on(facts: &Facts) -> String {
    format!("the checks on {}", facts.commit.sha.short())
}
