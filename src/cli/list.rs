//! Arguments that are lists: of words, or of lines. As an input of a workflow, a list can have
//! blanks, line breaks and, in YAML style, a dash before each entry.

use super::format::{Post, ReportFile};
use crate::report::Kind;
use crate::report::formats::{FORMATS, Format};
use clap::ValueEnum;
use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Command, Error};
use std::ffi::OsStr;
use std::path::PathBuf;

/// The entries of a list of words, separated by commas, blanks or line breaks.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| c == ',' || c.is_whitespace());
    parts.filter(|word| !word.is_empty() && *word != "-")
}

/// The entries of a list of lines, which can contain blanks and commas.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.split(['\n', '\r']).map(str::trim);
    let lines = lines.map(|line| line.strip_prefix("- ").map_or(line, str::trim_start));
    lines.filter(|line| !line.is_empty() && *line != "-")
}

/// Parses a list of gates.
pub(super) fn gates(text: &str) -> Result<Vec<String>, String> {
    Ok(words(text).map(str::to_owned).collect())
}

/// Parses a list of what to post.
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

/// Parses a list of `FORMAT=FILE`, with the formats of the caller.
pub(super) fn files<T: ValueEnum>(text: &str) -> Result<Vec<(T, PathBuf)>, String> {
    let one = |line: &str| {
        let (word, path) = line.split_once('=').ok_or("expected `FORMAT=FILE`")?;
        let format = T::from_str(word, false).map_err(|_| {
            let known = T::value_variants().iter().filter_map(T::to_possible_value);
            let known: Vec<String> = known.map(|it| it.get_name().to_owned()).collect();
            format!("`{word}` is not one of {}", known.join(", "))
        })?;
        match path {
            "" => Err("the file name is missing".into()),
            path => Ok((format, PathBuf::from(path))),
        }
    };
    lines(text).map(one).collect()
}

/// Parses a list of `FORMAT=FILE`, with the formats for a report of this kind.
pub(super) fn reports(
    kind: Kind,
) -> impl Fn(&str) -> Result<Vec<ReportFile>, String> + Clone + Send + Sync {
    move |text| lines(text).map(|line| one_of(kind, line)).collect()
}

fn one_of(kind: Kind, text: &str) -> Result<ReportFile, String> {
    let offered: Vec<Format> =
        FORMATS.iter().copied().filter(|format| format.writes(kind)).collect();
    let (word, path) = text.split_once('=').ok_or("expected `FORMAT=FILE`")?;
    let format = offered.iter().find(|format| format.name == word);
    match (format, path) {
        (None, _) => {
            let known: Vec<&str> = offered.iter().map(|format| format.name).collect();
            Err(format!("`{word}` is not one of {}", known.join(", ")))
        }
        (Some(_), "") => Err("the file name is missing".into()),
        // The command prints its result there, and a stream can contain only one document.
        (Some(format), "-") if format.prints(kind) => Err(format!(
            "`-` is not a file; to print {word} on standard output, use `--format {word}`"
        )),
        (Some(_), "-") => {
            Err("`-` is not a file; to write a file with that name, use `./-`".into())
        }
        (Some(format), path) => Ok(ReportFile { format: *format, path: path.into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_option_needs_a_supported_format_and_a_file() {
        let why = |kind, text: &str| reports(kind)(text).unwrap_err();
        assert_eq!(why(Kind::Run, "sarif=a"), "`sarif` is not one of json, markdown");
        assert_eq!(why(Kind::Plan, "json="), "the file name is missing");
        assert_eq!(why(Kind::Plan, "json"), "expected `FORMAT=FILE`");
        let all = "`github` is not one of text, json, markdown, sarif, junit";
        assert_eq!(why(Kind::Verdict, "github=a"), all);
    }

    #[test]
    fn a_dash_is_rejected_as_a_report_file_with_a_suggestion() {
        let why = |kind, text: &str| reports(kind)(text).unwrap_err();
        assert_eq!(
            why(Kind::Verdict, "json=-"),
            "`-` is not a file; to print json on standard output, use `--format json`"
        );
        assert_eq!(
            why(Kind::Run, "markdown=-"),
            "`-` is not a file; to write a file with that name, use `./-`"
        );
        assert!(reports(Kind::Run)("markdown=./-").is_ok());
    }
}
