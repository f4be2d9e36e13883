//! What a remote promises.

use crate::contract::remotes::Place;
use jiff::{SignedDuration, Timestamp};
use tminus::base::names::{ItemId, Person, RoleName, Sha, StageName, StepKey, TagName};
use tminus::base::version::Version;
use tminus::facts::rights::Permission;
use tminus::judge::moving::Moving;
use tminus::planner::steps::{Draft, Latest, Publish, Sent, Tagged};
use tminus::ports::{NewTag, PortError, RefAt, TagMove};
use tminus::release::ledger::{Entry, Event, Evidence, Holder, HolderRun, Verified};
use tminus::release::plan::{Plan, PlannedStage};
use tminus::release::statement::{Candidate, Page, Says, Statement, StatementSource};
use tminus::release::step::{Asset, Content, Planned, Step, sha256};
use tminus::release::step::{Command, Reach, Sign};
use tminus::release::waiver::UsedWaiver;

fn tag(name: &str) -> TagName {
    TagName::new(name).unwrap()
}

fn new(name: &str, commit: &Sha, second: i64) -> NewTag {
    let at = Timestamp::from_second(1_750_000_000 + second).unwrap();
    NewTag {
        tag: tag(name),
        commit: commit.clone(),
        message: format!("{name}\n"),
        sign: Sign::Off,
        at,
    }
}

async fn at(place: &Place, name: &str) -> Option<RefAt> {
    let refs = place.remote.refs().await.unwrap();
    refs.into_iter().find(|at| at.name == name)
}

fn behind<T: std::fmt::Debug>(result: Result<T, PortError>) {
    assert!(matches!(result, Err(PortError::Behind { .. })), "{result:?}");
}

fn entry(event: Event) -> Entry {
    let at = Timestamp::from_second(1_750_000_000).unwrap();
    let url = "https://github.com/acme/widget/actions/runs/7/attempts/2".into();
    let run = Some(HolderRun { id: 7, attempt: 2, job: "release".into(), url });
    let by = Holder {
        name: "ada@host".into(),
        machine: "host boot 1".into(),
        process: 42,
        started: Some(u64::MAX / 2),
        run,
    };
    Entry {
        format: 1,
        at,
        by,
        fence: 3,
        lease_until: at + SignedDuration::from_mins(10),
        event,
        reader: None,
    }
}

fn leased() -> Entry {
    entry(Event::Leased { took_over: None })
}

pub(crate) async fn a_branch_is_listed_with_what_it_holds(place: &Place) {
    let (name, commit) = ("refs/heads/main", place.commit.clone());
    let there = Some(RefAt { name: name.into(), object: commit.clone(), commit });
    assert_eq!(at(place, name).await, there);
}

pub(crate) async fn a_tag_is_made_only_where_there_is_none(place: &Place) {
    let name = "refs/tags/v9.0.0";
    assert_eq!(at(place, name).await, None);
    let object = place.remote.create_tag(&new("v9.0.0", &place.commit, 0)).await.unwrap();
    assert_ne!(object, place.commit, "it is annotated");
    let there = Some(RefAt { name: name.into(), object, commit: place.commit.clone() });
    assert_eq!(at(place, name).await, there);
    behind(place.remote.create_tag(&new("v9.0.0", &place.other, 1)).await);
    behind(place.remote.create_tag(&new("v9.0.0", &place.commit, 2)).await);
    assert_eq!(at(place, name).await, there);
}

pub(crate) async fn a_tag_is_removed_only_while_it_holds_what_was_meant(place: &Place) {
    let object = place.remote.create_tag(&new("v9.0.0", &place.commit, 0)).await.unwrap();
    behind(place.remote.delete_tag(&tag("v9.0.0"), &place.commit).await);
    assert!(at(place, "refs/tags/v9.0.0").await.is_some());
    place.remote.delete_tag(&tag("v9.0.0"), &object).await.unwrap();
    assert_eq!(at(place, "refs/tags/v9.0.0").await, None);
    place.remote.delete_tag(&tag("v9.0.0"), &object).await.unwrap();
    place.remote.create_tag(&new("v9.0.0", &place.other, 1)).await.unwrap();
}

/// A tag is moved; what it held is what was seen of it.
async fn moved(place: &Place, from: Option<&Sha>, to: &Sha) -> Result<(), PortError> {
    let order = TagMove { tag: tag("v9"), from: from.cloned(), to: to.clone() };
    place.remote.move_tag(&order).await
}

pub(crate) async fn a_tag_is_moved_only_from_where_it_was_seen(place: &Place) {
    let (name, one, two) = ("refs/tags/v9", &place.other, &place.commit);
    let there = |commit: &Sha| {
        let (object, commit) = (commit.clone(), commit.clone());
        Some(RefAt { name: name.into(), object, commit })
    };
    behind(moved(place, Some(one), two).await);
    assert_eq!(at(place, name).await, None, "it is not created where it was to be moved");
    moved(place, None, one).await.unwrap();
    assert_eq!(at(place, name).await, there(one), "it holds the commit itself");
    behind(moved(place, None, two).await);
    behind(moved(place, Some(two), two).await);
    assert_eq!(at(place, name).await, there(one));
    moved(place, Some(one), two).await.unwrap();
    assert_eq!(at(place, name).await, there(two));
    // Back as well: a branch may be of an older line.
    moved(place, Some(two), one).await.unwrap();
    assert_eq!(at(place, name).await, there(one));
}

pub(crate) async fn a_tag_object_is_moved_as_what_the_tag_holds(place: &Place) {
    let object = place.remote.create_tag(&new("v9", &place.other, 0)).await.unwrap();
    behind(moved(place, Some(&place.other), &place.commit).await);
    moved(place, Some(&object), &place.commit).await.unwrap();
    let now = at(place, "refs/tags/v9").await.unwrap();
    assert_eq!((&now.object, &now.commit), (&place.commit, &place.commit));
}

pub(crate) async fn a_record_that_nobody_began_is_empty(place: &Place) {
    let ledger = place.remote.ledger(&tag("v9.0.0")).await.unwrap();
    assert_eq!((ledger.head, ledger.entries), (None, Vec::new()));
}

pub(crate) async fn a_record_grows_only_from_the_end_that_was_seen(place: &Place) {
    let tag = tag("v9.0.0");
    // The very same entry in the very same place would be the same push, answered late.
    let append = async |head: Option<&Sha>, fence: u64| {
        let entry = Entry { fence, ..leased() };
        place.remote.append(&tag, head, &[entry]).await
    };
    behind(append(Some(&place.commit), 1).await);
    let first = append(None, 2).await.unwrap();
    behind(append(None, 3).await);
    let second = append(Some(&first), 4).await.unwrap();
    behind(append(Some(&first), 5).await);
    behind(append(None, 6).await);
    let ledger = place.remote.ledger(&tag).await.unwrap();
    assert_eq!((ledger.head, ledger.entries.len()), (Some(second), 2));
}

pub(crate) async fn records_of_two_tags_are_two_records(place: &Place) {
    let (one, two) = (tag("core/v1.0.0"), tag("cli/v1.0.0"));
    let end = place.remote.append(&one, None, &[leased()]).await.unwrap();
    assert_eq!(place.remote.ledger(&two).await.unwrap().entries, []);
    let finished = entry(Event::Finished);
    place.remote.append(&two, None, std::slice::from_ref(&finished)).await.unwrap();
    let (first, second) =
        (place.remote.ledger(&one).await.unwrap(), place.remote.ledger(&two).await.unwrap());
    assert_eq!((first.head, first.entries), (Some(end), vec![leased()]));
    assert_eq!(second.entries, [finished]);
}

pub(crate) async fn every_kind_of_entry_is_read_as_it_was_written(place: &Place) {
    let entries: Vec<Entry> = events(place).into_iter().map(entry).collect();
    let (at_once, one_by_one) = (tag("v9.0.0"), tag("v9.0.1"));
    let end = place.remote.append(&at_once, None, &entries).await.unwrap();
    let read = place.remote.ledger(&at_once).await.unwrap();
    assert_eq!((read.head, &read.entries), (Some(end), &entries));
    let mut head = None;
    for one in &entries {
        let one = std::slice::from_ref(one);
        head = Some(place.remote.append(&one_by_one, head.as_ref(), one).await.unwrap());
    }
    let read = place.remote.ledger(&one_by_one).await.unwrap();
    assert_eq!((read.head, read.entries), (head, entries));
}

pub(crate) async fn a_record_is_no_tag_and_a_tag_no_record(place: &Place) {
    let end = place.remote.append(&tag("v9.0.0"), None, &[leased()]).await.unwrap();
    let there = at(place, "refs/tminus/releases/v9.0.0").await.unwrap();
    assert_eq!((&there.object, &there.commit), (&end, &end));
    assert_eq!(at(place, "refs/tags/v9.0.0").await, None);
    place.remote.create_tag(&new("v9.0.0", &place.commit, 0)).await.unwrap();
    assert_eq!(place.remote.ledger(&tag("v9.0.0")).await.unwrap().head, Some(end));
}

/// One of each kind. A new kind does not compile until it is in here.
fn events(place: &Place) -> Vec<Event> {
    let step = || StepKey::new("upload:widget.tar.gz").unwrap();
    let odd = "line\none \u{1b}[31m\u{202e} \"café\" \\";
    let plan = plan(place);
    let all = vec![
        Event::Leased { took_over: None },
        Event::Leased { took_over: Some(odd.into()) },
        Event::Sealed { digest: plan.digest(), plan: Box::new(plan) },
        Event::Entered { stage: StageName::new("stable").unwrap() },
        Event::Waived(Box::new(UsedWaiver {
            gate: "checks-green".into(),
            ruling: "no-go".into(),
            said: odd.into(),
            finding: Some(odd.into()),
            version: ">=1.0.0, <2.0.0".into(),
            reason: odd.into(),
            by: "grace".into(),
            until: "2026-12-31".into(),
        })),
        Event::Queued { stage: StageName::new("stable").unwrap() },
        Event::Verification {
            stage: StageName::new("stable").unwrap(),
            now: Verified::Passed,
            said: odd.into(),
        },
        Event::RolledBack { stage: StageName::new("stable").unwrap(), to: Version::new(1, 0, 0) },
        Event::Renewed,
        Event::Meant { step: step() },
        Event::Did {
            step: step(),
            evidence: Evidence { text: odd.into(), release: Some(1 << 40), object: None },
        },
        Event::Refused { step: step(), why: "permission denied".into() },
        Event::Did { step: step(), evidence: Evidence::default() },
        Event::Stopped { why: odd.into() },
        Event::Finished,
        Event::Aborted { removed: vec![odd.into(), String::new()] },
        Event::Aborted { removed: Vec::new() },
        Event::Tracked {
            issue: 1 << 40,
            url: "https://example.com/issues/7".into(),
            author: Some("ada".into()),
            about: None,
            stage: None,
        },
    ];
    let said = statements(place, odd).into_iter().map(|statement| Event::Said(Box::new(statement)));
    let all: Vec<Event> = all.into_iter().chain(said).collect();
    for event in &all {
        match event {
            Event::Leased { .. }
            | Event::Sealed { .. }
            | Event::Entered { .. }
            | Event::Waived(_)
            | Event::Queued { .. }
            | Event::Verification { .. }
            | Event::RolledBack { .. }
            | Event::Renewed
            | Event::Meant { .. }
            | Event::Did { .. }
            | Event::Refused { .. }
            | Event::Stopped { .. }
            | Event::Finished
            | Event::Aborted { .. }
            | Event::Said(_)
            // It must be signed, so it is written where people have keys.
            | Event::Repository(_)
            | Event::Tracked { .. }
            | Event::Other(_) => {}
        }
    }
    all
}

/// One of each kind, by somebody whose comment proves it.
fn statements(place: &Place, odd: &str) -> Vec<Statement> {
    let (stage, reason) = (StageName::new("stable").unwrap(), odd.to_owned());
    let scenario = ItemId::new("upgrade").unwrap();
    let until = Some("2026-12-24T10:00:00Z".parse().unwrap());
    let all = [
        Says::Approve { role: None, stage: None },
        Says::Approve { role: Some(RoleName::new("qa").unwrap()), stage: Some(stage.clone()) },
        Says::Object { reason: reason.clone() },
        Says::WithdrawObjection,
        Says::Done { task: scenario.clone() },
        Says::Accept { scenario: scenario.clone() },
        Says::Reject { scenario, reason: reason.clone() },
        Says::Hold { stage: None, reason: reason.clone(), until: None },
        Says::Hold { stage: Some(stage.clone()), reason, until },
        Says::Lift { stage: Some(stage) },
    ];
    let page = Page { id: 1 << 40, url: "https://example.com/issues/7#comment-1".into() };
    let says = |says: Says| Statement {
        by: Person::new("ada").unwrap(),
        says,
        about: Candidate::of(&plan(place)),
        source: StatementSource::Comment(page.clone()),
    };
    all.into_iter().map(says).collect()
}

/// A plan with one step of each kind.
fn plan(place: &Place) -> Plan {
    let text = "abc  widget\n".to_owned();
    let (size, digest) = (text.len() as u64, sha256(text.as_bytes()));
    let run = Command {
        name: "deploy".into(),
        command: vec!["./deploy".into(), "--to=a b".into()],
        probe: Some(vec!["./deployed".into()]),
        rehearse: None,
        reach: Reach::Public,
        repeatable: false,
        timeout_seconds: 600,
    };
    let steps = [
        Step::from(Draft { title: "t".into(), notes: "é\n\n- `x`\n".into(), prerelease: true }),
        Step::from(Sent {
            asset: Asset {
                name: "a".into(),
                content: Content::Text(text),
                size,
                digest: digest.clone(),
            },
        }),
        Step::from(Sent {
            asset: Asset {
                name: "b".into(),
                content: Content::File("dist/b".into()),
                size,
                digest: digest.clone(),
            },
        }),
        Step::from(Tagged { message: "m".into(), sign: Sign::Ssh }),
        Step::from(Publish { latest: Latest::Auto }),
        Step::from(Moving { tag: tag("v9"), range: vec![9] }),
        Step::from(run),
    ];
    let planned = |(n, step)| Planned {
        key: StepKey::new(format!("step-{n}")).unwrap(),
        reach: Reach::Irreversible,
        step,
    };
    let steps = steps.into_iter().enumerate().map(planned).collect();
    let name = StageName::new("stable").unwrap();
    Plan {
        format: Plan::format(None),
        promoted: None,
        name: "widget".into(),
        version: Version::new(9, 0, 0),
        tag: tag("v9.0.0"),
        commit: place.commit.clone(),
        previous: Some(tag("v8.0.0")),
        manifest: digest,
        stages: vec![PlannedStage {
            name,
            gates: vec!["checks-green".into()],
            steps,
            environment: None,
        }],
    }
}

pub(crate) async fn asking_whether_git_may_push_changes_nothing(place: &Place) {
    let before = place.remote.refs().await.unwrap();
    for _ in 0..2 {
        let push = place.remote.may_push(&place.commit).await.unwrap();
        assert_eq!(push.leave, Permission::Granted);
    }
    assert_eq!(place.remote.refs().await.unwrap(), before);
}

pub(crate) async fn holds_are_appended_only_at_their_end_and_apart_from_records(place: &Place) {
    let remote = &place.remote;
    let none = remote.holds().await.unwrap();
    assert_eq!((none.head, none.entries.len()), (None, 0));
    // An unsigned event: real statements are signed. The very same entry in the very same place would
    // be the same push.
    let one = |fence: u64| Entry { fence, ..leased() };
    let first = remote.append_hold(None, &one(1)).await.unwrap();
    behind(remote.append_hold(None, &one(2)).await);
    let second = remote.append_hold(Some(&first), &one(3)).await.unwrap();
    behind(remote.append_hold(Some(&first), &one(4)).await);
    let all = remote.holds().await.unwrap();
    assert_eq!((all.head.as_ref(), all.entries), (Some(&second), vec![one(1), one(3)]));
    let (name, commit) = ("refs/tminus/holds", second.clone());
    assert_eq!(at(place, name).await, Some(RefAt { name: name.into(), object: second, commit }));
    assert_eq!(remote.ledger(&tag("holds")).await.unwrap().entries, []);
}
