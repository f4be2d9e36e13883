#!/bin/sh
# Checks recorded exchanges against GitHub's published API. Record them first, by the suites that
# run the real adapter (`fake_github` sends wrong requests on purpose):
#
#   export TMINUS_RECORD="$PWD/target/exchanges/tests.jsonl"
#   cargo test --test suite -- end_to_end:: errors:: contract:: reports::
#   tests/conformance/run.sh
#
# Names of recordings may be given; without any, all of target/exchanges/ are checked. Fails where
# there are none.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
top=$here/../..
if [ $# -eq 0 ]; then
  set -- "${CARGO_TARGET_DIR:-$top/target}"/exchanges/*.jsonl
fi
for file in "$@"; do
  if [ ! -s "$file" ]; then
    echo "no recording at $file: run the tests with TMINUS_RECORD set to it" >&2
    exit 1
  fi
done
npm ci --prefix "$here" --no-audit --no-fund --silent
node "$here/check.mjs" --self-test
node "$here/check.mjs" "$@"
# Beside the recordings stand the SARIF logs of the same run.
for file in "$@"; do
  folder=$(dirname -- "$file")
  node "$here/sarif.mjs" "$folder"/*.sarif
done
