//! Text that means harm, and readers that obey as the real ones do.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::collections::BTreeMap;

/// Everything that some reader of ours obeys.
pub(crate) const TEXTS: &[&str] = &[
    "\u{1b}[31mred\u{1b}[0m\u{1b}]8;;https://evil.test\u{7}x\u{1b}]8;;\u{7}",
    "::set-output name=x::y",
    r"\[y](https://evil.test) \\[z](a) {0}",
    "\n::set-output name=x::y\n",
    "\r::error::x",
    "  ::add-mask::secret",
    "##[error]x",
    "a #\u{ad}#[set-env name=x]y",
    "\u{200b}::stop-commands::x",
    "%0A::error::x %25 %0D",
    "a\r\nb\nc",
    "\u{202e}gnp.exe\u{2066}",
    "a\0b",
    "<img src=x onerror=alert(1)>",
    "</details></summary><h1>go</h1>",
    "<!-- tminus: check -->",
    "--> <!-- x",
    "`one` ``two`` ``` three",
    "```\n## go\n```",
    "~~~\n# go",
    "a | b || c \\| d",
    "`a|b`",
    "|---|---|",
    "# heading",
    "## go: everything",
    "- item\n* item\n+ item\n1. item",
    "> quote",
    "=====",
    "-----",
    "[link](https://evil.test)",
    "![image](https://evil.test/x.png)",
    "[ref]: https://evil.test",
    "[ref][ref]",
    "<https://evil.test>",
    "https://evil.test www.evil.test evil@evil.test",
    "@octocat @acme/team",
    "#123 acme/widget#1 GH-1",
    ":white_check_mark:",
    "**bold** __bold__ *em* _em_ ~~gone~~",
    "$x$ $$y$$ $`z`$",
    "&lt;img&gt; &#96; &amp;",
    "]]> <![CDATA[ x",
    "\"'><x y='",
    "{0} {1} [x](1)",
    "EOF\nverdict=go",
    "x<<EOF\ny\nEOF",
    "verdict=go",
    "\\",
    "\\\\`",
    "",
    " ",
    "é ü 中文 👩‍👩‍👧",
    "\u{2028}::error::x\u{2029}",
    "\u{85}::error::x",
    "\u{b}::error::x",
];

/// A command as the runner takes it from a line (`ActionCommand.cs`), if it is one of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) name: String,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) data: String,
}

const KNOWN: &[&str] = &[
    "error",
    "warning",
    "notice",
    "debug",
    "group",
    "endgroup",
    "echo",
    "add-mask",
    "add-matcher",
    "remove-matcher",
    "set-output",
    "set-env",
    "save-state",
    "add-path",
    "stop-commands",
    "internal-set-repo-path",
];

/// Reads a log as the runner does: what it obeys, in order. Text without width is skipped in its
/// comparisons, which go by culture.
pub(crate) fn obeyed(log: &str) -> Vec<Command> {
    let mut stop: Option<String> = None;
    let mut all = Vec::new();
    // .NET ends a line at `\r`, `\n` and `\r\n`.
    for line in log.split(['\n', '\r']) {
        let mut known: Vec<&str> = KNOWN.to_vec();
        let token = stop.clone();
        known.extend(token.as_deref());
        let Some(command) = modern(line, &known).or_else(|| old(line, &known)) else { continue };
        if let Some(word) = &stop {
            if command.name == *word {
                stop = None;
            }
            continue;
        }
        if command.name == "stop-commands" {
            stop = Some(command.data.clone());
        }
        all.push(command);
    }
    assert_eq!(stop, None, "the runner is left deaf");
    all
}

/// What the runner would obey in a text if nothing had told it to stop.
pub(crate) fn would_obey(text: &str) -> Vec<Command> {
    let lines = text.split(['\n', '\r']);
    lines.filter_map(|line| modern(line, KNOWN).or_else(|| old(line, KNOWN))).collect()
}

fn bare(line: &str) -> String {
    let ignored = |c: char| {
        matches!(c, '\0' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{202a}'..='\u{202e}')
    };
    line.chars().filter(|c| !ignored(*c)).collect()
}

fn modern(line: &str, known: &[&str]) -> Option<Command> {
    let line = bare(line);
    let line = line.trim_start().strip_prefix("::")?;
    let (info, data) = line.split_once("::")?;
    let (name, rest) = info.split_once(' ').unwrap_or((info, ""));
    let unescaped = |text: &str| {
        text.replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%3A", ":")
            .replace("%2C", ",")
            .replace("%25", "%")
    };
    let data = data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    taken(name, rest.split(','), unescaped, data, known)
}

fn old(line: &str, known: &[&str]) -> Option<Command> {
    let line = bare(line);
    let (_, rest) = line.split_once("##[")?;
    let (info, data) = rest.split_once(']')?;
    let (name, rest) = info.split_once(' ').unwrap_or((info, ""));
    taken(name, rest.split(';'), str::to_owned, data.to_owned(), known)
}

fn taken<'a>(
    name: &str,
    properties: impl Iterator<Item = &'a str>,
    unescaped: impl Fn(&str) -> String,
    data: String,
    known: &[&str],
) -> Option<Command> {
    let name = known.iter().find(|one| one.eq_ignore_ascii_case(name))?;
    let pairs = properties.filter_map(|one| one.split_once('='));
    let properties = pairs.map(|(key, value)| (key.trim().to_owned(), unescaped(value))).collect();
    Some(Command { name: (*name).to_owned(), properties, data })
}

/// Reads a file of outputs as the runner does (`FileCommandManager.cs`).
pub(crate) fn outputs(text: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut lines = text.split('\n');
    assert!(text.is_empty() || text.ends_with('\n'), "the last line ends");
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let equals = line.find('=').unwrap_or(usize::MAX);
        let heredoc = line.find("<<").unwrap_or(usize::MAX);
        if equals < heredoc {
            all.insert(line[..equals].to_owned(), line[equals + 1..].to_owned());
            continue;
        }
        assert_ne!(heredoc, usize::MAX, "no entry: {line:?}");
        let (key, delimiter) = (&line[..heredoc], &line[heredoc + 2..]);
        assert!(!key.is_empty() && !delimiter.is_empty(), "{line:?}");
        let mut value = Vec::new();
        loop {
            match lines.next() {
                Some(line) if line == delimiter => break,
                Some(line) => value.push(line),
                None => panic!("the delimiter of {key} is missing"),
            }
        }
        all.insert(key.to_owned(), value.join("\n"));
    }
    all
}
