//! What grants a permission that GitHub named, through its API or as git's server.

/// What grants it (`contents: write`); what is no permission is the token itself.
pub(crate) fn grant(needs: &str) -> String {
    if needs.contains("workflows:") {
        format!(
            "use a GitHub App token or a personal access token with `{needs}`; `GITHUB_TOKEN` cannot \
             have this permission"
        )
    } else if needs.contains(':') {
        format!("grant `{needs}` under the job's `permissions`, or use a token that has it")
    } else {
        "set `GITHUB_TOKEN` to a token that can read the repository".into()
    }
}
