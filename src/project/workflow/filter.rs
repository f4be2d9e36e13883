//! A pair of filters of one event: `branches` and `branches-ignore`, `paths` and `paths-ignore`.

use super::glob::Glob;
use crate::project::manifest::{Node, Value};

/// The names that one pair of keys includes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Filter {
    /// Neither key exists.
    Absent,
    /// The last matching pattern decides; if none matches, the name is excluded.
    Only(Vec<Entry>),
    /// Everything except these.
    Except(Vec<Glob>),
    /// It cannot be parsed, or GitHub rejects it.
    Unclear,
}

/// A pattern, which may exclude names that an earlier pattern included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    glob: Glob,
    admits: bool,
}

impl Filter {
    /// Reads `key` and `key-ignore` of an event. GitHub rejects both keys together, and a list with
    /// only exclusions.
    pub(super) fn read(event: &Node, key: &str) -> Self {
        let ignore = format!("{key}-ignore");
        match (event.get(key).map(texts), event.get(&ignore).map(texts)) {
            (None, None) => Self::Absent,
            (Some(Some(only)), None) => {
                let entries: Option<Vec<Entry>> = only.into_iter().map(entry).collect();
                let some = |entries: &Vec<Entry>| entries.iter().any(|entry| entry.admits);
                entries.filter(some).map_or(Self::Unclear, Self::Only)
            }
            (None, Some(Some(except))) => {
                let globs: Option<Vec<Glob>> = except.into_iter().map(Glob::read).collect();
                globs.filter(|globs| !globs.is_empty()).map_or(Self::Unclear, Self::Except)
            }
            (_, _) => Self::Unclear,
        }
    }

    /// Whether a name passes the filter; `None` if that is unclear.
    pub(super) fn admits(&self, name: &str) -> Option<bool> {
        match self {
            Self::Absent => Some(true),
            Self::Only(entries) => {
                let last = entries.iter().rfind(|entry| entry.glob.matches(name));
                Some(last.is_some_and(|entry| entry.admits))
            }
            Self::Except(globs) => Some(!globs.iter().any(|glob| glob.matches(name))),
            Self::Unclear => None,
        }
    }
}

fn entry(text: &str) -> Option<Entry> {
    let (glob, admits) = match text.strip_prefix('!') {
        Some(rest) => (rest, false),
        None => (text, true),
    };
    Some(Entry { glob: Glob::read(glob)?, admits })
}

/// One text or a list of texts.
pub(super) fn texts(node: &Node) -> Option<Vec<&str>> {
    match &node.value {
        Value::List(items) => items.iter().map(Node::text).collect(),
        Value::Text(text) => Some(vec![text]),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Map(_) => None,
    }
}
