#!/bin/sh
# Every check that is not a test; run it before committing.
set -eu
cd "$(dirname "$0")/.."
swift format lint --strict --recursive Package.swift Sources Tests Benchmarks
scripts/check-layers.sh
scripts/check-generated.sh
for script in scripts/*.sh .ci/run; do bash -n "$script"; done
# Every unchecked promise has its reason in the documentation.
grep -rhoE "(class|struct|enum) [A-Za-z]+: @unchecked Sendable" Sources | awk '{ print $2 }' | tr -d ':' | while read -r type; do
    grep -q "^| \`$type\` |" docs/concurrency.md || {
        echo "check: $type is @unchecked Sendable without a reason in docs/concurrency.md" >&2
        exit 1
    }
done
if git ls-files | grep -E '(^|/)(\.build/|Package\.resolved$)|\.gguf$|\.whl$'; then
    echo "check: these files must not be committed" >&2
    exit 1
fi
echo "checks passed"
