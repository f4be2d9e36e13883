//! The forge kind "none": its name and its messages.

use crate::adapters::forge::kind::{ForgeKind, HostMatch, NotConnected};
use crate::drive::observe::NO_FORGE;
use crate::ports::AssetLimits;
use crate::project::manifest::{Forge, ForgeFeatures, ForgeMessages};

/// No forge.
pub const KIND: ForgeKind = ForgeKind {
    name: "no forge",
    manifest: Forge {
        name: "none",
        doc: "a plain git remote: only tags, commands and the ledger",
        hosts: ForgeFeatures::Nothing,
        longest_notes: None,
        words: &WORDS,
    },
    doc: "No forge: a release consists of a tag only, and CI checks are not read",
    assets: AssetLimits::NONE,
    recognises: |_| HostMatch::No,
    connect: |_| Err(NotConnected::Missing(NO_FORGE.into())),
};

/// Only git's own credentials matter.
const WORDS: ForgeMessages = ForgeMessages {
    name: "the remote",
    keeps_checks: None,
    skips: &[],
    job_token: "CI token",
    set_token: WRITES,
    grant_job: WRITES,
    grant_app: WRITES,
    grant_scopes: WRITES,
    grant_token: WRITES,
    grant_unknown: WRITES,
    grant_key: "give the key write access",
    grant_helper: "use credentials that can push to the remote",
    bypass_job: WRITES,
    workflows_job: WRITES,
};
const WRITES: &str = "use a token that can write to the repository";
