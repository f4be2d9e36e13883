//! Removing what is broken and ours.

use crate::planner::Repair;
use crate::ports::{ForgeWrite, Hands, PortError};

/// What removals are done with.
pub(super) struct Effects<'a> {
    pub(super) hands: &'a Hands<'a>,
}

impl Effects<'_> {
    fn forge(&self) -> Result<&dyn ForgeWrite, PortError> {
        let none = |why: &str| PortError::Refused { what: "the forge".into(), why: why.into() };
        self.hands.forge.map_err(none)
    }

    pub(super) async fn repair(&self, repair: &Repair) -> Result<(), PortError> {
        match repair {
            Repair::RemoveAsset { asset, .. } => self.forge()?.delete_asset(*asset).await,
            Repair::RemoveDraft { release, .. } => self.remove_draft(*release).await,
        }
    }

    pub(super) async fn remove_draft(&self, release: u64) -> Result<(), PortError> {
        self.forge()?.delete_draft(release).await
    }
}
