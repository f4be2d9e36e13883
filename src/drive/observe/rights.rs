//! Reads the permissions of the credentials.

use super::forge::NO_FORGE;
use super::unseen::from_port;
use crate::facts::rights::Rights;
use crate::facts::{Facts, Seen};
use crate::judge::case::Case;
use crate::ports::{PermissionQuery, PermissionScope, ReadPorts};
use crate::project::manifest::{Manifest, Stage};

/// Reads the permissions from the forge and the remote, at the same time.
pub(super) async fn rights(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    facts: &Facts,
) -> Seen<Rights> {
    let push = async {
        match read_ports.remote {
            Some(remote) => match remote.may_push(&facts.commit.sha).await {
                Ok(push) => Seen::Known(push),
                Err(error) => from_port(&error),
            },
            None => Seen::unseen_help("the remote was not read", "run without `--no-fetch`"),
        }
    };
    match tokio::join!(query_permissions(read_ports, manifest, facts, PermissionScope::Whole), push)
    {
        (Ok(rights), push) => Seen::Known(Rights { push, ..rights }),
        (Err(unseen), _) => unseen,
    }
}

/// Reads the permissions from the forge again, if they were read before. git has pushed the ledger
/// since then.
pub async fn rights_again(read_ports: &ReadPorts<'_>, manifest: &Manifest, facts: &mut Facts) {
    let Seen::Known(before) = facts.rights.clone() else { return };
    facts.rights = match query_permissions(read_ports, manifest, facts, PermissionScope::Again)
        .await
    {
        Ok(now) => Seen::Known(Rights { push: before.push, immutable: before.immutable, ..now }),
        Err(unseen) => unseen,
    };
}

async fn query_permissions(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    facts: &Facts,
    extent: PermissionScope,
) -> Result<Rights, Seen<Rights>> {
    if !manifest.forge.has_releases() {
        return Ok(Rights::unseen(NO_FORGE));
    }
    let forge = match read_ports.forge {
        Ok(forge) => forge,
        Err(why) => return Ok(Rights::unseen(why)),
    };
    let case = Case::new(manifest, facts);
    let Ok(target) = case.target() else {
        return Err(Seen::unseen("the version to release is not known"));
    };
    let history = facts.history.known().ok();
    let previous = history.and_then(|history| history.base.as_ref()).map(|base| base.tag.clone());
    let commit = facts.commit.sha.clone();
    let mut environments: Vec<String> =
        manifest.stages.iter().filter_map(Stage::environment_name).map(str::to_owned).collect();
    environments.sort_unstable();
    environments.dedup();
    let due = case.due_to_move().into_iter();
    let moving = due.map(|(moving, now)| (moving.tag, now.at.clone())).collect();
    let tag = target.tag.clone();
    let inquiry = PermissionQuery { tag, moving, commit, previous, environments, extent };
    forge.rights(&inquiry).await.map_err(|error| from_port(&error))
}
