//! The data that was observed about one commit, at one time.

mod history;
pub mod tag_rules;
pub mod rights;
pub mod event;
pub mod environment;
pub mod people;
mod state;
mod file;
mod release;
mod blockers;
mod observed;

pub use blockers::{Blocker, BlockerKind, BlockerQuery, Blockers};
pub use file::{
    ChangedFile, ChangedWaivers, FileAt, Freshness, LARGEST_FILE, NamedFile, WaiverFile,
};
pub use history::{Behind, History, MovingTag, TagAt, VersionTag};
pub use observed::{
    BranchHead, BranchPosition, ChangedManifest, Check, CheckCreator, CheckKind, Checks, FORMAT,
    Facts, Merge, Origin, OwnRun, Push, Request, RequiredCheck, RuleChange, Seen, Unseen,
};
pub use release::{Candidate, Release, RemoteAsset};
pub use state::{CheckState, Conclusion, PendingState};
