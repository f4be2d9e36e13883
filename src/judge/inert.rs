//! Text from commits as inert Markdown: text stays text, and links and code stay links and code.

use crate::base::clean::is_unsafe;

/// The maximum indentation of a list item that is kept.
const DEEPEST: usize = 6;

/// One line without markup except code, links and addresses: no tags and no mentions.
pub(super) fn line(text: &str) -> String {
    let text: String = text.trim().chars().filter(|c| !is_unsafe(*c)).collect();
    let mut inert = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        if let Some(length) = code(rest).or_else(|| link(rest, before)) {
            inert.push_str(rest.get(..length).unwrap_or_default());
            at += length;
        } else if let Some(length) = labelled(rest).filter(|_| before != Some('!')) {
            inert.push_str(&shown(rest.get(..length).unwrap_or_default()));
            at += length;
        } else {
            let mut chars = rest.chars();
            let c = chars.next().unwrap_or_default();
            if c == '`' {
                // A run of backticks without an end is kept whole, because a part of it could have
                // an end.
                let run = rest.len() - rest.trim_start_matches('`').len();
                inert.push_str(&"\\`".repeat(run));
                at += run;
                continue;
            }
            escaped(c, before, chars.next(), &mut inert);
            at += c.len_utf8();
        }
    }
    inert
}

fn escaped(c: char, before: Option<char>, after: Option<char>, inert: &mut String) {
    let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        '<' => inert.push_str("&lt;"),
        '>' => inert.push_str("&gt;"),
        '&' => inert.push_str("&amp;"),
        '@' => inert.push_str("@\u{200b}"),
        // Characters that can start a heading, a list or a quotation are escaped at the start of a
        // line.
        '#' | '+' | '-' | '=' if inert.is_empty() => inert.extend(['\\', c]),
        '.' | ')' if !inert.is_empty() && inert.bytes().all(|b| b.is_ascii_digit()) => {
            inert.extend(['\\', c]);
        }
        // Inside a word, it is not markup.
        '_' if inside(before) && inside(after) => inert.push(c),
        '*' | '_' | '[' | ']' | '\\' | '~' | '|' => inert.extend(['\\', c]),
        _ => inert.push(c),
    }
}

/// The length of the code span at the start of a text.
fn code(text: &str) -> Option<usize> {
    let ticks = text.len() - text.trim_start_matches('`').len();
    if ticks == 0 {
        return None;
    }
    let mut at = ticks;
    loop {
        let rest = text.get(at..)?;
        let start = at + rest.find('`')?;
        let run = text.get(start..)?;
        let length = run.len() - run.trim_start_matches('`').len();
        at = start + length;
        if length == ticks {
            return Some(at);
        }
    }
}

/// The length of the address at the start of a text, as forges detect it.
fn link(text: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let mut address = address(text)?;
    loop {
        let count = |c: char| address.matches(c).count();
        let shorter = match address.chars().next_back()? {
            '.' | ',' | ':' | ';' | '!' | '?' | '*' | '_' | '~' | '\'' | '[' | ']' => true,
            ')' => count(')') > count('('),
            _ => false,
        };
        if !shorter {
            return Some(address.len());
        }
        address = address.get(..address.len() - 1)?;
    }
}

/// The address at the start of a text, including the characters directly after it.
fn address(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let ends = |c: char| c.is_whitespace() || "<>\"`|\\^{}".contains(c) || !c.is_ascii();
    let address = rest.split(ends).next().unwrap_or_default();
    let host = address.split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    let port = host.get(name.len()..).unwrap_or_default().trim_start_matches(':');
    if !plain || !name.trim_matches('.').contains('.') || !port.bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    text.get(..text.len() - rest.len() + address.len())
}

/// The length of the Markdown link, `[words](https://…)`, at the start of a text.
fn labelled(text: &str) -> Option<usize> {
    let (label, rest) = text.strip_prefix('[')?.split_once("](")?;
    let plain = !label.trim().is_empty() && !label.contains(['[', ']', '`', '!']);
    let (target, _) = rest.split_once(')')?;
    let whole = plain && address(target) == Some(target) && !target.contains('(');
    whole.then_some(label.len() + target.len() + 4)
}

/// A Markdown link with inert text.
fn shown(link: &str) -> String {
    match link.strip_prefix('[').and_then(|rest| rest.split_once("](")) {
        Some((label, rest)) => format!("[{}]({rest}", line(label)),
        None => line(link),
    }
}

/// Several lines, indented by a number of columns: paragraphs, lists and code.
pub(super) fn block(text: &str, indent: usize) -> String {
    let mut block = Block::default();
    for raw in text.lines() {
        let clean: String = raw.chars().filter(|c| !is_unsafe(*c) || *c == '\t').collect();
        block.line(&clean);
    }
    block.end();
    let margin = " ".repeat(indent);
    let shown = block.lines.iter().map(|line| format!("{margin}{line}").trim_end().to_owned());
    shown.collect::<Vec<_>>().join("\n")
}

/// The context of a line.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Inside {
    #[default]
    Paragraph,
    List,
    /// Code between two lines with this fence.
    Fence(&'static str),
    /// Code that is indented.
    Indented,
}

#[derive(Default)]
struct Block {
    lines: Vec<String>,
    inside: Inside,
    /// Whether the line above contains text.
    words: bool,
}

impl Block {
    fn line(&mut self, clean: &str) {
        let (bare, deep) = (clean.trim(), clean.len() - clean.trim_start().len());
        let code = deep >= 4 || clean.starts_with('\t');
        match self.inside {
            Inside::Fence(sign) => {
                let ends = is_fence(bare) == Some(sign) && bare.bytes().all(|b| b"`~".contains(&b));
                if ends {
                    self.end()
                } else {
                    self.lines.push(inside(clean))
                }
                return;
            }
            Inside::Indented if code || bare.is_empty() => {
                self.lines.push(inside(clean));
                return;
            }
            Inside::Indented => self.end(),
            Inside::Paragraph | Inside::List => {}
        }
        if let Some(sign) = is_fence(bare) {
            let language = bare.trim_start_matches(['`', '~']).chars();
            let language: String = language.take_while(char::is_ascii_alphanumeric).collect();
            self.lines.push(format!("{sign}{language}"));
            self.inside = Inside::Fence(sign);
        } else if let Some((mark, rest)) = item(bare) {
            let deep = if self.inside == Inside::List { deep.min(DEEPEST) } else { 0 };
            self.lines.push(format!("{}{mark} {}", " ".repeat(deep), line(rest)));
            self.inside = Inside::List;
        } else if code && !self.words && !bare.is_empty() && self.inside == Inside::Paragraph {
            self.lines.extend([FENCE.into(), inside(clean)]);
            self.inside = Inside::Indented;
        } else {
            if !self.words && deep == 0 && !bare.is_empty() {
                self.inside = Inside::Paragraph;
            }
            let margin = if self.inside == Inside::List && !bare.is_empty() { "  " } else { "" };
            self.lines.push(format!("{margin}{}", line(bare)));
        }
        self.words = !bare.is_empty();
    }

    /// Closes code that is open.
    fn end(&mut self) {
        match self.inside {
            Inside::Fence(sign) => self.lines.push(sign.into()),
            Inside::Indented => {
                let blank =
                    self.lines.iter().rev().take_while(|line| line.trim().is_empty()).count();
                let at = self.lines.len() - blank;
                self.lines.insert(at, FENCE.into());
            }
            Inside::Paragraph | Inside::List => {}
        }
        self.inside = Inside::Paragraph;
        self.words = false;
    }
}

const FENCE: &str = "```";

/// The fence, if a line starts or ends code.
fn is_fence(line: &str) -> Option<&'static str> {
    if line.starts_with("```") && !line.trim_start_matches('`').contains('`') {
        return Some(FENCE);
    }
    line.starts_with("~~~").then_some("~~~")
}

/// A line of code. If it looks like a fence, it is changed, because it would end the code.
fn inside(line: &str) -> String {
    if is_fence(line.trim()).is_some() { format!("    {}", line.trim()) } else { line.to_owned() }
}

/// The marker of a list item, and the rest of its line.
fn item(line: &str) -> Option<(&str, &str)> {
    let (mark, rest) = line.split_once(' ')?;
    let number = mark.strip_suffix(['.', ')']).unwrap_or_default();
    let numbered = (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    (["-", "*", "+"].contains(&mark) || numbered).then_some((mark, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_in_a_commit_message_is_escaped() {
        for (text, inert) in [
            ("# Big", "\\# Big"),
            ("1. one", "1\\. one"),
            (".hidden", ".hidden"),
            ("<img onerror=x> & @all", "&lt;img onerror=x&gt; &amp; @\u{200b}all"),
            ("*c* [d](e) _f_", "\\*c\\* \\[d\\](e) \\_f\\_"),
            ("snake_case_name", "snake_case_name"),
            ("a\u{1b}[31mb\u{202e}c", "a\\[31mbc"),
            ("one ` tick, ``two", "one \\` tick, \\`\\`two"),
            ("[x](javascript:alert(1))", "\\[x\\](javascript:alert(1))"),
            ("![x](https://example.com/p.png)", "!\\[x\\](https://example.com/p.png)"),
            ("https://a@b.example/x_y_", "https://a@\u{200b}b.example/x_y\\_"),
            ("https://_/@all", "https://\\_/@\u{200b}all"),
            ("xhttps://example.com/_a_", "xhttps://example.com/\\_a\\_"),
        ] {
            assert_eq!(line(text), inert);
        }
    }

    #[test]
    fn links_and_code_are_kept_intact() {
        for whole in [
            "see https://example.com/a_b_c",
            "see https://example.com/_a_*b*/?x=1&y=[2]#z, too",
            "(https://example.com/a_(b)_c)",
            "https://example.com:8080/@ada/~x",
            "add `a_b` and ``a ` *b*`` and `<T>`",
            "see [the guide](https://example.com/a_b) first",
        ] {
            assert_eq!(line(whole), whole);
        }
        assert_eq!(line("https://example.com/a_b_."), "https://example.com/a_b\\_.");
        assert_eq!(
            line("[a *b*](https://example.com/_c_)"),
            "[a \\*b\\*](https://example.com/_c_)"
        );
    }

    #[test]
    fn a_multiline_text_keeps_its_lists_and_code_blocks() {
        let text = "Use <y>:\n\n- one_\n  more\n* two\n\n```rust\nlet a_b = x::<T>();\n# no heading\n```\n\n    indented_ <code>\n    more\n\n# Heading\n> quoted @all";
        let shown = "  Use &lt;y&gt;:\n\n  - one\\_\n    more\n  * two\n\n  ```rust\n  let a_b = x::<T>();\n  # no heading\n  ```\n\n  ```\n      indented_ <code>\n      more\n  ```\n\n  \\# Heading\n  &gt; quoted @\u{200b}all";
        assert_eq!(block(text, 2), shown);
        // Unclosed code does not include the text that follows.
        assert_eq!(block("```\na", 0), "```\na\n```");
        assert_eq!(block("~~~\n```\n~~~", 0), "~~~\n    ```\n~~~");
    }
}
