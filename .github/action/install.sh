# shellcheck shell=sh disable=SC2016 # backquotes in messages are intended
# Installs the action's version of tminus and sets `tminus` to its path. main.sh sources this file in a
# subshell.
#
# checksums.txt pins the published archives. It is part of the action's commit, so pinning the action
# by its commit also pins the program.
set -eu

# Programs that start here, such as build scripts, do not need the token.
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
[ -n "$version" ] || fail 'the action has no `Cargo.toml` with a version'

other='set `install: source`, or set `binary` to your own tminus'

# Builds a copy in a separate folder: cargo and rustup read configuration from the current folder and
# its parents, and the job's folder can contain code of a pull request.
from_source() {
  home=$temp/tminus-$version-source
  tminus=$home/bin/tminus$exe
  if [ -x "$tminus" ]; then return; fi
  command -v cargo >/dev/null || fail '`install: source` needs cargo, which is not on PATH'
  echo "building tminus $version from the action's own source"
  fresh=$(mktemp -d "$temp/tminus.XXXXXX")
  mkdir "$fresh/source"
  for entry in "$here"/*; do
    [ "${entry##*/}" = target ] || cp -R "$entry" "$fresh/source"
  done
  # The job's compiler flags and target are meant for its own code, not for tminus.
  (
    cd "$fresh/source" &&
      unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS CARGO_BUILD_TARGET &&
      cargo install --quiet --locked --path . --root ../built --target-dir ../target
  ) || fail "tminus $version could not be built"
  put "$fresh/built"
  rm -rf "$fresh/source" "$fresh/target"
}

# Rust's name for the runner's platform.
platform() {
  case $RUNNER_OS-${RUNNER_ARCH:-} in
    Linux-X64) triple=x86_64-unknown-linux-musl ;;
    Linux-ARM64) triple=aarch64-unknown-linux-musl ;;
    macOS-X64) triple=x86_64-apple-darwin ;;
    macOS-ARM64) triple=aarch64-apple-darwin ;;
    Windows-X64) triple=x86_64-pc-windows-msvc ;;
    Windows-ARM64) triple=aarch64-pc-windows-msvc ;;
    *) fail "tminus is not published for this runner's platform; $other" ;;
  esac
}

# Sets `pinned` to the checksum of a file in checksums.txt, and `built` to the commit it was built from.
pin() {
  pinned='' built=''
  while read -r sum name; do
    case $sum-$name in
      "#-built from "*) built=${name#built from } built=${built%% *} ;;
      *-"$1") pinned=$sum ;;
    esac
  done <"$here/.github/action/checksums.txt"
  case $pinned in
    '') fail "this commit of the action does not pin a checksum for $1; use the commit of a release's tag, or $other" ;;
    *[!0-9a-f]*) fail "the checksum of $1 is not valid" ;;
  esac
}

# Sets `sum` to the checksum of a file.
sum() {
  if command -v sha256sum >/dev/null; then
    sum=$(sha256sum <"$1")
  elif command -v shasum >/dev/null; then
    sum=$(shasum -a 256 <"$1")
  else
    fail 'cannot verify the binary: neither `sha256sum` nor `shasum` is installed; nothing was run'
  fi
  sum=${sum%% *}
}

download() {
  command -v curl >/dev/null || fail "curl is not installed, so tminus cannot be downloaded; $other"
  from=https://github.com/tminus-dev/tminus/releases/download protocol='=https'
  # For the action's own tests, which have no network. The pinned checksum applies here too.
  case ${TMINUS_TEST_DOWNLOADS:-} in
    http://127.0.0.1:*) from=$TMINUS_TEST_DOWNLOADS protocol='=http' ;;
  esac
  curl --proto "$protocol" --tlsv1.2 -fsSL --retry 10 --connect-timeout 20 --retry-max-time 120 \
    --speed-limit 1000 --speed-time 30 --max-filesize 100000000 \
    -o "$2" "$from/v$version/$1" || fail "$1 could not be downloaded; $other" 4
}

from_release() {
  platform
  archive=tminus-$version-$triple.tar.gz
  pin "$archive"
  home=$temp/tminus-$pinned
  tminus=$home/tminus$exe
  if [ -x "$tminus" ] && [ "$INPUT_VERIFY" = checksum ]; then return; fi

  # The cache keeps the archive and not the program, and the archive is verified each time, because other
  # jobs can write to the cache.
  kept=$tools/tminus/$archive
  fresh=$(mktemp -d "$temp/tminus.XXXXXX")
  if ! { [ -f "$kept" ] && cp "$kept" "$fresh/$archive" 2>/dev/null; }; then
    download "$archive" "$fresh/$archive"
  fi
  sum "$fresh/$archive"
  if [ "$sum" != "$pinned" ]; then
    rm -f "$kept" "$fresh/$archive"
    fail "$archive has the checksum $sum, but $pinned is pinned; nothing was run" 1
  fi
  if [ "$INPUT_VERIFY" = attestation ]; then attested "$fresh/$archive"; fi
  keep "$fresh/$archive"
  # A name without a folder: GNU tar reads `D:/...` as a file on the host D.
  (cd "$fresh" && tar -xzf "$archive")
  put "$fresh"
}

attested() {
  command -v gh >/dev/null || fail '`verify: attestation` needs gh, which is not on PATH'
  [ -n "$built" ] || fail 'this commit of the action does not say which commit its binaries were built from'
  GH_HOST=github.com GH_TOKEN=$token gh attestation verify "$1" --repo tminus-dev/tminus \
    --signer-workflow tminus-dev/tminus/.github/workflows/build.yml --source-digest "$built" \
    --deny-self-hosted-runners ||
    fail 'the attestation of the binary could not be verified; nothing was run' 1
}

# If the cache cannot be written, the archive is not cached.
keep() {
  mkdir -p "${kept%/*}" 2>/dev/null && part=$(mktemp "$kept.XXXXXX" 2>/dev/null) &&
    cp "$1" "$part" 2>/dev/null && mv -f "$part" "$kept" 2>/dev/null || :
}

# Renames a folder so that the job's next step finds it. On Windows this fails while a scanner reads
# new files in it; the folder is then used under its temporary name.
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
