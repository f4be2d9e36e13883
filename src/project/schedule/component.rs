//! The components of an iCalendar file (RFC 5545, section 3.6).

use super::fault::{CalendarError, Fault};
use super::lines::Property;

/// The maximum nesting depth of components.
const DEEPEST: usize = 8;

/// A component with its own properties, without those of the components in it.
pub(super) struct Component<'p> {
    pub(super) kind: String,
    pub(super) line: usize,
    /// The component that it is in, by its number.
    pub(super) parent: Option<usize>,
    properties: Vec<&'p Property>,
}

impl<'p> Component<'p> {
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &'p Property> {
        self.properties.iter().copied().filter(move |property| property.name == name)
    }

    pub(super) fn property(&self, name: &str) -> Option<&'p Property> {
        self.all(name).next()
    }

    pub(super) fn value(&self, name: &str) -> Option<&'p str> {
        self.property(name).map(|property| property.value.as_str())
    }
}

/// The components of a file, as a flat list. Every `END` must match, so that a truncated file is
/// not accepted.
pub(super) fn components(properties: &[Property]) -> Result<Vec<Component<'_>>, CalendarError> {
    let mut found: Vec<Component<'_>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for property in properties {
        let kind = property.value.trim().to_ascii_uppercase();
        let wrong = || property.wrong(Fault::Nesting);
        match (property.name.as_str(), open.last()) {
            ("BEGIN", within) => {
                let is_calendar = kind == "VCALENDAR";
                if is_calendar != within.is_none() || open.len() >= DEEPEST {
                    return Err(wrong());
                }
                let parent = within.copied();
                open.push(found.len());
                found.push(Component { kind, line: property.line, parent, properties: Vec::new() });
            }
            ("END", Some(within)) => {
                if found.get(*within).is_none_or(|component| component.kind != kind) {
                    return Err(wrong());
                }
                open.pop();
            }
            (_, Some(within)) => {
                if let Some(component) = found.get_mut(*within) {
                    component.properties.push(property);
                }
            }
            (_, None) => return Err(wrong()),
        }
    }
    let last = properties.last().map_or(1, |property| property.line);
    match open.is_empty() && !found.is_empty() {
        true => Ok(found),
        false => Err(CalendarError { line: last, fault: Fault::Nesting }),
    }
}
