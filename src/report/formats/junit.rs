//! JUnit XML, for test reports: JUnit's XML.

use super::super::junit::junit;
use super::super::model::{Kind, Report};
use super::format::{Media, Render, Unwritten};

/// JUnit XML, for test reports: JUnit's XML.
pub(super) struct Junit;

impl Render for Junit {
    const NAME: &'static str = "junit";
    const HELP: &'static str = "JUnit XML, for test reports";
    const MEDIA: Media = Media::Xml;
    const PRINTS: &'static [Kind] = &[Kind::Verdict, Kind::Plan];
    const WRITES: &'static [Kind] = &[Kind::Verdict, Kind::Plan];

    fn render(report: &Report<'_>) -> Result<String, Unwritten> {
        Ok(junit(report)?)
    }
}
