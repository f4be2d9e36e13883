//! Performs a release: read the state, take the first missing step, record the intent, perform it,
//! read the state again.
//!
//! Resuming, retrying and running twice are the same loop. A step never counts as done because it
//! was performed: only the observed state shows that.

mod end;
mod record;
mod effect;
mod environment;
mod heartbeat;
mod verification;
mod steps;
mod executor;
mod release;
mod comment;
mod abandon;
mod back;
mod say;
mod track;
mod ending;
mod train;

pub use abandon::{AbortResult, abandon};
pub use back::{BackListener, BackOptions, BackResult, BackStep, go_back};
pub use comment::{CommentResult, keep_comment};
pub use end::{End, EnterStages, Extent, Listener, ReleaseNotice, ReleaseOptions, ReleaseRun};
pub use ending::{already, trouble};
pub use release::{
    idle, known_reach, no_record, outline_of, plan_of, release, released_without_tminus,
    secret_finding,
};
pub use say::{SpeakerOnMachine, StatementError, say, say_of_repository, speaker};
pub use track::{IssueEnd, Tracked, Tracker};
pub use train::record_trains;
