//! `rights-suffice`: the credentials have the permissions that the release needs, before it starts.

mod needs;
mod words;
mod tally;
mod tag;
mod rule;

pub(super) use rule::RightsSuffice;
