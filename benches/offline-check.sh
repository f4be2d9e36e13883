#!/bin/bash
# Compares `tminus check --offline` with the git commands that read the same data, in alternation, on a
# repository with a release due: `git log --format=%B LAST..HEAD`, `git status`, and with many tags
# `git describe`. Where no tag is an ancestor, because each release is on a branch of its own, compares it
# with `git tag --merged HEAD`. Also compares `tminus --version` with `git --version`. Prints medians, their
# ratio and the peak memory; exits with 1 if a ratio of processor time or the memory exceeds its limit.
#
#   benches/offline-check.sh [PROGRAM]      default: target/release/tminus
#   REPEATS=41 BAR=2.0 BRANCHES_BAR=1.0 START_BAR=2.0 MEMORY_BAR=64 COMMITS=20000 TAGS=100
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
program=$(realpath "${1:-$here/target/release/tminus}")
commits=${COMMITS:-20000} tags=${TAGS:-100}
export REPEATS=${REPEATS:-41} TAGS=$tags
export BAR=${BAR:-2.0} BRANCHES_BAR=${BRANCHES_BAR:-1.0} START_BAR=${START_BAR:-2.0} MEMORY_BAR=${MEMORY_BAR:-64}
# Ignore the machine's git configuration.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com
export GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.com
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sh "$here/benches/make-history.sh" "$commits" "$tags" "$folder/branches" beside
cd "$folder/branches"
printf 'forge: none\ngates:\n  checks-green: { required: none }\n' >tminus.yaml
git add tminus.yaml
git commit -q -m 'feat: a manifest'
git config gc.auto 0
"$program" check --offline
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
python3 - "$program" "$last" <<'PYTHON'
import os, statistics, subprocess, sys, time

program, last = sys.argv[1:]
check = [[program, "check", "--offline"]]
reads = [["git", "log", "--format=%B", f"{last}..HEAD"], ["git", "status"]]
# With fewer tags, their cost in git is negligible.
if int(os.environ["TAGS"]) >= 3000:
    reads.append(["git", "describe", "--tags", "--abbrev=0"])
merged = [["git", "tag", "--merged", "HEAD"]]


def cost(commands):
    """Wall and CPU milliseconds of some commands, one after the other, their children included, and
    the most memory that one of them took, in MiB."""
    wall = cpu = memory = 0.0
    for command in commands:
        began = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        wall += time.perf_counter() - began
        cpu += used.ru_utime + used.ru_stime
        memory = max(memory, used.ru_maxrss / 1024)
        if status != 0:
            sys.exit(f"{command} failed")
    return wall * 1000, cpu * 1000, memory


def compare(ours, theirs):
    """Medians in turns; gives the ratio of CPU time and our memory."""
    for _ in range(3):
        cost(ours), cost(theirs)
    pairs = [(cost(ours), cost(theirs)) for _ in range(int(os.environ["REPEATS"]))]
    median = lambda who, what: statistics.median(pair[who][what] for pair in pairs)
    print(f"\n{f'medians of {len(pairs)} repeats, in turns':50}      wall       cpu    memory")
    for who, commands in enumerate((ours, theirs)):
        said = " + ".join(" ".join(word.rsplit("/", 1)[-1] for word in one[:2]) for one in commands)
        print(f"{said:50} {median(who, 0):6.1f} ms {median(who, 1):6.1f} ms {median(who, 2):5.1f} MiB")
    # The ratio of each pair, so that load affects both sides.
    ratio = [statistics.median(ours[n] / theirs[n] for ours, theirs in pairs) for n in (0, 1)]
    print(f"{'ratio':50} {ratio[0]:7.2f}x  {ratio[1]:7.2f}x")
    return ratio[1], median(0, 2)


over = []
for name, bar, ours, theirs in (
    ("check", "BAR", check, reads),
    ("branches", "BRANCHES_BAR", check, merged),
    ("start", "START_BAR", [[program, "--version"]], [["git", "--version"]]),
):
    os.chdir("../branches" if name == "branches" else "../repository")
    ratio, memory = compare(ours, theirs)
    for value, bar, unit in ((ratio, os.environ[bar], "x"), (memory, os.environ["MEMORY_BAR"], " MiB")):
        if value > float(bar):
            over.append(f"{name}: {value:.2f}{unit} is over the bar of {bar}{unit}")
sys.exit("\n".join(over) or 0)
PYTHON
