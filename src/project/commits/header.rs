//! A subject in the format of Conventional Commits: kind, scope, `!`, description.

/// Reads a subject; `None` if it does not follow the convention.
pub(super) fn conventional(line: &str) -> Option<git_conventional::Commit<'_>> {
    // The parser treats anything before a colon as a type, including `::error` and the `http` of a
    // link.
    let word = |kind: &str| kind.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let parsed = git_conventional::Commit::parse(line.trim()).ok();
    parsed.filter(|parsed| word(parsed.type_().as_str()))
}
