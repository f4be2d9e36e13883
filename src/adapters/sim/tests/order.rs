//! In which order the world is looked at: what the commit alone tells first, and side by side what
//! does not wait for each other.

use super::fixture::sha;
use crate::adapters::sim::{SimRepository, World};
use crate::base::names::{BranchName, Sha, TagName};
use crate::drive::observe::{ObserveError, ObserveRequest, Observed, Scope, observe, refresh_step};
use crate::facts::rights::{Push, Rights};
use crate::facts::{Check, Release};
use crate::ports::*;
use crate::release::ledger::Ledger;
use crate::release::signature::EntrySignature;
use async_trait::async_trait;
use std::cell::RefCell;

/// A world that notes when each read of it begins and ends.
struct Noted<'a> {
    world: &'a World,
    notes: RefCell<Vec<String>>,
}

impl Noted<'_> {
    async fn noted<T>(&self, what: &str, read: impl Future<Output = T>) -> T {
        self.notes.borrow_mut().push(format!("{what} begins"));
        let answer = read.await;
        self.notes.borrow_mut().push(format!("{what} ends"));
        answer
    }

    fn side_by_side(&self, one: &str, other: &str) -> bool {
        let notes = self.notes.borrow();
        let at = |note: String| notes.iter().rposition(|noted| *noted == note).unwrap();
        let begins = at(format!("{one} begins")).max(at(format!("{other} begins")));
        begins < at(format!("{one} ends")).min(at(format!("{other} ends")))
    }
}

#[async_trait(?Send)]
impl ForgeRead for Noted<'_> {
    async fn survey(&self, survey: &Survey) -> Result<CommitState, PortError> {
        self.noted("survey", self.world.survey(survey)).await
    }

    async fn releases(&self, tag: &TagName) -> Result<Vec<Release>, PortError> {
        self.noted("releases", self.world.releases(tag)).await
    }

    async fn release(&self, id: u64) -> Result<Option<Release>, PortError> {
        self.noted("release", self.world.release(id)).await
    }

    async fn pull(&self, number: u64) -> Result<Option<PullRequest>, PortError> {
        self.noted("pull", self.world.pull(number)).await
    }

    async fn past(&self, commit: &Sha) -> Result<Vec<Check>, PortError> {
        self.noted("past", self.world.past(commit)).await
    }

    async fn is_locked(&self, tag: &TagName) -> Result<bool, PortError> {
        self.noted("locked", self.world.is_locked(tag)).await
    }

    async fn rights(&self, inquiry: &PermissionQuery) -> Result<Rights, PortError> {
        self.noted("rights", self.world.rights(inquiry)).await
    }
}

#[async_trait(?Send)]
impl Remote for Noted<'_> {
    async fn refs(&self) -> Result<Vec<RefAt>, PortError> {
        self.noted("refs", self.world.refs()).await
    }

    async fn fetch(&self, what: &Fetch) -> Result<(), PortError> {
        self.noted("fetch", self.world.fetch(what)).await
    }

    async fn ledger(&self, tag: &TagName) -> Result<Ledger, PortError> {
        self.noted("ledger", self.world.ledger(tag)).await
    }

    async fn holds(&self) -> Result<Ledger, PortError> {
        self.noted("holds", self.world.holds()).await
    }

    async fn signers(
        &self,
        ledger: &Ledger,
        entries: &[usize],
        allowed: &str,
    ) -> Result<Vec<EntrySignature>, PortError> {
        self.world.signers(ledger, entries, allowed).await
    }

    fn commits(&self, ledger: &Ledger, entries: &[usize]) -> Result<Vec<Sha>, PortError> {
        self.world.commits(ledger, entries)
    }

    async fn document(&self, which: &Document) -> Result<Option<(Sha, String)>, PortError> {
        self.noted("document", self.world.document(which)).await
    }

    async fn may_push(&self, commit: &Sha) -> Result<Push, PortError> {
        self.noted("push", self.world.may_push(commit)).await
    }
}

const MANIFEST: &str = "\
schema: 1
version: { files: [Cargo.toml] }
stages:
  - name: stable
    steps:
      - draft-release: { assets: [] }
      - tag
      - publish-release
";

fn repository(manifest: &str) -> SimRepository {
    let mut repository = SimRepository::default();
    repository.add_commit("feat: one").unwrap();
    repository.branch = Some(BranchName::new("main").unwrap());
    repository.files.insert("tminus.yaml".into(), manifest.into());
    let cargo = "[package]\nname = \"widget\"\nversion = \"1.1.0\"\n";
    repository.files.insert("Cargo.toml".into(), cargo.into());
    let changelog = "# Changelog\n\n## [1.1.0] - 2026-01-10\n\n- One\n";
    repository.files.insert("CHANGELOG.md".into(), changelog.into());
    repository
}

fn read_ports<'a>(noted: &'a Noted<'_>, repository: &'a SimRepository) -> ReadPorts<'a> {
    let (remote, forge) = (Some(noted as &dyn Remote), Ok(noted as &dyn ForgeRead));
    ReadPorts { repository, remote, forge, prober: noted.world, clock: noted.world }
}

async fn look(noted: &Noted<'_>, repository: &SimRepository) -> Result<Observed, ObserveError> {
    let order = ObserveRequest {
        name: "widget".into(),
        fetch: true,
        ..ObserveRequest::of_head(Scope::Plan, crate::adapters::kinds(), "github")
    };
    observe(&read_ports(noted, repository), &order).await
}

#[tokio::test]
async fn errors_in_the_commit_are_reported_before_any_network_request() {
    let world = World::new(jiff::Timestamp::UNIX_EPOCH);
    let noted = Noted { world: &world, notes: RefCell::default() };
    let wrong = look(&noted, &repository("schema: 1\nbranches: 7\n")).await;
    assert!(matches!(wrong, Err(ObserveError::Manifest { .. })), "{wrong:?}");
    let mut bare = repository(MANIFEST);
    bare.files.remove("tminus.yaml");
    let none = look(&noted, &bare).await;
    assert!(matches!(none, Err(ObserveError::NoManifest(_))), "{none:?}");
    assert_eq!(*noted.notes.borrow(), Vec::<String>::new());
}

#[tokio::test]
async fn git_and_the_forge_are_read_concurrently() {
    let world = World::new(jiff::Timestamp::UNIX_EPOCH);
    world.about(&TagName::new("v1.1.0").unwrap(), &sha('a'));
    let noted = Noted { world: &world, notes: RefCell::default() };
    let repository = repository(MANIFEST);
    let mut seen = look(&noted, &repository).await.unwrap();
    assert!(noted.side_by_side("rights", "push"), "{:?}", noted.notes);
    assert!(noted.side_by_side("survey", "push"), "{:?}", noted.notes);
    let plan = crate::planner::plan(&seen.case()).unwrap();
    let read_ports = read_ports(&noted, &repository);
    refresh_step(&read_ports, &seen.manifest, &plan, &mut seen.facts, Some(1), None).await;
    assert!(noted.side_by_side("refs", "release"), "{:?}", noted.notes);
}
