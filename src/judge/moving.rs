//! Moving tags: which ones a release moves, and whether each must be moved.
//!
//! A moving tag only ever points to the highest final version of its range.

use super::case::Case;
use super::target::{NoTarget, Target, names};
use crate::base::finding::{Finding, Who};
use crate::base::names::{Sha, TagName};
use crate::base::source::Spanned;
use crate::base::version::Version;
use crate::facts::{Facts, MovingTag, TagAt, Unseen, VersionTag};
use crate::project::manifest::{Manifest, MovingTemplate};
use serde::{Deserialize, Serialize};

/// A moving tag, and its range of versions. Sealed plans contain it in this form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moving {
    /// The tag.
    pub tag: TagName,
    /// The first numbers of the versions in its range; empty for all versions.
    pub range: Vec<u64>,
}

/// Whether a moving tag must be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion<'f> {
    /// The version is a pre-release, which moves no tag.
    PreRelease,
    /// The tag points to the commit of the release.
    There(&'f TagAt),
    /// A higher final version of the range is released.
    Stays {
        /// The tag of that version.
        higher: &'f VersionTag,
        /// Where the moving tag is.
        now: &'f MovingTag,
    },
    /// It must be moved from here, or created.
    Due(&'f MovingTag),
}

impl Moving {
    /// The tag that a format gives for the release of a version.
    ///
    /// # Errors
    /// When there is no such tag, or it is the tag of the release itself.
    pub fn of(
        manifest: &Manifest,
        template: &Spanned<MovingTemplate>,
        name: Option<&String>,
        target: &Target,
    ) -> Result<Self, NoTarget> {
        let wrong = |finding: Finding| {
            let at = finding.at(&manifest.source.name, template.span, "the moving tag is set here");
            NoTarget::Wrong(Box::new(at.who(Who::Author)))
        };
        let form = match name {
            Some(name) => template.value.with_name(name),
            None => template.value.clone(),
        };
        let tag =
            form.tag(&target.version).map_err(|error| wrong(Finding::new(error.to_string())))?;
        if tag == target.tag {
            let message =
                format!("`{tag}` is the tag of the release, so it cannot be a moving tag");
            let help = "use another format for the moving tag";
            return Err(wrong(Finding::new(message).help(help)));
        }
        Ok(Self { tag, range: form.range(&target.version) })
    }

    /// Whether a version is in its range.
    #[must_use]
    pub fn covers(&self, version: &Version) -> bool {
        self.range.iter().enumerate().all(|(place, number)| version.number(place) == *number)
    }

    /// Whether the release of a version at a commit moves the tag, given the current tags.
    ///
    /// # Errors
    /// When the tags could not be read.
    pub fn motion<'f>(
        &self,
        version: &Version,
        commit: &Sha,
        facts: &'f Facts,
    ) -> Result<Motion<'f>, Unseen> {
        if !version.is_final() {
            return Ok(Motion::PreRelease);
        }
        let moving = facts.moving.known().map_err(Unseen::clone)?;
        let now = moving.get(&self.tag).ok_or_else(|| Unseen {
            why: format!("tag `{}` was not read", self.tag),
            help: None,
            who: None,
        })?;
        if let Some(at) = now.at.as_ref().filter(|at| at.commit == *commit) {
            return Ok(Motion::There(at));
        }
        let history = facts.history.known().map_err(Unseen::clone)?;
        let is_higher = |tag: &&VersionTag| {
            tag.version.is_final()
                && self.covers(&tag.version)
                && tag.version.cmp_precedence(version).is_gt()
        };
        Ok(match history.tags.iter().find(is_higher) {
            Some(higher) => Motion::Stays { higher, now },
            None => Motion::Due(now),
        })
    }
}

impl<'a> Case<'a> {
    /// The moving tags of the release, including those that stay where they are.
    ///
    /// # Errors
    /// When there is no version to release, or one of the tags is not valid for a range.
    pub fn moving(&self) -> Result<Vec<Moving>, NoTarget> {
        let target = self.target().map_err(NoTarget::clone)?;
        let names = names(self.manifest, &self.facts.files);
        let of = |template| Moving::of(self.manifest, template, names.first(), target);
        let mut all: Vec<Moving> = Vec::new();
        for template in self.manifest.moving_tags() {
            let moving = of(template)?;
            if all.iter().any(|other| other.tag == moving.tag) {
                let message = format!("`move-tag` moves the tag `{}` twice", moving.tag);
                let finding = Finding::new(message).who(Who::Author);
                let finding = finding.at(&self.manifest.source.name, template.span, "again here");
                return Err(NoTarget::Wrong(Box::new(finding)));
            }
            all.push(moving);
        }
        Ok(all)
    }

    /// Those that must be moved; empty if that is unknown.
    #[must_use]
    pub fn due_to_move(&self) -> Vec<(Moving, &'a MovingTag)> {
        let (Ok(target), Ok(moving)) = (self.target(), self.moving()) else { return Vec::new() };
        let due = |moving: Moving| match moving.motion(
            &target.version,
            &self.facts.commit.sha,
            self.facts,
        ) {
            Ok(Motion::Due(now)) => Some((moving, now)),
            Ok(Motion::PreRelease | Motion::There(_) | Motion::Stays { .. }) | Err(_) => None,
        };
        moving.into_iter().filter_map(due).collect()
    }
}
