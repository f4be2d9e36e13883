//! Removes items that block a release: a broken upload, or a second draft.

use super::{Executor, TRIES};
use crate::base::names::StepKey;
use crate::drive::execute::end::{End, ReleaseNotice};
use crate::drive::observe::list_releases;
use crate::facts::Seen;
use crate::planner::Repair;
use crate::release::ledger::Event;
use jiff::SignedDuration;

impl Executor<'_> {
    /// Removes an item that blocks the release.
    pub(super) async fn repair(&mut self, repair: &Repair) -> Result<(), End> {
        self.notify(&ReleaseNotice::Repairs(repair));
        let name = format!("{repair:?}");
        let tries = self.count(name.clone());
        // A removal needs the lease, as every step does. Pushing the entry proves that this run has
        // it.
        let what = match repair {
            Repair::RemoveAsset { asset, .. } => format!("remove:asset-{asset}"),
            Repair::RemoveDraft { release, .. } => format!("remove:draft-{release}"),
        };
        if let Ok(step) = StepKey::new(what) {
            self.record.queue(Event::Meant { step }, SignedDuration::ZERO);
        }
        self.record.push().await?;
        if let Err(error) = self.effects.repair(repair).await
            && (tries >= TRIES || !self.may_retry(&name, &error).await)
        {
            return Err(End::Failed { step: None, error });
        }
        match repair {
            Repair::RemoveAsset { .. } => self.refresh(self.release, None).await,
            // Only the list of releases shows a duplicate.
            Repair::RemoveDraft { release, .. } => {
                let release = *release;
                list_releases(&self.write_ports.read_ports(), self.plan, &mut self.facts).await;
                if let (Seen::Known(drafts), true) = (&mut self.facts.drafts, tries > 1) {
                    // The list of releases shows removals with a delay.
                    drafts.retain(|draft| draft.id != release);
                }
            }
        }
        Ok(())
    }
}
