//! What tokens are and may do, and the rules that stand over tags.

use super::books::Shared;
use super::checks::{connection, forbidden};
use super::message::{Answer, Ask};
use super::options::{Kind, Scopes};
use super::visit::Visit;
use git2::Repository;
use serde_json::{Value, json};
use tminus::adapters::sim::State;
use tminus::facts::Seen;
use tminus::facts::rights::Workflows;
use tminus::facts::tag_rules::{TagRule, TagRuleset};

/// Who a token speaks for.
pub(crate) fn viewer(scopes: Scopes) -> Value {
    let login = match scopes.kind {
        Kind::Job => "github-actions[bot]",
        Kind::App => "release-bot[bot]",
        Kind::Classic(_) | Kind::FineGrained => "ada",
    };
    json!({ "__typename": "User", "id": "BOT_1", "login": login })
}

/// Adds what only replies to classic tokens bear.
pub(crate) fn dress(shared: &Shared, ask: &Ask, answer: Answer) -> Answer {
    match super::manners::admit(&shared.options, ask) {
        Ok(Scopes { kind: Kind::Classic(scopes), .. }) => answer.with("x-oauth-scopes", scopes),
        Ok(_) | Err(_) => answer,
    }
}

/// `/releases/generate-notes`: demands to write and saves nothing.
pub(crate) fn notes(visit: &Visit<'_>) -> Result<Answer, Answer> {
    visit.writer()?;
    let body = visit.ask.json()?;
    let Some(tag) = body.get("tag_name").and_then(Value::as_str) else {
        return Err(Answer::invalid("Release", "missing_field", "tag_name", ""));
    };
    let text = visit.shared.world()?.settings.generated_notes.clone();
    Ok(Answer::json(200, &json!({ "name": tag, "body": text })))
}

/// `/immutable-releases`: for administrators; off and hidden look the same.
pub(crate) fn immutable(visit: &Visit<'_>) -> Result<Answer, Answer> {
    match visit.scopes.kind {
        _ if visit.scopes.admin => {}
        Kind::Classic(_) => return Err(Answer::missing()),
        Kind::Job | Kind::App | Kind::FineGrained => {
            return Err(Answer::forbidden("administration=read"));
        }
    }
    if !visit.shared.world()?.settings.immutable_releases {
        return Err(Answer::missing());
    }
    Ok(Answer::json(200, &json!({ "enabled": true, "enforced_by_owner": false })))
}

/// `/rulesets/{id}`.
pub(crate) fn ruleset(visit: &Visit<'_>, id: u64) -> Result<Answer, Answer> {
    let world = visit.shared.world()?;
    let found = world.tag_rules.iter().find(|ruleset| ruleset.id == Some(id));
    let ruleset = found.ok_or_else(Answer::missing)?;
    let may = match (visit.scopes.kind, &ruleset.bypass) {
        // GitHub does not take the Actions app among those who may.
        (Kind::Job, _) | (_, Seen::Known(false) | Seen::Unseen(_)) => "never",
        (_, Seen::Known(true)) => "always",
    };
    let rules = ruleset.rules.iter().map(|rule| match &rule.pattern {
        None => json!({ "type": rule.kind }),
        Some(pattern) => json!({
            "type": rule.kind,
            "parameters": {
                "operator": pattern.operator, "pattern": pattern.pattern, "negate": pattern.negate,
            },
        }),
    });
    Ok(Answer::json(
        200,
        &json!({
            "id": id, "name": ruleset.name, "target": "tag", "source_type": "Repository",
            "source": visit.places.repository, "enforcement": "active",
            "current_user_can_bypass": may,
            "conditions": {
                "ref_name": { "include": ruleset.include, "exclude": ruleset.exclude },
            },
            "rules": rules.collect::<Vec<_>>(),
        }),
    ))
}

/// The rulesets over tags, by GraphQL; all targets but tags are empty here.
pub(crate) fn rulesets(world: &State, scopes: Scopes) -> Value {
    if !scopes.read {
        return forbidden();
    }
    connection("RepositoryRuleset", world.tag_rules.iter().map(node).collect())
}

fn node(ruleset: &TagRuleset) -> Value {
    let id = ruleset.id;
    json!({
        "__typename": "RepositoryRuleset", "id": format!("RRS_{id:?}"), "databaseId": id,
        "name": ruleset.name, "enforcement": "ACTIVE", "target": "TAG",
        "conditions": {
            "__typename": "RepositoryRuleConditions",
            "refName": {
                "__typename": "RefNameConditionTarget", "include": ruleset.include,
                "exclude": ruleset.exclude,
            },
        },
        "rules": connection("RepositoryRule", ruleset.rules.iter().map(rule).collect()),
    })
}

fn rule(rule: &TagRule) -> Value {
    let parameters = rule.pattern.as_ref().map(|pattern| {
        json!({
            "__typename": "TagNamePatternParameters", "name": "", "operator": pattern.operator,
            "pattern": pattern.pattern, "negate": pattern.negate,
        })
    });
    json!({
        "__typename": "RepositoryRule", "id": "RRU_2", "type": rule.kind.to_ascii_uppercase(),
        "parameters": parameters,
    })
}

/// The tree that an expression such as `HEAD:.github/workflows` names. Without a repository behind,
/// what the world says of workflow files.
pub(crate) fn tree(visit: &Visit<'_>, world: &State, expression: &str) -> Value {
    let found = match &visit.shared.options.bare {
        Some(path) => Repository::open_bare(path).ok().and_then(|repository| {
            Some(repository.revparse_single(expression).ok()?.id().to_string())
        }),
        None => Some(match (world.settings.workflows, expression.starts_with("HEAD:")) {
            (Workflows::Differ, false) => "e".repeat(40),
            (Workflows::Differ | Workflows::Same, _) => "f".repeat(40),
        }),
    };
    found.map_or(
        Value::Null,
        |oid| json!({ "__typename": "Tree", "id": format!("T_{oid}"), "oid": oid }),
    )
}
