//! What must hold between the values of a manifest, each of which may be right on its own.
//!
//! Works on the tree, not on the model, so that these errors are told together with all others.

use super::check::suggestion;
use super::node::{Node, Value};
use super::shape::GateShape;
use crate::base::finding::Finding;
use crate::base::source::{Source, Span};
use std::collections::BTreeMap;

/// Steps that a manifest may hold once.
const ONCE: [&str; 3] = ["draft-release", "tag", "publish-release"];
/// Steps that need a forge.
const ON_FORGE: [&str; 2] = ["draft-release", "publish-release"];

/// One entry of `steps`, in either way of writing it.
pub(super) struct Step<'n> {
    /// Its name, known or not.
    pub(super) name: &'n str,
    /// Where the name is written.
    pub(super) at: Span,
    /// Its settings, where it has any.
    pub(super) settings: Option<&'n Node>,
}

impl<'n> Step<'n> {
    /// Reads a bare name or a mapping of one key.
    pub(super) fn read(node: &'n Node) -> Option<Self> {
        match &node.value {
            Value::Text(name) => Some(Self { name, at: node.span, settings: None }),
            Value::Map(entries) => {
                let (key, settings) = entries.first()?;
                Some(Self { name: &key.value, at: key.span, settings: Some(settings) })
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) => None,
        }
    }

    /// What a `run` step is called.
    pub(super) fn run_name(&self) -> Option<&'n str> {
        let settings = self.settings?;
        let program = || settings.get("command")?.items().first()?.text();
        settings.get("name").and_then(Node::text).or_else(program)
    }
}

/// Adds a finding for every rule that is broken.
pub(super) fn check(
    source: &Source,
    root: &Node,
    gates: &[GateShape],
    problems: &mut Vec<Finding>,
) {
    let mut rules = Rules { source, root, problems };
    rules.stage_names();
    rules.stage_gates(gates);
    rules.once();
    rules.order();
    rules.forge();
    rules.runs();
    rules.secrets();
}

struct Rules<'r> {
    source: &'r Source,
    root: &'r Node,
    problems: &'r mut Vec<Finding>,
}

impl<'r> Rules<'r> {
    fn stages(&self) -> &'r [Node] {
        self.root.get("stages").map_or(&[], Node::items)
    }

    /// Every step with the number of its stage.
    fn steps(&self) -> impl Iterator<Item = (usize, Step<'r>)> + use<'r> {
        self.stages().iter().enumerate().flat_map(|(stage, node)| {
            let steps = node.get("steps").map_or(&[][..], Node::items);
            steps.iter().filter_map(move |step| Some((stage, Step::read(step)?)))
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
        let known: Vec<&str> = gates.iter().map(|(id, _, _)| *id).collect();
        for stage in self.stages() {
            for gate in stage.get("gates").map_or(&[][..], Node::items) {
                let Some(id) = gate.text() else { continue };
                if !known.contains(&id) {
                    let finding = Finding::new(format!("unknown gate `{id}`"))
                        .help(suggestion(id, "gate", &known));
                    self.report(finding, gate.span, "");
                } else if let Some(mode) = self.powerless(id) {
                    let finding =
                        Finding::new(format!("gate `{id}` is {mode} and a stage asks it"))
                            .help(format!("take it out of the stage, or write `{id}: on`"));
                    self.report(finding, gate.span, "asked on entering this stage");
                }
            }
        }
    }

    /// The mode of a gate whose ruling does not count.
    fn powerless(&self, gate: &str) -> Option<&'static str> {
        let entry = self.root.get("gates").and_then(|gates| gates.get(gate))?;
        match entry.text().or_else(|| entry.get("mode").and_then(Node::text)) {
            Some("off") => Some("off"),
            Some("inform") => Some("set to `inform`"),
            Some(_) | None => None,
        }
    }

    /// What GitHub takes for a secret's name
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
                        "use letters, digits and `_`, no digit first, and not `GITHUB_` before it",
                    );
                    self.report(finding, secret.span, "");
                }
            }
        }
    }

    fn once(&mut self) {
        for name in ONCE {
            let mut first: Option<Span> = None;
            for (_, step) in self.steps().filter(|(_, step)| step.name == name) {
                let Some(first) = first else {
                    first = Some(step.at);
                    continue;
                };
                let note = format!("the first is on line {}", self.line(first));
                let finding = Finding::new(format!("a release has one `{name}`")).note(note);
                self.report(finding, step.at, "again here");
            }
        }
    }

    /// A release can be published only once its draft and its tag can be there.
    fn order(&mut self) {
        let first = |name: &str| self.steps().find(|(_, step)| step.name == name);
        let Some((published, publish)) = first("publish-release") else { return };
        let (draft, tag) = (first("draft-release"), first("tag"));
        match draft {
            // A step that nobody knows may have been meant as the draft, and is reported itself.
            None if self.steps().any(|(_, step)| !is_known(step.name)) => {}
            None => {
                let finding = Finding::new("`publish-release` has no `draft-release` to publish")
                    .help("add `- draft-release` to this stage or an earlier one");
                self.report(finding, publish.at, "");
            }
            Some((drafted, _)) => self.not_before("draft-release", drafted, published, publish.at),
        }
        if let Some((tagged, _)) = tag {
            self.not_before("tag", tagged, published, publish.at);
        }
    }

    fn not_before(&mut self, needed: &str, there: usize, published: usize, at: Span) {
        if published >= there {
            return;
        }
        let (later, earlier) = (self.stage_name(there), self.stage_name(published));
        let finding =
            Finding::new(format!("`publish-release` is in stage `{earlier}`, before `{needed}`"))
                .note(format!("`{needed}` is in stage `{later}`"))
                .help(format!("move `publish-release` to stage `{later}` or a later one"));
        self.report(finding, at, "");
    }

    fn forge(&mut self) {
        if self.root.get("forge").and_then(Node::text) != Some("none") {
            return;
        }
        for (_, step) in self.steps().filter(|(_, step)| ON_FORGE.contains(&step.name)) {
            let finding = Finding::new(format!("`{}` needs a forge", step.name))
                .note("the manifest says `forge: none`")
                .help("take the step out, or the line `forge: none`");
            self.report(finding, step.at, "");
        }
    }

    fn runs(&mut self) {
        let mut seen: BTreeMap<(usize, &str), Span> = BTreeMap::new();
        for (stage, step) in self.steps().filter(|(_, step)| step.name == "run") {
            let Some(settings) = step.settings else { continue };
            let repeatable = settings.get("repeatable").map(|node| &node.value);
            if settings.get("probe").is_none() && repeatable != Some(&Value::Bool(true)) {
                let finding = Finding::new("nothing says whether this `run` is done already")
                    .note("a release that stopped is finished by running it again")
                    .help(
                        "add `probe`, a command that exits 0 when it is done and 1 when it is \
                         not; or `repeatable: true` if running it twice does no harm",
                    );
                self.report(finding, step.at, "needs `probe` or `repeatable: true`");
            }
            let Some(name) = step.run_name() else { continue };
            if let Some(first) = seen.get(&(stage, name)) {
                let note = format!("the first is on line {}", self.line(*first));
                let finding =
                    Finding::new(format!("two `run` steps of a stage are named `{name}`"))
                        .note(note)
                        .help("give one of them another `name`");
                self.report(finding, step.at, "again here");
            } else {
                seen.insert((stage, name), step.at);
            }
        }
    }
}

fn is_known(name: &str) -> bool {
    name == "run" || ONCE.contains(&name)
}
