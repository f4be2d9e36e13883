//! Takes verification samples, one file for each kind.

mod round;
mod http;
mod run;
mod check;
mod deployment;

pub(in crate::drive) use round::take_round;
