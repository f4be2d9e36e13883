//! A value that may have failed to be read.

use crate::base::finding::{Finding, Who};
use serde::{Deserialize, Serialize};

/// A value that was read, or the reason why it could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen<T> {
    /// It was read. An empty list here means that there is nothing.
    Known(T),
    /// It could not be read.
    Unseen(Unseen),
}

/// Why something could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unseen {
    /// The reason, to follow "cannot read …: ".
    pub why: String,
    /// How to make it readable, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Who can make it readable, if it is not the person who runs tminus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
}

/// Why a value is unseen that nothing needed.
const NOT_READ: &str = "it was not read";

impl Unseen {
    /// The finding, where `what` is the operation ("cannot read the tags").
    #[must_use]
    pub fn finding(&self, what: &str) -> Finding {
        let why = match self.why.as_str() {
            NOT_READ => "the facts do not contain this data",
            why => why,
        };
        let mut finding = Finding::new(format!("{what}: {why}"));
        finding.help.clone_from(&self.help);
        finding.who(self.who.unwrap_or(Who::Operator))
    }
}

impl<T> Seen<T> {
    /// A value that was not read because nothing needed it.
    #[must_use]
    pub fn not_asked() -> Self {
        Self::unseen(NOT_READ)
    }

    /// Whether the value was not read because nothing needed it.
    #[must_use]
    pub fn is_not_asked(&self) -> bool
    where
        T: PartialEq,
    {
        *self == Self::not_asked()
    }

    /// A value that could not be read, with the reason.
    pub fn unseen(why: impl Into<String>) -> Self {
        Self::Unseen(Unseen { why: why.into(), help: None, who: None })
    }

    /// A value that could not be read, with the reason and what would help.
    pub fn unseen_help(why: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Unseen(Unseen { why: why.into(), help: Some(help.into()), who: None })
    }

    /// Adds who can make it readable.
    #[must_use]
    pub fn by(self, who: Who) -> Self {
        match self {
            Self::Known(value) => Self::Known(value),
            Self::Unseen(unseen) => Self::Unseen(Unseen { who: Some(who), ..unseen }),
        }
    }

    /// Applies a function to a known value.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Seen<U> {
        match self {
            Self::Known(value) => Seen::Known(make(value)),
            Self::Unseen(unseen) => Seen::Unseen(unseen),
        }
    }

    /// The value, to be changed; `None` if it is unseen.
    pub fn known_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unseen(_) => None,
        }
    }

    /// The value, or the reason why it is missing.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn known(&self) -> Result<&T, &Unseen> {
        match self {
            Self::Known(value) => Ok(value),
            Self::Unseen(unseen) => Err(unseen),
        }
    }
}
