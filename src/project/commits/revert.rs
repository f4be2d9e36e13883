//! What a message reverts: commits by id, a subject, pull requests.

use super::header::conventional;
use super::part::{Part, unnumbered};
use super::quoting::{Quoting, quoting};

/// The shortest abbreviation of a commit's id, as git writes it right after `commit`.
const SHORTEST: usize = 4;
/// The shortest abbreviation elsewhere, because ordinary words can look like one.
const SURE: usize = 7;

/// The changes that a part of a message reverts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Revert {
    /// Ids of commits, of any length.
    pub(super) commits: Vec<String>,
    /// For a merge, the parent whose state is restored.
    pub(super) mainline: Option<String>,
    /// The subject of the commit.
    pub(super) subject: Option<String>,
    /// The same without its type: `revert(api): x`.
    pub(super) described: Option<String>,
    /// Numbers of pull requests.
    pub(super) pulls: Vec<u64>,
    /// Whether it only reverts. A `feat: x` that replaces another change does more.
    pub(super) only: bool,
}

/// How a subject describes a revert.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// It declares a revert.
    Revert,
    /// It has no type.
    Words,
    /// It has another type.
    Other,
}

/// The changes that a part of a message reverts; `None` if it reverts nothing.
pub(super) fn revert(part: &Part<'_>) -> Option<Revert> {
    let (subject, quoted) = match (quoting(&part.subject), conventional(&part.subject)) {
        (Some(Quoting { quoted, reverts: true, .. }), _) => {
            (Subject::Revert, Some(quoted.to_owned()))
        }
        (Some(Quoting { quoted, reverts: false, .. }), _) => {
            (Subject::Revert, Some(format!("Revert \"{quoted}\"")))
        }
        (None, Some(parsed)) if parsed.type_() == "revert" => {
            let quoted = parsed.description().trim();
            (Subject::Revert, Some(quoted.trim_matches('"').to_owned()))
        }
        (None, Some(_)) => (Subject::Other, None),
        (None, None) => (Subject::Words, None),
    };
    let mut revert = Revert { only: subject != Subject::Other, ..Revert::default() };
    for paragraph in &part.paragraphs {
        let text = paragraph.replace(['\n', '\r'], " ");
        statements(paragraph, &text, subject, &mut revert);
        if subject != Subject::Other {
            pulls(paragraph, &mut revert.pulls);
        }
        if quoted.is_some() {
            references(paragraph, &mut revert);
        }
    }
    let bare =
        conventional(&part.subject).map(|_| unnumbered(quoted.as_deref().unwrap_or_default()));
    revert.described = bare.filter(|_| quoted.is_some()).map(str::to_owned);
    revert.subject = quoted;
    let says = revert.subject.is_some() || !revert.commits.is_empty() || !revert.pulls.is_empty();
    says.then_some(revert)
}

/// Reads `This reverts commit 1f2e3d4.` and its like. Only if the subject declares a revert may the
/// sentence contain more text, or start in the middle of a line.
fn statements(paragraph: &str, text: &str, subject: Subject, revert: &mut Revert) {
    const WORDS: &str = "reverts commit";
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    while let Some(found) = lower.get(from..).and_then(|rest| rest.find(WORDS)) {
        let at = from + found;
        from = at + WORDS.len();
        let before = paragraph.get(..at).unwrap_or_default();
        let this = if before.to_ascii_lowercase().ends_with("this ") { 5 } else { 0 };
        let start = before.len() - this;
        let begins = before.get(..start).is_some_and(|before| {
            let before = before.trim_end_matches([' ', '\t', '\r']);
            before.is_empty() || before.ends_with('\n')
        });
        let rest = text.get(from..).unwrap_or_default();
        let sentence = sentence(rest.strip_prefix('s').unwrap_or(rest));
        if subject == Subject::Revert || (begins && sentence.complete) {
            revert.commits.extend(sentence.commits);
            revert.mainline = revert.mainline.take().or(sentence.mainline);
        }
    }
}

/// The rest of a sentence that names commits.
struct Sentence {
    commits: Vec<String>,
    mainline: Option<String>,
    /// Whether it contains nothing else.
    complete: bool,
}

fn sentence(text: &str) -> Sentence {
    let text = without_parentheses(text);
    let (text, _) = text.split_once('.').unwrap_or((&text, ""));
    let (text, reversing) = text.split_once("reversing").unwrap_or((text, ""));
    let mut sentence = Sentence { commits: Vec::new(), mainline: None, complete: true };
    for word in words(text) {
        let least = if sentence.commits.is_empty() { SHORTEST } else { SURE };
        if is_id(word, least) {
            sentence.commits.push(word.to_ascii_lowercase());
        } else if !["and", "commit", "commits"].contains(&word) {
            sentence.complete = false;
            break;
        }
    }
    sentence.complete &= !sentence.commits.is_empty();
    let mainline = words(reversing).filter(|word| is_id(word, SURE)).last();
    sentence.mainline = mainline.map(str::to_ascii_lowercase);
    sentence
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn is_id(word: &str, least: usize) -> bool {
    (least..=64).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Removes the text that `git revert --reference` adds: `1f2e3d4 (feat: x, 2026-01-02)`.
fn without_parentheses(text: &str) -> String {
    let mut depth = 0_usize;
    let keep = |c: &char| {
        match c {
            '(' => depth += 1,
            ')' if depth > 0 => {
                depth -= 1;
                return false;
            }
            _ => {}
        }
        depth == 0
    };
    text.chars().filter(keep).collect()
}

/// Reads lines such as `Reverts acme/widget#3`, which GitHub's button writes.
fn pulls(paragraph: &str, numbers: &mut Vec<u64>) {
    for line in paragraph.lines() {
        let line = line.trim();
        let rest = ["Reverts ", "This reverts ", "reverts ", "this reverts "];
        let Some(rest) = rest.iter().find_map(|begin| line.strip_prefix(begin)) else { continue };
        let rest = ["pull request ", "pull requests ", "PR ", "merge request "]
            .iter()
            .find_map(|name| rest.strip_prefix(name))
            .unwrap_or(rest);
        let mut found = rest.split([' ', ',']).filter(|word| !["", "and"].contains(word));
        let number = |word: &str| pull(word.trim_end_matches('.'));
        numbers.extend(found.by_ref().map_while(number));
    }
}

/// The number in `#3`, `acme/widget#3`, `!3` or the address of a pull request.
fn pull(word: &str) -> Option<u64> {
    let digits = match word.rsplit_once(['#', '!']) {
        Some((repository, digits)) => {
            let named = repository.is_empty() || repository.contains('/');
            named.then_some(digits)?
        }
        None => ["/pull/", "/merge_requests/"]
            .iter()
            .find_map(|part| Some(word.split_once(part)?.1))
            .filter(|_| word.starts_with("https://"))?,
    };
    digits.parse().ok()
}

/// Reads `Refs: 676104e, a215868`, which the Conventional Commits propose for reverts.
fn references(paragraph: &str, revert: &mut Revert) {
    for line in paragraph.lines() {
        let Some(rest) = line.strip_prefix("Refs:").or_else(|| line.strip_prefix("refs:")) else {
            continue;
        };
        for word in rest.split([' ', ',']).map(str::trim).filter(|word| !word.is_empty()) {
            if is_id(word, SHORTEST)
                && !word.bytes().all(|b| b.is_ascii_digit() && word.len() < SURE)
            {
                revert.commits.push(word.to_ascii_lowercase());
            } else {
                revert.pulls.extend(pull(word));
            }
        }
    }
}
