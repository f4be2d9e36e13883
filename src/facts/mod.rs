//! What was observed of one commit, at one moment.

pub mod tag_rules;
pub mod rights;
pub mod event;
mod observed;

pub use observed::{
    ChangedManifest, Check, CheckKind, CheckState, Checks, FORMAT, Facts, FileAt, History, Merge,
    NamedFile, OwnRun, Push, Release, RemoteAsset, Request, RequiredCheck, RuleChange, Seen, TagAt,
    Unseen, VersionTag,
};
