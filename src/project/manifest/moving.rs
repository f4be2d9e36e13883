//! Moving tags: each points to the highest final version of a range (`v1`, `v1.2`, `latest`).

use super::template::{Part, TagError, TagTemplate, split};
use crate::base::names::{NameError, TagName};
use crate::base::version::{Scheme, Version};

/// The format of a moving tag: `{major}`, `{major}` and `{minor}`, or neither, with any text around
/// them, and optionally `{name}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovingTemplate {
    text: String,
    parts: Vec<Part>,
}

/// Why a text is not the format of a moving tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MovingError {
    /// It contains a placeholder that identifies a single version.
    #[error("a moving tag cannot contain `{0}`")]
    Exact(&'static str),
    /// The placeholders do not define a range.
    #[error(
        "a moving tag contains `{{major}}`, or `{{major}}` and `{{minor}}`, in this order, or no part \
         of a version"
    )]
    Parts,
    /// Two placeholders are not separated by text.
    #[error("the placeholders of a moving tag must be separated by text")]
    Together,
    /// It contains an unknown placeholder.
    #[error("`{0}` contains an unknown placeholder")]
    Unknown(String),
    /// Git would reject the name.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl MovingTemplate {
    /// Parses `v{major}`.
    ///
    /// # Errors When it does not define a range of versions, or git would reject the tag's name.
    pub fn new(text: &str) -> Result<Self, MovingError> {
        let template = Self { text: text.into(), parts: split(text) };
        let mut places = Vec::new();
        let mut names = 0;
        for part in &template.parts {
            match part {
                Part::Text(text) if text.contains(['{', '}']) => {
                    return Err(MovingError::Unknown(template.text));
                }
                Part::Text(_) => {}
                Part::Version => return Err(MovingError::Exact("{version}")),
                Part::Number(2) => return Err(MovingError::Exact("{patch}")),
                Part::Number(place) => places.push(*place),
                Part::Name => names += 1,
            }
        }
        if !matches!(places.as_slice(), [] | [0] | [0, 1]) || names > 1 {
            return Err(MovingError::Parts);
        }
        let together = |two: &[Part]| two.iter().all(|part| !matches!(part, Part::Text(_)));
        if template.parts.windows(2).any(together) {
            return Err(MovingError::Together);
        }
        match template.with_name("name").tag(&Version::new(1, 0, 0)) {
            Ok(_) | Err(TagError::NoName | TagError::Numbers { .. }) => Ok(template),
            Err(TagError::Name(error)) => Err(error.into()),
        }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
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

    /// The tag of the range that a version is in.
    ///
    /// # Errors When it contains `{name}` and there is no name, or git would reject the tag.
    pub fn tag(&self, version: &Version) -> Result<TagName, TagError> {
        let mut tag = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => tag.push_str(text),
                Part::Number(place) => tag.push_str(&version.number(*place).to_string()),
                Part::Version | Part::Name => return Err(TagError::NoName),
            }
        }
        Ok(TagName::new(tag)?)
    }

    /// The numbers that all versions of the range begin with.
    #[must_use]
    pub fn range(&self, version: &Version) -> Vec<u64> {
        let place = |part: &Part| match part {
            Part::Number(place) => Some(version.number(*place)),
            Part::Text(_) | Part::Version | Part::Name => None,
        };
        self.parts.iter().filter_map(place).collect()
    }

    /// Whether a tag matches the format.
    #[must_use]
    pub fn matches(&self, tag: &str) -> bool {
        let mut rest = tag;
        for part in &self.parts {
            let behind = match part {
                Part::Text(text) => rest.strip_prefix(text.as_str()),
                Part::Number(_) => {
                    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                    let (digits, behind) = rest.split_at_checked(end).unwrap_or(("", rest));
                    let is_number =
                        digits == "0" || !(digits.is_empty() || digits.starts_with('0'));
                    is_number.then_some(behind)
                }
                Part::Version | Part::Name => None,
            };
            match behind {
                Some(behind) => rest = behind,
                None => return false,
            }
        }
        rest.is_empty()
    }

    /// The tag of a release that would also be a moving tag, if there is one.
    #[must_use]
    pub fn clash(&self, release: &TagTemplate, scheme: Option<Scheme>) -> Option<TagName> {
        let tag = self.with_name("name").tag(&Version::new(1, 2, 3)).ok()?;
        let version = release.with_name("name").version(tag.as_str())?;
        let is_release = match scheme {
            // Versions of other schemes often have two numbers, but rarely one.
            Some(scheme) => version.numbers().len() > 1 && version.in_scheme(scheme).is_ok(),
            None => version.numbers().len() >= release.places(),
        };
        is_release.then_some(tag)
    }

    /// A pattern for exactly these tags, as a workflow's `on.push.tags` has it; `None` if the
    /// template contains a name, or characters that have a special meaning there.
    #[must_use]
    pub fn filter(&self) -> Option<String> {
        let part = |part: &Part| match part {
            Part::Text(text) if text.contains(['*', '?', '[', ']', '+', '!', '\\']) => None,
            Part::Text(text) => Some(text.clone()),
            Part::Number(_) => Some("[0-9]+".to_owned()),
            Part::Version | Part::Name => None,
        };
        self.parts.iter().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> MovingTemplate {
        MovingTemplate::new(text).unwrap()
    }

    #[test]
    fn a_moving_tag_template_yields_the_tag_and_range_of_a_version() {
        for (text, tag, range) in [
            ("v{major}", "v12", &[12][..]),
            ("v{major}.{minor}", "v12.3", &[12, 3]),
            ("latest", "latest", &[]),
            ("widget/{major}.x", "widget/12.x", &[12]),
        ] {
            let version = Version::new(12, 3, 4);
            assert_eq!(template(text).tag(&version).unwrap().as_str(), tag);
            assert_eq!(template(text).range(&version), range);
            assert!(template(text).matches(tag), "{tag}");
        }
        let named = template("{name}-v{major}");
        assert_eq!(named.tag(&Version::new(1, 0, 0)), Err(TagError::NoName));
        assert!(!named.matches("widget-v1"));
        assert!(named.with_name("widget").matches("widget-v1"));
    }

    #[test]
    fn a_release_tag_does_not_match_a_moving_tag_template() {
        for (text, tag) in [
            ("v{major}", "v1.2"),
            ("v{major}", "v1.2.3"),
            ("v{major}", "v01"),
            ("v{major}", "v"),
            ("v{major}", "1"),
            ("v{major}.{minor}", "v1"),
            ("v{major}.{minor}", "v1.2.3"),
            ("v{major}.{minor}", "v1.2-rc.1"),
            ("latest", "latest-2"),
        ] {
            assert!(!template(text).matches(tag), "{text} {tag}");
        }
    }

    #[test]
    fn an_invalid_moving_tag_template_is_rejected() {
        for text in [
            "v{version}",
            "v{major}.{minor}.{patch}",
            "v{minor}",
            "v{minor}.{major}",
            "v{major}.{major}",
            "v{major}{minor}",
            "{name}{major}",
            "{name}-{name}",
            "v{mayor}",
            "v {major}",
            "-{major}",
        ] {
            assert!(MovingTemplate::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_moving_tag_must_not_clash_with_a_release_tag() {
        for (moving, release, scheme, clash) in [
            ("v{major}", "v{version}", None, None),
            ("v{major}.{minor}", "v{version}", None, None),
            ("v{major}.{minor}", "v{version}", Some(Scheme::Semver), None),
            ("v{major}.{minor}", "v{version}", Some(Scheme::Dotted), Some("v1.2")),
            ("v{major}", "v{version}", Some(Scheme::Pep440), None),
            ("v{major}.{minor}", "v{major}.{minor}", None, Some("v1.2")),
            ("v{major}.0.0", "v{version}", None, Some("v1.0.0")),
            ("v{major}.{minor}.0", "v{version}", None, Some("v1.2.0")),
            ("{name}-{major}.{minor}.0", "{name}-{version}", None, Some("name-1.2.0")),
            ("latest", "v{version}", None, None),
        ] {
            let found = template(moving).clash(&TagTemplate::new(release).unwrap(), scheme);
            assert_eq!(found.as_ref().map(TagName::as_str), clash, "{moving} {release}");
        }
    }
}
