//! Subjects that quote another subject: `Revert "…"`, `Reapply "…"`.

use super::part::unnumbered;

/// A subject that quotes another one.
pub(super) struct Quoting<'a> {
    /// The subject that it quotes.
    pub(super) quoted: &'a str,
    /// Whether it reverts that subject; `Reapply` reverts its revert.
    pub(super) reverts: bool,
    /// The innermost quoted subject.
    pub(super) innermost: &'a str,
    /// Whether that subject is reverted and not reapplied.
    pub(super) undone: bool,
}

/// Reads `Revert "…"`, and `Reapply "…"`, which git writes for the revert of a revert. A squash
/// merge adds the number of the pull request.
pub(super) fn quoting(subject: &str) -> Option<Quoting<'_>> {
    let (quoted, reverts) = unquoted(subject)?;
    let (mut innermost, mut undone) = (quoted, reverts);
    while let Some((inner, reverts)) = unquoted(innermost) {
        (innermost, undone) = (inner, undone != reverts);
    }
    Some(Quoting { quoted, reverts, innermost, undone })
}

/// The subject that a subject quotes, and whether it reverts it.
fn unquoted(subject: &str) -> Option<(&str, bool)> {
    let line = unnumbered(subject);
    let words = [("Revert \"", true), ("Reapply \"", false), ("Reland \"", false)];
    let (rest, reverts) =
        words.iter().find_map(|(word, reverts)| Some((line.strip_prefix(word)?, *reverts)))?;
    let quoted = rest.strip_suffix('"')?;
    (!quoted.trim().is_empty()).then_some((quoted, reverts))
}
