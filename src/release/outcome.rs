//! The outcome of a run or the state of a release: its word, its tone, its exit code, and what to
//! do next.
//!
//! All reports, outputs and exit codes come from here. A test compares the words and exit codes
//! with `docs/reports.md`.

use crate::base::word::{Tone, Word};
use std::fmt;

/// The exit code of the process. The numbers are documented and stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: go, or released, or nothing to release.
    Go,
    /// 1: no-go.
    NoGo,
    /// 2: usage or manifest error.
    Usage,
    /// 3: hold; run again later.
    Hold,
    /// 4: something could not be read; never treated as go.
    Unknown,
    /// 5: something is public and the release is not finished.
    Partial,
}

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Go => 0,
            Self::NoGo => 1,
            Self::Usage => 2,
            Self::Hold => 3,
            Self::Unknown => 4,
            Self::Partial => 5,
        }
    }
}

/// The outcome of a run, or the state of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Every gate that counts is go.
    Go,
    /// A gate is pending.
    Hold,
    /// Something could not be read.
    Unknown,
    /// A gate is no-go, or the current plan differs from the requested plan.
    NoGo,
    /// Every step is done.
    Released,
    /// Every step up to the requested stage is done.
    Through,
    /// There is nothing to release.
    NothingToRelease,
    /// There is nothing to release, but `--expect-release` was passed.
    NothingThoughExpected,
    /// A person must pass the version, and none was passed.
    VersionNotGiven,
    /// Something exists but differs from the plan; nothing is public.
    Conflict,
    /// A step failed; nothing is public.
    Stopped(Cause),
    /// Another runner has the release.
    Attached,
    /// Something is public, or may be, and the release is not finished.
    Partial,
    /// The manifest or an argument is wrong.
    Error,
    /// The release was aborted.
    Aborted,
    /// No release was started, or tminus did not start it.
    NothingToAbort,
    /// Nothing of the release is done.
    NotBegun,
    /// Some steps are done, and nothing is public.
    UnderWay,
}

/// Why a run stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The other side refused.
    Refused,
    /// A rate limit, or another process that was first: temporary.
    Busy,
    /// There was no response, a permission is missing, or the run was stopped.
    Unanswered,
}

/// The type of the command, as far as it determines what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandKind {
    /// `tminus release`.
    Release,
    /// `tminus abort`.
    Abort,
    /// A command that does not change the release.
    Look,
}

/// The known progress of a release, for a run that is stopped.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum PublicationState {
    /// It was not observed yet.
    #[default]
    Unknown,
    /// Nothing of it was public when it was last observed.
    Private,
    /// Something is public, or may be.
    Public,
}

impl PublicationState {
    /// The outcome of a run that is stopped at this point.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Unknown => Outcome::Unknown,
            Self::Private => Outcome::Stopped(Cause::Unanswered),
            Self::Public => Outcome::Partial,
        }
    }
}

impl Outcome {
    /// All outcomes, in the order of `docs/reports.md`.
    pub const ALL: [Self; 20] = [
        Self::Go,
        Self::Released,
        Self::NothingToRelease,
        Self::NothingThoughExpected,
        Self::VersionNotGiven,
        Self::Through,
        Self::NoGo,
        Self::Conflict,
        Self::Stopped(Cause::Refused),
        Self::Stopped(Cause::Busy),
        Self::Stopped(Cause::Unanswered),
        Self::Error,
        Self::Hold,
        Self::Attached,
        Self::Unknown,
        Self::Partial,
        Self::Aborted,
        Self::NothingToAbort,
        Self::NotBegun,
        Self::UnderWay,
    ];

    /// Its word and tone.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::Go => Word::new("go", Tone::Good),
            Self::Hold | Self::Attached => Word::new("hold", Tone::Wait),
            Self::Unknown => Word::new("unknown", Tone::Doubtful),
            Self::NoGo => Word::new("no-go", Tone::Bad),
            Self::Released => Word::new("released", Tone::Good),
            Self::Through => Word::new("through", Tone::Good),
            Self::NothingToRelease | Self::NothingThoughExpected => {
                Word::new("nothing-to-release", Tone::Good)
            }
            Self::VersionNotGiven => Word::new("version-not-given", Tone::Good),
            Self::Conflict => Word::CONFLICT,
            Self::Stopped(_) => Word::new("stopped", Tone::Unfinished),
            Self::Partial => Word::new("partial", Tone::Unfinished),
            Self::Error => Word::ERROR,
            Self::Aborted => Word::new("aborted", Tone::Good),
            Self::NothingToAbort => Word::new("nothing-to-abort", Tone::Good),
            Self::NotBegun => Word::new("not-begun", Tone::Open),
            Self::UnderWay => Word::new("under-way", Tone::Unfinished),
        }
    }

    /// The word for a sentence.
    #[must_use]
    pub const fn description(self) -> Word {
        let Word { text, tone } = self.word();
        let text = match self {
            Self::NothingToRelease | Self::NothingThoughExpected => "nothing to release",
            Self::VersionNotGiven => "version not given",
            Self::NothingToAbort => "nothing to abort",
            Self::NotBegun => "not started",
            Self::UnderWay => "in progress",
            Self::Through => "completed through",
            Self::Go
            | Self::Hold
            | Self::Unknown
            | Self::NoGo
            | Self::Released
            | Self::Conflict
            | Self::Stopped(_)
            | Self::Attached
            | Self::Partial
            | Self::Error
            | Self::Aborted => text,
        };
        Word { text, tone }
    }

    /// The exit code for this outcome.
    #[must_use]
    pub const fn exit(self) -> Exit {
        match self {
            Self::Go
            | Self::Released
            | Self::Through
            | Self::NothingToRelease
            | Self::VersionNotGiven
            | Self::Aborted
            | Self::NothingToAbort
            | Self::NotBegun
            | Self::UnderWay => Exit::Go,
            Self::NoGo
            | Self::NothingThoughExpected
            | Self::Conflict
            | Self::Stopped(Cause::Refused) => Exit::NoGo,
            Self::Error => Exit::Usage,
            Self::Hold | Self::Attached | Self::Stopped(Cause::Busy) => Exit::Hold,
            Self::Unknown | Self::Stopped(Cause::Unanswered) => Exit::Unknown,
            Self::Partial => Exit::Partial,
        }
    }

    /// The exit code of `status`: 0 whenever the state could be read.
    #[must_use]
    pub fn exit_of_status(self) -> Exit {
        match self.exit() {
            Exit::Unknown => Exit::Unknown,
            Exit::Go | Exit::NoGo | Exit::Usage | Exit::Hold | Exit::Partial => Exit::Go,
        }
    }

    /// What to do next, for `help`. The findings say what blocks the release; this says what to do
    /// after that. `None` if there is nothing more to do.
    #[must_use]
    pub const fn next(self, ran: CommandKind) -> Option<&'static str> {
        match self {
            Self::Released | Self::NothingToRelease | Self::Aborted | Self::NothingToAbort => None,
            Self::VersionNotGiven => Some("pass the version with `--version`, or push its tag"),
            Self::Attached => Some("wait, or take over the release with `--take-over`"),
            Self::Go
            | Self::Hold
            | Self::Unknown
            | Self::NoGo
            | Self::Through
            | Self::NothingThoughExpected
            | Self::Conflict
            | Self::Stopped(_)
            | Self::Partial
            | Self::Error
            | Self::NotBegun
            | Self::UnderWay => Some(ran.again()),
        }
    }
}

impl CommandKind {
    /// How to run it again.
    #[must_use]
    pub const fn again(self) -> &'static str {
        match self {
            Self::Release => "run `tminus release` again to continue",
            Self::Abort => "run `tminus abort` again",
            Self::Look => "run the command again",
        }
    }
}

impl From<Outcome> for Word {
    fn from(outcome: Outcome) -> Self {
        outcome.word()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.word().fmt(out)
    }
}
