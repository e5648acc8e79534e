#!/bin/bash
# The run Small_run as one job. Made by ead-ctl launch slurm.
#SBATCH --job-name=ead-Small_run
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=4
#SBATCH --requeue
#SBATCH --no-kill
#SBATCH --open-mode=append
#SBATCH --output=ead-Small_run-%j.out
#SBATCH --signal=B:TERM@120
set -u
mapfile -t hosts < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
head=${hosts[0]}
options=(--cluster /etc/ead/cluster.yaml --set run.steps=2 --set 'sampling.stop=["it'\''s $HOME %i"]' --set "nodes.controller.endpoint=tcp://$head:7001" --set nodes.controller.bind=tcp://0.0.0.0:7001 --set "nodes.learner.endpoint=tcp://$head:7002" --set nodes.learner.bind=tcp://0.0.0.0:7002)

# A step that fails is started again, a worker on the next host; not one that finished or is refused.
node() {
    local name=$1 place=$2 moves=$3 threads=$4 command=$5 status step=
    trap '[ -z "$step" ] || kill -TERM "$step"; leaving=1' TERM
    leaving=
    while :; do
        srun --overlap --nodes=1 --ntasks=1 --nodelist="${hosts[place % ${#hosts[@]}]}" \
            --cpus-per-task="$threads" --job-name="$name" "$command" "${options[@]}" --node "$name" &
        step=$!
        wait "$step"
        status=$?
        # A signal ends the first wait, and the step somewhat later.
        while kill -0 "$step" 2>/dev/null; do
            wait "$step"
            status=$?
        done
        case $status in
        0 | 64 | 65 | 75 | 78) return "$status" ;;
        esac
        [ -z "$leaving" ] || return "$status"
        echo "$name ended with $status on ${hosts[place % ${#hosts[@]}]}; starting it again"
        [ "$moves" = fixed ] || place=$((place + 1))
        sleep 2
    done
}

trap 'kill -TERM $(jobs -p)' TERM
node learner 0 fixed 4 '/opt/my ead/bin/ead-learner' &
node w_1 1 moving 1 '/opt/my ead/bin/ead-worker' &
node w-2 2 moving 2 '/opt/my ead/bin/ead-worker' &
node controller 0 fixed 1 '/opt/my ead/bin/ead-controller' &
controller=$!
wait "$controller"
status=$?
while kill -0 "$controller" 2>/dev/null; do
    wait "$controller"
    status=$?
done
# The controller of a run that is over has told the others.
# shellcheck disable=SC2046
[ "$status" -eq 0 ] || kill -TERM $(jobs -p) 2>/dev/null
wait
exit "$status"
