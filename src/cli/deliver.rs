//! Writes a report to files, and to the summary and outputs of a workflow step.

use super::format::ReportFile;
use super::out::Out;
use crate::adapters::files;
use crate::base::finding::Finding;
use crate::ci::{Environment, Step};
use crate::report::accounting;
use crate::report::annotations::{annotations, of};
use crate::report::formats::{Format, Media, Reader};
use crate::report::markdown::{markdown, refusal};
use crate::report::model::Reason;
use crate::report::plan::final_digest;
use crate::report::text::{Text, text};
use crate::report::{Ending, Kind, Report, Sources, clean, json};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::path::Path;

/// Prints a report in a format, writes it to files, and writes the data for a workflow runner.
pub(super) fn show(
    report: &Report<'_>,
    format: Format,
    files: &[ReportFile],
    environment: &Environment,
    out: Out,
) -> anyhow::Result<()> {
    // Errors before there was a plan were already printed on standard error.
    if format.reader != Reader::Program && (report.trouble.is_empty() || report.plan.is_some()) {
        let Text { body, last } = text(report, out.paint());
        if !body.is_empty() {
            out.detail(&body);
        }
        out.result(&last);
    } else if let Some(all) =
        report.accounting.as_ref().filter(|_| format.reader != Reader::Program)
    {
        out.detail(&accounting::text(all, out.paint()));
    }
    told(report, format, files, environment, out)
}

/// Does the same for a report whose text was already printed during the run.
pub(super) fn told(
    report: &Report<'_>,
    format: Format,
    files: &[ReportFile],
    environment: &Environment,
    out: Out,
) -> anyhow::Result<()> {
    if format.reader == Reader::Program {
        print(format.media, &format.render(report)?, out);
    }
    write(report, files, out);
    if format.reader == Reader::Runner {
        workflow(report, environment, out);
    }
    Ok(())
}

/// Prints a text according to its media type.
pub(super) fn print(media: Media, text: &str, out: Out) {
    match media {
        Media::Text => out.result(text),
        Media::Document => out.document(text),
        Media::Json => out.json(text),
        Media::Xml => out.xml(text),
    }
}

/// Writes the requested files. A failure to write is printed, and does not change the exit code.
fn write(report: &Report<'_>, files: &[ReportFile], out: Out) {
    for file in files {
        let text = file.format.render(report).map_err(anyhow::Error::from);
        if let Err(error) = text.and_then(|text| keep(&file.path, &text, out)) {
            let path = file.path.display().to_string();
            out.error(&clean(&format!("cannot write `{path}`: {error:#}")));
        }
    }
}

/// Writes annotations, the step's summary and its outputs, and the plan as a document for later
/// steps.
fn workflow(report: &Report<'_>, environment: &Environment, out: Out) {
    out.commands(&annotations(report));
    let Some(step) = Step::of(environment) else {
        out.progress("not in a workflow step: no summary and no outputs are written");
        return;
    };
    failed("the step's summary", step.summary(|most| markdown(report, most)), out);
    failed("the step's outputs", step.outputs(&values(report, step)), out);
}

/// Writes a requested file. If the file is the program's own standard output, it is printed there.
pub(super) fn keep(path: &Path, text: &str, out: Out) -> anyhow::Result<()> {
    match path.to_str() {
        Some("/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1") => out.result(text),
        Some("/dev/stderr" | "/dev/fd/2" | "/proc/self/fd/2") => out.error(text),
        Some(_) | None => files::write(path, &out.redact(text))?,
    }
    Ok(())
}

/// Writes the annotation, the summary and the outputs of a run that ended before there was a
/// report, in any format.
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
    let reasons = findings.iter().map(|finding| Reason {
        word: ending.outcome.word(),
        gates: Vec::new(),
        finding: Cow::Borrowed(finding),
        spot: sources.spot(finding),
        who: finding.waits_on(),
        until: None,
        usual: None,
    });
    let reasons: Vec<Reason<'_>> = reasons.collect();
    out.commands(&of(&reasons));
    if let Some(step) = Step::of(environment) {
        failed("the step's summary", step.summary(|most| refusal(ending, &reasons, most)), out);
        failed("the step's outputs", step.outputs(&[("outcome", ending.outcome.to_string())]), out);
    }
}

/// Prints what could not be written for a step.
fn failed(what: &str, done: std::io::Result<()>, out: Out) {
    if let Err(error) = done {
        out.error(&clean(&format!("cannot write {what}: {error}")));
    }
}

/// All known outputs, by name.
fn values(report: &Report<'_>, step: Step<'_>) -> Vec<(&'static str, String)> {
    let mut values = vec![("outcome", report.ending.outcome.to_string())];
    values.extend(report.verdict().map(|verdict| ("verdict", verdict.to_string())));
    if let Some((version, tag)) = report.subject() {
        values.push(("version", version.to_string()));
        values.push(("tag", tag.to_string()));
    }
    values.extend(report.previous().map(|tag| ("previous-tag", tag.to_string())));
    values.extend(report.release_page().map(|page| ("release-url", page)));
    values.extend(report.next_stage.as_ref().map(|stage| ("next-stage", stage.to_string())));
    if let Some((sealed, _)) = report.plan {
        let stages = report.stages().into_iter();
        let stages =
            stages.map(|(name, standing)| json!({ "name": name, "standing": standing.text }));
        values.push(("stages", Value::Array(stages.collect()).to_string()));
        let digest = sealed.digest();
        let kept = |name: &str, text: &str| step.keep(&format!("{}-{name}", digest.short()), text);
        // A plan that waits for files cannot be performed, so later steps do not get it.
        let plan = match report.kind {
            Kind::Plan | Kind::Run if final_digest(sealed).is_some() => json::plan(report),
            Kind::Plan | Kind::Run => None,
            Kind::Verdict | Kind::Abort | Kind::Status => None,
        };
        let document = plan.and_then(|plan| kept("plan.json", &plan.to_string()).ok());
        values.extend(document.map(|path| ("plan", path)));
        let notes = kept("notes.md", &report.notes().unwrap_or_default()).ok();
        values.extend(notes.map(|path| ("notes", path)));
    }
    values
}
