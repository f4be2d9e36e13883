//! Parts of a response, each of which can be known or unseen.

use super::graphql::Answer;
use crate::base::finding::Who;
use crate::facts::{Seen, Unseen};
use crate::ports::{PortError, aside};
use serde::Deserialize as _;
use serde::de::DeserializeOwned;

impl Answer {
    /// One part: unseen if anything below it was denied, `None` if there is none.
    pub(super) fn part<T: DeserializeOwned>(&self, name: &str) -> Seen<Option<T>> {
        if let Some(error) = self.errors.iter().find(|error| error.about(name)) {
            return Seen::Unseen(error.unseen());
        }
        let Some(value) = self.repository.get(name) else {
            return Seen::unseen("it is missing from GitHub's response");
        };
        match Option::<T>::deserialize(value) {
            Ok(value) => Seen::Known(value),
            Err(error) => Seen::unseen(format!("GitHub's response cannot be parsed: {error}")),
        }
    }
}

/// A part that could not be read is unseen; a rate limit stops everything.
pub(super) fn unless_limited<T>(error: PortError) -> Result<Seen<T>, PortError> {
    match error {
        PortError::Limited { .. } => Err(error),
        PortError::Denied { needs, said, .. } => Ok(Seen::Unseen(Unseen {
            why: format!("the token lacks `{needs}`{}", aside(said.as_deref())),
            help: Some(format!("add `{needs}` to the job's `permissions`")),
            who: Some(Who::Grantor),
        })),
        PortError::NoAnswer { .. }
        | PortError::Refused { .. }
        | PortError::Damaged { .. }
        | PortError::Behind { .. } => Ok(Seen::unseen(error.to_string())),
    }
}
