//! YAML with a top-level `version`: Dart's `pubspec.yaml`, Helm's `Chart.yaml`, Crystal's
//! `shard.yml` … A Helm chart's `appVersion` is often another program's version.

use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};
use crate::base::source::Source;
use crate::project::manifest::{Node, yaml};

pub(super) struct Yaml;

impl VersionFile for Yaml {
    const PLACES: &'static [&'static str] = &[
        "pubspec.yaml",
        "Chart.yaml",
        "charts/*/Chart.yaml",
        "{chart,helm,deploy,charts}/Chart.yaml",
        "*/Chart.yaml",
        "packages/*/pubspec.yaml",
        "shard.yml",
        "galaxy.yml",
        "package.yaml",
        "plugin.yml",
        "plugin.yaml",
        "antora.yml",
        "{snap/,}snapcraft.yaml",
        "idf_component.yml",
        "*.info.yml",
        "CITATION.cff",
    ];
    const TOPS: &'static [&'static str] = &["pubspec.yaml", "Chart.yaml", "galaxy.yml"];
    const TRUSTED: &'static [&'static str] = &["pubspec.yaml", "Chart.yaml", "shard.yml"];
    const ALSO: &'static [&'static str] = &[r#"^appVersion: *"?v?([\w.+-]+)"#];

    fn is(path: &str) -> bool {
        [".yaml", ".yml", ".cff"].iter().any(|ending| path.ends_with(ending))
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        let source = Source { name: file.path.into(), text: file.text.into() };
        let root = yaml::parse(&source).map_err(|finding| {
            let span = finding.place.map(|place| place.span);
            file.unparsable(finding.message, span)
        })?;
        let package = root.get("name").and_then(Node::text);
        let Some(node) = root.get("version") else {
            return Err(file.missing("top-level `version`"));
        };
        let Some(text) = node.text() else { return Err(file.missing("top-level `version`")) };
        // In Dart, the build number after a `+` is part of the version.
        file.site(text, node.span, package)
    }
}
