//! Refuses commands and checkouts that are not allowed in a workflow run for a merge.

use crate::ci::Environment;
use crate::drive::observe::foreign_checkout;
use crate::facts::event::Trigger;
use crate::ports::ReadPorts;

/// Refuses a command about a release where the workflow run is about a merge: there is none yet, and
/// the manifest with its commands would be whose who proposed it.
pub(super) fn not_for_a_merge(command: &str, environment: &Environment) -> anyhow::Result<()> {
    if environment.trigger()?.is_merge() {
        anyhow::bail!(
            "cannot run `tminus {command}` for a pull request or merge group: use `tminus check` here, \
             and run `tminus {command}` on `push` or `workflow_dispatch`"
        );
    }
    Ok(())
}

/// Refuses to judge with the rights of a branch what may be a stranger's.
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
