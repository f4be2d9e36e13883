//! What a sample comes to.

use crate::release::sample::SampleResult;

/// A result, and what was seen.
pub(super) type Judged = (SampleResult, String);
