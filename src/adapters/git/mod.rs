//! Git: history is read through libgit2, the network goes through the user's own `git` program, so
//! that credential helpers, SSH configuration and proxies work as they do by hand.

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
mod refs;
mod remote;
mod push;
mod leave;
mod ledger;
mod sign;
mod tag;
mod paths;
mod pointer;
mod stat;
mod marks;
mod tree;
mod touch;
mod repository;

pub use remote::{GitRemote, credentials};
pub use repository::LocalRepository;
pub use settings::{Credentials, Settings, Unshallow};
