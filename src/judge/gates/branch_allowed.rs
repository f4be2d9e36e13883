//! `branch-allowed`: the commit is on a branch that releases may be cut from.

use super::gate::{Need, Occasion, Rule};
use crate::base::finding::{Finding, Who};
use crate::facts::Facts;
use crate::judge::ruling::Ruling;
use crate::project::manifest::{Manifest, Reader, Shape};

/// The rule.
pub(super) struct BranchAllowed;

impl Rule for BranchAllowed {
    const ID: &'static str = "branch-allowed";
    const ASKS: &'static str = "is the commit on a branch that releases may be cut from?";
    const PAGE: &'static str = include_str!("../../../docs/gates/branch-allowed.md");
    const AT: &'static [Occasion] = &[Occasion::Check, Occasion::Release];
    const SETTINGS: Shape<'static> = Shape::Object(&[]);
    type Settings = ();

    fn settings(_: &Reader<'_>) -> Option<()> {
        Some(())
    }

    fn needs((): &()) -> Vec<Need> {
        vec![Need::Branch]
    }

    fn by_default(_: &Manifest, _: &Facts) -> bool {
        true
    }

    fn rule((): &(), manifest: &Manifest, facts: &Facts) -> Ruling {
        let branch = match facts.branch.known() {
            Ok(branch) => branch,
            Err(unseen) => return Ruling::unseen("the branch", unseen),
        };
        let mut allowed = manifest.branches.iter();
        if let Some(pattern) = allowed.find(|pattern| pattern.value.matches(branch.as_str())) {
            let by = if pattern.value.as_str() == branch.as_str() {
                String::new()
            } else {
                format!(", allowed by `{}`", pattern.value.as_str())
            };
            return Ruling::go(format!("{branch}{by}"));
        }
        let patterns: Vec<String> =
            manifest.branches.iter().map(|p| format!("`{}`", p.value.as_str())).collect();
        let mut finding =
            Finding::new(format!("branch `{branch}` is not one that releases are cut from"))
                .note(format!("allowed are {}", patterns.join(", ")))
                .help("merge first, or add the branch to `branches`")
                .who(Who::Author);
        if let Some(first) = manifest.branches.first().filter(|first| first.span.end > 0) {
            finding = finding.at(&manifest.source.name, first.span, "allowed from here on");
        }
        Ruling::no_go(finding)
    }
}
