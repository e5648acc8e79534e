#!/bin/sh
# Builds and runs the tests; arguments go to `swift test`, such as --filter EADProtocolTests or -c release.
set -eu
cd "$(dirname "$0")/.."
exec swift test --explicit-target-dependency-import-check error "$@"
