//! GraphQL's execution over JSON objects that know their `__typename`.
//!
//! `__items` marks a connection, `__forbidden` and `__missing` a field that cannot be shown.

use graphql_parser::query::{
    Definition, Directive, Document, Field, FragmentDefinition, OperationDefinition, Selection,
    SelectionSet, TypeCondition, Value as Literal, VariableDefinition,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Gives the value of a field that takes arguments; `None` leaves it to the object itself.
pub(crate) type Resolve<'a> = dyn Fn(&Value, &str, &Map<String, Value>) -> Option<Value> + 'a;

/// Fields that the schema says are never null, of those that a token may not reach: where one is
/// denied, what holds it is null.
const NEVER_NULL: [&str; 3] = ["branchProtectionRules", "issues", "pullRequests"];

/// One execution.
pub(crate) struct Execution<'q> {
    fragments: BTreeMap<&'q str, &'q FragmentDefinition<'q, String>>,
    variables: Map<String, Value>,
    resolve: &'q Resolve<'q>,
    errors: Vec<Value>,
}

/// Executes the only query of a document.
pub(crate) fn execute<'q>(
    document: &'q Document<'q, String>,
    given: &Map<String, Value>,
    resolve: &'q Resolve<'q>,
) -> Value {
    let mut fragments = BTreeMap::new();
    let mut operation = None;
    for definition in &document.definitions {
        match definition {
            Definition::Fragment(fragment) => {
                fragments.insert(fragment.name.as_str(), fragment);
            }
            Definition::Operation(OperationDefinition::Query(query)) => {
                operation = Some((query.variable_definitions.as_slice(), &query.selection_set));
            }
            Definition::Operation(OperationDefinition::SelectionSet(set)) => {
                operation = Some((&[], set));
            }
            Definition::Operation(
                OperationDefinition::Mutation(_) | OperationDefinition::Subscription(_),
            ) => return fatal("this stand-in offers queries only"),
        }
    }
    let Some((defined, set)) = operation else {
        return fatal("A query attribute must be specified");
    };
    let variables = match variables(defined, given) {
        Ok(variables) => variables,
        Err(error) => return json!({ "errors": [error] }),
    };
    let mut execution = Execution { fragments, variables, resolve, errors: Vec::new() };
    let root = json!({ "__typename": "Query" });
    match execution.select(&root, set, &[]) {
        Err(error) => json!({ "errors": [error] }),
        Ok(data) if execution.errors.is_empty() => json!({ "data": data }),
        Ok(data) => json!({ "data": data, "errors": execution.errors }),
    }
}

pub(crate) fn fatal(message: &str) -> Value {
    json!({ "errors": [{ "message": message }] })
}

fn variables(
    defined: &[VariableDefinition<'_, String>],
    given: &Map<String, Value>,
) -> Result<Map<String, Value>, Value> {
    let mut all = Map::new();
    for one in defined {
        let default = || one.default_value.as_ref().map(|value| literal(value, &Map::new()));
        let required = matches!(one.var_type, graphql_parser::query::Type::NonNullType(_));
        let value = given.get(&one.name).cloned().or_else(default).unwrap_or_default();
        if required && value.is_null() {
            let text = format!(
                "Variable ${} of type {} was provided invalid value",
                one.name, one.var_type
            );
            return Err(json!({ "message": text, "extensions": { "value": null } }));
        }
        all.insert(one.name.clone(), value);
    }
    Ok(all)
}

impl<'q> Execution<'q> {
    fn select(
        &mut self,
        parent: &Value,
        set: &'q SelectionSet<'q, String>,
        path: &[Value],
    ) -> Result<Value, Value> {
        let mut chosen = Value::Object(Map::new());
        for selection in &set.items {
            let (directives, inner) = match selection {
                Selection::Field(field) => {
                    if self.wanted(&field.directives) {
                        let name = field.alias.as_ref().unwrap_or(&field.name);
                        let path = [path, &[name.as_str().into()]].concat();
                        let value = self.field(parent, field, &path)?;
                        if value.is_null() && NEVER_NULL.contains(&field.name.as_str()) {
                            return Ok(Value::Null);
                        }
                        merge(&mut chosen, json!({ name.as_str(): value }));
                    }
                    continue;
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.fragments.get(spread.fragment_name.as_str()) else {
                        let name = &spread.fragment_name;
                        return Err(
                            json!({ "message": format!("Fragment {name} was used, but not defined") }),
                        );
                    };
                    let TypeCondition::On(kind) = &fragment.type_condition;
                    let inner = fits(kind, parent).then_some(&fragment.selection_set);
                    (&spread.directives, inner)
                }
                Selection::InlineFragment(inline) => {
                    let fit = match &inline.type_condition {
                        Some(TypeCondition::On(kind)) => fits(kind, parent),
                        None => true,
                    };
                    (&inline.directives, fit.then_some(&inline.selection_set))
                }
            };
            if let Some(inner) = inner.filter(|_| self.wanted(directives)) {
                let more = self.select(parent, inner, path)?;
                if more.is_null() {
                    return Ok(Value::Null);
                }
                merge(&mut chosen, more);
            }
        }
        Ok(chosen)
    }

    fn field(
        &mut self,
        parent: &Value,
        field: &'q Field<'q, String>,
        path: &[Value],
    ) -> Result<Value, Value> {
        let mut arguments = Map::new();
        for (name, value) in &field.arguments {
            arguments.insert(name.clone(), literal(value, &self.variables));
        }
        let found = (self.resolve)(parent, &field.name, &arguments);
        let Some(value) = found.or_else(|| parent.get(&field.name).cloned()) else {
            let kind = kind(parent);
            let text = format!("Field '{}' doesn't exist on type '{kind}'", field.name);
            return Err(json!({
                "path": path, "message": text, "locations": [locate(field)],
                "extensions":
                    { "code": "undefinedField", "typeName": kind, "fieldName": field.name },
            }));
        };
        if value.get("__items").is_none() {
            return self.finish(value, field, path);
        }
        match paged(&value, &arguments, &field.name) {
            Ok(page) => self.finish(page, field, path),
            Err((kind, text)) => {
                self.complain(kind, &text, field, path);
                Ok(Value::Null)
            }
        }
    }

    fn finish(
        &mut self,
        value: Value,
        field: &'q Field<'q, String>,
        path: &[Value],
    ) -> Result<Value, Value> {
        for (mark, kind) in [("__forbidden", "FORBIDDEN"), ("__missing", "NOT_FOUND")] {
            if let Some(text) = value.get(mark).and_then(Value::as_str) {
                self.complain(kind, text, field, path);
                return Ok(Value::Null);
            }
        }
        let leaf = field.selection_set.items.is_empty();
        match value {
            Value::Array(items) => {
                let items = items.into_iter().enumerate().map(|(place, item)| {
                    self.finish(item, field, &[path, &[place.into()]].concat())
                });
                items.collect::<Result<_, _>>().map(Value::Array)
            }
            Value::Object(_) if leaf => {
                let text = format!("Field must have selections (field '{}')", field.name);
                Err(json!({ "path": path, "message": text, "locations": [locate(field)] }))
            }
            Value::Object(_) => self.select(&value, &field.selection_set, path),
            Value::Null => Ok(Value::Null),
            Value::Bool(_) | Value::Number(_) | Value::String(_) if leaf => Ok(value),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                let text = format!("Selections can't be made on scalars (field '{}')", field.name);
                Err(json!({ "path": path, "message": text, "locations": [locate(field)] }))
            }
        }
    }

    fn complain(&mut self, kind: &str, text: &str, field: &Field<'_, String>, path: &[Value]) {
        self.errors.push(json!({
            "type": kind, "path": path, "locations": [locate(field)], "message": text,
        }));
    }

    fn wanted(&self, directives: &[Directive<'_, String>]) -> bool {
        directives.iter().all(|directive| {
            let given = directive.arguments.iter().find(|(name, _)| name == "if");
            let yes = given.is_some_and(|(_, value)| literal(value, &self.variables) == true);
            match directive.name.as_str() {
                "include" => yes,
                "skip" => !yes,
                _ => true,
            }
        })
    }
}

fn locate(field: &Field<'_, String>) -> Value {
    json!({ "line": field.position.line, "column": field.position.column })
}

fn kind(object: &Value) -> &str {
    object.get("__typename").and_then(Value::as_str).unwrap_or_default()
}

/// Whether an object is of a type, or of one that a union or interface holds.
fn fits(condition: &str, object: &Value) -> bool {
    let kind = kind(object);
    let members: &[&str] = match condition {
        "GitObject" => &["Commit", "Tag", "Tree", "Blob"],
        "StatusCheckRollupContext" => &["CheckRun", "StatusContext"],
        "Actor" => &["User", "Bot", "Organization"],
        "RuleParameters" => &["RequiredStatusChecksParameters", "TagNamePatternParameters"],
        "Node" => return object.get("id").is_some(),
        _ => &[],
    };
    kind == condition || members.contains(&kind)
}

/// One page of a connection.
fn paged(
    connection: &Value,
    arguments: &Map<String, Value>,
    name: &str,
) -> Result<Value, (&'static str, String)> {
    let items = connection.get("__items").and_then(Value::as_array).cloned().unwrap_or_default();
    let last = arguments.get("last").and_then(Value::as_u64);
    let Some(size) = arguments.get("first").and_then(Value::as_u64).or(last) else {
        let text = format!(
            "You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        );
        return Err(("MISSING_PAGINATION_BOUNDARIES", text));
    };
    if !(1..=100).contains(&size) {
        let text = format!(
            "Requesting {size} records on the `{name}` connection exceeds the `first` limit of 100 \
             records."
        );
        return Err(("EXCESSIVE_PAGINATION", text));
    }
    let cursor = arguments.get("after").and_then(Value::as_str);
    let start = cursor.and_then(|text| text.strip_prefix("cursor:")?.parse::<usize>().ok());
    let total = items.len();
    let start = match (start, last) {
        (Some(start), _) => start,
        (None, Some(last)) => total.saturating_sub(last as usize),
        (None, None) => 0,
    };
    let shown: Vec<_> = items.into_iter().skip(start).take(size as usize).collect();
    let end = start + shown.len();
    let name = |place: usize| format!("cursor:{place}");
    let edges: Vec<_> = shown
        .iter()
        .enumerate()
        .map(|(place, node)| json!({ "cursor": name(start + place + 1), "node": node }))
        .collect();
    let mut page = connection.clone();
    if let Some(page) = page.as_object_mut() {
        page.remove("__items");
        page.insert("totalCount".into(), total.into());
        page.insert("edges".into(), edges.into());
        page.insert(
            "pageInfo".into(),
            json!({
                "__typename": "PageInfo", "hasNextPage": end < total,
                "hasPreviousPage": start > 0,
                "startCursor": (!shown.is_empty()).then(|| name(start + 1)),
                "endCursor": (!shown.is_empty()).then(|| name(end)),
            }),
        );
        page.insert("nodes".into(), shown.into());
    }
    Ok(page)
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                match into.get_mut(&key) {
                    Some(there) => merge(there, value),
                    None => {
                        into.insert(key, value);
                    }
                }
            }
        }
        (Value::Array(into), Value::Array(from)) => {
            into.iter_mut().zip(from).for_each(|(into, from)| merge(into, from));
        }
        (into, from) => *into = from,
    }
}

fn literal(value: &Literal<'_, String>, variables: &Map<String, Value>) -> Value {
    match value {
        Literal::Variable(name) => variables.get(name).cloned().unwrap_or_default(),
        Literal::Int(number) => number.as_i64().into(),
        Literal::Float(number) => json!(number),
        Literal::String(text) | Literal::Enum(text) => text.as_str().into(),
        Literal::Boolean(yes) => (*yes).into(),
        Literal::Null => Value::Null,
        Literal::List(items) => items.iter().map(|item| literal(item, variables)).collect(),
        Literal::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| (key.clone(), literal(value, variables)));
            Value::Object(fields.collect())
        }
    }
}
