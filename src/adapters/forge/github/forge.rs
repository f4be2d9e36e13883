//! Implements the forge ports for GitHub.

use super::client::Http;
use super::meter::Meter;
use super::settings::{Settings, SettingsError};
use super::{
    blockers, deployments, elsewhere, environments, issue, merged, notes, past, people, pulls,
    releases, reviews, rights, survey, tell, upload, verified,
};
use crate::adapters::forge::kind::Connected as _;
use crate::adapters::retry::Notice;
use crate::base::names::{EnvironmentName, Person, Sha, Slug, TagName};
use crate::facts::environment::{Approval, Deployment, JobIdentity, Protection};
use crate::facts::people::{Reviews, Verification};
use crate::facts::rights::Rights;
use crate::facts::{BlockerQuery, Blockers, Check, FileAt, Release, RemoteAsset, Seen};
use crate::ports::{
    Clock, CloseReason, Comment, CommitState, Deployments, DeploymentsChange, ForgePeople,
    ForgePeopleChange, ForgePost, ForgeRead, ForgeWrite, IssueText, NewCheckRun, NewDeployment,
    NewDeploymentStatus, NewDraft, NewStatus, NotesRequest, PermissionQuery, PortError,
    Publication, PullRequest, Reaction, Survey, TrackingIssue,
};
use crate::project::manifest::Permission;
use crate::release::step::Asset;
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use url::Url;

/// One repository on GitHub.
pub struct GitHub {
    http: Http,
    /// With the token that reads the members of teams.
    organization: Option<Http>,
}

impl GitHub {
    /// Makes no connection yet. Must be called inside the tokio runtime that will use it, after a
    /// rustls provider was installed.
    ///
    /// # Errors
    /// When the token cannot be sent in a header, or the HTTP client cannot be set up.
    pub fn new(settings: Settings, clock: Rc<dyn Clock>) -> Result<Self, SettingsError> {
        let token = settings.organization_token.clone();
        let other = token.map(|token| Settings { token: Some(token), ..settings.clone() });
        let organization = other.map(|other| Http::new(other, Rc::clone(&clock))).transpose()?;
        Ok(Self { http: Http::new(settings, clock)?, organization })
    }

    /// Creates a client that reports why an operation takes long.
    #[must_use]
    pub fn telling(mut self, notice: Notice) -> Self {
        self.http.notice = notice;
        self
    }

    /// The server's web pages, and the repository on it.
    #[must_use]
    pub fn home(&self) -> (&Url, &Slug) {
        (&self.http.settings.server_url, &self.http.settings.repository)
    }

    /// The current address of the repository, if it has moved: its name, or its ID
    /// (`/repositories/1`) if only that is known.
    #[must_use]
    pub fn moved(&self) -> Option<String> {
        let place = self.http.place()?;
        Some(place.strip_prefix("/repos/").unwrap_or(&place).to_owned())
    }

    /// How many requests were made.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.http.meter
    }

    /// The same, made with the token that reads the members of teams.
    #[must_use]
    pub fn organization_meter(&self) -> Option<&Meter> {
        self.organization.as_ref().map(|http| &http.meter)
    }
}

#[async_trait(?Send)]
impl ForgePost for GitHub {
    async fn set_status(&self, status: &NewStatus) -> Result<(), PortError> {
        tell::set_status(&self.http, status).await
    }

    async fn make_check_run(&self, run: &NewCheckRun) -> Result<(), PortError> {
        tell::make_check_run(&self.http, run).await
    }

    async fn login(&self) -> Result<String, PortError> {
        tell::login(&self.http).await
    }

    async fn comments(&self, pull: u64) -> Result<Vec<Comment>, PortError> {
        tell::comments(&self.http, pull).await
    }

    async fn comment(&self, pull: u64, body: &str) -> Result<(), PortError> {
        tell::comment(&self.http, pull, body).await
    }

    async fn edit_comment(&self, comment: u64, body: &str) -> Result<(), PortError> {
        tell::edit_comment(&self.http, comment, body).await
    }

    async fn delete_comment(&self, comment: u64) -> Result<(), PortError> {
        tell::delete_comment(&self.http, comment).await
    }
}

#[async_trait(?Send)]
impl ForgeRead for GitHub {
    async fn pull(&self, number: u64) -> Result<Option<PullRequest>, PortError> {
        pulls::pull(&self.http, number).await
    }

    async fn survey(&self, survey: &Survey) -> Result<CommitState, PortError> {
        survey::survey(&self.http, survey).await
    }

    async fn merged(&self, commit: &Sha) -> Result<Option<Timestamp>, PortError> {
        merged::merged(&self.http, commit).await
    }

    async fn file_elsewhere(
        &self,
        slug: &Slug,
        commit: &Sha,
        path: &str,
    ) -> Result<FileAt, PortError> {
        elsewhere::file(&self.http, slug, commit, path).await
    }

    async fn past(&self, commit: &Sha) -> Result<Vec<Check>, PortError> {
        past::past(&self.http, commit).await
    }

    async fn blockers(&self, queries: &[BlockerQuery]) -> Result<Vec<Seen<Blockers>>, PortError> {
        blockers::blockers(&self.http, queries).await
    }

    async fn releases(&self, tag: &TagName) -> Result<Vec<Release>, PortError> {
        releases::list(&self.http, tag).await
    }

    async fn release(&self, id: u64) -> Result<Option<Release>, PortError> {
        releases::one(&self.http, id).await
    }

    async fn is_locked(&self, tag: &TagName) -> Result<bool, PortError> {
        releases::is_immutable(&self.http, tag).await
    }

    async fn rights(&self, inquiry: &PermissionQuery) -> Result<Rights, PortError> {
        rights::rights(&self.http, inquiry).await
    }

    async fn notes(&self, order: &NotesRequest) -> Result<String, PortError> {
        notes::generated(&self.http, "generate the notes", order).await
    }

    fn file_page(&self, tag: &TagName, path: &str) -> Option<String> {
        self.pages(None).file(tag, path)
    }

    fn commits_page(&self, from: Option<&TagName>, to: &TagName) -> Option<String> {
        self.pages(None).commits(from, to)
    }

    fn deployments(&self) -> Option<&dyn Deployments> {
        Some(self)
    }

    fn people(&self) -> Option<&dyn ForgePeople> {
        Some(self)
    }

    fn server_time(&self) -> Option<Timestamp> {
        self.http.meter.server_time()
    }
}

#[async_trait(?Send)]
impl ForgePeople for GitHub {
    async fn issue(&self, number: u64) -> Result<Option<TrackingIssue>, PortError> {
        issue::issue(&self.http, number).await
    }

    async fn permissions(
        &self,
        people: &BTreeSet<Person>,
    ) -> Result<BTreeMap<Person, Permission>, PortError> {
        people::permissions(&self.http, people).await
    }

    async fn team_members(
        &self,
        team: &str,
        people: &BTreeSet<Person>,
    ) -> Result<BTreeSet<Person>, PortError> {
        people::team_members(self.organization.as_ref(), team, people).await
    }

    async fn authors(&self, commits: &[Sha]) -> Result<BTreeSet<Person>, PortError> {
        people::authors(&self.http, commits).await
    }

    async fn verified(&self, commit: &Sha) -> Result<Verification, PortError> {
        verified::verified(&self.http, commit).await
    }

    async fn reviews(&self, commit: &Sha) -> Result<Reviews, PortError> {
        reviews::reviews(&self.http, commit).await
    }
}

#[async_trait(?Send)]
impl ForgePeopleChange for GitHub {
    async fn create_issue(&self, new: &IssueText) -> Result<TrackingIssue, PortError> {
        issue::create(&self.http, new).await
    }

    async fn edit_issue(
        &self,
        number: u64,
        text: &IssueText,
        closed: Option<CloseReason>,
    ) -> Result<(), PortError> {
        issue::edit(&self.http, number, text, closed).await
    }

    async fn close_issue(&self, number: u64, because: CloseReason) -> Result<(), PortError> {
        issue::close(&self.http, number, because).await
    }

    async fn react(&self, comment: u64, reaction: Reaction) -> Result<bool, PortError> {
        issue::react(&self.http, comment, reaction).await
    }

    async fn reply(&self, issue: u64, text: &str) -> Result<(), PortError> {
        issue::reply(&self.http, issue, text).await
    }
}

#[async_trait(?Send)]
impl Deployments for GitHub {
    fn has_job(&self, job: &JobIdentity) -> bool {
        job.repository.eq_ignore_ascii_case(self.http.settings.repository.as_str())
    }

    async fn protection(
        &self,
        environment: &EnvironmentName,
    ) -> Result<Option<Protection>, PortError> {
        environments::protection(&self.http, environment).await
    }

    async fn approvals(
        &self,
        environment: &EnvironmentName,
        commit: &Sha,
        since: Timestamp,
    ) -> Result<Vec<Approval>, PortError> {
        environments::approvals(&self.http, environment, commit, since).await
    }

    async fn deployments(
        &self,
        environment: &EnvironmentName,
    ) -> Result<Vec<Deployment>, PortError> {
        deployments::list(&self.http, environment).await
    }
}

#[async_trait(?Send)]
impl DeploymentsChange for GitHub {
    async fn create_deployment(&self, new: &NewDeployment) -> Result<Deployment, PortError> {
        deployments::create(&self.http, new).await
    }

    async fn set_deployment(&self, status: &NewDeploymentStatus) -> Result<(), PortError> {
        deployments::set(&self.http, status).await
    }
}

#[async_trait(?Send)]
impl ForgeWrite for GitHub {
    async fn create_draft(&self, draft: &NewDraft) -> Result<Release, PortError> {
        releases::create_draft(&self.http, draft).await
    }

    async fn upload(&self, to: &Release, asset: &Asset) -> Result<RemoteAsset, PortError> {
        upload::upload(&self.http, to, asset).await
    }

    async fn delete_asset(&self, asset: u64) -> Result<(), PortError> {
        releases::delete_asset(&self.http, asset).await
    }

    async fn delete_draft(&self, release: u64) -> Result<(), PortError> {
        releases::delete_draft(&self.http, release).await
    }

    async fn publish(&self, publication: &Publication) -> Result<Release, PortError> {
        releases::publish(&self.http, publication).await
    }

    fn deployments_change(&self) -> Option<&dyn DeploymentsChange> {
        Some(self)
    }
}
