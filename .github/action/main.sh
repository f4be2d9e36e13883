# shellcheck shell=sh disable=SC2016 # backquotes in messages are meant
# What action.yml runs: from inputs to one tminus, which takes this shell's place, so that the
# runner's signals reach it. POSIX sh, sourced with -eu; inputs come as INPUT_ variables.

newline='
'
# A bash that is called sh takes functions from the environment, under the names of commands; a
# path cannot be such a name. Other shells pass none on.
case $newline$(/usr/bin/env) in
  *"$newline"BASH_FUNC_*)
    /usr/bin/printf '::error title=tminus action::%s\n' \
      'the environment holds shell functions (`BASH_FUNC_...`), which a step before this one exported'
    exit 2
    ;;
esac

fail() {
  # The text is ours alone: an input in it could be a workflow command.
  printf '::error title=tminus action::%s\n' "$1"
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

rest=$INPUT_REPORT$newline
while [ -n "$rest" ]; do
  line=${rest%%"$newline"*}
  rest=${rest#*"$newline"}
  [ -z "$line" ] || set -- "$@" "--report=$line"
done

if [ -n "$INPUT_POST" ]; then
  if [ "$FROM_FORK" = true ]; then
    echo '::notice title=tminus action::nothing is posted: the token of a pull request from a fork is read-only'
  else
    set -- "$@" "--post=$INPUT_POST"
  fi
fi

if [ -n "$INPUT_BINARY" ]; then
  tminus=$INPUT_BINARY
  command -v "$tminus" >/dev/null || fail '`binary` names nothing that can be run'
else
  . "$GITHUB_ACTION_PATH/.github/action/install.sh"
fi

export GITHUB_TOKEN="$INPUT_TOKEN" TMINUS_CHECK_RUN
# Under the one name that tminus takes out of what it prints.
unset INPUT_TOKEN
exec "$tminus" "$@"
