#!/bin/sh
# Fails when the committed protobuf-c code is not what the committed Protos/ gave: the hashes of sources and outputs in
# GENERATED must be right, and where protoc-c is installed, generating again must change nothing.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
committed=$root/Sources/CEADMessages

fail() {
    echo "check-generated: $1; run scripts/generate-protos.sh and commit the result" >&2
    exit 1
}

hashes() {
    head -n 1 "$committed/GENERATED"
    (cd "$root/Protos" && sha256sum ead/v1/*.proto)
    (cd "$committed" && sha256sum ead/v1/*.pb-c.c include/ead/v1/*.pb-c.h)
}

hashes | diff "$committed/GENERATED" - || fail "Protos/ changed, or generated code was edited by hand"
command -v protoc-c >/dev/null || exit 0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$root/scripts/generate-protos.sh" "$scratch" >/dev/null
for part in GENERATED ead include/ead/v1; do
    diff -r "$committed/$part" "$scratch/$part" || fail "$part differs from what protoc-c makes"
done
