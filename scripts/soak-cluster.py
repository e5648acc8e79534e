#!/usr/bin/env python3
"""Kills, stops and ends the processes of small runs at random, and compares what they compute with a calm run.

EAD_CTL is a build of ead-ctl; the other binaries lie beside it. Every process that ends is started again, until the run is
finished. Rounds follow each other until the time is over; each has a seed of its own, and says it when it fails.
"""
import argparse
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("control", metavar="EAD_CTL", type=pathlib.Path)
parser.add_argument("--seconds", type=float, default=300)
parser.add_argument("--seed", type=int, default=None, help="of the first round (default: by chance)")
parser.add_argument("--steps", type=int, default=12)
parser.add_argument("--port", type=int, default=17751)
options = parser.parse_args()
nodes = ["controller", "learner", "worker-1", "worker-2"]


def settings(directory):
    (directory / "cluster.yaml").write_text(f"""
run: {{name: soak, seed: 5, steps: {options.steps}, directory: run}}
task: {{kind: add2, held_out: 8}}
training: {{prompts_per_step: 3, samples_per_prompt: 4, learning_rate: 1.0e-5, max_idle_steps: 0}}
algorithm: {{advantage: reinforce++}}
evaluation: {{before: false, after: true, samples: 2}}
sampling: {{max_tokens: 8}}
checkpoint: {{every: 4, keep: 2}}
protocol: {{heartbeat_interval: 200ms, dead_after: 2s, request_timeout: 1s, backoff: {{initial: 50ms, maximum: 500ms}}}}
nodes:
  controller: {{endpoint: "tcp://127.0.0.1:{options.port}"}}
  learner: {{endpoint: "tcp://127.0.0.1:{options.port + 1}"}}
  workers: [{{name: worker-1, lanes: 8}}, {{name: worker-2, lanes: 8}}]
""")


def hashes(directory):
    found = {}
    for line in (directory / "run" / "run.jsonl").read_text().splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if record["kind"] == "step":
            found[record["step"]] = record["notes"]["root_hash"]
    return found


class Round:
    def __init__(self, directory, dice):
        self.directory, self.dice, self.faults = directory, dice, []
        self.processes, self.due, self.stopped = {}, {node: 0.0 for node in nodes}, {}
        settings(directory)

    def start(self, node):
        log = open(self.directory / f"{node}.log", "a")
        role = node.split("-")[0]
        self.processes[node] = subprocess.Popen(
            [options.control.parent / f"ead-{role}", "--cluster", self.directory / "cluster.yaml", "--node", node],
            stdout=log, stderr=log)

    def is_finished(self):
        log = self.directory / "controller.log"
        return log.exists() and "the run is finished" in log.read_text()

    def fault(self, now):
        alive = [node for node in nodes if node in self.processes and node not in self.stopped]
        if not alive:
            return
        kind = self.dice.choice(["kill", "kill", "two", "stop", "stop", "end"])
        for node in self.dice.sample(alive, min(len(alive), 2 if kind == "two" else 1)):
            self.faults.append(kind)
            if kind == "stop":
                self.processes[node].send_signal(signal.SIGSTOP)
                self.stopped[node] = now + self.dice.uniform(0.2, 5)
            else:
                self.processes[node].send_signal(signal.SIGTERM if kind == "end" else signal.SIGKILL)

    def run(self, until, patience=900):
        """Faults come until that time; whoever has ended is started again until the run is finished and all have left."""
        begin, following = time.monotonic(), time.monotonic() + 3
        while True:
            now = time.monotonic()
            if now > begin + patience:
                raise RuntimeError(f"not finished after {patience} s and {len(self.faults)} faults")
            for node, due in list(self.stopped.items()):
                if due <= now:
                    self.processes[node].send_signal(signal.SIGCONT)
                    del self.stopped[node]
            for node, process in list(self.processes.items()):
                status = process.poll()
                if status is None:
                    continue
                del self.processes[node]
                # Fenced by a successor, told to end, killed: anything else is a fault of its own.
                if status not in (0, 75, -signal.SIGKILL):
                    raise RuntimeError(f"{node} ended with {status}")
                self.due[node] = now + self.dice.uniform(0, 1)
            if self.is_finished() and "controller" not in self.processes:
                checkpoint = self.directory / "run" / "checkpoints" / f"step-{options.steps:06}"
                if checkpoint.exists():
                    return
            for node in nodes:
                if node not in self.processes and self.due[node] <= now:
                    self.start(node)
            if self.dice and now < until and now >= following and not self.is_finished():
                self.fault(now)
                following = now + self.dice.uniform(0.2, 2.5)
            time.sleep(0.05)

    def end(self):
        for process in self.processes.values():
            process.kill()
            process.wait()


def play(directory, dice, until):
    directory.mkdir()
    played = Round(directory, dice)
    try:
        played.run(until)
        return hashes(directory), played.faults
    finally:
        played.end()


with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
    base = pathlib.Path(scratch)
    calm, _ = play(base / "calm", random.Random(0), until=0)
    print(f"calm: {options.steps} steps, {calm[options.steps - 1]}", flush=True)
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        directory = base / str(seed)
        try:
            found, faults = play(directory, random.Random(seed), until=end)
            if found != calm:
                raise RuntimeError(f"computed {found}")
        except RuntimeError as failure:
            kept = pathlib.Path(tempfile.gettempdir()) / f"ead-soak-{seed}"
            shutil.copytree(directory, kept, dirs_exist_ok=True)
            sys.exit(f"seed {seed}: {failure}; everything is in {kept}")
        counts = ", ".join(f"{faults.count(kind)} {kind}" for kind in sorted(set(faults)))
        print(f"seed {seed}: the same weights after {len(faults)} faults ({counts})", flush=True)
        shutil.rmtree(directory)
        seed += 1
