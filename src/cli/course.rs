//! How far a release has come, for a command that is stopped early.

use std::sync::{Arc, Mutex, PoisonError};

/// How far a release is known to have come.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// It was not looked at yet.
    #[default]
    Unknown,
    /// Nothing of it was public when it was last looked at.
    Private,
    /// Something is, or may be.
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
