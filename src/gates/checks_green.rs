//! `checks-green`: every required check succeeded on exactly the commit that is released.
//!
//! What is required comes from the manifest and from the branch's rules, never from what happened
//! to report: a check that never ran must be missed.

use super::gate::{Need, Rule};
use crate::checks::{Say, Terms, Voice, is_own, voices};
use crate::facts::{Check, CheckKind, Checks, Facts};
use crate::finding::Finding;
use crate::manifest::{Field, Forge, Manifest, Node, Pattern, Shape, Value, seconds};
use crate::ruling::Ruling;
use crate::source::Span;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::collections::BTreeSet;

/// How long a required check may take to appear.
const GRACE: SignedDuration = SignedDuration::from_mins(10);

/// The rule.
pub(super) struct ChecksGreen;

/// Its settings.
pub(super) struct Settings {
    required: Required,
    from_rules: bool,
    accept: Vec<String>,
    grace: SignedDuration,
    max_age: Option<SignedDuration>,
    min_duration: Option<SignedDuration>,
}

enum Required {
    Reported,
    None,
    Listed(Vec<Want>),
}

/// One required check.
struct Want {
    name: Name,
    app: Option<String>,
    app_id: Option<i64>,
    workflow: Option<String>,
    event: Option<String>,
    place: Option<Span>,
    rule: Option<String>,
}

fn checks_on(facts: &Facts) -> String {
    format!("the checks on {}", facts.commit.sha.short())
}

/// A name as written: the manifest's may be a pattern, a rule's never is.
enum Name {
    Exact(String),
    Pattern(Pattern),
}

const WANT: Shape<'static> = Shape::Object(&[
    Field::new("name", Shape::Glob, "The check's name, or a pattern of names.").required(),
    Field::new("app", Shape::Text, "Only reports of this app count (`github-actions`)."),
    Field::new("workflow", Shape::Text, "Only runs of this workflow count."),
    Field::new("event", Shape::Text, "Only runs that this event started count (`push`)."),
]);

impl Rule for ChecksGreen {
    const ID: &'static str = "checks-green";
    const ASKS: &'static str = "did every required check succeed on the release commit?";
    const PAGE: &'static str = include_str!("../../docs/gates/checks-green.md");
    const NEEDS: &'static [Need] = &[Need::Checks, Need::Rules, Need::Branch];
    const SETTINGS: Shape<'static> = Shape::Object(&[
        Field::new(
            "required",
            Shape::AnyOf(&[
                Shape::OneOf(&[
                    ("reported", "everything that reported on the commit, at least one check"),
                    ("none", "no check is needed"),
                ]),
                Shape::List { of: &Shape::AnyOf(&[Shape::Glob, WANT]), min: 0 },
            ]),
            "Which checks must be green: names or patterns, `reported`, or `none`.",
        )
        .default("reported"),
        Field::new("from-rules", Shape::Flag, "Whether checks that the branch's rules require are required too.")
            .default("true"),
        Field::new(
            "accept",
            Shape::List {
                of: &Shape::OneOf(&[
                    ("skipped", "a skipped required check passes"),
                    ("neutral", "a neutral required check passes"),
                ]),
                min: 0,
            },
            "Conclusions besides success that pass.",
        )
        .default("[]"),
        Field::new("grace", Shape::Duration, "How long a required check may take to appear before it counts as never reported.")
            .default("10m"),
        Field::new("max-age", Shape::Duration, "A success older than this is stale evidence."),
        Field::new("min-duration", Shape::Duration, "A success faster than this is suspicious."),
    ]);
    type Settings = Settings;

    fn settings(node: Option<&Node>) -> Settings {
        let get = |key: &'static str| node.and_then(|node| node.get(key));
        let duration = |key| {
            let seconds = get(key).and_then(Node::text).and_then(seconds)?;
            Some(SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX)))
        };
        let words = |key: &'static str| {
            let items = get(key).map_or(&[][..], Node::items);
            items.iter().filter_map(Node::text).map(str::to_owned).collect()
        };
        Settings {
            required: get("required").map_or(Required::Reported, required),
            from_rules: !matches!(get("from-rules").map(|node| &node.value), Some(Value::Bool(false))),
            accept: words("accept"),
            grace: duration("grace").unwrap_or(GRACE),
            max_age: duration("max-age"),
            min_duration: duration("min-duration"),
        }
    }

    fn by_default(manifest: &Manifest, _: &Facts) -> bool {
        manifest.forge == Forge::GitHub
    }

    fn rule(settings: &Settings, manifest: &Manifest, facts: &Facts) -> Ruling {
        let mut wants: Vec<&Want> = Vec::new();
        match &settings.required {
            Required::None => return Ruling::go("no check is required (`required: none`)"),
            Required::Reported => {}
            Required::Listed(listed) => wants.extend(listed),
        }
        let from_rules = match settings.from_rules.then(|| facts.rules.known()) {
            None => Vec::new(),
            Some(Ok(rules)) => rules.iter().map(want_of_rule).collect(),
            // Where nothing was seen at all, the checks themselves are what is missed.
            Some(Err(unseen)) if facts.checks.known().err() == Some(unseen) => {
                return Ruling::unseen(&checks_on(facts), unseen);
            }
            Some(Err(unseen)) => return Ruling::unseen("which checks the branch's rules require", unseen),
        };
        wants.extend(&from_rules);
        let reported = matches!(settings.required, Required::Reported);
        if wants.is_empty() && !reported {
            return Ruling::no_go(
                Finding::new("no check is required: the list is empty and the branch's rules add none")
                    .help("name checks under `required`, or write `required: none` to go without"),
            );
        }
        let checks = match facts.checks.known() {
            Ok(checks) => checks,
            Err(unseen) => return Ruling::unseen(&checks_on(facts), unseen),
        };
        if checks.total != checks.runs.len() {
            let message =
                format!("saw only {} of {} checks on {}", checks.runs.len(), checks.total, checks.commit.short());
            return Ruling::unknown(Finding::new(message).help("run `tminus check` again"));
        }
        let judge = Judge { settings, manifest, facts, checks };
        judge.rule(&wants, reported)
    }
}

/// Names that would satisfy the manifest's list of required checks, one for each pattern.
#[must_use]
pub fn required_checks(manifest: &Manifest) -> Vec<String> {
    let entry = manifest.gates.iter().flatten().find(|entry| entry.id.value == ChecksGreen::ID);
    let settings = ChecksGreen::settings(entry.and_then(|entry| entry.settings.as_ref()));
    let Required::Listed(wants) = settings.required else { return Vec::new() };
    wants.iter().map(|want| want.text().replace(['*', '?'], "1")).collect()
}

fn required(node: &Node) -> Required {
    match node.text() {
        Some("none") => Required::None,
        Some(_) => Required::Reported,
        None => Required::Listed(node.items().iter().filter_map(listed).collect()),
    }
}

fn listed(node: &Node) -> Option<Want> {
    let name = node.get("name").unwrap_or(node);
    let text = |key| node.get(key).and_then(Node::text).map(str::to_owned);
    Some(Want {
        name: Name::Pattern(Pattern::new(name.text()?).ok()?),
        app: text("app"),
        app_id: None,
        workflow: text("workflow"),
        event: text("event"),
        place: Some(name.span),
        rule: None,
    })
}

fn want_of_rule(rule: &crate::facts::RequiredCheck) -> Want {
    Want {
        name: Name::Exact(rule.name.clone()),
        app: None,
        // GitHub writes "any app" as nothing or as -1.
        app_id: rule.app_id.filter(|id| *id > 0),
        workflow: None,
        event: None,
        place: None,
        rule: Some(rule.rule.clone()),
    }
}

impl Want {
    fn named(&self, check: &Check) -> bool {
        match &self.name {
            Name::Exact(name) => *name == check.name,
            Name::Pattern(pattern) => pattern.matches(&check.name),
        }
    }

    fn pinned_right(&self, check: &Check) -> bool {
        let fits = |pin: &Option<String>, has: &Option<String>| pin.is_none() || pin == has;
        fits(&self.app, &check.app)
            && fits(&self.workflow, &check.workflow)
            && fits(&self.event, &check.event)
            && self.app_id.is_none_or(|id| check.app_id == Some(id))
    }

    fn text(&self) -> &str {
        match &self.name {
            Name::Exact(name) => name,
            Name::Pattern(pattern) => pattern.as_str(),
        }
    }

    fn point(&self, manifest: &Manifest, finding: Finding) -> Finding {
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

/// What was found so far, by how bad it is.
#[derive(Default)]
struct Found {
    red: Vec<Finding>,
    pending: Vec<Finding>,
    green: BTreeSet<String>,
    counted: BTreeSet<(String, &'static str)>,
}

struct Judge<'a> {
    settings: &'a Settings,
    manifest: &'a Manifest,
    facts: &'a Facts,
    checks: &'a Checks,
}

impl Judge<'_> {
    fn rule(&self, wants: &[&Want], reported: bool) -> Ruling {
        let own = self.facts.own_run.as_ref();
        let (mine, others): (Vec<&Check>, Vec<&Check>) =
            self.checks.runs.iter().partition(|check| is_own(check, own));
        let mut found = Found::default();
        if others.is_empty() {
            self.nothing(&mut found);
        } else {
            for want in wants {
                self.want(want, &others, &mine, &mut found);
            }
            if reported {
                self.reported(&others, &mut found);
            }
        }
        self.conclude(others.len(), found)
    }

    fn voices<'c>(&'c self, chosen: &[&'c Check]) -> Vec<Voice<'c>> {
        let terms = Terms {
            accept: self.settings.accept.clone(),
            max_age: self.settings.max_age,
            min_duration: self.settings.min_duration,
            now: self.facts.at,
        };
        voices(chosen, &self.checks.runs, &terms)
    }

    fn want(&self, want: &Want, others: &[&Check], mine: &[&Check], found: &mut Found) {
        let named: Vec<&Check> = others.iter().filter(|check| want.named(check)).copied().collect();
        let chosen: Vec<&Check> = named.iter().filter(|check| want.pinned_right(check)).copied().collect();
        if chosen.is_empty() {
            let finding = want.point(self.manifest, self.missing(want, &named, mine));
            if self.in_grace() {
                found.pending.push(finding);
            } else {
                found.red.push(finding.help("see whether its workflow runs on this commit, or take it out of `required`"));
            }
            return;
        }
        for voice in self.voices(&chosen) {
            self.hear(&voice, Some(want), found);
        }
    }

    /// Everything that reported must be green, and at least one thing must be.
    fn reported(&self, others: &[&Check], found: &mut Found) {
        for voice in self.voices(others) {
            self.hear(&voice, None, found);
        }
        if found.green.is_empty() && found.red.is_empty() && found.pending.is_empty() {
            let at = self.checks.commit.short();
            found.red.push(
                Finding::new(format!("every check on {at} was skipped or neutral: none succeeded"))
                    .help("let at least one check run on this commit"),
            );
        }
    }

    fn hear(&self, voice: &Voice<'_>, want: Option<&Want>, found: &mut Found) {
        let check = voice.check;
        let at = self.checks.commit.short();
        let finding = |why: &str| {
            let finding = Finding::new(format!("check `{}` {why} on {at}", check.name));
            let finding = want.map_or(finding.clone(), |want| want.point(self.manifest, finding));
            described(check).into_iter().fold(finding, Finding::note)
        };
        match &voice.say {
            Say::Green => {
                found.green.insert(check.name.clone());
                found.count(check, "green");
            }
            Say::PassedOver(_) if want.is_none() => found.count(check, "passed over"),
            Say::PassedOver(word) => {
                let why = format!("was {word}, which is no success");
                let help = format!("let it run, or write `accept: [{word}]` if that is meant");
                found.add_red(check, finding(&why).help(help));
            }
            Say::Pending(why) => {
                found.count(check, "pending");
                found.pending.push(finding(why));
            }
            Say::Red { why, help } => {
                found.add_red(check, finding(why).help(format!("{help}, then run `tminus check` again")));
            }
        }
    }

    fn missing(&self, want: &Want, named: &[&Check], mine: &[&Check]) -> Finding {
        let at = self.checks.commit.short();
        let name = want.text();
        if let Some(other) = named.first() {
            let app = other.app.as_deref().unwrap_or("somebody");
            let from = match (&other.workflow, &other.event) {
                (Some(workflow), Some(event)) => format!("`{app}`, workflow `{workflow}`, event {event}"),
                (Some(workflow), None) => format!("`{app}`, workflow `{workflow}`"),
                (None, _) => format!("`{app}`"),
            };
            return Finding::new(format!("check `{name}` was reported on {at}, but not by the source it is pinned to"))
                .note(format!("it came from {from}"));
        }
        if mine.iter().any(|check| want.named(check)) {
            return Finding::new(format!("check `{name}` was reported on {at} by tminus's own job only"));
        }
        let missing = Finding::new(format!("check `{name}` never reported on {at}"));
        match &want.name {
            Name::Pattern(pattern) if pattern.is_wild() => missing.note("no reported check fits the pattern"),
            Name::Pattern(_) | Name::Exact(_) => missing,
        }
    }

    fn nothing(&self, found: &mut Found) {
        let at = self.checks.commit.short();
        let mut finding = Finding::new(format!("no check was reported on {at}"));
        let message = self.facts.commit.message.to_ascii_lowercase();
        let skips = ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]", "skip-checks: true"];
        if let Some(skip) = skips.iter().find(|skip| message.contains(**skip)) {
            finding = finding.note(format!("its message says `{skip}`"));
        }
        if self.in_grace() {
            found.pending.push(finding);
        } else {
            found.red.push(finding.help(
                "push a commit that CI runs on; commits pushed with a workflow's own token start no workflow",
            ));
        }
    }

    fn in_grace(&self) -> bool {
        let committed = Timestamp::from_second(self.facts.commit.committed_at).ok();
        let since = self.checks.since.or(committed);
        since.is_some_and(|since| {
            let age = self.facts.at.duration_since(since);
            age < self.settings.grace && age > -self.settings.grace
        })
    }

    fn conclude(&self, looked_at: usize, found: Found) -> Ruling {
        let at = self.checks.commit.short();
        let mut parts = Vec::new();
        for kind in ["green", "pending", "failed", "passed over"] {
            let count = found.counted.iter().filter(|(_, counted)| *counted == kind).count();
            if count > 0 {
                parts.push(format!("{count} {kind}"));
            }
        }
        let looked = match looked_at {
            1 => format!("looked at 1 check on {at}"),
            n => format!("looked at {n} checks on {at}"),
        };
        let summary =
            if parts.is_empty() { looked } else { format!("{looked}: {}", parts.join(", ")) };
        let mut findings = found.red;
        if findings.is_empty() && found.pending.is_empty() {
            let names: Vec<String> = found.green.into_iter().collect();
            return Ruling::go(format!("{summary} ({})", names.join(", ")));
        }
        if findings.is_empty() {
            return Ruling::Hold { summary, findings: found.pending };
        }
        findings.extend(found.pending);
        Ruling::NoGo { summary, findings }
    }
}

impl Found {
    fn count(&mut self, check: &Check, kind: &'static str) {
        self.counted.insert((check.id.clone(), kind));
    }

    fn add_red(&mut self, check: &Check, finding: Finding) {
        self.count(check, "failed");
        self.red.push(finding);
    }
}

/// Where a check comes from, in one line and its page.
fn described(check: &Check) -> Vec<String> {
    let mut parts = Vec::new();
    if let Some(run) = check.run {
        parts.push(format!("run {run}"));
    }
    if let Some(workflow) = &check.workflow {
        parts.push(format!("workflow `{workflow}`"));
    }
    if let Some(event) = &check.event {
        parts.push(format!("event {event}"));
    }
    if parts.is_empty() {
        match (check.kind, &check.app) {
            (CheckKind::Status, _) => parts.push("a commit status".into()),
            (CheckKind::Run, Some(app)) => parts.push(format!("app `{app}`")),
            (CheckKind::Run, None) => {}
        }
    }
    let moment = |time: Timestamp| time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string();
    match (check.completed_at, check.started_at) {
        (Some(end), _) => parts.push(format!("finished {}", moment(end))),
        (None, Some(start)) => parts.push(format!("started {}", moment(start))),
        (None, None) => {}
    }
    let mut notes = Vec::new();
    if !parts.is_empty() {
        notes.push(parts.join(", "));
    }
    notes.extend(check.url.clone());
    notes
}
