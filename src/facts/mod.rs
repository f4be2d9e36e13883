//! The data that was observed about one commit, at one time.

mod history;
pub mod tag_rules;
pub mod rights;
pub mod event;
pub mod environment;
pub mod people;
mod state;
mod file;
mod observed;

pub use file::{ChangedFile, FileAt, LARGEST_FILE, NamedFile};
pub use history::{Behind, History, MovingTag, TagAt, VersionTag};
pub use observed::{
    BranchHead, BranchPosition, ChangedManifest, Check, CheckCreator, CheckKind, Checks, FORMAT,
    Facts, Freshness, Merge, Origin, OwnRun, Push, Release, RemoteAsset, Request, RequiredCheck,
    RuleChange, Seen, Unseen,
};
pub use state::{CheckState, Conclusion, PendingState};
