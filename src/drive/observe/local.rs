//! Facts from the local repository and the remote's refs.

use super::blockers::{issues, queries};
use super::branch::{At, branch, branch_head};
use super::files::{behind, calendars, carried, changelog, files};
use super::folder::{folder, mark};
use super::forge::survey_for;
use super::fragments::fragments;
use super::history::{after, history};
use super::line::Tags;
use super::manifest::{parsed, read_manifest};
use super::merge::merge;
use super::moving::moving_tags;
use super::refs::Refs;
use super::request::{ObserveError, ObserveRequest, Scope};
use super::unseen::unseen;
use super::waivers::waivers;
use super::workflows::workflow_files;
use crate::base::names::{Sha, TagName};
use crate::base::source::Source;
use crate::base::version::Version;
use crate::facts::{FORMAT, Facts, History, MovingTag, Request, Seen, TagAt, VersionTag};
use crate::judge::case::Case;
use crate::judge::gates::{self, GateSelection, Need};
use crate::judge::target::{self, Files, Target};
use crate::ports::{Head, ReadPorts};
use crate::project::manifest::Manifest;
use crate::release::ledger::Ledger;
use std::collections::BTreeMap;

/// Known values, if a commit is read because of an unfinished release.
pub(super) struct BoundRelease {
    pub(super) why: String,
    pub(super) ledger: Seen<Ledger>,
    /// The manifest to use if the commit is older than the repository's manifest.
    pub(super) manifest: Source,
}

/// The version to release, and the data that depends on it.
struct TargetInfo {
    request: Request,
    history: Seen<History>,
    target: Option<Target>,
    tag: Seen<Option<TagAt>>,
}

pub(super) struct Observer<'a> {
    pub(super) read_ports: &'a ReadPorts<'a>,
    pub(super) order: &'a ObserveRequest,
    pub(super) head: &'a Head,
    pub(super) refs: &'a Refs,
    pub(super) fetched: Vec<String>,
}

impl<'a> Observer<'a> {
    /// Reads the facts about one commit that come from the local repository and its refs.
    pub(super) async fn local(
        mut self,
        sha: Sha,
        pinned: Option<BoundRelease>,
    ) -> Result<(Self, Manifest, Facts), ObserveError> {
        let manifest = match (read_manifest(self.read_ports, self.order, &sha), &pinned) {
            (Err(ObserveError::NoManifest(_)), Some(pinned)) => {
                parsed(pinned.manifest.clone(), &self.order.kinds)?
            }
            (manifest, _) => manifest?,
        };
        let mut files = files(self.read_ports.repository, &manifest, &sha);
        let aim = self.aim(&manifest, &files, &sha).await;
        files.extend(changelog(self.read_ports.repository, &manifest, aim.target.as_ref(), &sha));
        // A merge cannot change the calendar that is used to evaluate it.
        let calendars_at = self.order.merging.as_ref().map_or(&sha, |merging| &merging.onto);
        files.extend(calendars(self.read_ports.repository, &manifest, calendars_at));
        let target = aim.target.clone();
        let mut facts = self.facts((&manifest, files), sha, aim, pinned).await?;
        facts.moving = self.moving(&manifest, &facts);
        if self.needs(&manifest).contains(&Need::Branch) {
            facts.branch_head = branch_head(&self.at(), &facts).await;
        }
        facts.waivers = waivers(&self.at(), &facts).await;
        if let Some(merging) = &self.order.merging {
            facts.workflows = workflow_files(self.read_ports.repository, &facts.commit.sha);
            facts.merge =
                Some(merge(self.read_ports, (merging, &self.order.kinds), &manifest, &facts));
        }
        self.mark(&manifest, target.as_ref(), &mut facts);
        Ok((self, manifest, facts))
    }

    /// Determines the version to release, and the data that depends on it.
    async fn aim(&mut self, manifest: &Manifest, files: &Files, sha: &Sha) -> TargetInfo {
        let repository = self.read_ports.repository;
        let tags = self.refs.tags(manifest, &self.names(manifest, files));
        let mut request = self.order.request.clone();
        if request.version.is_none() && self.order.commit.is_none() {
            request.version = self.pushed(manifest, files, &tags, sha);
        }
        // The version determines which release is the previous one.
        let known = target::target(manifest, &request, files, &Seen::not_asked()).ok();
        let version = known.as_ref().map(|target| &target.version);
        let mut history = self.history(sha, &tags, version).await;
        if let (true, Seen::Known(history)) =
            (target::is_placeholder(manifest, files), &mut history)
        {
            let base = history.base.as_ref();
            history.base_carries =
                base.and_then(|base| carried(repository, manifest, &base.commit));
        }
        let target = target::target(manifest, &request, files, &history).ok();
        let tag = self.refs.tag(repository, manifest, target.as_ref(), sha);
        if let (Some(target), Seen::Known(Some(at))) = (&target, &tag)
            && at.ancestor
        {
            // The history of a release does not contain the release itself.
            match (&known, &mut history) {
                (Some(_), Seen::Known(history)) => {
                    history.tags.retain(|tag| tag.tag != target.tag);
                }
                (Some(_) | None, _) => {
                    let others = tags.map(|tags| tags.without(&target.tag));
                    history = self.history(sha, &others, Some(&target.version)).await;
                }
            }
            if let (true, Seen::Known(known)) = (at.commit != *sha, &mut history) {
                match behind(repository, manifest, &known.tags) {
                    Ok(behind) => known.behind = behind,
                    Err(unseen) => history = Seen::Unseen(unseen),
                }
            }
            request.version = Some(target.version.clone());
        }
        TargetInfo { request, history, target, tag }
    }

    async fn history(
        &mut self,
        sha: &Sha,
        tags: &Seen<Tags>,
        version: Option<&Version>,
    ) -> Seen<History> {
        history((self.read_ports, self.order), sha, tags, version, &mut self.fetched).await
    }

    /// The facts, without those that are read only if something needs them.
    async fn facts(
        &self,
        (manifest, files): (&Manifest, Files),
        sha: Sha,
        aim: TargetInfo,
        pinned: Option<BoundRelease>,
    ) -> Result<Facts, ObserveError> {
        let TargetInfo { request, history, target, tag } = aim;
        let repository = self.read_ports.repository;
        let (pinned, ledger) = match pinned {
            Some(pinned) => (Some(pinned.why), pinned.ledger),
            None => (None, self.refs.ledger(self.read_ports, target.as_ref()).await),
        };
        let name = manifest.name.clone().or_else(|| target::package(manifest, &files));
        let name = name.unwrap_or_else(|| self.order.name.clone());
        let version = target.as_ref().map(|target| &target.version);
        let branch = branch(&self.at(), manifest, version, &sha).await;
        Ok(Facts {
            format: FORMAT,
            at: self.read_ports.clock.now(),
            request,
            name,
            branch,
            branch_head: Seen::not_asked(),
            dirty: self.dirty(manifest),
            commit: repository.commit(&sha)?,
            pinned,
            manifest: manifest.source.clone(),
            history,
            files,
            calendars: BTreeMap::new(),
            after: after(repository, &tag, &sha),
            fragments: fragments(repository, manifest, &sha),
            forge_notes: Seen::not_asked(),
            notes_page: Seen::not_asked(),
            tag,
            moving: Seen::not_asked(),
            checks: Seen::not_asked(),
            same_tree: Seen::not_asked(),
            push: Seen::not_asked(),
            changed: Seen::not_asked(),
            merged: Seen::not_asked(),
            workflows: Seen::not_asked(),
            rules: Seen::not_asked(),
            rights: Seen::not_asked(),
            published: Seen::not_asked(),
            drafts: Seen::not_asked(),
            assets: Seen::not_asked(),
            asset_faults: Vec::new(),
            built: Vec::new(),
            probes: BTreeMap::new(),
            ledger,
            candidate: None,
            environments: BTreeMap::new(),
            samples: Seen::not_asked(),
            people: Seen::not_asked(),
            past: Seen::not_asked(),
            repository_holds: Seen::not_asked(),
            time: Seen::not_asked(),
            waivers: Seen::not_asked(),
            blockers: Seen::not_asked(),
            feedback: Seen::not_asked(),
            own_run: self.order.own_run.clone(),
            merge: None,
        })
    }

    /// The moving tags of the release, in the remote.
    fn moving(&self, manifest: &Manifest, facts: &Facts) -> Seen<BTreeMap<TagName, MovingTag>> {
        if manifest.moving_tags().next().is_none() {
            return Seen::not_asked();
        }
        let Ok(moving) = Case::new(manifest, facts).moving() else {
            return Seen::unseen("the version to release is not known");
        };
        let repository = self.read_ports.repository;
        match self.refs.list() {
            Ok(refs) => {
                let tags = moving.into_iter().map(|moving| moving.tag);
                Seen::Known(moving_tags(repository, tags, refs, &facts.commit.sha))
            }
            Err(unseen) => unseen,
        }
    }

    /// The version of the tag that triggered the workflow, if a person must pass the version.
    fn pushed(
        &self,
        manifest: &Manifest,
        files: &Files,
        tags: &Seen<Tags>,
        sha: &Sha,
    ) -> Option<Version> {
        let tag = self.order.event_tag.as_ref().filter(|_| manifest.version.is_given())?;
        if manifest.is_moving(tag.as_str(), self.names(manifest, files).first()) {
            // A moving tag starts no release: it follows the release of this commit.
            let here = |tag: &&VersionTag| tag.version.is_final() && tag.commit == *sha;
            return Some(tags.known().ok()?.versions.iter().find(here)?.version.clone());
        }
        manifest.tag.value.version(tag.as_str())
    }

    /// The inputs that determine the branch.
    fn at(&self) -> At<'a> {
        let refs = match self.refs {
            Refs::Remote(refs) => Some(refs.as_deref()),
            Refs::Local(_) => None,
        };
        At { read_ports: self.read_ports, order: self.order, head: self.head, refs }
    }

    pub(super) fn needs(&self, manifest: &Manifest) -> Vec<Need> {
        match &self.order.depth {
            Scope::Check(selection) => gates::needs(manifest, selection),
            Scope::Plan => gates::needs(manifest, &GateSelection::release()),
        }
    }

    /// The names that tags of the package can contain, starting with that of `{name}`.
    fn names(&self, manifest: &Manifest, files: &Files) -> Vec<String> {
        let own = target::names(manifest, files);
        let folder = self.order.name.rsplit('/').next().map(str::to_owned);
        own.into_iter().chain(folder).collect()
    }

    /// Marks the commits that belong to other packages.
    fn mark(&self, manifest: &Manifest, target: Option<&Target>, facts: &mut Facts) {
        let (Some(target), Ok(refs)) = (target, self.refs.list::<()>()) else { return };
        let repository = self.read_ports.repository;
        if let Some(folder) = folder(repository, manifest, target, &facts.commit.sha, refs) {
            mark(repository, &folder, facts);
        }
    }

    fn dirty(&self, manifest: &Manifest) -> Seen<Vec<String>> {
        if !self.needs(manifest).contains(&Need::WorkTree) {
            return Seen::not_asked();
        }
        self.read_ports.repository.dirty().map_or_else(unseen, Seen::Known)
    }

    /// Reads the data that only the forge has, in one request.
    pub(super) async fn forge(&self, manifest: &Manifest, facts: &mut Facts) {
        let planning = matches!(self.order.depth, Scope::Plan);
        let needs = self.needs(manifest);
        let issues = issues(self.read_ports, manifest, queries(&needs, manifest, facts));
        let surveys =
            |need: &Need| need.is_remote() && !matches!(need, Need::Blockers | Need::Feedback);
        if manifest.forge.has_releases() && !planning && !needs.iter().any(surveys) {
            [facts.blockers, facts.feedback] = issues.await;
            return;
        }
        let (seen, ()) = tokio::join!(issues, survey_for(self.read_ports, manifest, &needs, facts));
        [facts.blockers, facts.feedback] = seen;
    }
}
