//! Where a report goes besides standard output: files, and what a workflow's runner takes.

use super::environment::Environment;
use super::file;
use super::format::{Format, ReportFile};
use super::out::{Guard, Out};
use crate::base::finding::{Finding, Who};
use crate::judge::ruling::{Poll, Verdict};
use crate::report::annotations::{annotations, of};
use crate::report::escape::workflow::output;
use crate::report::junit::junit;
use crate::report::markdown::{MAX_SUMMARY, markdown, refusal};
use crate::report::model::Reason;
use crate::report::sarif::sarif;
use crate::report::{Ending, Paint, Report, Sources, clean};
use anyhow::Context as _;
use rustls::crypto::ring;
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

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

    /// Writes the files that were asked for. What cannot be written is told; the exit code stays
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
    let step = Step { environment, out };
    if !step.is_one() {
        out.progress("not in a workflow step: no summary and no outputs are written");
        return;
    }
    step.tell("the step's summary", step.summary(|most| markdown(report, most)));
    step.tell("the step's outputs", step.outputs(&values(report, verdict, plan, step)));
}

/// Writes a file that was asked for. Where it is the program's own output, it takes its turn there.
pub(super) fn keep(path: &Path, text: &str, out: Out) -> anyhow::Result<()> {
    match path.to_str() {
        Some("/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1") => out.result(text),
        Some("/dev/stderr" | "/dev/fd/2" | "/proc/self/fd/2") => out.error(text),
        Some(_) | None => file::write(path, &out.redact(text))?,
    }
    Ok(())
}

/// A word of 128 random bits.
pub(super) fn random() -> anyhow::Result<u128> {
    let mut bytes = [0; 16];
    let filled = ring::default_provider().secure_random.fill(&mut bytes);
    filled.ok().context("the system gives no random numbers")?;
    Ok(u128::from_ne_bytes(bytes))
}

/// A guard with a fresh word.
pub(super) fn guard() -> anyhow::Result<Guard> {
    random().map(Guard::new)
}

/// What a workflow is told of a run that ended before there was anything to report, whatever its
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
        word: ending.word,
        gates: Vec::new(),
        finding,
        spot: sources.spot(finding),
        who: finding.who.map(Who::words),
    };
    let reasons: Vec<Reason<'_>> = findings.iter().map(reason).collect();
    out.commands(&of(&reasons));
    let step = Step { environment, out };
    if step.is_one() {
        step.tell("the step's summary", step.summary(|most| refusal(ending, &reasons, most)));
        step.tell("the step's outputs", step.outputs(&[("outcome", ending.word.into())]));
    }
}

/// A step of a workflow, as its environment describes it.
#[derive(Clone, Copy)]
struct Step<'a> {
    environment: &'a Environment,
    out: Out,
}

impl Step<'_> {
    fn is_one(&self) -> bool {
        ["GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"]
            .iter()
            .any(|name| self.environment.get(name).is_some())
    }

    fn tell(&self, what: &str, done: anyhow::Result<()>) {
        if let Err(error) = done {
            self.out.error(&clean(&format!("cannot write {what}: {error:#}")));
        }
    }

    /// Appends to the summary what fits beside what is there.
    fn summary(&self, page: impl FnOnce(usize) -> String) -> anyhow::Result<()> {
        let Some(path) = self.environment.get("GITHUB_STEP_SUMMARY") else { return Ok(()) };
        let there = std::fs::metadata(path).map_or(0, |there| there.len());
        let room = MAX_SUMMARY.saturating_sub(usize::try_from(there).unwrap_or(usize::MAX));
        append(Path::new(path), &self.out.redact(&page(room)))
    }

    fn outputs(&self, values: &[(&'static str, String)]) -> anyhow::Result<()> {
        let Some(path) = self.environment.get("GITHUB_OUTPUT") else { return Ok(()) };
        let mut entries = String::new();
        for (name, value) in values {
            let entry = output(name, &self.out.redact(value), random()?);
            entries.push_str(&entry.context("a value holds a delimiter that nobody could know")?);
        }
        append(Path::new(path), &entries)
    }
}

/// Every output that is known, by its name.
fn values(
    report: &Report<'_>,
    verdict: Option<Verdict>,
    plan: Option<&Value>,
    step: Step<'_>,
) -> Vec<(&'static str, String)> {
    let mut values = vec![("outcome", report.ending.word.to_owned())];
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
        let stages = stages.map(|(name, standing)| json!({ "name": name, "standing": standing }));
        values.push(("stages", Value::Array(stages.collect()).to_string()));
        let digest = sealed.digest();
        let kept = |name: &str, text: &str| {
            let path = folder(step.environment)?.join(format!("{}-{name}", digest.short()));
            file::write(&path, &step.out.redact(text))?;
            Ok::<_, anyhow::Error>(path.display().to_string())
        };
        let document = plan.and_then(|plan| kept("plan.json", &plan.to_string()).ok());
        values.extend(document.map(|path| ("plan", path)));
        let notes = kept("notes.md", &report.notes().unwrap_or_default()).ok();
        values.extend(notes.map(|path| ("notes", path)));
    }
    values
}

/// Where files for later steps are kept.
fn folder(environment: &Environment) -> anyhow::Result<PathBuf> {
    let folder = match environment.get("RUNNER_TEMP") {
        Some(temp) => Path::new(temp).join("tminus"),
        None => tempfile::Builder::new().prefix("tminus-").tempdir()?.keep(),
    };
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Appends to a file that others append to: on a line of its own.
fn append(path: &Path, text: &str) -> anyhow::Result<()> {
    let start = if path.is_file() && !ends_a_line(path)? { "\n" } else { "" };
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(format!("{start}{text}").as_bytes())?;
    Ok(())
}

/// Whether a file is empty or ends with a line feed.
fn ends_a_line(path: &Path) -> std::io::Result<bool> {
    let mut file = std::fs::File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
