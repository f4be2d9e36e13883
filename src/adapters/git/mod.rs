//! Git: history is read through libgit2, the network goes through the user's own `git` program, so
//! that credential helpers, SSH configuration and proxies work as they do by hand.

mod assets;
mod fault;
mod graph;
mod identity;
mod ledger;
mod open;
mod program;
mod push;
mod remote;
mod repository;
mod settings;
mod sign;
mod tag;
mod versions;

pub use remote::GitRemote;
pub use repository::LocalRepository;
pub use settings::{Credentials, Settings, Unshallow};
