//! Paths that can contain a version.

use crate::base::version::Version;

/// A path that can contain placeholders for a version: `docs/releases/{version}.md`,
/// `CHANGELOG-{major}.{minor}.md`. Other braces are part of the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathTemplate {
    text: String,
}

const WHOLE: &str = "{version}";
const NUMBERS: [&str; 3] = ["{major}", "{minor}", "{patch}"];

impl PathTemplate {
    /// Parses any path.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The path, if it is the same for all versions.
    #[must_use]
    pub fn fixed(&self) -> Option<&str> {
        let placed = self.text.contains(WHOLE) || NUMBERS.iter().any(|it| self.text.contains(it));
        (!placed).then_some(self.text.as_str())
    }

    /// Whether each version has a separate file.
    #[must_use]
    pub fn is_of_one_version(&self) -> bool {
        self.text.contains(WHOLE)
    }

    /// The path for a version. Without one, only a path that is the same for all versions.
    #[must_use]
    pub fn path(&self, version: Option<&Version>) -> Option<String> {
        if let Some(path) = self.fixed() {
            return Some(path.to_owned());
        }
        let version = version?;
        let mut path = self.text.replace(WHOLE, version.as_str());
        for (place, number) in NUMBERS.iter().enumerate() {
            path = path.replace(number, &version.number(place).to_string());
        }
        Some(path)
    }

    /// The version that this file belongs to.
    #[must_use]
    pub fn version(&self, path: &str) -> Option<Version> {
        let (before, behind) = self.text.split_once(WHOLE)?;
        // Numbers before it may be of any length, so every beginning is tried.
        let starts = path.char_indices().map(|(at, _)| at);
        let starts: Vec<usize> = match before.contains('{') {
            true => starts.collect(),
            false => vec![before.len()],
        };
        starts.into_iter().find_map(|start| {
            let rest = path.get(start..)?;
            let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            let end = match behind.contains('{') {
                true => ends.collect(),
                false => vec![rest.len().checked_sub(behind.len())?],
            };
            end.into_iter().find_map(|end| {
                let version = Version::read(rest.get(..end)?).ok()?;
                (self.path(Some(&version)).as_deref() == Some(path)).then_some(version)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_template_formats_a_version_and_parses_it_back() {
        for (template, version, path) in [
            ("docs/releases/{version}.md", "1.2", "docs/releases/1.2.md"),
            ("changes/v{version}.rst", "1.2.0-rc.1", "changes/v1.2.0-rc.1.rst"),
            ("doc/{major}.{minor}/{version}.md", "1.2.3", "doc/1.2/1.2.3.md"),
            ("doc/{version}/{major}.md", "10.2.3", "doc/10.2.3/10.md"),
        ] {
            let template = PathTemplate::new(template);
            let version = Version::read(version).unwrap();
            assert_eq!(template.path(Some(&version)).as_deref(), Some(path));
            assert_eq!(template.version(path), Some(version), "{path}");
            assert_eq!(template.path(None), None);
            assert_eq!(template.version("docs/releases/README.md"), None);
        }
        let line = PathTemplate::new("CHANGELOG-{major}.{minor}.md");
        let version = Version::new(1, 2, 3);
        assert_eq!(line.path(Some(&version)).as_deref(), Some("CHANGELOG-1.2.md"));
        assert!(!line.is_of_one_version());
        let plain = PathTemplate::new("a{b}.md");
        assert_eq!(
            (plain.path(None).as_deref(), plain.fixed()),
            (Some("a{b}.md"), Some("a{b}.md"))
        );
    }
}
