//! Files that carry the version, read with a parser of their own format.
//!
//! `Cargo.toml`, `pyproject.toml`, any `.json` with a top-level `version`, and plain files that hold
//! nothing else; and the lock files beside them, which must say the same.

use crate::base::clean::clip;
use crate::base::source::Span;
use jsonc_parser::ast::Value as Json;
use semver::Version;
use toml_edit::{Document, Item, Table};

/// A version where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The version.
    pub version: Version,
    /// Where it is written.
    pub span: Span,
    /// The package's own name, where the file tells it.
    pub package: Option<String>,
}

/// Why a file gives no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    /// It does not parse.
    #[error("`{path}` cannot be parsed: {why}")]
    Unparsable {
        /// The file.
        path: String,
        /// In the parser's words.
        why: String,
        /// Where, if the parser told.
        span: Option<Span>,
    },
    /// There is no version in it.
    #[error("`{path}` has no {what}")]
    Missing {
        /// The file.
        path: String,
        /// Which key was looked for.
        what: &'static str,
    },
    /// The version is somebody else's.
    #[error("`{path}` inherits its version from the workspace")]
    Inherited {
        /// The file.
        path: String,
        /// Where it says so.
        span: Span,
    },
    /// It is no semantic version.
    #[error("`{text}` in `{path}` is not a semantic version: {why}")]
    NotAVersion {
        /// The file.
        path: String,
        /// What stands there.
        text: String,
        /// Where.
        span: Span,
        /// In the parser's words.
        why: String,
    },
}

impl SiteError {
    /// Where to point.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Unparsable { span, .. } => *span,
            Self::Missing { .. } => None,
            Self::Inherited { span, .. } | Self::NotAVersion { span, .. } => Some(*span),
        }
    }

    /// What would mend it.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Unparsable { .. } => None,
            Self::Missing { .. } => Some("take the file out of `version.files`, or add the key"),
            Self::Inherited { .. } => Some("name the workspace's own `Cargo.toml` instead"),
            Self::NotAVersion { .. } => {
                Some("write it as MAJOR.MINOR.PATCH, see https://semver.org")
            }
        }
    }
}

/// The version that a file carries.
///
/// # Errors
/// When the file does not parse, or holds no semantic version where its kind keeps it.
pub fn read(path: &str, text: &str) -> Result<Site, SiteError> {
    match file_name(path) {
        "Cargo.toml" => cargo(path, text),
        "pyproject.toml" => pyproject(path, text),
        name if name.ends_with(".json") => json(path, text),
        _ => plain(path, text),
    }
}

/// The lock file that may stand beside a version file.
#[must_use]
pub fn lock_beside(path: &str) -> Option<String> {
    let lock = match file_name(path) {
        "Cargo.toml" => "Cargo.lock",
        "package.json" => "package-lock.json",
        _ => return None,
    };
    let folder = path.strip_suffix(file_name(path)).unwrap_or("");
    Some(format!("{folder}{lock}"))
}

/// The version that a lock file records for the package itself; `None` where it records none.
///
/// # Errors
/// When the file does not parse, or what it records is no semantic version.
pub fn read_lock(path: &str, text: &str, package: &str) -> Result<Option<Site>, SiteError> {
    if file_name(path) == "package-lock.json" {
        return match json(path, text) {
            Err(SiteError::Missing { .. }) => Ok(None),
            read => read.map(Some),
        };
    }
    let document = toml(path, text)?;
    let packages = document.get("package").and_then(Item::as_array_of_tables);
    let own = packages.into_iter().flatten().find(|table| {
        table.get("name").and_then(Item::as_str) == Some(package) && !table.contains_key("source")
    });
    own.and_then(|table| table.get("version")).map(|item| site(path, item, None)).transpose()
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn toml<'t>(path: &str, text: &'t str) -> Result<Document<&'t str>, SiteError> {
    Document::parse(text).map_err(|error| SiteError::Unparsable {
        path: path.into(),
        why: error.message().to_owned(),
        span: error.span().map(|range| Span { start: range.start, end: range.end }),
    })
}

fn cargo(path: &str, text: &str) -> Result<Site, SiteError> {
    let document = toml(path, text)?;
    let package = document.get("package").and_then(Item::as_table);
    let name = package.and_then(|table| table.get("name")).and_then(Item::as_str);
    let workspace = nested(document.as_table(), &["workspace", "package", "version"]);
    let own = package.and_then(|table| table.get("version"));
    match (own, workspace) {
        (Some(item), _) if item.is_str() => site(path, item, name),
        (_, Some(item)) => site(path, item, name),
        (Some(item), None) => Err(SiteError::Inherited { path: path.into(), span: span_of(item) }),
        (None, None) => {
            let what = "`package.version` or `workspace.package.version`";
            Err(SiteError::Missing { path: path.into(), what })
        }
    }
}

fn pyproject(path: &str, text: &str) -> Result<Site, SiteError> {
    let document = toml(path, text)?;
    let table = document.as_table();
    let item = nested(table, &["project", "version"])
        .or_else(|| nested(table, &["tool", "poetry", "version"]))
        .ok_or(SiteError::Missing { path: path.into(), what: "static `project.version`" })?;
    let name = nested(table, &["project", "name"])
        .or_else(|| nested(table, &["tool", "poetry", "name"]))
        .and_then(Item::as_str);
    site(path, item, name)
}

fn nested<'t>(table: &'t Table, keys: &[&str]) -> Option<&'t Item> {
    let (first, rest) = keys.split_first()?;
    rest.iter().try_fold(table.get(first)?, |item, key| item.as_table_like()?.get(key))
}

fn span_of(item: &Item) -> Span {
    item.span().map_or(Span::default(), |range| Span { start: range.start, end: range.end })
}

fn site(path: &str, item: &Item, package: Option<&str>) -> Result<Site, SiteError> {
    let text = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
    version(path, &text, span_of(item), package)
}

fn version(path: &str, text: &str, span: Span, package: Option<&str>) -> Result<Site, SiteError> {
    match Version::parse(text.trim()) {
        Ok(version) => Ok(Site { version, span, package: package.map(str::to_owned) }),
        Err(error) => Err(SiteError::NotAVersion {
            path: path.into(),
            text: clip(text.trim(), 80).into_owned(),
            span,
            why: error.to_string(),
        }),
    }
}

fn json(path: &str, text: &str) -> Result<Site, SiteError> {
    let parsed = jsonc_parser::parse_to_ast(
        text.strip_prefix('\u{feff}').unwrap_or(text),
        &jsonc_parser::CollectOptions::default(),
        &jsonc_parser::ParseOptions::default(),
    );
    let shift = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    let unparsable = |why: String, span| SiteError::Unparsable { path: path.into(), why, span };
    let root = parsed.map_err(|error| {
        let range = error.range();
        let span = Span { start: range.start + shift, end: range.end + shift };
        unparsable(error.kind().to_string(), Some(span))
    })?;
    let missing = SiteError::Missing { path: path.into(), what: "top-level `version`" };
    let Some(Json::Object(object)) = root.value else { return Err(missing) };
    let name = object.get_string("name").map(|literal| literal.value.to_string());
    match object.get("version").map(|property| &property.value) {
        Some(Json::StringLit(literal)) => {
            let span = Span { start: literal.range.start + shift, end: literal.range.end + shift };
            version(path, &literal.value, span, name.as_deref())
        }
        Some(_) | None => Err(missing),
    }
}

fn plain(path: &str, text: &str) -> Result<Site, SiteError> {
    let trimmed = text.trim();
    let start = text.len() - text.trim_start().len();
    if trimmed.is_empty() || trimmed.contains('\n') {
        let what = "version: a plain version file holds one line, the version";
        return Err(SiteError::Missing { path: path.into(), what });
    }
    version(path, trimmed, Span { start, end: start + trimmed.len() }, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> (String, String) {
        let site = read(path, text).unwrap();
        (site.version.to_string(), text[site.span.start..site.span.end].to_owned())
    }

    #[test]
    fn each_kind_of_file_tells_its_version_and_where_it_stands() {
        let quoted = ("1.2.3".to_owned(), "\"1.2.3\"".to_owned());
        assert_eq!(found("Cargo.toml", "[package]\nname = \"a\"\nversion = \"1.2.3\"\n"), quoted);
        assert_eq!(found("x/Cargo.toml", "[workspace.package]\nversion = \"1.2.3\"\n"), quoted);
        assert_eq!(found("pyproject.toml", "[project]\nversion = \"1.2.3\"\n"), quoted);
        assert_eq!(found("package.json", "{\"é\": 1, \"version\": \"1.2.3\"}"), quoted);
        assert_eq!(found("VERSION", "\n1.2.3\n"), ("1.2.3".into(), "1.2.3".into()));
    }

    #[test]
    fn a_member_that_inherits_sends_its_reader_to_the_workspace() {
        let error = read("a/Cargo.toml", "[package]\nname = \"a\"\nversion.workspace = true\n");
        assert!(matches!(error, Err(SiteError::Inherited { .. })), "{error:?}");
    }

    #[test]
    fn a_dependency_of_the_same_name_is_not_taken_for_the_package() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"9.0.0\"\nsource = \"registry\"\n\n\
                    [[package]]\nname = \"a\"\nversion = \"1.2.3\"\n";
        let site = read_lock("Cargo.lock", lock, "a").unwrap().unwrap();
        assert_eq!(site.version.to_string(), "1.2.3");
        assert_eq!(read_lock("Cargo.lock", lock, "b"), Ok(None));
    }

    #[test]
    fn what_is_no_version_is_an_error_with_its_place() {
        for (path, text) in [
            ("VERSION", "one\ntwo"),
            ("VERSION", ""),
            ("VERSION", "1.2"),
            ("package.json", "{"),
            ("package.json", "{\"version\": 3}"),
            ("package.json", "[]"),
            ("Cargo.toml", "[package"),
            ("pyproject.toml", "[project]\ndynamic = [\"version\"]\n"),
        ] {
            assert!(read(path, text).is_err(), "{path}: {text}");
        }
    }
}
