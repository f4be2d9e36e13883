//! Takes verification samples, one file for each kind.

mod judged;
mod http;
mod run;
mod check;
mod deployment;
mod round;

pub(in crate::drive) use round::take_round;
