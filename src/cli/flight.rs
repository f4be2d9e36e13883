//! What `plan`, `release`, `status`, `abort` and `rehearse` say alike.

use crate::conflict::Conflict;
use crate::facts::Facts;
use crate::ledger::Holder;
use crate::names::{Sha, TagName};
use crate::render::status::short;
use crate::render::{Paint, Sources, clean, finding};
use crate::step::Plan;
use crate::target::NoTarget;
use jiff::Timestamp;
use semver::Version;

/// Conflicts as text, one word before each.
pub(super) fn conflicts(conflicts: &[Conflict], facts: &Facts, paint: Paint) -> String {
    let findings: Vec<_> = conflicts.iter().map(Conflict::finding).collect();
    finding::all("conflict", None, &findings, &Sources::of_facts(facts), paint)
}

/// Nothing is to be done, and that is no fault.
pub(super) fn nothing(version: &Version, tag: &TagName, commit: &Sha, paint: Paint) -> String {
    let word = paint.word("nothing to release", 0);
    format!("{word}: {version} is out, {tag} at {}", commit.short())
}

/// Who has the release, and how one gets it.
pub(super) fn attached(holder: &Holder, until: Timestamp, plan: &Plan, paint: Paint) -> String {
    let run = holder.run.as_ref().map(|run| format!(" ({})", clean(&run.url))).unwrap_or_default();
    let (word, who, until) = (paint.word("hold", 0), clean(&holder.name), short(until));
    let version = &plan.version;
    format!(
        "{word}: {who}{run} is releasing {version}, until {until} if it is not heard of again; \
         `--take-over` takes it"
    )
}

/// Why there is no plan.
pub(super) fn no_plan(none: &NoTarget, facts: &Facts, paint: Paint) -> String {
    let word = none.ruling().verdict().to_string();
    finding::finding(&word, None, &none.finding(), &Sources::of_facts(facts), paint)
}
