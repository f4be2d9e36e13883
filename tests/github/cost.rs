//! What a survey costs: requests, and GitHub's points and nodes, which it counts before it answers.

use crate::github::stub::*;
use crate::github::surveys::{reply, repository};
use graphql_parser::query::{
    Definition, Directive, Document, Field, OperationDefinition, Selection, SelectionSet,
    Value as Literal,
};
use serde_json::{Value, json};
use tminus::ports::{ForgeRead, Survey};

/// Requests that GitHub's rule counts (one for each connection of each parent), and nodes.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
struct Cost {
    requests: u64,
    nodes: u64,
}

impl Cost {
    fn points(self) -> u64 {
        ((self.requests + 50) / 100).max(1)
    }
}

fn cost(body: &Value) -> Cost {
    let text = body["query"].as_str().unwrap();
    let document = graphql_parser::parse_query::<String>(text).unwrap();
    let mut cost = Cost::default();
    for definition in &document.definitions {
        if let Definition::Operation(OperationDefinition::Query(query)) = definition {
            count(&document, &query.selection_set, &body["variables"], 1, &mut cost);
        }
    }
    cost
}

fn count<'d>(
    document: &'d Document<'d, String>,
    set: &'d SelectionSet<'d, String>,
    variables: &Value,
    parents: u64,
    cost: &mut Cost,
) {
    // A field that is selected twice is one.
    let mut paged = std::collections::BTreeMap::new();
    let mut sets = vec![set];
    while let Some(set) = sets.pop() {
        for selection in &set.items {
            match selection {
                Selection::Field(field) if on(&field.directives, variables) => {
                    match size(field, variables) {
                        None => count(document, &field.selection_set, variables, parents, cost),
                        Some(size) => {
                            paged.entry(&field.name).or_insert((size, Vec::new())).1.push(field);
                        }
                    }
                }
                Selection::FragmentSpread(spread) => {
                    sets.push(fragment(document, &spread.fragment_name));
                }
                Selection::InlineFragment(inline) => sets.push(&inline.selection_set),
                Selection::Field(_) => {}
            }
        }
    }
    for (size, fields) in paged.into_values() {
        cost.requests += parents;
        cost.nodes += parents * size;
        for field in fields {
            count(document, &field.selection_set, variables, parents * size, cost);
        }
    }
}

fn fragment<'d>(document: &'d Document<'d, String>, name: &str) -> &'d SelectionSet<'d, String> {
    let mut found = None;
    for definition in &document.definitions {
        if let Definition::Fragment(fragment) = definition
            && fragment.name == name
        {
            found = Some(&fragment.selection_set);
        }
    }
    found.unwrap()
}

fn on(directives: &[Directive<'_, String>], variables: &Value) -> bool {
    directives.iter().all(|directive| {
        let Literal::Variable(name) = &directive.arguments[0].1 else { return true };
        variables[name.as_str()] == true
    })
}

fn size(field: &Field<'_, String>, variables: &Value) -> Option<u64> {
    let bound = field.arguments.iter().find(|(name, _)| name == "first" || name == "last")?;
    if let Literal::Variable(name) = &bound.1 {
        return variables[name.as_str()].as_u64();
    }
    let Literal::Int(number) = &bound.1 else { return None };
    u64::try_from(number.as_i64()?).ok()
}

async fn asked(survey: &Survey) -> Cost {
    let stub = Stub::start().await;
    stub.will(reply(&whole(), &json!([])));
    stub.github().0.survey(survey).await.unwrap();
    cost(&stub.asked()[0].json())
}

/// A repository with one check on the commit, a branch, and neither tag nor release.
fn whole() -> Value {
    let run = check_run("CR_1", "build", "COMPLETED", Some("SUCCESS"));
    repository(&commit_with(&contexts(&[run], 1, None)))
}

#[tokio::test]
async fn a_checks_only_survey_costs_one_point_and_no_survey_more_than_two() {
    let light = asked(&only_checks()).await;
    assert_eq!((light, light.points()), (Cost { requests: 102, nodes: 300 }, 1));
    let usual = asked(&whole_survey()).await;
    assert_eq!((usual, usual.points()), (Cost { requests: 104, nodes: 500 }, 1));
    let same_tree = asked(&Survey { same_tree: true, ..whole_survey() }).await;
    assert_eq!((same_tree, same_tree.points()), (Cost { requests: 120, nodes: 1510 }, 1));
    let stub = Stub::start().await;
    stub.will(reply(&json!({ "commit": null }), &json!([])));
    stub.github().0.past(&commit()).await.unwrap();
    let past = cost(&stub.asked()[0].json());
    assert_eq!((past, past.points()), (Cost { requests: 7, nodes: 606 }, 1));
}

#[tokio::test]
async fn a_survey_without_further_pages_takes_at_most_three_requests() {
    let asks_push = Survey { push: true, same_tree: true, ..whole_survey() };
    let there = || Canned::json(200, &release(9, false));
    let none = || Canned::json(200, &json!([]));
    let patterns = json!({
        "viewerCanAdminister": true, "branchProtectionRules": { "totalCount": 0, "nodes": [] },
    });
    let mut released = whole();
    released["release"] = json!({ "id": "RE_1" });
    let new = |mut found: Value| {
        found["branch"] = Value::Null;
        found
    };
    let cases = [
        ("ordinary", whole_survey(), whole(), vec![]),
        ("the push too", asks_push.clone(), whole(), vec![none()]),
        ("a branch that is not there", whole_survey(), new(whole()), vec![none()]),
        ("published", whole_survey(), released.clone(), vec![there()]),
        ("published, and the push", asks_push.clone(), released.clone(), vec![there(), none()]),
        ("all, on a new branch", asks_push, new(released), vec![none(), there()]),
    ];
    for (case, survey, found, further) in cases {
        let stub = Stub::start().await;
        let body = json!({ "data": { "repository": found, "protection": patterns } });
        stub.will(Canned::json(200, &body));
        let expected = 1 + further.len() as u64;
        for canned in further {
            stub.will(canned);
        }
        let (github, _) = stub.github();
        let surveyed = github.survey(&survey).await.unwrap();
        assert!(surveyed.rules.known().is_ok() && surveyed.published.known().is_ok(), "{case}");
        assert_eq!(
            (stub.asked().len() as u64, github.meter().total()),
            (expected, expected),
            "{case}"
        );
        assert!(expected <= 3, "{case}");
    }
}
