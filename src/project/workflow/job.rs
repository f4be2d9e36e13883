//! The names of a job's checks.

use super::glob::Glob;
use crate::project::manifest::{Node, Value};

/// Whether a job reports a check with a given name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReportsCheck {
    /// It does not report it.
    No,
    /// Unclear: its name contains an expression.
    Perhaps,
    /// It reports it when it runs.
    Yes,
}

/// The parts of a job that determine the names of its checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    sure: Vec<Glob>,
    perhaps: Vec<Glob>,
}

impl Job {
    /// Parses a job. Its check has the name of the job's `name` or ID. A job of a matrix adds its
    /// values (`test (stable, linux)`), and a job of a called workflow has the name of the caller
    /// before its own (`call / test`).
    pub(super) fn read(id: &str, node: &Node) -> Option<Self> {
        let Value::Map(_) = &node.value else { return None };
        let title = match node.get("name") {
            None => id,
            Some(name) => name.text().filter(|text| !text.is_empty())?,
        };
        let strategy = node.get("strategy");
        let expression = strategy.is_some_and(|strategy| strategy.text().is_some());
        let matrix = expression || strategy.is_some_and(|node| node.get("matrix").is_some());
        let called = node.get("uses").is_some();
        let end = |glob: Glob| if called { glob.text(" / ").gap() } else { glob };
        let legs = || end(filled(title).text(" (").gap().text(")"));
        let plain = end(filled(title));
        Some(match (title.contains("${{"), matrix) {
            (false, false) => Self { sure: vec![plain], perhaps: Vec::new() },
            (false, true) => Self { sure: vec![legs()], perhaps: vec![plain] },
            (true, false) => Self { sure: Vec::new(), perhaps: vec![plain] },
            (true, true) => Self { sure: Vec::new(), perhaps: vec![plain, legs()] },
        })
    }

    /// Whether it reports a check with that name.
    pub(super) fn reports(&self, name: &str) -> ReportsCheck {
        let any = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(name));
        if any(&self.sure) {
            ReportsCheck::Yes
        } else if any(&self.perhaps) {
            ReportsCheck::Perhaps
        } else {
            ReportsCheck::No
        }
    }
}

/// A name with a gap for each expression.
fn filled(title: &str) -> Glob {
    let mut glob = Glob::default();
    let mut rest = title;
    while let Some((before, expression)) = rest.split_once("${{") {
        glob = glob.text(before).gap();
        rest = expression.split_once("}}").map_or("", |(_, after)| after);
    }
    glob.text(rest)
}
