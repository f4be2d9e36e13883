//! What holds of `checks-green` whatever CI reports.
//!
//! Runs are drawn at random from few names, workflows and moments, so that they often meet. A failed
//! case prints its seed and the smallest facts that show it.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and tells its seed"
)]

use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::sync::LazyLock;
use tminus::adapters::forge::saved;
use tminus::adapters::kinds;
use tminus::base::source::Source;
use tminus::facts::{
    Check, CheckCreator, CheckKind, CheckState, Checks, Facts, Origin, Push, RequiredCheck, Seen,
};
use tminus::judge::case::Case;
use tminus::judge::checks::{OwnChecks, Reported};
use tminus::judge::gates::{self, GateSelection};
use tminus::judge::ruling::{Ruling, Verdict};
use tminus::project::manifest;

static BASE: LazyLock<Facts> = LazyLock::new(|| saved(include_bytes!("gates/base.json")).unwrap());

/// Settings under which everything is asked.
const TERMS: [&str; 11] = [
    "required: [build, test]",
    "required: [build, test]\n    accept: [skipped, neutral]",
    "required: reported",
    "required: [build, {name: test, workflow: ci}]\n    max-age: 20m",
    "required: [\"*\"]\n    min-duration: 2m",
    "required: [build, {name: test, app: github-actions}]\n    grace: 1h",
    "required: [build, {name: test, event: push}]\n    lineage: tree",
    "required: reported\n    lineage: tree",
    "required: [build, docs]",
    "required: [build, docs]\n    accept: [skipped, neutral]",
    "required: [build, test]\n    lineage: merge-group",
];
/// A workflow that reports `docs` and leaves a change of the pages out.
const DOCS: &str = "on: { push: { paths: [src/**] } }\njobs: { docs: {} }\n";
/// Conclusions that are no success, and that no setting makes one.
const RED: [&str; 6] = ["failure", "cancelled", "timed_out", "stale", "action_required", "odd"];
const PENDING: [&str; 4] = ["queued", "in_progress", "waiting", "requested"];

/// Draws cases from one seed, `SEED` or a fixed one, and tells it.
fn hold<S: Strategy>(what: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let seed: u64 = std::env::var("SEED").map_or(0x7_0000, |text| text.parse().expect("a number"));
    println!("SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: 400,
        failure_persistence: None,
        max_global_rejects: 100_000,
        ..Config::default()
    };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    if let Err(error) = TestRunner::new_with_rng(config, random).run(what, test) {
        panic!("SEED={seed}: {error}");
    }
}

fn settings() -> impl Strategy<Value = String> {
    (select(&TERMS[..]), any::<bool>()).prop_map(|(terms, from_rules)| {
        format!("gates:\n  checks-green:\n    from-rules: {from_rules}\n    {terms}\n")
    })
}

fn state() -> impl Strategy<Value = CheckState> {
    let finished = prop_oneof![
        4 => Just("success"),
        1 => Just("skipped"),
        1 => Just("neutral"),
        2 => select(&RED[..]),
    ];
    prop_oneof![
        4 => finished.prop_map(|word| CheckState::Finished(word.into())),
        1 => select(&PENDING[..]).prop_map(|word| CheckState::Pending(word.into())),
    ]
}

fn moment(minute: i64) -> Timestamp {
    BASE.at - SignedDuration::from_mins(60 - minute)
}

fn check() -> impl Strategy<Value = Check> {
    let name = select(&["build", "test", "docs", "own"][..]);
    let source = select(
        &[("github-actions", Some("ci")), ("github-actions", Some("nightly")), ("other", None)][..],
    );
    let start = prop_oneof![6 => (0..50_i64).prop_map(Some), 1 => Just(None)];
    let status = prop_oneof![8 => Just(false), 1 => Just(true)];
    let event = select(&["push", "push", "merge_group", "pull_request"][..]);
    (name, source, state(), start, 1..4_u64, 1..9_i64, status, event).prop_map(
        |(name, (app, workflow), state, start, run, lasted, status, event)| Check {
            kind: if status { CheckKind::Status } else { CheckKind::Run },
            id: String::new(),
            name: name.into(),
            app: (!status).then(|| app.into()),
            app_id: (!status && app == "github-actions").then_some(15368),
            workflow: workflow.filter(|_| !status).map(Into::into),
            event: workflow.filter(|_| !status).map(|_| event.into()),
            run: workflow.filter(|_| !status).map(|_| run),
            started_at: start.map(moment),
            completed_at: matches!(state, CheckState::Finished(_))
                .then(|| start.map(|start| moment(start + lasted)))
                .flatten(),
            url: None,
            environment: (state == CheckState::Pending("waiting".into())).then(|| "live".into()),
            state,
            origin: Some(Origin {
                maker: match (status, app) {
                    (false, "github-actions") => CheckCreator::CiHost,
                    _ => CheckCreator::Other,
                },
                job: None,
            }),
        },
    )
}

fn facts(
    mut runs: Vec<Check>,
    twin: Vec<Check>,
    rules: Vec<RequiredCheck>,
    late: bool,
    changed: &str,
) -> Facts {
    runs.extend(twin.iter().cloned());
    for (n, run) in runs.iter_mut().enumerate() {
        run.id = format!("{}", 100 + n);
    }
    let twin = runs.split_off(runs.len() - twin.len());
    let mut facts = BASE.clone();
    let since = Some(moment(if late { 0 } else { 55 }));
    let commit = facts.commit.sha.clone();
    facts.checks = Seen::Known(Checks { commit, total: runs.len(), runs, since });
    let commit = facts.history.known().unwrap().since[1].sha.clone();
    facts.same_tree = Seen::Known(vec![Checks { commit, total: twin.len(), runs: twin, since }]);
    facts.rules = Seen::Known(rules);
    let (run, job, workflow) = (2, "own".into(), Some("ci".into()));
    facts.own_run = Some(tminus::facts::OwnRun { run, job, workflow, check_run: None });
    let before = Some(facts.history.known().unwrap().since[2].sha.clone());
    facts.push = Seen::Known(Some(Push { at: moment(if late { 0 } else { 54 }), before }));
    facts.changed = Seen::Known(vec![changed.into()]);
    let name = ".github/workflows/docs.yml".into();
    facts.workflows = Seen::Known(vec![Source { name, text: DOCS.into() }]);
    facts
}

fn world() -> impl Strategy<Value = Facts> {
    let rule = prop_oneof![
        2 => Just(Vec::new()),
        1 => (select(&["build", "docs"][..]), any::<bool>()).prop_map(|(name, pinned)| vec![RequiredCheck {
            name: name.into(),
            app_id: pinned.then_some(15368),
            rule: "a rule".into(),
        }]),
    ];
    let changed = select(&["pages/index.md", "pages/index.md", "src/lib.rs"][..]);
    (vec(check(), 0..9), vec(check(), 0..3), rule, any::<bool>(), changed)
        .prop_map(|(runs, twin, rules, late, changed)| facts(runs, twin, rules, late, changed))
}

fn rule(manifest: &str, facts: &Facts) -> Ruling {
    let source = Source { name: "tminus.yaml".into(), text: manifest.into() };
    let manifest = &manifest::read(source, &kinds()).unwrap();
    let asking = GateSelection { only: vec!["checks-green".into()], ..GateSelection::default() };
    let poll = gates::poll(&Case::new(manifest, facts), &asking);
    poll.answers.into_iter().find_map(|answer| answer.ruling).expect("it is asked")
}

fn own(facts: &Facts) -> OwnChecks {
    let checks =
        std::iter::once(facts.checks.known().unwrap()).chain(facts.same_tree.known().unwrap());
    let all: Vec<Reported<'_>> = checks.flat_map(Reported::all).collect();
    OwnChecks::among(&all, facts.own_run.as_ref())
}

/// Every run, wherever it ran.
fn pooled(facts: &Facts) -> Vec<Check> {
    let same_tree = facts.same_tree.known().unwrap().iter();
    let all = std::iter::once(facts.checks.known().unwrap()).chain(same_tree);
    all.flat_map(|checks| checks.runs.clone()).collect()
}

fn twin(facts: &mut Facts) -> &mut Checks {
    match &mut facts.same_tree {
        Seen::Known(same_tree) => &mut same_tree[0],
        Seen::Unseen(_) => panic!("the strategy makes twins"),
    }
}

fn checks(facts: &mut Facts) -> &mut Checks {
    match &mut facts.checks {
        Seen::Known(checks) => checks,
        Seen::Unseen(_) => panic!("the strategy makes checks"),
    }
}

fn add(facts: &mut Facts, check: Check) {
    let checks = checks(facts);
    checks.runs.push(check);
    checks.total += 1;
}

fn word(check: &Check) -> &str {
    match &check.state {
        CheckState::Finished(ended) => ended.word(),
        CheckState::Pending(doing) => doing.word(),
    }
}

fn same_source(a: &Check, b: &Check) -> bool {
    (a.kind, &a.name, &a.app, &a.workflow) == (b.kind, &b.name, &b.app, &b.workflow)
}

#[test]
fn the_order_of_check_runs_never_matters() {
    let shuffled = (settings(), world()).prop_flat_map(|(manifest, facts)| {
        let runs = facts.checks.known().unwrap().runs.clone();
        (Just(manifest), Just(facts), Just(runs).prop_shuffle())
    });
    hold(&shuffled, |(manifest, facts, runs)| {
        let mut other = facts.clone();
        checks(&mut other).runs = runs;
        prop_assert_eq!(rule(&manifest, &other), rule(&manifest, &facts));
        Ok(())
    });
}

#[test]
fn a_page_of_check_runs_listed_twice_counts_once() {
    hold(&(settings(), world(), any::<prop::sample::Index>()), |(manifest, facts, which)| {
        let mut other = facts.clone();
        let runs = &facts.checks.known().unwrap().runs;
        let page = &runs[..which.index(runs.len() + 1)];
        checks(&mut other).runs.extend_from_slice(page);
        let again = twin(&mut other).runs.clone();
        twin(&mut other).runs.extend(again);
        prop_assert_eq!(rule(&manifest, &other), rule(&manifest, &facts));
        Ok(())
    });
}

/// A merely skipped run speaks only where nothing ran: an older run that ran takes its place.
#[test]
fn an_older_run_never_changes_the_verdict_of_a_source_that_ran() {
    let drawn = (settings(), world(), any::<prop::sample::Index>(), state(), 1..200_i64);
    hold(&drawn, |(manifest, facts, which, state, minutes)| {
        let runs = &facts.checks.known().unwrap().runs;
        prop_assume!(!runs.is_empty() && matches!(state, CheckState::Finished(_)));
        let known = which.get(runs);
        let pool = pooled(&facts);
        let source = pool.iter().filter(|run| same_source(run, known));
        prop_assume!(source.clone().all(|run| run.started_at.is_some() && word(run) != "skipped"));
        let oldest = source.filter_map(|run| run.started_at).min().unwrap();
        let mut older = known.clone();
        older.id = "1".into();
        older.state = state;
        older.started_at = Some(oldest - SignedDuration::from_mins(minutes));
        older.completed_at =
            older.started_at.map(|at| at + SignedDuration::from_mins(minutes + 100));
        let mut other = facts.clone();
        add(&mut other, older);
        prop_assert_eq!(rule(&manifest, &other).verdict(), rule(&manifest, &facts).verdict());
        Ok(())
    });
}

#[test]
fn adding_a_newer_unsuccessful_run_never_leads_to_go() {
    let bad = prop_oneof![
        select(&RED[..]).prop_map(|word| CheckState::Finished(word.into())),
        Just(CheckState::Finished("skipped".into())),
        select(&PENDING[..]).prop_map(|word| CheckState::Pending(word.into())),
    ];
    let drawn = (settings(), world(), any::<prop::sample::Index>(), bad, any::<bool>());
    hold(&drawn, |(manifest, facts, which, state, begun)| {
        let runs = &facts.checks.known().unwrap().runs;
        prop_assume!(!runs.is_empty() && rule(&manifest, &facts).verdict() != Verdict::Go);
        let mut newer = which.get(runs).clone();
        newer.id = "999".into();
        newer.run = newer.run.map(|run| run + 10);
        newer.started_at = begun.then(|| moment(58));
        newer.completed_at = None;
        newer.state = state;
        let accepted = word(&newer) == "skipped"
            && !runs.iter().any(|run| same_source(run, &newer) && word(run) != "skipped");
        prop_assume!(!accepted);
        let mut other = facts.clone();
        add(&mut other, newer);
        prop_assert_ne!(rule(&manifest, &other).verdict(), Verdict::Go);
        Ok(())
    });
}

/// The other half of the same promise: what was go is so no longer.
#[test]
fn a_newer_unsuccessful_run_of_a_required_check_revokes_go() {
    let bad = prop_oneof![
        select(&RED[..]).prop_map(|word| CheckState::Finished(word.into())),
        select(&PENDING[..]).prop_map(|word| CheckState::Pending(word.into())),
    ];
    hold(
        &(settings(), world(), any::<prop::sample::Index>(), bad),
        |(manifest, facts, which, state)| {
            let runs = &facts.checks.known().unwrap().runs;
            prop_assume!(!runs.is_empty() && rule(&manifest, &facts).verdict() == Verdict::Go);
            let mut newer = which.get(runs).clone();
            // `build` is required by every setting, from whichever source.
            newer.name = "build".into();
            newer.id = "999".into();
            newer.started_at = Some(moment(58));
            newer.completed_at = None;
            newer.state = state;
            let mut other = facts.clone();
            add(&mut other, newer);
            prop_assert_ne!(rule(&manifest, &other).verdict(), Verdict::Go);
            Ok(())
        },
    );
}

/// Takes something out of sight.
type Hide = fn(&mut Facts);

#[test]
fn hiding_facts_never_turns_the_verdict_to_go() {
    hold(&(settings(), world(), any::<prop::sample::Index>()), |(manifest, facts, which)| {
        let now = rule(&manifest, &facts);
        let without = |hide: &dyn Fn(&mut Facts)| {
            let mut less = facts.clone();
            hide(&mut less);
            rule(&manifest, &less)
        };
        let blind = without(&|facts| facts.checks = Seen::unseen("taken away"));
        prop_assert_eq!(blind.verdict(), Verdict::Unknown);
        let parts: [(&str, Hide); 2] = [
            ("from-rules: true", |facts| facts.rules = Seen::unseen("taken away")),
            ("lineage: tree", |facts| facts.same_tree = Seen::unseen("taken away")),
        ];
        for (asked, hide) in parts {
            let then = without(&hide);
            if manifest.contains(asked) {
                prop_assert_eq!(then.verdict(), Verdict::Unknown, "{}", asked);
            } else {
                prop_assert_eq!(&then, &now, "{}", asked);
            }
        }
        let runs = facts.checks.known().unwrap().runs.len();
        if runs > 0 {
            let cut = without(&|facts| drop(checks(facts).runs.remove(which.index(runs))));
            prop_assert_eq!(cut.verdict(), Verdict::Unknown);
        }
        if manifest.contains("lineage: tree") && !twin(&mut facts.clone()).runs.is_empty() {
            let cut = without(&|facts| drop(twin(facts).runs.pop()));
            prop_assert_eq!(cut.verdict(), Verdict::Unknown);
        }
        if now.verdict() != Verdict::Go {
            let hidings: [Hide; 5] = [
                |facts| facts.push = Seen::unseen("taken away"),
                |facts| facts.push = Seen::Known(None),
                |facts| facts.changed = Seen::unseen("taken away"),
                |facts| facts.workflows = Seen::unseen("taken away"),
                |facts| facts.branch = Seen::unseen("taken away"),
            ];
            for hide in hidings {
                prop_assert_ne!(without(&hide).verdict(), Verdict::Go);
            }
        }
        Ok(())
    });
}

/// What a check may not tell, one thing at a time.
const HIDDEN: [fn(&mut Check); 10] = [
    |check| check.app = None,
    |check| check.app_id = None,
    |check| check.workflow = None,
    |check| check.event = None,
    |check| check.run = None,
    |check| check.started_at = None,
    |check| check.completed_at = None,
    |check| check.url = None,
    |check| check.environment = None,
    |check| check.origin = None,
];

#[test]
fn hiding_a_check_run_never_turns_the_verdict_to_go() {
    let drawn = (settings(), world(), any::<prop::sample::Index>(), 0..HIDDEN.len());
    hold(&drawn, |(manifest, facts, which, hidden)| {
        prop_assume!(rule(&manifest, &facts).verdict() != Verdict::Go);
        let own = own(&facts);
        let runs = &facts.checks.known().unwrap().runs;
        let others: Vec<usize> = (0..runs.len()).filter(|n| !own.has(&runs[*n])).collect();
        prop_assume!(!others.is_empty());
        let mut less = facts.clone();
        HIDDEN[hidden](&mut checks(&mut less).runs[others[which.index(others.len())]]);
        prop_assert_ne!(rule(&manifest, &less).verdict(), Verdict::Go);
        Ok(())
    });
}

#[test]
fn the_job_of_tminus_itself_does_not_change_the_verdict() {
    let drawn = (settings(), world(), state(), 1..4_u64, 0..50_i64);
    hold(&drawn, |(manifest, facts, state, run, start)| {
        prop_assume!(!pooled(&facts).is_empty());
        let mut other = facts.clone();
        let mut job = pooled(&facts)[0].clone();
        job.kind = CheckKind::Run;
        (job.id, job.name) = ("998".into(), "own".into());
        (job.app, job.workflow) = (Some("github-actions".into()), Some("ci".into()));
        (job.run, job.state) = (Some(run), state);
        job.origin = Some(Origin { maker: CheckCreator::CiHost, job: Some("998".into()) });
        job.started_at = Some(moment(start));
        // A failure is a reason to skip the jobs that need it, tminus's own as any.
        prop_assume!(
            pooled(&facts).iter().all(|run| word(run) != "skipped" && word(run) != "cancelled")
        );
        add(&mut other, job);
        prop_assert_eq!(rule(&manifest, &other).verdict(), rule(&manifest, &facts).verdict());
        Ok(())
    });
}

#[test]
fn go_requires_a_successful_or_accepted_check() {
    hold(&(settings(), world()), |(manifest, facts)| {
        if rule(&manifest, &facts).verdict() == Verdict::Go {
            let own = own(&facts);
            let rests = |run: &Check| {
                !own.has(run) && matches!(word(run), "success" | "skipped" | "neutral")
            };
            prop_assert!(pooled(&facts).iter().any(rests));
        }
        Ok(())
    });
}

#[test]
fn the_generator_produces_every_kind_of_ruling() {
    let seen = std::cell::RefCell::new(std::collections::BTreeMap::new());
    hold(&(settings(), world()), |(manifest, facts)| {
        let ruling = rule(&manifest, &facts);
        let count = |what: String| *seen.borrow_mut().entry(what).or_insert(0_u32) += 1;
        count(ruling.verdict().to_string());
        for part in ["not applicable", "same tree", "accepted"] {
            if ruling.summary().contains(part) {
                count(format!("{} with {part}", ruling.verdict()));
            }
        }
        Ok(())
    });
    let seen = seen.into_inner();
    let wanted =
        ["go", "hold", "no-go", "go with same tree", "go with not applicable", "go with accepted"];
    for what in wanted {
        assert!(seen.get(what).is_some_and(|count| *count > 0), "{what}: {seen:?}");
    }
}
