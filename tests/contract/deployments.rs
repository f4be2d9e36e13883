//! What environments and deployments promise.

use crate::contract::forges::Forge;
use crate::support::client::sha;
use jiff::{SignedDuration, Timestamp};
use tminus::adapters::sim::SimApproval;
use tminus::base::names::{BranchName, Digest, EnvironmentName, StageName};
use tminus::facts::CheckState;
use tminus::facts::environment::{
    AllowedRefs, Approval, Deployment, DeploymentMark, DeploymentState, Protection, RefPattern,
    Reviewer,
};
use tminus::ports::{
    Deployments, DeploymentsChange, ForgeRead, NewDeployment, NewDeploymentStatus, PortError,
};

fn place(name: &str) -> EnvironmentName {
    EnvironmentName::new(name).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn mark(stage: &str) -> DeploymentMark {
    DeploymentMark {
        plan: Digest::new(format!("sha256:{}", "7".repeat(64))).unwrap(),
        stage: StageName::new(stage).unwrap(),
        entered: at(0) + SignedDuration::from_micros(1),
    }
}

fn new(environment: &str, stage: &str) -> NewDeployment {
    NewDeployment {
        environment: place(environment),
        commit: sha('a'),
        mark: mark(stage),
        description: "widget 1.1.0 é".into(),
    }
}

fn status(of: &Deployment, state: DeploymentState) -> NewDeploymentStatus {
    NewDeploymentStatus {
        deployment: of.id,
        environment: place("staging"),
        state,
        description: "widget 1.1.0".into(),
        log_url: Some("https://github.com/acme/widget/actions/runs/7".into()),
        environment_url: Some("https://staging.example.com/".into()),
    }
}

fn writes(forge: &Forge) -> &dyn DeploymentsChange {
    forge.writer.deployments_change().unwrap()
}

fn reads(forge: &Forge) -> &dyn Deployments {
    ForgeRead::deployments(forge.writer.as_ref()).unwrap()
}

async fn listed(forge: &Forge, environment: &str) -> Vec<Deployment> {
    reads(forge).deployments(&place(environment)).await.unwrap()
}

pub(crate) async fn protection_is_read_with_all_its_rules(forge: &Forge) {
    let whole = Protection {
        wait_minutes: 30,
        reviewers: vec![Reviewer::User("ada".into()), Reviewer::Team("release-team".into())],
        prevents_self_review: true,
        refs: AllowedRefs::Patterns(vec![
            RefPattern { name: "release/*".into(), tag: false },
            RefPattern { name: "v*".into(), tag: true },
        ]),
        apps: vec!["change-board".into()],
    };
    let protected = Protection { refs: AllowedRefs::Protected, ..Protection::default() };
    let all = [("production", whole), ("staging", protected), ("qa", Protection::default())];
    for (name, protection) in &all {
        forge.with(|state| state.protect(name, protection.clone()));
    }
    for (name, protection) in all {
        assert_eq!(reads(forge).protection(&place(name)).await.unwrap(), Some(protection));
    }
}

pub(crate) async fn an_environment_that_is_not_there_is_none(forge: &Forge) {
    assert_eq!(reads(forge).protection(&place("production")).await.unwrap(), None);
    assert_eq!(listed(forge, "production").await, []);
}

pub(crate) async fn the_name_of_an_environment_can_have_any_characters(forge: &Forge) {
    for name in ["on call", "eu/west 1", "größe-東京", "50%?#&=+", "...", "a\\b\"c"] {
        let protection = Protection {
            wait_minutes: 7,
            refs: AllowedRefs::Patterns(vec![RefPattern { name: "main".into(), tag: false }]),
            ..Protection::default()
        };
        forge.with(|state| state.protect(name, protection.clone()));
        assert_eq!(
            reads(forge).protection(&place(name)).await.unwrap(),
            Some(protection),
            "{name}"
        );
        let made = writes(forge).create_deployment(&new(name, "stable")).await.unwrap();
        assert_eq!(listed(forge, name).await, [made], "{name}");
    }
}

pub(crate) async fn every_pattern_is_read(forge: &Forge) {
    let one = |n| RefPattern { name: format!("release/{n}"), tag: n % 2 == 0 };
    let refs = AllowedRefs::Patterns((0..230).map(one).collect());
    let protection = Protection { refs, ..Protection::default() };
    forge.with(|state| state.protect("production", protection.clone()));
    let read = reads(forge).protection(&place("production")).await.unwrap();
    assert_eq!(read, Some(protection));
}

pub(crate) async fn a_new_deployment_is_queued_and_found_by_its_mark(forge: &Forge) {
    let made = writes(forge).create_deployment(&new("staging", "beta")).await.unwrap();
    assert_eq!((&made.commit, &made.state), (&sha('a'), &DeploymentState::Queued));
    assert_eq!((made.mark.as_ref(), made.url.as_ref()), (Some(&mark("beta")), None));
    assert_eq!(listed(forge, "staging").await, [made]);
    assert_eq!(listed(forge, "production").await, []);
}

pub(crate) async fn a_deployment_makes_its_environment_without_protection(forge: &Forge) {
    writes(forge).create_deployment(&new("staging", "beta")).await.unwrap();
    let made = reads(forge).protection(&place("staging")).await.unwrap();
    assert_eq!(made, Some(Protection::default()));
}

pub(crate) async fn a_deployment_is_of_exactly_its_commit(forge: &Forge) {
    forge.with(|state| {
        state.heads.insert(BranchName::new("main").unwrap(), sha('b'));
        state.report(&sha('a'), "test", CheckState::Finished("failure".into()));
        state.report(&sha('a'), "this job", CheckState::Pending("in_progress".into()));
    });
    let made = writes(forge).create_deployment(&new("staging", "beta")).await.unwrap();
    assert_eq!(made.commit, sha('a'), "nothing is merged, and no check is demanded");
}

pub(crate) async fn every_state_that_is_set_is_read(forge: &Forge) {
    let made = writes(forge).create_deployment(&new("staging", "beta")).await.unwrap();
    for state in [
        DeploymentState::Queued,
        DeploymentState::InProgress,
        DeploymentState::InProgress,
        DeploymentState::Failure,
        DeploymentState::Success,
        DeploymentState::Inactive,
    ] {
        let status = status(&made, state.clone());
        writes(forge).set_deployment(&status).await.unwrap();
        let url = status.log_url;
        assert_eq!(listed(forge, "staging").await, [Deployment { state, url, ..made.clone() }]);
    }
}

pub(crate) async fn an_older_deployment_stays_as_it_is(forge: &Forge) {
    let one = writes(forge).create_deployment(&new("staging", "beta")).await.unwrap();
    writes(forge).set_deployment(&status(&one, DeploymentState::Success)).await.unwrap();
    let two = writes(forge).create_deployment(&new("staging", "stable")).await.unwrap();
    writes(forge).set_deployment(&status(&two, DeploymentState::Success)).await.unwrap();
    let all = listed(forge, "staging").await;
    let told: Vec<_> = all.iter().map(|one| (one.id, &one.state)).collect();
    let success = DeploymentState::Success;
    assert_eq!(told, [(two.id, &success), (one.id, &success)], "newest first");
}

pub(crate) async fn the_newest_deployments_are_listed(forge: &Forge) {
    let mut ids = Vec::new();
    for n in 0..33 {
        let stage = format!("stage{n}");
        ids.push(writes(forge).create_deployment(&new("staging", &stage)).await.unwrap().id);
    }
    let told: Vec<_> = listed(forge, "staging").await.into_iter().map(|one| one.id).collect();
    assert_eq!(told, ids.into_iter().rev().take(30).collect::<Vec<_>>());
}

pub(crate) async fn a_deployment_of_another_tool_has_no_mark(forge: &Forge) {
    let made = writes(forge).create_deployment(&new("staging", "beta")).await.unwrap();
    forge.with(|state| {
        let held = &mut state.deployments.last_mut().unwrap().deployment;
        (held.mark, held.by) = (None, Some("deploy-bot[bot]".into()));
    });
    let by = Some("deploy-bot[bot]".into());
    assert_eq!(listed(forge, "staging").await, [Deployment { mark: None, by, ..made }]);
}

pub(crate) async fn what_the_forge_concludes_itself_is_told(forge: &Forge) {
    writes(forge).create_deployment(&new("staging", "beta")).await.unwrap();
    for told in [DeploymentState::Abandoned, DeploymentState::Waiting] {
        forge.with(|state| {
            state.deployments.last_mut().unwrap().deployment.state = told.clone();
        });
        assert_eq!(listed(forge, "staging").await[0].state, told);
    }
}

pub(crate) async fn a_long_description_is_cut(forge: &Forge) {
    let description = "é".repeat(300);
    let new = NewDeployment { description: description.clone(), ..new("staging", "beta") };
    let made = writes(forge).create_deployment(&new).await.unwrap();
    let status = NewDeploymentStatus { description, ..status(&made, DeploymentState::InProgress) };
    writes(forge).set_deployment(&status).await.unwrap();
}

pub(crate) async fn a_deployment_that_is_not_there_gets_no_state(forge: &Forge) {
    let made = writes(forge).create_deployment(&new("staging", "beta")).await.unwrap();
    let nowhere = Deployment { id: 404, ..made };
    let error = writes(forge).set_deployment(&status(&nowhere, DeploymentState::Success)).await;
    // What is not there and what is hidden look the same.
    assert!(
        matches!(error, Err(PortError::Denied { .. } | PortError::Refused { .. })),
        "{error:?}"
    );
}

pub(crate) async fn a_reader_reads_deployments_and_makes_none(forge: &Forge) {
    let made = writes(forge).create_deployment(&new("staging", "beta")).await.unwrap();
    let reader = forge.reader();
    let change = reader.deployments_change().unwrap();
    let denied = |result: Result<(), PortError>| match result {
        Err(PortError::Denied { needs, .. }) => assert_eq!(needs, "deployments: write"),
        other => panic!("{other:?}"),
    };
    denied(change.create_deployment(&new("staging", "stable")).await.map(drop));
    denied(change.set_deployment(&status(&made, DeploymentState::Success)).await);
    let read = ForgeRead::deployments(reader).unwrap();
    assert_eq!(read.deployments(&place("staging")).await.unwrap(), [made]);
}

pub(crate) async fn only_approvals_of_the_commit_and_the_environment_since_then_count(
    forge: &Forge,
) {
    let approval = |run: u64| Approval {
        by: "ada".into(),
        run,
        started_by: Some("grace".into()),
        url: Some(format!("https://github.com/acme/widget/actions/runs/{run}")),
        at: None,
    };
    let told = |run: u64, second: i64| Approval { at: Some(at(second)), ..approval(run) };
    let held = |environment: &str, commit: char, second: i64, run: u64| SimApproval {
        environment: place(environment),
        commit: sha(commit),
        at: at(second),
        approval: approval(run),
    };
    forge.with(|state| {
        state.protect("production", Protection::default());
        state.approvals = vec![
            held("production", 'a', 99, 1),
            held("production", 'b', 200, 2),
            held("staging", 'a', 200, 3),
            held("production", 'a', 100, 4),
            held("production", 'a', 101, 5),
        ];
    });
    let read = reads(forge).approvals(&place("production"), &sha('a'), at(100)).await;
    let mut read = read.unwrap();
    read.sort_by_key(|one| one.run);
    assert_eq!(read, [told(4, 100), told(5, 101)]);
    let none = reads(forge).approvals(&place("production"), &sha('c'), at(0)).await.unwrap();
    assert_eq!(none, []);
}
