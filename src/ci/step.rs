//! A step of a workflow: its summary, its outputs, and files for later steps.

use super::environment::Environment;
use super::guard::random;
use crate::adapters::files;
use crate::report::escape::workflow::output;
use crate::report::markdown::MAX_SUMMARY;
use std::fs::OpenOptions;
use std::io::{Error, Read as _, Result, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// A step of a workflow, according to its environment. Secrets are masked in everything that is
/// written for it.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a>(&'a Environment);

impl<'a> Step<'a> {
    /// The current step, if there is one.
    pub(crate) fn of(environment: &'a Environment) -> Option<Self> {
        let names = ["GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"];
        names.iter().any(|name| environment.get(name).is_some()).then_some(Self(environment))
    }

    /// Appends to the summary, within the remaining space.
    pub(crate) fn summary(self, page: impl FnOnce(usize) -> String) -> Result<()> {
        let Some(path) = self.0.get("GITHUB_STEP_SUMMARY") else { return Ok(()) };
        let there = std::fs::metadata(path).map_or(0, |there| there.len());
        let room = MAX_SUMMARY.saturating_sub(usize::try_from(there).unwrap_or(usize::MAX));
        append(Path::new(path), &self.0.secrets().redact(&page(room)))
    }

    /// Adds outputs.
    pub(crate) fn outputs(self, values: &[(&'static str, String)]) -> Result<()> {
        let Some(path) = self.0.get("GITHUB_OUTPUT") else { return Ok(()) };
        let mut entries = String::new();
        for (name, value) in values {
            let entry = output(name, &self.0.secrets().redact(value), random()?);
            let known = || Error::other("a value contains the random delimiter");
            entries.push_str(&entry.ok_or_else(known)?);
        }
        append(Path::new(path), &entries)
    }

    /// Writes a file for later steps; returns its path.
    pub(crate) fn keep(self, name: &str, text: &str) -> Result<String> {
        let path = self.folder()?.join(name);
        files::write(&path, &self.0.secrets().redact(text))?;
        Ok(path.display().to_string())
    }

    fn folder(self) -> Result<PathBuf> {
        let folder = match self.0.get("RUNNER_TEMP") {
            Some(temp) => Path::new(temp).join("tminus"),
            None => tempfile::Builder::new().prefix("tminus-").tempdir()?.keep(),
        };
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

/// Appends to a file that other programs also append to, starting on a new line.
fn append(path: &Path, text: &str) -> Result<()> {
    let start = if path.is_file() && !ends_a_line(path)? { "\n" } else { "" };
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(format!("{start}{text}").as_bytes())
}

/// Whether a file is empty or ends with a line feed.
fn ends_a_line(path: &Path) -> Result<bool> {
    let mut file = std::fs::File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
