//! The result of a sample.

use crate::release::sample::SampleResult;

/// A result, and what was observed.
pub(super) type Judged = (SampleResult, String);
