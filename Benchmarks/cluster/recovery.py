#!/usr/bin/env python3
"""Measures how soon a role is of use again that was killed and started again at once.

EAD_CTL is a release build of ead-ctl; the other binaries lie beside it. The learner is killed with so many steps in its
journal that no checkpoint covers; it has a checkpoint of its own before them.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("control", metavar="EAD_CTL", type=pathlib.Path)
parser.add_argument("--model", type=pathlib.Path, help="a GGUF file (default: that of the quickstart)")
parser.add_argument("--journal", type=int, default=6, help="steps in the learner's journal")
parser.add_argument("--port", type=int, default=17741)
options = parser.parse_args()
every = options.journal + 1

with tempfile.TemporaryDirectory() as scratch:
    directory = pathlib.Path(scratch)
    file = directory / "cluster.yaml"
    model = f"path: {options.model.resolve()}" if options.model else "precision: bf16"
    file.write_text(f"""
run: {{name: recovery, steps: 100000, directory: run}}
model: {{{model}}}
task: {{kind: add2, held_out: 0}}
training: {{prompts_per_step: 4, samples_per_prompt: 8, learning_rate: 1.0e-7}}
evaluation: {{before: false, after: false}}
sampling: {{max_tokens: 24}}
checkpoint: {{every: {every}}}
nodes:
  controller: {{endpoint: "tcp://127.0.0.1:{options.port}"}}
  learner: {{endpoint: "tcp://127.0.0.1:{options.port + 1}", threads: 2}}
  workers: [{{name: worker, threads: 1}}]
""")
    processes = {}

    def start(node):
        log = open(directory / f"{node}.log", "a")
        processes[node] = subprocess.Popen(
            [options.control.parent / f"ead-{node}", "--cluster", file], stdout=log, stderr=log)

    def status():
        answer = subprocess.run(
            [options.control, "status", "--cluster", file, "--json"], capture_output=True, text=True)
        return json.loads(answer.stdout) if answer.stdout else None

    def wait(what, until, patience=600):
        begin = time.monotonic()
        while time.monotonic() < begin + patience:
            for node, process in processes.items():
                if process.poll() is not None:
                    sys.exit(f"{node} ended:\n" + (directory / f"{node}.log").read_text()[-2000:])
            told = status()
            if told and until(told):
                return
            time.sleep(0.05)
        sys.exit(f"waited in vain for {what}: {told}")

    def member(told, node):
        return next((row for row in told["members"] if row["node"] == node and row["health"] == "alive"), None)

    def is_back(told, node):
        row = member(told, node)
        return row and row["process"].endswith(f":{processes[node].pid}")

    for node in ["controller", "learner", "worker"]:
        start(node)
    # A checkpoint, and as many steps behind it as will fit before the next.
    wait("the journal to fill", lambda told: told["step"] >= every + options.journal)

    def measure(node, marks):
        processes[node].kill()
        processes[node].wait()
        begin = time.monotonic()
        start(node)
        for what, until in marks:
            wait(what, until)
            print(f"{node}: {what} after {time.monotonic() - begin:.1f} s", flush=True)

    step = status()["step"]
    measure("learner", [
        ("member again", lambda told: is_back(told, "learner")),
        ("takes groups or trains", lambda told: is_back(told, "learner") and (
            member(told, "learner")["activity"] in ["training", "collecting"] or told["groupsAccepted"] > 0)),
        ("trains the next step", lambda told: told["step"] > step),
    ])
    measure("worker", [
        ("member again", lambda told: is_back(told, "worker")),
        ("samples", lambda told: is_back(told, "worker") and member(told, "worker")["activity"] == "generating"),
    ])
    measure("controller", [
        ("answers", lambda told: True),
        ("has learner and worker again", lambda told: member(told, "learner") and member(told, "worker")),
    ])
    for process in processes.values():
        process.terminate()
    for process in processes.values():
        process.wait()
