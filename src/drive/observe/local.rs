//! What the local repository and the remote's refs tell of one commit.

use super::branch::{At, branch, branch_head};
use super::folder::{folder, mark};
use super::forge::survey_for;
use super::line::{self, Tags, version_tags};
use super::merge::{manifest_at, merge};
use super::request::{ObserveError, ObserveRequest, Scope};
use super::unseen::{from_port, unseen};
use super::workflows::workflow_files;
use crate::base::finding::Finding;
use crate::base::names::Sha;
use crate::base::source::Source;
use crate::base::version::Version;
use crate::facts::{FORMAT, Facts, FileAt, History, Seen, TagAt, Unseen};
use crate::judge::gates::{self, Asking, Need};
use crate::judge::target::{self, Fetched, Files, Target};
use crate::planner::steps;
use crate::ports::{AssetError, Eyes, Fetch, Head, PortError, RefAt};
use crate::project::commits::Commit;
use crate::project::manifest::{self, Kinds, Manifest, Pattern, VersionSource};
use crate::project::versions::{self, SiteError};
use crate::release::ledger::Ledger;
use crate::release::step::{Asset, AssetFault};
use std::collections::BTreeMap;

/// The refs of the remote, or of the local repository where none may be asked.
pub(super) enum Refs {
    Remote(Vec<RefAt>),
    Local,
    Unseen(PortError),
}

pub(super) async fn refs(eyes: &Eyes<'_>, order: &ObserveRequest) -> Refs {
    match eyes.remote {
        Some(remote) if order.fetch => match remote.refs().await {
            Ok(refs) => Refs::Remote(refs),
            Err(error) => Refs::Unseen(error),
        },
        Some(_) | None => Refs::Local,
    }
}

/// What is known already when a commit is looked at because a release is bound to it.
pub(super) struct Pinned {
    pub(super) why: String,
    pub(super) ledger: Seen<Ledger>,
    /// Judges where the commit is older than its repository's manifest.
    pub(super) manifest: Source,
}

pub(super) struct Observer<'a> {
    pub(super) eyes: &'a Eyes<'a>,
    pub(super) order: &'a ObserveRequest,
    pub(super) head: &'a Head,
    pub(super) refs: &'a Refs,
    pub(super) fetched: Vec<String>,
}

impl<'a> Observer<'a> {
    /// What the local repository and its refs tell of one commit.
    pub(super) async fn local(
        mut self,
        sha: Sha,
        pinned: Option<Pinned>,
    ) -> Result<(Self, Manifest, Facts), ObserveError> {
        let manifest = match (read_manifest(self.eyes, self.order, &sha), &pinned) {
            (Err(ObserveError::NoManifest(_)), Some(pinned)) => {
                parsed(pinned.manifest.clone(), &self.order.kinds)?
            }
            (manifest, _) => manifest?,
        };
        let files = self.files(&manifest, &sha);
        let names = self.names(&manifest, &files);
        let tags = self.tags(&manifest, &names);
        let mut request = self.order.request.clone();
        if request.version.is_none() && self.order.commit.is_none() {
            request.version = self.pushed(&manifest);
        }
        // Which version it is decides which release is the one before.
        let known = target::target(&manifest, &request, &files, &Seen::not_asked()).ok();
        let version = known.as_ref().map(|target| &target.version);
        let mut history = self.history(&sha, &tags, version).await;
        let target = target::target(&manifest, &request, &files, &history);
        let tag = self.tag(&manifest, target.as_ref().ok(), &sha);
        if let (Ok(target), Seen::Known(Some(at))) = (&target, &tag) {
            // The history of a release does not hold the release itself.
            if at.ancestor {
                match (&known, &mut history) {
                    (Some(_), Seen::Known(history)) => {
                        history.tags.retain(|tag| tag.tag != target.tag);
                    }
                    (Some(_) | None, _) => {
                        let others = tags.map(|tags| tags.without(&target.tag));
                        history = self.history(&sha, &others, Some(&target.version)).await;
                    }
                }
                request.version = Some(target.version.clone());
            }
        }
        let (pinned, ledger) = match pinned {
            Some(pinned) => (Some(pinned.why), pinned.ledger),
            None => (None, self.ledger(target.as_ref().ok()).await),
        };
        let name = manifest.name.clone().or_else(|| target::package(&manifest, &files));
        let name = name.unwrap_or_else(|| self.order.name.clone());
        let branch = branch(&self.at(), &manifest, &sha).await;
        let mut facts = Facts {
            format: FORMAT,
            at: self.eyes.clock.now(),
            request,
            name,
            branch,
            branch_head: Seen::not_asked(),
            dirty: self.dirty(&manifest),
            commit: self.eyes.repository.commit(&sha)?,
            pinned,
            manifest: manifest.source.clone(),
            history,
            files,
            after: self.after(&tag, &sha),
            tag,
            checks: Seen::not_asked(),
            same_tree: Seen::not_asked(),
            push: Seen::not_asked(),
            changed: Seen::not_asked(),
            workflows: Seen::not_asked(),
            rules: Seen::not_asked(),
            rights: Seen::not_asked(),
            published: Seen::not_asked(),
            drafts: Seen::not_asked(),
            assets: Seen::not_asked(),
            asset_faults: Vec::new(),
            probes: BTreeMap::new(),
            ledger,
            own_run: self.order.own_run.clone(),
            merge: None,
        };
        if self.needs(&manifest).contains(&Need::Branch) {
            facts.branch_head = branch_head(&self.at(), &facts).await;
        }
        if let Some(merging) = &self.order.merging {
            facts.workflows = workflow_files(self.eyes.repository, &facts.commit.sha);
            facts.merge = Some(merge(self.eyes, (merging, &self.order.kinds), &manifest, &facts));
        }
        self.mark(&manifest, target.as_ref().ok(), &mut facts);
        Ok((self, manifest, facts))
    }

    /// The version of the tag that started the workflow, if somebody must give the version.
    fn pushed(&self, manifest: &Manifest) -> Option<Version> {
        let tag = self.order.event_tag.as_ref().filter(|_| manifest.version.is_given())?;
        manifest.tag.value.version(tag.as_str())
    }

    /// What the branch is found by.
    fn at(&self) -> At<'a> {
        let refs = match self.refs {
            Refs::Remote(refs) => Some(Ok(refs.as_slice())),
            Refs::Unseen(error) => Some(Err(error)),
            Refs::Local => None,
        };
        At { eyes: self.eyes, order: self.order, head: self.head, refs }
    }

    pub(super) fn needs(&self, manifest: &Manifest) -> Vec<Need> {
        match &self.order.depth {
            Scope::Check(asking) => gates::needs(manifest, asking),
            Scope::Plan => gates::needs(manifest, &Asking::release()),
        }
    }

    fn files(&self, manifest: &Manifest, sha: &Sha) -> Files {
        let read = |path: &str| match self.eyes.repository.file(sha, path) {
            Ok(file) => Seen::Known(file),
            Err(error) => unseen(error),
        };
        let mut files = Files::new();
        files.insert(manifest.changelog.file.clone(), read(&manifest.changelog.file));
        for source in &manifest.version.files {
            let path = &source.path.value;
            files.entry(path.clone()).or_insert_with(|| read(path));
            while let Some(path) = next_file(source, &files) {
                let seen = read(&path);
                files.insert(path, seen);
            }
        }
        files
    }

    /// The names that tags of the package may bear, the one of `{name}` first.
    fn names(&self, manifest: &Manifest, files: &Files) -> Vec<String> {
        let own = target::names(manifest, files);
        let folder = self.order.name.rsplit('/').next().map(str::to_owned);
        own.into_iter().chain(folder).collect()
    }

    /// Every tag that carries a version.
    fn tags(&self, manifest: &Manifest, names: &[String]) -> Seen<Tags> {
        let refs = match self.refs() {
            Ok(refs) => refs,
            Err(unseen) => return unseen,
        };
        Seen::Known(version_tags(manifest, names, &refs))
    }

    fn refs<T>(&self) -> Result<Vec<RefAt>, Seen<T>> {
        match self.refs {
            Refs::Remote(refs) => Ok(refs.clone()),
            Refs::Local => self.eyes.repository.tags().map_err(unseen),
            Refs::Unseen(error) => Err(Seen::unseen_help(
                format!("the remote's refs cannot be listed: {}", error.why()),
                "see that `git ls-remote` works, or judge by local tags with `--offline`",
            )),
        }
    }

    async fn history(
        &mut self,
        sha: &Sha,
        tags: &Seen<Tags>,
        version: Option<&Version>,
    ) -> Seen<History> {
        let tags = match tags {
            Seen::Known(tags) => tags,
            Seen::Unseen(unseen) => return Seen::Unseen(unseen.clone()),
        };
        let read = || line::history(self.eyes.repository, sha, tags, version);
        let seen = read();
        if matches!(seen, Seen::Known(_)) || !self.eyes.repository.shallow() || !self.order.fetch {
            return seen;
        }
        let Some(remote) = self.eyes.remote else { return seen };
        match remote.fetch(&Fetch::History).await {
            Ok(()) => {
                let seen = read();
                self.fetched.push("the history that the shallow clone lacked".into());
                seen
            }
            Err(_) => seen,
        }
    }

    /// Marks the commits that are another package's.
    fn mark(&self, manifest: &Manifest, target: Option<&Target>, facts: &mut Facts) {
        let (Some(target), Ok(refs)) = (target, self.refs::<()>()) else { return };
        let repository = self.eyes.repository;
        if let Some(folder) = folder(repository, manifest, target, &facts.commit.sha, &refs) {
            mark(repository, &folder, facts);
        }
    }

    fn tag(&self, manifest: &Manifest, target: Option<&Target>, sha: &Sha) -> Seen<Option<TagAt>> {
        let Some(target) = target else { return Seen::unseen("the version at stake is not known") };
        let refs = match self.refs() {
            Ok(refs) => refs,
            Err(unseen) => return unseen,
        };
        let name = format!("refs/tags/{}", target.tag);
        let Some(found) = refs.into_iter().find(|at| at.name == name) else {
            return Seen::Known(None);
        };
        match self.eyes.repository.is_ancestor(&found.commit, sha) {
            Ok(ancestor) => {
                let carries = self.carried(manifest, &found.commit);
                let RefAt { object, commit, .. } = found;
                Seen::Known(Some(TagAt { object, commit, ancestor, carries }))
            }
            Err(error) => unseen(error),
        }
    }

    /// The version that the first version file has at a commit.
    fn carried(&self, manifest: &Manifest, sha: &Sha) -> Option<Version> {
        let source = manifest.version.files.first()?;
        Some(target::site(source, &self.files(manifest, sha)).ok()?.version)
    }

    /// What was committed since the version went out.
    fn after(&self, tag: &Seen<Option<TagAt>>, sha: &Sha) -> Seen<Vec<Commit>> {
        match tag {
            Seen::Known(Some(tag)) if tag.ancestor && tag.commit != *sha => {
                self.eyes.repository.between(&tag.commit, sha).unwrap_or_else(unseen)
            }
            Seen::Known(_) | Seen::Unseen(_) => Seen::not_asked(),
        }
    }

    async fn ledger(&self, target: Option<&Target>) -> Seen<Ledger> {
        let Some(target) = target else { return Seen::not_asked() };
        let Some(remote) = self.eyes.remote else {
            return Seen::unseen_help("the remote was not asked", "run without `--no-fetch`");
        };
        let name = format!("refs/tminus/releases/{}", target.tag);
        match self.refs {
            Refs::Remote(refs) if !refs.iter().any(|at| at.name == name) => {
                return Seen::Known(Ledger::default());
            }
            Refs::Unseen(error) => return from_port(error),
            Refs::Remote(_) | Refs::Local => {}
        }
        match remote.ledger(&target.tag).await {
            Ok(ledger) => Seen::Known(ledger),
            Err(error) => from_port(&error),
        }
    }

    fn dirty(&self, manifest: &Manifest) -> Seen<Vec<String>> {
        if !self.needs(manifest).contains(&Need::WorkTree) {
            return Seen::not_asked();
        }
        self.eyes.repository.dirty().map_or_else(unseen, Seen::Known)
    }

    /// What only the forge can tell, in one request.
    pub(super) async fn forge(&self, manifest: &Manifest, facts: &mut Facts) {
        let planning = matches!(self.order.depth, Scope::Plan);
        if manifest.forge.has_releases()
            && !planning
            && !self.needs(manifest).iter().any(|need| need.is_remote())
        {
            return;
        }
        survey_for(self.eyes, manifest, &self.needs(manifest), facts).await;
    }

    pub(super) fn assets(&self, manifest: &Manifest, facts: &mut Facts) {
        let sealed = facts.ledger.known().is_ok_and(|ledger| ledger.plan().is_some());
        let under_way = facts.ledger.known().is_ok_and(Ledger::under_way);
        if sealed && !under_way {
            return; // The plan that was performed names them.
        }
        let patterns: Vec<&Pattern> =
            steps::all_files(manifest).map(|pattern| &pattern.value).collect();
        let here = facts.commit.sha == self.head.commit;
        if !here && !sealed && !patterns.is_empty() {
            let why = format!("the files on disk are not built from {}", facts.commit.sha.short());
            facts.assets = Seen::unseen_help(why, "check that commit out and build it there");
            return;
        }
        let found = match (sealed, here) {
            (false, _) => self.eyes.repository.assets(&patterns),
            // The sealed plan names them. Files that were built from its commit since must be the
            // same; a stage that has none of them needs none.
            (true, true) => self.built(&patterns),
            (true, false) => Ok(Vec::new()),
        };
        facts.assets = match found {
            Ok(assets) => Seen::Known(assets),
            Err(AssetError::Unread(error)) => unseen(error),
            Err(AssetError::Fault(fault)) => {
                let Finding { message, help, who, .. } = fault.finding();
                facts.asset_faults.push(fault);
                Seen::Unseen(Unseen { why: message, help, who })
            }
        };
    }

    /// The files that fit any of the patterns, which need not be there.
    fn built(&self, patterns: &[&Pattern]) -> Result<Vec<Asset>, AssetError> {
        let mut found = Vec::new();
        for pattern in patterns {
            match self.eyes.repository.assets(&[*pattern]) {
                Ok(assets) => found.extend(assets),
                Err(AssetError::Fault(AssetFault::NotBuilt { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }
}

/// The next file that a version file leads to, or that may be its lock file, and was not fetched.
fn next_file(source: &VersionSource, files: &Files) -> Option<String> {
    let Some(Seen::Known(FileAt::Text(text))) = files.get(&source.path.value) else { return None };
    let tree = Fetched(files);
    let read =
        versions::read(source, text, &tree).and_then(|site| versions::locked(source, &site, &tree));
    match read {
        Err(SiteError::Unread { path, why: None }) if !files.contains_key(&path) => Some(path),
        Ok(_) | Err(_) => None,
    }
}

/// The manifest that judges a commit. It is read from the commit alone: what is wrong with it is
/// found out before anything else is asked.
pub(super) fn read_manifest(
    eyes: &Eyes<'_>,
    order: &ObserveRequest,
    sha: &Sha,
) -> Result<Manifest, ObserveError> {
    parsed(source_at(eyes, order, sha)?, &order.kinds)
}

fn parsed(source: Source, kinds: &Kinds) -> Result<Manifest, ObserveError> {
    manifest::read(source.clone(), kinds)
        .map_err(|findings| ObserveError::Manifest { source_file: source, findings })
}

/// The text of the manifest that judges `HEAD`.
///
/// # Errors
/// When there is no commit or no manifest.
pub fn manifest_source(eyes: &Eyes<'_>, order: &ObserveRequest) -> Result<Source, ObserveError> {
    let head = eyes.repository.head()?.ok_or(ObserveError::NoCommits)?;
    source_at(eyes, order, &head.commit)
}

/// The text of the manifest that judges: of a merge the one that the branch holds, never the one
/// that the merge brings.
fn source_at(eyes: &Eyes<'_>, order: &ObserveRequest, sha: &Sha) -> Result<Source, ObserveError> {
    if let Some(source) = &order.manifest {
        return Ok(source.clone());
    }
    let Some(merging) = &order.merging else {
        return manifest_at(eyes, sha)?
            .ok_or_else(|| ObserveError::NoManifest(sha.short().to_owned()));
    };
    let onto = merging.onto.short();
    let mut source = manifest_at(eyes, &merging.onto)?
        .ok_or_else(|| ObserveError::NoManifest(onto.to_owned()))?;
    let brought = manifest_at(eyes, sha).ok().flatten();
    if brought.is_none_or(|brought| brought != source) {
        // As git names a file of another branch: two manifests are spoken of.
        source.name = format!("{}:{}", merging.base, source.name);
    }
    Ok(source)
}
