//! How far a release has come, for a command that is stopped early.

use crate::release::outcome::Reached;
use std::sync::{Arc, Mutex, PoisonError};

/// How far it has come, while that changes.
#[derive(Debug, Default, Clone)]
pub(super) struct Course(Arc<Mutex<Reached>>);

impl Course {
    pub(super) fn set(&self, reached: Reached) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = reached;
    }

    pub(super) fn get(&self) -> Reached {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
