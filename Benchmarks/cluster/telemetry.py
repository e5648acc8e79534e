#!/usr/bin/env python3
"""Times the quickstart's steps with everything on that shows a run, and with nothing, in turn.

On: rollouts on disk and TensorBoard's files at every step, and the dashboard's endpoint, which is scraped each second. EAD_CTL is a
release build of ead-ctl. Both make the same steps; each pair of runs gives a ratio.
"""
import argparse
import json
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

root = pathlib.Path(__file__).resolve().parent.parent.parent
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("control", metavar="EAD_CTL")
parser.add_argument("--steps", type=int, default=6)
parser.add_argument("--pairs", type=int, default=3)
options = parser.parse_args()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def steps(shown, directory):
    """Seconds of each step but the first, which pays for page faults and first fetches; how often it was scraped."""
    settings = {"run.steps": options.steps, "evaluation.before": "false", "evaluation.after": "false"}
    port = free_port()
    if shown:
        settings |= {"log.tensorboard": "true", "log.rollouts.every": 1, "observe.endpoint": f"127.0.0.1:{port}"}
    command = [options.control, "up", str(root / "cluster" / "quickstart.yaml"), "--run-dir", directory]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    scrapes = 0
    while process.poll() is None:
        time.sleep(1)
        if shown:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                    scrapes += b"ead_" in answer.read()
            except OSError:
                pass  # It does not listen yet, or has ended.
    if process.returncode != 0:
        sys.exit("a run failed")
    records = map(json.loads, (pathlib.Path(directory) / "run.jsonl").read_text().splitlines())
    values = [record["values"]["step_seconds"] for record in records if record["kind"] == "step"]
    return values[1:], scrapes


ratios = []
for pair in range(options.pairs):
    means = {}
    # Whichever comes first, a drift of the machine's speed is on both sides.
    for shown in (False, True) if pair % 2 == 0 else (True, False):
        with tempfile.TemporaryDirectory() as scratch:
            values, scrapes = steps(shown, f"{scratch}/run")
            if shown and scrapes == 0:
                sys.exit("nothing was scraped")
            means[shown] = statistics.mean(values)
            print(f"{'shown  ' if shown else 'silent '} {means[shown]:.3f} s a step, {scrapes} scrapes", flush=True)
    ratios.append(means[True] / means[False])
print(f"shown against silent: {statistics.median(ratios):.3f}  range {min(ratios):.3f} - {max(ratios):.3f}")
