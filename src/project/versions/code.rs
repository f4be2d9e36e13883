//! Code in other languages: Perl's `$VERSION`, C#'s `AssemblyVersion`, a constant that is called
//! a version.

use super::capture::{Rule, by_rules};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};

pub(super) struct Code;

static PERL: Rule = Rule::new(
    r#"^[ \t]*(?:(?:our|my|use[ \t]+vars)[ \t]+)?\$(?:\w+::)*VERSION[ \t]*=[ \t]*(?:qv\()?["']?(v?\d[\w.]*)["']?\)?[ \t]*;"#,
);
static PERL_PACKAGE: Rule = Rule::new(r"^package[ \t]+[\w:]+[ \t]+(v?\d[\w.]*\.[\w.]*)[ \t]*[;{]");
static INFORMATIONAL: Rule = Rule::new(
    r#"^[ \t]*[\[<][ \t]*[Aa]ssembly[ \t]*:[ \t]*AssemblyInformationalVersion(?:Attribute)?\([ \t]*"(\d[^"*]*)""#,
);
/// A fourth number of zero is only padding, because assembly versions have four numbers.
static ASSEMBLY: Rule = Rule::new(
    r#"^[ \t]*[\[<][ \t]*[Aa]ssembly[ \t]*:[ \t]*Assembly(?:File)?Version(?:Attribute)?\([ \t]*"(\d+\.\d+\.\d+(?:\.[1-9]\d*)?)(?:\.0)?""#,
);
static CONSTANT: Rule = Rule::new(
    r#"^[ \t]*(?:[\w<>&'\[\]():]+[ \t]+)*(?:VERSION|[Vv]ersion|[A-Z_]+_VERSION|(?:current|app|package|library|lib|tool|program|publish)Version)[ \t]*(?::[ \t]*[&\w']+[ \t]*)?:?=[ \t]*["'](v?\d+\.\d[^"'\r\n]*)["']"#,
);

const ENDINGS: [&str; 17] = [
    ".pm", ".pl", ".cs", ".vb", ".fs", ".java", ".kt", ".scala", ".sc", ".dart", ".rs", ".zig",
    ".nim", ".hs", ".jl", ".nix", ".bzl",
];

impl VersionFile for Code {
    const PLACES: &'static [&'static str] = &[
        "lib/*.pm",
        "lib/*/*.pm",
        "lib/*/*/*.pm",
        "*.pm",
        "{,src/}Properties/{AssemblyInfo,SharedAssemblyInfo}.cs",
        "{,src/}{SharedAssemblyInfo,GlobalAssemblyInfo,CommonAssemblyInfo}.cs",
        "lib/src/version.dart",
    ];

    fn is(path: &str) -> bool {
        ENDINGS.iter().any(|ending| path.ends_with(ending))
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        let perl = [".pm", ".pl"].iter().any(|ending| file.path.ends_with(ending));
        let rules: &[&Rule] = match perl {
            true => &[&PERL, &PERL_PACKAGE],
            false => &[&INFORMATIONAL, &ASSEMBLY, &CONSTANT],
        };
        by_rules(file, rules, None).unwrap_or_else(|| Err(file.missing("literal version")))
    }
}
