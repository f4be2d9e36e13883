//! Git. libgit2 reads the history. The user's `git` program does all network operations, so that
//! credential helpers, SSH configuration and proxies work as on the command line.

mod settings;
mod redact;
mod open;
mod object;
mod assets;
mod graph;
mod versions;
mod output;
mod fault;
mod protocols;
mod program;
mod identity;
mod configuration;
mod refs;
mod chain;
mod remote;
mod push;
mod leave;
mod own_refs;
mod ledger;
mod document;
mod sign;
mod proof;
mod tag;
mod paths;
mod pointer;
mod stat;
mod marks;
mod tree;
mod touch;
mod tags;
mod below;
mod searched;
mod repository;

pub use remote::{GitRemote, credentials};
pub use repository::LocalRepository;
pub use settings::{Credentials, Settings, Unshallow};
