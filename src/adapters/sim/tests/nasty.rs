//! Surprising behavior of the real forge and remote that the simulator reproduces.

use super::fixture::*;
use crate::adapters::sim::{Author, Outcome, Refusal};
use crate::facts::Seen;
use crate::ports::*;
use crate::release::ledger::Event;
use jiff::SignedDuration;

#[tokio::test]
async fn a_correct_release_is_complete_and_violates_no_rule() {
    let world = ready();
    assert!(world.whole(&plan()).is_err());
    assert_eq!(world.run(fly(&world)).await, Outcome::Ended(Ok(())));
    assert_eq!(world.violations(), Vec::<String>::new());
    assert_eq!(world.whole(&plan()), Ok(()));
    let numbers: Vec<_> = world.effects().iter().map(|effect| effect.n).collect();
    assert_eq!(numbers, (1..=17).collect::<Vec<_>>());
}

#[tokio::test]
async fn two_drafts_can_share_a_tag_but_only_one_can_be_published() {
    let world = ready();
    let one = world.create_draft(&new_draft()).await.unwrap();
    let two = world.create_draft(&new_draft()).await.unwrap();
    assert_eq!(world.releases(&tag()).await.unwrap().len(), 2);
    assert!(world.publish(&publication(one.id)).await.is_ok());
    let second = world.publish(&publication(two.id)).await;
    assert!(matches!(second, Err(PortError::Refused { .. })), "{second:?}");
    let early = world.create_draft(&new_draft()).await.unwrap();
    let both = Publication {
        prerelease: true,
        tag: crate::base::names::TagName::new("v1.2.0").unwrap(),
        ..publication(early.id)
    };
    let refused = world.publish(&both).await;
    assert!(matches!(refused, Err(PortError::Refused { .. })), "latest and prerelease");
    // Again is the same as once.
    assert!(world.publish(&publication(one.id)).await.is_ok());
}

#[tokio::test]
async fn a_draft_beside_a_published_release_is_allowed_or_rejected_by_settings() {
    let world = ready();
    let one = world.create_draft(&new_draft()).await.unwrap();
    world.publish(&publication(one.id)).await.unwrap();
    assert!(world.create_draft(&new_draft()).await.is_ok());
    world.with(|state| state.settings.drafts_beside_published = false);
    assert!(matches!(world.create_draft(&new_draft()).await, Err(PortError::Refused { .. })));
}

#[tokio::test]
async fn the_simulated_release_list_lags_but_a_lookup_by_id_does_not() {
    let world = ready();
    world.with(|state| state.settings.listing_lag = SignedDuration::from_secs(10));
    let draft = world.create_draft(&new_draft()).await.unwrap();
    assert_eq!(world.releases(&tag()).await.unwrap(), Vec::new());
    assert_eq!(world.release(draft.id).await.unwrap(), Some(draft.clone()));
    world.sleep(std::time::Duration::from_secs(10)).await;
    assert_eq!(world.releases(&tag()).await.unwrap(), [draft]);
}

#[tokio::test]
async fn a_draft_is_invisible_without_write_permission() {
    let world = ready();
    let draft = world.create_draft(&new_draft()).await.unwrap();
    world.with(|state| state.rights.write = false);
    assert_eq!(world.releases(&tag()).await.unwrap(), Vec::new());
    assert_eq!(world.release(draft.id).await.unwrap(), None);
    let denied = world.create_draft(&new_draft()).await;
    assert!(matches!(denied, Err(PortError::Denied { .. })));
}

#[tokio::test]
async fn a_survey_without_permissions_has_no_drafts_digests_or_checks() {
    let world = ready();
    let draft = world.create_draft(&new_draft()).await.unwrap();
    world.upload(&draft, &asset("a")).await.unwrap();
    assert_eq!(look(&world).await.unwrap().published, Seen::Known(None));
    world.publish(&publication(draft.id)).await.unwrap();
    let seen = look(&world).await.unwrap();
    let Seen::Known(Some(published)) = seen.published else { panic!("{:?}", seen.published) };
    assert_eq!(published.assets[0].digest, None);
    world.with(|state| state.rights.checks = false);
    assert!(matches!(look(&world).await.unwrap().checks, Seen::Unseen(_)));
}

#[tokio::test]
async fn publishing_creates_a_missing_lightweight_tag_and_keeps_an_existing_one() {
    let world = ready();
    let draft = world.create_draft(&new_draft()).await.unwrap();
    assert!(world.refs().await.unwrap().is_empty());
    world.publish(&publication(draft.id)).await.unwrap();
    let made = &world.refs().await.unwrap()[0];
    assert_eq!((&made.object, &made.commit), (&sha('a'), &sha('a')));

    let world = ready();
    world.with(|state| state.put_light_tag(&tag(), &sha('b'), Author::Foreign));
    let draft = world.create_draft(&new_draft()).await.unwrap();
    assert!(world.publish(&publication(draft.id)).await.is_ok());
    assert_eq!(world.refs().await.unwrap()[0].commit, sha('b'));
}

#[tokio::test]
async fn an_immutable_release_accepts_no_assets_and_reserves_its_tag() {
    let world = ready();
    let draft = world.create_draft(&new_draft()).await.unwrap();
    let asset_id = world.upload(&draft, &asset("a")).await.unwrap().id;
    world.publish(&publication(draft.id)).await.unwrap();
    assert!(matches!(world.upload(&draft, &asset("b")).await, Err(PortError::Refused { .. })));
    assert!(matches!(world.delete_asset(asset_id).await, Err(PortError::Refused { .. })));
    world.with(|state| state.delete_release(draft.id)).unwrap();
    assert_eq!(world.refs().await.unwrap().len(), 1, "deleting a release keeps its tag");
    assert!(matches!(world.create_draft(&new_draft()).await, Err(PortError::Refused { .. })));
}

#[tokio::test]
async fn an_asset_name_is_unique_and_sanitized() {
    let world = ready();
    let draft = world.create_draft(&new_draft()).await.unwrap();
    assert_eq!(world.upload(&draft, &asset("a b (1).txt")).await.unwrap().name, "a.b.1.txt");
    assert!(matches!(
        world.upload(&draft, &asset("a.b.1.txt")).await,
        Err(PortError::Refused { .. })
    ));
    let empty = world.with(|state| state.upload(draft.id, "e", 0, &asset("e").digest));
    assert!(matches!(empty, Err(Refusal::Invalid { .. })));
}

#[tokio::test]
async fn only_one_of_two_simulated_runners_creates_a_tag() {
    let world = ready();
    let (one, two) = (world.another(), world.another());
    let (tag_one, tag_two) = (new_tag(), new_tag());
    let both = tokio::join!(one.create_tag(&tag_one), two.create_tag(&tag_two));
    let lost = |one: &Result<_, _>| matches!(one, Err(PortError::Behind { .. }));
    assert_ne!(lost(&both.0), lost(&both.1));
    assert_ne!(both.0.is_ok(), both.1.is_ok());
}

#[tokio::test]
async fn the_simulated_remote_deletes_a_tag_only_if_it_has_the_expected_object() {
    let world = ready();
    let object = world.create_tag(&new_tag()).await.unwrap();
    assert_ne!(object, sha('a'), "annotated");
    assert!(matches!(world.delete_tag(&tag(), &sha('a')).await, Err(PortError::Behind { .. })));
    world.delete_tag(&tag(), &object).await.unwrap();
    assert!(world.refs().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_ledger_is_only_appended_at_its_end() {
    let world = ready();
    let first = entry(&world, 1, Event::Leased { took_over: None });
    let head = world.append(&tag(), None, std::slice::from_ref(&first)).await.unwrap();
    let late = world.append(&tag(), None, std::slice::from_ref(&first)).await;
    assert!(matches!(late, Err(PortError::Behind { .. })));
    let end = world.append(&tag(), Some(&head), &[first.clone(), first]).await.unwrap();
    let ledger = world.ledger(&tag()).await.unwrap();
    assert_eq!((ledger.head, ledger.entries.len()), (Some(end), 3));
    assert_eq!(world.refs().await.unwrap()[0].name, "refs/tminus/releases/v1.1.0");
}

#[tokio::test]
async fn a_probe_tells_whether_its_command_ran() {
    let world = ready();
    let probe = async |words: &str| world.probe(&[words.into()], &[]).await.unwrap().code;
    assert_eq!(probe("./deployed").await, Some(1));
    assert_eq!(run(&world).await.unwrap().code, Some(0));
    assert_eq!(probe("./deployed").await, Some(0));
    assert_eq!(probe("./unheard-of").await, Some(127));
}

#[tokio::test]
async fn a_simulated_runner_that_ended_is_recognized_as_gone() {
    let world = ready();
    let (one, two) = (world.another(), world.another());
    let holder = one.me();
    assert!(!two.gone(&holder));
    assert_eq!(one.run(async { 7 }).await, Outcome::Ended(7));
    assert!(two.gone(&holder));
    world.with(|state| state.settings.tells_the_dead = false);
    assert!(!two.gone(&holder));
}
