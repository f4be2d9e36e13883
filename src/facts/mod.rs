//! What was observed about one commit, at one time.

pub mod tag_rules;
pub mod rights;
pub mod event;
mod state;
mod history;
mod file;
mod observed;

pub use file::{ChangedFile, FileAt, LARGEST_FILE, NamedFile};
pub use history::{Behind, History, TagAt, VersionTag};
pub use observed::{
    Asked, BranchHead, ChangedManifest, Check, CheckKind, Checks, FORMAT, Facts, Maker, Merge,
    Origin, OwnRun, Push, Release, RemoteAsset, Request, RequiredCheck, RuleChange, Seen,
    Standpoint, Unseen,
};
pub use state::{CheckState, Conclusion, Doing};
