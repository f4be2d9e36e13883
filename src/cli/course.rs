//! The progress of a release, for a command that is stopped early.

use crate::release::outcome::PublicationState;
use std::sync::{Arc, Mutex, PoisonError};

/// The progress, updated while the release runs.
#[derive(Debug, Default, Clone)]
pub(super) struct ReleaseProgress(Arc<Mutex<PublicationState>>);

impl ReleaseProgress {
    pub(super) fn set(&self, reached: PublicationState) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = reached;
    }

    pub(super) fn get(&self) -> PublicationState {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
