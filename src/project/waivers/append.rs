//! Adds a waiver to the text of a file, without changing its other lines.

use super::file::Waivers;
use crate::base::finding::Finding;
use crate::base::source::Source;
use crate::project::manifest::{Node, yaml};
use std::fmt::Write as _;

/// A new waiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWaiver {
    /// The gate.
    pub gate: String,
    /// The text that its findings must contain.
    pub finding: Option<String>,
    /// The version.
    pub version: String,
    /// Why.
    pub reason: String,
    /// Who grants it.
    pub by: String,
    /// The last day, or a time.
    pub until: String,
}

/// The text with the waiver at the end of its list; `None` creates a new file.
///
/// # Errors When the file cannot be parsed, or lines cannot be added to its list.
pub fn append(file: Option<&Source>, waiver: &NewWaiver) -> Result<String, Vec<Finding>> {
    let Some(source) = file else {
        return Ok(format!("waivers:\n{}", entry(waiver, "  ")));
    };
    let problems = Waivers::read(source).problems;
    if !problems.is_empty() {
        return Err(problems);
    }
    let root = yaml::parse_file(source, "the waiver file", "start with `waivers:`");
    let root = root.map_err(|finding| vec![finding])?;
    let text = &source.text;
    let items = root.get("waivers").map_or(&[][..], Node::items);
    let added = match (root.get("waivers"), items.last()) {
        (None, _) => {
            let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            format!("{text}{end}waivers:\n{}", entry(waiver, "  "))
        }
        (Some(list), Some(last)) => {
            let indent = indent(text, last);
            let at = line_end(text, last.span.end);
            let indent = indent.ok_or_else(|| vec![flow(source, list)])?;
            inserted(text, at, &entry(waiver, &indent))
        }
        (Some(list), None) => {
            let before = text.get(..list.span.start).unwrap_or_default();
            let after = text.get(list.span.end..).unwrap_or_default();
            let rest = after.split_once('\n').map_or("", |(_, rest)| rest);
            let comment = after.split('\n').next().unwrap_or_default();
            format!("{}{comment}\n{}{rest}", before.trim_end(), entry(waiver, "  "))
        }
    };
    let source = Source { name: source.name.clone(), text: added };
    let wanted = items.len() + 1;
    match Waivers::read(&source) {
        Waivers { waivers, problems } if problems.is_empty() && waivers.len() == wanted => {
            Ok(source.text)
        }
        Waivers { .. } => {
            let place = root.get("waivers").unwrap_or(&root);
            Err(vec![flow(&source, place)])
        }
    }
}

fn flow(source: &Source, list: &Node) -> Finding {
    Finding::new("cannot add to this list without changing its other lines")
        .at(&source.name, list.span, "the list")
        .help("write each waiver as a list item on its own lines, starting with `- gate:`")
}

/// The indentation before the `-` of an item; `None` if it is not only spaces.
fn indent(text: &str, item: &Node) -> Option<String> {
    let line = text.get(..item.span.start)?.rsplit('\n').next()?;
    let (indent, dash) = line.split_at(line.find('-')?);
    (indent.trim().is_empty() && dash.trim_end() == "-").then(|| indent.to_owned())
}

/// The end of the line that a byte is on; a value that ends with its line ends there.
fn line_end(text: &str, at: usize) -> usize {
    let head = text.get(..at).unwrap_or(text);
    if head.ends_with('\n') {
        return head.trim_end().len() + 1;
    }
    let rest = text.get(at..).unwrap_or_default();
    rest.find('\n').map_or(text.len(), |end| at + end + 1)
}

fn inserted(text: &str, at: usize, entry: &str) -> String {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let end = if before.ends_with('\n') { "" } else { "\n" };
    format!("{before}{end}{entry}{after}")
}

fn entry(waiver: &NewWaiver, indent: &str) -> String {
    let NewWaiver { gate, finding, version, reason, by, until } = waiver;
    let mut text = format!("{indent}- gate: {gate}\n");
    let finding = finding.as_deref().map(|finding| ("finding", finding));
    let others = [("version", version), ("reason", reason), ("by", by), ("until", until)];
    let others = others.into_iter().map(|(key, value)| (key, value.as_str()));
    for (key, value) in finding.into_iter().chain(others) {
        let _ = writeln!(text, "{indent}  {key}: {}", scalar(value));
    }
    text
}

/// A text as a YAML string. JSON strings are valid in YAML.
fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || " .,-_/()+@".contains(c);
    let begins = text.starts_with(|c: char| c.is_alphanumeric());
    let word = ["true", "false", "null", "yes", "no", "on", "off"];
    let is_word = word.contains(&text.to_ascii_lowercase().as_str());
    let is_plain = begins && text.chars().all(plain) && !text.ends_with(' ') && !is_word;
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiver() -> NewWaiver {
        NewWaiver {
            gate: "checks-green".into(),
            finding: Some("check `fuzz`".into()),
            version: "1.4.0".into(),
            reason: "fuzz: the runner is down".into(),
            by: "grace".into(),
            until: "2026-12-31".into(),
        }
    }

    const ENTRY: &str = "- gate: checks-green\n    finding: \"check `fuzz`\"\n    version: 1.4.0\n    \
                         reason: \"fuzz: the runner is down\"\n    by: grace\n    until: 2026-12-31\n";

    fn added(text: &str) -> Result<String, Vec<Finding>> {
        append(Some(&Source { name: "w".into(), text: text.into() }), &waiver())
    }

    #[test]
    fn a_new_waivers_file_contains_only_the_new_waiver() {
        let text = append(None, &waiver()).unwrap();
        assert_eq!(text, format!("waivers:\n  {ENTRY}"));
        assert_eq!(added("").unwrap(), text);
        assert_eq!(added("waivers: []\n").unwrap(), text);
        assert_eq!(added("waivers:\n").map_err(|found| found.len()), Err(1));
    }

    #[test]
    fn appending_a_waiver_keeps_every_existing_line() {
        let before =
            "# Ask the release manager.\nwaivers:\n  - gate: tree-clean  # why\n    reason: 'x'\n";
        let after = "\n# the end\n";
        let text = added(&format!("{before}{after}")).unwrap();
        assert_eq!(text, format!("{before}  {ENTRY}{after}"));
        let unindented = "waivers:\n- { gate: a, reason: b }";
        let text = added(unindented).unwrap();
        assert!(text.starts_with(&format!("{unindented}\n- gate: checks-green\n  finding:")));
        let keyed = "waivers:\n  - reason: b\n    gate: a\nschema: 1\n";
        assert!(added(keyed).unwrap().ends_with("until: 2026-12-31\nschema: 1\n"));
    }

    #[test]
    fn appending_to_a_flow_list_or_a_broken_manifest_is_rejected() {
        let found = added("waivers: [{ gate: a, reason: b }]\n").unwrap_err();
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains("without changing its other lines"));
        assert!(added("waivers:\n  - gat: a\n").unwrap_err()[0].message.contains("`gat`"));
    }

    #[test]
    fn every_waiver_text_is_read_back_unchanged() {
        for odd in
            ["a: b", "# c", "- d", "\"e\"", "yes", "~", "tab\tin", "ü ✓", "{x}", "x #y", "1e3"]
        {
            let text = append(None, &NewWaiver { reason: odd.into(), ..waiver() }).unwrap();
            let read = Waivers::read(&Source { name: "w".into(), text });
            let is_line = !odd.contains('\t');
            assert_eq!(
                read.waivers.first().map(|it| it.reason.as_str() == odd),
                is_line.then_some(true),
                "{odd}"
            );
        }
    }
}
