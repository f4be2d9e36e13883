//! The gate itself. It handles missing facts before the checks are evaluated.

use super::found::{CheckId, Counted, EvaluatedChecks};
use super::judge::Judge;
use super::requirement::{Requirement, from_rule};
use super::settings::{Lineage, Required, Settings};
use crate::base::clean::quoted;
use crate::base::finding::{Finding, Who};
use crate::facts::{Check, Checks, Facts};
use crate::judge::case::Case;
use crate::judge::checks::Reported;

use crate::judge::gates::gate::{Covered, Need, Occasion, Rule, typed};
use crate::judge::ruling::Ruling;
use crate::project::manifest::ErasedSettings;
use crate::project::manifest::{Manifest, Mode};
use std::collections::BTreeSet;

/// The name that `tminus workflow` gives to the job that checks merges.
pub(super) const MERGE_JOB: &str = "tminus releasable";

/// The rule.
pub(in crate::judge::gates) struct ChecksGreen;

impl Rule for ChecksGreen {
    const ID: &'static str = "checks-green";
    const ASKS: &'static str = "did every required check succeed on the release commit?";
    const PAGE: &'static str = include_str!("../../../../docs/gates/checks-green.md");
    const AT: &'static [Occasion] = &[Occasion::Check, Occasion::Release];
    const SPLITS: bool = true;
    type Settings = Settings;

    fn needs(settings: &Settings) -> Vec<Need> {
        let mut needs = vec![Need::Checks, Need::Rules, Need::Branch, Need::Workflows, Need::Push];
        if settings.lineage == Lineage::Tree {
            needs.push(Need::SameTree);
        }
        needs
    }

    fn by_default(case: &Case<'_>) -> bool {
        case.manifest.forge.has_releases()
    }

    fn rule(case: &Case<'_>, settings: &Settings) -> Ruling {
        evaluate(case, settings).map_or_else(|ruling| ruling, EvaluatedChecks::conclude)
    }

    fn without(case: &Case<'_>, settings: &Settings, covered: &Covered<'_>) -> Ruling {
        let conclude = |all: EvaluatedChecks<'_>| all.without(covered).conclude();
        evaluate(case, settings).map_or_else(|ruling| ruling, conclude)
    }
}

/// Evaluates the checks; if they cannot be evaluated, returns the ruling as an error.
fn evaluate<'a>(case: &Case<'a>, settings: &'a Settings) -> Result<EvaluatedChecks<'a>, Ruling> {
    let facts = case.facts;
    let mut wants: Vec<&Requirement> = Vec::new();
    match &settings.required {
        Required::None => {
            return Err(Ruling::go("no check is required (`required: none`)"));
        }
        Required::Reported => {}
        Required::Listed(listed) => wants.extend(listed),
    }
    let from_rules = match settings.from_rules.then(|| facts.rules.known()) {
        None => Vec::new(),
        Some(Ok(rules)) => {
            // The check for merges is reported only on merges.
            rules.iter().filter(|rule| rule.name != MERGE_JOB).map(from_rule).collect()
        }
        // If nothing could be read at all, report the checks as unread.
        Some(Err(unseen)) if facts.checks.known().err() == Some(unseen) => {
            return Err(Ruling::unseen(&checks_on(facts), unseen));
        }
        Some(Err(unseen)) => {
            return Err(Ruling::unseen("the required checks of the branch", unseen));
        }
    };
    wants.extend(&from_rules);
    let reported = matches!(settings.required, Required::Reported);
    if wants.is_empty() && !reported {
        return Err(Ruling::no_go(
            Finding::new("no check is required: the list is empty and the branch's rules add none")
                .help("list checks under `required`, or set `required: none`")
                .who(Who::Author),
        ));
    }
    let checks = match facts.checks.known() {
        Ok(checks) => checks,
        Err(unseen) => return Err(Ruling::unseen(&checks_on(facts), unseen)),
    };
    let same_tree = match (settings.lineage, facts.same_tree.known()) {
        (Lineage::Exact | Lineage::MergeGroup, _) => &[],
        (Lineage::Tree, Ok(same_tree)) => same_tree.as_slice(),
        (Lineage::Tree, Err(unseen)) => {
            let what = format!("the checks on commits with the same tree as {}", short(facts));
            return Err(Ruling::unseen(&what, unseen));
        }
    };
    let of_each = std::iter::once(checks).chain(same_tree);
    if let Some(cut) = of_each.into_iter().find(|checks| checks.total != seen(checks)) {
        return Err(Ruling::unknown(miscounted(cut, case.manifest.forge.words.name)));
    }
    let mut all = std::iter::once(checks).chain(same_tree).flat_map(Reported::all);
    if let Some(check) = all.find(|check| check.origin.is_none()) {
        return Err(Ruling::unknown(unknown_origin(check)));
    }
    Ok(Judge::new(settings, case, checks, same_tree).evaluate_all(&wants, reported))
}

/// The state of each check that counts, for display while the verdict is hold. Empty if the checks
/// cannot be evaluated.
#[must_use]
pub fn standings(case: &Case<'_>) -> Vec<(Counted, CheckId)> {
    let typed = typed::<ChecksGreen>(case.manifest);
    let Some(settings) = typed.as_ref().and_then(ErasedSettings::get) else { return Vec::new() };
    evaluate(case, settings).map_or_else(|_| Vec::new(), EvaluatedChecks::standings)
}

/// Names that would satisfy the manifest's list of required checks, one for each pattern.
#[must_use]
pub fn required_checks(manifest: &Manifest) -> Vec<String> {
    let typed = typed::<ChecksGreen>(manifest);
    let settings: Option<&Settings> = typed.as_ref().and_then(ErasedSettings::get);
    let Some(Required::Listed(wants)) = settings.map(|settings| &settings.required) else {
        return Vec::new();
    };
    wants.iter().map(|want| want.text().replace(['*', '?'], "1")).collect()
}

/// Whether CI checks are read: on every forge that has them, unless the gate is off.
pub(super) fn reads_checks(manifest: &Manifest) -> bool {
    let entry = manifest.gates.iter().flatten().find(|entry| entry.id.value == ChecksGreen::ID);
    manifest.forge.has_releases() && entry.is_none_or(|entry| entry.mode != Mode::Off)
}

/// The number of distinct checks that were read.
fn seen(checks: &Checks) -> usize {
    let (named, nameless): (Vec<&Check>, Vec<&Check>) =
        checks.runs.iter().partition(|check| !check.id.is_empty());
    let ids: BTreeSet<_> = named.iter().map(|check| (check.kind, &check.id)).collect();
    ids.len() + nameless.len()
}

fn miscounted(checks: &Checks, forge: &str) -> Finding {
    let (seen, total, at) = (seen(checks), checks.total, checks.commit.short());
    let message = if seen < total {
        let checks = if total == 1 { "check" } else { "checks" };
        format!("only {seen} of {total} {checks} on {at} could be read")
    } else {
        let checks = if seen == 1 { "check was" } else { "checks were" };
        format!("{seen} {checks} read on {at}, but {forge} reports a total of {total}")
    };
    Finding::new(message).help("run `tminus check` again").who(Who::Operator)
}

/// tminus cannot determine whether the check is its own job.
fn unknown_origin(check: Reported<'_>) -> Finding {
    let (name, at) = (quoted(&check.name), check.commit.short());
    Finding::new(format!("cannot determine which app reported check {name} on {at}"))
        .help("run `tminus check` again, without `--facts`")
        .who(Who::Operator)
}

fn checks_on(facts: &Facts) -> String {
    format!("the checks on {}", short(facts))
}

fn short(facts: &Facts) -> &str {
    facts.commit.sha.short()
}
