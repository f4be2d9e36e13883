//! Who reads standard output, by the format requested.

pub(super) use crate::report::formats::Reader as Listener;
