# shellcheck shell=sh disable=SC2016 # backquotes in messages are meant
# Puts the action's own version of tminus in place and names it in `tminus`. Sourced by main.sh, in a
# shell of its own.
#
# checksums.txt pins the published archives. It stands in the action's commit, so whoever pins
# the action by its commit has pinned the program.
set -eu

# What is started here, build scripts among it, has no use for the token.
unset token
token=$INPUT_TOKEN
unset INPUT_TOKEN

exe=
[ "$RUNNER_OS" != Windows ] || exe=.exe
here=$(slashes "$GITHUB_ACTION_PATH")
temp=$(slashes "${RUNNER_TEMP:?}")
tools=$(slashes "${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}")

version=
while IFS= read -r line; do
  case $line in
    'version = "'*'"') version=${line#*\"} version=${version%\"} && break ;;
  esac
done <"$here/Cargo.toml"
[ -n "$version" ] || fail 'the action holds no `Cargo.toml` with a version'

other='set `install: source`, or name a tminus of yours with `binary`'

# Built in a folder of its own, from a copy: cargo and rustup ask the folder that they run in, and all
# above it, which programs to build with. Those of the job are what is released, or a pull request.
from_source() {
  home=$temp/tminus-$version-source
  tminus=$home/bin/tminus$exe
  if [ -x "$tminus" ]; then return; fi
  command -v cargo >/dev/null || fail '`install: source` needs cargo, and there is none on PATH'
  echo "building tminus $version from the action's own source"
  fresh=$(mktemp -d "$temp/tminus.XXXXXX")
  mkdir "$fresh/source"
  for entry in "$here"/*; do
    [ "${entry##*/}" = target ] || cp -R "$entry" "$fresh/source"
  done
  # Flags and targets are meant for the job's own code.
  (
    cd "$fresh/source" &&
      unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS CARGO_BUILD_TARGET &&
      cargo install --quiet --locked --path . --root ../built --target-dir ../target
  ) || fail "tminus $version could not be built"
  put "$fresh/built"
  rm -rf "$fresh/source" "$fresh/target"
}

# The name that Rust has for the runner's platform.
platform() {
  case $RUNNER_OS-${RUNNER_ARCH:-} in
    Linux-X64) triple=x86_64-unknown-linux-musl ;;
    Linux-ARM64) triple=aarch64-unknown-linux-musl ;;
    macOS-X64) triple=x86_64-apple-darwin ;;
    macOS-ARM64) triple=aarch64-apple-darwin ;;
    Windows-X64) triple=x86_64-pc-windows-msvc ;;
    Windows-ARM64) triple=aarch64-pc-windows-msvc ;;
    *) fail "no tminus is published for this runner's platform; $other" ;;
  esac
}

# The sum that checksums.txt has for a file, in `pinned`, and the commit that it was built from, in `built`.
pin() {
  pinned='' built=''
  while read -r sum name; do
    case $sum-$name in
      "#-built from "*) built=${name#built from } built=${built%% *} ;;
      *-"$1") pinned=$sum ;;
    esac
  done <"$here/.github/action/checksums.txt"
  case $pinned in
    '') fail "this commit of the action pins no checksum of $1; use the commit of a release's tag, or $other" ;;
    *[!0-9a-f]*) fail "the checksum of $1 is none" ;;
  esac
}

# The sum of a file, in `sum`.
sum() {
  if command -v sha256sum >/dev/null; then
    sum=$(sha256sum <"$1")
  elif command -v shasum >/dev/null; then
    sum=$(shasum -a 256 <"$1")
  else
    fail 'neither `sha256sum` nor `shasum` is there to verify the binary with; nothing was run'
  fi
  sum=${sum%% *}
}

download() {
  command -v curl >/dev/null || fail "there is no curl to fetch tminus with; $other"
  from=https://github.com/tminus-dev/tminus/releases/download protocol='=https'
  # For the action's own tests, which have no network. Whatever it serves must have the pinned sum.
  case ${TMINUS_TEST_DOWNLOADS:-} in
    http://127.0.0.1:*) from=$TMINUS_TEST_DOWNLOADS protocol='=http' ;;
  esac
  curl --proto "$protocol" --tlsv1.2 -fsSL --retry 10 --connect-timeout 20 --retry-max-time 120 \
    --speed-limit 1000 --speed-time 30 --max-filesize 100000000 \
    -o "$2" "$from/v$version/$1" || fail "$1 could not be fetched; $other" 4
}

from_release() {
  platform
  archive=tminus-$version-$triple.tar.gz
  pin "$archive"
  home=$temp/tminus-$pinned
  tminus=$home/tminus$exe
  if [ -x "$tminus" ] && [ "$INPUT_VERIFY" = checksum ]; then return; fi

  # What is kept between jobs is the archive, verified each time: other jobs can write there too.
  kept=$tools/tminus/$archive
  fresh=$(mktemp -d "$temp/tminus.XXXXXX")
  if ! { [ -f "$kept" ] && cp "$kept" "$fresh/$archive" 2>/dev/null; }; then
    download "$archive" "$fresh/$archive"
  fi
  sum "$fresh/$archive"
  if [ "$sum" != "$pinned" ]; then
    rm -f "$kept" "$fresh/$archive"
    fail "$archive has the checksum $sum, and $pinned is pinned; nothing was run" 1
  fi
  if [ "$INPUT_VERIFY" = attestation ]; then attested "$fresh/$archive"; fi
  keep "$fresh/$archive"
  # By a name without a folder: GNU tar takes `D:/...` for a file on the machine D.
  (cd "$fresh" && tar -xzf "$archive")
  put "$fresh"
}

attested() {
  command -v gh >/dev/null || fail '`verify: attestation` needs gh, and there is none on PATH'
  [ -n "$built" ] || fail 'this commit of the action does not say what its programs were built from'
  GH_HOST=github.com GH_TOKEN=$token gh attestation verify "$1" --repo tminus-dev/tminus \
    --signer-workflow tminus-dev/tminus/.github/workflows/build.yml --source-digest "$built" \
    --deny-self-hosted-runners ||
    fail 'the attestation of the binary could not be verified; nothing was run' 1
}

# A cache that cannot be written is none.
keep() {
  mkdir -p "${kept%/*}" 2>/dev/null && part=$(mktemp "$kept.XXXXXX" 2>/dev/null) &&
    cp "$1" "$part" 2>/dev/null && mv -f "$part" "$kept" 2>/dev/null || :
}

# Gives a folder the name under which the job's next step finds it. Windows refuses while a scanner
# reads what is new in it; then it is used where it is.
put() {
  rm -rf "$home"
  mv "$1" "$home" 2>/dev/null || tminus=$1${tminus#"$home"}
}

case $INPUT_VERIFY in
  checksum | attestation) ;;
  *) fail '`verify` must be `checksum` or `attestation`' ;;
esac
case $INPUT_INSTALL in
  release) from_release ;;
  source) from_source ;;
  *) fail '`install` must be `release` or `source`' ;;
esac
