//! A report as SARIF 2.1.0 (OASIS), limited to what code scanning reads.

use super::annotations::Kind;
use super::escape::uri;
use super::finding::{Sources, judge};
use super::model::{Reason, Report};
use crate::base::clean::{clean, clip};
use crate::base::word::Word;
use crate::judge::gates::{GATES, Gate};
use crate::judge::ruling::Verdict;
use crate::release::step::sha256;
use serde::Serialize;

/// The base URL of the gates' pages.
const PAGES: &str = "https://github.com/tminus-dev/tminus/blob/main/docs/gates";
const HOME: &str = "https://github.com/tminus-dev/tminus";
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The maximum length of a message that code scanning shows, in characters.
const MAX_MESSAGE: usize = 4000;
/// Code scanning refuses a run with more results than this.
const MAX_RESULTS: usize = 5000;

/// The rule for reasons that do not come from a gate: conflicts, and failed steps.
const RELEASE: &str = "release";

/// The whole log, with one run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    invocations: [Invocation; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    version_control_provenance: Vec<Provenance>,
    column_kind: &'static str,
    results: Vec<Found>,
}

#[derive(Debug, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Message,
    help_uri: String,
    help: Help,
}

#[derive(Debug, Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Debug, Serialize)]
struct Message {
    text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Provenance {
    repository_uri: String,
    revision_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    partial_fingerprints: Fingerprints,
}

#[derive(Debug, Serialize)]
struct Fingerprints {
    #[serde(rename = "tminus/v1")]
    ours: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Debug, Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
}

/// The log of a report.
#[must_use]
pub fn sarif(report: &Report<'_>) -> Log {
    let sources = Sources::of_facts(report.facts);
    // What a gate says besides is not about code.
    let of_code = |one: &Reason<'_>| one.word != Word::NOTE || one.gates.is_empty();
    let reasons = report.reasons(&sources).into_iter().filter(of_code);
    let reasons = report.troubles(&sources).chain(reasons).take(MAX_RESULTS);
    let facts = report.facts;
    let provenance = report.pages.repository.as_ref().map(|page| Provenance {
        repository_uri: page.clone(),
        revision_id: facts.commit.sha.to_string(),
        branch: facts.branch.known().ok().map(ToString::to_string),
    });
    let seen = report.poll.is_none_or(|poll| poll.verdict() != Verdict::Unknown);
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: "tminus",
                semantic_version: env!("CARGO_PKG_VERSION"),
                information_uri: HOME,
                rules: GATES.iter().map(rule).chain([release_rule()]).collect(),
            },
        },
        invocations: [Invocation { execution_successful: seen }],
        version_control_provenance: provenance.into_iter().collect(),
        // All our locations are counted this way.
        column_kind: "unicodeCodePoints",
        results: reasons.map(|reason| found(&reason, report)).collect(),
    };
    Log { schema: SCHEMA, version: "2.1.0", runs: [run] }
}

fn rule(gate: &Gate) -> Descriptor {
    Descriptor {
        id: gate.id,
        short_description: Message { text: gate.asks.into() },
        help_uri: format!("{PAGES}/{}.md", gate.id),
        help: Help { text: gate.page.into(), markdown: gate.page.into() },
    }
}

fn release_rule() -> Descriptor {
    let text = "Can the release run as planned?".to_owned();
    Descriptor {
        id: RELEASE,
        short_description: Message { text: text.clone() },
        help_uri: HOME.into(),
        help: Help { markdown: text.clone(), text },
    }
}

fn found(reason: &Reason<'_>, report: &Report<'_>) -> Found {
    let rule_id = reason.gates.first().map_or(RELEASE, |gate| gate);
    let rule_index = GATES.iter().position(|gate| gate.id == rule_id).unwrap_or(GATES.len());
    let message = |text: &str| Message { text: literal(&clean(&clip(text, MAX_MESSAGE))) };
    let said = [Some(reason.finding.message.as_str()), reason.finding.help.as_deref()];
    let said = said.into_iter().flatten().map(|said| clip(said, MAX_MESSAGE / 2));
    let who = reason.who.as_ref().map(|who| format!("waiting on: {who}").into());
    let said = said.chain(who).collect::<Vec<_>>().join("; ");
    let (file, region, label) = match &reason.spot {
        Some(spot) => {
            let region = Region {
                start_line: spot.line,
                start_column: Some(spot.column),
                end_line: Some(spot.end_line),
                end_column: Some(spot.end_column),
            };
            (spot.path, region, Some(spot.label).filter(|label| !label.is_empty()))
        }
        // Code scanning rejects results without a location: use the manifest.
        None => {
            let region =
                Region { start_line: 1, start_column: None, end_line: None, end_column: None };
            (judge(report.facts).0, region, None)
        }
    };
    Found {
        rule_id: rule_id.to_owned(),
        rule_index,
        level: level(reason.word),
        message: message(&said),
        locations: [Location {
            physical_location: Physical {
                artifact_location: Artifact { uri: uri::path(file) },
                region,
            },
            message: label.map(message),
        }],
        partial_fingerprints: Fingerprints { ours: fingerprint(reason, rule_id, file, report) },
    }
}

/// Text without placeholders (`{0}`) and links (`[a](b)`): SARIF 3.11.5 and 3.11.6.
fn literal(text: &str) -> String {
    let digit = |at: usize| text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit);
    let holds_place = text.match_indices('{').any(|(at, _)| digit(at));
    let text =
        if holds_place { text.replace('{', "{{").replace('}', "}}") } else { text.to_owned() };
    text.replace("](", "]\u{200b}(")
}

fn level(word: Word) -> &'static str {
    match Kind::of(word) {
        Kind::Error => "error",
        Kind::Warning => "warning",
        Kind::Notice => "note",
    }
}

/// A fingerprint that stays the same on the next commit: it contains neither the commit nor the
/// line.
fn fingerprint(reason: &Reason<'_>, rule: &str, file: &str, report: &Report<'_>) -> String {
    let sha = &report.facts.commit.sha;
    let message = reason.finding.message.replace(sha.as_str(), "").replace(sha.short(), "");
    sha256(format!("{rule}\n{}\n{file}\n{message}", reason.word).as_bytes()).to_string()
}
