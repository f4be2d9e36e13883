//! Removes broken items that tminus created.

use crate::planner::Repair;
use crate::ports::{PortError, WritePorts};

/// The ports and state that removals need.
pub(super) struct Effects<'a> {
    pub(super) write_ports: &'a WritePorts<'a>,
}

impl Effects<'_> {
    pub(super) async fn repair(&self, repair: &Repair) -> Result<(), PortError> {
        match repair {
            Repair::RemoveAsset { asset, .. } => {
                self.write_ports.forge_write()?.delete_asset(*asset).await
            }
            Repair::RemoveDraft { release, .. } => self.remove_draft(*release).await,
        }
    }

    pub(super) async fn remove_draft(&self, release: u64) -> Result<(), PortError> {
        self.write_ports.forge_write()?.delete_draft(release).await
    }
}
