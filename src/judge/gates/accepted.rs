//! `accepted`: testers accepted every scenario of the release.

use super::feedback::{Feedback, query};
use super::gate::{GateSettings, Need, Occasion, Rule, typed};
use super::people::{asked_since, cannot_read, entering, no_candidate, where_to_say};
use crate::base::awaited::Awaited;
use crate::base::finding::{Finding, Who};
use crate::base::names::{ItemId, Person, RoleName, StageName};
use crate::facts::BlockerQuery;
use crate::judge::case::Case;
use crate::judge::people::{Binding, Membership, Statements};
use crate::judge::ruling::Ruling;
use crate::project::manifest::{Field, Manifest, Mode, Node, Preset, Reader, Shape};
use jiff::Timestamp;

/// The rule.
pub(super) struct Accepted;

const SCENARIO: Shape<'static> = Shape::Object(&[
    Field::new("id", Shape::Name, "The ID of the scenario in commands.").required(),
    Field::new("text", Shape::Text, "What the testers do.").required(),
    Field::new("guide", Shape::Path, "A page in the repository that explains the scenario."),
]);

/// Its settings.
pub(super) struct Settings {
    role: RoleName,
    scenarios: Vec<Scenario>,
    count: usize,
    feedback: Vec<String>,
}

/// The role of the testers, and what they try; `None` if the manifest does not have the gate.
#[must_use]
pub fn acceptance(manifest: &Manifest) -> Option<(RoleName, Vec<ItemId>)> {
    let settings = typed::<Accepted>(manifest)?;
    let settings = settings.get::<Settings>()?;
    let scenarios = settings.scenarios.iter().map(|scenario| scenario.id.clone()).collect();
    Some((settings.role.clone(), scenarios))
}

/// The query for the issues that testers reported, if the gate lists them and is not off.
#[must_use]
pub fn feedback_query(manifest: &Manifest) -> Option<BlockerQuery> {
    let entry = manifest.gates.iter().flatten().find(|entry| entry.id.value == Accepted::ID)?;
    let settings: &Settings = entry.settings.get()?;
    query(&settings.feedback).filter(|_| entry.mode != Mode::Off)
}

/// What testers reported, if the gate lists it and it was requested.
#[must_use]
pub fn feedback<'f>(case: &Case<'f>) -> Option<Feedback<'f>> {
    feedback_query(case.manifest)?;
    let seen = &case.facts.feedback;
    (!seen.is_not_asked()).then(|| Feedback::new(seen))
}

/// What testers said about a scenario, for reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The scenario.
    pub id: ItemId,
    /// What the testers do.
    pub text: Option<String>,
    /// How many must accept it.
    pub needed: usize,
    /// Who accepted it.
    pub accepted: Vec<String>,
    /// Who rejected it, and why.
    pub rejected: Vec<(String, String)>,
}

/// Every scenario, and the role of the testers; `None` if the manifest has none or what was said
/// cannot be read.
#[must_use]
pub fn trials(case: &Case<'_>) -> Option<(RoleName, Vec<Trial>)> {
    let settings = typed::<Accepted>(case.manifest)?;
    let settings = settings.get::<Settings>()?;
    let statements = Statements::new(case).ok()??;
    let binding = match case.manifest.first_stage_with(Accepted::ID) {
        Some(_) => Binding::Plan,
        None => Binding::Release,
    };
    let trial = |scenario: &Scenario| {
        let ScenarioResult { accepted, rejected, .. } =
            result(settings, scenario, &statements, binding);
        let (id, text) = (scenario.id.clone(), scenario.text.clone());
        let rejected = rejected.into_iter().map(|(by, why, _)| (by, why)).collect();
        Trial { id, text, needed: settings.count, accepted, rejected }
    };
    Some((settings.role.clone(), settings.scenarios.iter().map(trial).collect()))
}

/// What testers try.
pub(super) struct Scenario {
    id: ItemId,
    text: Option<String>,
    guide: Option<String>,
}

impl GateSettings for Settings {
    const SHAPE: Shape<'static> = Shape::Object(&[
        Field::new("role", Shape::Name, "The role of the testers.").required(),
        Field::new(
            "scenarios",
            Shape::List { of: &Shape::AnyOf(&[Shape::Name, SCENARIO]), min: 1 },
            "The scenarios that the testers test: names, or mappings with a text.",
        )
        .required(),
        Field::new(
            "count",
            Shape::Integer { min: 1, max: 100 },
            "How many testers must accept each scenario.",
        )
        .preset(Preset::Number(1)),
        Field::new(
            "feedback",
            Shape::AnyOf(&[Shape::Text, Shape::List { of: &Shape::Text, min: 1 }]),
            "A label, or up to 20: open issues with one of them are listed where the scenarios are \
             shown. They block nothing.",
        ),
    ]);

    fn read(reader: &Reader<'_>) -> Option<Self> {
        let scenario = |node: &Node| {
            let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
            let id = node.get("id").unwrap_or(node).text()?;
            Some(Scenario { id: ItemId::new(id).ok()?, text: text("text"), guide: text("guide") })
        };
        let scenarios = reader.written("scenarios").map_or(&[][..], Node::items);
        Some(Self {
            role: RoleName::new(reader.text("role")?).ok()?,
            scenarios: scenarios.iter().map(scenario).collect::<Option<_>>()?,
            count: reader.number("count")?,
            feedback: labels(reader.written("feedback"))?,
        })
    }
}

fn labels(node: Option<&Node>) -> Option<Vec<String>> {
    let Some(node) = node else { return Some(Vec::new()) };
    let nodes = if node.text().is_some() { std::slice::from_ref(node) } else { node.items() };
    nodes.iter().map(|label| label.text().map(str::to_owned)).collect()
}

impl Rule for Accepted {
    const ID: &'static str = "accepted";
    const ASKS: &'static str = "did the testers accept every scenario?";
    const PAGE: &'static str = include_str!("../../../docs/gates/accepted.md");
    const AT: &'static [Occasion] = &[Occasion::Check, Occasion::Release];
    type Settings = Settings;

    fn needs(settings: &Settings) -> Vec<Need> {
        let mut needs = vec![Need::Branch, Need::People];
        if !settings.feedback.is_empty() {
            needs.push(Need::Feedback);
        }
        needs
    }

    fn by_default(case: &Case<'_>) -> bool {
        case.manifest.first_stage_with(Self::ID).is_some()
    }

    fn before(case: &Case<'_>) -> Option<StageName> {
        case.manifest.first_stage_with(Self::ID).cloned()
    }

    fn rule(case: &Case<'_>, settings: &Settings) -> Ruling {
        let statements = match Statements::new(case) {
            Ok(Some(statements)) => statements,
            Ok(None) => return no_candidate(case),
            Err(unseen) => return cannot_read(unseen),
        };
        let binding = match case.manifest.first_stage_with(Self::ID) {
            Some(_) => Binding::Plan,
            None => Binding::Release,
        };
        let results: Vec<ScenarioResult> = settings
            .scenarios
            .iter()
            .map(|scenario| result(settings, scenario, &statements, binding))
            .collect();
        if let Some(rejected) = rejected(settings, &results) {
            return rejected;
        }
        if let Err(entered) = entering(case, Self::ID) {
            return Ruling::go(format!("`{entered}` was entered; no scenario is rejected"));
        }
        judge(case, settings, &statements, &results)
    }

    fn notes(case: &Case<'_>, settings: &Settings) -> Vec<Finding> {
        match query(&settings.feedback) {
            Some(_) => Feedback::new(&case.facts.feedback).findings(),
            None => Vec::new(),
        }
    }
}

/// What the testers said about a scenario.
#[derive(Default)]
struct ScenarioResult {
    accepted: Vec<String>,
    rejected: Vec<(String, String, Timestamp)>,
    unseen: bool,
}

fn result(
    settings: &Settings,
    scenario: &Scenario,
    statements: &Statements<'_>,
    binding: Binding,
) -> ScenarioResult {
    let mut result = ScenarioResult::default();
    for (person, (proven, reason)) in statements.verdicts(&scenario.id, binding) {
        match (statements.membership(&settings.role, person), reason) {
            (Membership::Member, None) => result.accepted.push(person.to_string()),
            (Membership::Member, Some(reason)) => {
                result.rejected.push((person.to_string(), reason.to_owned(), proven.at));
            }
            (Membership::Unseen(_), _) => result.unseen = true,
            (Membership::Stranger, _) => {}
        }
    }
    result
}

fn rejected(settings: &Settings, results: &[ScenarioResult]) -> Option<Ruling> {
    let all = settings.scenarios.iter().zip(results);
    let findings: Vec<Finding> = all
        .flat_map(|(scenario, result)| {
            result.rejected.iter().map(move |(person, reason, at)| {
                let id = &scenario.id;
                Finding::new(format!("{person} rejected `{id}`: {reason}"))
                    .help(format!(
                        "fix it, run `tminus abort`, and release the commit with the fix, or ask \
                         {person} to run `tminus accept {id}`"
                    ))
                    .people([person.clone()])
                    .since(Some(*at))
            })
        })
        .collect();
    let summary = findings.first()?.message.clone();
    Some(Ruling::NoGo { summary, findings })
}

fn judge(
    case: &Case<'_>,
    settings: &Settings,
    statements: &Statements<'_>,
    results: &[ScenarioResult],
) -> Ruling {
    let open: Vec<(&Scenario, &ScenarioResult)> = (settings.scenarios.iter().zip(results))
        .filter(|(_, result)| result.accepted.len() < settings.count)
        .collect();
    if open.is_empty() {
        let all = settings.scenarios.iter().zip(results);
        let said = all.map(|(one, result)| format!("{}: {}", one.id, result.accepted.join(", ")));
        return Ruling::go(said.collect::<Vec<_>>().join("; "));
    }
    if open.iter().any(|(_, result)| result.unseen)
        && let Some(unseen) = statements.unseen_members(&settings.role)
    {
        return Ruling::unseen(&format!("the members of the role `{}`", settings.role), unseen);
    }
    let testers = case.manifest.role(&settings.role);
    let findings = open.iter().map(|(scenario, result)| {
        let (id, role) = (&scenario.id, &settings.role);
        let missing = settings.count - result.accepted.len();
        let message = match missing {
            1 => format!("waiting for a member of `{role}` to accept `{id}`"),
            n => format!("waiting for {n} members of `{role}` to accept `{id}`"),
        };
        let command = format!("tminus accept {id}");
        let help = where_to_say(statements, &command, &format!("/accept {id}"));
        let awaited = Awaited::Acceptance { scenario: id.clone() };
        let done = |person: &Person| result.accepted.iter().any(|name| *name == person.as_str());
        let left = testers.map(|role| role.described_without(done)).unwrap_or_default();
        let mut finding = match left.is_empty() {
            true => Finding::new(message)
                .help(format!("add another person to the role `{role}`"))
                .who(Who::Author),
            false => Finding::new(message).help(help).people(left),
        };
        finding = finding.since(asked_since(case)).awaits(awaited);
        if !result.accepted.is_empty() {
            finding = finding.note(format!("accepted so far: {}", result.accepted.join(", ")));
        }
        if let Some(text) = &scenario.text {
            finding = finding.note(format!("scenario: {text}"));
        }
        if let Some(guide) = &scenario.guide {
            finding = finding.note(format!("guide: {guide}"));
        }
        finding
    });
    let (done, all) = (settings.scenarios.len() - open.len(), settings.scenarios.len());
    let summary = format!("{done} of {all} scenarios accepted");
    Ruling::Hold { summary, findings: findings.collect() }
}
