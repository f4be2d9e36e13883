//! Fragments: files with one change each, from which a tool writes a version's section.

use super::section::told;
use super::words;
use crate::base::source::Source;

/// Parts of names of files that lie beside fragments and are none.
const BESIDE: [&str; 5] = ["readme", "template", "contributing", "config", "changelog"];

/// Ends of such names.
const ENDS: [&str; 16] = [
    "json", "toml", "cfg", "ini", "jinja", "jinja2", "j2", "tpl", "tmpl", "hbs", "mustache", "py",
    "js", "cjs", "mjs", "sh",
];

/// Whether a file is a fragment of a folder: none of its tool's files, no template, no readme.
#[must_use]
pub fn is_fragment(folder: &str, path: &str) -> bool {
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    let Some(inner) = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) else {
        return false;
    };
    let hidden = |part: &str| part.is_empty() || part.starts_with(['.', '_']);
    let name = inner.rsplit('/').next().unwrap_or_default().to_lowercase();
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    !inner.split('/').any(hidden)
        && !BESIDE.iter().any(|word| stem(&name).contains(word))
        && !ENDS.contains(&end)
}

fn stem(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

/// Whether a fragment says anything. One with data at its top does even without words, because some
/// tools say with it that a change needs no entry.
#[must_use]
pub fn says(path: &str, text: &str) -> bool {
    let source = Source { name: path.to_owned(), text: text.to_owned() };
    text.starts_with("---") || told(&source).iter().any(|line| !words::is_placeholder(line, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_is_a_change_file_and_not_a_file_of_its_tool() {
        for path in [
            "changes/12.feature.md",
            "changes/core/12.fix.rst",
            "changes/+orphan.misc",
            "changes/20260106_100000_ada.rst",
            "changes/add_a_thing.yaml",
        ] {
            assert!(is_fragment("changes", path) && is_fragment("./changes/", path), "{path}");
        }
        for path in [
            "changes/README.rst",
            "changes/.gitkeep",
            "changes/.hidden/12.md",
            "changes/_template.rst",
            "changes/TEMPLATE.md",
            "changes/config.json",
            "changes/new_fragment.md.j2",
            "changes",
            "changes2/12.md",
            "other/changes/12.md",
        ] {
            assert!(!is_fragment("changes", path), "{path}");
        }
    }

    #[test]
    fn a_fragment_without_text_is_empty() {
        for (text, said) in [
            ("Fixed a thing.\n", true),
            ("---\n\"widget\": minor\n---\n\nA thing.\n", true),
            ("---\n---\n", true),
            ("\n", false),
            ("TBD\n", false),
            ("<!-- - A new thing. -->\n", false),
        ] {
            assert_eq!(says("changes/12.md", text), said, "{text}");
        }
        assert!(says("changes/12.bugfix", "Fixed a thing.\n"));
        assert!(says("changes/12.yaml", "kind: Fixed\nbody: A thing.\n"));
        assert!(!says("changes/12.rst", ".. A new thing.\n"));
    }
}
