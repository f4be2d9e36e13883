#!/bin/bash
# Measures the overhead of the action's script: the time from the start of the step to the first line of
# an installed program, alternately with a shell that only runs that program. Prints medians in
# milliseconds; exits with 1 if the difference exceeds BAR.
#
#   benches/action-start.sh
#   REPEATS=101 BAR=50
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export GITHUB_ACTION_PATH=$here RUNNER_TEMP=$folder RUNNER_OS=Linux RUNNER_ARCH=X64 TMINUS_CHECK_RUN=1
# The default of each input, and the program, which prints its arguments in its first line.
while read -r variable; do
    export "$variable="
done < <(sed -n 's/^ *\(INPUT_[A-Z_]*\): .*/\1/p' "$here/action.yml" | sort -u)
export INPUT_COMMAND=check INPUT_BINARY=/bin/echo
sed -n '/id: unix/,/id: windows/s/^ *run: //p' "$here/action.yml" >"$folder/step.sh"
echo 'exec /bin/echo check' >"$folder/bare.sh"
shell=$(sed -n '/id: unix/,/id: windows/s/^ *shell: //p' "$here/action.yml")
REPEATS=${REPEATS:-101} BAR=${BAR:-50} python3 - "$shell" "$folder" <<'PYTHON'
import os, statistics, subprocess, sys, time
shell, folder = sys.argv[1:]
took = {"bare": [], "step": []}
for _ in range(int(os.environ["REPEATS"])):
    for name, times in took.items():
        began = time.perf_counter()
        command = shell.replace("{0}", f"{folder}/{name}.sh").split(" ")
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            line = child.stdout.readline()
            times.append((time.perf_counter() - began) * 1000)
        assert line.startswith(b"check"), line
bare, step = (statistics.median(times) for times in took.values())
print(f"bare shell {bare:.1f} ms, the action's {step:.1f} ms, difference {step - bare:.1f} ms")
sys.exit(step - bare > float(os.environ["BAR"]))
PYTHON
