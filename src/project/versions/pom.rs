//! Maven's `pom.xml`: its own version, its parent's, or a property (`${revision}`).

use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};
use super::tree::{join, name};
use super::xml::{child, parse, text_of};
use crate::base::source::Span;
use roxmltree::Node;

pub(super) struct Pom;

impl VersionFile for Pom {
    const PLACES: &'static [&'static str] = &["pom.xml", "*/pom.xml"];
    const TOPS: &'static [&'static str] = &["pom.xml"];

    fn is(path: &str) -> bool {
        name(path) == "pom.xml" || path.ends_with(".pom")
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        let document = parse(file, file.text)?;
        let project = document.root_element();
        if project.tag_name().name() != "project" {
            return Err(file.missing("`project`"));
        }
        let package = text_of(project, "artifactId").map(|(text, _)| text);
        let parent = child(project, "parent");
        let own = text_of(project, "version");
        let inherited = || parent.and_then(|parent| text_of(parent, "version"));
        let Some((text, span)) = own.or_else(inherited) else {
            return Err(file.missing("`project.version`"));
        };
        if own.is_none() && !is_here(file, parent)? {
            return Err(file.elsewhere("it comes from a parent in another repository", Some(span)));
        }
        let (text, at) = resolved(file, project, text, span)?;
        match at {
            Place::Here(span) => file.site(&text, span, package),
            Place::There(site) => Ok(Site { package: package.map(str::to_owned), ..*site }),
        }
    }
}

enum Place {
    Here(Span),
    There(Box<Site>),
}

fn path_of_parent(file: &File<'_>, parent: Node<'_, '_>) -> Option<String> {
    let written = match child(parent, "relativePath") {
        None => "../pom.xml",
        Some(path) => path.text().map(str::trim).filter(|path| !path.is_empty())?,
    };
    let written =
        if written.ends_with(".xml") { written.into() } else { format!("{written}/pom.xml") };
    join(file.folder(), &written)
}

/// Whether the parent is in the repository.
fn is_here(file: &File<'_>, parent: Option<Node<'_, '_>>) -> Result<bool, SiteError> {
    match parent.and_then(|parent| path_of_parent(file, parent)) {
        Some(path) => Ok(file.other(&path)?.is_some()),
        None => Ok(false),
    }
}

/// A text with its properties replaced; if it is only a property, its location is that of the
/// property.
fn resolved(
    file: &File<'_>,
    project: Node<'_, '_>,
    text: &str,
    span: Span,
) -> Result<(String, Place), SiteError> {
    let mut whole = String::new();
    let mut place = Place::Here(span);
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, after) = rest.split_at(start);
        let Some((name, later)) = after.get(2..).and_then(|after| after.split_once('}')) else {
            break;
        };
        whole.push_str(before);
        let alone = text.len() == name.len() + 3;
        match property(project, name) {
            Some((value, at)) => {
                whole.push_str(value);
                if alone {
                    place = Place::Here(at);
                }
            }
            None if alone => match above(file, project, name)? {
                Some(site) => place = Place::There(Box::new(site)),
                None => return Err(unset(file, name, span)),
            },
            // Properties that are set on the command line are empty in a release (`${changelist}`).
            None if !whole.is_empty() => {}
            None => return Err(unset(file, name, span)),
        }
        rest = later;
    }
    whole.push_str(rest);
    Ok((whole, place))
}

fn unset(file: &File<'_>, name: &str, span: Span) -> SiteError {
    file.elsewhere(format!("the property `{name}` is not set in it"), Some(span))
}

fn property<'a>(project: Node<'a, '_>, name: &str) -> Option<(&'a str, Span)> {
    child(project, "properties").and_then(|properties| text_of(properties, name))
}

/// A property of the parent, if that is in the repository.
fn above(file: &File<'_>, project: Node<'_, '_>, name: &str) -> Result<Option<Site>, SiteError> {
    let Some(path) = child(project, "parent").and_then(|parent| path_of_parent(file, parent))
    else {
        return Ok(None);
    };
    if path == file.path {
        return Ok(None);
    }
    let Some(text) = file.other(&path)? else { return Ok(None) };
    let found = file.there(&path, &text, |root| {
        let document = parse(root, root.text)?;
        let top = document.root_element();
        match property(top, name) {
            Some((value, span)) => root.site(value, span, None),
            None => above(root, top, name)?.ok_or_else(|| root.missing("property with this name")),
        }
    });
    match found {
        Err(SiteError::Missing { .. }) => Ok(None),
        found => found.map(Some),
    }
}
