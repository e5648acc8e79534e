"""Runs the experiment of cluster/experiments, resumable at any instant; finished runs in the results folder are not repeated.

An arm is a schedule with an algorithm. Several runs go on at a time, each with one thread, for in a synchronous run the
learner and the worker wait for each other. Needs a release build (`make build`).
"""
import argparse
import concurrent.futures
import datetime
import json
import os
import pathlib
import signal
import sys
import threading
import time

import plan
import results
from plan import root
from programs import Failed, Programs, Stopped
from training import Model, Training, inference


def clock(seconds):
    return f"{int(seconds) // 3600}:{int(seconds) // 60 % 60:02}:{int(seconds) % 60:02}"


class Board:
    """Says how the runs get on, and when all of them will be over."""

    EVERY = 20

    def __init__(self, waiting, known, parallel):
        self.waiting, self.parallel = len(waiting), parallel
        self.durations = list(known)
        self.fractions = {}
        self.done = 0
        self.lock = threading.Lock()

    def say(self, text):
        with self.lock:
            print(f"{datetime.datetime.now():%H:%M:%S}  {text}", flush=True)

    def estimate(self):
        """Seconds that a run takes: as those before did, else as those that are under way will; None before anything is known."""
        if self.durations:
            recent = self.durations[-8:]
            return sum(recent) / len(recent)
        going = [seconds / fraction for fraction, seconds in self.fractions.values() if fraction > 0.01]
        return sum(going) / len(going) if going else None

    def left(self):
        each = self.estimate()
        if each is None:
            return "?"
        open_share = self.waiting - self.done - sum(fraction for fraction, _ in self.fractions.values())
        return clock(each * open_share / self.parallel)

    def watch(self, training, began):
        """A function that says each twentieth step and each evaluation of a run once."""
        shown = [0]
        first = [None]

        def look():
            records = training.records()
            for record in records[shown[0] :]:
                self.show(record, training, began, first)
            shown[0] = len(records)

        return look

    def show(self, record, training, began, first):
        run, values = training.run, record.get("values", {})
        if record["kind"] == "step":
            step = record["step"] + 1
            if first[0] is None:
                first[0] = step - 1
            # What was trained before an interruption cost this session nothing.
            fraction = (step - first[0]) / max(1, run.steps - first[0])
            self.fractions[run.name] = (fraction, time.monotonic() - began)
            if step % self.EVERY == 0 or step == 1:
                self.say(
                    f"{run.name:34} {step:4}/{run.steps}  reward {values['reward']:.3f}  entropy {values['entropy']:.3f}  "
                    f"{values['step_seconds']:4.1f} s  left {self.left()}"
                )
        elif record["kind"] == "evaluation":
            count = int(values["samples"])
            self.say(
                f"{run.name:34} held out after {record['step']:3}: mean {100 * values['mean']:.1f} %, "
                f"pass@{count} {100 * values[f'pass_at_{count}']:.1f} %, greedy {100 * values['greedy_accuracy']:.1f} %"
            )

    def finished(self, run, seconds):
        with self.lock:
            self.fractions.pop(run.name, None)
            self.durations.append(seconds)
            self.done += 1


def known_durations(runs, folder):
    """How long runs of this definition took on this machine, as their result files say."""
    from training import machine

    found = []
    for run in runs:
        path = folder / f"{run.name}.json"
        if path.exists():
            result = json.loads(path.read_text())
            if result["machine"].startswith(machine()):
                found.append(result["seconds"])
    return found


def is_finished(run, folder):
    path = folder / f"{run.name}.json"
    if not path.exists():
        return False
    if json.loads(path.read_text())["settings"] != run.settings:
        sys.exit(f"{path} was made with other settings; delete it, or take cluster/experiments back to what it was")
    return True


def make_all(waiting, options, model, model_path, programs, board):
    """Makes the runs that fit, several at a time; returns those that failed."""
    began, failed = time.monotonic(), []
    queue, lock = list(waiting), threading.Lock()

    def next_run():
        with lock:
            if not queue or programs.stopping:
                return None
            spent, each = time.monotonic() - began, board.estimate() or 0
            if options.minutes and spent + each > 60 * options.minutes:
                board.say(f"{len(queue)} runs left for another time: they would not end within {options.minutes:g} minutes")
                queue.clear()
                return None
            return queue.pop(0)

    def work():
        while (run := next_run()) is not None:
            start = time.monotonic()
            training = Training(run, model, options.directory, options.threads, programs)
            try:
                training.make(model_path, options.results, board.watch(training, start))
                board.finished(run, time.monotonic() - start)
                board.say(f"{run.name:34} done in {clock(time.monotonic() - start)}; {board.done} of {board.waiting} runs")
            except Stopped:
                return
            except Failed as failure:
                failed.append(run)
                board.say(f"FAILED  {failure}")

    with concurrent.futures.ThreadPoolExecutor(options.parallel) as pool:
        workers = [pool.submit(work) for _ in range(options.parallel)]
        wait(workers)
    for worker in workers:
        worker.result()
    return failed


def wait(workers):
    """Until all are done; in short turns, so that signals are heard."""
    while not concurrent.futures.wait(workers, timeout=0.5).not_done == set():
        pass


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--definition", default="countdown", help="the model and the task: a file of cluster/experiments")
    parser.add_argument("--small", action="store_true", help="two arms and fewer steps, for the sign of the main result")
    parser.add_argument("--blocks", nargs="+", choices=list(dict.fromkeys(part["block"] for part in plan.arms["plan"])))
    parser.add_argument("--schedules", nargs="+", choices=list(plan.arms["schedules"]))
    parser.add_argument("--algorithms", nargs="+", choices=list(plan.arms["algorithms"]))
    parser.add_argument("--seeds", nargs="+", type=int)
    parser.add_argument("--minutes", type=float, help="begin no run that would not end within this time")
    parser.add_argument("--parallel", type=int, default=os.cpu_count(), help="runs at a time (default: one per core)")
    parser.add_argument("--threads", type=int, default=1, help="threads of each run")
    parser.add_argument("--plan", action="store_true", help="only say which runs there are, and which are finished")
    parser.add_argument("--model", action="store_true", help="only make the initial model")
    parser.add_argument("--inference", nargs="+", type=int, metavar="SEED", help="only the inference-time comparison, with these seeds")
    parser.add_argument("--program", type=pathlib.Path, default=root / ".build" / "release" / "ead-ctl")
    parser.add_argument("--directory", type=pathlib.Path, default=root / "runs" / "experiment")
    parser.add_argument("--results", type=pathlib.Path, help="where result files go (default: docs/results/runs; small: in the directory)")
    options = parser.parse_args()
    options.directory = options.directory.resolve()
    small_results = options.directory / "small-results"
    options.results = (options.results or (small_results if options.small else root / "docs" / "results" / "runs")).resolve()
    return options


def main():
    options = parse()
    definition = plan.definition(options.definition, options.small)
    runs = plan.runs(definition, options.blocks, options.schedules, options.algorithms, options.seeds)
    waiting = [run for run in runs if not is_finished(run, options.results)]
    if options.plan:
        for run in runs:
            print(f"{run.name:40} {'waits' if run in waiting else 'finished'}")
        return 0
    if not options.program.exists():
        sys.exit("no release build: run `make build` first")
    programs = Programs(options.program)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: programs.stop())
    board = Board(waiting, known_durations(runs, options.results), options.parallel)
    model = Model(definition, options.directory)
    board.say(f"{len(runs)} runs, {len(runs) - len(waiting)} of them finished; {options.parallel} at a time in {options.directory}")
    failed = []
    try:
        # Alone, it has the cores for itself.
        model_path = model.make(programs, 0, board.say)
        if not options.model:
            for seed in options.inference or []:
                inference(definition, model, model_path, seed, options.directory, options.threads, programs, options.results, board.say)
            if not options.inference:
                failed = make_all(waiting, options, model, model_path, programs, board)
    except Stopped:
        pass
    except Failed as failure:
        board.say(f"FAILED  {failure}")
        return 1
    if programs.stopping:
        board.say("stopped; the same command goes on here")
        return 130
    if failed:
        board.say(f"{len(failed)} runs failed: {', '.join(run.name for run in failed)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
