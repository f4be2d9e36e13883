//! Releases flown in the simulated world, with everything going wrong.
//!
//! Two properties. *Safety*, checked by the world after every effect: nothing public without a
//! permit, no public release that lacks an asset, no tag that moves, nothing irreversible twice, no
//! ledger that claims what is not so. *Liveness*: once faults stop, running again brings the release
//! out whole, and one more run changes nothing.
//!
//! Seeds are printed; `TMINUS_SEEDS=100000` flies more of them, `TMINUS_FIRST_SEED=50000` others, and
//! `TMINUS_SEED=7` one. A story that fails is reported with the fewest faults that make it fail. The long
//! tests are cut in quarters, which run side by side.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test that cannot go on has failed, and says what it counted"
)]

const QUARTERS: usize = 4;

/// A promise that is kept in four tests; what each of them covers follows from its number.
macro_rules! in_quarters {
    ($promise:ident, $quarter:ident) => {
        mod $promise {
            #[test]
            fn first_quarter() {
                super::$quarter(0);
            }

            #[test]
            fn second_quarter() {
                super::$quarter(1);
            }

            #[test]
            fn third_quarter() {
                super::$quarter(2);
            }

            #[test]
            fn fourth_quarter() {
                super::$quarter(3);
            }
        }
    };
}

mod consent;
pub(crate) mod harness;
mod people;

use harness::{Course, Failing, Story, fault_free_effects, last_upload, shrink, staged_effects};
use jiff::SignedDuration;
use std::time::Duration;
use tminus::adapters::sim::{FaultKind, Faults};
use tminus::drive::execute::End;

/// How many random stories the normal run flies.
const SEEDS: u64 = 2_000;

#[test]
fn a_release_without_faults_completes_and_a_second_run_changes_nothing() {
    let story = Story::fly("no faults", Faults::none());
    assert_eq!(story.runs_with_faults, 1, "{}", story.log());
}

in_quarters!(any_single_fault_at_any_effect_leaves_a_release_that_finishes, single_faults);
in_quarters!(any_pair_of_faults_leaves_a_release_that_finishes, pairs_of_faults);
in_quarters!(whatever_a_seed_brings_the_release_is_safe_and_finishes, seeds);

fn single_faults(quarter: usize) {
    let effects = fault_free_effects();
    let mut flown = 0;
    for n in (1..=effects).skip(quarter).step_by(QUARTERS) {
        for kind in FaultKind::ALL {
            Story::fly(&format!("{kind} at {n}"), Faults::at(vec![(n, *kind)]));
            flown += 1;
        }
    }
    println!("{flown} stories with a single fault over {effects} effects");
}

fn pairs_of_faults(quarter: usize) {
    // What a fault leaves behind differs most where an answer is missing: these, at every pair of
    // neighbouring and far effects.
    let kinds = [
        FaultKind::CrashBefore,
        FaultKind::CrashAfter,
        FaultKind::AnswerLost,
        FaultKind::StaleReads,
        FaultKind::BrokenUpload,
        FaultKind::ForeignDraftMarked,
    ];
    let effects = fault_free_effects();
    let mut flown = 0;
    for first in (1..=effects).skip(quarter).step_by(QUARTERS) {
        for gap in [1, 2, 3, 5, 8, 13, 21] {
            for (at, a) in kinds.iter().enumerate() {
                let b = kinds[(at + first + gap) % kinds.len()];
                let faults = Faults::at(vec![(first, *a), (first + gap, b)]);
                Story::fly(&format!("{a} at {first}, {b} {gap} later"), faults);
                flown += 1;
            }
        }
    }
    println!("{flown} stories with a pair of faults");
}

/// The seeds of a quarter, all of them so many if the environment does not say.
fn seeds_of(quarter: usize, many: u64) -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("TMINUS_SEED") {
        Some(seed) => seed..seed + 1,
        None => {
            let first = number("TMINUS_FIRST_SEED").unwrap_or(0);
            first..first.saturating_add(number("TMINUS_SEEDS").unwrap_or(many))
        }
    };
    // Not every fourth seed: those have a roughness in common.
    let length = seeds.clone().count().div_ceil(QUARTERS);
    let seeds: Vec<u64> = seeds.skip(quarter * length).take(length).collect();
    if let (Some(first), Some(last)) = (seeds.first(), seeds.last()) {
        println!("{} seeds, {first} to {last}", seeds.len());
    }
    seeds
}

fn seeds(quarter: usize) {
    for seed in seeds_of(quarter, SEEDS) {
        // Some stories are rough, some very.
        let one_in = [4, 8, 16, 32][usize::try_from(seed % 4).unwrap()];
        let kinds: Vec<FaultKind> = match seed % 3 {
            0 => FaultKind::ALL.to_vec(),
            _ => FaultKind::ALL.iter().filter(|kind| !kind.conflicts()).copied().collect(),
        };
        let lag = SignedDuration::from_secs(if seed % 5 == 0 { 30 } else { 0 });
        let course = if seed % 7 == 3 { Course::Staged } else { Course::Plain };
        let faults = Faults::seeded(seed, one_in, &kinds);
        Story::fly_through(course, &format!("seed {seed}"), faults, lag);
    }
}

#[test]
fn a_failing_simulation_is_reported_with_the_fewest_faults_that_reproduce_it() {
    let (crash, lost, clock) = (FaultKind::CrashAfter, FaultKind::Lost, FaultKind::ClockBack);
    let fails = |faults: &[(usize, FaultKind)]| {
        let both = faults.contains(&(7, crash)) && faults.contains(&(30, lost));
        both.then(|| Failing { faults: faults.to_vec(), why: "both".into() })
    };
    let all = [(3, clock), (7, crash), (9, lost), (12, crash), (30, lost), (44, clock)];
    let least = shrink(fails(&all).unwrap(), &fails);
    assert_eq!(least.faults, [(7, crash), (30, lost)]);
}

#[test]
fn a_release_through_environments_finishes_after_any_fault_on_its_way() {
    let kinds = [
        FaultKind::CrashBefore,
        FaultKind::CrashAfter,
        FaultKind::AnswerLost,
        FaultKind::Unhealthy,
        FaultKind::ForeignDeployment,
        FaultKind::ForeignEntry,
    ];
    let effects = staged_effects();
    for n in (1..=effects).step_by(2) {
        let kind = kinds[n / 2 % kinds.len()];
        let name = format!("environments, {kind} at {n}");
        let faults = Faults::at(vec![(n, kind)]);
        Story::fly_through(Course::Staged, &name, faults, SignedDuration::ZERO);
    }
    println!("{effects} effects through two environments");
}

#[test]
fn a_promotion_to_a_final_version_finishes_after_any_fault_on_its_way() {
    let kinds = [
        FaultKind::CrashBefore,
        FaultKind::CrashAfter,
        FaultKind::AnswerLost,
        FaultKind::BrokenUpload,
        FaultKind::StaleReads,
        FaultKind::Unhealthy,
        FaultKind::ForeignEntry,
    ];
    let (story, effects) = Story::promote("no faults", None);
    assert_eq!(story.runs_with_faults, 2, "the wait timer of production\n{}", story.log());
    for n in (1..=effects).step_by(4) {
        let kind = kinds[n / 4 % kinds.len()];
        Story::promote(&format!("promotion, {kind} at {n}"), Some((n, kind)));
    }
    println!("{effects} effects of a promotion");
}

#[test]
fn up_to_five_concurrent_runners_release_through_environments_only_once() {
    for runners in 2..=5 {
        for n in [0, 45, 95] {
            let name = format!("{runners} runners, crash at {n}");
            let faults = Faults::at(vec![(n, FaultKind::CrashAfter)]);
            Story::fly_together(&name, runners, faults);
        }
    }
}

#[test]
fn a_listing_that_lags_by_30_seconds_never_causes_a_second_draft() {
    for n in 1..=fault_free_effects() {
        for kind in [FaultKind::AnswerLost, FaultKind::CrashAfter] {
            let lag = SignedDuration::from_secs(30);
            Story::fly_in(&format!("{kind} at {n}, lag"), Faults::at(vec![(n, kind)]), lag);
        }
    }
}

#[test]
fn foreign_drafts_are_deleted_even_if_the_list_shows_deletions_late() {
    let foreign = [15, 39, 45, 46, 58].map(|at| (at, FaultKind::ForeignDraftMarked)).to_vec();
    let lag = SignedDuration::from_secs(30);
    Story::fly_through(Course::Plain, "five marked drafts", Faults::at(foreign), lag);
}

#[test]
fn a_draft_that_somebody_publishes_before_its_removal_is_not_removed() {
    let faults = vec![
        (18, FaultKind::ForeignDraftMarked),
        (29, FaultKind::StaleReads),
        (30, FaultKind::ForeignPublish),
    ];
    Story::fly_through(Course::Staged, "a public draft", Faults::at(faults), SignedDuration::ZERO);
}

#[test]
fn a_concurrently_created_draft_or_tag_stops_the_release_before_it_is_public() {
    let uploading = last_upload();
    for fault in [FaultKind::ForeignDraft, FaultKind::ForeignTag] {
        Story::stops_private(Faults::at(vec![(uploading, fault)]));
    }
}

#[test]
fn a_moving_tag_moved_by_someone_else_is_moved_on_by_the_same_run() {
    for n in 1..=fault_free_effects() {
        let story = Story::fly(
            &format!("foreign-move at {n}"),
            Faults::at(vec![(n, FaultKind::ForeignMove)]),
        );
        assert_eq!(story.runs_with_faults, 1, "at {n}\n{}", story.log());
    }
}

#[test]
fn only_one_of_two_concurrent_runners_performs_the_release() {
    Story::fly_two("two runners", Faults::none());
    for n in 1..=2 * fault_free_effects() {
        for kind in [FaultKind::CrashBefore, FaultKind::CrashAfter, FaultKind::AnswerLost] {
            Story::fly_two(&format!("two runners, {kind} at {n}"), Faults::at(vec![(n, kind)]));
        }
    }
}

#[test]
fn a_runner_that_lost_the_lease_observes_again_before_it_reports() {
    let (one, two) = Story::overtaken("run:staging/warm", false);
    assert!(matches!(two.end, End::Released), "{:?}", two.end);
    assert!(matches!(one.end, End::Nothing), "{:?}", one.end);
    let plan = one.plan.as_ref().unwrap();
    assert!(one.progress.is_complete(plan), "what the other runner did is seen");

    // Here it left a draft behind, beside the release: that is for the next run to remove.
    let (one, _) = Story::overtaken("draft-release", false);
    assert!(matches!(one.end, End::Failed { .. }), "{:?}", one.end);
    assert!(one.progress.is_public(one.plan.as_ref().unwrap()));
}

#[test]
fn a_runner_whose_process_is_visible_keeps_the_lease_whatever_the_clock_says() {
    let (one, two) = Story::overtaken("run:staging/deploy", true);
    let End::Attached { until, .. } = &two.end else { panic!("{:?}", two.end) };
    assert_eq!(*until, None);
    assert!(matches!(one.end, End::Released), "{:?}", one.end);
}

#[test]
fn a_long_command_keeps_its_deployment_in_progress_and_its_lease() {
    // Three times as long as the lease, and longer than GitHub keeps a silent deployment.
    let (effects, one, two) = Story::during_a_long_command(38, Duration::from_mins(30));
    let End::Attached { until: Some(_), .. } = &two.end else { panic!("{:?}", two.end) };
    assert!(matches!(one.end, End::Held { .. }), "{:?}", one.end);
    let lines: Vec<&str> = effects
        .iter()
        .filter(|effect| effect.line.starts_with("set deployment") || effect.line == "run ./deploy")
        .map(|effect| effect.line.split_once(" to ").map_or(effect.line.as_str(), |(_, to)| to))
        .collect();
    let run = lines.iter().position(|line| *line == "run ./deploy").unwrap();
    let (before, after) = lines.split_at(run);
    // When it is created, and three times while the command runs.
    assert!(before.len() >= 4 && before.iter().all(|line| *line == "InProgress"), "{lines:?}");
    assert_eq!(after.last(), Some(&"Success"));
}

#[test]
fn a_clock_at_the_maximum_timestamp_does_not_break_a_release() {
    let landed = Story::at_the_end_of_time();
    assert!(matches!(landed.end, End::Released), "{:?}", landed.end);
}
