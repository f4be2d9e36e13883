//! What a forge promises of issues and of the people who write there.

use crate::contract::forges::Forge;
use crate::support::client::sha;
use std::collections::{BTreeMap, BTreeSet};
use tminus::adapters::sim::{Pull, SimAccount, SimReview};
use tminus::base::names::{BranchName, Person};
use tminus::facts::people::{Opinion, Verification};
use tminus::ports::{CloseReason, IssueText, PortError, Reaction};
use tminus::project::manifest::Permission;

fn text(body: &str) -> IssueText {
    IssueText { title: "Release widget 1.1.0".into(), body: body.into() }
}

fn person(login: &str) -> Person {
    Person::new(login).unwrap()
}

fn say(forge: &Forge, issue: u64, by: SimAccount, body: &str) -> u64 {
    forge.with(|state| state.comment_on(issue, by, body)).unwrap()
}

fn ada() -> SimAccount {
    SimAccount::User("Ada".into())
}

pub(crate) async fn an_issue_is_opened_changed_and_closed(forge: &Forge) {
    let tracker = &forge.tracker;
    let made = tracker.create_issue(&text("one")).await.unwrap();
    let read = tracker.issue(made.number).await.unwrap().unwrap();
    assert_eq!((read.number, &read.title, &read.body), (made.number, &made.title, &made.body));
    assert_eq!(read.author.as_deref(), Some("github-actions[bot]"));
    assert_eq!((read.author, read.open), (made.author, true));
    assert_eq!(
        (read.viewer.as_str(), made.viewer.as_str()),
        ("github-actions[bot]", read.viewer.as_str())
    );
    tracker.close_issue(made.number, CloseReason::Completed).await.unwrap();
    assert!(!tracker.issue(made.number).await.unwrap().unwrap().open);
    tracker.edit_issue(made.number, &text("two"), None).await.unwrap();
    let read = tracker.issue(made.number).await.unwrap().unwrap();
    assert_eq!((read.body.as_str(), read.open), ("two", true));
}

pub(crate) async fn an_issue_that_does_not_exist_is_none(forge: &Forge) {
    assert_eq!(forge.tracker.issue(404).await, Ok(None));
}

pub(crate) async fn every_page_of_comments_is_read_oldest_first(forge: &Forge) {
    let issue = forge.tracker.create_issue(&text("one")).await.unwrap().number;
    let ids: Vec<u64> = (0..250).map(|n| say(forge, issue, ada(), &format!("{n}"))).collect();
    let read = forge.tracker.issue(issue).await.unwrap().unwrap();
    assert_eq!(read.comments.iter().map(|comment| comment.id).collect::<Vec<_>>(), ids);
    let last = read.comments.last().unwrap();
    assert_eq!((last.body.as_str(), last.author.clone()), ("249", Some(person("ada"))));
    assert!(last.url.ends_with(&format!("#issuecomment-{}", last.id)), "{}", last.url);
}

pub(crate) async fn apps_and_deleted_accounts_are_no_people(forge: &Forge) {
    let issue = forge.tracker.create_issue(&text("one")).await.unwrap().number;
    say(forge, issue, SimAccount::Bot("ada[bot]".into()), "/approve");
    say(forge, issue, SimAccount::Deleted, "/approve");
    forge.tracker.reply(issue, "ours").await.unwrap();
    let read = forge.tracker.issue(issue).await.unwrap().unwrap();
    assert_eq!(read.comments.len(), 3);
    assert!(read.comments.iter().all(|comment| comment.author.is_none()), "{read:?}");
}

pub(crate) async fn an_edited_comment_is_told(forge: &Forge) {
    let issue = forge.tracker.create_issue(&text("one")).await.unwrap().number;
    let id = say(forge, issue, ada(), "/object it is slow");
    assert!(!forge.tracker.issue(issue).await.unwrap().unwrap().comments[0].edited);
    forge.with(|state| {
        let now = state.now;
        let comment = state.issue_comment_mut(id).unwrap();
        comment.edited = Some(now);
        comment.body = "/approve".into();
    });
    assert!(forge.tracker.issue(issue).await.unwrap().unwrap().comments[0].edited);
}

pub(crate) async fn a_reaction_is_new_once(forge: &Forge) {
    let issue = forge.tracker.create_issue(&text("one")).await.unwrap().number;
    let id = say(forge, issue, ada(), "/approve");
    let read = forge.tracker.issue(issue).await.unwrap().unwrap();
    assert_eq!(read.comments[0].reactions, []);
    assert_eq!(forge.tracker.react(id, Reaction::Refused).await, Ok(true));
    assert_eq!(forge.tracker.react(id, Reaction::Refused).await, Ok(false));
    assert_eq!(forge.tracker.react(id, Reaction::Counted).await, Ok(true));
    forge.with(|state| state.react(id, "mallory", Reaction::Counted)).unwrap();
    let read = forge.tracker.issue(issue).await.unwrap().unwrap();
    let mut reactions = read.comments[0].reactions.clone();
    reactions.sort();
    assert_eq!(reactions, [Reaction::Counted, Reaction::Refused], "only ours");
}

pub(crate) async fn permissions_are_those_of_the_people_asked_about(forge: &Forge) {
    let all = [
        ("ada", Permission::Admin),
        ("grace", Permission::Maintain),
        ("lin", Permission::Write),
        ("omar", Permission::Triage),
    ];
    forge.with(|state| {
        state.society.permissions =
            all.iter().map(|(login, permission)| (person(login), *permission)).collect();
    });
    // More than one request takes, and a principal of a key that is no login.
    let strangers = (0..150).map(|n| person(&format!("stranger-{n}")));
    let asked = strangers.chain([person("grace"), person("omar"), person("grace@example.com")]);
    let found = forge.tracker.permissions(&asked.collect()).await.unwrap();
    let known: BTreeMap<_, _> =
        found.into_iter().filter(|(_, it)| *it > Permission::Read).collect();
    let expected = [(person("grace"), Permission::Maintain), (person("omar"), Permission::Triage)];
    assert_eq!(known, BTreeMap::from(expected));
}

pub(crate) async fn the_authors_of_commits_are_those_with_an_account(forge: &Forge) {
    let head = sha('b');
    let main = BranchName::new("main").unwrap();
    let authors = BTreeSet::from([person("ada"), person("lin")]);
    forge.with(|state| state.heads.insert(main, head.clone()));
    forge.with(|state| state.society.authors.insert(head.clone(), authors.clone()));
    assert_eq!(forge.tracker.authors(&[head]).await, Ok(authors));
    assert_eq!(forge.tracker.authors(&[]).await, Ok(BTreeSet::new()));
}

fn review(pull: usize, by: SimAccount, state: &'static str, of: char) -> SimReview {
    let at = jiff::Timestamp::from_second(1_800_000_000).unwrap();
    SimReview { pull, author: by, at, state, commit: sha(of) }
}

pub(crate) async fn reviews_are_those_of_a_pull_request_with_exactly_the_files(forge: &Forge) {
    forge.with(|state| {
        // The commit itself, a merge without and with other changes, and one of another commit.
        state.pulls = [('b', None), ('c', Some('b')), ('d', Some('b')), ('e', Some('f'))]
            .map(|(head, merge)| Pull {
                head: sha(head),
                merge: merge.map(sha),
                merged_at: None,
                fork: false,
            })
            .to_vec();
        let tree = state.tree_of(&sha('b')).unwrap();
        state.trees.insert(sha('c'), tree);
        state.society.reviews = (1..=4).map(|pull| review(pull, ada(), "APPROVED", 'b')).collect();
    });
    let read = forge.tracker.reviews(&sha('b')).await.unwrap();
    let heads: Vec<_> = read.pulls.iter().map(|pull| (pull.number, pull.head.clone())).collect();
    assert_eq!(heads, [(1, sha('b')), (2, sha('c'))]);
    assert_eq!(read.changed, [3]);
    let [first, ..] = read.pulls.as_slice() else { panic!("{read:?}") };
    let [one] = first.reviews.as_slice() else { panic!("{first:?}") };
    assert_eq!((&one.by, one.says), (&person("ada"), Opinion::Approved));
    assert_eq!(one.commit, Some(sha('b')));
    assert_eq!(read.requests, 3);
    let none = forge.tracker.reviews(&sha('a')).await.unwrap();
    assert_eq!((none.pulls.len(), none.requests), (0, 1));
}

pub(crate) async fn every_page_of_reviews_is_read_and_comments_are_left_out(forge: &Forge) {
    forge.with(|state| {
        state.pulls = vec![Pull { head: sha('b'), merge: None, merged_at: None, fork: false }];
        let comments = (0..150).map(|_| review(1, ada(), "COMMENTED", 'b'));
        let bot = review(1, SimAccount::Bot("lin[bot]".into()), "APPROVED", 'b');
        let last = [("CHANGES_REQUESTED", 'b'), ("DISMISSED", 'a')];
        let last = last.map(|(state, of)| review(1, SimAccount::User("lin".into()), state, of));
        state.society.reviews = comments.chain([bot]).chain(last).collect();
    });
    let read = forge.tracker.reviews(&sha('b')).await.unwrap();
    let said = read.pulls.iter().flat_map(|pull| &pull.reviews);
    let said: Vec<_> = said.map(|one| (one.says, one.commit.clone())).collect();
    let expected =
        [(Opinion::ChangesRequested, Some(sha('b'))), (Opinion::Dismissed, Some(sha('a')))];
    assert_eq!(said, expected);
}

pub(crate) async fn a_signature_is_verified_with_the_account_that_made_it(forge: &Forge) {
    forge.with(|state| state.society.verified.insert(sha('b'), person("ada")));
    let verified = forge.tracker.verified(&sha('b')).await;
    assert_eq!(verified, Ok(Verification::By(person("ada"))));
    let unknown = forge.tracker.verified(&sha('c')).await;
    assert!(matches!(unknown, Ok(Verification::Not(_))), "{unknown:?}");
}

pub(crate) async fn members_of_a_team_are_told(forge: &Forge) {
    let members: BTreeSet<Person> = (0..150).map(|n| person(&format!("member-{n}"))).collect();
    forge.with(|state| state.society.teams.insert("acme/pilot".into(), members));
    let asked = BTreeSet::from([person("member-149"), person("mallory")]);
    let found = forge.tracker.team_members("acme/pilot", &asked).await;
    assert_eq!(found, Ok(BTreeSet::from([person("member-149")])));
}

pub(crate) async fn a_team_that_cannot_be_seen_is_never_an_empty_team(forge: &Forge) {
    let asked = BTreeSet::from([person("ada")]);
    let unknown = forge.tracker.team_members("acme/pilot", &asked).await;
    let Err(PortError::Denied { needs, .. }) = unknown else { panic!("{unknown:?}") };
    assert_eq!(needs, "a token that can read the organization");
}

pub(crate) async fn whoever_only_reads_opens_no_issue(forge: &Forge) {
    let issue = forge.tracker.create_issue(&text("one")).await.unwrap().number;
    let reader = forge.reading_tracker();
    for denied in [
        reader.create_issue(&text("two")).await.map(|_| ()),
        reader.edit_issue(issue, &text("two"), None).await,
        reader.close_issue(issue, CloseReason::NotPlanned).await,
        reader.reply(issue, "two").await,
    ] {
        let Err(PortError::Denied { needs, .. }) = denied else { panic!("{denied:?}") };
        assert_eq!(needs, "issues: write");
    }
    assert_eq!(reader.issue(issue).await.unwrap().unwrap().body, "one");
}
