//! What is asked of a forge for a missing check's sake, and what is made of the answer.

use crate::adapters::sim::{SimRepository, World};
use crate::base::names::{BranchName, Sha, TagName};
use crate::drive::observe::{ObserveRequest, Scope, observe};
use crate::facts::rights::Rights;
use crate::facts::{Check, Facts, Push, Release, Seen};
use crate::judge::gates::GateSelection;
use crate::ports::*;
use async_trait::async_trait;
use std::cell::RefCell;

const FILTERED: &str = "on: { push: { paths: [src/**] } }\njobs: { build: {} }\n";

/// A forge that remembers what it was asked, and one push.
struct Asked<'a> {
    world: &'a World,
    push: Push,
    asked: RefCell<Vec<Survey>>,
}

#[async_trait(?Send)]
impl ForgeRead for Asked<'_> {
    async fn survey(&self, survey: &Survey) -> Result<CommitState, PortError> {
        self.asked.borrow_mut().push(survey.clone());
        let mut surveyed = self.world.survey(survey).await?;
        if survey.push {
            surveyed.push = Seen::Known(Some(self.push.clone()));
        }
        Ok(surveyed)
    }

    async fn releases(&self, tag: &TagName) -> Result<Vec<Release>, PortError> {
        self.world.releases(tag).await
    }

    async fn release(&self, id: u64) -> Result<Option<Release>, PortError> {
        self.world.release(id).await
    }

    async fn pull(&self, number: u64) -> Result<Option<PullRequest>, PortError> {
        self.world.pull(number).await
    }

    async fn past(&self, commit: &Sha) -> Result<Vec<Check>, PortError> {
        self.world.past(commit).await
    }

    async fn is_locked(&self, tag: &TagName) -> Result<bool, PortError> {
        self.world.is_locked(tag).await
    }

    async fn rights(&self, inquiry: &PermissionQuery) -> Result<Rights, PortError> {
        self.world.rights(inquiry).await
    }
}

/// A check of `HEAD` by a run that is connected to a forge.
fn order(forge: &'static str) -> ObserveRequest {
    let depth = Scope::Check(GateSelection::default());
    ObserveRequest::of_head(depth, crate::adapters::kinds(), forge)
}

/// What is seen and asked with a workflow file, some settings of `checks-green`, and a push.
async fn seen(workflow: &str, settings: &str, offline: Option<&str>) -> (Facts, Vec<Survey>) {
    let mut repository = SimRepository::default();
    let before = repository.add_commit("chore: start").unwrap();
    repository.add_commit("feat: one").unwrap();
    repository.branch = Some(BranchName::new("main").unwrap());
    let manifest = format!("schema: 1\ngates: {{ checks-green: {{ {settings} }} }}\n");
    repository.files.insert("tminus.yaml".into(), manifest);
    repository.files.insert(".github/workflows/ci.yml".into(), workflow.into());
    repository.files.insert(".github/workflows/README.md".into(), "no workflow".into());
    let world = World::new(jiff::Timestamp::UNIX_EPOCH);
    let push = Push { at: jiff::Timestamp::UNIX_EPOCH, before: Some(before) };
    let forge = Asked { world: &world, push, asked: RefCell::default() };
    let read_ports = ReadPorts {
        repository: &repository,
        remote: None,
        forge: offline.map_or(Ok(&forge), Err),
        prober: &world,
        clock: &world,
    };
    let facts = observe(&read_ports, &order("github")).await.unwrap().facts;
    (facts, forge.asked.into_inner())
}

#[tokio::test]
async fn the_push_is_requested_if_a_workflow_has_path_filters() {
    let (facts, asked) = seen(FILTERED, "required: [build]", None).await;
    assert_eq!((asked.len(), asked[0].push, asked[0].same_tree), (1, true, false));
    assert_eq!(facts.changed, Seen::Known(Vec::new()));
    let files: Vec<_> = facts.workflows.known().unwrap().iter().map(|file| &file.name).collect();
    assert_eq!(files, [".github/workflows/ci.yml"]);
}

#[tokio::test]
async fn nothing_more_is_requested_without_path_filters() {
    let plain = "on: push\njobs: { build: {} }\n";
    let (facts, asked) = seen(plain, "required: [build]", None).await;
    assert_eq!((asked.len(), asked[0].push, asked[0].same_tree), (1, false, false));
    assert!(facts.workflows.known().is_ok() && facts.changed.known().is_err());
}

#[tokio::test]
async fn commits_with_the_same_tree_are_requested_if_lineage_is_tree() {
    let (facts, asked) = seen(FILTERED, "lineage: tree", None).await;
    assert!(asked[0].same_tree && facts.same_tree.known().is_ok());
}

#[tokio::test]
async fn workflow_files_are_not_read_if_the_forge_is_not_queried() {
    let (facts, asked) = seen(FILTERED, "required: [build]", Some("`--offline`")).await;
    assert_eq!((facts.workflows, asked.len()), (Seen::not_asked(), 0));
}

#[tokio::test]
async fn a_manifest_for_another_forge_than_the_connected_one_is_not_judged() {
    let mut repository = SimRepository::default();
    repository.add_commit("feat: one").unwrap();
    let world = World::new(jiff::Timestamp::UNIX_EPOCH);
    let mut ended = async |manifest: &str| {
        repository.files.insert("tminus.yaml".into(), manifest.into());
        let read_ports = ReadPorts {
            repository: &repository,
            remote: None,
            forge: Ok(&world),
            prober: &world,
            clock: &world,
        };
        observe(&read_ports, &order("elsewhere")).await.map(drop).map_err(|error| error.to_string())
    };
    let error = ended("schema: 1\nforge: github\n").await.unwrap_err();
    let said = "the manifest in the commit sets `forge: github`, but this run uses `elsewhere`";
    assert_eq!(error, said);
    assert!(world.effects().is_empty(), "no request was sent");
    assert_eq!(ended("schema: 1\nforge: none\n").await, Ok(()), "this one asks no forge");
}
