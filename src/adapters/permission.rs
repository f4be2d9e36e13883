//! What grants a permission that GitHub named, through its API or as git's server.

/// What grants it (`contents: write`); what is no permission is the token itself.
pub(crate) fn grant(needs: &str) -> String {
    if needs.contains("workflows:") {
        format!(
            "use an app's or a person's token with `{needs}`; a workflow's own token cannot \
                 have it"
        )
    } else if needs.contains(':') {
        format!("grant `{needs}` under the job's `permissions`, or use a token that has it")
    } else {
        "set `GITHUB_TOKEN` to a token that can read the repository".into()
    }
}
