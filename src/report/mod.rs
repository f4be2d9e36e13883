//! Reports: decisions as text, for people and for programs. Pure; `cli` prints them.

pub mod escape;
pub mod wrap;
pub mod finding;
pub mod stats;
pub mod ending;
pub mod pages;
pub mod check;
pub mod since;
pub mod accounting;
pub mod model;
pub mod plan;
pub mod environments;
pub mod status;
pub mod text;
pub mod replay;
pub mod watch;
pub mod json;
pub mod next;
pub mod audit;
mod job_limits;
pub mod workflows;
pub mod markdown;
pub mod annotations;
pub mod posts;
pub mod issue;
pub mod sarif;
pub mod junit;
pub mod formats;

pub use crate::base::clean::{clean, clip};
pub use ending::Ending;
pub use finding::{Paint, Sources, Spot, Tree};
pub use model::{Kind, NothingToDo, Report, Trouble};
pub use pages::{Links, Pages};
