#!/usr/bin/env bash
# Builds and runs the tests; arguments go to `swift test`, such as --filter EADProtocolTests or -c release.
#
# Without a filter the tests of real processes run after the others: they need the cores for themselves. Whatever failed
# is repeated at the end, where a reader of a long log looks first.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
output=$(mktemp)
trap 'rm -f "$output"' EXIT

tests() {
    swift test --explicit-target-dependency-import-check error "$@" 2>&1 | tee "$output"
    local status=$?
    if [ "$status" -ne 0 ]; then
        printf '\nWhat failed:\n'
        grep -E -A 24 'recorded an issue|Caught error|error:|Fatal error' "$output" | grep -vE '^(◇|✔|--$)' | tail -n 80
        exit "$status"
    fi
}

case " $* " in
*" --filter "*) tests "$@" ;;
*)
    python3 -m unittest discover --quiet scripts/experiment/tests || exit 1
    tests "$@" --skip ClusterTests
    tests "$@" --filter ClusterTests
    ;;
esac
