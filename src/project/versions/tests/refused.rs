//! Why a file gives no version: the message, its place, and what would fix it.

use super::*;
use insta::assert_snapshot;

fn refusal(path: &str, text: &str) -> String {
    let error = read_path(path, text, &SingleFile).unwrap_err();
    let at = error.span().map(|span| text[span.start..span.end].to_owned());
    format!("{error}\nat: {}\nhelp: {}", at.unwrap_or_default(), error.help().unwrap_or_default())
}

#[test]
fn an_unusable_version_is_quoted_with_its_position_and_help() {
    assert_snapshot!(refusal("package.json", r#"{"version": "0.0.0-development"}"#), @r#"
    `0.0.0-development` in `package.json` is a placeholder, not a version
    at: "0.0.0-development"
    help: remove the file from `version.files`
    "#);
    assert_snapshot!(refusal("w.h", "#define A_VERSION \"1.2.3\"\n#define B_VERSION \"2.0.0\"\n"), @r"
    `w.h` has several versions: 1.2.3 and 2.0.0
    at: 2.0.0
    help: select one with `{ path: …, pattern: … }` in `version.files`
    ");
    assert_snapshot!(refusal("w/__init__.py", "import w\n"), @r"
    `w/__init__.py` has no literal `__version__`
    at: 
    help: remove the file from `version.files`, or add the key
    ");
    assert_snapshot!(refusal("pom.xml", "<project>\n<version>${sha1}</version></project>"), @r"
    `pom.xml` has no version of its own: the property `sha1` is not set in it
    at: ${sha1}
    help: remove the file from `version.files`
    ");
    assert_snapshot!(refusal("Directory.Build.props", "<Project>\n<a></b>"), @r"
    `Directory.Build.props` cannot be parsed: expected 'a' tag, not 'b' at 2:4
    at: 
    help: 
    ");
}
