//! The list of all kinds of samples, in the order of the reference page. A new kind needs one file
//! and one line here, and a file in `drive::observe::samples`.

use super::kind::{Kind, Placeholders};
use super::{check, deployment, http, run};
use crate::project::manifest::{SampleShape, Verify};
use crate::release::sample::SampleSource;

/// Every kind.
pub static SAMPLES: &[Kind] = &[http::KIND, run::KIND, check::KIND, deployment::KIND];

/// The keys of all kinds, for reading a manifest.
#[must_use]
pub fn shapes() -> Vec<SampleShape> {
    SAMPLES.iter().map(|kind| kind.shape).collect()
}

/// The sealed form of the samples in a manifest.
pub(in crate::planner) fn sources(verify: &Verify, fill: &Placeholders<'_>) -> Vec<SampleSource> {
    let source = |entry: &crate::project::manifest::SampleEntry| {
        let kind = SAMPLES.iter().find(|kind| kind.shape == entry.kind)?;
        (kind.source)(&entry.settings, fill)
    };
    verify.samples.iter().filter_map(source).collect()
}
