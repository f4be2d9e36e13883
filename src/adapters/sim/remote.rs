//! Implements the git remote's ports in the simulator.

use super::effect::EffectKind;
use super::world::World;
use crate::base::names::{Person, Sha, TagName};
use crate::facts::rights::Push;
use crate::ports::{
    Document, DocumentChange, Fetch, NewTag, PortError, RefAt, Remote, RemoteChange, TagMove,
};
use crate::release::ledger::{Entry, Ledger};
use crate::release::signature::EntrySignature;
use async_trait::async_trait;
use jiff::Timestamp;

#[async_trait(?Send)]
impl Remote for World {
    async fn refs(&self) -> Result<Vec<RefAt>, PortError> {
        self.effect(EffectKind::Refs, "list refs".into(), |state, process| {
            state.record_read_tags(process);
            Ok(state.refs())
        })
        .await
    }

    async fn fetch(&self, what: &Fetch) -> Result<(), PortError> {
        let line = match what {
            Fetch::Commit(sha) => format!("fetch {}", sha.short()),
            Fetch::Pull(number) => format!("fetch pull request {number}"),
            Fetch::Branch(branch) => format!("fetch {branch}"),
            Fetch::History => "fetch history".into(),
        };
        self.effect(EffectKind::Fetch, line, |_, _| Ok(())).await
    }

    async fn ledger(&self, tag: &TagName) -> Result<Ledger, PortError> {
        let line = format!("read the ledger of {tag}");
        self.effect(EffectKind::Ledger, line, |state, _| Ok(state.ledger(tag))).await
    }

    async fn holds(&self) -> Result<Ledger, PortError> {
        let line = "read the holds on the repository".into();
        self.effect(EffectKind::Ledger, line, |state, _| Ok(state.holds())).await
    }

    async fn signers(
        &self,
        ledger: &Ledger,
        entries: &[usize],
        _: &str,
    ) -> Result<Vec<EntrySignature>, PortError> {
        // The signer of an entry is the user who wrote it.
        let foreign = self.with(|state| state.society.foreign_keys.clone());
        let by = |number: &usize| {
            let entry = ledger.entries.get(number.checked_sub(1)?)?;
            let name = entry.by.name.split('@').next().unwrap_or_default();
            if Person::new(name).is_ok_and(|name| foreign.contains(&name)) {
                let why = "the allowed signers do not contain the key".into();
                return Some(EntrySignature::Foreign { why });
            }
            Some(EntrySignature::Good { by: name.into() })
        };
        Ok(entries.iter().map(|number| by(number).unwrap_or(EntrySignature::Unsigned)).collect())
    }

    fn commits(&self, ledger: &Ledger, entries: &[usize]) -> Result<Vec<Sha>, PortError> {
        let found = self.with(|state| {
            let chains = state.ledgers.values().chain([&state.holds]);
            let head = |chain: &&Vec<(Sha, Entry)>| {
                chain.get(ledger.entries.len().saturating_sub(1)).map(|(sha, _)| sha)
                    == ledger.head.as_ref()
            };
            let chain = chains.into_iter().find(head)?;
            let commit = |number: &usize| Some(chain.get(number.checked_sub(1)?)?.0.clone());
            entries.iter().map(commit).collect::<Option<Vec<Sha>>>()
        });
        let what = "find the commits of the statements".into();
        found.ok_or(PortError::NoAnswer { what, why: "the ledger has fewer entries".into() })
    }

    async fn document(&self, which: &Document) -> Result<Option<(Sha, String)>, PortError> {
        let line = format!("read {}", which.ref_name());
        self.effect(EffectKind::Document, line, |state, _| Ok(state.documents.get(which).cloned()))
            .await
    }

    async fn may_push(&self, _: &Sha) -> Result<Push, PortError> {
        let line = "check whether git can push".into();
        self.effect(EffectKind::MayPush, line, |state, _| Ok(state.leave_to_push())).await
    }
}

#[async_trait(?Send)]
impl RemoteChange for World {
    async fn append(
        &self,
        tag: &TagName,
        head: Option<&Sha>,
        entries: &[Entry],
    ) -> Result<Sha, PortError> {
        let lines: Vec<_> = entries.iter().map(Entry::line).collect();
        let line = format!("append to the ledger of {tag}: {}", lines.join("; "));
        self.effect(EffectKind::Append, line, |state, process| {
            let before = state.ledger(tag).entries.len();
            let end = state.append(tag, head, entries)?;
            state.appended(process, tag, before);
            Ok(end)
        })
        .await
    }

    async fn append_hold(&self, head: Option<&Sha>, entry: &Entry) -> Result<Sha, PortError> {
        let line = format!("append to the holds on the repository: {}", entry.line());
        self.effect(EffectKind::Append, line, |state, _| state.append_hold(head, entry)).await
    }

    async fn signer(&self, _: &str, _: Timestamp) -> Result<EntrySignature, PortError> {
        let by = self.user();
        let foreign = |person| self.with(|state| state.society.foreign_keys.contains(&person));
        Ok(match Person::new(by.as_str()).is_ok_and(foreign) {
            true => {
                EntrySignature::Foreign { why: "the allowed signers do not contain the key".into() }
            }
            false => EntrySignature::Good { by },
        })
    }

    async fn replace_document(&self, change: &DocumentChange<'_>) -> Result<Sha, PortError> {
        let line = format!("write {}: {}", change.which.ref_name(), change.line);
        self.effect(EffectKind::ReplaceDocument, line, |state, process| {
            let before = state.documents.get(change.which).cloned();
            let new = state.replace_document(change)?;
            state.document_replaced(process, change, before);
            Ok(new)
        })
        .await
    }

    async fn create_tag(&self, tag: &NewTag) -> Result<Sha, PortError> {
        let line = format!("create tag {} at {}", tag.tag, tag.commit.short());
        self.effect(EffectKind::CreateTag, line.clone(), |state, process| {
            let object = state.create_tag(tag)?;
            state.went_public(process, &tag.tag, &tag.commit, &line);
            Ok(object)
        })
        .await
    }

    async fn move_tag(&self, order: &TagMove) -> Result<(), PortError> {
        let line = format!("move tag {} to {}", order.tag, order.to.short());
        self.effect(EffectKind::MoveTag, line, |state, process| {
            state.swing_tag(order)?;
            state.moved_by_us(process, &order.tag, &order.to);
            Ok(())
        })
        .await
    }

    async fn delete_tag(&self, tag: &TagName, object: &Sha) -> Result<(), PortError> {
        let line = format!("delete tag {tag}");
        self.effect(EffectKind::DeleteTag, line, |state, _| {
            if !state.tags.contains_key(tag) {
                return Ok(()); // As git: what is gone is as good as removed.
            }
            let public = state.published(tag.as_str()).is_some();
            state.delete_tag(tag, object)?;
            if public {
                state.violation(format!("tag {tag} was deleted under a public release"));
            }
            Ok(())
        })
        .await
    }
}
