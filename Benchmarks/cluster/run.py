#!/usr/bin/env python3
"""Times whole GRPO steps of a local cluster: sampling, verifying, training and publishing, processes and wire included.

EAD_CTL is a release build of ead-ctl; the other binaries lie beside it.
"""
import argparse
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

here = pathlib.Path(__file__).resolve().parent
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("control", metavar="EAD_CTL")
parser.add_argument("--json", type=pathlib.Path, help="write the figures to this file, in the form of engine-bench")
options = parser.parse_args()
with tempfile.TemporaryDirectory() as scratch:
    directory = pathlib.Path(scratch)
    # Six sums of one-digit numbers and the beginning of a seventh: 64 tokens, for numbers are split into digits and
    # every space before one is a token of its own.
    dice = random.Random(1)
    with open(directory / "prompts.jsonl", "w") as prompts:
        for _ in range(65):
            pairs = [(dice.randint(1, 4), dice.randint(1, 5)) for _ in range(7)]
            text = "".join(f"{a} + {b} = {a + b}\n" for a, b in pairs[:6]) + f"{pairs[6][0]} + {pairs[6][1]} ="
            prompts.write(json.dumps({"prompt": text, "answer": str(sum(pairs[6]))}) + "\n")
    file = directory / "grpo-step.yaml"
    file.write_text((here / "grpo-step.yaml").read_text())
    process = subprocess.Popen([options.control, "up", str(file), "--run-dir", str(directory / "run")])
    resident: dict[str, int] = {}
    while process.poll() is None:
        time.sleep(0.5)
        for path in pathlib.Path("/proc").glob("[0-9]*/status"):
            try:
                fields = dict(line.split(":\t", 1) for line in path.read_text().splitlines() if ":\t" in line)
            except OSError:
                continue
            name = fields["Name"].strip()
            if name.startswith("ead-") and "VmHWM" in fields:
                resident[name] = max(resident.get(name, 0), int(fields["VmHWM"].split()[0]) * 1024)
    if process.returncode != 0:
        sys.exit("the run failed")
    steps = []
    for line in (directory / "run" / "run.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record["kind"] == "step":
            steps.append(record["values"])
# The first step pays for page faults and first fetches; the last writes the final checkpoint.
steady = steps[2:]
for name in ["step_seconds", "collecting_seconds", "training_seconds"]:
    values = sorted(step[name] for step in steady)
    print(f"{name:20} median {statistics.median(values):6.2f}  range {values[0]:.2f} - {values[-1]:.2f}")
print(f"response tokens      {statistics.mean(step['response_tokens'] for step in steady):.0f} of {8 * 8 * 64}")
print(f"groups trained       {statistics.mean(step['groups_with_advantage'] for step in steady):.1f} of 8")
print(f"logprob_diff_max     {max(step['logprob_diff_max'] for step in steps)}")
for name, size in sorted(resident.items()):
    print(f"peak memory of {name:14} {size / 1e9:.2f} GB")

if options.json:
    suffix = "8 prompts x 8, 64 + 64, bf16"
    seconds = [step["step_seconds"] for step in steady]
    tokens = [step["response_tokens"] for step in steady]
    # Learner, worker, controller and ead-ctl together.
    memory = [sum(resident.values()) / 1e9]
    figures = [
        {"name": f"{name}, {suffix}", "median": statistics.median(values), "minimum": min(values),
         "maximum": max(values), "unit": unit}
        for name, values, unit in [
            ("GRPO step", seconds, "s"), ("response tokens in a GRPO step", tokens, "tokens"),
            ("peak memory of a GRPO step", memory, "GB")]]
    options.json.write_text(json.dumps(figures, indent=1) + "\n")
