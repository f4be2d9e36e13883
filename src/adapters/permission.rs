//! How to grant a permission that GitHub named, in an API response or in a message to git.

/// How to grant the permission (`contents: write`). If the text is not a permission, the token
/// itself is the problem.
pub(crate) fn grant(needs: &str) -> String {
    if needs.contains("workflows:") {
        format!(
            "use a GitHub App token or a personal access token with `{needs}`; `GITHUB_TOKEN` cannot \
             have this permission"
        )
    } else if needs.contains(':') {
        format!("add `{needs}` to the job's `permissions`, or use a token that has it")
    } else {
        "set `GITHUB_TOKEN` to a token that can read the repository".into()
    }
}
