//! GitHub's terms, and how to grant its permissions, in words.

use crate::project::manifest::ForgeMessages;

/// The fix that helps most often.
macro_rules! in_a_workflow {
    () => {
        "add `contents: write` to the job's `permissions` in the workflow"
    };
}

/// Its name for people.
pub(super) const NAME: &str = "GitHub";

/// Texts in a commit message that prevent GitHub from starting workflows
/// (<https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs>).
const SKIPS: [&str; 6] =
    ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]", "skip-checks: true"];

/// GitHub's.
pub(super) const WORDS: ForgeMessages = ForgeMessages {
    name: NAME,
    keeps_checks: Some(400),
    skips: &SKIPS,
    job_token: "`GITHUB_TOKEN`",
    set_token: "set `GITHUB_TOKEN` to a valid token",
    grant_job: in_a_workflow!(),
    grant_app: "grant the app the repository permission \"Contents: Read and write\", then approve the \
                new permission for its installation",
    grant_scopes: "add the `repo` scope to the token, and give its owner write access to the repository",
    grant_token: "grant the token the repository permission \"Contents: Read and write\"",
    grant_unknown: concat!(
        in_a_workflow!(),
        "; outside a workflow, use a token with `contents: write`"
    ),
    grant_key: "select \"Allow write access\" for the deploy key",
    grant_helper: concat!(
        in_a_workflow!(),
        ", and pass `GITHUB_TOKEN` to tminus, or remove `persist-credentials: false` from \
         `actions/checkout`"
    ),
    bypass_job: "release with a GitHub App token or a deploy key, and add the app or key to the \
                 bypass list of the ruleset; `GITHUB_TOKEN` cannot be added",
    workflows_job: "update `.github/workflows` to match the default branch, or release with a deploy \
                    key or a GitHub App token with `workflows: write`; `GITHUB_TOKEN` cannot have \
                    this permission",
};
