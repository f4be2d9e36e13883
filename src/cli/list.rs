//! Arguments that are lists: of words, or of lines. As an input of a workflow, a list can have
//! blanks, line breaks and, in YAML style, a dash before each entry.

use super::format::{Format, Post, ReportFile};
use clap::ValueEnum as _;
use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Command, Error};
use std::ffi::OsStr;

/// The entries of a list of words, parted by commas, blanks or line breaks.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| c == ',' || c.is_whitespace());
    parts.filter(|word| !word.is_empty() && *word != "-")
}

/// The entries of a list of lines, which may hold blanks and commas themselves.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.split(['\n', '\r']).map(str::trim);
    let lines = lines.map(|line| line.strip_prefix("- ").map_or(line, str::trim_start));
    lines.filter(|line| !line.is_empty() && *line != "-")
}

/// Reads a list of gates.
pub(super) fn gates(text: &str) -> Result<Vec<String>, String> {
    Ok(words(text).map(str::to_owned).collect())
}

/// Reads a list of what to post.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posts;

impl TypedValueParser for Posts {
    type Value = Vec<Post>;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, Error> {
        let one = EnumValueParser::<Post>::new();
        let text = value.to_string_lossy();
        words(&text).map(|word| one.parse_ref(command, argument, OsStr::new(word))).collect()
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Post::value_variants().iter().filter_map(Post::to_possible_value)))
    }
}

/// Reads a list of `FORMAT=FILE`, in some formats.
pub(super) fn reports(formats: &[Format], text: &str) -> Result<Vec<ReportFile>, String> {
    lines(text).map(|line| one_of(formats, line)).collect()
}

fn one_of(formats: &[Format], text: &str) -> Result<ReportFile, String> {
    let named = |format: &Format| format.to_possible_value().map(|v| v.get_name().to_owned());
    let known: Vec<String> = formats.iter().filter_map(named).collect();
    let (word, path) = text.split_once('=').ok_or("expected `FORMAT=FILE`")?;
    let format = formats.iter().find(|format| named(format).as_deref() == Some(word));
    match format {
        Some(_) if path.is_empty() => Err("the file name is missing".into()),
        Some(format) => Ok(ReportFile { format: *format, path: path.into() }),
        None => Err(format!("`{word}` is not one of {}", known.join(", "))),
    }
}

/// Reads a list of `FORMAT=FILE` for a judgement.
pub(super) fn judgements(text: &str) -> Result<Vec<ReportFile>, String> {
    reports(&[Format::Text, Format::Json, Format::Markdown, Format::Sarif, Format::Junit], text)
}
