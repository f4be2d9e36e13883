//! One required check: its name, its allowed source, and what requires it.

use crate::base::finding::{Finding, Who};
use crate::base::source::Span;
use crate::facts::{Check, CheckKind, RequiredCheck};
use crate::project::manifest::{Field, Manifest, Node, Pattern, Shape};
use crate::project::workflow::{APP, APP_DOC, APP_ID};

/// One required check.
pub(super) struct Requirement {
    pub(super) name: Name,
    pub(super) app: Option<String>,
    pub(super) app_id: Option<i64>,
    pub(super) workflow: Option<String>,
    pub(super) event: Option<String>,
    pub(super) place: Option<Span>,
    pub(super) rule: Option<String>,
}

/// What to do, and who can.
pub(super) type Remedy = (&'static str, Who);

/// A name. In a manifest, it can be a pattern; in a rule, it cannot.
pub(super) enum Name {
    Exact(String),
    Pattern(Pattern),
}

/// The long form of an entry.
pub(super) const WANT: Shape<'static> = Shape::Object(&[
    Field::new("name", Shape::Glob, "The check's name, or a pattern of names.").required(),
    Field::new("app", Shape::Text, APP_DOC),
    Field::new("workflow", Shape::Text, "Only runs of this workflow count."),
    Field::new("event", Shape::Text, "Only runs that this event triggered count (`push`)."),
]);

/// Parses an entry of `required`.
pub(super) fn listed(node: &Node) -> Option<Requirement> {
    let name = node.get("name").unwrap_or(node);
    let text = |key| node.get(key).and_then(Node::text).map(str::to_owned);
    Some(Requirement {
        name: Name::Pattern(Pattern::new(name.text()?).ok()?),
        app: text("app"),
        app_id: None,
        workflow: text("workflow"),
        event: text("event"),
        place: Some(name.span),
        rule: None,
    })
}

/// Converts a check that a branch's rule requires.
pub(super) fn from_rule(rule: &RequiredCheck) -> Requirement {
    Requirement {
        name: Name::Exact(rule.name.clone()),
        app: None,
        // For "any app", GitHub returns nothing or -1.
        app_id: rule.app_id.filter(|id| *id > 0),
        workflow: None,
        event: None,
        place: None,
        rule: Some(rule.rule.clone()),
    }
}

impl Requirement {
    pub(super) fn named(&self, check: &Check) -> bool {
        match &self.name {
            Name::Exact(name) => *name == check.name,
            Name::Pattern(pattern) => pattern.matches(&check.name),
        }
    }

    /// Whether a check comes from the pinned source; `None` if the check does not show its source.
    pub(super) fn matches_pin(&self, check: &Check) -> Option<bool> {
        let run = check.kind == CheckKind::Run;
        // The only source of a commit status is its app, and only the CI host runs workflows.
        let of_workflow = run && (check.app.is_none() || check.is_of_ci());
        let fits = |pin: &Option<String>, has: &Option<String>, tells: bool| match (pin, has) {
            (None, _) => Some(true),
            (Some(pin), Some(has)) => Some(pin == has),
            (Some(_), None) => (!tells).then_some(false),
        };
        let number = match (self.app_id, check.app_id) {
            (None, _) => Some(true),
            (Some(pin), Some(has)) => Some(pin == has),
            (Some(_), None) => (!run).then_some(false),
        };
        let pins = [
            fits(&self.app, &check.app, run),
            fits(&self.workflow, &check.workflow, of_workflow),
            fits(&self.event, &check.event, of_workflow),
            number,
        ];
        if pins.contains(&Some(false)) {
            return Some(false);
        }
        pins.iter().all(Option::is_some).then_some(true)
    }

    /// Whether a workflow can report it for a push.
    pub(super) fn of_a_push(&self) -> bool {
        self.app.as_deref().is_none_or(|app| app == APP)
            && self.app_id.is_none_or(|id| id == APP_ID)
            && self.event.as_deref().is_none_or(|event| event == "push")
    }

    /// The name, unless it is a pattern of names.
    pub(super) fn exact(&self) -> Option<&str> {
        match &self.name {
            Name::Exact(name) => Some(name),
            Name::Pattern(pattern) => (!pattern.is_wild()).then_some(pattern.as_str()),
        }
    }

    pub(super) fn text(&self) -> &str {
        match &self.name {
            Name::Exact(name) => name,
            Name::Pattern(pattern) => pattern.as_str(),
        }
    }

    /// The source that it is pinned to.
    pub(super) fn pin(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.app.as_ref().map(|app| format!("app `{app}`")));
        parts.extend(self.app_id.map(|id| format!("app {id}")));
        parts.extend(self.workflow.as_ref().map(|workflow| format!("workflow `{workflow}`")));
        parts.extend(self.event.as_ref().map(|event| format!("event {event}")));
        parts.join(", ")
    }

    /// What to do if the check is missing: it came from another source, from tminus itself, or from
    /// nowhere.
    pub(super) fn remedy(&self, elsewhere: bool, own: bool) -> Remedy {
        match (&self.rule, elsewhere) {
            (Some(_), false) if own => (
                "tminus cannot wait for its own job: name the other checks under `required` and set `from-rules: false`",
                Who::Author,
            ),
            (None, false) if own => (
                "tminus cannot wait for its own job: remove the check from `required`",
                Who::Author,
            ),
            (Some(_), _) => (
                "check why it does not run on this commit, or remove it from the branch's rules",
                Who::Administrator,
            ),
            (None, true) => (
                "correct `app`, `workflow` or `event` under `required`, or report the check \
                 from the source that `required` names",
                Who::Author,
            ),
            (None, false) => (
                "check why it does not run on this commit, or remove it from `required`",
                Who::Author,
            ),
        }
    }

    pub(super) fn point(&self, manifest: &Manifest, finding: Finding) -> Finding {
        let finding = match self.place {
            Some(span) => finding.at(&manifest.source.name, span, "required here"),
            None => finding,
        };
        match &self.rule {
            Some(rule) => finding.note(format!("required by {rule}")),
            None => finding,
        }
    }
}
