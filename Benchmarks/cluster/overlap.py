#!/usr/bin/env python3
"""Steps per hour of the quickstart for several staleness bounds, learner and worker pinned to a core each.

BIN is the directory of a build. One run per bound, one after the other: on a machine that others use only ratios mean anything.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("bin", metavar="BIN", type=pathlib.Path)
parser.add_argument("--bounds", type=int, nargs="+", default=[0, 1, 2])
parser.add_argument("--steps", type=int, default=12)
parser.add_argument("--skip", type=int, default=3, help="steps before the first that is timed")
parser.add_argument("--cores", type=int, nargs=2, default=[0, 1], help="of the learner, and of the worker")
parser.add_argument("--port", type=int, default=17771)
parser.add_argument("--replay", action="store_true", help="replay each run afterwards")
options = parser.parse_args()
quickstart = pathlib.Path(__file__).resolve().parents[2] / "cluster" / "quickstart.yaml"


def settings(bound, run):
    text = quickstart.read_text()
    for pattern, value in [
        (r"steps: \d+", f"steps: {options.steps}"), (r"directory: .*", f"directory: {run}"),
        (r"before: true", "before: false"), (r"after: true", "after: false"),
        (r":17701", f":{options.port}"), (r":17702", f":{options.port + 1}"),
        (r"    threads: 2\n", "    threads: 1\n"), (r"    - name: worker-2\n", ""),
        (r"    - name: worker-1\n", "    - {name: worker-1, threads: 1}\n"),
        (r"training:\n", f"training:\n  staleness_bound: {bound}\n"),
        (r"nodes:\n", "journal: {keep: all}\n\nnodes:\n"),
    ]:
        text, count = re.subn(pattern, value, text)
        assert count == 1, f"the quickstart has {count} times {pattern}"
    return text


def measure(bound, directory):
    run = directory / f"bound-{bound}"
    file = directory / f"bound-{bound}.yaml"
    file.write_text(settings(bound, run))
    processes = []
    for role, cores in [("controller", None), ("learner", options.cores[0]), ("worker", options.cores[1])]:
        pin = [] if cores is None else ["taskset", "-c", str(cores)]
        node = ["--node", "worker-1"] if role == "worker" else []
        log = open(directory / f"{role}-{bound}.log", "w")
        processes.append(
            subprocess.Popen(
                pin + [str(options.bin / f"ead-{role}"), "--cluster", str(file)] + node, stdout=log, stderr=log))
    for process in processes:
        if process.wait() != 0:
            for other in processes:
                other.kill()
            sys.exit(f"a process of bound {bound} failed:\n" + (directory / f"learner-{bound}.log").read_text()[-2000:])
    steps = [r for r in map(json.loads, (run / "run.jsonl").read_text().splitlines()) if r["kind"] == "step"]
    seconds = (steps[-1]["time"] - steps[options.skip - 1]["time"]) / (len(steps) - options.skip)
    if options.replay:
        subprocess.run([str(options.bin / "ead-ctl"), "replay", str(run)], check=True, stdout=subprocess.DEVNULL)
    rewards = [step["values"]["reward"] for step in steps[options.skip:]]
    return seconds, sum(rewards) / len(rewards)


with tempfile.TemporaryDirectory() as place:
    base = None
    print("bound  s/step  steps/h  ratio  mean reward" + ("  replayed" if options.replay else ""))
    for bound in options.bounds:
        seconds, reward = measure(bound, pathlib.Path(place))
        base = base or seconds
        print(
            f"{bound:5}  {seconds:6.2f}  {3600 / seconds:7.0f}  {base / seconds:5.2f}  {reward:11.3f}"
            + ("  equal" if options.replay else ""), flush=True)
