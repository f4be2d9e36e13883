//! A kind of sample: its keys and its sealed form.

use crate::base::version::Version;
use crate::judge::target::Target;
use crate::project::manifest::{ErasedSettings, SampleShape};
use crate::release::sample::SampleSource;

/// The values of the placeholders in a sample's texts.
pub(in crate::planner) struct Placeholders<'a> {
    pub(in crate::planner) target: &'a Target,
    pub(in crate::planner) commit: &'a str,
}

impl Placeholders<'_> {
    /// A text with `{version}`, `{tag}` and `{commit}` replaced.
    pub(super) fn fill(&self, text: &str) -> String {
        let version = Version::as_str(&self.target.version);
        text.replace("{version}", version)
            .replace("{tag}", self.target.tag.as_str())
            .replace("{commit}", self.commit)
    }
}

/// A kind of sample, as the registry lists it.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Its syntax in a manifest.
    pub shape: SampleShape,
    /// Its sealed form.
    pub(super) source: fn(&ErasedSettings, &Placeholders<'_>) -> Option<SampleSource>,
}
