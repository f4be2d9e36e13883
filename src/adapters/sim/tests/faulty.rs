//! Each fault does what its name says.

use super::fixture::*;
use crate::adapters::sim::{EffectKind, FaultKind, Faults, Outcome, World};
use crate::facts::CheckState;
use crate::ports::*;

/// A world in which the first effect is struck.
fn struck(fault: FaultKind) -> World {
    let world = ready();
    world.faults(Faults::at(vec![(1, fault)]));
    world
}

async fn drafts(world: &World) -> usize {
    world.calm();
    world.releases(&tag()).await.unwrap().len()
}

#[tokio::test]
async fn a_crash_before_an_effect_leaves_nothing_and_one_after_leaves_the_effect() {
    for (fault, left) in [(FaultKind::CrashBefore, 0), (FaultKind::CrashAfter, 1)] {
        let world = struck(fault);
        let outcome = world.run(async { world.create_draft(&new_draft()).await.unwrap() }).await;
        assert_eq!(outcome, Outcome::Crashed);
        let dead = world.me();
        let outcome = world.run(async { drafts(&world).await }).await;
        assert_eq!(outcome, Outcome::Ended(left));
        assert!(world.gone(&dead));
    }
}

#[tokio::test]
async fn a_lost_request_has_no_effect_but_a_lost_response_has_one() {
    for (fault, left) in [(FaultKind::Lost, 0), (FaultKind::AnswerLost, 1)] {
        let world = struck(fault);
        let answer = world.create_draft(&new_draft()).await;
        assert!(matches!(answer, Err(PortError::NoAnswer { .. })));
        assert_eq!(drafts(&world).await, left);
    }
}

#[tokio::test]
async fn rejections_and_rate_limits_change_nothing() {
    let world = struck(FaultKind::Refused);
    assert!(matches!(world.create_draft(&new_draft()).await, Err(PortError::Refused { .. })));
    assert_eq!(drafts(&world).await, 0);
    let world = struck(FaultKind::Limited);
    let answer = world.create_draft(&new_draft()).await;
    assert!(matches!(answer, Err(PortError::Limited { until, .. }) if until > world.now()));
    assert_eq!(drafts(&world).await, 0);
}

#[tokio::test]
async fn a_lost_permission_stays_lost_until_faults_stop() {
    let world = struck(FaultKind::Denied);
    for _ in 0..2 {
        assert!(matches!(world.create_draft(&new_draft()).await, Err(PortError::Denied { .. })));
    }
    assert!(look(&world).await.is_ok(), "reading still works");
    world.calm();
    assert!(world.create_draft(&new_draft()).await.is_ok());
}

#[tokio::test]
async fn stale_reads_end_after_three_reads_or_with_the_faults() {
    let world = struck(FaultKind::StaleReads);
    let draft = world.create_draft(&new_draft()).await.unwrap();
    for _ in 0..3 {
        assert!(world.releases(&tag()).await.unwrap().is_empty());
        assert!(world.release(draft.id).await.unwrap().is_some());
    }
    assert_eq!(world.releases(&tag()).await.unwrap().len(), 1);
    let world = struck(FaultKind::StaleReads);
    world.create_draft(&new_draft()).await.unwrap();
    assert_eq!(drafts(&world).await, 1, "fresh once faults stop");
}

#[tokio::test]
async fn an_interrupted_upload_blocks_its_asset_name() {
    let world = ready();
    let draft = world.create_draft(&new_draft()).await.unwrap();
    world.faults(Faults::at(vec![(2, FaultKind::BrokenUpload)]));
    let answer = world.upload(&draft, &asset("a")).await;
    assert!(matches!(answer, Err(PortError::NoAnswer { .. })));
    let again = world.upload(&draft, &asset("a")).await;
    assert!(matches!(again, Err(PortError::Refused { .. })));
    let left = world.release(draft.id).await.unwrap().unwrap().assets.remove(0);
    assert!(!left.uploaded && left.digest.is_none());
    world.delete_asset(left.id).await.unwrap();
    assert!(world.upload(&draft, &asset("a")).await.is_ok());
}

#[tokio::test]
async fn the_simulator_can_create_a_foreign_tag_first() {
    for (fault, at) in [(FaultKind::ForeignTag, None), (FaultKind::ForeignTagSame, Some(sha('a')))]
    {
        let world = struck(fault);
        let answer = world.create_tag(&new_tag()).await;
        assert!(matches!(answer, Err(PortError::Behind { .. })));
        let there = world.refs().await.unwrap().remove(0);
        assert_eq!(there.object, there.commit);
        assert_eq!(Some(&there.commit) == at.as_ref(), at.is_some());
    }
}

#[tokio::test]
async fn a_foreign_publication_of_the_draft_is_not_our_violation() {
    let world = ready();
    let draft = world.create_draft(&new_draft()).await.unwrap();
    world.faults(Faults::at(vec![(2, FaultKind::ForeignPublish)]));
    let answer = world.upload(&draft, &asset("widget.tar.gz")).await;
    assert!(matches!(answer, Err(PortError::Refused { .. })));
    assert!(!world.release(draft.id).await.unwrap().unwrap().draft);
    assert_eq!(world.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn the_simulator_adds_a_foreign_draft_with_or_without_our_marker() {
    for (fault, marked) in [(FaultKind::ForeignDraftMarked, true), (FaultKind::ForeignDraft, false)]
    {
        let world = ready();
        world.run(sealed_lease(&world)).await;
        world.faults(Faults::at(vec![(4, fault)]));
        let drafts = world.releases(&tag()).await.unwrap();
        assert_eq!(drafts.len(), 1);
        assert_eq!(drafts[0].body.contains(&plan().marker()), marked);
    }
}

#[tokio::test]
async fn a_clock_jump_affects_only_the_program() {
    for (fault, hours) in [(FaultKind::ClockForward, 1), (FaultKind::ClockBack, -1)] {
        let world = struck(fault);
        let before = world.now();
        world.refs().await.unwrap();
        let jumped = world.now().duration_since(before).as_millis();
        assert_eq!(jumped, hours * 3_600_000 + 250);
    }
}

#[tokio::test]
async fn a_finished_check_run_can_fail_or_restart() {
    for (fault, state) in [
        (FaultKind::CheckTurnsRed, CheckState::Finished("failure".into())),
        (FaultKind::CheckRestarts, CheckState::Pending("in_progress".into())),
    ] {
        let world = struck(fault);
        let seen = look(&world).await.unwrap();
        let checks = seen.checks.known().unwrap().clone();
        assert_eq!(checks.runs.len(), 2);
        assert_eq!(checks.runs.last().unwrap().state, state);
        assert!(checks.runs[0].started_at < checks.runs[1].started_at);
    }
}

#[tokio::test]
async fn a_failing_command_may_or_may_not_have_taken_effect() {
    for (fault, times) in [(FaultKind::RunFailsBefore, 0), (FaultKind::RunFailsAfter, 1)] {
        let world = struck(fault);
        assert_eq!(run(&world).await.unwrap().code, Some(1));
        assert_eq!(world.with(|state| state.done.get(&deploy()).copied().unwrap_or(0)), times);
    }
}

#[tokio::test]
async fn the_same_seed_produces_the_same_faults() {
    let story = async |seed| {
        let world = ready();
        world.faults(Faults::seeded(seed, 3, FaultKind::ALL));
        drop(world.run(fly(&world)).await);
        world.effects()
    };
    assert_eq!(story(7).await, story(7).await);
    let mut struck = 0;
    for seed in 0..20 {
        struck += story(seed).await.iter().filter(|effect| effect.fault.is_some()).count();
    }
    assert!(struck > 10, "{struck}");
}

#[tokio::test]
async fn no_single_fault_makes_a_careful_runner_violate_a_rule() {
    for n in 1..=17 {
        for fault in FaultKind::ALL {
            let world = ready();
            world.faults(Faults::at(vec![(n, *fault)]));
            drop(world.run(fly(&world)).await);
            let broken = world.violations();
            // This test client trusts exit codes, so only they show the fault.
            let blind = *fault == FaultKind::RunFailsBefore && broken.len() == 1;
            assert!(broken.is_empty() || blind, "{n} {fault:?}: {broken:?}");
        }
    }
}

#[test]
fn a_fault_applies_only_to_matching_effects() {
    assert!(!FaultKind::BrokenUpload.fits(EffectKind::Publish));
    assert!(!FaultKind::RunFailsAfter.fits(EffectKind::Upload));
    assert!(!FaultKind::Refused.fits(EffectKind::Run));
}
