//! How far a release has come, for a command that is stopped early.

use crate::release::outcome::PublicationState;
use std::sync::{Arc, Mutex, PoisonError};

/// How far it has come, while that changes.
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
