//! The state of the simulator as plain data. The methods that change it are in the modules of what
//! they change.

use super::faults::Faults;
use super::parts::{
    Board, Effect, OracleState, Pull, Pushed, Rights, Settings, SimApproval, SimDeployment,
    SimIssue, SimRelease, Society, Stale, TagRef,
};
use crate::base::names::{BranchName, EnvironmentName, NameError, Sha, TagName};
use crate::facts::environment::{JobIdentity, Protection};
use crate::facts::tag_rules::TagRuleset;
use crate::facts::{
    Check, CheckCreator, CheckKind, CheckState, Checks, Origin, Release, RequiredCheck,
};
use crate::ports::{Document, HttpResponse, PullRequest};
use crate::project::workflow::{APP, APP_ID};
use crate::release::ledger::Entry;
use crate::release::step::sha256;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Everything there is.
#[derive(Debug, Default)]
pub struct State {
    /// What kind of world it is.
    pub settings: Settings,
    /// What the credentials reach.
    pub rights: Rights,
    /// The moment, as the servers have it; it never jumps.
    pub now: Timestamp,
    /// How far the clock of the machine that the program runs on is off.
    pub skew: SignedDuration,
    /// Branches of the remote, and what each holds.
    pub heads: BTreeMap<BranchName, Sha>,
    /// Tags of the remote.
    pub tags: BTreeMap<TagName, TagRef>,
    /// Records of releases in the remote, oldest entry first.
    pub ledgers: BTreeMap<TagName, Vec<(Sha, Entry)>>,
    /// The holds on the whole repository, oldest first.
    pub holds: Vec<(Sha, Entry)>,
    /// Documents of tminus in the remote, each with the commit that holds it.
    pub documents: BTreeMap<Document, (Sha, String)>,
    /// Releases of the forge, drafts included, in the order of their making.
    pub releases: Vec<SimRelease>,
    /// Which release is the latest.
    pub latest: Option<u64>,
    /// Checks by commit.
    pub checks: BTreeMap<Sha, Vec<Check>>,
    /// Pull requests, merged ones too.
    pub pulls: Vec<Pull>,
    /// The trees of commits, where two share one; any other has its own.
    pub trees: BTreeMap<Sha, Sha>,
    /// Pushes to branches.
    pub pushes: Vec<Pushed>,
    /// Required checks by branch.
    pub rules: BTreeMap<BranchName, Vec<RequiredCheck>>,
    /// What was told beside releases.
    pub board: Board,
    /// Issues, and who can do something there.
    pub society: Society,
    /// Tag rulesets, as the token sees them.
    pub tag_rules: Vec<TagRuleset>,
    /// Environments and their protection.
    pub environments: BTreeMap<EnvironmentName, Protection>,
    /// Reviews of runs.
    pub approvals: Vec<SimApproval>,
    /// Deployments, oldest first.
    pub deployments: Vec<SimDeployment>,
    /// The responses of the user's own systems, by URL; 200 without a body otherwise.
    pub responses: BTreeMap<String, HttpResponse>,
    /// The environment of the job that every process runs in.
    pub job: Option<JobIdentity>,
    /// Pull requests that are open, by their numbers.
    pub open_pulls: BTreeMap<u64, PullRequest>,
    /// Files of other repositories, by `owner/name@commit:path`.
    pub elsewhere: BTreeMap<String, Vec<u8>>,
    /// Issues and pull requests that can block a release.
    pub issues: Vec<SimIssue>,
    /// Labels that the repository does not have.
    pub missing_labels: BTreeSet<String>,
    /// How often each command of the user's took effect.
    pub done: BTreeMap<Vec<String>, usize>,
    /// Which probe asks after which command.
    pub(super) probes: BTreeMap<Vec<String>, Vec<String>>,
    pub(super) required: Vec<String>,
    pub(super) subject: Option<(TagName, Sha)>,
    pub(super) faults: Faults,
    pub(super) effects: Vec<Effect>,
    pub(super) violations: Vec<String>,
    pub(super) memory: OracleState,
    pub(super) burned: BTreeSet<String>,
    pub(super) past: Vec<(Timestamp, Vec<Release>)>,
    pub(super) stale: Option<Stale>,
    pub(super) rights_lost: bool,
    pub(super) process: u32,
    pub(super) alive: BTreeSet<u32>,
    pub(super) crashed: BTreeSet<u32>,
    pub(super) last_id: u64,
}

impl State {
    /// An empty world at a moment.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { now, ..Self::default() }
    }

    /// Lets time pass; it stands still rather than leave the calendar.
    pub fn advance(&mut self, by: SignedDuration) {
        self.now = self.now.checked_add(by).unwrap_or(self.now);
    }

    /// The moment, as the program's own machine has it.
    #[must_use]
    pub fn clock(&self) -> Timestamp {
        self.now.checked_add(self.skew).unwrap_or(self.now)
    }

    /// A number that no release and no asset has had.
    pub(super) fn id(&mut self) -> u64 {
        self.last_id += 1;
        1000 + self.last_id
    }

    /// Reports a check run on a commit, newer than all before it.
    pub fn report(&mut self, commit: &Sha, name: &str, state: CheckState) {
        self.advance(SignedDuration::from_secs(1));
        let id = self.id();
        let ended = matches!(state, CheckState::Finished(_));
        self.checks.entry(commit.clone()).or_default().push(Check {
            kind: CheckKind::Run,
            id: format!("CR_{id}"),
            name: name.into(),
            app: Some(APP.into()),
            app_id: Some(APP_ID),
            workflow: Some("ci".into()),
            event: Some("push".into()),
            run: Some(id),
            state,
            started_at: Some(self.now),
            completed_at: ended.then_some(self.now),
            url: Some(format!("{}/actions/runs/{id}/job/{id}", self.settings.page)),
            environment: None,
            origin: Some(Origin { maker: CheckCreator::CiHost, job: Some(id.to_string()) }),
        });
    }

    /// What CI reported on a commit.
    #[must_use]
    pub fn checks_of(&self, commit: &Sha) -> Checks {
        let runs = self.checks.get(commit).cloned().unwrap_or_default();
        let since = runs.iter().filter_map(|check| check.started_at).max();
        Checks { commit: commit.clone(), total: runs.len(), runs, since }
    }

    /// The tree of a commit.
    #[must_use]
    pub fn tree_of(&self, commit: &Sha) -> Option<Sha> {
        let own = || object_id(&format!("tree of {commit}")).ok();
        self.trees.get(commit).cloned().or_else(own)
    }

    /// Tells which probe asks after which command.
    pub fn answers_for(&mut self, probe: Vec<String>, command: Vec<String>) {
        self.probes.insert(probe, command);
    }

    /// Names the release that foreign hands will meddle with.
    pub fn about(&mut self, tag: &TagName, commit: &Sha) {
        self.subject = Some((tag.clone(), commit.clone()));
    }
}

/// An object id as git would make one: from the content alone.
pub(super) fn object_id(content: &str) -> Result<Sha, NameError> {
    let digest = sha256(content.as_bytes());
    Sha::new(digest.as_str().chars().take(40).collect::<String>())
}
