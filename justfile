# The recipes of CONTRIBUTING.md. `just` lists them; each is plain cargo or a script of this repository.

set positional-arguments

# Tests that compare text with snapshots, and those that rewrite files under `docs`.
snapshots := "end_to_end:: errors:: reports:: waiting:: workflows::"
rewritten := "docs:: schema::"
# Tests that run the GitHub adapter with correct requests.
recorded := "end_to_end:: errors:: contract:: reports::"

# List the recipes.
[private]
default:
    @just --list --unsorted

# Build the program.
build:
    cargo build --locked

# Run all tests. Needs git and no network.
test:
    cargo test --locked

# Run tests by name: a suite of `tests/`, or a part of a name (`just suite waiting::`, `just suite red`).
suite *filter:
    cargo test --locked --test suite -- "$@"

# Run the cases of `tests/gates`, all or by name: `just gates checks-green::a-red`.
gates *filter:
    cargo test --locked --test gates -- "$@"

# Run clippy and check the format.
lint:
    cargo clippy --locked --all-targets -- -D warnings
    cargo fmt --check

# Format the code.
format:
    cargo fmt

# Accept changed output: snapshots, gate reports, help texts, the manifest page. Read the diff.
accept:
    INSTA_UPDATE=always cargo test --locked --lib
    INSTA_UPDATE=always cargo test --locked --test suite -- {{ snapshots }}
    UPDATE=1 cargo test --locked --test gates
    UPDATE=1 cargo test --locked --test suite -- {{ rewritten }}
    git status --short

# Lint scripts, the action, the workflows, and the workflows in the documentation.
action-lint:
    tests/action/run.sh lint

# Run workflows that use the action, on this machine.
action-test:
    tests/action/run.sh test

# Record the exchanges of the tests with the fake GitHub, and compare them with GitHub's schemas.
conformance:
    rm -rf "${CARGO_TARGET_DIR:-$PWD/target}/exchanges"
    TMINUS_RECORD="${CARGO_TARGET_DIR:-$PWD/target}/exchanges/tests.jsonl" cargo test --locked --test suite -- {{ recorded }}
    tests/conformance/run.sh

# Read saved and mutated bytes. TMINUS_FUZZ_RUNS sets how many, TMINUS_FUZZ_SEED which ones.
fuzz:
    cargo test --locked --test fuzz

# Search further with libFuzzer: `just libfuzzer manifest 120`. Needs cargo-fuzz and a C++ compiler.
libfuzzer target seconds="120":
    mkdir -p "/tmp/{{ target }}"
    cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none "{{ target }}" "/tmp/{{ target }}" "tests/fuzz/corpus/{{ target }}" -- -max_total_time={{ seconds }}

# Simulate many releases with random faults, optimized: `just nightly 100000 0` takes these seeds from this first one.
nightly seeds="100000" first="0":
    TMINUS_SEEDS="{{ seeds }}" TMINUS_FIRST_SEED="{{ first }}" \
        cargo test --locked --profile simulation --test suite -- --nocapture simulation::whatever_a_seed_brings simulation::people::whatever_people_do

# Compare the time of a check with git, and of the action with a plain shell.
bench:
    cargo build --release --locked
    benches/offline-check.sh
    benches/action-start.sh

# Run everything that CI runs, in its order.
ci:
    .ci/run
