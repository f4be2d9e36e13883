//! The command line: one file a command, each an arguments struct and a short function.

pub mod args;
mod file;
mod environment;
mod exit;
mod out;
mod world;
mod stop;
mod watch;
mod merge;
mod deliver;
mod landing;
mod patience;
mod post;
mod check;
mod flight;
mod plan;
mod release;
mod status;
mod abort;
mod rehearse;
mod explain;
mod schema;
mod advice;
mod init;
mod workflow;
mod run;

pub use args::Args;
pub use environment::Environment;
pub use exit::Exit;
pub use out::Redacted;
pub use run::run;
