//! Converts failures to unseen values.

use crate::facts::{Seen, Unseen};
use crate::ports::{PortError, RepositoryError};

/// From the local repository.
pub(super) fn unseen<T>(error: RepositoryError) -> Seen<T> {
    Seen::Unseen(unread(error))
}

/// From a port.
pub(super) fn from_port<T>(error: &PortError) -> Seen<T> {
    Seen::Unseen(unanswered(error))
}

/// Why the local repository could not be read.
pub(super) fn unread(error: RepositoryError) -> Unseen {
    Unseen { why: error.why, help: error.help, who: None }
}

/// Why something outside could not be read.
pub(super) fn unanswered(error: &PortError) -> Unseen {
    Unseen { why: error.why(), help: error.help(), who: error.who() }
}
