#!/usr/bin/env bash
# Installs the Debian package in a chroot of nothing but Debian, uses it, and removes it.
# usage: check-package.sh PACKAGE.deb        needs root, debootstrap and a Debian mirror; skipped with a line without them
set -euo pipefail
cd "$(dirname "$0")/.."
package=$(realpath "${1:?usage: check-package.sh PACKAGE.deb}")
if [ "$(id -u)" -ne 0 ] || ! PATH=$PATH:/usr/sbin command -v debootstrap >/dev/null; then
    echo "package: SKIPPED, debootstrap is not installed or this is not root"
    exit 0
fi
if command -v hadolint >/dev/null; then
    hadolint Containerfile && echo "package: hadolint finds nothing in Containerfile; no image is built here"
fi
root=$(mktemp -d "${TMPDIR:-/tmp}/ead-chroot.XXXXXX")
cleanup() {
    umount "$root/proc" 2>/dev/null || true
    rm -rf "$root"
}
trap cleanup EXIT
mirror=$(grep -rhoE 'https?://[^ ]*/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | tr -d ' ' | grep -v snapshot | head -n 1 || true)
# Without one, debootstrap has its own.
if ! PATH=$PATH:/usr/sbin debootstrap --variant=minbase bookworm "$root" ${mirror:+"$mirror"} >"$root.log" 2>&1; then
    tail -n 3 "$root.log"
    echo "package: SKIPPED, debootstrap reaches no mirror"
    exit 0
fi
rm -f "$root.log"
mount -t proc proc "$root/proc"
cp /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
cp "$package" "$root/ead.deb"
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
find "$root/usr" "$root/etc" | sort >"$root.before"
inside apt-get update -q >/dev/null
inside apt-get install -y -q --no-install-recommends /ead.deb >"$root.log" 2>&1 || { tail -n 10 "$root.log"; exit 1; }
! inside sh -c 'command -v swift' || { echo "package: there is a Swift toolchain in the chroot" >&2; exit 1; }
inside ead-ctl --version
inside ead-ctl validate --quiet /usr/share/ead/cluster/quickstart.yaml
mkdir -p "$root/root/.cache/ead"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ead
cp "$cache/SmolLM2-135M-Instruct.Q4_1.gguf" "$cache/asdiv.jsonl" "$root/root/.cache/ead/"
port=$((20000 + RANDOM % 10000))
inside ead-ctl up /usr/share/ead/cluster/quickstart.yaml --set run.steps=1 --set run.directory=/root/run \
    --set evaluation.before=false --set evaluation.after=false --set training.prompts_per_step=4 \
    --set nodes.controller.endpoint=tcp://127.0.0.1:$port --set nodes.learner.endpoint=tcp://127.0.0.1:$((port + 1)) \
    >"$root.log" 2>&1 || { tail -n 10 "$root.log"; exit 1; }
grep -q "finished 1 steps" "$root.log" || { tail -n 10 "$root.log"; exit 1; }
inside apt-get purge -y -q ead >/dev/null 2>&1
if find "$root" -mindepth 1 -path "$root/root" -prune -o -path "$root/proc" -prune -o -name 'ead*' -not -name ead.deb -print | grep -v /var/; then
    echo "package: these are left after its removal" >&2
    exit 1
fi
rm -f "$root.before" "$root.log"
echo "package: $(basename "$package") installed in a bare Debian 12, one step trained, removed without a trace"
