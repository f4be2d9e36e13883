//! No forge: a plain git remote.

use crate::adapters::forge::kind::{ForgeKind, Recognised};
use crate::drive::observe::NO_FORGE;
use crate::project::manifest::{Forge, Hosts};

/// No forge.
pub const KIND: ForgeKind = ForgeKind {
    name: "no forge",
    manifest: Forge {
        name: "none",
        doc: "a plain git remote: tags, commands and the ledger only",
        hosts: Hosts::Nothing,
    },
    doc: "Nowhere: a release is only a tag, and CI is not read",
    recognises: |_| Recognised::No,
    connect: |_| Err(NO_FORGE.into()),
};
