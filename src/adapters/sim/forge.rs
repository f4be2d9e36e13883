//! The simulated forge: releases and assets, with GitHub's rules.

use super::parts::{Author, SimRelease};
use super::refusal::Refusal;
use super::state::State;
use crate::base::names::{Digest, TagName};
use crate::facts::{Release, RemoteAsset};
use crate::ports::{NewDraft, Publication};
use crate::release::step::{Asset, Content};
use jiff::Timestamp;

/// How many characters the notes of a release may have.
const LONGEST_BODY: usize = 125_000;

impl State {
    /// Makes a draft; there may be others of the same tag.
    ///
    /// # Errors If the tag's name can no longer be used, or a published release has it and the
    /// world does not allow a draft beside it.
    pub fn create_draft(&mut self, new: &NewDraft) -> Result<Release, Refusal> {
        self.refuse_spent(new.tag.as_str())?;
        if new.body.chars().count() > LONGEST_BODY {
            let why = format!("body is too long (maximum is {LONGEST_BODY} characters)");
            return Err(Refusal::invalid("Release", "custom", "body", why));
        }
        if !self.settings.drafts_beside_published && self.published(new.tag.as_str()).is_some() {
            return Err(taken());
        }
        self.remember_listing();
        let id = self.id();
        let page = &self.settings.page;
        let release = Release {
            id,
            tag: new.tag.as_str().into(),
            name: new.title.clone(),
            body: new.body.clone(),
            draft: true,
            prerelease: new.prerelease,
            target: new.commit.as_str().into(),
            url: format!("{page}/releases/tag/untagged-{id:020x}"),
            upload_url: format!("{page}/releases/{id}/assets{{?name,label}}"),
            assets: Vec::new(),
        };
        self.releases.push(SimRelease {
            release: release.clone(),
            created: self.now,
            published: None,
            published_by: None,
            immutable: false,
        });
        Ok(release)
    }

    /// Takes an asset's bytes: only their size and digest matter here. The forge rewrites names.
    ///
    /// # Errors
    /// Where the release is gone or immutable, the name is taken, or there are no bytes.
    pub fn upload(
        &mut self,
        release: u64,
        name: &str,
        size: u64,
        digest: &Digest,
    ) -> Result<RemoteAsset, Refusal> {
        self.add_asset(release, name, size, Some(digest.clone()))
    }

    /// The size and the digest of the bytes that an upload would send.
    ///
    /// # Errors
    /// If they come from another release that does not have them.
    pub fn bytes_of(&self, asset: &Asset) -> Result<(u64, Digest), Refusal> {
        let Content::Release { asset: id, .. } = &asset.content else {
            return Ok((asset.size, asset.digest.clone()));
        };
        let mut all = self.releases.iter().flat_map(|held| &held.release.assets);
        let there = all.find(|there| there.id == *id && there.uploaded).ok_or(Refusal::Missing)?;
        let found = there.digest.clone().ok_or(Refusal::Missing)?;
        if (there.size, &found) != (asset.size, &asset.digest) {
            let why = "it changed since it was planned";
            return Err(Refusal::invalid("ReleaseAsset", "custom", "digest", why));
        }
        Ok((there.size, found))
    }

    /// What an upload that broke off leaves behind.
    ///
    /// # Errors
    /// As [`State::upload`].
    pub fn break_upload(&mut self, release: u64, name: &str) -> Result<RemoteAsset, Refusal> {
        self.add_asset(release, name, 1, None)
    }

    fn add_asset(
        &mut self,
        release: u64,
        name: &str,
        size: u64,
        digest: Option<Digest>,
    ) -> Result<RemoteAsset, Refusal> {
        let name = forge_name(name);
        let held = self.find(release).ok_or(Refusal::Missing)?;
        if held.immutable {
            let why = "Cannot upload assets to an immutable release.";
            return Err(Refusal::invalid("ReleaseAsset", "custom", "release", why));
        }
        if size == 0 {
            return Err(Refusal::invalid("ReleaseAsset", "invalid", "size", "Bad Content-Length"));
        }
        if held.release.assets.iter().any(|asset| asset.name == name) {
            return Err(Refusal::invalid("ReleaseAsset", "already_exists", "name", ""));
        }
        self.remember_listing();
        let uploaded = digest.is_some();
        let size = if uploaded { size } else { 0 };
        let asset = RemoteAsset { id: self.id(), name, size, uploaded, digest };
        let held = self.find_mut(release).ok_or(Refusal::Missing)?;
        held.release.assets.push(asset.clone());
        Ok(asset)
    }

    /// Removes an asset.
    ///
    /// # Errors
    /// Where it is gone or its release is immutable.
    pub fn delete_asset(&mut self, asset: u64) -> Result<(), Refusal> {
        self.remember_listing();
        let has = |held: &&mut SimRelease| held.release.assets.iter().any(|one| one.id == asset);
        let held = self.releases.iter_mut().find(has).ok_or(Refusal::Missing)?;
        if held.immutable {
            let why = "Cannot delete assets from an immutable release.";
            return Err(Refusal::invalid("ReleaseAsset", "custom", "release", why));
        }
        held.release.assets.retain(|one| one.id != asset);
        Ok(())
    }

    /// Removes a release, a published one too; its tag stays.
    ///
    /// # Errors
    /// Where it is gone.
    pub fn delete_release(&mut self, id: u64) -> Result<(), Refusal> {
        let held = self.find(id).ok_or(Refusal::Missing)?;
        let (public, immutable, tag) =
            (!held.release.draft, held.immutable, held.release.tag.clone());
        if public {
            self.violation(format!("release {id} was deleted and is public"));
        }
        if immutable {
            self.burned.insert(tag);
        }
        self.remember_listing();
        self.releases.retain(|held| held.release.id != id);
        Ok(())
    }

    /// Makes a draft public. Again is the same as once. Where there is no tag, a lightweight one
    /// is made; one that is there is taken as it is, wherever it leads.
    ///
    /// # Errors
    /// Where the draft is gone, or another published release has the tag, or its name is spent.
    pub fn publish(&mut self, new: &Publication, by: Author) -> Result<Release, Refusal> {
        let held = self.find(new.release).ok_or(Refusal::Missing)?;
        if !held.release.draft {
            return Ok(held.release.clone());
        }
        self.refuse_spent(new.tag.as_str())?;
        if self.published(new.tag.as_str()).is_some() {
            return Err(taken());
        }
        if new.latest && new.prerelease {
            let why = "Latest release cannot be draft or prerelease.";
            return Err(Refusal::invalid("Release", "invalid", "make_latest", why));
        }
        if !self.tags.contains_key(&new.tag) {
            self.refuse_by_rules(&new.tag, None)?;
        }
        self.remember_listing();
        self.put_light_tag(&new.tag, &new.commit, by);
        let (now, immutable) = (self.now, self.settings.immutable_releases);
        let page = format!("{}/releases/tag/{}", self.settings.page, new.tag);
        let held = self.find_mut(new.release).ok_or(Refusal::Missing)?;
        held.published = Some(now);
        held.published_by = Some(by);
        held.immutable = immutable;
        held.release.draft = false;
        held.release.tag = new.tag.as_str().into();
        held.release.target = new.commit.as_str().into();
        held.release.prerelease = new.prerelease;
        held.release.url = page;
        let release = held.release.clone();
        if new.latest {
            self.latest = Some(release.id);
        }
        Ok(release)
    }

    /// The published release of a tag, as it is now.
    #[must_use]
    pub fn published(&self, tag: &str) -> Option<&SimRelease> {
        self.releases.iter().find(|held| !held.release.draft && held.release.tag == tag)
    }

    /// One release by its number.
    #[must_use]
    pub fn find(&self, id: u64) -> Option<&SimRelease> {
        self.releases.iter().find(|held| held.release.id == id)
    }

    /// One release by its number, to be changed.
    pub fn find_mut(&mut self, id: u64) -> Option<&mut SimRelease> {
        self.releases.iter_mut().find(|held| held.release.id == id)
    }

    /// Releases as the listing shows them now: perhaps as they were a while ago. A read of it is
    /// counted.
    pub fn listing(&mut self) -> Vec<Release> {
        if let Some(stale) = &mut self.stale {
            if stale.reads > 0 && self.now < stale.until {
                stale.reads -= 1;
                return stale.releases.clone();
            }
            self.stale = None;
        }
        let lag = self.settings.listing_lag;
        // `past` holds what was shown until each write; the first write that is too young to be
        // seen hides itself and all after it.
        let hidden = |(at, _): &&(Timestamp, Vec<Release>)| self.now.duration_since(*at) < lag;
        match self.past.iter().find(hidden) {
            Some((_, before)) => before.clone(),
            None => self.releases.iter().map(|held| held.release.clone()).collect(),
        }
    }

    /// Releases of a tag by listing, for somebody who may see drafts or may not.
    pub fn listed(&mut self, tag: &TagName, drafts: bool) -> Vec<Release> {
        let mut releases = self.listing();
        releases.retain(|one| one.tag == tag.as_str() && (drafts || !one.draft));
        releases
    }

    /// Keeps what the listing showed before a write.
    pub fn remember_listing(&mut self) {
        let shown = self.releases.iter().map(|held| held.release.clone()).collect();
        self.past.push((self.now, shown));
    }

    fn refuse_spent(&self, tag: &str) -> Result<(), Refusal> {
        if self.burned.contains(tag) {
            let why = "tag_name was used by an immutable release";
            return Err(Refusal::invalid("Release", "custom", "tag_name", why));
        }
        Ok(())
    }
}

fn taken() -> Refusal {
    Refusal::invalid("Release", "already_exists", "tag_name", "")
}

/// What GitHub makes of a file's name: `a b (1).txt` becomes `a.b.1.txt`.
fn forge_name(name: &str) -> String {
    let keeps = |c: char| c.is_ascii_alphanumeric() || "-_+@".contains(c);
    let words = name.split(|c: char| !keeps(c)).filter(|word| !word.is_empty());
    let kept = words.collect::<Vec<_>>().join(".");
    if kept.is_empty() { "default".into() } else { kept }
}
