#!/bin/bash
# Measures `tminus check --offline` against the git commands that read the same: `git log
# --format=%B LAST..HEAD` and `git status`, in turns, on a repository of 20,000 commits and 100
# tags with a release due. Prints medians and their ratio; exits with 1 when the CPU ratio is over
# the bar.
#
#   benches/offline-check.sh [PROGRAM]      default: target/release/tminus
#   REPEATS=41 BAR=2.0 COMMITS=20000 TAGS=100
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
program=$(realpath "${1:-$here/target/release/tminus}")
commits=${COMMITS:-20000} tags=${TAGS:-100}
export REPEATS=${REPEATS:-41} BAR=${BAR:-2.0}
# Nothing of the machine's own configuration takes part.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com
export GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.com
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sh "$here/benches/make-history.sh" "$commits" "$tags" "$folder/repository"
cd "$folder/repository"
last=$(git describe --tags --abbrev=0)
next="${last#v}"
next="${next%%.*}.$(($(echo "$next" | cut -d. -f2) + 1)).0"
printf '[package]\nname = "widget"\nversion = "%s"\n' "$next" >Cargo.toml
printf '# Changelog\n\n## [%s] - 2020-01-10\n\n### Added\n\n- Something.\n' "$next" >CHANGELOG.md
printf 'forge: none\nversion:\n  files: [Cargo.toml]\n' >tminus.yaml
printf 'gates:\n  checks-green: { required: none }\n' >>tminus.yaml
git add Cargo.toml CHANGELOG.md tminus.yaml
git commit -q -m "chore: prepare $next"
"$program" check --offline
git config gc.auto 0
exec python3 - "$program" "$last" <<'PYTHON'
import os, statistics, subprocess, sys, time

program, last = sys.argv[1:]
ours = [[program, "check", "--offline"]]
theirs = [["git", "log", "--format=%B", f"{last}..HEAD"], ["git", "status"]]


def cost(commands):
    """Wall and CPU milliseconds of some commands, one after the other, their children included."""
    wall = cpu = 0.0
    for command in commands:
        began = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        wall += time.perf_counter() - began
        cpu += used.ru_utime + used.ru_stime
        if status != 0:
            sys.exit(f"{command} failed")
    return wall * 1000, cpu * 1000


for warm in range(3):
    cost(ours), cost(theirs)
pairs = [(cost(ours), cost(theirs)) for _ in range(int(os.environ["REPEATS"]))]
median = lambda who, what: statistics.median(pair[who][what] for pair in pairs)
print(f"\nmedians of {len(pairs)} repeats, in turns      wall       cpu")
print(f"tminus check --offline            {median(0, 0):8.1f} ms {median(0, 1):8.1f} ms")
print(f"git log LAST..HEAD + git status   {median(1, 0):8.1f} ms {median(1, 1):8.1f} ms")
# Of each pair, so that a busy moment weighs on both sides.
ratio = [statistics.median(ours[n] / theirs[n] for ours, theirs in pairs) for n in (0, 1)]
print(f"ratio                             {ratio[0]:8.2f}x   {ratio[1]:8.2f}x")
bar = float(os.environ["BAR"])
if ratio[1] > bar:
    sys.exit(f"over the bar of {bar}x")
PYTHON
