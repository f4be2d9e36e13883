//! Converts between versions and tags.

use crate::base::names::{NameError, TagName};
use crate::base::version::Version;

/// A tag format: `{version}`, or `{major}`, `{minor}` and optionally `{patch}`, with any text
/// around them, and optionally `{name}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagTemplate {
    text: String,
    parts: Vec<Part>,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Literal text.
    Text(String),
    /// The whole version.
    Version,
    /// One of the version's numbers.
    Number(usize),
    /// The name of the project or package.
    Name,
}

const PLACEHOLDERS: [(&str, Part); 5] = [
    ("{version}", Part::Version),
    ("{major}", Part::Number(0)),
    ("{minor}", Part::Number(1)),
    ("{patch}", Part::Number(2)),
    ("{name}", Part::Name),
];

/// Why a text is not a tag template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The placeholders do not define a version.
    #[error(
        "the tag must contain either `{{version}}` exactly once, or `{{major}}`, `{{minor}}` and \
         optionally `{{patch}}`, in this order and separated by text"
    )]
    Version,
    /// A version would result in a name that git rejects.
    #[error(transparent)]
    Name(#[from] NameError),
}

/// Why a version has no tag in this format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// The format contains `{name}`, and there is no name.
    #[error(
        "the tag contains `{{name}}`, but neither the manifest nor a version file contains a name"
    )]
    NoName,
    /// The version has more numbers than the format.
    #[error("{version} has more numbers than the tag `{template}` has placeholders")]
    Numbers {
        /// The version.
        version: String,
        /// The format.
        template: String,
    },
    /// Git would reject it.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl TagTemplate {
    /// Parses `v{version}`.
    ///
    /// # Errors When the placeholders do not define a version, or git would reject the tag's name.
    pub fn new(text: &str) -> Result<Self, TemplateError> {
        let template = Self { text: text.into(), parts: split(text) };
        let places: Vec<&Part> = template
            .parts
            .iter()
            .filter(|part| !matches!(part, Part::Text(_) | Part::Name))
            .collect();
        let numbers = [Part::Number(0), Part::Number(1), Part::Number(2)];
        let whole = places == [&Part::Version];
        let apart = template.parts.windows(2).all(|two| {
            !matches!(two, [Part::Number(_) | Part::Version | Part::Name, Part::Number(_)])
        });
        let numbered =
            matches!(places.len(), 2 | 3) && numbers.iter().zip(&places).all(|(a, b)| a == *b);
        let names = template.parts.iter().filter(|part| **part == Part::Name).count();
        if !(whole || (numbered && apart)) || names > 1 {
            return Err(TemplateError::Version);
        }
        match template.with_name("name").tag(&Version::new(1, 0, 0)) {
            Ok(_) | Err(TagError::Numbers { .. } | TagError::NoName) => Ok(template),
            Err(TagError::Name(error)) => Err(error.into()),
        }
    }

    /// The same format with `{name}` replaced.
    #[must_use]
    pub fn with_name(&self, name: &str) -> Self {
        let put = |part: &Part| match part {
            Part::Name => Part::Text(name.into()),
            Part::Text(_) | Part::Version | Part::Number(_) => part.clone(),
        };
        Self { text: self.text.clone(), parts: self.parts.iter().map(put).collect() }
    }

    /// The number of placeholders for numbers; 3 for `{version}`.
    pub(super) fn places(&self) -> usize {
        match self.parts.iter().filter(|part| matches!(part, Part::Number(_))).count() {
            0 => 3,
            places => places,
        }
    }

    /// The text before the version.
    #[must_use]
    pub fn prefix(&self) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => Some(text.clone()),
            Part::Version | Part::Number(_) | Part::Name => None,
        };
        self.parts.iter().map_while(text).collect()
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The tag of a version.
    ///
    /// # Errors When the format cannot represent the version, or git would reject the name.
    pub fn tag(&self, version: &Version) -> Result<TagName, TagError> {
        let places = self.parts.iter().filter(|part| matches!(part, Part::Number(_))).count();
        let numbers = version.numbers();
        if places > 0 && numbers.iter().skip(places).any(|number| *number != 0) {
            let (version, template) = (version.to_string(), self.text.clone());
            return Err(TagError::Numbers { version, template });
        }
        // If the version has two numbers, the third placeholder and the text before it are omitted.
        let short = places > numbers.len();
        let last = if short { places - 2 } else { places.saturating_sub(1) };
        let mut tag = String::new();
        for (at, part) in self.parts.iter().enumerate() {
            match part {
                Part::Text(_) if short && self.parts.get(at + 1) == Some(&Part::Number(2)) => {}
                Part::Text(text) => tag.push_str(text),
                Part::Version => tag.push_str(version.as_str()),
                Part::Number(2) if short => {}
                Part::Number(place) => {
                    tag.push_str(&version.number(*place).to_string());
                    if *place == last {
                        tag.push_str(version.suffix());
                    }
                }
                Part::Name => return Err(TagError::NoName),
            }
        }
        Ok(TagName::new(tag)?)
    }

    /// A filter for the tags in this format, for a workflow's `on.push.tags`; the widest filter if
    /// the template contains characters that have a special meaning in such a filter
    /// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet>).
    #[must_use]
    pub fn filter(&self) -> String {
        let special = |text: &str| text.contains(['*', '?', '[', ']', '+', '!', '\\', '{', '}']);
        let prefix = self.prefix();
        let is_place = |part: &Part| matches!(part, Part::Version | Part::Number(_));
        let last = self.parts.iter().rposition(is_place).map_or(0, |last| last + 1);
        let suffix: Option<String> = self.parts.iter().skip(last).map(Part::text).collect();
        let named = self.parts.contains(&Part::Name);
        match suffix.filter(|suffix| !named && !special(&prefix) && !special(suffix)) {
            Some(suffix) => format!("{prefix}[0-9]*{suffix}"),
            None => "**".to_owned(),
        }
    }

    /// The version in a tag in this format; `None` for any other tag.
    #[must_use]
    pub fn version(&self, tag: &str) -> Option<Version> {
        let version = match self.parts.contains(&Part::Version) {
            true => Version::read(self.between(tag)?).ok()?,
            false => self.numbered(tag)?,
        };
        (self.tag(&version).ok()?.as_str() == tag).then_some(version)
    }

    /// The text in place of `{version}`.
    fn between<'t>(&self, tag: &'t str) -> Option<&'t str> {
        let prefix = self.prefix();
        let behind = self.parts.iter().skip_while(|part| **part != Part::Version).skip(1);
        let suffix: String = behind.map(Part::text).collect::<Option<_>>()?;
        tag.strip_prefix(&prefix)?.strip_suffix(&suffix)
    }

    /// The version, read from the numbers at the placeholders.
    fn numbered(&self, tag: &str) -> Option<Version> {
        let (mut rest, mut numbers) = (tag, Vec::new());
        let mut parts = self.parts.iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Part::Text(text)
                    if numbers.len() == 2 && parts.peek() == Some(&&Part::Number(2)) =>
                {
                    match rest.strip_prefix(text.as_str()) {
                        Some(behind) if behind.starts_with(|c: char| c.is_ascii_digit()) => {
                            rest = behind;
                        }
                        Some(_) | None => {
                            parts.next();
                        }
                    }
                }
                Part::Text(_)
                    if !parts.clone().any(|part| matches!(part, Part::Number(_)))
                        && !numbers.is_empty() =>
                {
                    break;
                }
                Part::Text(text) => rest = rest.strip_prefix(text.as_str())?,
                Part::Number(_) => {
                    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                    let (digits, behind) = rest.split_at_checked(end)?;
                    numbers.push(digits);
                    rest = behind;
                }
                Part::Version | Part::Name => return None,
            }
        }
        let last = self.parts.iter().rposition(|part| matches!(part, Part::Number(_)))?;
        let behind = self.parts.iter().skip(last + 1).map(Part::text);
        let suffix = rest.strip_suffix(&behind.collect::<Option<String>>()?)?;
        Version::read(&format!("{}{suffix}", numbers.join("."))).ok()
    }
}

impl Part {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Version | Self::Number(_) | Self::Name => None,
        }
    }
}

/// The parts of a template.
pub(super) fn split(text: &str) -> Vec<Part> {
    let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text);
    while let Some(letter) = rest.chars().next() {
        let found =
            PLACEHOLDERS.iter().find_map(|(name, part)| Some((rest.strip_prefix(name)?, part)));
        match found {
            Some((behind, part)) => {
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(part.clone());
                rest = behind;
            }
            None => {
                plain.push(letter);
                rest = rest.get(letter.len_utf8()..).unwrap_or_default();
            }
        }
    }
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(template: &str, version: &str, tag: &str) {
        let template = TagTemplate::new(template).unwrap();
        let version = Version::read(version).unwrap();
        assert_eq!(template.tag(&version).unwrap().as_str(), tag);
        assert_eq!(template.version(tag), Some(version));
    }

    #[test]
    fn a_tag_template_formats_a_version_and_parses_it_back() {
        there_and_back("v{version}", "1.2.3-rc.1", "v1.2.3-rc.1");
        there_and_back("{version}", "26.1", "26.1");
        there_and_back("v{version}", "1.52", "v1.52");
        there_and_back("widget@{version}", "1.2.3", "widget@1.2.3");
        there_and_back("@acme/widget@{version}", "1.2.3", "@acme/widget@1.2.3");
        there_and_back("widget-{major}_{minor}_{patch}", "8.20.0", "widget-8_20_0");
        there_and_back("widget-{major}_{minor}_{patch}", "7.10", "widget-7_10");
        there_and_back("widget-{major}_{minor}_{patch}", "8.21.0-rc1", "widget-8_21_0-rc1");
        there_and_back("REL_{major}_{minor}", "17.2", "REL_17_2");
        there_and_back("REL{major}_{minor}_{patch}-x", "1.2.3", "REL1_2_3-x");
        there_and_back("r{major}-{minor}-{patch}", "1.2.3", "r1-2-3");
    }

    #[test]
    fn a_tag_in_another_format_is_not_parsed() {
        let none = |template: &str, tag: &str| {
            assert_eq!(TagTemplate::new(template).unwrap().version(tag), None, "{tag}");
        };
        none("v{version}", "1.2.3");
        none("v{version}", "v1.2.3-");
        none("widget-{version}", "widget-util-1.2.3");
        none("w-{major}_{minor}_{patch}", "w-1.2.3");
        none("w-{major}_{minor}_{patch}", "w-1_02_3");
        none("w-{major}_{minor}_{patch}", "w-1_2_3_4");
        none("w-{major}_{minor}_{patch}", "w-1");
        none("{name}-{version}", "widget-1.2.3");
    }

    #[test]
    fn a_template_that_cannot_represent_every_version_is_rejected() {
        for text in [
            "v",
            "{version}{version}",
            "{major}",
            "{minor}.{major}",
            "{major}{minor}",
            "{patch}",
            "{version}-{major}",
            "{major}_{minor}_{minor}",
            "{name}{name}{version}",
            "a b{version}",
        ] {
            assert!(TagTemplate::new(text).is_err(), "{text}");
        }
        let two = TagTemplate::new("v{major}.{minor}").unwrap();
        assert!(two.tag(&Version::new(1, 2, 3)).is_err());
        assert_eq!(two.tag(&Version::new(1, 2, 0)).unwrap().as_str(), "v1.2");
        let named = TagTemplate::new("{name}-v{version}").unwrap();
        assert_eq!(named.tag(&Version::new(1, 0, 0)), Err(TagError::NoName));
        let tag = named.with_name("widget").tag(&Version::new(1, 0, 0)).unwrap();
        assert_eq!(tag.as_str(), "widget-v1.0.0");
    }
}
