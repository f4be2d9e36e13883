//! The moving tags of a release, as the remote has them.

use super::unseen::from_port;
use crate::base::names::{Sha, TagName};
use crate::facts::{Facts, MovingTag, Seen, TagAt};
use crate::judge::case::Case;
use crate::ports::{ReadPorts, RefAt, Repository};
use crate::project::manifest::Manifest;
use std::collections::BTreeMap;

/// The moving tags among the refs of the remote, compared with the commit of the release.
pub(super) fn moving_tags(
    repository: &dyn Repository,
    tags: impl Iterator<Item = TagName>,
    refs: &[RefAt],
    commit: &Sha,
) -> BTreeMap<TagName, MovingTag> {
    let find = |name: String| refs.iter().find(|at| at.name == name);
    let tag = |tag: TagName| {
        let at = find(format!("refs/tags/{tag}")).map(|at| TagAt {
            object: at.object.clone(),
            commit: at.commit.clone(),
            // If the clone does not have the commit, nothing shows that it is an ancestor.
            ancestor: repository.is_ancestor(&at.commit, commit).unwrap_or(false),
            carries: None,
        });
        let recorded = find(format!("refs/tminus/releases/{tag}")).is_some();
        (tag, MovingTag { at, recorded, locked: Seen::not_asked() })
    };
    tags.map(tag).collect()
}

/// Reads whether tags that are to be moved belong to immutable releases. The forge refuses to move
/// such a tag, which must be known before the release is public. Each tag is read once.
pub(super) async fn locks(read_ports: &ReadPorts<'_>, manifest: &Manifest, facts: &mut Facts) {
    if !manifest.forge.has_releases() {
        return;
    }
    let due = Case::new(manifest, facts).due_to_move();
    let open = |now: &MovingTag| now.at.is_some() && now.locked == Seen::not_asked();
    let open = due.into_iter().filter(|(_, now)| open(now));
    let tags: Vec<TagName> = open.map(|(moving, _)| moving.tag).collect();
    for tag in tags {
        let locked = match read_ports.forge {
            Ok(forge) => match forge.is_locked(&tag).await {
                Ok(locked) => Seen::Known(locked),
                Err(error) => from_port(&error),
            },
            Err(why) => Seen::unseen(why),
        };
        if let Seen::Known(moving) = &mut facts.moving
            && let Some(known) = moving.get_mut(&tag)
        {
            known.locked = locked;
        }
    }
}

/// Reads the same tags in the remote again. Whether the forge locks them is not read again.
pub(super) fn moving_again(
    repository: &dyn Repository,
    tags: impl Iterator<Item = TagName>,
    refs: &[RefAt],
    commit: &Sha,
    before: &Seen<BTreeMap<TagName, MovingTag>>,
) -> Seen<BTreeMap<TagName, MovingTag>> {
    let mut now = moving_tags(repository, tags, refs, commit);
    if now.is_empty() {
        return before.clone();
    }
    for (tag, known) in before.known().ok().into_iter().flatten() {
        if let Some(now) = now.get_mut(tag) {
            now.locked = known.locked.clone();
        }
    }
    Seen::Known(now)
}
