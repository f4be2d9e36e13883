//! Formats of which one line holds the version: R, Haskell, Scala, Zig, Nim, Erlang, Clojure, Lua,
//! OCaml, and RPM's.

use super::capture::{Rule, by_rules};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};
use super::tree::name;

pub(super) struct Lines;

struct Form {
    is: fn(&str) -> bool,
    version: Rule,
}

static FORMS: [Form; 10] = [
    Form { is: |path| name(path) == "DESCRIPTION", version: Rule::new(r"^Version:[ \t]*(\S+)") },
    Form {
        is: |path| path.ends_with(".cabal"),
        version: Rule::new(r"^(?i:version)[ \t]*:[ \t]*(\d\S*)"),
    },
    Form {
        is: |path| path.ends_with(".sbt"),
        version: Rule::new(
            r#"^[ \t]*(?:(?:ThisBuild|Global)[ \t]*/[ \t]*)?version(?:[ \t]+in[ \t]+\w+)?[ \t]*:=[ \t]*"(\d[^"\r\n]*)""#,
        ),
    },
    Form {
        is: |path| name(path) == "build.zig.zon",
        version: Rule::new(r#"^[ \t]*\.version[ \t]*=[ \t]*"(\d[^"\r\n]*)""#),
    },
    Form {
        is: |path| path.ends_with(".nimble"),
        version: Rule::new(r#"^version[ \t]*=[ \t]*"(\d[^"\r\n]*)""#),
    },
    Form {
        is: |path| path.ends_with(".app.src"),
        version: Rule::new(r#"\{[ \t]*vsn[ \t]*,[ \t]*"(\d[^"\r\n]*)""#),
    },
    Form {
        is: |path| name(path) == "project.clj",
        version: Rule::new(r#"\(defproject[ \t]+\S+[ \t\r\n]+"(\d[^"\r\n]*)""#),
    },
    Form {
        is: |path| name(path) == "dune-project",
        version: Rule::new(r"^\(version[ \t]+v?(\d[^)\s]*)\)"),
    },
    Form { is: |path| path.ends_with(".spec"), version: Rule::new(r"^Version:[ \t]*(\d\S*)") },
    Form {
        is: |path| path.ends_with(".lua"),
        version: Rule::new(
            r#"^[ \t]*(?:local[ \t]+)?(?:[\w.]+[.])?_?(?:VERSION|version|_VERSION)[ \t]*=[ \t]*["'](?:\w+ )?(\d[^"'\r\n]*)["']"#,
        ),
    },
];

impl VersionFile for Lines {
    const PLACES: &'static [&'static str] = &[
        "DESCRIPTION",
        "*.cabal",
        "*/*.cabal",
        "version.sbt",
        "build.sbt",
        "build.zig.zon",
        "*.nimble",
        "src/*.app.src",
        "project.clj",
        "dune-project",
    ];
    const TOPS: &'static [&'static str] = &["*.cabal"];
    const BELIEVED: &'static [&'static str] = &[
        "DESCRIPTION",
        "*.cabal",
        "version.sbt",
        "build.zig.zon",
        "*.nimble",
        "project.clj",
        "dune-project",
    ];

    fn is(path: &str) -> bool {
        FORMS.iter().any(|form| (form.is)(path))
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        let form = FORMS.iter().find(|form| (form.is)(file.path));
        form.and_then(|form| by_rules(file, &[&form.version], None))
            .unwrap_or_else(|| Err(file.missing("literal version")))
    }
}
