//! What was observed about one commit, at one time.

pub mod tag_rules;
pub mod rights;
pub mod event;
mod state;
mod observed;

pub use observed::{
    Asked, BranchHead, BranchPosition, ChangedManifest, Check, CheckCreator, CheckKind, Checks,
    FORMAT, Facts, FileAt, History, LARGEST_FILE, Merge, NamedFile, Origin, OwnRun, Push, Release,
    RemoteAsset, Request, RequiredCheck, RuleChange, Seen, TagAt, Unseen, VersionTag,
};
pub use state::{CheckState, Conclusion, Doing};
