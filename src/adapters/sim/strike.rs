//! Injected faults: changes by others, jumps of the clock, and checks that change their result.

use super::faults::{FaultKind, Faults};
use super::parts::{Author, SimRelease, Stale, TagRef};
use super::state::{State, object_id};
use crate::base::names::{Sha, TagName};
use crate::facts::CheckState;
use crate::planner::steps;
use crate::ports::{NewDraft, Publication};
use jiff::SignedDuration;

/// How many listings stay old after a fault.
const STALE_READS: u32 = 3;

impl State {
    /// Applies a fault to the simulated state just before the affected operation.
    pub(super) fn strike(&mut self, fault: FaultKind) {
        match fault {
            FaultKind::Denied => self.rights_lost = true,
            FaultKind::StaleReads => self.go_stale(),
            FaultKind::ClockForward => self.skew(SignedDuration::from_hours(1)),
            FaultKind::ClockBack => self.skew(SignedDuration::from_hours(-1)),
            FaultKind::ForeignTag
            | FaultKind::ForeignTagSame
            | FaultKind::ForeignMove
            | FaultKind::ForeignPublish
            | FaultKind::ForeignDraftMarked
            | FaultKind::ForeignDraft
            | FaultKind::ForeignDeployment
            | FaultKind::ForeignEntry
            | FaultKind::CheckTurnsRed
            | FaultKind::CheckRestarts => self.change_by_other_user(fault),
            FaultKind::CrashBefore
            | FaultKind::CrashAfter
            | FaultKind::Lost
            | FaultKind::AnswerLost
            | FaultKind::Refused
            | FaultKind::Limited
            | FaultKind::BrokenUpload
            | FaultKind::Unhealthy
            | FaultKind::RunFailsBefore
            | FaultKind::RunFailsAfter => {}
        }
    }

    fn skew(&mut self, by: SignedDuration) {
        self.skew = self.skew.checked_add(by).unwrap_or(self.skew);
    }

    fn go_stale(&mut self) {
        let releases = self.releases.iter().map(|held| held.release.clone()).collect();
        let until = self.now.checked_add(SignedDuration::from_secs(30)).unwrap_or(self.now);
        self.stale = Some(Stale { releases, reads: STALE_READS, until });
    }

    fn change_by_other_user(&mut self, fault: FaultKind) {
        let Some((tag, commit)) = self.subject.clone() else { return };
        match fault {
            FaultKind::ForeignTag => {
                if let Ok(elsewhere) = object_id("somebody else's commit") {
                    self.put_light_tag(&tag, &elsewhere, Author::Foreign);
                }
            }
            FaultKind::ForeignTagSame => self.put_light_tag(&tag, &commit, Author::Foreign),
            FaultKind::ForeignMove => self.move_by_hand(&tag),
            FaultKind::ForeignPublish => self.publish_by_hand(&tag, &commit),
            FaultKind::ForeignDraftMarked => {
                if let Some(marker) =
                    self.ledger(&tag).plan().map(crate::release::plan::Plan::marker)
                {
                    self.draft_by_hand(&tag, &commit, &marker);
                }
            }
            FaultKind::ForeignDraft => self.draft_by_hand(&tag, &commit, "written by hand"),
            FaultKind::ForeignDeployment => self.deploy_by_hand(),
            FaultKind::ForeignEntry => self.enter_by_hand(),
            FaultKind::CheckTurnsRed => {
                self.check_again(&commit, CheckState::Finished("failure".into()));
            }
            FaultKind::CheckRestarts => {
                self.check_again(&commit, CheckState::Pending("in_progress".into()));
            }
            FaultKind::CrashBefore
            | FaultKind::CrashAfter
            | FaultKind::Lost
            | FaultKind::AnswerLost
            | FaultKind::Refused
            | FaultKind::Limited
            | FaultKind::Denied
            | FaultKind::StaleReads
            | FaultKind::BrokenUpload
            | FaultKind::Unhealthy
            | FaultKind::ClockForward
            | FaultKind::ClockBack
            | FaultKind::RunFailsBefore
            | FaultKind::RunFailsAfter => {}
        }
    }

    fn move_by_hand(&mut self, tag: &TagName) {
        let Some(plan) = self.ledger(tag).plan().cloned() else { return };
        let Ok(elsewhere) = object_id("somebody else's commit") else { return };
        for moving in steps::moving(&plan) {
            self.move_tag(&moving.tag, &elsewhere);
        }
    }

    fn publish_by_hand(&mut self, tag: &TagName, commit: &Sha) {
        let ours = |held: &&SimRelease| held.release.draft && held.release.tag == tag.as_str();
        let Some(held) = self.releases.iter().find(ours) else { return };
        let publication = Publication {
            release: held.release.id,
            tag: tag.clone(),
            commit: commit.clone(),
            latest: !held.release.prerelease,
            prerelease: held.release.prerelease,
        };
        // A refusal is somebody else's trouble.
        drop(self.publish(&publication, Author::Foreign));
    }

    fn draft_by_hand(&mut self, tag: &TagName, commit: &Sha, body: &str) {
        let draft = NewDraft {
            tag: tag.clone(),
            commit: commit.clone(),
            title: tag.to_string(),
            body: body.into(),
            prerelease: false,
        };
        drop(self.create_draft(&draft));
    }

    fn check_again(&mut self, commit: &Sha, state: CheckState) {
        if let Some(name) = self.required.first().cloned() {
            self.report(commit, &name, state);
        }
    }

    /// Stops the faults: permissions are restored, and reads are up to date. Changes by others
    /// remain.
    pub fn calm(&mut self) {
        self.faults = Faults::none();
        self.rights_lost = false;
        self.stale = None;
    }

    /// Somebody moves a tag by force.
    pub fn move_tag(&mut self, tag: &TagName, commit: &Sha) {
        let moved = TagRef {
            object: commit.clone(),
            commit: commit.clone(),
            message: String::new(),
            by: Author::Foreign,
        };
        self.tags.insert(tag.clone(), moved);
    }
}
