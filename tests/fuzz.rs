//! The fuzz targets on their saved corpus, and on what a small mutator makes of it. libFuzzer looks
//! further (CONTRIBUTING.md); what it finds is saved there, and is kept fixed here.
//!
//! `TMINUS_FUZZ_SEED` makes other mutations, `TMINUS_FUZZ_RUNS` more of them.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "fuzz/targets.rs"]
mod targets;

use proptest::test_runner::{RngAlgorithm, TestRng};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use targets::{TARGETS, Target};

const RUNS: u64 = 400;
const LARGEST: usize = 64 << 10;
/// What bytes by chance would hardly hit upon.
const WORDS: [&str; 14] = [
    "\n",
    "\0",
    "\u{1b}[2J",
    "\u{202e}",
    "é",
    "\"",
    "{",
    "}",
    "[",
    "null",
    "-1",
    "18446744073709551616",
    "1.0.0-rc.1+b",
    "&a *a",
];

fn setting(name: &str, usual: u64) -> u64 {
    let text = std::env::var_os(name).and_then(|text| text.into_string().ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn corpus(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(name);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// Cuts, repeats, joins and spoils.
fn mutated(one: &[u8], other: &[u8], rng: &mut TestRng) -> Vec<u8> {
    use proptest::prelude::Rng as _;
    let mut bytes = one.to_vec();
    for _ in 0..=rng.next_u32() % 4 {
        let mut below = |most: usize| rng.next_u64() as usize % most.max(1);
        let (from, to) = (below(bytes.len() + 1), below(bytes.len() + 1));
        let (from, to) = (from.min(to), from.max(to));
        match below(6) {
            0 => drop(bytes.drain(from..to)),
            1 => {
                let piece = bytes[from..to].to_vec();
                bytes.splice(from..from, piece);
            }
            2 => {
                let at = below(other.len() + 1);
                let end = (at + below(64)).min(other.len());
                bytes.splice(from..from, other[at..end].iter().copied());
            }
            3 => drop(bytes.splice(from..from, WORDS[below(WORDS.len())].bytes())),
            4 if from < bytes.len() => bytes[from] ^= 1 << below(8),
            _ => bytes.truncate(to),
        }
    }
    bytes.truncate(LARGEST);
    bytes
}

fn try_one(name: &str, target: Target, bytes: &[u8], what: &str) {
    let ended = catch_unwind(AssertUnwindSafe(|| target(bytes)));
    assert!(ended.is_ok(), "`{name}` does not stand {what}: {:?}", String::from_utf8_lossy(bytes));
}

#[test]
fn no_fuzz_target_fails_on_the_corpus_or_its_mutations() {
    let (seed, runs) = (setting("TMINUS_FUZZ_SEED", 1), setting("TMINUS_FUZZ_RUNS", RUNS));
    eprintln!("TMINUS_FUZZ_SEED={seed} TMINUS_FUZZ_RUNS={runs}");
    std::thread::scope(|scope| {
        for (name, target) in TARGETS {
            scope.spawn(move || {
                let corpus = corpus(name);
                assert!(!corpus.is_empty(), "`{name}` has no corpus");
                for (path, bytes) in &corpus {
                    try_one(name, target, bytes, &path.display().to_string());
                }
                let mut rng = [0; 32];
                rng[..8].copy_from_slice(&seed.to_le_bytes());
                let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &rng);
                for run in 0..runs {
                    let place = |n: u64| &corpus[n as usize % corpus.len()].1;
                    let bytes = mutated(place(run), place(run * 7 + 3), &mut rng);
                    try_one(name, target, &bytes, &format!("mutation {run} of seed {seed}"));
                }
            });
        }
    });
}

#[test]
fn libfuzzer_and_this_test_know_the_same_targets() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz");
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        assert!(folder.join("bin").join(format!("{name}.rs")).is_file(), "{name}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
}
