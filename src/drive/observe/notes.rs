//! Data from the forge that the notes need: the notes that it generates, and the page that
//! truncated notes link to.

use super::unseen::from_port;
use crate::facts::{Facts, Seen};
use crate::judge::case::Case;
use crate::judge::notes::{are_in_file, is_too_long, order};
use crate::ports::{NotesRequest, ReadPorts};
use crate::project::manifest::{ChangelogStyle, Manifest};
use crate::release::ledger::Ledger;

/// Stores both in the facts, unless the plan is sealed: it contains its notes.
pub(super) async fn notes(read_ports: &ReadPorts<'_>, manifest: &Manifest, facts: &mut Facts) {
    let sealed = facts.ledger.known().ok().and_then(Ledger::plan).is_some();
    let case = Case::new(manifest, facts);
    let Ok(target) = case.target().cloned() else { return };
    if sealed || !manifest.forge.has_releases() {
        return;
    }
    if manifest.changelog.style == ChangelogStyle::Forge {
        let previous = order(&case);
        let order =
            NotesRequest { tag: target.tag.clone(), commit: facts.commit.sha.clone(), previous };
        facts.forge_notes = match read_ports.forge {
            Err(why) => Seen::unseen(why),
            Ok(forge) => match forge.notes(&order).await {
                Ok(text) => Seen::Known(text),
                Err(error) => from_port(&error),
            },
        };
    }
    let case = Case::new(manifest, facts);
    if is_too_long(&case) {
        let file = case.changelog().filter(|_| are_in_file(&case));
        let page = read_ports.forge.map(|forge| match &file {
            Some(path) => forge.file_page(&target.tag, path),
            None => forge.commits_page(order(&case).as_ref(), &target.tag),
        });
        facts.notes_page = match page {
            Err(why) => Seen::unseen(why),
            Ok(None) => Seen::unseen("the address of its page is not known"),
            Ok(Some(page)) => Seen::Known(page),
        };
    }
}
