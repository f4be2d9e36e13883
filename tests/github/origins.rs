//! Where a check comes from: what the adapter makes of apps and pages, and of facts without it.

use crate::github::stub::*;
use crate::github::surveys::{reply, repository, surveyed};
use serde_json::{Value, json};
use tminus::adapters::forge::saved;
use tminus::facts::{Check, CheckCreator, CheckState, Conclusion, Origin};

const RUN: &str = "https://ghe.example/acme/widget/actions/runs/4411";

async fn checks(nodes: &[Value]) -> Vec<Check> {
    let commit = commit_with(&contexts(nodes, nodes.len(), None));
    let canned = vec![reply(&repository(&commit), &json!([]))];
    surveyed(&only_checks(), canned).await.checks.known().unwrap().runs.clone()
}

fn page(name: &str, url: &Value) -> Value {
    let mut run = check_run(&format!("CR_{name}"), name, "COMPLETED", Some("SUCCESS"));
    run["detailsUrl"] = url.clone();
    run
}

fn nodes() -> Vec<Value> {
    let mut other = page("other", &json!(format!("{RUN}/job/9")));
    other["checkSuite"]["app"]["slug"] = "ci-app".into();
    let status = json!({
        "__typename": "StatusContext", "id": "SC_1", "context": "status", "state": "SUCCESS",
        "createdAt": "2026-01-10T14:00:30Z", "targetUrl": format!("{RUN}/job/9"),
        "creator": { "__typename": "Bot", "login": "github-actions" },
    });
    vec![
        page("job", &json!(format!("{RUN}/job/9"))),
        page("run", &json!(RUN)),
        page("written", &json!("https://ghe.example/acme/widget/runs/9")),
        page("untold", &Value::Null),
        other,
        status,
    ]
}

#[tokio::test]
async fn the_app_and_url_of_a_check_tell_its_origin() {
    let runs = checks(&nodes()).await;
    let seen: Vec<_> =
        runs.iter().map(|run| (run.name.as_str(), run.maker().unwrap(), run.job())).collect();
    assert_eq!(
        seen,
        [
            ("job", CheckCreator::CiHost, Some("9")),
            ("run", CheckCreator::CiHost, None),
            ("written", CheckCreator::Job, None),
            ("untold", CheckCreator::CiHost, None),
            ("other", CheckCreator::Other, None),
            ("status", CheckCreator::Other, None),
        ]
    );
}

#[tokio::test]
async fn facts_that_an_older_version_wrote_are_completed_and_newer_ones_are_kept() {
    let runs = checks(&nodes()).await;
    let base = include_str!("../gates/base.json");
    let read = |runs: &Value| {
        let mut facts: Value = serde_json::from_str(base).unwrap();
        facts["checks"]["known"]["runs"] = runs.clone();
        facts["twins"] = json!({ "known": [facts["checks"]["known"]] });
        let facts = saved(facts.to_string().as_bytes()).unwrap();
        let twin = facts.same_tree.known().unwrap()[0].runs.clone();
        assert_eq!(facts.checks.known().unwrap().runs, twin);
        twin
    };
    let mut old = serde_json::to_value(&runs).unwrap();
    assert_eq!(read(&old), runs);
    for run in old.as_array_mut().unwrap() {
        run.as_object_mut().unwrap().remove("origin");
    }
    assert_eq!(read(&old), runs);

    old[1]["state"] = json!({ "finished": "startup_failure" });
    assert_eq!(read(&old)[1].state, CheckState::Finished(Conclusion::NotStarted));
    old[1]["origin"] = json!({ "maker": "other" });
    assert_eq!(read(&old)[1].origin, Some(Origin { maker: CheckCreator::Other, job: None }));
}
