//! What GitHub calls things, and what grants its permissions, in words.

use crate::project::manifest::ForgeWords;

/// The line of a workflow that fixes most.
macro_rules! in_a_workflow {
    () => {
        "in the workflow, add `contents: write` under the job's `permissions`"
    };
}

/// Its name for people.
pub(super) const NAME: &str = "GitHub";

/// What in a commit's message keeps GitHub from starting workflows
/// (<https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs>).
const SKIPS: [&str; 6] =
    ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]", "skip-checks: true"];

/// GitHub's.
pub(super) const WORDS: ForgeWords = ForgeWords {
    name: NAME,
    keeps_checks: Some(400),
    skips: &SKIPS,
    set_token: "set `GITHUB_TOKEN` to one",
    grant_job: in_a_workflow!(),
    grant_app: "give the app the repository permission `Contents: Read and write`, and accept it in \
                the installation of the app",
    grant_scopes: "give the token the scope `repo`, and its owner write access to the repository",
    grant_token: "give the token the repository permission `Contents: Read and write`",
    grant_unknown: concat!(in_a_workflow!(), "; elsewhere use a token that can write contents"),
    grant_key: "give the key write access: a deploy key needs `Allow write access`",
    grant_helper: concat!(
        in_a_workflow!(),
        ", and pass `GITHUB_TOKEN` to tminus or leave `persist-credentials` of `actions/checkout` on"
    ),
    bypass_job: "release with an app's token or a deploy key, and add it to the ruleset's bypass \
                 list: the workflow's own token cannot be added",
    workflows_job: "make the files under `.github/workflows` match the default branch, or release \
                    with an app's token that has `workflows: write`, or with a deploy key: the \
                    workflow's own token cannot have it",
};
