//! What was observed about one commit, at one time.

pub mod tag_rules;
pub mod rights;
pub mod event;
mod state;
mod history;
mod observed;

pub use history::{Behind, History, TagAt, VersionTag};
pub use observed::{
    Asked, BranchHead, ChangedManifest, Check, CheckKind, Checks, FORMAT, Facts, FileAt,
    LARGEST_FILE, Maker, Merge, NamedFile, Origin, OwnRun, Push, Release, RemoteAsset, Request,
    RequiredCheck, RuleChange, Seen, Standpoint, Unseen,
};
pub use state::{CheckState, Conclusion, Doing};
