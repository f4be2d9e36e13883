//! Converts failures to unseen values.

use crate::facts::{Seen, Unseen};
use crate::ports::{PortError, RepositoryError};

/// From the local repository.
pub(super) fn unseen<T>(error: RepositoryError) -> Seen<T> {
    Seen::Unseen(Unseen { why: error.why, help: error.help, who: None })
}

/// From a port.
pub(super) fn from_port<T>(error: &PortError) -> Seen<T> {
    Seen::Unseen(Unseen { why: error.why(), help: error.help(), who: error.who() })
}
