//! A subject in the format of Conventional Commits: kind, scope, `!`, description.

/// Reads a subject; `None` if it follows no convention.
pub(super) fn conventional(line: &str) -> Option<git_conventional::Commit<'_>> {
    // The parser takes anything before a colon for a kind, `::error` and `http` of a link too.
    let word = |kind: &str| kind.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let parsed = git_conventional::Commit::parse(line.trim()).ok();
    parsed.filter(|parsed| word(parsed.type_().as_str()))
}
