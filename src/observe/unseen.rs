//! Failures as things unseen.

use crate::facts::{Seen, Unseen};
use crate::ports::{PortError, RepositoryError};

/// From the local repository.
pub(super) fn unseen<T>(error: RepositoryError) -> Seen<T> {
    Seen::Unseen(Unseen { why: error.why, help: error.help })
}

/// From outside.
pub(super) fn from_port<T>(error: &PortError) -> Seen<T> {
    let why = error.why();
    match error {
        PortError::Denied { needs, .. } if needs.contains(':') => {
            Seen::unseen_help(why, format!("give the token `{needs}`"))
        }
        PortError::Denied { .. } => {
            Seen::unseen_help(why, "set `GITHUB_TOKEN` to a token that can read the repository")
        }
        PortError::Limited { .. } => Seen::unseen_help(why, "run again then"),
        PortError::NoAnswer { .. } | PortError::Refused { .. } | PortError::Behind { .. } => {
            Seen::unseen(why)
        }
    }
}
