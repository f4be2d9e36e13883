//! `rights-suffice`: the credentials can do what the release takes, before anything is begun.

mod needs;
mod words;
mod tally;
mod tag;
mod rule;

pub(super) use rule::RightsSuffice;
