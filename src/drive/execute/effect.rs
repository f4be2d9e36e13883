//! One effect on the world. What is public demands a [`Permit`].

use crate::base::names::Sha;
use crate::drive::observe::environment;
use crate::facts::{Release, RemoteAsset};
use crate::judge::ruling::Permit;
use crate::planner::plan::Repair;
use crate::ports::{Change, Hands, NewDraft, NewTag, PortError, Publication};
use crate::project::manifest::{RunRules, Sign};
use crate::release::step::{Asset, Plan};
use std::time::Duration;

/// What effects are done with, and for.
pub(super) struct Effects<'a> {
    pub(super) hands: &'a Hands<'a>,
    pub(super) plan: &'a Plan,
}

/// How a command of the user's came to nothing.
pub(super) enum Ran {
    /// It could not be started.
    Not(PortError),
    /// It may have taken effect.
    Failed(PortError),
}

impl Effects<'_> {
    fn forge(&self) -> Result<&dyn Change, PortError> {
        let none = |why: &str| PortError::Refused { what: "the forge".into(), why: why.into() };
        self.hands.forge.map_err(none)
    }

    /// Creates the draft.
    pub(super) async fn draft(
        &self,
        title: &str,
        notes: &str,
        prerelease: bool,
    ) -> Result<Release, PortError> {
        let body = format!("{notes}\n\n{}", self.plan.marker()).trim_start().to_owned();
        let (tag, commit) = (self.plan.tag.clone(), self.plan.commit.clone());
        let draft = NewDraft { tag, commit, title: title.to_owned(), body, prerelease };
        self.forge()?.create_draft(&draft).await
    }

    pub(super) async fn upload(
        &self,
        to: &Release,
        asset: &Asset,
    ) -> Result<RemoteAsset, PortError> {
        self.forge()?.upload(to, asset).await
    }

    pub(super) async fn tag(
        &self,
        message: &str,
        sign: Sign,
        permit: &Permit,
    ) -> Result<Sha, PortError> {
        let tag = NewTag {
            tag: self.plan.tag.clone(),
            commit: permit.commit().clone(),
            message: message.to_owned(),
            sign,
            at: self.hands.clock.now(),
        };
        self.hands.remote.create_tag(&tag).await
    }

    pub(super) async fn publish(
        &self,
        draft: &Release,
        latest: bool,
        permit: &Permit,
    ) -> Result<(), PortError> {
        let publication = Publication {
            release: draft.id,
            tag: self.plan.tag.clone(),
            commit: permit.commit().clone(),
            latest,
            prerelease: !self.plan.version.pre.is_empty(),
        };
        self.forge()?.publish(&publication).await.map(|_| ())
    }

    pub(super) async fn run(&self, run: &RunRules, _: &Permit) -> Result<(), Ran> {
        let timeout = Duration::from_secs(run.timeout_seconds);
        let ended = self.hands.runner.run(&run.command, &environment(self.plan), timeout).await;
        let ended = ended.map_err(|error| match error {
            PortError::Refused { .. } => Ran::Not(error),
            PortError::NoAnswer { .. }
            | PortError::Limited { .. }
            | PortError::Denied { .. }
            | PortError::Behind { .. } => Ran::Failed(error),
        })?;
        // What it printed was shown; it may hold secrets, and the record is public.
        let why = match ended.code {
            Some(0) => return Ok(()),
            Some(code) => format!("exited with {code}"),
            None => "was killed or timed out".into(),
        };
        Err(Ran::Failed(PortError::Refused { what: format!("`{}`", run.name), why }))
    }

    pub(super) async fn repair(&self, repair: &Repair) -> Result<(), PortError> {
        match repair {
            Repair::RemoveAsset { asset, .. } => self.forge()?.delete_asset(*asset).await,
            Repair::RemoveDraft { release, .. } => self.remove_draft(*release).await,
        }
    }

    pub(super) async fn remove_draft(&self, release: u64) -> Result<(), PortError> {
        self.forge()?.delete_draft(release).await
    }
}
