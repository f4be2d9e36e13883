#!/bin/bash
# Pins the program that `cargo build` made here, and leaves its archive where the action looks before it
# fetches one. A step after this runs the action as its users do, on whatever platform this is.
set -euo pipefail
cd "$(dirname "$0")/../.."
exe=
[ "$RUNNER_OS" != Windows ] || exe=.exe
host=$(rustc -vV | sed -n 's/^host: //p')
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
archive=tminus-$version-${host/linux-gnu/linux-musl}.tar.gz
kept=${RUNNER_TOOL_CACHE//\\//}/tminus
mkdir -p "$kept"
tar -czf - -C "${CARGO_TARGET_DIR:-target}/debug" "tminus$exe" >"$kept/$archive"
sum=$(if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi <"$kept/$archive")
echo "${sum%% *}  $archive" >>.github/action/checksums.txt
