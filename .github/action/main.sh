# shellcheck shell=sh disable=SC2016 # backquotes in messages are intended
# action.yml runs this script. It turns the inputs into arguments and replaces this shell with tminus, so
# that the runner's signals reach tminus. POSIX sh. It reads and writes only INPUT_ variables, because
# any other name could be a variable of the job, which tminus and its commands inherit.
set -eu

newline='
'
# If sh is bash, it imports functions from the environment, which can replace commands. A path cannot be
# the name of a function. Other shells import no functions.
case $newline$(/usr/bin/env) in
  *"$newline"BASH_FUNC_*)
    /usr/bin/printf '::error title=tminus action::%s\n' \
      'the environment contains shell functions (`BASH_FUNC_...`), which an earlier step exported'
    [ -z "${GITHUB_OUTPUT:-}" ] || /usr/bin/printf 'outcome=error\n' >>"$GITHUB_OUTPUT"
    exit 2
    ;;
esac

fail() {
  # The text must not contain an input, which could be a workflow command.
  printf '::error title=tminus action::%s\n' "$1"
  [ -z "${GITHUB_OUTPUT:-}" ] || printf 'outcome=error\n' >>"$GITHUB_OUTPUT"
  [ -z "${GITHUB_STEP_SUMMARY:-}" ] ||
    printf '## tminus: error\n\n%s\n' "$1" >>"$GITHUB_STEP_SUMMARY"
  exit "${2:-2}"
}

case $INPUT_COMMAND in
  check | plan | release | promote | status | abort) set -- "$INPUT_COMMAND" --format=github ;;
  calendar) set -- calendar ;;
  *)
    fail '`command` must be `check`, `plan`, `release`, `promote`, `status`, `abort` or `calendar`'
    ;;
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
case $INPUT_NO_ENTER in
  '' | false) ;;
  true) set -- "$@" --no-enter ;;
  *) fail '`no-enter` must be `true` or `false`' ;;
esac
case $INPUT_RESUME in
  '' | false) ;;
  true) set -- "$@" --resume ;;
  *) fail '`resume` must be `true` or `false`' ;;
esac
case $INPUT_HOLD_OK in
  '' | false) ;;
  true) set -- "$@" --hold-ok ;;
  *) fail '`hold-ok` must be `true` or `false`' ;;
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

# Converts a path so that every program on Windows accepts it. On other systems a backslash is an
# ordinary character.
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
  command -v "$INPUT_BINARY" >/dev/null || fail '`binary` does not name an executable'
else
  # Its messages go to this script's output; the last thing that it prints is the program's path.
  exec 3>&1
  INPUT_BINARY=$(
    . "$(slashes "$GITHUB_ACTION_PATH")/.github/action/install.sh" >&3
    printf %s "$tminus"
  )
  exec 3>&-
fi

export GITHUB_TOKEN="$INPUT_TOKEN" TMINUS_CHECK_RUN
if [ -n "$INPUT_ORGANIZATION_TOKEN" ]; then
  export TMINUS_ORG_TOKEN="$INPUT_ORGANIZATION_TOKEN"
fi
# tminus masks the token under the name GITHUB_TOKEN, so no copy may remain.
unset INPUT_TOKEN INPUT_ORGANIZATION_TOKEN
exec "$INPUT_BINARY" "$@"
