#!/bin/sh
# Regenerates Sources/CEADMessages from Protos/. Run after every change of a .proto file and commit the result.
# usage: generate-protos.sh [DIRECTORY]      DIRECTORY defaults to Sources/CEADMessages
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
target=${1:-$root/Sources/CEADMessages}
wanted="protobuf-c 1.4.1"

command -v protoc-c >/dev/null || {
    echo "generate-protos: protoc-c is missing (apt-get install protobuf-c-compiler)" >&2
    exit 1
}
# Another version may write other code, and every checkout must get the same bytes.
found=$(protoc-c --version | head -n 1)
[ "$found" = "$wanted" ] || {
    echo "generate-protos: protoc-c is '$found', but '$wanted' is pinned" >&2
    exit 1
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$root/Protos"
protoc-c -I . --c_out="$scratch" ead/v1/*.proto

rm -rf "$target/ead/v1" "$target/include/ead/v1"
mkdir -p "$target/ead/v1" "$target/include/ead/v1"
mv "$scratch"/ead/v1/*.pb-c.c "$target/ead/v1/"
mv "$scratch"/ead/v1/*.pb-c.h "$target/include/ead/v1/"
{
    echo "$wanted"
    sha256sum ead/v1/*.proto
} >"$target/GENERATED"
echo "generated $(ls "$target/ead/v1" | wc -l) files with $wanted"
