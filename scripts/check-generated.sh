#!/bin/sh
# Fails when the committed protobuf-c code does not belong to the committed Protos/.
# Without protoc-c it compares the hashes of the sources; with it, also the generated code itself.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
committed=$root/Sources/CEADMessages

cd "$root/Protos"
if ! { head -n 1 "$committed/GENERATED"; sha256sum ead/v1/*.proto; } | diff "$committed/GENERATED" -; then
    echo "check-generated: Protos/ changed; run scripts/generate-protos.sh and commit the result" >&2
    exit 1
fi
if ! command -v protoc-c >/dev/null; then
    echo "check-generated: hashes agree (protoc-c is not installed, generated code not compared)"
    exit 0
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$root/scripts/generate-protos.sh" "$scratch" >/dev/null
for part in GENERATED ead include/ead/v1; do
    diff -r "$committed/$part" "$scratch/$part" || {
        echo "check-generated: $part was edited by hand or not regenerated; run scripts/generate-protos.sh" >&2
        exit 1
    }
done
echo "check-generated: generated code is current"
