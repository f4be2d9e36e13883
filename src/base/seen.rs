//! A value that may have failed to be read.

use crate::base::finding::{Finding, Who};
use serde::{Deserialize, Serialize};

/// Something that was looked for: what was seen, or why it could not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen<T> {
    /// It was read; an empty list here means that there is nothing.
    Known(T),
    /// It was not.
    Unseen(Unseen),
}

/// Why something could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unseen {
    /// For people, continuing "cannot read …: ".
    pub why: String,
    /// What would make it visible, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Who can make it visible, where that is not whoever runs tminus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
}

impl Unseen {
    /// As a reason, where `what` was tried ("cannot read the tags").
    #[must_use]
    pub fn finding(&self, what: &str) -> Finding {
        let mut finding = Finding::new(format!("{what}: {}", self.why));
        finding.help.clone_from(&self.help);
        finding.who(self.who.unwrap_or(Who::Operator))
    }
}

impl<T> Seen<T> {
    /// Nobody asked, so nobody looked.
    #[must_use]
    pub fn not_asked() -> Self {
        Self::unseen("it was not read")
    }

    /// Whether nobody looked.
    #[must_use]
    pub fn is_not_asked(&self) -> bool
    where
        T: PartialEq,
    {
        *self == Self::not_asked()
    }

    /// Could not be read, and why.
    pub fn unseen(why: impl Into<String>) -> Self {
        Self::Unseen(Unseen { why: why.into(), help: None, who: None })
    }

    /// Could not be read, why, and what would help.
    pub fn unseen_help(why: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Unseen(Unseen { why: why.into(), help: Some(help.into()), who: None })
    }

    /// Says who can make it visible.
    #[must_use]
    pub fn by(self, who: Who) -> Self {
        match self {
            Self::Known(value) => Self::Known(value),
            Self::Unseen(unseen) => Self::Unseen(Unseen { who: Some(who), ..unseen }),
        }
    }

    /// The same sight of something made from this.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Seen<U> {
        match self {
            Self::Known(value) => Seen::Known(make(value)),
            Self::Unseen(unseen) => Seen::Unseen(unseen),
        }
    }

    /// The value, to be completed, where it was seen.
    pub fn known_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unseen(_) => None,
        }
    }

    /// The value, or the reason for its absence.
    ///
    /// # Errors
    /// When it was not seen.
    pub fn known(&self) -> Result<&T, &Unseen> {
        match self {
            Self::Known(value) => Ok(value),
            Self::Unseen(unseen) => Err(unseen),
        }
    }
}
