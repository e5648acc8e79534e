#!/bin/sh
# Every check that is not a test; run it before committing (`make hooks` lets git do it).
set -eu
cd "$(dirname "$0")/.."
fail() {
    echo "check: $1" >&2
    exit 1
}

swift format lint --strict --recursive Package.swift Sources Tests Benchmarks
scripts/check-layers.sh
scripts/check-generated.sh
scripts/check-dead.py
for script in scripts/*.sh .ci/run; do bash -n "$script"; done
if command -v shellcheck >/dev/null; then shellcheck scripts/*.sh .ci/run; else echo "check: shellcheck is not installed, skipped"; fi
# Every unchecked promise has its reason in the documentation.
grep -rhoE "(class|struct|enum) [A-Za-z]+: @unchecked Sendable" Sources | awk '{ print $2 }' | tr -d ':' | while read -r type; do
    grep -q "^| \`$type\` |" docs/concurrency.md || fail "$type is @unchecked Sendable without a reason in docs/concurrency.md"
done
if git ls-files | grep -E '(^|/)(\.build/|Package\.resolved$)|\.gguf$|\.whl$'; then
    fail "these files must not be committed"
fi
echo "checks passed"
