#!/usr/bin/env bash
# Runs what `ead-ctl launch` makes in the tools it is made for: systemd's and Kubernetes' checkers, two slurmd on this host, two
# sshd in network namespaces. usage: check-launch.sh [debug|release] [systemd] [k8s] [slurm] [ssh]
#
# A part whose tools are not here is skipped with a line that says so; --strict makes that an error. Needs root for ssh.
set -euo pipefail
cd "$(dirname "$0")/.."
configuration=debug
strict=
parts=()
for word in "$@"; do
    case $word in
    debug | release) configuration=$word ;;
    --strict) strict=yes ;;
    *) parts+=("$word") ;;
    esac
done
[ ${#parts[@]} -gt 0 ] || parts=(systemd k8s slurm ssh)
bin=$PWD/.build/$configuration
work=$(mktemp -d "${TMPDIR:-/tmp}/ead-launch.XXXXXX")
children=()
namespaces=()

cleanup() {
    local child name
    for child in "${children[@]}"; do
        kill -9 "$child" 2>/dev/null || true
        wait "$child" 2>/dev/null || true
    done
    for name in "${namespaces[@]}"; do
        # shellcheck disable=SC2046
        kill -9 $(ip netns pids "$name") 2>/dev/null || true
        ip netns del "$name" || true
    done
    rm -rf "$work"
}
trap cleanup EXIT

fail() {
    echo "check-launch: $1" >&2
    [ -z "${2:-}" ] || tail -n 25 "$2" >&2
    exit 1
}

# Whether all of these programs are here.
have() {
    local part=$1 program
    shift
    for program in "$@"; do
        if ! PATH=$PATH:/usr/sbin command -v "$program" >/dev/null; then
            [ -z "$strict" ] || fail "$part needs $program"
            echo "$part: SKIPPED, $program is not installed"
            return 1
        fi
    done
}

# Waits until a command succeeds.
wait_for() {
    local what=$1 seconds=$2
    shift 2
    for ((i = 0; i < seconds * 2; i++)); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.5
    done
    fail "$seconds s passed waiting for $what" "$work/log"
}

runs_again() { [[ $(scontrol show job "$1") == *JobState=RUNNING*Restarts=1* ]]; }

idle_hosts() { [ "$(sinfo -h -o "%D %t")" = "$1 idle" ]; }

steps() { [ "$(grep -c '"kind":"step"' "$1/run.jsonl" 2>/dev/null)" -ge "$2" ]; }

# A copy of two-hosts.yaml with keys that were made here.
make_keys() {
    rm -rf "$work/keys"
    mkdir -p "$work/keys"
    sed -n '1,/public_keys:/p' cluster/two-hosts.yaml >"$work/cluster.yaml"
    for node in controller learner worker-1 worker-2 worker-3 control; do
        "$bin/ead-ctl" keygen "$node" --directory "$work/keys" | grep -E "^ *$node:" | sed 's/^ */    /' >>"$work/cluster.yaml"
    done
}

check_systemd() {
    have systemd systemd-analyze || return 0
    mkdir "$work/units"
    make_keys
    # Unit files name commands and cluster files by absolute paths.
    "$bin/ead-ctl" launch systemd "$work/cluster.yaml" --output "$work/units" --binaries "$bin" >"$work/log"
    mv "$work/units/ead-worker@.service" "$work/units/ead-worker@worker-1.service"
    systemd-analyze verify "$work"/units/*.service >"$work/verify" 2>&1 || fail "systemd-analyze verify" "$work/verify"
    [ ! -s "$work/verify" ] || fail "systemd-analyze verify has something to say" "$work/verify"
    for unit in "$work"/units/*.service; do
        systemd-analyze security --offline=true --threshold=25 "$unit" >"$work/security" 2>&1 ||
            fail "$(basename "$unit") is exposed too much" "$work/security"
        echo "systemd: $(basename "$unit") $(tail -n 1 "$work/security" | grep -o 'exposure level.*' || true)"
    done
}

check_k8s() {
    have k8s kubernetes-validate || return 0
    make_keys
    "$bin/ead-ctl" launch k8s "$work/cluster.yaml" --image ead:test --dry-run >"$work/k8s.yaml"
    kubernetes-validate --strict "$work/k8s.yaml" >"$work/log" 2>&1 || fail "kubernetes-validate --strict" "$work/log"
    sed 's/replicas: 1/replicaz: 1/' "$work/k8s.yaml" >"$work/wrong.yaml"
    ! kubernetes-validate --strict "$work/wrong.yaml" >/dev/null 2>&1 || fail "kubernetes-validate accepts a misspelt key"
    echo "k8s: $(grep -c '^kind:' "$work/k8s.yaml") documents follow their schemas; run on no cluster"
}

check_slurm() {
    have slurm slurmctld slurmd sbatch srun scontrol || return 0
    local dir=$work/slurm run=$work/run job state host
    host=$(hostname -s)
    mkdir -p "$dir/state"
    cat >"$dir/slurm.conf" <<END
ClusterName=eadtest
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/none
CredType=cred/none
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool-%n
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd-%n.pid
SlurmctldPort=16817
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
MpiDefault=none
SlurmdTimeout=15
KillWait=5
CommunicationParameters=NoAddrCache
SwitchType=switch/none
NodeName=n0 NodeHostname=$host NodeAddr=127.0.0.1 Port=16818 CPUs=4 RealMemory=1000
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=16819 CPUs=4 RealMemory=1000
PartitionName=test Nodes=n0,n1 Default=YES MaxTime=60 State=UP
END
    export SLURM_CONF=$dir/slurm.conf
    slurmctld -D -c >"$dir/slurmctld.out" 2>&1 &
    children+=($!)
    local node
    for node in n0 n1; do
        slurmd -D -N "$node" >"$dir/$node.out" 2>&1 &
        children+=($!)
    done
    local lost=$!
    for ((i = 0; i < 120; i++)); do
        if idle_hosts 2 2>/dev/null; then break; fi
        sleep 0.5
    done
    if ! idle_hosts 2 2>/dev/null; then
        cat "$dir"/*.out >"$work/log"
        [ -z "$strict" ] || fail "two slurmd do not start" "$work/log"
        echo "slurm: SKIPPED, two slurmd do not start here: $(tail -n 1 "$work/log")"
        return 0
    fi
    local port=$((20000 + RANDOM % 10000))
    # Plaintext is for loopback, and both hosts of this Slurm are this one.
    (cd "$work" && "$bin/ead-ctl" launch slurm "$OLDPWD/cluster/quickstart.yaml" --hosts 2 --binaries "$bin" \
        --set run.steps=3 --set "run.directory=$run" --set evaluation.before=false --set evaluation.after=false \
        --set nodes.controller.endpoint=tcp://127.0.0.1:$port --set nodes.learner.endpoint=tcp://127.0.0.1:$((port + 1)) \
        --set nodes.learner.threads=1) >"$work/log"
    job=$(grep -oE '[0-9]+$' "$work/log")
    wait_for "the first step" 300 steps "$run" 1
    scontrol requeue "$job"
    echo "slurm: requeued after step 1"
    wait_for "the job to run again" 240 runs_again "$job"
    wait_for "the second step" 300 steps "$run" 2
    # The host is gone, with all that ran on it.
    kill -9 "$lost"
    wait "$lost" 2>/dev/null || true
    local process
    for process in /proc/[0-9]*; do
        if tr '\0' '\n' 2>/dev/null <"$process/environ" | grep -qx "SLURMD_NODENAME=n1"; then
            kill -9 "${process#/proc/}" 2>/dev/null || true
        fi
    done
    echo "slurm: lost host n1 after step 2"
    for ((i = 0; i < 600; i++)); do
        state=$(scontrol show job "$job" | grep -oE 'JobState=[A-Z_]+' | cut -d= -f2)
        case $state in COMPLETED | FAILED | CANCELLED | TIMEOUT | NODE_FAIL) break ;; esac
        sleep 1
    done
    cat "$work"/ead-quickstart-*.out >"$work/log"
    [ "$state" = COMPLETED ] || fail "the job ended $state" "$work/log"
    grep -q "starting it again" "$work/log" || fail "no worker was moved" "$work/log"
    [ "$(grep -c '"event":"finished"' "$run/run.jsonl")" = 1 ] || fail "the run did not finish" "$run/run.jsonl"
    local hashes
    hashes=$(grep '"kind":"step"' "$run/run.jsonl" | grep -oE '"root_hash":"[0-9a-f]{8}' | cut -d'"' -f4 | sort -u | wc -l)
    [ "$hashes" = 3 ] || fail "3 steps left $hashes different policies" "$run/run.jsonl"
    echo "slurm: $(slurmd -V), 3 steps on two hosts, finished after a requeue and a lost host"
}

check_ssh() {
    have ssh sshd ssh ssh-keygen ip || return 0
    if ! { ip netns add ead-probe && ip -n ead-probe link add cable type veth peer name other; } 2>/dev/null; then
        ip netns del ead-probe 2>/dev/null || true
        [ -z "$strict" ] || fail "ssh needs root for network namespaces"
        echo "ssh: SKIPPED, network namespaces with cables need root"
        return 0
    fi
    ip netns del ead-probe
    local one=ead-h1-$$ two=ead-h2-$$ place=$work/host dir=/var/tmp/ead-launch-$$ host
    ip netns add "$one" && ip netns add "$two"
    namespaces+=("$one" "$two")
    ip -n "$one" link add cable type veth peer name cable netns "$two"
    ip -n "$one" addr add 10.99.0.1/24 dev cable && ip -n "$two" addr add 10.99.0.2/24 dev cable
    for host in "$one" "$two"; do ip -n "$host" link set lo up && ip -n "$host" link set cable up; done
    mkdir -p "$place" "$dir" /run/sshd
    ssh-keygen -q -t ed25519 -N '' -f "$place/host_key"
    ssh-keygen -q -t ed25519 -N '' -f "$place/user_key"
    cp "$place/user_key.pub" "$place/authorized_keys"
    local name
    for name in "$one" "$two"; do
        # Each host has a disk of its own at the place of the run.
        ip netns exec "$name" unshare -m sh -c "mount -t tmpfs none $dir && exec $(PATH=$PATH:/usr/sbin command -v sshd) -D -e \
            -h $place/host_key -o AuthorizedKeysFile=$place/authorized_keys -o StrictModes=no -o UsePAM=no \
            -o PermitRootLogin=yes -o PidFile=none" 2>"$place/$name.log" &
        children+=($!)
    done
    mkdir "$work/path"
    printf '#!/bin/sh\nexec /usr/bin/ssh -F none -i %s -o StrictHostKeyChecking=no -o UserKnownHostsFile=%s -o LogLevel=ERROR "$@"\n' \
        "$place/user_key" "$place/known_hosts" >"$work/path/ssh"
    chmod +x "$work/path/ssh"
    make_keys
    sed -i "s/192.0.2.10/10.99.0.1/; s/192.0.2.20/10.99.0.2/" "$work/cluster.yaml"
    # Where things run is an overlay.
    cat >"$work/hosts.yaml" <<END
run: {steps: 2}
training: {prompts_per_step: 4, samples_per_prompt: 2}
evaluation: {before: false, after: false, every: 0}
nodes:
  workers:
    - {name: worker-1, host: 10.99.0.1, threads: 1, lanes: 8}
    - {name: worker-2, host: root@10.99.0.2, threads: 1, lanes: 8}
END
    sed -i '/worker-3: /d' "$work/cluster.yaml"
    remote() { PATH=$work/path:$PATH ip netns exec "$one" "$@"; }
    for host in 10.99.0.1 10.99.0.2; do
        wait_for "sshd on $host" 20 remote "$work/path/ssh" "$host" true
        # shellcheck disable=SC2029
        tar -C "$work" -c keys | remote "$work/path/ssh" "$host" "tar -C $dir -x"
    done
    launch() {
        remote "$bin/ead-ctl" launch ssh "$work/cluster.yaml" "$work/hosts.yaml" --set training.learning_rate=1e-6 \
            --directory "$dir" --binaries "$bin"
    }
    launch >"$work/log" || fail "launch ssh" "$work/log"
    [ "$(grep -c ': started on' "$work/log")" = 4 ] || fail "not all nodes were started" "$work/log"
    launch >"$work/log" || fail "launch ssh, again" "$work/log"
    [ "$(grep -c ': runs already on' "$work/log")" = 4 ] || fail "nodes were started twice" "$work/log"
    # A worker that is killed comes back.
    local lock=$dir/runs/two-hosts/.worker-2.lock
    wait_for "worker-2" 60 remote "$work/path/ssh" 10.99.0.2 "test -s $lock"
    remote "$work/path/ssh" 10.99.0.2 "kill -9 \$(cat $lock)"
    remote "$bin/ead-ctl" watch --cluster "$work/cluster.yaml" --cluster "$work/hosts.yaml" \
        --set training.learning_rate=1e-6 >"$work/log" 2>&1 || {
        remote "$work/path/ssh" 10.99.0.1 "tail -n 4 $dir/*.log" >>"$work/log"
        fail "the run over ssh" "$work/log"
    }
    # Whoever finished is not started again.
    for host in 10.99.0.1 10.99.0.2; do
        wait_for "the loops on $host to end" 60 remote "$work/path/ssh" "$host" \
            "for n in $dir/*.sh; do n=\$(basename \$n .sh); flock -n $dir/.\$n.launch true || exit 1; done"
    done
    # One that is refused neither.
    remote "$bin/ead-ctl" launch ssh "$work/cluster.yaml" "$work/hosts.yaml" --set training.learning_rate=1e-6 \
        --set task.path=/nowhere --set task.kind=jsonl --directory "$dir" --binaries "$bin" >"$work/log" || true
    wait_for "the refused controller to stay away" 30 remote "$work/path/ssh" 10.99.0.1 "flock -n $dir/.controller.launch true"
    remote "$bin/ead-ctl" stop --cluster "$work/cluster.yaml" >/dev/null 2>&1 || true
    echo "ssh: $(/usr/bin/ssh -V 2>&1 | cut -d, -f1), 2 steps on two hosts, with a worker that was killed"
    rmdir "$dir" 2>/dev/null || true
}

for part in "${parts[@]}"; do
    case $part in
    systemd | k8s | slurm | ssh) "check_$part" ;;
    *) fail "there is no part $part" ;;
    esac
done
