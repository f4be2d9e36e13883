//! A version in a Python module: `__version__ = "1.2.3"`, `VERSION = (1, 2, 3)`.

use super::capture::{Rule, by_rules, one};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};
use super::tree::name;
use crate::base::source::Span;

pub(super) struct PythonModule;

static DUNDER: Rule = Rule::new(
    r#"^(?:[A-Za-z_]\w*[ \t]*=[ \t]*)*__version__[ \t]*(?::[ \t]*[\w.\[\]"']+[ \t]*)?=[ \t]*(?:[A-Za-z_]\w*[ \t]*=[ \t]*)*[rub]?["']([^"'\r\n]*\w[^"'\r\n]*)["']"#,
);
static CONSTANT: Rule = Rule::new(
    r#"^(?:VERSION|version|__VERSION__|Version)[ \t]*(?::[ \t]*[\w.\[\]"']+[ \t]*)?=[ \t]*[rub]?["'](v?\d[^"'\r\n]*)["']"#,
);
static TUPLE: Rule = Rule::new(
    r"^(?:__version__|VERSION|__version_info__|version_info|__version_tuple__)[ \t]*(?::[^=\r\n]+)?=[ \t]*(?:\w+[ \t]*=[ \t]*)?(\([^()]*\)|\[[^\[\]]*\])",
);

impl VersionFile for PythonModule {
    const PLACES: &'static [&'static str] = &[
        "src/*/__init__.py",
        "*/__init__.py",
        "{src/*,*}/{_version,__about__,version,__version__,_meta,about,release,__meta__}.py",
        "{_version,version,__version__,__about__}.py",
        "{src,lib,python}/*.py",
        "lib/*/{__init__,release,version}.py",
        "*/*/{_version,version,__init__}.py",
        "src/*/*/{_version,version,__init__}.py",
        "*.py",
    ];
    const TRUSTED: &'static [&'static str] = &["__about__.py", "_version.py", "__init__.py"];

    fn is(path: &str) -> bool {
        path.ends_with(".py") && name(path) != "setup.py"
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        by_rules(file, &[&DUNDER, &CONSTANT], None)
            .or_else(|| in_tuple(file, TUPLE.first(file.text)?))
            .unwrap_or_else(|| Err(file.missing("literal `__version__`")))
    }
}

/// `(5, 2, 4, "final", 0)` is 5.2.4, `(5, 2, 0, "beta", 1)` its first beta.
fn in_tuple(file: &File<'_>, (tuple, span): (&str, Span)) -> Option<Result<Site, SiteError>> {
    let inner = tuple.get(1..tuple.len().checked_sub(1)?)?;
    let parts = inner.split(',').map(|part| part.trim().trim_matches(['"', '\'']));
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let number = |part: &&&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let numbers: Vec<&str> = parts.iter().take_while(number).copied().collect();
    if numbers.len() < 2 {
        return None;
    }
    let rest = parts.get(numbers.len()..)?;
    let suffix = match rest {
        [] | ["final" | "f" | "stable" | "release", ..] => String::new(),
        ["alpha" | "a", "0"] => ".dev0".into(),
        ["alpha" | "a", count] => format!("a{count}"),
        ["beta" | "b", count] => format!("b{count}"),
        ["rc" | "c" | "candidate", count] => format!("rc{count}"),
        [word, ..] => format!(".{word}"),
    };
    Some(file.site(&format!("{}{suffix}", numbers.join(".")), span, None))
}

/// The version at a name in a module (`attr: widget.about.release`).
pub(super) fn attribute(file: &File<'_>, name: &str) -> Result<Site, SiteError> {
    if matches!(name, "__version__" | "VERSION" | "version") {
        return PythonModule::read(file);
    }
    let found = file.text.lines().scan(0, |at, line| {
        let start = *at;
        *at += line.len() + newline(file.text, start + line.len());
        Some((line, start))
    });
    let literal = |(line, start): (&'_ str, usize)| -> Option<Span> {
        let rest = line.strip_prefix(name)?.trim_start();
        let value = rest.split_once('=')?.1.trim_start();
        let quote = value.chars().next().filter(|letter| "\"'".contains(*letter))?;
        let text = value.get(1..)?.split(quote).next()?;
        let begin = start + (line.len() - value.len()) + 1;
        Some(Span { start: begin, end: begin + text.len() })
    };
    let spans: Vec<Span> = found.filter_map(literal).collect();
    let sites = spans.iter().filter_map(|span| Some((file.text.get(span.start..span.end)?, *span)));
    one(file, &sites.collect::<Vec<_>>(), None)
        .unwrap_or_else(|| Err(file.missing("literal version under the name that it refers to")))
}

fn newline(text: &str, at: usize) -> usize {
    match text.get(at..) {
        Some(rest) if rest.starts_with("\r\n") => 2,
        Some(rest) if rest.starts_with('\n') => 1,
        Some(_) | None => 0,
    }
}
