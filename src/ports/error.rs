//! Why a call through a port failed.

use crate::base::finding::Who;
use jiff::Timestamp;

/// Why a call through a port failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// No usable response. A write may have taken effect.
    #[error("{what}: no usable response: {why}")]
    NoAnswer {
        /// The operation (`create release`).
        what: String,
        /// The cause.
        why: String,
    },
    /// The other side refused the operation. Nothing was changed.
    #[error("{what}: refused: {why}")]
    Refused {
        /// The operation.
        what: String,
        /// The other side's message.
        why: String,
    },
    /// Too many requests.
    #[error("{what}: {}", self.why())]
    Limited {
        /// The operation.
        what: String,
        /// When it can be tried again, by our clock.
        until: Timestamp,
        /// The other side's message, with its request ID.
        said: Option<String>,
    },
    /// The credentials lack a permission.
    #[error("{what}: {}", self.why())]
    Denied {
        /// The operation.
        what: String,
        /// The permission, as it is written in a workflow (`contents: write`).
        needs: String,
        /// How to grant it.
        help: String,
        /// The other side's message, with its request ID.
        said: Option<String>,
    },
    /// The existing data was damaged or replaced. tminus does not change it.
    #[error("{what}: {why}")]
    Damaged {
        /// The operation.
        what: String,
        /// What is wrong.
        why: String,
        /// How to continue.
        help: String,
    },
    /// The compare-and-swap failed: another process changed it first.
    #[error("{what}: another process changed it first")]
    Behind {
        /// The operation.
        what: String,
    },
}

impl PortError {
    /// The error for a write that would publish a secret.
    #[must_use]
    pub fn contains_secret(what: &str) -> Self {
        let why = "it contains a secret that is available to this run; remove the secret from it, and \
                   revoke the secret";
        Self::Refused { what: what.into(), why: why.into() }
    }

    /// The reason without the operation, for messages that already name it.
    #[must_use]
    pub fn why(&self) -> String {
        match self {
            Self::NoAnswer { why, .. } | Self::Refused { why, .. } | Self::Damaged { why, .. } => {
                why.clone()
            }
            Self::Limited { until, said, .. } => {
                format!("rate limit reached, resets at {until}{}", aside(said.as_deref()))
            }
            Self::Denied { needs, said, .. } => {
                // Something other than a permission may be needed, such as a token.
                let lacks = match needs.contains(':') {
                    true => format!("the token lacks `{}`", needs.replace(" or ", "` or `")),
                    false => format!("{needs} is needed"),
                };
                format!("permission denied: {lacks}{}", aside(said.as_deref()))
            }
            Self::Behind { .. } => "another process changed it first".into(),
        }
    }

    /// What to do about it, if known. Running again is always safe.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Limited { until, .. } => Some(format!("run the command again after {until}")),
            Self::Denied { help, .. } | Self::Damaged { help, .. } => Some(help.clone()),
            Self::NoAnswer { why, .. } if why.contains(UNTRUSTED) => {
                Some("set `SSL_CERT_FILE` to a file that contains the certificate of the server's certificate authority".into())
            }
            Self::NoAnswer { .. } => Some("run the command again".into()),
            Self::Behind { .. } => Some("run `tminus status` to see which one".into()),
            Self::Refused { .. } => None,
        }
    }

    /// Who can fix it; `None` if the other side gave its own reason.
    #[must_use]
    pub fn who(&self) -> Option<Who> {
        match self {
            Self::Limited { .. } => Some(Who::Nobody),
            Self::Denied { .. } => Some(Who::Grantor),
            Self::NoAnswer { .. } | Self::Damaged { .. } | Self::Behind { .. } => {
                Some(Who::Operator)
            }
            Self::Refused { .. } => None,
        }
    }
}

/// The prefix of rustls's error for an untrusted certificate.
pub(crate) const UNTRUSTED: &str = "invalid peer certificate";

pub(crate) fn aside(said: Option<&str>) -> String {
    said.map(|said| format!(" ({said})")).unwrap_or_default()
}
