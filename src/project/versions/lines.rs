//! Formats in which one line contains the version: package formats of many languages and systems.

use super::capture::{Rule, one};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};
use super::tree::name;

pub(super) struct Lines;

/// A format. If several match a path, the first that finds a version is used.
struct Form {
    is: fn(&str) -> bool,
    version: Rule,
    which: Which,
}

/// Which version in a file counts.
enum Which {
    /// There is only one.
    Only,
    /// The first: older versions follow, or those of other packages.
    First,
}

static FORMS: [Form; 30] = [
    Form {
        is: |path| name(path) == "DESCRIPTION",
        version: Rule::new(r"^Version:[ \t]*(\S+)"),
        which: Which::Only,
    },
    Form {
        is: |path| path.ends_with(".cabal"),
        version: Rule::new(r"^(?i:version)[ \t]*:[ \t]*(\d\S*)"),
        which: Which::Only,
    },
    Form {
        is: |path| path.ends_with(".sbt"),
        version: Rule::new(
            r#"^[ \t]*(?:(?:ThisBuild|Global)[ \t]*/[ \t]*)?version(?:[ \t]+in[ \t]+\w+)?[ \t]*:=[ \t]*"(\d[^"\r\n]*)""#,
        ),
        which: Which::Only,
    },
    Form {
        is: |path| name(path) == "build.zig.zon",
        version: Rule::new(r#"^[ \t]*\.version[ \t]*=[ \t]*"(\d[^"\r\n]*)""#),
        which: Which::Only,
    },
    Form {
        is: |path| path.ends_with(".nimble"),
        version: Rule::new(r#"^version[ \t]*=[ \t]*"(\d[^"\r\n]*)""#),
        which: Which::Only,
    },
    Form {
        is: |path| path.ends_with(".app.src"),
        version: Rule::new(r#"\{[ \t]*vsn[ \t]*,[ \t]*"(\d[^"\r\n]*)""#),
        which: Which::Only,
    },
    Form {
        is: |path| name(path) == "project.clj",
        version: Rule::new(r#"\(defproject[ \t]+\S+[ \t\r\n]+"(\d[^"\r\n]*)""#),
        which: Which::Only,
    },
    Form {
        is: |path| name(path) == "dune-project",
        version: Rule::new(r"^\(version[ \t]+v?(\d[^)\s]*)\)"),
        which: Which::Only,
    },
    Form {
        is: |path| path.ends_with(".spec"),
        version: Rule::new(r"^Version:[ \t]*(\d\S*)"),
        which: Which::Only,
    },
    Form {
        is: |path| path.ends_with(".lua"),
        version: Rule::new(
            r#"^[ \t]*(?:local[ \t]+)?(?:[\w.]+[.])?_?(?:VERSION|version|_VERSION)[ \t]*=[ \t]*["'](?:\w+ )?(\d[^"'\r\n]*)["']"#,
        ),
        which: Which::Only,
    },
    Form {
        is: |path| name(path) == "dist.ini",
        version: Rule::new(r"^version[ \t]*=[ \t]*(v?\d\S*)"),
        which: Which::First,
    },
    Form {
        is: |path| matches!(name(path), "Makefile.PL" | "Build.PL"),
        version: Rule::new(
            r#"^[ \t]*["']?(?:VERSION|dist_version)["']?[ \t]*=>[ \t]*["'](v?\d[^"'\r\n]*)["']"#,
        ),
        which: Which::Only,
    },
    Form {
        is: |path| path.ends_with(".el"),
        version: Rule::new(r"^;;+[ \t]*(?:Package-)?Version:[ \t]*(v?\d\S*)"),
        which: Which::First,
    },
    Form {
        is: |path| name(path) == "conanfile.py",
        version: Rule::new(r#"^[ \t]+version[ \t]*=[ \t]*["'](\d[^"'\r\n]*)["']"#),
        which: Which::Only,
    },
    Form {
        is: |path| name(path) == "MODULE.bazel",
        version: Rule::new(r#"^module\([^)]*?\bversion[ \t]*=[ \t]*"(\d[^"\r\n]*)""#),
        which: Which::Only,
    },
    Form {
        is: |path| path.ends_with(".opam"),
        version: Rule::new(r#"^version:[ \t]*"v?(\d[^"\r\n]*)""#),
        which: Which::Only,
    },
    Form {
        is: |path| path.ends_with(".iss"),
        version: Rule::new(r#"^[ \t]*#define[ \t]+\w*Version[ \t]+"(\d[^"\r\n]*)""#),
        which: Which::Only,
    },
    Form {
        is: |path| matches!(name(path), "plugin.cfg" | "project.godot" | "metadata.txt"),
        version: Rule::new(r#"^(?:config/)?version[ \t]*=[ \t]*"?(v?\d[^"\s]*)"?"#),
        which: Which::Only,
    },
    Form {
        is: |path| path.ends_with(".nuspec"),
        version: Rule::new(r"<version>[ \t]*(\d[^<\r\n]*?)[ \t]*</version>"),
        which: Which::Only,
    },
    Form {
        is: |path| path.ends_with(".psd1"),
        version: Rule::new(r#"^[ \t]*["']?ModuleVersion["']?[ \t]*=[ \t]*["'](\d[^"'\r\n]*)["']"#),
        which: Which::Only,
    },
    Form {
        is: |path| name(path) == "v.mod",
        version: Rule::new(r#"^[ \t]*version:[ \t]*["'](\d[^"'\r\n]*)["']"#),
        which: Which::Only,
    },
    Form {
        is: |path| name(path) == "dub.sdl",
        version: Rule::new(r#"^version[ \t]+"(\d[^"\r\n]*)""#),
        which: Which::Only,
    },
    Form {
        is: |path| name(path) == "metadata.rb",
        version: Rule::new(r#"^version[ \t(]+["'](\d[^"'\r\n]*)["']"#),
        which: Which::Only,
    },
    Form {
        is: |path| name(path) == "xmake.lua",
        version: Rule::new(r#"^set_version\([ \t]*["'](\d[^"'\r\n]*)["']"#),
        which: Which::Only,
    },
    Form {
        is: |path| path.ends_with(".plist"),
        version: Rule::new(
            r"<key>CFBundleShortVersionString</key>\s*<string>(\d[^<\r\n]*)</string>",
        ),
        which: Which::Only,
    },
    Form {
        is: |path| name(path) == "style.css",
        version: Rule::new(r"^[ \t*]*Version:[ \t]*(v?\d\S*)"),
        which: Which::First,
    },
    Form {
        is: |path| name(path).eq_ignore_ascii_case("readme.txt"),
        version: Rule::new(r"^Stable tag:[ \t]*(v?\d\S*)"),
        which: Which::Only,
    },
    Form {
        is: |path| path.ends_with("debian/changelog"),
        version: Rule::new(
            r"^[a-z0-9][\w.+-]* \((?:\d+:)?(\d[^)\s-]*)(?:-[^)\s]*)?\)[^;\r\n]*; ?urgency=",
        ),
        which: Which::First,
    },
    Form {
        is: |path| path.ends_with(".xml"),
        version: Rule::new(
            r#"<(?:addon|plugin|extension|widget|component|module|mod|idea-plugin)\b[^>]*?[ \t\r\n]version="(v?\d[^"]*)""#,
        ),
        which: Which::First,
    },
    Form {
        is: |path| path.ends_with(".xml"),
        version: Rule::new(
            r"^[ \t]*<(?:version|release)>[ \t]*(v?\d[^<\r\n]*?)[ \t]*</(?:version|release)>",
        ),
        which: Which::First,
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
        "dist.ini",
        "Makefile.PL",
        "*.el",
        "conanfile.py",
        "MODULE.bazel",
        "*.opam",
        "*.nuspec",
        "*.psd1",
        "{src,*}/*.psd1",
        "v.mod",
        "dub.sdl",
        "metadata.rb",
        "metadata.txt",
        "{plugin.cfg,project.godot}",
        "addons/*/plugin.cfg",
        "package.xml",
        "addon.xml",
        "xmake.lua",
        "*.spec",
        "{rpm,packaging}/*.spec",
    ];
    const TOPS: &'static [&'static str] = &["*.cabal"];
    const TRUSTED: &'static [&'static str] = &[
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
        let mut forms = FORMS.iter().filter(|form| (form.is)(file.path));
        let found = forms.find_map(|form| {
            let all = form.version.all(file.text);
            let counts = match form.which {
                Which::Only => all.as_slice(),
                Which::First => all.get(..1).unwrap_or_default(),
            };
            one(file, counts, None)
        });
        found.unwrap_or_else(|| Err(file.missing("literal version")))
    }
}
