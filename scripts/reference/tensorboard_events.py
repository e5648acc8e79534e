#!/usr/bin/env python3
"""Reads a run's event files with TensorBoard's own reader and compares them with run.jsonl.

    scripts/reference/tensorboard_events.py RUN [EVENTS]

Needs the package tensorboard. Every figure of every step and evaluation has to be there, as the 32-bit number nearest to it, in the
order of the log, and nothing else; of rollouts, where the run left some, a text per slot and a histogram of their temperatures. EVENTS
is another directory than RUN/tensorboard/run. Exit status: 0 equal, 1 not.
"""
import glob
import json
import math
import os
import struct
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

EVERYTHING = {"scalars": 0, "tensors": 0, "histograms": 0, "images": 0, "audio": 0, "compressedHistograms": 0}


def single(value):
    return struct.unpack("<f", struct.pack("<f", value))[0] if math.isfinite(value) else value


def same(one, other):
    return one == other or (math.isnan(one) and math.isnan(other))


def logged(path, last_only):
    figures = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not line.endswith("\n"):
                break
            record = json.loads(line)
            if record["kind"] == "event":
                continue
            for name, value in record.get("values", {}).items():
                key = (record["kind"] == "evaluation", name)
                steps = figures.setdefault(key, [])
                if last_only:
                    steps[:] = [pair for pair in steps if pair[0] != record["step"]]
                steps.append((record["step"], single(float(value))))
    return figures


def main():
    run = sys.argv[1]
    exported = len(sys.argv) > 2
    events = EventAccumulator(sys.argv[2] if exported else os.path.join(run, "tensorboard", "run"), EVERYTHING)
    events.Reload()
    read = {}
    for tag in events.Tags()["scalars"]:
        group, name = tag.split("/", 1)
        read[(group == "evaluation", name)] = [(item.step, item.value) for item in events.Scalars(tag)]
    expected = logged(os.path.join(run, "run.jsonl"), exported)
    wrong = sorted(set(read) ^ set(expected))
    for key in set(read) & set(expected):
        pairs = list(zip(read[key], expected[key]))
        if len(read[key]) != len(expected[key]) or not all(a[0] == b[0] and same(a[1], b[1]) for a, b in pairs):
            wrong.append(key)
    if wrong or not read:
        print("differs:", wrong[:10])
        return 1
    rollouts = sorted(glob.glob(os.path.join(run, "rollouts", "step-*.jsonl")))
    directory = os.path.join(run, "tensorboard", "rollouts")
    if rollouts and not exported:
        events = EventAccumulator(directory, EVERYTHING)
        events.Reload()
        histograms = {item.step: item.histogram_value for item in events.Histograms("rollouts/temperature")}
        for path in rollouts:
            with open(path, encoding="utf-8") as file:
                records = [json.loads(line) for line in file]
            step, temperatures = records[0]["step"], [t for record in records for t in record["temperatures"]]
            histogram = histograms[step]
            if histogram.num != len(temperatures) or abs(histogram.max - max(temperatures)) > 1e-6:
                print("differs: temperatures of step", step)
                return 1
            if sum(histogram.bucket) != len(temperatures):
                print("differs: buckets of step", step)
                return 1
            for record in records:
                if record["sample"] > 0:
                    continue
                texts = [e for e in events.Tensors(f"rollouts/slot-{record['slot']}") if e.step == step]
                text = texts[-1].tensor_proto.string_val[0].decode()
                if record["response"].split("\n")[0] not in text:
                    print("differs: text of step", step)
                    return 1
    print(f"equal: {len(read)} figures, {sum(map(len, read.values()))} values, {len(rollouts)} steps with rollouts")
    return 0


sys.exit(main())
