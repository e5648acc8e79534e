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
# The hashes of what came out let a machine without protoc-c see an edit by hand.
{
    echo "$wanted"
    sha256sum ead/v1/*.proto
    (cd "$target" && sha256sum ead/v1/*.pb-c.c include/ead/v1/*.pb-c.h)
} >"$target/GENERATED"
echo "generated the code of $(grep -c "\.proto$" "$target/GENERATED") files with $wanted"
