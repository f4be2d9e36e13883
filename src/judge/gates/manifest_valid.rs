//! `manifest-valid`: the manifest is valid after the merge.

use super::gate::{Need, Occasion, Rule};
use crate::base::finding::{Finding, Who};
use crate::facts::{ChangedManifest, ChangedWaivers, Seen};
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;
use crate::project::waivers::PATH;

/// The rule.
pub(super) struct ManifestValid;

impl Rule for ManifestValid {
    const ID: &'static str = "manifest-valid";
    const ASKS: &'static str = "is the manifest still valid after the merge?";
    const PAGE: &'static str = include_str!("../../../docs/gates/manifest-valid.md");
    const AT: &'static [Occasion] = &[Occasion::Merge];
    const WAIVABLE: bool = false;
    type Settings = ();

    fn needs((): &()) -> Vec<Need> {
        Vec::new()
    }

    fn rule(case: &Case<'_>, (): &()) -> Ruling {
        let (manifest, facts) = (case.manifest, case.facts);
        let Some(merge) = &facts.merge else { return Ruling::no_merge() };
        let name = &manifest.source.name;
        let changed = match merge.manifest.known() {
            Ok(changed) => changed,
            Err(unseen) => {
                return Ruling::unseen(&format!("`{name}` after the merge"), unseen);
            }
        };
        let ruling = match changed {
            None => Ruling::go(format!("`{name}` does not change")),
            Some(ChangedManifest { source: None, .. }) => Ruling::no_go(
                Finding::new(format!("the merge removes `{name}`"))
                    .help("keep it: without a manifest nothing can be released")
                    .who(Who::Author),
            ),
            Some(ChangedManifest { source: Some(source), findings, .. }) => {
                match findings.first() {
                    None => Ruling::go(format!("`{}` changes and is valid", source.name)),
                    Some(first) => {
                        let theirs = |finding: Finding| finding.who(Who::Author);
                        let findings = findings.iter().cloned().map(theirs).collect();
                        Ruling::NoGo { summary: first.message.clone(), findings }
                    }
                }
            }
        };
        with_waivers(&merge.waivers, ruling)
    }
}

/// The same for the waivers after the merge, if it changes them, so that an invalid waiver is found
/// before it is needed.
fn with_waivers(waivers: &Seen<Option<ChangedWaivers>>, ruling: Ruling) -> Ruling {
    let ChangedWaivers { source, findings: faults } = match waivers.known() {
        Ok(Some(changed)) => changed,
        Ok(None) => return ruling,
        Err(_) if waivers.is_not_asked() => return ruling,
        Err(unseen) => return Ruling::unseen(&format!("`{PATH}` after the merge"), unseen),
    };
    match (ruling, faults.first()) {
        (Ruling::Go { evidence }, None) => {
            Ruling::go(format!("{evidence}; `{}` changes and is valid", source.name))
        }
        (Ruling::Go { .. }, Some(first)) => {
            Ruling::NoGo { summary: first.message.clone(), findings: faults.clone() }
        }
        (Ruling::NoGo { summary, mut findings }, _) => {
            findings.extend(faults.iter().cloned());
            Ruling::NoGo { summary, findings }
        }
        (other @ (Ruling::Hold { .. } | Ruling::Unknown { .. }), _) => other,
    }
}
