#!/bin/sh
# Makes sure that the Swift toolchain and the Debian packages are here; installs missing packages, with sudo if needed.
set -eu

packages="libzmq3-dev libprotobuf-c-dev libzstd-dev"

fail() {
    echo "install-system: $1" >&2
    exit 1
}

command -v swift >/dev/null 2>&1 || fail "swift is missing: install a Swift 6.2 or newer toolchain and put it on PATH"
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
major=${version%%.*}
minor=${version#*.}
if [ "${major:-0}" -lt 6 ] || { [ "$major" -eq 6 ] && [ "${minor:-0}" -lt 2 ]; }; then
    fail "Swift ${version:-of unknown version} is too old: 6.2 or newer is needed"
fi

free=$(df -Pk . | awk 'NR == 2 { print $4 }')
[ "${free:-0}" -ge 4194304 ] || fail "less than 4 GiB free here; the build and a run's checkpoints need them"

missing=""
for package in $packages; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null 2>&1 || fail "please install:$missing (this is not a Debian system)"
if [ "$(id -u)" -eq 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1; then
    as_root="sudo"
else
    fail "please install as root: apt-get install$missing"
fi
echo "installing$missing${as_root:+ (asks for your password)}"
log=$(mktemp)
# shellcheck disable=SC2086
if ! { $as_root apt-get update -q && $as_root apt-get install -y -q --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    fail "could not install$missing; is there a network?"
fi
rm -f "$log"
