//! Updates one ref of the remote, by compare-and-swap.

use super::fault::{Access, fault};
use super::output::Output;
use super::remote::GitRemote;
use crate::base::names::Sha;
use crate::ports::PortError;

/// A change of one ref. It takes effect completely, and only if the ref has the expected target.
pub(super) struct RefUpdate<'a> {
    /// The operation, for errors.
    pub(super) what: &'a str,
    /// The ref's full name.
    pub(super) name: &'a str,
    /// The expected target; `None` if the ref must not exist.
    pub(super) expected: Option<&'a Sha>,
    /// The new target; `None` to delete the ref.
    pub(super) new: Option<&'a Sha>,
    /// Whether the user's `pre-push` hook runs.
    pub(super) hook: Hook,
}

/// Whether the user's `pre-push` hook runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hook {
    /// Runs it: it lets the user control what becomes public.
    Asked,
    /// The ledger is written at every step: a hook that runs tests would outlast the lease.
    Skipped,
}

impl GitRemote {
    /// Pushes the change. After [`PortError::Behind`] and [`PortError::NoAnswer`], read the ref
    /// again.
    pub(super) async fn swap(&self, swap: &RefUpdate<'_>) -> Result<(), PortError> {
        let text = |sha: Option<&Sha>| sha.map_or(String::new(), Sha::to_string);
        let lease = format!("--force-with-lease={}:{}", swap.name, text(swap.expected));
        let spec = format!("{}:{}", text(swap.new), swap.name);
        let mut arguments =
            vec!["push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no", &lease];
        if swap.hook == Hook::Skipped {
            arguments.push("--no-verify");
        }
        arguments.extend([self.place(), &spec]);
        let output = self.git.run(swap.what, &arguments, b"").await?;
        pushed(swap.what, &output)
    }
}

/// Whether a push was made, or could be made, according to git's last line. A program that prints
/// nothing has pushed nothing, regardless of its exit code.
pub(super) fn pushed(what: &str, output: &Output) -> Result<(), PortError> {
    if !output.ok {
        return Err(fault(what, Access::Write, output));
    }
    if output.text().lines().any(|line| line == "Done") {
        return Ok(());
    }
    let why = "`git push` did not report that it is done".into();
    Err(PortError::NoAnswer { what: what.into(), why })
}

/// Whether the change may have been made despite the failure.
pub(super) fn in_doubt(error: &PortError) -> bool {
    match error {
        PortError::NoAnswer { .. } | PortError::Behind { .. } => true,
        PortError::Refused { .. }
        | PortError::Limited { .. }
        | PortError::Denied { .. }
        | PortError::Damaged { .. } => false,
    }
}
