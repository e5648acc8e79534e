#!/bin/sh
# Starts every node of the run Small_run on its host, over ssh. Made by ead-ctl launch ssh.
#
# Each host has the secret keys of its own nodes in ead/Small_run/keys. A node that fails is started again, but not one
# that is refused. To end the run: ead-ctl stop.
set -eu
failed=0
on() {
    ssh -o BatchMode=yes -- "$1" sh -s || {
        echo "launch: $1 failed" >&2
        failed=1
    }
}

on 10.0.0.1 <<'EAD_HOST'
set -eu
umask 077
mkdir -p -- ead/Small_run
cd -- ead/Small_run
cat >cluster-1.yaml <<'EAD_FILE'
run: {name: Small_run, steps: 3, directory: out}
task: {kind: add2, held_out: 0}
sampling: {max_tokens: 8}
training: {prompts_per_step: 2, samples_per_prompt: 2, learning_rate: 1.0e-6}
evaluation: {before: false, after: false}
nodes:
  controller: {endpoint: "tcp://10.0.0.1:7001", bind: "tcp://0.0.0.0:7001"}
  learner: {endpoint: "tcp://10.0.0.1:7002", bind: "tcp://0.0.0.0:7002", threads: 4}
  workers:
    - {name: w_1, host: 10.0.0.1}
    - {name: w-2, threads: 2, host: ada@node2}
security:
  mode: curve
  public_keys:
    controller: "I/PH&}RK}L?v(gKQiW!a/H0>9qcCa)/+^[L@(Kv&"
    learner: "5jm=ZdsRarzl>q1}M$x5/C>l..:%y<tF)](.4m$!"
    w_1: "-PWX6]M7vsoVu72/W#0k]S2Pvr&1[1[0iL&*O/xE"
    w-2: "AGT#]1&Lbkk#tz(&e6KxsBpdQ4Q%<KW@Ka)(y.(l"
    control: "-BW@+Kl4}TLZfgw31R([]JLL/9G:(v+w:z!vY5ET"
EAD_FILE
cat >controller.sh <<'EAD_NODE'
while :; do
    status=0
    ead-controller --cluster cluster-1.yaml --set run.steps=2 --set 'sampling.stop=["it'\''s $HOME %i"]' --node controller || status=$?
    case $status in
    0 | 64 | 65 | 75 | 78) exit $status ;;
    esac
    sleep 2
done
EAD_NODE
if flock -n .controller.launch true; then
    setsid flock -n .controller.launch sh controller.sh </dev/null >>controller.log 2>&1 &
    echo "controller: started on $(hostname)"
else
    echo "controller: runs already on $(hostname)"
fi
cat >learner.sh <<'EAD_NODE'
while :; do
    status=0
    ead-learner --cluster cluster-1.yaml --set run.steps=2 --set 'sampling.stop=["it'\''s $HOME %i"]' --node learner || status=$?
    case $status in
    0 | 64 | 65 | 75 | 78) exit $status ;;
    esac
    sleep 2
done
EAD_NODE
if flock -n .learner.launch true; then
    setsid flock -n .learner.launch sh learner.sh </dev/null >>learner.log 2>&1 &
    echo "learner: started on $(hostname)"
else
    echo "learner: runs already on $(hostname)"
fi
cat >w_1.sh <<'EAD_NODE'
while :; do
    status=0
    ead-worker --cluster cluster-1.yaml --set run.steps=2 --set 'sampling.stop=["it'\''s $HOME %i"]' --node w_1 || status=$?
    case $status in
    0 | 64 | 65 | 75 | 78) exit $status ;;
    esac
    sleep 2
done
EAD_NODE
if flock -n .w_1.launch true; then
    setsid flock -n .w_1.launch sh w_1.sh </dev/null >>w_1.log 2>&1 &
    echo "w_1: started on $(hostname)"
else
    echo "w_1: runs already on $(hostname)"
fi
EAD_HOST

on ada@node2 <<'EAD_HOST'
set -eu
umask 077
mkdir -p -- ead/Small_run
cd -- ead/Small_run
cat >cluster-1.yaml <<'EAD_FILE'
run: {name: Small_run, steps: 3, directory: out}
task: {kind: add2, held_out: 0}
sampling: {max_tokens: 8}
training: {prompts_per_step: 2, samples_per_prompt: 2, learning_rate: 1.0e-6}
evaluation: {before: false, after: false}
nodes:
  controller: {endpoint: "tcp://10.0.0.1:7001", bind: "tcp://0.0.0.0:7001"}
  learner: {endpoint: "tcp://10.0.0.1:7002", bind: "tcp://0.0.0.0:7002", threads: 4}
  workers:
    - {name: w_1, host: 10.0.0.1}
    - {name: w-2, threads: 2, host: ada@node2}
security:
  mode: curve
  public_keys:
    controller: "I/PH&}RK}L?v(gKQiW!a/H0>9qcCa)/+^[L@(Kv&"
    learner: "5jm=ZdsRarzl>q1}M$x5/C>l..:%y<tF)](.4m$!"
    w_1: "-PWX6]M7vsoVu72/W#0k]S2Pvr&1[1[0iL&*O/xE"
    w-2: "AGT#]1&Lbkk#tz(&e6KxsBpdQ4Q%<KW@Ka)(y.(l"
    control: "-BW@+Kl4}TLZfgw31R([]JLL/9G:(v+w:z!vY5ET"
EAD_FILE
cat >w-2.sh <<'EAD_NODE'
while :; do
    status=0
    ead-worker --cluster cluster-1.yaml --set run.steps=2 --set 'sampling.stop=["it'\''s $HOME %i"]' --node w-2 || status=$?
    case $status in
    0 | 64 | 65 | 75 | 78) exit $status ;;
    esac
    sleep 2
done
EAD_NODE
if flock -n .w-2.launch true; then
    setsid flock -n .w-2.launch sh w-2.sh </dev/null >>w-2.log 2>&1 &
    echo "w-2: started on $(hostname)"
else
    echo "w-2: runs already on $(hostname)"
fi
EAD_HOST

exit $failed
