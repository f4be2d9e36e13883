//! Evaluates a past release: would the manifest have allowed this version, under this tag?

use super::case::Case;
use super::gates::{GateSelection, poll};
use super::ruling::{Poll, Verdict};
use crate::base::names::{Sha, TagName};
use crate::facts::VersionTag;
use crate::project::manifest::Mode;

/// A past release and its evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The release.
    pub release: VersionTag,
    /// When its commit was created, in seconds since 1970.
    pub at: i64,
    /// The result.
    pub judgment: Judgment,
}

/// The result for a past release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgment {
    /// Go, with its own tag.
    Right,
    /// Go, with a version or a tag that it did not have.
    OtherTag(TagName),
    /// Nothing to release, because this tag already exists.
    NothingToRelease(TagName),
    /// Not go; contains the gates that stop it, each with its reason.
    Stopped {
        /// The ruling: unknown if something could not be read.
        verdict: Verdict,
        /// The evaluated tag, if it is known.
        tag: Option<TagName>,
        /// The gates and their reasons; a reason without a gate if there is no version.
        reasons: Vec<(String, String)>,
    },
}

impl Replayed {
    /// Whether the manifest would have allowed the release as it was.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.judgment == Judgment::Right
    }

    /// Whether the manifest gives the right version and tag, regardless of the gates.
    #[must_use]
    pub fn has_right_tag(&self) -> bool {
        match &self.judgment {
            Judgment::Right => true,
            Judgment::Stopped { tag, .. } => tag.as_ref() == Some(&self.release.tag),
            Judgment::OtherTag(_) | Judgment::NothingToRelease(_) => false,
        }
    }

    /// Whether it could not be evaluated.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.judgment, Judgment::Stopped { verdict: Verdict::Unknown, .. })
    }

    /// Whether a gate stops it.
    #[must_use]
    pub fn is_stopped_by(&self, gate: &str) -> bool {
        match &self.judgment {
            Judgment::Stopped { reasons, .. } => reasons.iter().any(|(by, _)| by == gate),
            Judgment::Right | Judgment::OtherTag(_) | Judgment::NothingToRelease(_) => false,
        }
    }
}

/// Evaluates the facts of a past release, as `check --offline` does.
#[must_use]
pub fn judge(case: &Case<'_>, release: &VersionTag) -> Judgment {
    let poll = poll(case, &GateSelection { offline: true, ..GateSelection::default() });
    let target = case.target();
    let tag = target.ok().map(|target| target.tag.clone());
    let verdict = poll.verdict();
    if verdict != Verdict::Go {
        let mut reasons = stopping(&poll);
        if let (true, Err(error)) = (reasons.is_empty(), target) {
            reasons.push((String::new(), error.finding().message));
        }
        return Judgment::Stopped { verdict, tag, reasons };
    }
    match (case.all_done(), tag) {
        (Some((done, _)), _) => Judgment::NothingToRelease(done.tag.clone()),
        (None, Some(tag)) if tag == release.tag => Judgment::Right,
        (None, Some(tag)) => Judgment::OtherTag(tag),
        (None, None) => {
            Judgment::Stopped { verdict: Verdict::Unknown, tag: None, reasons: Vec::new() }
        }
    }
}

fn stopping(poll: &Poll) -> Vec<(String, String)> {
    let on = poll.answers.iter().filter(|answer| answer.mode == Mode::On);
    let rulings = on.filter_map(|answer| Some((&answer.gate, answer.ruling.as_ref()?)));
    let stopping = rulings.filter(|(_, ruling)| ruling.verdict() != Verdict::Go);
    stopping.map(|(gate, ruling)| (gate.clone(), ruling.summary().to_owned())).collect()
}

/// Releases by the time of their commits, newest first; each commit once.
#[must_use]
pub fn newest_first(mut releases: Vec<(VersionTag, i64)>) -> Vec<(VersionTag, i64)> {
    releases.sort_by(|(a, at), (b, then)| {
        then.cmp(at).then_with(|| b.version.cmp(&a.version)).then_with(|| a.tag.cmp(&b.tag))
    });
    let mut seen: Vec<Sha> = Vec::new();
    releases.retain(|(release, _)| {
        let new = !seen.contains(&release.commit);
        if new {
            seen.push(release.commit.clone());
        }
        new
    });
    releases
}
