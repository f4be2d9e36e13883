//! How far a release has come, for a command that is stopped early.

use std::sync::{Arc, Mutex, PoisonError};

/// How far a release is known to have come.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// Its state was not read yet.
    #[default]
    Unknown,
    /// Nothing was public when its state was last read.
    Private,
    /// Something is public, or may be.
    Public,
}

/// The same while it changes.
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
