//! Placeholders for entries, and the blank lines around entries.

/// Placeholders for entries that are not written yet.
const PLACEHOLDERS: [&str; 20] = [
    "tbd",
    "tba",
    "tbc",
    "todo",
    "wip",
    "work in progress",
    "coming soon",
    "to be written",
    "to be determined",
    "to be announced",
    "to be done",
    "to be added",
    "nothing yet",
    "none yet",
    "no changes yet",
    "no entries yet",
    "nothing here yet",
    "placeholder",
    "unreleased",
    "unreleased changes",
];

/// Phrases that mean "no changes" in an unreleased section.
const NOTHING: [&str; 11] = [
    "nothing",
    "none",
    "n a",
    "no changes",
    "no change",
    "no entries",
    "no unreleased changes",
    "nothing unreleased",
    "nothing to see here",
    "nothing new",
    "empty",
];

/// Whether a line is a placeholder for entries. In unreleased sections, more texts count as one.
pub(super) fn is_placeholder(line: &str, open: bool) -> bool {
    let mut sentences = line.split(['.', '!', '…']).map(folded).filter(|it| !it.is_empty());
    sentences.all(|sentence| {
        PLACEHOLDERS.contains(&sentence.as_str())
            || [
                "not yet been written",
                "not been written yet",
                "not written yet",
                "yet to be written",
            ]
            .iter()
            .any(|end| sentence.ends_with(end))
            || (open && NOTHING.contains(&sentence.as_str()))
    })
}

fn folded(sentence: &str) -> String {
    let words: Vec<String> = sentence
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

/// A text without blank lines around it; the indentation of its first line stays.
pub(super) fn unindented(text: &str) -> &str {
    let mut rest = text.trim_end();
    while let Some((line, behind)) = rest.split_once('\n') {
        if !line.trim().is_empty() {
            break;
        }
        rest = behind;
    }
    rest
}
