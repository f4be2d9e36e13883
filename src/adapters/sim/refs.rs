//! The simulated remote's refs: branches, tags and ledgers.

use super::parts::{Author, SimRelease, TagRef};
use super::refusal::Refusal;
use super::state::{State, object_id};
use crate::base::names::{Sha, TagName};
use crate::facts::TagAt;
use crate::ports::{DocumentChange, HOLDS, NewTag, RefAt, TagMove};
use crate::release::ledger::{Entry, Ledger};

impl State {
    /// Takes tags over from elsewhere; other refs are left out.
    pub fn adopt(&mut self, refs: &[RefAt]) {
        for at in refs {
            let short = at.name.strip_prefix("refs/tags/");
            if let Some(tag) = short.and_then(|short| TagName::new(short).ok()) {
                let (object, commit) = (at.object.clone(), at.commit.clone());
                let tag_ref =
                    TagRef { object, commit, message: String::new(), by: Author::Foreign };
                self.tags.insert(tag, tag_ref);
            }
        }
    }

    /// Makes a tag without an object, as foreign hands and the forge do; one that is there stays.
    pub fn put_light_tag(&mut self, tag: &TagName, commit: &Sha, by: Author) {
        self.tags.entry(tag.clone()).or_insert_with(|| TagRef {
            object: commit.clone(),
            commit: commit.clone(),
            message: String::new(),
            by,
        });
    }

    /// Creates an annotated tag where there is none of its name.
    ///
    /// # Errors
    /// [`Refusal::Behind`] where one is there.
    pub fn create_tag(&mut self, new: &NewTag) -> Result<Sha, Refusal> {
        if self.tags.contains_key(&new.tag) {
            return Err(Refusal::Behind);
        }
        self.refuse_by_rules(&new.tag, None)?;
        let content = format!("{} {} {} {}", new.commit, new.tag, new.at, new.message);
        let object = object_id(&content)?;
        let made = TagRef {
            object: object.clone(),
            commit: new.commit.clone(),
            message: new.message.clone(),
            by: Author::Us,
        };
        self.tags.insert(new.tag.clone(), made);
        Ok(object)
    }

    /// Moves a tag that still holds what was seen, or creates it.
    ///
    /// # Errors
    /// [`Refusal::Behind`] where it holds something else; a rule where one forbids it, or where an
    /// immutable release has it.
    pub fn swing_tag(&mut self, order: &TagMove) -> Result<(), Refusal> {
        let now = self.tags.get(&order.tag);
        if now.map(|at| &at.object) != order.from.as_ref() {
            return Err(Refusal::Behind);
        }
        // The simulator does not store an order of commits: every move is forward.
        let now = now.map(|at| TagAt {
            object: at.object.clone(),
            commit: at.commit.clone(),
            ancestor: true,
            carries: None,
        });
        self.refuse_by_rules(&order.tag, now.as_ref())?;
        if self.is_locked(&order.tag) {
            let why = "Cannot update this tag: it belongs to an immutable release";
            return Err(Refusal::invalid("Ref", "custom", "ref", why));
        }
        let (object, commit) = (order.to.clone(), order.to.clone());
        let moved = TagRef { object, commit, message: String::new(), by: Author::Us };
        self.tags.insert(order.tag.clone(), moved);
        Ok(())
    }

    /// Whether an immutable release has a tag.
    #[must_use]
    pub fn is_locked(&self, tag: &TagName) -> bool {
        let of_tag = |held: &&SimRelease| held.release.tag == tag.as_str() && !held.release.draft;
        self.releases.iter().filter(of_tag).any(|held| held.immutable)
    }

    /// Removes a tag that still holds `object`. Its published releases fall back to drafts.
    ///
    /// # Errors
    /// [`Refusal::Behind`] where it holds something else; a rule where an immutable release has it.
    pub fn delete_tag(&mut self, tag: &TagName, object: &Sha) -> Result<(), Refusal> {
        if self.tags.get(tag).is_none_or(|at| at.object != *object) {
            return Err(Refusal::Behind);
        }
        let of_tag = |held: &&mut SimRelease| held.release.tag == tag.as_str();
        if self.releases.iter_mut().filter(of_tag).any(|held| held.immutable) {
            let why = "Cannot delete this tag: it belongs to an immutable release";
            return Err(Refusal::invalid("Ref", "custom", "ref", why));
        }
        self.tags.remove(tag);
        for held in self.releases.iter_mut().filter(of_tag) {
            held.release.draft = true;
        }
        Ok(())
    }

    /// Appends to a record that still ends in `head`.
    ///
    /// # Errors
    /// [`Refusal::Behind`] where it ends in something else.
    pub fn append(
        &mut self,
        tag: &TagName,
        head: Option<&Sha>,
        entries: &[Entry],
    ) -> Result<Sha, Refusal> {
        let chain = self.ledgers.entry(tag.clone()).or_default();
        append_to(chain, tag.as_str(), head, entries)
    }

    /// Appends to the holds on the repository that still end in `head`.
    ///
    /// # Errors
    /// [`Refusal::Behind`] where they end in something else.
    pub fn append_hold(&mut self, head: Option<&Sha>, entry: &Entry) -> Result<Sha, Refusal> {
        append_to(&mut self.holds, HOLDS, head, std::slice::from_ref(entry))
    }

    /// Replaces a document that is still the expected one.
    ///
    /// # Errors
    /// [`Refusal::Behind`] where it is another.
    pub fn replace_document(&mut self, change: &DocumentChange<'_>) -> Result<Sha, Refusal> {
        if self.documents.get(change.which).map(|(sha, _)| sha) != change.at {
            return Err(Refusal::Behind);
        }
        self.last_id += 1;
        let sha = object_id(&format!("{} {} {}", self.last_id, change.text, change.line))?;
        self.documents.insert(change.which.clone(), (sha.clone(), change.text.to_owned()));
        Ok(sha)
    }

    /// The record of a release.
    #[must_use]
    pub fn ledger(&self, tag: &TagName) -> Ledger {
        as_ledger(self.ledgers.get(tag).map_or(&[][..], Vec::as_slice))
    }

    /// The holds on the whole repository.
    #[must_use]
    pub fn holds(&self) -> Ledger {
        as_ledger(&self.holds)
    }

    /// Branches, tags, ledgers and documents.
    #[must_use]
    pub fn refs(&self) -> Vec<RefAt> {
        let heads = self.heads.iter().map(|(branch, commit)| RefAt {
            name: format!("refs/heads/{branch}"),
            object: commit.clone(),
            commit: commit.clone(),
        });
        let tags = self.tags.iter().map(|(tag, at)| RefAt {
            name: format!("refs/tags/{tag}"),
            object: at.object.clone(),
            commit: at.commit.clone(),
        });
        let ledgers = self.ledgers.iter().filter_map(|(tag, chain)| {
            let (head, _) = chain.last()?;
            let name = format!("refs/tminus/releases/{tag}");
            Some(RefAt { name, object: head.clone(), commit: head.clone() })
        });
        let documents = self.documents.iter().map(|(which, (commit, _))| RefAt {
            name: which.ref_name(),
            object: commit.clone(),
            commit: commit.clone(),
        });
        let holds = self.holds.last().map(|(head, _)| RefAt {
            name: HOLDS.into(),
            object: head.clone(),
            commit: head.clone(),
        });
        heads.chain(tags).chain(ledgers).chain(documents).chain(holds).collect()
    }
}

fn append_to(
    chain: &mut Vec<(Sha, Entry)>,
    name: &str,
    head: Option<&Sha>,
    entries: &[Entry],
) -> Result<Sha, Refusal> {
    if chain.last().map(|(sha, _)| sha) != head {
        return Err(Refusal::Behind);
    }
    for entry in entries {
        let parent = chain.last().map_or("", |(sha, _)| sha.as_str());
        let sha = object_id(&format!("{parent} {name} {} {}", entry.at, entry.line()))?;
        chain.push((sha, entry.clone()));
    }
    let end = chain.last().map(|(sha, _)| sha.clone());
    end.ok_or_else(|| Refusal::invalid("Ref", "invalid", "ref", "nothing to append"))
}

fn as_ledger(chain: &[(Sha, Entry)]) -> Ledger {
    Ledger {
        head: chain.last().map(|(sha, _)| sha.clone()),
        entries: chain.iter().map(|(_, entry)| entry.clone()).collect(),
    }
}
