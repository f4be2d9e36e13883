//! Why the simulator refused a call, before it becomes a port error or an HTTP response.

use crate::adapters::permission::grant;
use crate::base::names::NameError;
use crate::ports::PortError;

/// A clear no; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such thing, or none that the asker may see.
    Missing,
    /// Breaks a rule of the forge; the words are GitHub's.
    Invalid {
        /// What kind of thing (`Release`).
        resource: &'static str,
        /// Which rule (`already_exists`, `custom`).
        code: &'static str,
        /// Which field.
        field: &'static str,
        /// For people.
        message: String,
    },
    /// The compare-and-swap was lost.
    Behind,
    /// The rights do not reach this.
    Denied {
        /// What would.
        needs: String,
    },
}

impl Refusal {
    /// A rule that was broken.
    pub(super) fn invalid(
        resource: &'static str,
        code: &'static str,
        field: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self::Invalid { resource, code, field, message: message.into() }
    }

    /// As the ports say it.
    #[must_use]
    pub fn port_error(self, what: &str) -> PortError {
        let what = what.to_owned();
        match self {
            Self::Missing => PortError::Refused { what, why: "Not Found".into() },
            Self::Invalid { resource, code, field, message } => {
                let why = format!("Validation Failed: {resource} {field} {code}: {message}");
                PortError::Refused { what, why }
            }
            Self::Behind => PortError::Behind { what },
            Self::Denied { needs } => {
                PortError::Denied { what, help: grant(&needs), needs, said: None }
            }
        }
    }
}

impl From<NameError> for Refusal {
    fn from(error: NameError) -> Self {
        Self::invalid("Ref", "invalid", "ref", error.to_string())
    }
}
