//! Each rule of the oracle is broken once, and seen to be.

use super::fixture::*;
use crate::adapters::sim::{Author, World};
use crate::ports::*;
use crate::release::ledger::Event;

#[track_caller]
fn broke(world: &World, rule: &str) {
    let violations = world.violations();
    assert!(violations.iter().any(|text| text.contains(rule)), "{rule}: {violations:?}");
}

/// Sealed, leased, with a whole draft.
async fn drafted(world: &World) -> u64 {
    sealed_lease(world).await.unwrap();
    let draft = world.create_draft(&new_draft()).await.unwrap();
    world.upload(&draft, &asset("widget.tar.gz")).await.unwrap();
    draft.id
}

#[tokio::test]
async fn publishing_without_reading_the_checks_is_a_violation() {
    let world = ready();
    write(&world, 1, Event::Leased { took_over: None }).await.unwrap();
    write(&world, 1, sealed()).await.unwrap();
    world.create_tag(&new_tag()).await.unwrap();
    assert_eq!(world.violations().len(), 1);
    broke(&world, "the checks were not read again");
}

#[tokio::test]
async fn publishing_without_new_checks_after_the_last_effect_is_a_violation() {
    let world = ready();
    sealed_lease(&world).await.unwrap();
    look(&world).await.unwrap();
    world.create_draft(&new_draft()).await.unwrap();
    world.create_tag(&new_tag()).await.unwrap();
    broke(&world, "the checks were not read again");
}

#[tokio::test]
async fn publishing_with_failed_running_missing_or_unseen_checks_is_a_violation() {
    let red = ready();
    red.check(&sha('a'), "build", "failure");
    let missing = ready();
    missing.require(&["build", "lint"]);
    let unseen = ready();
    unseen.with(|state| state.rights.checks = false);
    for world in [red, missing, unseen] {
        drafted(&world).await;
        look(&world).await.unwrap();
        world.create_tag(&new_tag()).await.unwrap();
        broke(&world, "public while checks were not green");
    }
}

#[tokio::test]
async fn publishing_without_a_sealed_plan_or_a_lease_is_a_violation() {
    let world = ready();
    look(&world).await.unwrap();
    world.create_tag(&new_tag()).await.unwrap();
    broke(&world, "no sealed plan names");
    broke(&world, "without holding the lease");
    let draft = world.create_draft(&new_draft()).await.unwrap();
    world.publish(&publication(draft.id)).await.unwrap();
    broke(&world, "is public, but no sealed plan contains it");
    run(&world).await.unwrap();
    broke(&world, "run ./deploy: no sealed plan contains it");
}

#[tokio::test]
async fn publishing_a_commit_other_than_the_sealed_one_is_a_violation() {
    let world = ready();
    world.check(&sha('b'), "build", "success");
    sealed_lease(&world).await.unwrap();
    world.survey(&Survey::checks_on(sha('b'))).await.unwrap();
    world.create_tag(&NewTag { commit: sha('b'), ..new_tag() }).await.unwrap();
    assert_eq!(world.violations().len(), 1);
    broke(&world, "no sealed plan names");
}

#[tokio::test]
async fn publishing_with_a_missing_or_different_asset_is_a_violation() {
    let world = ready();
    let id = drafted(&world).await;
    let asset = world.with(|state| state.find(id).unwrap().release.assets[0].id);
    world.delete_asset(asset).await.unwrap();
    world.publish(&publication(id)).await.unwrap();
    broke(&world, "public without asset widget.tar.gz");
    let world = ready();
    let id = drafted(&world).await;
    world.with(|state| state.find_mut(id).unwrap().release.assets[0].digest = None);
    world.publish(&publication(id)).await.unwrap();
    broke(&world, "public without asset widget.tar.gz");
}

#[tokio::test]
async fn publishing_with_the_tag_at_another_commit_is_a_violation() {
    let world = ready();
    let id = drafted(&world).await;
    world.with(|state| state.put_light_tag(&tag(), &sha('b'), Author::Foreign));
    world.publish(&publication(id)).await.unwrap();
    broke(&world, "its tag is not at");
}

#[tokio::test]
async fn a_tag_that_moves_or_vanishes_during_a_release_is_a_violation() {
    let world = ready();
    drafted(&world).await;
    world.create_tag(&new_tag()).await.unwrap();
    world.with(|state| state.tags.get_mut(&tag()).unwrap().object = sha('c'));
    world.refs().await.unwrap();
    broke(&world, "tag v1.1.0 moved");

    let world = ready();
    world.with(|state| state.settings.immutable_releases = false);
    let id = drafted(&world).await;
    world.publish(&publication(id)).await.unwrap();
    world.delete_tag(&tag(), &sha('a')).await.unwrap();
    broke(&world, "deleted under a public release");
    assert!(world.release(id).await.unwrap().unwrap().draft, "it falls back to a draft");
    world.publish(&publication(id)).await.unwrap();
    broke(&world, "published twice");
    world.with(|state| state.delete_release(id)).unwrap();
    broke(&world, "was deleted and is public");
}

#[tokio::test]
async fn running_an_irreversible_command_twice_is_a_violation() {
    let world = ready();
    drafted(&world).await;
    look(&world).await.unwrap();
    run(&world).await.unwrap();
    assert!(world.violations().is_empty());
    look(&world).await.unwrap();
    run(&world).await.unwrap();
    broke(&world, "irreversible, and ran 2 times");
}

#[tokio::test]
async fn a_ledger_claim_without_its_effect_is_a_violation() {
    for step in ["draft", "upload", "tag", "run", "publish", "unheard-of"] {
        let world = ready();
        sealed_lease(&world).await.unwrap();
        did(&world, step, None).await.unwrap();
        broke(&world, &format!("claims {step}, but nothing shows it"));
    }
    let world = ready();
    let id = drafted(&world).await;
    did(&world, "draft", Some(id)).await.unwrap();
    assert!(world.violations().is_empty());
    did(&world, "draft", Some(id + 100)).await.unwrap();
    broke(&world, "claims draft");
}

#[tokio::test]
async fn two_lease_holders_or_a_decreasing_fence_are_a_violation() {
    let world = ready();
    let (one, two) = (world.another(), world.another());
    sealed_lease(&one).await.unwrap();
    write(&two, 1, Event::Meant { step: key("tag") }).await.unwrap();
    broke(&world, "writes under another's lease");

    let world = ready();
    let (one, two) = (world.another(), world.another());
    sealed_lease(&one).await.unwrap();
    write(&two, 2, Event::Leased { took_over: None }).await.unwrap();
    broke(&world, "fence 2 taken while 1 was valid");
    write(&two, 1, Event::Finished).await.unwrap();
    broke(&world, "fence 1 after 2");

    let world = ready();
    let (one, two) = (world.another(), world.another());
    sealed_lease(&one).await.unwrap();
    world.sleep(std::time::Duration::from_secs(601)).await;
    write(&two, 2, Event::Leased { took_over: None }).await.unwrap();
    assert!(world.violations().is_empty(), "an expired lease may be taken");
    look(&one).await.unwrap();
    one.create_tag(&new_tag()).await.unwrap();
    broke(&world, "without holding the lease");

    let world = ready();
    let one = world.another();
    sealed_lease(&one).await.unwrap();
    let mut forged = entry(&world.another(), 1, Event::Finished);
    forged.by.process = 99;
    let head = world.with(|state| state.ledger(&tag())).head;
    one.append(&tag(), head.as_ref(), &[forged]).await.unwrap();
    broke(&world, "signs as 99");
}

#[tokio::test]
async fn an_incomplete_release_is_detected() {
    let world = ready();
    world.run(fly(&world)).await;
    assert_eq!(world.whole(&plan()), Ok(()));
    world.with(|state| {
        let again = state.releases[0].clone();
        state.releases.push(again);
    });
    assert!(world.whole(&plan()).unwrap_err().contains("2 releases"));
    world.with(|state| state.releases.truncate(1));
    world.with(|state| state.releases[0].release.assets.clear());
    assert!(world.whole(&plan()).unwrap_err().contains("missing or differs"));
    let world = ready();
    world.run(fly(&world)).await;
    world.with(|state| {
        let assets = &mut state.releases[0].release.assets;
        assets.push(assets[0].clone());
    });
    assert!(world.whole(&plan()).unwrap_err().contains("2 assets instead of 1"));
    let mut tagless = plan();
    tagless.stages[0].steps.retain(|planned| planned.key != key("tag"));
    let world = ready();
    world.run(fly(&world)).await;
    assert_eq!(world.whole(&tagless), Ok(()));
    world.with(|state| state.move_tag(&tag(), &sha('b')));
    assert!(world.whole(&tagless).unwrap_err().contains("v1.1.0 is not at"));
    for (left, why) in [(sha('b'), "is at"), (sha('a'), "not annotated")] {
        let world = ready();
        world.run(fly(&world)).await;
        world.with(|state| {
            let at = state.tags.get_mut(&tag()).unwrap();
            (at.object, at.commit) = (left.clone(), left);
        });
        assert!(world.whole(&plan()).unwrap_err().contains(why));
    }
    let world = ready();
    world.run(fly(&world)).await;
    world.with(|state| state.done.clear());
    assert!(world.whole(&plan()).unwrap_err().contains("did not happen"));
    world.with(|state| state.done.insert(deploy(), 2));
    assert!(world.whole(&plan()).unwrap_err().contains("happened 2 times"));
}
