//! JSON with a top-level `version`, and values in JSON with their locations.

use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};
use super::tree::name;
use crate::base::source::Span;
use jsonc_parser::ast::{Object, Value as Json};

pub(super) struct AnyJson;

impl VersionFile for AnyJson {
    const PLACES: &'static [&'static str] = &[
        "lerna.json",
        "deno.json",
        "jsr.json",
        "manifest.json",
        "{src,public,extension,app}/manifest.json",
        "custom_components/*/manifest.json",
        "metadata.json",
        "META.json",
        "META6.json",
        "dub.json",
        "haxelib.json",
        "moon.mod.json",
        "info.json",
        "plugin.json",
        "composer.json",
        "bower.json",
        "version.json",
        "vcpkg.json",
        "library.json",
        ".release-please-manifest.json",
    ];
    const TOPS: &'static [&'static str] = &["composer.json", "deno.json", "jsr.json"];
    const TRUSTED: &'static [&'static str] = &[];

    fn is(path: &str) -> bool {
        [".json", ".jsonc", ".json5"].iter().any(|ending| path.ends_with(ending))
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        with_object(file, |object| {
            let top =
                if name(file.path) == ".release-please-manifest.json" { "." } else { "version" };
            let Some(root) = object else { return Err(file.missing("top-level `version`")) };
            let package = string(root, "name").map(|(text, _)| text);
            match string(root, top).or_else(|| string(root, "version-string")) {
                Some((text, span)) => file.site(text, span, package),
                None => Err(file.missing("top-level `version`")),
            }
        })
    }
}

/// Parses a file; returns its root if it is an object.
pub(super) fn with_object<T>(
    file: &File<'_>,
    use_it: impl FnOnce(Option<&Object<'_>>) -> Result<T, SiteError>,
) -> Result<T, SiteError> {
    let parsed = jsonc_parser::parse_to_ast(
        file.text,
        &jsonc_parser::CollectOptions::default(),
        &jsonc_parser::ParseOptions::default(),
    );
    let root = parsed.map_err(|error| {
        let range = error.range();
        let span = Span { start: range.start, end: range.end };
        file.unparsable(error.kind().to_string(), Some(span))
    })?;
    match &root.value {
        Some(Json::Object(object)) => use_it(Some(object)),
        Some(_) | None => use_it(None),
    }
}

/// The value of a key. If the key occurs twice, the last one counts, as in every JSON parser.
pub(super) fn value<'o, 't>(object: &'o Object<'t>, key: &str) -> Option<&'o Json<'t>> {
    let of_key = |it: &&jsonc_parser::ast::ObjectProp<'t>| it.name.as_str() == key;
    object.properties.iter().rev().find(of_key).map(|property| &property.value)
}

/// The string under a key, with its location.
pub(super) fn string<'o>(object: &'o Object<'_>, key: &str) -> Option<(&'o str, Span)> {
    match value(object, key)? {
        Json::StringLit(literal) => {
            let span = Span { start: literal.range.start, end: literal.range.end };
            Some((literal.value.as_ref(), span))
        }
        Json::NumberLit(_) | Json::BooleanLit(_) | Json::NullKeyword(_) => None,
        Json::Object(_) | Json::Array(_) => None,
    }
}

/// The object under a key.
pub(super) fn object<'o, 't>(object: &'o Object<'t>, key: &str) -> Option<&'o Object<'t>> {
    match value(object, key)? {
        Json::Object(inner) => Some(inner),
        Json::StringLit(_) | Json::NumberLit(_) | Json::BooleanLit(_) => None,
        Json::NullKeyword(_) | Json::Array(_) => None,
    }
}
