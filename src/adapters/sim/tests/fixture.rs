//! A small plan, and a correct sequence of operations that performs it.

use crate::adapters::sim::World;
use crate::base::names::{Sha, StageName, StepKey, TagName};
use crate::facts::CheckState;
use crate::planner::steps::{Draft, Latest, Publish, Sent, Tagged};
use crate::ports::*;
use crate::release::ledger::{Entry, Event, Evidence, LEASE};
use crate::release::plan::{Plan, PlannedStage};
use crate::release::step::{Asset, Content, Planned, Step, sha256};
use crate::release::step::{Command, Reach, Sign};
use jiff::Timestamp;
use std::time::Duration;

pub(super) fn tag() -> TagName {
    TagName::new("v1.1.0").unwrap()
}

pub(super) fn sha(digit: char) -> Sha {
    Sha::new(digit.to_string().repeat(40)).unwrap()
}

pub(super) fn asset(name: &str) -> Asset {
    let content = Content::File(format!("dist/{name}"));
    Asset { name: name.into(), content, size: 7, digest: sha256(name.as_bytes()) }
}

pub(super) fn key(text: &str) -> StepKey {
    StepKey::new(text).unwrap()
}

pub(super) fn deploy() -> Vec<String> {
    vec!["./deploy".into()]
}

pub(super) fn plan() -> Plan {
    let run = Command {
        name: "deploy".into(),
        command: deploy(),
        probe: Some(vec!["./deployed".into()]),
        rehearse: None,
        reach: Reach::Irreversible,
        repeatable: false,
        timeout_seconds: 60,
    };
    let draft =
        Step::from(Draft { title: "v1.1.0".into(), notes: String::new(), prerelease: false });
    let tag_step = Step::from(Tagged { message: "v1.1.0".into(), sign: Sign::Off });
    let publish = Step::from(Publish { latest: Latest::Yes });
    let step = |text: &str, reach, step| Planned { key: key(text), reach, step };
    Plan {
        format: Plan::format(None),
        promoted: None,
        name: "widget".into(),
        version: crate::base::version::Version::new(1, 1, 0),
        tag: tag(),
        commit: sha('a'),
        previous: None,
        manifest: sha256(b""),
        stages: vec![PlannedStage {
            environment: None,
            name: StageName::new("stable").unwrap(),
            gates: Vec::new(),
            steps: vec![
                step("draft", Reach::Private, draft),
                step("upload", Reach::Private, Step::from(Sent { asset: asset("widget.tar.gz") })),
                step("tag", Reach::Public, tag_step),
                step("run", Reach::Irreversible, Step::from(run)),
                step("publish", Reach::Irreversible, publish),
            ],
        }],
    }
}

/// A simulator state in which the plan can be performed.
pub(super) fn ready() -> World {
    let world = World::new("2026-01-10T12:00:00Z".parse::<Timestamp>().unwrap());
    world.require(&["build"]);
    world.check(&sha('a'), "build", "success");
    world.command(&["./deploy"], &["./deployed"]);
    world.about(&tag(), &sha('a'));
    world
}

pub(super) fn entry(world: &World, fence: u64, event: Event) -> Entry {
    let now = world.now();
    Entry {
        format: 1,
        at: now,
        by: world.me(),
        fence,
        lease_until: now + LEASE,
        event,
        reader: None,
    }
}

pub(super) async fn look(world: &World) -> Result<CommitState, PortError> {
    world.survey(&Survey { tag: Some(tag()), ..Survey::checks_on(sha('a')) }).await
}

pub(super) async fn write(world: &World, fence: u64, event: Event) -> Result<Sha, PortError> {
    let head = world.with(|state| state.ledger(&tag())).head;
    world.append(&tag(), head.as_ref(), &[entry(world, fence, event)]).await
}

pub(super) fn sealed() -> Event {
    Event::Sealed { digest: plan().digest(), plan: Box::new(plan()) }
}

pub(super) fn new_draft() -> NewDraft {
    let body = plan().marker();
    NewDraft { tag: tag(), commit: sha('a'), title: "v1.1.0".into(), body, prerelease: false }
}

pub(super) fn new_tag() -> NewTag {
    let (tag, commit, at) = (tag(), sha('a'), Timestamp::UNIX_EPOCH);
    NewTag { tag, commit, message: "v1.1.0".into(), sign: Sign::Off, at }
}

pub(super) fn publication(release: u64) -> Publication {
    Publication { release, tag: tag(), commit: sha('a'), latest: true, prerelease: false }
}

pub(super) async fn run(world: &World) -> Result<Ended, PortError> {
    Runner::run(world, &deploy(), &[], Duration::from_secs(60)).await
}

pub(super) async fn sealed_lease(world: &World) -> Result<(), PortError> {
    look(world).await?;
    seal(world).await
}

async fn seal(world: &World) -> Result<(), PortError> {
    write(world, 1, Event::Leased { took_over: None }).await?;
    write(world, 1, sealed()).await?;
    Ok(())
}

pub(super) async fn did(world: &World, step: &str, release: Option<u64>) -> Result<(), PortError> {
    let evidence = Evidence { text: "seen".into(), release, object: None };
    write(world, 1, Event::Did { step: key(step), evidence }).await.map(drop)
}

/// Goes on only with every check green.
async fn permit(world: &World) -> Result<(), PortError> {
    let seen = look(world).await?;
    let red = |run: &crate::facts::Check| run.state != CheckState::Finished("success".into());
    if seen.checks.known().is_ok_and(|checks| checks.runs.iter().any(red)) {
        return Err(PortError::Refused { what: "go".into(), why: "a check is not green".into() });
    }
    Ok(())
}

/// The whole release, by the book.
pub(super) async fn fly(world: &World) -> Result<(), PortError> {
    permit(world).await?;
    seal(world).await?;
    let draft = world.create_draft(&new_draft()).await?;
    did(world, "draft", Some(draft.id)).await?;
    world.upload(&draft, &asset("widget.tar.gz")).await?;
    did(world, "upload", None).await?;
    permit(world).await?;
    world.create_tag(&new_tag()).await?;
    did(world, "tag", None).await?;
    permit(world).await?;
    run(world).await?;
    did(world, "run", None).await?;
    permit(world).await?;
    world.publish(&publication(draft.id)).await?;
    did(world, "publish", Some(draft.id)).await?;
    write(world, 1, Event::Finished).await?;
    Ok(())
}
