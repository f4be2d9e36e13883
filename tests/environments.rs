//! What keeps a release out of an environment, by the facts alone.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

use serde_json::{Value, json};
use std::fmt::Write as _;
use tminus::base::names::{EnvironmentName, StepKey};
use tminus::facts::Facts;
use tminus::planner::{Progress, StepState, progress};
use tminus::release::plan::Plan;

const COMMIT: &str = "3f2a91c4d8000000000000000000000000000000";
const NOW: &str = "2026-01-10T15:00:00Z";

fn plan() -> Plan {
    let enter = json!({ "environment": "production", "stage": "live", "protected": false });
    plan_with(&enter)
}

fn plan_with(enter: &Value) -> Plan {
    let step = json!({ "key": "enter:live", "reach": "private", "step": { "enter": enter } });
    serde_json::from_value(json!({
        "name": "widget",
        "version": "1.1.0",
        "tag": "v1.1.0",
        "commit": COMMIT,
        "previous": null,
        "manifest": "a".repeat(64),
        "stages": [
            { "name": "live", "gates": [], "steps": [step], "environment": "production" },
        ],
    }))
    .unwrap()
}

/// An entry of the ledger, or of the record of an environment, by somebody else.
fn written(at: &str, event: &Value) -> Value {
    let by =
        json!({ "name": "bob@two", "machine": "m", "process": 1, "started": null, "run": null });
    json!({ "format": 1, "at": at, "by": by, "fence": 1, "lease_until": at, "event": event })
}

fn entry(version: &str, state: &str, more: &Value) -> Value {
    let mut entry = json!({
        "version": version,
        "tag": format!("v{version}"),
        "commit": COMMIT,
        "plan": "b".repeat(64),
        "stage": "live",
        "at": "2026-01-10T14:55:00Z",
        "by": "bob@two",
        "state": state,
    });
    merge(&mut entry, more);
    entry
}

fn merge(into: &mut Value, more: &Value) {
    for (key, value) in more.as_object().into_iter().flatten() {
        into[key] = value.clone();
    }
}

/// Facts with an environment that nothing protects and nobody entered, changed by `change`.
fn facts(change: impl FnOnce(&mut Value)) -> Facts {
    let base = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gates/base.json"),
    );
    let mut facts: Value = serde_json::from_str(&base.unwrap()).unwrap();
    facts["time"] = json!({ "known": NOW });
    facts["ledger"] = json!({ "known": { "head": null, "entries": [] } });
    facts["environments"] = json!({ "production": {
        "protection": { "known": protection(&json!({})) },
        "inside": { "known": false },
        "approvals": { "known": [] },
        "record": { "known": { "at": null, "value": { "format": 1, "current": null } } },
        "deployments": { "known": [] },
    }});
    change(&mut facts);
    serde_json::from_value(facts).unwrap_or_else(|error| panic!("{error}"))
}

fn protection(rules: &Value) -> Value {
    let mut protection = json!({
        "wait_minutes": 0,
        "reviewers": [],
        "prevents_self_review": false,
        "refs": "any",
        "apps": [],
    });
    merge(&mut protection, rules);
    protection
}

/// Facts of an environment with rules.
fn protected(rules: &Value, change: impl FnOnce(&mut Value)) -> Facts {
    facts(|facts| {
        facts["environments"]["production"]["protection"] = json!({ "known": protection(rules) });
        change(facts);
    })
}

/// Facts of an environment that a release is in.
fn occupied(entry: &Value, earlier: &[Value]) -> Facts {
    facts(|facts| {
        let record = json!({ "format": 1, "current": entry, "earlier": earlier });
        facts["environments"]["production"]["record"] =
            json!({ "known": { "at": COMMIT, "value": record } });
    })
}

/// Everything that is said of the step.
fn told(plan: &Plan, facts: &Facts) -> String {
    let key = StepKey::new("enter:live").unwrap();
    let progress: Progress = match progress(plan, facts) {
        Ok(progress) => progress,
        Err(conflicts) => {
            let finding = conflicts.first().unwrap().finding();
            return format!("conflict: {}", said(&finding));
        }
    };
    match progress.of(&key) {
        StepState::Missing => "can be entered\n".into(),
        StepState::Done { evidence } => format!("done: {evidence}\n"),
        StepState::Unseen(unseen) => format!("unseen: {}\n", unseen.why),
        StepState::Held(held) => {
            let until = held.until.map_or_else(String::new, |until| format!("  until {until}\n"));
            format!("{}: {}{until}", held.verdict, said(&held.finding))
        }
    }
}

fn said(finding: &tminus::base::finding::Finding) -> String {
    let mut text = format!("{}\n", finding.message);
    for note in &finding.notes {
        writeln!(text, "  note: {note}").unwrap();
    }
    if let Some(help) = &finding.help {
        writeln!(text, "  help: {help}").unwrap();
    }
    if let Some(who) = finding.who {
        writeln!(text, "  who: {who:?}").unwrap();
    }
    text
}

/// Cases with their titles, for one snapshot.
struct Cases(String);

impl Cases {
    fn add(&mut self, title: &str, facts: &Facts) {
        self.add_plan(title, &plan(), facts);
    }

    fn add_plan(&mut self, title: &str, plan: &Plan, facts: &Facts) {
        write!(self.0, "# {title}\n{}\n", told(plan, facts)).unwrap();
    }
}

fn approval(by: &str, started_by: &str) -> Value {
    json!([{ "by": by, "run": 7, "started_by": started_by, "url": null }])
}

fn approvals(facts: &mut Value, approvals: &Value) {
    facts["environments"]["production"]["approvals"] = json!({ "known": approvals });
}

fn queued(facts: &mut Value, at: &str) {
    let entry = written(at, &json!({ "queued": { "stage": "live" } }));
    facts["ledger"] = json!({ "known": { "head": null, "entries": [entry] } });
}

#[test]
fn each_protection_rule_blocks_a_release_until_it_is_satisfied() {
    let mut cases = Cases(String::new());
    let review = json!({ "reviewers": [{ "user": "bob" }, { "team": "ops" }] });
    cases.add("nothing protects it", &facts(|_| {}));
    cases.add("a review is required", &protected(&review, |_| {}));
    cases.add(
        "a reviewer approved",
        &protected(&review, |facts| approvals(facts, &approval("bob", "ada"))),
    );
    cases.add(
        "a reviewer approved a run of their own",
        &protected(&review, |facts| approvals(facts, &approval("bob", "bob"))),
    );
    let no_self = json!({ "reviewers": [{ "user": "bob" }], "prevents_self_review": true });
    cases.add(
        "the same, where self-review is prevented",
        &protected(&no_self, |facts| approvals(facts, &approval("bob", "bob"))),
    );
    cases.add(
        "an approval by somebody else, where self-review is prevented",
        &protected(&no_self, |facts| approvals(facts, &approval("bob", "ada"))),
    );
    let timer = json!({ "wait_minutes": 30 });
    cases.add("a wait timer, on the first try", &protected(&timer, |_| {}));
    cases.add(
        "a wait timer that began 20 minutes ago",
        &protected(&timer, |facts| queued(facts, "2026-01-10T14:40:00Z")),
    );
    cases.add(
        "a wait timer that is over",
        &protected(&timer, |facts| queued(facts, "2026-01-10T14:30:00Z")),
    );
    let app = json!({ "apps": ["Change Board"] });
    cases.add("an app decides", &protected(&app, |_| {}));
    let all = json!({ "wait_minutes": 30, "reviewers": [{ "user": "bob" }], "apps": ["Board"] });
    cases.add("all of them", &protected(&all, |_| {}));
    insta::assert_snapshot!("protection-rules", cases.0);
}

#[test]
fn only_allowed_branches_and_tags_are_deployed() {
    let mut cases = Cases(String::new());
    let refs = |patterns: &Value| json!({ "refs": { "patterns": patterns } });
    let branch = |name: &str| refs(&json!([{ "name": name, "tag": false }]));
    let tag = |name: &str| refs(&json!([{ "name": name, "tag": true }]));
    cases.add("its branch", &protected(&branch("main"), |_| {}));
    cases.add("a pattern of its branch", &protected(&branch("ma*"), |_| {}));
    cases.add("another branch", &protected(&branch("release/*"), |_| {}));
    cases.add("a pattern of its tag", &protected(&tag("v1.*"), |_| {}));
    cases.add("another tag", &protected(&tag("v2.*"), |_| {}));
    cases.add("a branch with the name of the tag", &protected(&branch("v1.*"), |_| {}));
    let unseen = json!({ "unseen": { "why": "the branch was not read", "help": null } });
    cases.add(
        "its branch is not known",
        &protected(&branch("main"), |facts| facts["branch"] = unseen.clone()),
    );
    let nested = |facts: &mut Value| facts["branch"] = json!({ "known": "release/1/x" });
    cases.add("a star does not match a slash", &protected(&branch("release/*"), nested));
    cases.add("protected branches", &protected(&json!({ "refs": "protected" }), |_| {}));
    cases.add("none", &protected(&refs(&json!([])), |_| {}));
    insta::assert_snapshot!("protection-refs", cases.0);
}

#[test]
fn a_job_inside_the_environment_repeats_no_protection_checks() {
    let mut cases = Cases(String::new());
    let all = json!({
        "wait_minutes": 30, "reviewers": [{ "user": "bob" }], "apps": ["Board"],
        "refs": "protected",
    });
    let inside = |state: &Value| {
        let state = state.clone();
        move |facts: &mut Value| facts["environments"]["production"]["inside"] = state
    };
    cases.add("inside", &protected(&all, inside(&json!({ "known": true }))));
    let unseen = json!({ "unseen": { "why": "the identity token was not read", "help": null } });
    cases.add("it is not known whether it is inside", &protected(&all, inside(&unseen)));
    cases.add("the same without rules", &protected(&json!({}), inside(&unseen)));
    let named = json!({ "environment": "production", "stage": "live", "protected": true });
    let named = plan_with(&named);
    let open = inside(&json!({ "known": true }));
    cases.add_plan("inside, without the rules that it must have", &named, &facts(open));
    insta::assert_snapshot!("protection-inside", cases.0);
}

#[test]
fn a_missing_unprotected_or_unreadable_environment_is_unknown() {
    let mut cases = Cases(String::new());
    let set = |field: &'static str, value: Value| {
        facts(move |facts| facts["environments"]["production"][field] = value)
    };
    let unseen = || json!({ "unseen": { "why": "403 Forbidden", "help": null } });
    cases.add("it does not exist", &set("protection", json!({ "known": null })));
    let named = json!({ "environment": "production", "stage": "live", "protected": true });
    let named = plan_with(&named);
    cases.add_plan("it must be protected, and is not", &named, &facts(|_| {}));
    cases.add_plan(
        "it must be protected, and is",
        &named,
        &protected(&json!({ "apps": ["Board"] }), |_| {}),
    );
    cases.add("its protection is not read", &set("protection", unseen()));
    cases.add("its record is not read", &set("record", unseen()));
    let review = json!({ "reviewers": [{ "user": "bob" }] });
    cases.add(
        "its approvals are not read",
        &protected(&review, |facts| {
            facts["environments"]["production"]["approvals"] = unseen();
        }),
    );
    cases.add("the time is not known", &facts(|facts| facts["time"] = unseen()));
    cases.add("the ledger is not read", &facts(|facts| facts["ledger"] = unseen()));
    cases.add("it was not read at all", &facts(|facts| facts["environments"] = json!({})));
    insta::assert_snapshot!("protection-unknown", cases.0);
}

#[test]
fn only_one_release_at_a_time_can_be_in_an_environment() {
    let mut cases = Cases(String::new());
    let none = json!({});
    cases.add("a lower version is there", &occupied(&entry("1.0.0", "deployed", &none), &[]));
    cases.add("a higher version is there", &occupied(&entry("1.2.0", "deployed", &none), &[]));
    cases.add("a higher version is entering", &occupied(&entry("1.2.0", "entering", &none), &[]));
    cases.add(
        "the same version by another plan",
        &occupied(&entry("1.1.0", "deployed", &none), &[]),
    );
    let busy = |until: &str| json!({ "busy_until": until });
    let entering = |until: &str| entry("1.0.0", "entering", &busy(until));
    cases.add("a lower version is entering", &occupied(&entering("2026-01-10T15:05:00Z"), &[]));
    cases.add("it was entering and stopped", &occupied(&entering("2026-01-10T15:00:00Z"), &[]));
    let own = json!({ "plan": plan().digest().as_str() });
    cases.add("this plan is there", &occupied(&entry("1.1.0", "deployed", &own), &[]));
    let back = entry("1.1.0", "rolled-back", &own);
    cases.add(
        "this plan was rolled back",
        &occupied(&entry("1.0.0", "deployed", &json!({ "back_from": "1.1.0" })), &[back]),
    );
    let event = json!({ "rolled-back": { "stage": "live", "to": "1.0.0" } });
    let entries = [written("2026-01-10T14:40:00Z", &event)];
    let recorded = json!({ "known": { "head": null, "entries": entries } });
    cases.add("the ledger says the same", &facts(|facts| facts["ledger"] = recorded));
    insta::assert_snapshot!("one-at-a-time", cases.0);
}

#[test]
fn an_environment_entry_without_its_deployment_is_not_done() {
    let own = json!({ "plan": plan().digest().as_str() });
    let entered = entry("1.1.0", "entering", &own);
    let at = entered["at"].clone();
    let with = |deployments: Value| {
        let mut facts = serde_json::to_value(occupied(&entered, &[])).unwrap();
        facts["environments"]["production"]["deployments"] = deployments;
        let facts: Facts = serde_json::from_value(facts).unwrap();
        assert!(facts.environments.contains_key(&EnvironmentName::new("production").unwrap()));
        facts
    };
    let deployment = |plan: &str, entered: &Value| {
        json!({ "known": [{
            "id": 1, "commit": COMMIT, "at": at, "by": "ada", "state": "in-progress",
            "mark": { "plan": plan, "stage": "live", "entered": entered }, "url": null,
        }]})
    };
    let digest = plan().digest();
    let mut cases = Cases(String::new());
    cases.add("there is none", &with(json!({ "known": [] })));
    cases.add("there is one of this entry", &with(deployment(digest.as_str(), &at)));
    let earlier = json!("2026-01-09T14:55:00Z");
    cases.add("there is one of an earlier entry", &with(deployment(digest.as_str(), &earlier)));
    cases.add("there is one of another plan", &with(deployment(&"c".repeat(64), &at)));
    cases.add("the forge has no deployments", &with(json!({ "known": null })));
    let unseen = json!({ "unseen": { "why": "403 Forbidden", "help": null } });
    cases.add("they are not read", &with(unseen));
    insta::assert_snapshot!("entry-and-deployment", cases.0);
}
