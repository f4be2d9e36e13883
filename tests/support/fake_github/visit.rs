//! A request that got past the door, and how the world's refusals are put to it.

use super::books::Shared;
use super::manners::REPOSITORY_ID;
use super::message::{Answer, Ask};
use super::options::Scopes;
use super::wire::Places;
use tminus::adapters::sim::Refusal;

/// A request that got past the door.
pub(crate) struct Visit<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) ask: &'a Ask,
    pub(crate) scopes: Scopes,
    pub(crate) places: Places,
}

impl Visit<'_> {
    /// Demands the right to write.
    pub(crate) fn writer(&self) -> Result<(), Answer> {
        if self.scopes.write { Ok(()) } else { Err(Answer::forbidden("contents=write")) }
    }

    /// Address of a list, as links have it.
    pub(crate) fn list(&self, tail: &str) -> String {
        format!("{}/repositories/{REPOSITORY_ID}/{tail}", self.places.api)
    }
}

/// A refusal of the world in GitHub's words.
pub(crate) fn refused(refusal: Refusal) -> Answer {
    match refusal {
        Refusal::Missing => Answer::missing(),
        Refusal::Invalid { message, .. } if message == "Bad Content-Length" => {
            Answer::error(400, &message)
        }
        Refusal::Invalid { resource, code, field, message } => {
            Answer::invalid(resource, code, field, &message)
        }
        Refusal::Behind => Answer::error(422, "Reference already exists"),
        Refusal::Denied { needs } => Answer::forbidden(&needs.replace(": ", "=")),
    }
}
