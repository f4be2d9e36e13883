//! Writes a report to files, and to the summary and outputs of a workflow step.

use super::format::{Format, ReportFile};
use super::out::Out;
use crate::adapters::files;
use crate::base::finding::{Finding, Who};
use crate::ci::{Environment, Step};
use crate::judge::ruling::{Poll, Verdict};
use crate::report::annotations::{annotations, of};
use crate::report::junit::junit;
use crate::report::markdown::{MAX_SUMMARY, markdown, refusal};
use crate::report::model::Reason;
use crate::report::sarif::sarif;
use crate::report::{Ending, Paint, Report, Sources, clean};
use serde_json::{Value, json};
use std::path::Path;

/// What a report can be shown as.
pub(super) struct Shown<'a> {
    /// The report.
    pub(super) report: &'a Report<'a>,
    /// As a JSON document.
    pub(super) json: Value,
    /// As text.
    pub(super) text: &'a dyn Fn(Paint) -> String,
}

impl Shown<'_> {
    /// The report in a form that is one text.
    pub(super) fn whole(&self, format: Format) -> anyhow::Result<String> {
        Ok(match format {
            Format::Text | Format::Github => (self.text)(Paint::Plain),
            Format::Json => serde_json::to_string_pretty(&self.json)? + "\n",
            Format::Markdown => markdown(self.report, MAX_SUMMARY),
            Format::Sarif => serde_json::to_string_pretty(&sarif(self.report))? + "\n",
            Format::Junit => junit(self.report)?,
        })
    }

    /// Prints it as one text.
    pub(super) fn print(&self, format: Format, out: Out) -> anyhow::Result<()> {
        let text = self.whole(format)?;
        match format {
            Format::Text | Format::Github => out.result(&text),
            Format::Markdown => out.document(&text),
            Format::Json | Format::Sarif => out.json(&text),
            Format::Junit => out.xml(&text),
        }
        Ok(())
    }

    /// Writes the requested files. A failure to write is reported; the exit code stays
    /// that of the outcome.
    pub(super) fn files(&self, files: &[ReportFile], out: Out) {
        for file in files {
            let written = self.whole(file.format).and_then(|text| keep(&file.path, &text, out));
            if let Err(error) = written {
                let path = file.path.display().to_string();
                out.error(&clean(&format!("cannot write `{path}`: {error:#}")));
            }
        }
    }
}

/// Annotations, the step's summary and its outputs; the plan as a document, for later steps.
/// `verdict` is for a report without a poll.
pub(super) fn workflow(
    report: &Report<'_>,
    verdict: Option<Verdict>,
    plan: Option<&Value>,
    environment: &Environment,
    out: Out,
) {
    out.commands(&annotations(report));
    let Some(step) = Step::of(environment) else {
        out.progress("not in a workflow step: no summary and no outputs are written");
        return;
    };
    told("the step's summary", step.summary(|most| markdown(report, most)), out);
    told("the step's outputs", step.outputs(&values(report, verdict, plan, step)), out);
}

/// Writes a file that was asked for. Where it is the program's own output, it takes its turn there.
pub(super) fn keep(path: &Path, text: &str, out: Out) -> anyhow::Result<()> {
    match path.to_str() {
        Some("/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1") => out.result(text),
        Some("/dev/stderr" | "/dev/fd/2" | "/proc/self/fd/2") => out.error(text),
        Some(_) | None => files::write(path, &out.redact(text))?,
    }
    Ok(())
}

/// What a workflow gets for a run that ended before there was anything to report, whatever its
/// format.
pub(super) fn refused(
    ending: &Ending,
    findings: &[Finding],
    sources: &Sources,
    environment: &Environment,
    out: Out,
) {
    if !out.is_guarded() && !environment.is_workflow() {
        return;
    }
    let reason = |finding| Reason {
        word: ending.outcome.word(),
        gates: Vec::new(),
        finding,
        spot: sources.spot(finding),
        who: finding.who.map(Who::words),
    };
    let reasons: Vec<Reason<'_>> = findings.iter().map(reason).collect();
    out.commands(&of(&reasons));
    if let Some(step) = Step::of(environment) {
        told("the step's summary", step.summary(|most| refusal(ending, &reasons, most)), out);
        told("the step's outputs", step.outputs(&[("outcome", ending.outcome.to_string())]), out);
    }
}

/// Says what could not be written for a step.
fn told(what: &str, done: std::io::Result<()>, out: Out) {
    if let Err(error) = done {
        out.error(&clean(&format!("cannot write {what}: {error}")));
    }
}

/// Every output that is known, by its name.
fn values(
    report: &Report<'_>,
    verdict: Option<Verdict>,
    plan: Option<&Value>,
    step: Step<'_>,
) -> Vec<(&'static str, String)> {
    let mut values = vec![("outcome", report.ending.outcome.to_string())];
    let verdict = report.poll.map(Poll::verdict).or(verdict);
    values.extend(verdict.map(|verdict| ("verdict", verdict.to_string())));
    if let Some((version, tag)) = report.subject() {
        values.push(("version", version.to_string()));
        values.push(("tag", tag.to_string()));
    }
    values.extend(report.previous().map(|tag| ("previous-tag", tag.to_string())));
    values.extend(report.release_page().map(|page| ("release-url", page)));
    if let Some((sealed, _)) = report.plan {
        let stages = report.stages().into_iter();
        let stages =
            stages.map(|(name, standing)| json!({ "name": name, "standing": standing.text }));
        values.push(("stages", Value::Array(stages.collect()).to_string()));
        let digest = sealed.digest();
        let kept = |name: &str, text: &str| step.keep(&format!("{}-{name}", digest.short()), text);
        let document = plan.and_then(|plan| kept("plan.json", &plan.to_string()).ok());
        values.extend(document.map(|path| ("plan", path)));
        let notes = kept("notes.md", &report.notes().unwrap_or_default()).ok();
        values.extend(notes.map(|path| ("notes", path)));
    }
    values
}
