//! Reports of situations that `tests/gates` describes.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each suite uses another part; a test that cannot go on has failed"
)]

use serde_json::Value;
use std::path::Path;
use tminus::adapters::forge::github::LINKS;
use tminus::adapters::forge::saved;
use tminus::adapters::kinds;
use tminus::base::names::Slug;
use tminus::facts::{Facts, Seen};
use tminus::judge::case::Case;
use tminus::judge::gates::{self, GateSelection};
use tminus::judge::ruling::Poll;
use tminus::judge::target::Target;
use tminus::planner::{Progress, plan, progress};
use tminus::project::manifest;
use tminus::release::outcome::Outcome;
use tminus::release::plan::Plan;
use tminus::report::stats::{Cost, Endpoint, Stats};
use tminus::report::{Ending, Pages, Report};

pub(crate) const COST: Cost = Cost { requests: 1, seconds: 0.4 };

/// What costs that.
fn stats() -> Stats {
    let name = "GET /".to_owned();
    let endpoint = Endpoint { name, requests: COST.requests, not_modified: 0, retried: 0 };
    Stats { endpoints: vec![endpoint], seconds: COST.seconds, ..Stats::default() }
}

/// A situation, with everything that follows from it.
pub(crate) struct Situation {
    pub(crate) facts: Facts,
    case: Case<'static>,
    pub(crate) target: Option<Target>,
    pub(crate) poll: Poll,
    pub(crate) plan: Option<(Plan, Progress)>,
    pub(crate) pages: Pages,
}

/// RFC 7396.
fn merge(target: &mut Value, patch: &Value) {
    let (Value::Object(into), Value::Object(patch)) = (&mut *target, patch) else {
        *target = patch.clone();
        return;
    };
    for (key, value) in patch {
        if value.is_null() {
            into.remove(key);
        } else if value.get("known").is_some() != value.get("unseen").is_some() {
            into.insert(key.clone(), value.clone());
        } else {
            merge(into.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

impl Situation {
    /// A healthy repository that is due for a release, with a patch over it.
    pub(crate) fn new(patch: &Value) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gates/base.json");
        let mut facts: Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        merge(&mut facts, patch);
        Self::of(saved(facts.to_string().as_bytes()).unwrap())
    }

    pub(crate) fn of(mut facts: Facts) -> Self {
        let manifest =
            manifest::read(facts.manifest.clone(), &kinds()).unwrap_or_else(|findings| {
                panic!("{findings:?}");
            });
        // For as long as the test runs.
        let case = Case::new(Box::leak(Box::new(manifest)), Box::leak(Box::new(facts.clone())));
        let poll = gates::poll(&case, &GateSelection::default());
        let target = case.target().ok().cloned();
        facts.drafts = Seen::Known(Vec::new());
        let plan = plan(&Case::new(case.manifest, &facts)).ok();
        let plan = plan.and_then(|plan| progress(&plan, &facts).ok().map(|done| (plan, done)));
        let slug = Slug::new("acme/widget").unwrap();
        let run = "https://github.com/acme/widget/actions/runs/4412/attempts/1";
        let pages = Pages::of(LINKS, Some("https://github.com"), Some(&slug), Some(run));
        Self { facts, case, target, poll, plan, pages }
    }

    /// What `check` tells.
    pub(crate) fn check(&self) -> Report<'_> {
        let judged = Report::judged(&self.case, &self.poll, &self.pages, stats());
        // Tests change them.
        Report { facts: &self.facts, target: self.target.as_ref(), ..judged }
    }

    /// What `plan` tells.
    pub(crate) fn plan(&self) -> Report<'_> {
        let plan = self.plan.as_ref().map(|(plan, progress)| (plan, progress));
        Report { plan, ..self.check() }
    }

    /// What `release` tells at its end.
    pub(crate) fn flight(&self, outcome: Outcome, said: &str) -> Report<'_> {
        Report { poll: None, ending: Ending::new(outcome, said), ..self.plan() }
    }
}
