//! The real adapter over HTTP: what a token may not see, and what is too much at once.

use crate::contract::forges::github;
use crate::support::client::sha;
use crate::support::fake_github::{Classic, FakeGitHub, Mishap, Options, Scopes, TOKEN};
use git2::{Oid, Repository, Signature};
use tminus::adapters::sim::Pull;
use tminus::base::names::{BranchName, Sha, TagName};
use tminus::facts::{CheckKind, CheckState, RequiredCheck, Seen};
use tminus::ports::{CommitState, ForgeRead, PortError, Survey};

fn asked(branch: &str) -> Survey {
    Survey {
        commit: sha('a'),
        branch: BranchName::new(branch).ok(),
        tag: TagName::new("v1.1.0").ok(),
        same_tree: true,
        push: true,
    }
}

/// A world with a check, a status and a twin, behind a token that reaches this.
fn fake_github(scopes: Scopes) -> FakeGitHub {
    let required = |name: &str| RequiredCheck {
        name: name.into(),
        app_id: Some(15368),
        rule: "branch protection".into(),
    };
    let options = Options {
        tokens: [(TOKEN.to_owned(), scopes)].into(),
        classic: vec![
            Classic { pattern: "main".into(), checks: vec![required("build")] },
            Classic { pattern: "release/*".into(), checks: vec![required("soak")] },
        ],
        ..Options::default()
    };
    let fake_github = FakeGitHub::start(options).unwrap();
    fake_github.with(|state| {
        for commit in [sha('a'), sha('b')] {
            state.report(&commit, "build", CheckState::Finished("success".into()));
            state.report(&commit, "legacy", CheckState::Finished("success".into()));
            let status = state.checks.get_mut(&commit).unwrap().last_mut().unwrap();
            (status.kind, status.workflow, status.run) = (CheckKind::Status, None, None);
            state.trees.insert(commit, sha('7'));
        }
        state.pulls.push(Pull {
            head: sha('b'),
            merge: Some(sha('a')),
            merged_at: None,
            fork: false,
        });
    });
    fake_github
}

async fn survey(scopes: Scopes, branch: &str) -> CommitState {
    let fake_github = fake_github(scopes);
    github(&fake_github, TOKEN).survey(&asked(branch)).await.unwrap()
}

fn why<T>(seen: &Seen<T>) -> &str {
    seen.known().err().map_or("it was seen", |unseen| unseen.why.as_str())
}

#[tokio::test]
async fn each_missing_permission_hides_only_its_own_part_and_is_named_there() {
    let all = Scopes::READ;
    let seen = "it was seen";
    let either = "the token lacks `checks: read` or `statuses: read`";
    let cases = [
        (all, seen, seen),
        (Scopes { checks: false, ..all }, either, either),
        (Scopes { statuses: false, ..all }, either, either),
        (
            Scopes { checks: false, statuses: false, ..all },
            "the token lacks `checks: read` and `statuses: read`",
            "the token lacks `checks: read` and `statuses: read`",
        ),
        (
            Scopes { actions: false, ..all },
            "the token lacks `actions: read`",
            "the token lacks `actions: read`",
        ),
        (Scopes { pulls: false, ..all }, seen, "the token lacks `pull-requests: read`"),
    ];
    for (scopes, checks, same_tree) in cases {
        let surveyed = survey(scopes, "main").await;
        assert_eq!(
            (why(&surveyed.checks), why(&surveyed.same_tree)),
            (checks, same_tree),
            "{scopes:?}"
        );
        assert_eq!(surveyed.rules.known().unwrap().len(), 1, "{scopes:?}");
        assert_eq!((surveyed.tag, surveyed.published), (Seen::Known(None), Seen::Known(None)));
        assert_eq!(surveyed.push, Seen::Known(None));
    }
}

#[tokio::test]
async fn a_token_that_reads_no_pull_requests_does_not_see_when_a_commit_was_merged() {
    let fake_github = fake_github(Scopes { pulls: false, ..Scopes::READ });
    let denied = github(&fake_github, TOKEN).merged(&sha('a')).await;
    let needs = "pull-requests: read".into();
    let what = "read the pull requests of the commit".into();
    assert!(
        matches!(&denied, Err(PortError::Denied { needs: it, what: other, .. }) if (it, other) == (&needs, &what)),
        "{denied:?}"
    );
}

#[tokio::test]
async fn classic_protection_shows_administrators_more() {
    let told = |surveyed: CommitState| -> Vec<_> {
        let required = surveyed.rules.known().unwrap().iter();
        required.map(|check| (check.name.clone(), check.app_id)).collect()
    };
    assert_eq!(told(survey(Scopes::READ, "main").await), [("build".into(), None)]);
    assert_eq!(told(survey(Scopes::OWNER, "main").await), [("build".into(), Some(15368))]);
    assert_eq!(told(survey(Scopes::OWNER, "release/2.x").await), [("soak".into(), Some(15368))]);
    let reader = survey(Scopes::READ, "release/2.x").await;
    assert!(why(&reader.rules).contains("`administration: read`"), "{}", why(&reader.rules));
    assert!(reader.checks.known().is_ok() && reader.same_tree.known().is_ok());
}

#[tokio::test]
async fn a_survey_by_parts_and_pages_has_the_same_result() {
    let fake_github = fake_github(Scopes::ALL);
    fake_github.with(|state| {
        for n in 0..130 {
            for commit in [sha('a'), sha('b')] {
                state.report(&commit, &format!("job {n}"), CheckState::Finished("success".into()));
            }
        }
        let waits = state.checks.get_mut(&sha('a')).unwrap().last_mut().unwrap();
        waits.state = CheckState::Pending("waiting".into());
        waits.environment = Some("production".into());
    });
    let github = github(&fake_github, TOKEN);
    let whole = github.survey(&asked("main")).await.unwrap();
    let before = github.meter().total();
    fake_github.strike_next("POST", "/graphql", Mishap::BadGatewayBefore);
    fake_github.strike_next("POST", "/graphql", Mishap::BadGatewayBefore);
    let parts = github.survey(&asked("main")).await.unwrap();
    assert_eq!(parts, whole);
    // A page more for each commit; then two failures, five parts, five pages more for each, and
    // the push both times.
    assert_eq!((before, github.meter().total()), (1 + 2 + 1, 4 + 2 + 5 + 2 * 5 + 1));
    let checks = whole.checks.known().unwrap();
    assert_eq!((checks.total, checks.runs.len()), (132, 132));
    assert_eq!(checks.runs.last().unwrap().environment.as_deref(), Some("production"));
    assert_eq!(whole.same_tree.known().unwrap()[0].runs.len(), 132);
}

#[tokio::test]
async fn the_fake_serves_trees_and_history_of_the_real_repository() {
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::init_bare(folder.path()).unwrap();
    let commit = |text: &str, parents: &[Oid], reference: Option<&str>| -> Oid {
        let blob = repository.blob(text.as_bytes()).unwrap();
        let mut tree = repository.treebuilder(None).unwrap();
        tree.insert("file", blob, 0o100_644).unwrap();
        let tree = repository.find_tree(tree.write().unwrap()).unwrap();
        let who = Signature::new("A", "a@example.com", &git2::Time::new(1_800_000_000, 0)).unwrap();
        let parents: Vec<_> =
            parents.iter().map(|parent| repository.find_commit(*parent).unwrap()).collect();
        let parents: Vec<_> = parents.iter().collect();
        let message = format!("{text} {}", parents.len());
        repository.commit(reference, &who, &who, &message, &tree, &parents).unwrap()
    };
    let first = commit("one", &[], None);
    let head = commit("two", &[], None);
    let other = commit("three", &[], None);
    let merged = commit("two", &[first], Some("refs/heads/main"));
    let sha = |oid: Oid| Sha::new(oid.to_string()).unwrap();
    let options = Options { bare: Some(folder.path().into()), ..Options::default() };
    let fake_github = FakeGitHub::start(options).unwrap();
    fake_github.with(|state| {
        for oid in [first, head, other, merged] {
            state.report(&sha(oid), &oid.to_string(), CheckState::Finished("success".into()));
        }
        for head in [head, other] {
            let merge = Some(sha(merged));
            state.pulls.push(Pull { head: sha(head), merge, merged_at: None, fork: false });
        }
    });
    let github = github(&fake_github, TOKEN);
    let survey = Survey { commit: sha(merged), ..asked("main") };
    let surveyed = github.survey(&survey).await.unwrap();
    let same_tree: Vec<_> =
        surveyed.same_tree.known().unwrap().iter().map(|twin| twin.commit.clone()).collect();
    assert_eq!(same_tree, [sha(head)]);
    let past = github.past(&sha(merged)).await.unwrap();
    let names: Vec<_> = past.iter().map(|check| check.name.clone()).collect();
    assert_eq!(names, [first.to_string()]);
}
