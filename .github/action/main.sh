# shellcheck shell=sh disable=SC2016 # backquotes in messages are meant
# What action.yml runs: from inputs to one tminus, which takes this shell's place, so that the
# runner's signals reach it. POSIX sh; inputs come as INPUT_ variables, and what is worked out is kept
# in those: a variable under another name could be one of the job's, which tminus and what it runs see.
set -eu

newline='
'
# A bash that is called sh takes functions from the environment, under the names of commands; a
# path cannot be such a name. Other shells pass none on.
case $newline$(/usr/bin/env) in
  *"$newline"BASH_FUNC_*)
    /usr/bin/printf '::error title=tminus action::%s\n' \
      'the environment holds shell functions (`BASH_FUNC_...`), which a step before this one exported'
    [ -z "${GITHUB_OUTPUT:-}" ] || /usr/bin/printf 'outcome=error\n' >>"$GITHUB_OUTPUT"
    exit 2
    ;;
esac

fail() {
  # The text is ours alone: an input in it could be a workflow command.
  printf '::error title=tminus action::%s\n' "$1"
  [ -z "${GITHUB_OUTPUT:-}" ] || printf 'outcome=error\n' >>"$GITHUB_OUTPUT"
  [ -z "${GITHUB_STEP_SUMMARY:-}" ] ||
    printf '## tminus: error\n\n%s\n' "$1" >>"$GITHUB_STEP_SUMMARY"
  exit "${2:-2}"
}

case $INPUT_COMMAND in
  check | plan | release | status | abort) set -- "$INPUT_COMMAND" --format=github ;;
  *) fail '`command` must be `check`, `plan`, `release`, `status` or `abort`' ;;
esac

set -- "$@" \
  ${INPUT_WORKING_DIRECTORY:+"--directory=$INPUT_WORKING_DIRECTORY"} \
  ${INPUT_MANIFEST:+"--manifest=$INPUT_MANIFEST"} \
  ${INPUT_THROUGH:+"--through=$INPUT_THROUGH"} \
  ${INPUT_VERSION:+"--version=$INPUT_VERSION"} \
  ${INPUT_BRANCH:+"--branch=$INPUT_BRANCH"} \
  ${INPUT_PR:+"--pr=$INPUT_PR"}

case $INPUT_WAIT in
  '' | false) ;;
  true) set -- "$@" --wait ;;
  *) set -- "$@" "--wait=$INPUT_WAIT" ;;
esac
case $INPUT_EXPECT_RELEASE in
  '' | false) ;;
  true) set -- "$@" --expect-release ;;
  *) fail '`expect-release` must be `true` or `false`' ;;
esac
case $INPUT_TAKE_OVER in
  '' | false) ;;
  true) set -- "$@" --take-over ;;
  *) fail '`take-over` must be `true` or `false`' ;;
esac

INPUT_REPORT=$INPUT_REPORT$newline
while [ -n "$INPUT_REPORT" ]; do
  case $INPUT_REPORT in
    "$newline"*) ;;
    *) set -- "$@" "--report=${INPUT_REPORT%%"$newline"*}" ;;
  esac
  INPUT_REPORT=${INPUT_REPORT#*"$newline"}
done

[ -z "$INPUT_POST" ] || set -- "$@" "--post=$INPUT_POST"

# A path that every program on Windows takes, Git's and the system's own. Elsewhere a backslash is a
# letter like others.
slashes() {
  while [ "$RUNNER_OS" = Windows ]; do
    case $1 in
      *"\\"*) set -- "${1%%"\\"*}/${1#*"\\"}" ;;
      *) break ;;
    esac
  done
  printf %s "$1"
}

if [ -n "$INPUT_BINARY" ]; then
  INPUT_BINARY=$(slashes "$INPUT_BINARY")
  command -v "$INPUT_BINARY" >/dev/null || fail '`binary` names nothing that can be run'
else
  # What it says goes where this says things; what it prints last is the program.
  exec 3>&1
  INPUT_BINARY=$(
    . "$(slashes "$GITHUB_ACTION_PATH")/.github/action/install.sh" >&3
    printf %s "$tminus"
  )
  exec 3>&-
fi

export GITHUB_TOKEN="$INPUT_TOKEN" TMINUS_CHECK_RUN
# Under the one name that tminus takes out of what it prints.
unset INPUT_TOKEN
exec "$INPUT_BINARY" "$@"
