//! What rounds of samples lead to.

use super::*;

const PACE: Pace = Pace {
    every_seconds: 60,
    steady_seconds: 0,
    soak_seconds: 180,
    deadline_seconds: None,
    failures: 0,
    inconclusive: 2,
    errors: 1,
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + second).unwrap()
}

fn plan() -> Digest {
    crate::release::step::sha256(b"plan")
}

fn round(second: i64, result: SampleResult) -> Round {
    let sample = Sample { name: "health".into(), result, said: "200".into() };
    Round { at: at(second), samples: vec![sample] }
}

/// The state after rounds, each at a second with a letter for its result.
fn after(pace: &Pace, rounds: &[(i64, SampleResult)]) -> Verification {
    let mut state = None;
    for (second, result) in rounds {
        let round = round(*second, *result);
        let next = Verification::after(state.as_ref(), &plan(), Some(at(0)), round, pace);
        state = Some(next.unwrap());
    }
    state.unwrap()
}

use SampleResult::{Error, Failure, Inconclusive, Success};

#[test]
fn the_worst_sample_decides_and_a_round_without_samples_is_inconclusive() {
    let sample = |result| Sample { name: "x".into(), result, said: String::new() };
    let round = |results: &[SampleResult]| Round {
        at: at(0),
        samples: results.iter().map(|result| sample(*result)).collect(),
    };
    assert_eq!(round(&[]).result(), Inconclusive);
    assert_eq!(round(&[Success, Inconclusive, Success]).result(), Inconclusive);
    assert_eq!(round(&[Inconclusive, Error]).result(), Error);
    assert_eq!(round(&[Failure, Error]).result(), Failure);
}

#[test]
fn the_soak_is_the_time_between_successful_rounds() {
    let rounds = [(0, Success), (60, Success), (120, Success)];
    let two = after(&PACE, &rounds);
    assert_eq!((two.soaked_seconds, two.is_over(&PACE)), (120, false));
    assert_eq!(two.earliest_end(&PACE), at(180));
    let three = after(&PACE, &[&rounds[..], &[(180, Success)]].concat());
    assert_eq!((three.soaked_seconds, three.is_over(&PACE)), (180, true));
    assert_eq!(three.verified, Some(at(0)));
}

#[test]
fn a_gap_of_more_than_three_intervals_pauses_the_soak_and_keeps_its_progress() {
    let before = [(0, Success), (60, Success)];
    let three = after(&PACE, &[&before[..], &[(240, Success)]].concat());
    assert_eq!(three.soaked_seconds, 240, "three intervals are no gap");
    let more = after(&PACE, &[&before[..], &[(241, Success)]].concat());
    assert_eq!(more.soaked_seconds, 60);
    assert_eq!(more.verified, Some(at(0)));
    let on = after(&PACE, &[&before[..], &[(241, Success), (301, Success)]].concat());
    assert_eq!(on.soaked_seconds, 120);
}

#[test]
fn a_failed_round_restarts_the_soak_and_revokes_the_verification() {
    let failed = after(&PACE, &[(0, Success), (60, Success), (120, Failure)]);
    assert_eq!((failed.soaked_seconds, failed.verified), (0, None));
    assert!(failed.is_over_limit(&PACE) && !failed.is_over(&PACE));
    let fixed = after(&PACE, &[(0, Success), (60, Success), (120, Failure), (180, Success)]);
    assert_eq!((fixed.soaked_seconds, fixed.verified), (0, Some(at(180))));
    assert_eq!((fixed.rounds, fixed.failed, fixed.in_a_row), (4, 1, 1));
}

#[test]
fn a_failed_round_makes_a_finished_soak_unfinished() {
    let ready = [(0, Success), (60, Success), (120, Success), (180, Success)];
    assert!(after(&PACE, &ready).is_over(&PACE));
    let failed = after(&PACE, &[&ready[..], &[(240, Failure)]].concat());
    assert!(!failed.is_over(&PACE));
    let unclear = after(&PACE, &[&ready[..], &[(240, Inconclusive)]].concat());
    assert!(!unclear.is_over(&PACE), "an inconclusive round is never a success");
}

#[test]
fn an_inconclusive_round_pauses_the_soak_without_resetting_it() {
    for unclear in [Inconclusive, Error] {
        let rounds = [(0, Success), (60, Success), (120, unclear)];
        let stopped = after(&PACE, &rounds);
        assert_eq!((stopped.soaked_seconds, stopped.verified), (60, Some(at(0))));
        let again = after(&PACE, &[&rounds[..], &[(180, Success)]].concat());
        assert_eq!(again.soaked_seconds, 60, "the time since the last success does not count");
        let on = after(&PACE, &[&rounds[..], &[(180, Success), (240, Success)]].concat());
        assert_eq!(on.soaked_seconds, 120);
    }
}

#[test]
fn a_sample_older_than_the_last_round_yields_no_state() {
    let before = after(&PACE, &[(60, Success)]);
    let round = |second| round(second, Success);
    let state =
        |second| Verification::after(Some(&before), &plan(), Some(at(0)), round(second), &PACE);
    assert_eq!(state(59), None);
    assert!(state(60).is_some());
}

#[test]
fn verification_restarts_for_another_environment_entry_or_plan() {
    let before = after(&PACE, &[(0, Success), (60, Success)]);
    let round = || round(120, Success);
    let other = crate::release::step::sha256(b"other");
    let again = Verification::after(Some(&before), &plan(), Some(at(1)), round(), &PACE).unwrap();
    assert_eq!((again.rounds, again.soaked_seconds, again.began), (1, 0, at(120)));
    let again = Verification::after(Some(&before), &other, Some(at(0)), round(), &PACE).unwrap();
    assert_eq!((again.rounds, again.soaked_seconds, again.began), (1, 0, at(120)));
}

#[test]
fn a_stage_is_verified_after_uninterrupted_success_for_long_enough() {
    let pace = Pace { steady_seconds: 120, ..PACE };
    let rounds = [(0, Success), (60, Success), (120, Success)];
    let early = after(&pace, &rounds[..2]);
    assert_eq!((early.verified, early.soaked_seconds), (None, 0));
    assert_eq!(early.earliest_end(&pace), at(60 + 60 + 180));
    assert_eq!(after(&pace, &rounds).verified, Some(at(120)));
    let broken = after(&pace, &[(0, Success), (60, Inconclusive), (120, Success), (180, Success)]);
    assert_eq!(broken.verified, None);
    let gap = after(&pace, &[(0, Success), (60, Success), (300, Success)]);
    assert_eq!((gap.verified, gap.steady_since), (None, Some(at(300))));
}

#[test]
fn each_sample_result_has_its_own_limit_of_consecutive_rounds() {
    let over = |rounds: &[(i64, SampleResult)]| after(&PACE, rounds).is_over_limit(&PACE);
    assert!(over(&[(0, Failure)]));
    assert!(!over(&[(0, Error)]));
    assert!(over(&[(0, Error), (60, Error)]));
    assert!(!over(&[(0, Inconclusive), (60, Inconclusive)]));
    assert!(over(&[(0, Inconclusive), (60, Inconclusive), (120, Inconclusive)]));
    assert!(!over(&[(0, Error), (60, Inconclusive), (120, Error)]), "not in a row");
}

#[test]
fn a_deadline_starts_at_the_first_round_and_ends_with_verification() {
    let pace = Pace { deadline_seconds: Some(100), steady_seconds: 60, ..PACE };
    let open = after(&pace, &[(0, Success)]);
    assert_eq!((open.is_late(&pace, at(100)), open.is_late(&pace, at(101))), (false, true));
    let verified = after(&pace, &[(0, Success), (60, Success)]);
    assert!(!verified.is_late(&pace, at(101)));
    assert!(!open.is_late(&PACE, at(100_000)), "without a deadline nothing is late");
}

#[test]
fn a_successful_round_is_valid_for_three_intervals() {
    let state = after(&PACE, &[(0, Success)]);
    assert_eq!((state.is_stale(&PACE, at(180)), state.is_stale(&PACE, at(181))), (false, true));
    assert_eq!(state.next(&PACE), at(60));
}

#[test]
fn the_earliest_end_of_a_soak_is_at_a_round_and_never_in_the_past() {
    let failed = after(&PACE, &[(0, Failure)]);
    assert_eq!(failed.earliest_end(&PACE), at(60 + 180));
    let odd = Pace { every_seconds: 50, soak_seconds: 60, ..PACE };
    assert_eq!(after(&odd, &[(0, Success)]).earliest_end(&odd), at(100));
    let none = Pace { every_seconds: 0, soak_seconds: 0, ..PACE };
    assert_eq!(after(&none, &[(0, Success)]).earliest_end(&none), at(1));
    let endless = Pace { soak_seconds: u64::MAX, ..PACE };
    assert_eq!(after(&endless, &[(0, Success)]).earliest_end(&endless), Timestamp::MAX);
}

#[test]
fn the_soak_of_a_pre_release_counts_after_the_first_success_without_failures() {
    let from = TagName::new("v1.0.0-rc.1").unwrap();
    let carried = |rounds: &[(i64, SampleResult)]| {
        let mut state: Option<Verification> = None;
        for (second, result) in rounds {
            let round = round(*second, *result);
            let next = Verification::after(state.as_ref(), &plan(), Some(at(0)), round, &PACE);
            state = next.map(|next| next.carrying(&from, &PACE));
        }
        state.unwrap()
    };
    let one = carried(&[(0, Success)]);
    assert!(one.is_over(&PACE) && one.carried.as_ref() == Some(&from));
    assert!(carried(&[(0, Error), (60, Inconclusive), (120, Success)]).is_over(&PACE));
    let failed = carried(&[(0, Success), (60, Failure), (120, Success)]);
    assert_eq!((failed.is_over(&PACE), failed.soaked_seconds, failed.carried), (false, 0, None));
    assert!(!carried(&[(0, Failure), (60, Success)]).is_over(&PACE));
    assert!(!carried(&[(0, Inconclusive)]).is_over(&PACE), "one round must be successful");
}
