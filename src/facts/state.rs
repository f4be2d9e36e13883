//! The state of a check, in tminus's own words. The adapter of each forge translates the forge's
//! words.
//!
//! Facts files contain these words, so they must not change. Older facts files can contain a
//! forge's own word; the adapter of that forge translates it when the file is read.

use serde::{Deserialize, Serialize};

/// Whether a check is running, or how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// It has not ended.
    Pending(PendingState),
    /// It has ended.
    Finished(Conclusion),
}

impl CheckState {
    /// Whether it ended with this conclusion.
    #[must_use]
    pub fn is(&self, conclusion: &Conclusion) -> bool {
        matches!(self, Self::Finished(ended) if ended == conclusion)
    }
}

/// Declares an enum of known words, with a variant for unknown words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$of])* $variant,)*
            /// An unknown word.
            Other(String),
        }

        impl $name {
            /// The word.
            #[must_use]
            pub fn word(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Other(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)*
                    other => Self::Other(other.into()),
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                Self::from(word.as_str())
            }
        }

        impl From<$name> for String {
            fn from(of: $name) -> Self {
                of.word().into()
            }
        }
    };
}

words! {
    /// The state of a check that has not ended.
    PendingState {
        /// It is running.
        Running = "in_progress",
        /// It waits for a runner.
        Queued = "queued",
        /// It waits for the protection rules of its environment.
        Waiting = "waiting",
        /// It was created and has not started.
        Pending = "pending",
        /// It is required and was not reported yet.
        Expected = "expected",
        /// It was requested.
        Requested = "requested",
    }
}

words! {
    /// The conclusion of a check.
    Conclusion {
        /// It succeeded.
        Success = "success",
        /// It did not run.
        Skipped = "skipped",
        /// It neither succeeded nor failed.
        Neutral = "neutral",
        /// It was cancelled by a person, or by a newer run.
        Cancelled = "cancelled",
        /// The forge received no result in time.
        Stale = "stale",
        /// A person must act.
        ActionRequired = "action_required",
        /// It failed.
        Failure = "failure",
        /// The forge could not determine a conclusion.
        Error = "error",
        /// It timed out.
        TimedOut = "timed_out",
        /// It could not start.
        NotStarted = "not_started",
    }
}

impl Conclusion {
    /// Whether it is not a failure, and so not the reason why a dependent job was skipped.
    #[must_use]
    pub fn is_not_failure(&self) -> bool {
        matches!(self, Self::Success | Self::Skipped | Self::Neutral)
    }
}
