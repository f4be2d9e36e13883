//! A version in JavaScript or TypeScript: `export const version = "1.2.3"`.

use super::capture::{Rule, by_rules};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};

pub(super) struct JavaScript;

static CONSTANT: Rule = Rule::new(
    r#"^[ \t]*(?:export[ \t]+)?(?:const|let|var)[ \t]+(?:\w*VERSION|version|\w+Version)[ \t]*(?::[ \t]*\w+[ \t]*)?=[ \t]*["'`](v?\d+\.\d[^"'`\r\n]*)["'`]"#,
);
static MEMBER: Rule = Rule::new(
    r#"^[ \t]*(?:export default|[\w.]+\.(?:version|VERSION)[ \t]*=|(?:static[ \t]+)?version[ \t]*[:=])[ \t]*["'`](v?\d+\.\d[^"'`\r\n]*)["'`]"#,
);

impl VersionFile for JavaScript {
    const PLACES: &'static [&'static str] =
        &["{src,lib}/version.{ts,js,mjs}", "version.{ts,js}", "packages/*/src/version.ts"];

    fn is(path: &str) -> bool {
        [".js", ".ts", ".mjs", ".cjs", ".mts", ".cts"].iter().any(|ending| path.ends_with(ending))
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        by_rules(file, &[&CONSTANT, &MEMBER], None)
            .unwrap_or_else(|| Err(file.missing("literal `version`")))
    }
}
