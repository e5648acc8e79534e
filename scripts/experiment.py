#!/usr/bin/env python3
"""Runs the experiment of cluster/experiments: every chosen arm and seed, one run after another, resumable.

An arm is a schedule with an algorithm. Runs that are finished are not repeated; one that was interrupted goes on where
it stopped. Needs a release build (`make build`) and the assets.
"""
import argparse
import itertools
import json
import pathlib
import random
import socket
import string
import subprocess
import sys
import time

root = pathlib.Path(__file__).resolve().parent.parent
folder = root / "cluster" / "experiments"
arms = json.loads((folder / "arms.json").read_text())
control = root / ".build" / "release" / "ead-ctl"


class Run:
    """One arm with one seed, and what its run log says."""

    def __init__(self, schedule, algorithm, seed, options):
        self.schedule, self.algorithm, self.seed, self.steps = schedule, algorithm, seed, options.steps
        self.name = f"{algorithm}-{schedule}-{seed}".replace(".", "_")
        self.every = options.every
        self.directory = options.directory / self.name
        self.file = options.directory / f"{self.name}.yaml"

    def records(self):
        """The lines of the run log so far; one that is being written is left for the next look."""
        log = self.directory / "run.jsonl"
        lines = log.read_text().split("\n")[:-1] if log.exists() else []
        return [json.loads(line) for line in lines]

    def is_finished(self):
        events = [record.get("notes", {}).get("event") for record in self.records()]
        return [event for event in events if event in ("finished", "rewound")][-1:] == ["finished"]

    def write(self):
        """The cluster file; the one of an interrupted run stays as it is."""
        text = string.Template((folder / "template.yaml").read_text()).substitute(
            name=self.name,
            seed=self.seed,
            steps=self.steps,
            every=self.every,
            directory=self.directory,
            schedule=arms["schedules"][self.schedule],
            algorithm=arms["algorithms"][self.algorithm],
            mini_batches=arms["mini_batches"][self.algorithm],
            controller_port=free_port(),
            learner_port=free_port(),
        )
        if not self.file.exists():
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_text(text)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def choose(options):
    """The runs, in the order in which they are made: seeds last, so that every arm has one early."""
    if options.committed:
        chosen = [
            (schedule, algorithm, seed)
            for part in arms["committed"]
            for seed, algorithm, schedule in itertools.product(part["seeds"], part["algorithms"], part["schedules"])
        ]
        chosen.sort(key=lambda run: run[2])
    else:
        chosen = [
            (schedule, algorithm, seed)
            for seed, algorithm, schedule in itertools.product(
                options.seeds, options.algorithms, options.schedules
            )
        ]
    return [Run(*arm, options) for arm in chosen]


def clock(seconds):
    return f"{int(seconds) // 3600}:{int(seconds) // 60 % 60:02}:{int(seconds) % 60:02}"


def train(run, label, left):
    """Runs one arm to its end; `left(fraction)` is the time left after a share of this run."""
    run.write()
    run.directory.mkdir(parents=True, exist_ok=True)
    shown = 0
    with open(run.directory / "up.log", "a") as log:
        process = subprocess.Popen([control, "up", run.file], stdout=log, stderr=subprocess.STDOUT)
        try:
            while True:
                try:
                    process.wait(1)
                except subprocess.TimeoutExpired:
                    pass
                records = run.records()
                for record in records[shown:]:
                    show(record, run, label, left)
                shown = len(records)
                if process.returncode is not None:
                    break
        except KeyboardInterrupt:
            process.wait()
            sys.exit("\ninterrupted; the same command goes on here")
    if process.returncode != 0 or not run.is_finished():
        sys.exit(f"{run.name} failed; see {run.directory / 'up.log'}")


def show(record, run, label, left):
    values = record.get("values", {})
    if record["kind"] == "step":
        step = record["step"] + 1
        print(
            f"{label} {run.name:24} step {step:3}/{run.steps}  reward {values['reward']:.3f}  "
            f"{values['step_seconds']:5.1f} s  left {clock(left(step / run.steps))}",
            flush=True,
        )
    elif record["kind"] == "evaluation":
        print(
            f"{label} {run.name:24} held-out after {record['step']:3}: greedy {100 * values['greedy_accuracy']:.1f} %, "
            f"sampled {100 * values['mean']:.1f} %",
            flush=True,
        )


def percent(values):
    return f"{100 * sum(values) / len(values):.1f}"


class Scores:
    """What a finished run's responses to the held-out problems are worth, problem by problem."""

    def __init__(self, run):
        file = run.directory / "evaluations" / f"step-{run.steps:06}.jsonl"
        sampled, self.greedy = {}, {}
        for line in file.read_text().splitlines():
            record = json.loads(line)
            if record["greedy"]:
                self.greedy[record["problem"]] = record["reward"]
            else:
                sampled.setdefault(record["problem"], []).append(record["reward"])
        self.mean = {problem: sum(rewards) / len(rewards) for problem, rewards in sampled.items()}
        self.best = {problem: max(rewards) for problem, rewards in sampled.items()}
        self.worst = {problem: min(rewards) for problem, rewards in sampled.items()}


def interval(differences, rounds=2000):
    """95 % of the means of problems drawn again and again, with replacement."""
    dice = random.Random(1)
    means = sorted(sum(dice.choices(differences, k=len(differences))) / len(differences) for _ in range(rounds))
    return f"{100 * means[int(0.025 * rounds)]:+.1f} to {100 * means[int(0.975 * rounds)]:+.1f}"


def table(runs):
    """Arms in rows: held-out scores after training, and how they differ from temperature 1 on the same problems."""
    arms_found = {}
    for run in runs:
        arms_found.setdefault((run.algorithm, run.schedule), {})[run.seed] = Scores(run)
    lines = [
        "| algorithm | schedule | seeds | greedy | mean@8 | pass@8 | worst@8 | mean@8 against tau-1.0, same problems |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (algorithm, schedule), scores in sorted(arms_found.items()):
        cells = [
            percent([value for score in scores.values() for value in getattr(score, what).values()])
            for what in ("greedy", "mean", "best", "worst")
        ]
        base = arms_found.get((algorithm, "tau-1.0"), {})
        differences = [
            score.mean[problem] - base[seed].mean[problem]
            for seed, score in scores.items()
            if seed in base
            for problem in score.mean
        ]
        against = "" if schedule == "tau-1.0" or not differences else (
            f"{100 * sum(differences) / len(differences):+.1f} ({interval(differences)})"
        )
        seeds = ", ".join(str(seed) for seed in sorted(scores))
        lines.append(f"| {algorithm} | {schedule} | {seeds} | " + " | ".join(cells) + f" | {against} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schedules", nargs="+", choices=list(arms["schedules"]), default=["ead", "tau-1.0", "tau-1.2"])
    parser.add_argument("--algorithms", nargs="+", choices=list(arms["algorithms"]), default=["grpo"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--every", type=int, default=10, help="steps between evaluations")
    parser.add_argument("--minutes", type=float, help="begin no run that would not end within this time")
    parser.add_argument("--committed", action="store_true", help="the arms and seeds of docs/results")
    parser.add_argument("--directory", type=pathlib.Path, default=root / "runs" / "experiment")
    options = parser.parse_args()
    options.directory = options.directory.resolve()
    if not control.exists():
        sys.exit("no release build: run `make build` first")

    runs = choose(options)
    waiting = [run for run in runs if not run.is_finished()]
    print(f"{len(runs)} runs, {len(runs) - len(waiting)} of them finished, in {options.directory}", flush=True)
    began, durations = time.monotonic(), []
    for number, run in enumerate(waiting):
        start = time.monotonic()
        mean = sum(durations) / len(durations) if durations else 0
        if options.minutes and start - began + mean > 60 * options.minutes:
            print(f"{len(waiting) - number} runs left for another time: {options.minutes:g} minutes are over")
            break

        def left(fraction):
            own = (time.monotonic() - start) / fraction * (1 - fraction)
            each = mean or own / max(1 - fraction, 1e-9)
            return own + each * (len(waiting) - number - 1)

        train(run, f"{number + 1}/{len(waiting)}", left)
        durations.append(time.monotonic() - start)
    finished = [run for run in runs if run.is_finished()]
    if not finished:
        return
    page = options.directory / "report.html"
    figures = options.directory / "figures"
    directories = [run.directory for run in finished]
    subprocess.run([control, "report", *directories, "--output", page, "--figures", figures], check=True)
    results = options.directory / "results.md"
    results.write_text(table(finished) + "\n")
    print(f"{results.read_text()}\nreport {page}\nfigures {figures}")

main()
