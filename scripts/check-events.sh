#!/usr/bin/env bash
# Trains a short run with event files, twice interrupted, and compares them with run.jsonl by TensorBoard's own reader.
# usage: check-events.sh BINARIES        skipped with a line where the Python package tensorboard is not installed
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "${1:?usage: check-events.sh BINARIES}")
python=python3
[ ! -x .build/check-tools/bin/python ] || python=.build/check-tools/bin/python
if ! "$python" -c 'import tensorboard' 2>/dev/null; then
    echo "events: SKIPPED, tensorboard is not installed"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
port=$((20000 + RANDOM % 10000))
up() {
    "$bin/ead-ctl" up cluster/quickstart.yaml --set "run.steps=$1" --set "run.directory=$work/run" --set log.tensorboard=true \
        --set log.rollouts.every=1 --set training.prompts_per_step=2 --set evaluation.samples=1 --set evaluation.problems=4 \
        --set nodes.controller.endpoint=tcp://127.0.0.1:$port --set nodes.learner.endpoint=tcp://127.0.0.1:$((port + 1)) \
        >"$work/log" 2>&1 || [ $? -eq 1 ]
    # 1: a finished run that had nothing to learn from in three steps of two problems.
}
up 2 || { tail -n 5 "$work/log"; exit 1; }
# What a crash leaves: a torn tail, and figures that never came.
for file in "$work"/run/tensorboard/*/events.out.tfevents.*; do truncate -s -7 "$file"; done
# TensorBoard's reader passes over it.
if "$python" scripts/reference/tensorboard_events.py "$work/run" >/dev/null 2>&1; then
    echo "events: a torn file is equal to the log" >&2
    exit 1
fi
up 3 || { tail -n 5 "$work/log"; exit 1; }
"$python" scripts/reference/tensorboard_events.py "$work/run" 2>"$work/log" || { cat "$work/log"; exit 1; }
"$bin/ead-ctl" export-metrics "$work/run" --to tensorboard --output "$work/events"
"$python" scripts/reference/tensorboard_events.py "$work/run" "$work/events" 2>/dev/null
if "$python" -c 'import pandas' 2>/dev/null; then
    "$bin/ead-ctl" export-metrics "$work/run" --to csv --output "$work/run.csv"
    "$bin/ead-ctl" export-metrics "$work/run" --to jsonl --output "$work/lines.jsonl"
    "$python" - "$work" <<'END'
import sys
import pandas
csv, lines = pandas.read_csv(sys.argv[1] + "/run.csv"), pandas.read_json(sys.argv[1] + "/lines.jsonl", lines=True)
steps = csv[csv.kind == "step"]
assert list(steps.step) == [0, 1, 2] and steps.reward.notna().all(), csv
for name in lines.columns:
    same = lines[name].isna() & csv[name].isna() | (lines[name] == csv[name]) if name == "kind" else \
        lines[name].isna() & csv[name].isna() | ((lines[name] - csv[name]).abs() <= 1e-12 * (1 + csv[name].abs()))
    assert same.all() or name == "time", name
print(f"events: csv and jsonl agree, {len(csv)} rows of {len(csv.columns)} columns")
END
fi
