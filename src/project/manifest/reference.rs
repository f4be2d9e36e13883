//! Generates the reference page of the manifest, in Markdown, from the shapes.

use super::keys::with_root;
use super::kinds::Kinds;
use super::shape::{Field, Shape};
use std::fmt::Write as _;

/// The page for a manifest with these gates and steps.
#[must_use]
pub fn reference(kinds: &Kinds) -> String {
    let mut page = String::from(
        "# The manifest\n\n\
         The manifest is `tminus.yaml` in the root of the repository, or `.github/tminus.yaml`. Unless \
         a key is marked as required, it is optional; an unknown key is an error. \
         This page is generated. To print this reference as a JSON Schema, run `tminus schema`.\n",
    );
    with_root(kinds, |root| section(&mut page, "", "", root));
    page
}

/// One mapping: a table of its keys, then each key that is a mapping itself.
fn section(page: &mut String, path: &str, doc: &str, shape: &Shape<'_>) {
    let Some(fields) = fields(shape) else { return };
    if !path.is_empty() {
        let _ = write!(page, "\n## `{path}`\n\n{}\n", sentence(doc));
    }
    page.push_str("\n| key | value | default | description |\n|---|---|---|---|\n");
    for field in fields {
        row(page, field, is_choice(shape));
    }
    for field in fields {
        let path = if path.is_empty() { field.key.into() } else { format!("{path}.{}", field.key) };
        section(page, &path, field.doc, &field.shape);
    }
}

/// Starts with a capital letter: a gate's question is also part of other sentences.
fn sentence(doc: &str) -> String {
    let mut letters = doc.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Whether each item has only one of the keys, so that none is required.
fn is_choice(shape: &Shape<'_>) -> bool {
    let of = if let Shape::List { of, .. } = shape { of } else { shape };
    matches!(of, Shape::Choice { .. })
}

fn row(page: &mut String, field: &Field<'_>, is_choice: bool) {
    let default = match (field.default, field.required) {
        (Some(default), _) => format!("`{default}`"),
        (None, true) if !is_choice => "required".into(),
        (None, _) => String::new(),
    };
    let value = field.shape.describe();
    let words = words(&field.shape);
    let cells =
        [format!("`{}`", field.key), value, default, format!("{}{words}", sentence(field.doc))];
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    let _ = writeln!(page, "| {} |", cells.join(" | "));
}

/// The meaning of each word, if the value is a word.
fn words(shape: &Shape<'_>) -> String {
    let Shape::OneOf(words) = shape else { return String::new() };
    words.iter().map(|(word, doc)| format!("<br>`{word}`: {doc}")).collect()
}

/// The keys of a value of this shape, if it is a mapping.
fn fields<'s>(shape: &'s Shape<'_>) -> Option<&'s [Field<'s>]> {
    match shape {
        Shape::Object(fields) | Shape::Named { fields, .. } | Shape::Choice { fields, .. } => {
            Some(fields)
        }
        Shape::List { of, .. } | Shape::Dictionary(of) => fields(of),
        Shape::AnyOf(shapes) => shapes.iter().find_map(fields),
        Shape::Text | Shape::Name | Shape::Flag | Shape::Integer { .. } | Shape::OneOf(_) => None,
        Shape::Glob | Shape::Files | Shape::Path | Shape::Duration | Shape::Tag => None,
        Shape::Argv | Shape::LinePattern => None,
    }
}
