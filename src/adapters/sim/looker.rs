//! Implements the forge ports in the simulator.

use super::effect::EffectKind;
use super::faults::FaultKind;
use super::parts::{Author, Pull, Pushed};
use super::refusal::Refusal;
use super::state::State;
use super::world::World;
use crate::base::names::{BranchName, Sha, Slug, TagName};
use crate::facts::rights::Rights;
use crate::facts::{
    BlockerQuery, Blockers, Check, CheckKind, CheckState, Checks, FileAt, Push, Release,
    RemoteAsset, Seen,
};
use crate::ports::{
    CommitState, Deployments, DeploymentsChange, ForgePeople, ForgeRead, ForgeWrite, NewDraft,
    NotesRequest, PermissionQuery, PortError, Publication, PullRequest, Survey,
};
use crate::release::step::Asset;
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::BTreeSet;

#[async_trait(?Send)]
impl ForgeRead for World {
    async fn pull(&self, number: u64) -> Result<Option<PullRequest>, PortError> {
        Ok(self.with(|state| state.open_pulls.get(&number).cloned()))
    }

    async fn survey(&self, survey: &Survey) -> Result<CommitState, PortError> {
        let line = format!("survey {}", survey.commit.short());
        let process = self.process();
        let given =
            self.effect(EffectKind::Survey, line, |state, _| Ok(state.surveyed(survey))).await;
        self.with(|state| match given.as_ref().map(|given| &given.checks) {
            Ok(Seen::Known(checks)) => state.record_read_checks(process, checks),
            Ok(Seen::Unseen(_)) | Err(_) => state.record_failed_read(process, &survey.commit),
        });
        given
    }

    async fn past(&self, commit: &Sha) -> Result<Vec<Check>, PortError> {
        let line = format!("list checks before {}", commit.short());
        self.effect(EffectKind::Past, line, |state, _| Ok(state.earlier_checks(commit))).await
    }

    async fn merged(&self, commit: &Sha) -> Result<Option<Timestamp>, PortError> {
        let line = format!("list the pull requests of {}", commit.short());
        self.effect(EffectKind::Merged, line, |state, _| Ok(state.merged(commit))).await
    }

    async fn file_elsewhere(
        &self,
        slug: &Slug,
        commit: &Sha,
        path: &str,
    ) -> Result<FileAt, PortError> {
        let line = format!("read {path} of {slug} at {}", commit.short());
        let name = format!("{slug}@{commit}:{path}");
        let needs = format!("contents: read for {slug}");
        self.effect(EffectKind::Elsewhere, line, |state, _| match state.elsewhere.get(&name) {
            None => Err(Refusal::Denied { needs }),
            Some(bytes) if bytes.len() > 1 << 20 => {
                Ok(FileAt::TooLarge { bytes: bytes.len() as u64 })
            }
            Some(bytes) => {
                Ok(String::from_utf8(bytes.clone()).map_or(FileAt::Binary, FileAt::Text))
            }
        })
        .await
    }

    async fn blockers(&self, queries: &[BlockerQuery]) -> Result<Vec<Seen<Blockers>>, PortError> {
        let line = "list what blocks the release".to_owned();
        self.effect(EffectKind::Blockers, line, |state, _| {
            Ok(queries.iter().map(|query| Seen::Known(state.blockers(query))).collect())
        })
        .await
    }

    async fn releases(&self, tag: &TagName) -> Result<Vec<Release>, PortError> {
        let line = format!("list releases of {tag}");
        self.effect(EffectKind::Releases, line, |state, _| {
            let drafts = state.sees_drafts();
            Ok(state.listed(tag, drafts))
        })
        .await
    }

    async fn release(&self, id: u64) -> Result<Option<Release>, PortError> {
        self.effect(EffectKind::Release, format!("read release {id}"), |state, _| {
            let drafts = state.sees_drafts();
            let found = state.find(id).filter(|held| drafts || !held.release.draft);
            Ok(found.map(|held| held.release.clone()))
        })
        .await
    }

    async fn is_locked(&self, tag: &TagName) -> Result<bool, PortError> {
        let line = format!("check whether {tag} can be moved");
        self.effect(EffectKind::Lock, line, |state, _| Ok(state.is_locked(tag))).await
    }

    async fn rights(&self, inquiry: &PermissionQuery) -> Result<Rights, PortError> {
        let line = format!("check what the token may do for {}", inquiry.tag);
        self.effect(EffectKind::Rights, line, |state, _| Ok(state.rights_of(inquiry))).await
    }

    fn file_page(&self, tag: &TagName, path: &str) -> Option<String> {
        Some(self.with(|state| format!("{}/blob/{tag}/{path}", state.settings.page)))
    }

    fn commits_page(&self, from: Option<&TagName>, to: &TagName) -> Option<String> {
        let page = self.with(|state| state.settings.page.clone());
        Some(match from {
            Some(from) => format!("{page}/compare/{from}...{to}"),
            None => format!("{page}/commits/{to}"),
        })
    }

    async fn notes(&self, order: &NotesRequest) -> Result<String, PortError> {
        let what = format!("generate the notes of {}", order.tag);
        self.effect(EffectKind::Notes, what, |state, _| state.generated_notes()).await
    }

    fn deployments(&self) -> Option<&dyn Deployments> {
        Some(self)
    }

    fn people(&self) -> Option<&dyn ForgePeople> {
        Some(self)
    }

    fn server_time(&self) -> Option<Timestamp> {
        Some(self.with(|state| state.now))
    }
}

#[async_trait(?Send)]
impl ForgeWrite for World {
    async fn create_draft(&self, draft: &NewDraft) -> Result<Release, PortError> {
        let line = format!("create draft {}", draft.tag);
        self.effect(EffectKind::CreateDraft, line, |state, _| state.create_draft(draft)).await
    }

    async fn upload(&self, to: &Release, asset: &Asset) -> Result<RemoteAsset, PortError> {
        let line = format!("upload {} to {}", asset.name, to.id);
        self.effect(EffectKind::Upload, line, |state, _| {
            if state.fault_now() == Some(FaultKind::BrokenUpload) {
                return state.break_upload(to.id, &asset.name);
            }
            let (size, digest) = state.bytes_of(asset)?;
            state.upload(to.id, &asset.name, size, &digest)
        })
        .await
    }

    async fn delete_asset(&self, asset: u64) -> Result<(), PortError> {
        let line = format!("delete asset {asset}");
        self.effect(EffectKind::DeleteAsset, line, |state, _| state.delete_asset(asset)).await
    }

    async fn delete_draft(&self, release: u64) -> Result<(), PortError> {
        let line = format!("delete draft {release}");
        self.effect(EffectKind::DeleteDraft, line, |state, _| {
            let Some(held) = state.find(release) else { return Ok(()) };
            if !held.release.draft {
                let why = format!("release {release} is not a draft");
                return Err(Refusal::invalid("Release", "custom", "draft", why));
            }
            state.delete_release(release)
        })
        .await
    }

    async fn publish(&self, publication: &Publication) -> Result<Release, PortError> {
        let line = format!("publish {} as {}", publication.release, publication.tag);
        self.effect(EffectKind::Publish, line, |state, process| {
            let draft = state.find(publication.release).is_some_and(|held| held.release.draft);
            let release = state.publish(publication, Author::Us)?;
            if draft {
                state.published_by_us(process, &publication.tag, &publication.commit);
            }
            Ok(release)
        })
        .await
    }

    fn deployments_change(&self) -> Option<&dyn DeploymentsChange> {
        Some(self)
    }
}

impl State {
    pub(super) fn sees_drafts(&self) -> bool {
        self.rights.write && !self.rights_lost
    }

    /// The simulator does not store an order of commits: all other commits count as earlier.
    fn earlier_checks(&self, commit: &Sha) -> Vec<Check> {
        let ended = |check: &&Check| matches!(check.state, CheckState::Finished(_));
        let others = self.checks.iter().filter(|(other, _)| self.rights.checks && *other != commit);
        let runs = others.flat_map(|(_, runs)| runs).filter(|run| run.kind == CheckKind::Run);
        runs.filter(ended).cloned().collect()
    }

    fn surveyed(&mut self, survey: &Survey) -> CommitState {
        let Survey { commit, branch, tag, same_tree, push } = survey;
        if let Some(tag) = tag {
            self.about(tag, commit);
        }
        let denied =
            |needs: &str| (format!("the token lacks `{needs}`"), format!("grant `{needs}`"));
        let checks = if self.rights.checks {
            Seen::Known(self.checks_of(commit))
        } else {
            let (why, help) = denied("checks: read");
            Seen::unseen_help(why, help)
        };
        let rules = match branch {
            None => Seen::not_asked(),
            Some(_) if !self.rights.rules => {
                let (why, help) = denied("metadata: read");
                Seen::unseen_help(why, help)
            }
            Some(branch) => Seen::Known(self.rules.get(branch).cloned().unwrap_or_default()),
        };
        let (at, published) = match tag {
            None => (Seen::not_asked(), Seen::not_asked()),
            Some(tag) => (Seen::Known(self.tag_seen(tag)), Seen::Known(self.published_seen(tag))),
        };
        let same_tree = match &checks {
            Seen::Known(_) if *same_tree => Seen::Known(self.twins_of(commit)),
            Seen::Unseen(unseen) if *same_tree => Seen::Unseen(unseen.clone()),
            Seen::Known(_) | Seen::Unseen(_) => Seen::not_asked(),
        };
        // Where nothing reported, only the push tells how long CI has had.
        let silent = checks.known().is_ok_and(|checks| checks.runs.is_empty());
        let push = match branch {
            Some(branch) if *push || silent => Seen::Known(self.push_of(branch, commit)),
            Some(_) | None => Seen::not_asked(),
        };
        CommitState { checks, same_tree, push, rules, tag: at, published }
    }

    /// Checks on the heads of pull requests that became the commit unchanged.
    fn twins_of(&self, commit: &Sha) -> Vec<Checks> {
        let became = |pull: &&Pull| pull.merge.as_ref() == Some(commit) && !pull.fork;
        let heads: BTreeSet<_> = self.pulls.iter().filter(became).map(|pull| &pull.head).collect();
        let tree = self.tree_of(commit);
        let same = |head: &&Sha| *head != commit && self.tree_of(head) == tree;
        heads.into_iter().filter(same).map(|head| self.checks_of(head)).collect()
    }

    /// When the commit was merged: as this commit or, if there is no such merge, with its branch.
    fn merged(&self, commit: &Sha) -> Option<Timestamp> {
        let with_it = self.pulls_of(commit).into_iter().filter_map(|pull| {
            let at = pull.merged_at?;
            Some((pull.merge.as_ref() == Some(commit), at))
        });
        with_it.max().map(|(_, at)| at)
    }

    /// The pull requests that contain a commit, as far as the simulator knows their commits.
    #[must_use]
    pub fn pulls_of(&self, commit: &Sha) -> Vec<&Pull> {
        let contains = |pull: &&Pull| pull.merge.as_ref() == Some(commit) || pull.head == *commit;
        self.pulls.iter().filter(contains).collect()
    }

    fn push_of(&self, branch: &BranchName, commit: &Sha) -> Option<Push> {
        let here = |push: &&Pushed| push.branch == *branch && push.after == *commit;
        let newest = self.pushes.iter().filter(here).max_by_key(|push| push.at)?;
        Some(Push { at: newest.at, before: newest.before.clone() })
    }

    fn tag_seen(&self, tag: &TagName) -> Option<(Sha, Sha)> {
        self.tags.get(tag).map(|at| (at.object.clone(), at.commit.clone()))
    }

    /// As in GraphQL: without digests, and without incomplete assets.
    fn published_seen(&mut self, tag: &TagName) -> Option<Release> {
        let mut release = self.listed(tag, false).into_iter().next()?;
        release.assets.retain(|asset| asset.uploaded);
        for asset in &mut release.assets {
            asset.digest = None;
        }
        Some(release)
    }
}
