//! Rejects commands and checkouts that are not allowed in a workflow run for a merge.

use crate::ci::Environment;
use crate::drive::observe::foreign_checkout;
use crate::facts::event::Trigger;
use crate::ports::ReadPorts;

/// Rejects a command about a release if the workflow run is for a merge: there is no release yet,
/// and the manifest and its commands would come from the author of the pull request.
pub(super) fn not_for_a_merge(command: &str, environment: &Environment) -> anyhow::Result<()> {
    if environment.trigger()?.is_merge() {
        anyhow::bail!(
            "cannot run `tminus {command}` for a pull request or merge group: use `tminus check` here, \
             and run `tminus {command}` on `push` or `workflow_dispatch`"
        );
    }
    Ok(())
}

/// Rejects a checkout of untrusted code in a job that has the permissions of the base branch.
pub(super) fn refuse_checkout(trigger: &Trigger, read_ports: &ReadPorts<'_>) -> anyhow::Result<()> {
    if let Some(base) = foreign_checkout(trigger, read_ports)? {
        anyhow::bail!(
            "unsafe checkout: `pull_request_target` gives this job the permissions of `{base}`, \
             but the checked-out commit is not on that branch; use `pull_request`, or remove \
             `ref:` from the checkout step"
        );
    }
    Ok(())
}
