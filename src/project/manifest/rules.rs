//! Rules that involve several values of a manifest, each of which may be valid alone.
//!
//! They use the tree, not the model, so that their errors are reported together with all others.

mod times;

use super::check::suggestion;
use super::kinds::{GateShape, Kinds, Predecessor, StepShape, Times, Touch, WrittenStep};
use super::node::{Node, Value};
use super::people::due_seconds;
use crate::base::finding::Finding;
use crate::base::names::{EnvironmentName, Person, RoleName};
use crate::base::source::{Source, Span};
use std::collections::BTreeMap;

/// Adds a finding for every rule that is broken.
pub(super) fn check(source: &Source, root: &Node, kinds: &Kinds, problems: &mut Vec<Finding>) {
    let mut rules = Rules { source, root, kinds, problems };
    rules.stage_names();
    rules.stage_gates(&kinds.gates);
    rules.gate_settings(&kinds.gates);
    rules.forge();
    rules.notes();
    for kind in &kinds.steps {
        rules.times(kind);
        rules.order(kind);
        rules.faults(kind);
    }
    rules.secrets();
    rules.environments();
    rules.soaks();
    rules.samples();
    rules.schedule();
    rules.roles();
    rules.tasks();
    rules.own_changes();
}

struct Rules<'r> {
    source: &'r Source,
    root: &'r Node,
    kinds: &'r Kinds,
    problems: &'r mut Vec<Finding>,
}

impl<'r> Rules<'r> {
    fn stages(&self) -> &'r [Node] {
        self.root.get("stages").map_or(&[], Node::items)
    }

    /// Every step with the number of its stage.
    fn steps(&self) -> impl Iterator<Item = (usize, WrittenStep<'r>)> + use<'r> {
        self.stages().iter().enumerate().flat_map(|(stage, node)| {
            let steps = node.get("steps").map_or(&[][..], Node::items);
            steps.iter().filter_map(move |step| Some((stage, WrittenStep::read(step)?)))
        })
    }

    fn stage_name(&self, stage: usize) -> &'r str {
        let node = self.stages().get(stage).and_then(|node| node.get("name"));
        node.and_then(Node::text).unwrap_or_default()
    }

    fn report(&mut self, finding: Finding, at: Span, label: &str) {
        self.problems.push(finding.at(&self.source.name, at, label));
    }

    fn line(&self, span: Span) -> usize {
        self.source.position(span.start).0
    }

    fn stage_names(&mut self) {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for stage in self.stages() {
            let Some((name, span)) =
                stage.get("name").and_then(|node| Some((node.text()?, node.span)))
            else {
                continue;
            };
            if let Some(first) = seen.get(name) {
                let note = format!("the first is on line {}", self.line(*first));
                let finding = Finding::new(format!("two stages are named `{name}`")).note(note);
                self.report(finding, span, "again here");
            } else {
                seen.insert(name, span);
            }
        }
    }

    fn stage_gates(&mut self, gates: &[GateShape]) {
        let known: Vec<&str> = gates.iter().map(|gate| gate.id).collect();
        for stage in self.stages() {
            for gate in stage.get("gates").map_or(&[][..], Node::items) {
                let Some(id) = gate.text() else { continue };
                if !known.contains(&id) {
                    let finding = Finding::new(format!("unknown gate `{id}`"))
                        .help(suggestion(id, "gate", &known));
                    self.report(finding, gate.span, "");
                } else if self.lacks_settings(gates, id) {
                    let finding = Finding::new(format!("gate `{id}` has no settings"))
                        .help(format!("set it under `gates.{id}`; see `tminus explain {id}`"));
                    self.report(finding, gate.span, "runs when this stage starts");
                } else if let Some(mode) = self.inform_mode(id) {
                    let finding =
                        Finding::new(format!("gate `{id}` is {mode}, but a stage runs it"))
                            .help(format!("remove it from the stage, or write `{id}: on`"));
                    self.report(finding, gate.span, "runs when this stage starts");
                }
            }
        }
    }

    /// Whether a gate needs settings and the manifest has none.
    fn lacks_settings(&self, gates: &[GateShape], id: &str) -> bool {
        let gate = gates.iter().find(|gate| gate.id == id);
        let entry = self.root.get("gates").and_then(|gates| gates.get(id));
        let written = entry.is_some_and(|entry| matches!(entry.value, Value::Map(_)));
        gate.is_some_and(GateShape::needs_settings) && !written
    }

    /// Gates that are on and need settings.
    fn gate_settings(&mut self, gates: &[GateShape]) {
        for gate in gates.iter().filter(|gate| gate.needs_settings()) {
            let entry = self.root.get("gates").and_then(|gates| gates.get(gate.id));
            let Some(entry) = entry.filter(|entry| matches!(entry.text(), Some("on" | "inform")))
            else {
                continue;
            };
            let id = gate.id;
            let finding = Finding::new(format!("gate `{id}` has no settings"))
                .help(format!("write its settings here; see `tminus explain {id}`"));
            self.report(finding, entry.span, "");
        }
    }

    /// The mode of a gate that cannot block a release.
    fn inform_mode(&self, gate: &str) -> Option<&'static str> {
        let entry = self.root.get("gates").and_then(|gates| gates.get(gate))?;
        match entry.text().or_else(|| entry.get("mode").and_then(Node::text)) {
            Some("off") => Some("off"),
            Some("inform") => Some("set to `inform`"),
            Some(_) | None => None,
        }
    }

    /// The names that GitHub accepts for secrets
    /// (<https://docs.github.com/en/actions/reference/security/secrets#naming-your-secrets>).
    fn secrets(&mut self) {
        for stage in self.stages() {
            for secret in stage.get("secrets").map_or(&[][..], Node::items) {
                let Some(name) = secret.text() else { continue };
                let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let digit = name.starts_with(|c: char| c.is_ascii_digit());
                let taken = name.to_ascii_uppercase().starts_with("GITHUB_");
                if digit || taken || !name.chars().all(letters) {
                    let finding = Finding::new(format!("`{name}` cannot be a secret's name")).help(
                        "use letters, digits and `_`; do not start it with a digit or with \
                         `GITHUB_`",
                    );
                    self.report(finding, secret.span, "");
                }
            }
        }
    }

    /// A soak is verified time, so it needs samples.
    fn soaks(&mut self) {
        for stage in self.stages() {
            let Some(soak) = stage.get("soak").filter(|_| stage.get("verify").is_none()) else {
                continue;
            };
            let finding = Finding::new("`soak` requires `verify`").help(
                "add `verify` with at least one sample; only time in which the samples succeed counts",
            );
            self.report(finding, soak.span, "");
        }
    }

    fn environments(&mut self) {
        for stage in self.stages() {
            let Some(node) = stage.get("environment") else { continue };
            let name = node.get("name").unwrap_or(node);
            let Some(Err(error)) = name.text().map(EnvironmentName::new) else { continue };
            self.report(Finding::new(error.to_string()), name.span, "");
        }
    }

    fn roles(&mut self) {
        let Some(Value::Map(roles)) = self.root.get("roles").map(|node| &node.value) else {
            return;
        };
        for (name, role) in roles {
            if let Err(error) = RoleName::new(name.value.as_str()) {
                self.report(Finding::new(error.to_string()), name.span, "");
            }
            for user in role.get("users").unwrap_or(role).items() {
                let Some(Err(error)) = user.text().map(Person::new) else { continue };
                self.report(Finding::new(error.to_string()), user.span, "");
            }
            let empty = !["users", "team", "permission"].iter().any(|key| role.get(key).is_some());
            if matches!(role.value, Value::Map(_)) && empty {
                let finding = Finding::new(format!("the role `{}` has no members", name.value))
                    .help("set `users`, `team` or `permission`");
                self.report(finding, role.span, "");
            }
            if let Some(team) = role.get("team")
                && team.text().is_some_and(|text| {
                    text.split('/').filter(|part| !part.is_empty()).count() != 2
                })
            {
                let finding = Finding::new("a team has the form `ORGANIZATION/TEAM`");
                self.report(finding, team.span, "");
            }
        }
    }

    /// Whether the roles that gates and tasks name exist.
    fn named_role(&mut self, node: &'r Node, name: &'r str) {
        let known: Vec<&str> = match self.root.get("roles").map(|node| &node.value) {
            Some(Value::Map(roles)) => roles.iter().map(|(name, _)| name.value.as_str()).collect(),
            _ => Vec::new(),
        };
        if !known.contains(&name) {
            let help = match known.is_empty() {
                true => format!("add it under `roles`: `{name}: [LOGIN]`"),
                false => suggestion(name, "role", &known),
            };
            self.report(Finding::new(format!("unknown role `{name}`")).help(help), node.span, "");
        }
    }

    /// Without a forge, the authors of commits are unknown.
    fn own_changes(&mut self) {
        let forge = self.root.get("forge").and_then(Node::text);
        let without = self.kinds.forges.iter().find(|kind| Some(kind.name) == forge);
        let approved = self.root.get("gates").and_then(|gates| gates.get("approved"));
        let own = approved.and_then(|approved| approved.get("not-own"));
        if let (Some(forge), Some(own)) = (without.filter(|kind| !kind.has_releases()), own)
            && own.value == Value::Bool(true)
        {
            let finding = Finding::new("`not-own` requires a forge such as GitHub")
                .note(format!("the manifest sets `forge: {}`", forge.name))
                .help("remove the line");
            self.report(finding, own.span, "");
        }
    }

    fn tasks(&mut self) {
        if let Some(Value::Map(gates)) = self.root.get("gates").map(|node| &node.value) {
            for (_, gate) in gates {
                if let Some((node, name)) = gate.get("role").and_then(|it| Some((it, it.text()?))) {
                    self.named_role(node, name);
                }
                let Some(roles) = gate.get("roles") else { continue };
                for role in roles.items() {
                    if let Some(name) = role.text() {
                        self.named_role(role, name);
                    }
                }
                if let Value::Map(counts) = &roles.value {
                    for (name, count) in counts {
                        self.named_role(count, &name.value);
                    }
                }
            }
        }
        let stages: Vec<&str> = self
            .stages()
            .iter()
            .filter_map(|stage| stage.get("name").and_then(Node::text))
            .collect();
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for task in self.root.get("tasks").map_or(&[][..], Node::items) {
            let text = |key: &str| task.get(key).and_then(|node| Some((node, node.text()?)));
            if let Some((node, id)) = text("id")
                && let Some(first) = seen.insert(id, node.span)
            {
                let note = format!("the first is on line {}", self.line(first));
                let finding = Finding::new(format!("two tasks are named `{id}`")).note(note);
                self.report(finding, node.span, "again here");
            }
            if let Some((node, role)) = text("role") {
                self.named_role(node, role);
            }
            if text("role").is_some() == text("check").is_some() {
                let finding = Finding::new("it is unclear what shows that the task is done")
                    .help("set either `role` or `check`");
                self.report(finding, task.span, "");
            }
            if let Some((node, before)) = text("before")
                && !stages.contains(&before)
            {
                let finding = Finding::new(format!("unknown stage `{before}`"))
                    .help(suggestion(before, "stage", &stages));
                self.report(finding, node.span, "");
            }
            if let Some((node, due)) = text("due")
                && due_seconds(due).is_none()
            {
                let finding =
                    Finding::new(format!("`{due}` is not a time relative to the release"))
                        .help("write a duration with a sign, such as `-2d`");
                self.report(finding, node.span, "");
            }
        }
    }

    fn samples(&mut self) {
        let mut found = Vec::new();
        for stage in self.stages() {
            let Some(verify) = stage.get("verify") else { continue };
            let samples = verify.get("samples").unwrap_or(verify).items();
            for sample in samples.iter().filter_map(WrittenStep::read) {
                let kind = self.kinds.samples.iter().find(|kind| kind.name == sample.name);
                let fault = kind.and_then(|kind| (kind.fault)(&sample));
                found.extend(fault.map(|(finding, label)| (finding, sample.at, label)));
            }
        }
        for (finding, at, label) in found {
            self.report(finding, at, label);
        }
    }

    /// Every step of a kind with the number of its stage.
    fn of(&self, kind: &StepShape) -> impl Iterator<Item = (usize, WrittenStep<'r>)> + use<'r> {
        let name = kind.name;
        self.steps().filter(move |(_, step)| step.name == name)
    }

    fn times(&mut self, kind: &StepShape) {
        // By the stage and the name that must be unique; a kind that can occur only once has
        // neither.
        let mut seen: BTreeMap<(usize, String), Span> = BTreeMap::new();
        for (stage, step) in self.of(kind) {
            let (key, finding) = match kind.times {
                Times::Once => {
                    let message = format!("a release can have only one `{}`", kind.name);
                    ((0, String::new()), Finding::new(message))
                }
                Times::Named(name_of) => {
                    let Some(name) = name_of(&step) else { continue };
                    let message =
                        format!("two `{}` steps in the same stage are named `{name}`", kind.name);
                    let finding = Finding::new(message).help("give one of them another `name`");
                    ((stage, name), finding)
                }
            };
            if let Some(first) = seen.get(&key) {
                let note = format!("the first is on line {}", self.line(*first));
                self.report(finding.note(note), step.at, "again here");
            } else {
                seen.insert(key, step.at);
            }
        }
    }

    /// Whether the steps that must come before a step exist, in its stage or an earlier one.
    fn order(&mut self, kind: &StepShape) {
        let Some((stage, step)) = self.of(kind).next() else { return };
        for after in kind.after {
            let (Predecessor::Required { step: needed, .. } | Predecessor::IfPresent(needed)) =
                *after;
            match (self.steps().find(|(_, step)| step.name == needed), after) {
                (Some((there, _)), _) => self.not_before(kind.name, needed, there, stage, step.at),
                // An unknown step may have been intended, and is reported separately.
                (None, Predecessor::Required { .. })
                    if self.steps().any(|(_, s)| !self.is_known(s.name)) => {}
                (None, Predecessor::Required { to, .. }) => {
                    let finding =
                        Finding::new(format!("`{}` requires a `{needed}` step to {to}", kind.name))
                            .help(format!("add `- {needed}` to this stage or an earlier one"));
                    self.report(finding, step.at, "");
                }
                (None, Predecessor::IfPresent(_)) => {}
            }
        }
    }

    fn not_before(&mut self, name: &str, needed: &str, there: usize, stage: usize, at: Span) {
        if stage >= there {
            return;
        }
        let (later, earlier) = (self.stage_name(there), self.stage_name(stage));
        let finding = Finding::new(format!("`{name}` is in stage `{earlier}`, before `{needed}`"))
            .note(format!("`{needed}` is in stage `{later}`"))
            .help(format!("move `{name}` to stage `{later}` or a later one"));
        self.report(finding, at, "");
    }

    fn is_known(&self, name: &str) -> bool {
        self.kinds.steps.iter().any(|kind| kind.name == name)
    }

    fn forge(&mut self) {
        let written = self.root.get("forge").and_then(Node::text);
        let forge = self.kinds.forges.iter().find(|forge| Some(forge.name) == written);
        let Some(forge) = forge.filter(|forge| !forge.has_releases()) else { return };
        let on_forge = |step: &WrittenStep<'_>| {
            let kind = self.kinds.steps.iter().find(|kind| kind.name == step.name);
            kind.is_some_and(|kind| kind.touches.iter().copied().any(Touch::on_forge))
        };
        let steps: Vec<WrittenStep<'_>> =
            self.steps().map(|(_, step)| step).filter(on_forge).collect();
        for step in steps {
            let finding = Finding::new(format!("`{}` requires a forge such as GitHub", step.name))
                .note(format!("the manifest sets `forge: {}`", forge.name))
                .help(format!("remove the step, or the line `forge: {}`", forge.name));
            self.report(finding, step.at, "");
        }
    }

    /// Whether the notes are generated by the forge that has the releases.
    fn notes(&mut self) {
        let style = self.root.get("changelog").and_then(|section| section.get("style"));
        let Some((style, name)) = style.and_then(|node| Some((node, node.text()?))) else { return };
        let usual = self.kinds.usual();
        let forge = self.root.get("forge").and_then(Node::text).or(usual);
        let mut forges = self.kinds.forges.iter();
        let makes = forges.any(|forge| forge.name == name && forge.has_releases());
        if makes && forge != Some(name) {
            let forge = forge.unwrap_or_default();
            let finding = Finding::new(format!("`style: {name}` needs `forge: {name}`"))
                .note(format!("the manifest says `forge: {forge}`"))
                .help("choose another style, such as `generated`");
            self.report(finding, style.span, "");
        }
    }

    fn faults(&mut self, kind: &StepShape) {
        for (_, step) in self.of(kind) {
            for fault in (kind.faults)(&step, self.root) {
                self.report(fault.finding, fault.at, fault.label);
            }
        }
    }
}
