//! Reads a ref of tminus from the remote.

use super::fault::{Access, fault};
use super::remote::{FETCH, GitRemote};
use crate::base::names::Sha;
use crate::ports::{PortError, RepositoryError};

/// The maximum number of attempts if another process of this clone fetches the same ref.
const TRIES: usize = 3;

/// The result of a fetch.
enum Fetched {
    Here,
    /// According to git, the remote has no such ref.
    Absent,
}

impl GitRemote {
    /// Fetches a ref, stores it locally as `copy`, and returns its commit. Without a remote, it
    /// reads the local ref.
    pub(super) async fn head_of(
        &self,
        what: &str,
        name: &str,
        copy: &str,
    ) -> Result<Option<Sha>, PortError> {
        let no_answer = |why: String| PortError::NoAnswer { what: what.into(), why };
        let here =
            |name: &str| self.local(name).map_err(|error: RepositoryError| no_answer(error.why));
        if self.name().is_none() {
            return here(name);
        }
        let spec = format!("+{name}:{copy}");
        // A partial clone would fetch the commits without their files.
        let arguments = [&FETCH[..], &["--no-filter", self.place(), &spec]].concat();
        for _ in 0..TRIES {
            let fetched = self.git.repeated(what, async || {
                let output = self.git.run(what, &arguments, b"").await?;
                if output.ok {
                    return Ok(Fetched::Here);
                }
                if output.stderr.contains("couldn't find remote ref refs/tminus/") {
                    return Ok(Fetched::Absent);
                }
                Err(fault(what, Access::Read, &output))
            });
            match fetched.await {
                Ok(Fetched::Here) => {
                    let why = "git reports that it was fetched, but it is missing".into();
                    return here(copy)?.map(Some).ok_or_else(|| no_answer(why));
                }
                Ok(Fetched::Absent) => {
                    // A remote that sends an empty response looks like one without this ref.
                    let refs = self.list(what, &[name]).await?;
                    if refs.iter().all(|at| at.name != name) {
                        return Ok(None);
                    }
                }
                Err(PortError::Behind { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(no_answer("another process keeps fetching into this clone".into()))
    }
}
