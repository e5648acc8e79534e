"""Makes what a definition needs: its model, its runs, and the answers of untrained policies."""
import hashlib
import json
import os
import platform
import shutil
import subprocess
import time

import results
from plan import folder, root
from programs import Failed


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def newest_checkpoint(directory):
    found = sorted(path for path in (directory / "checkpoints").glob("step-*") if "." not in path.name)
    return found[-1] if found else None


def machine():
    """What the figures were made on."""
    name = platform.machine()
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            name = line.split(":", 1)[1].strip()
            break
    return f"{name}, {os.cpu_count()} cores"


def commit():
    found = subprocess.run(["git", "-C", root, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return found.stdout.strip()


def flags(settings):
    """Settings of a cluster file as options of ead-ctl."""
    return [word for key, value in settings.items() for word in (f"--{key.replace('_', '-')}", str(value))]


class Model:
    """The policy that every run begins with: demonstrations, and a model of random weights fine-tuned on them."""

    def __init__(self, definition, directory):
        self.definition = definition
        # Other settings are another model.
        text = json.dumps([definition["model"], definition["precision"]], sort_keys=True)
        self.directory = directory / f"model-{hashlib.sha256(text.encode()).hexdigest()[:8]}"

    def make(self, programs, threads, say):
        """The directory of its checkpoint; made once."""
        settings = self.definition["model"]
        if "path" in settings:
            return settings["path"]
        done = self.directory / "done.json"
        if not done.exists():
            self.directory.mkdir(parents=True, exist_ok=True)
            log = self.directory / "log"
            lines = self.directory / "demonstrations.jsonl"
            began = time.monotonic()
            say("writing demonstrations")
            programs.run(["task", "write", *flags(settings["demonstrations"]), "--output", lines], log)
            say(f"training the initial model; its progress is in {log}")
            tuned = self.directory / "tuned"
            origin = ["--from-config", folder / settings["config"]] if "config" in settings else [
                "--model", os.path.expanduser(settings["base"])
            ]
            programs.run(
                [
                    "finetune", *origin, "--data", lines, "--output", tuned, "--threads", threads,
                    "--precision", self.definition["precision"], *flags(settings["finetune"]),
                ],
                log,
            )
            checkpoint = newest_checkpoint(tuned)
            done.write_text(
                json.dumps(
                    {
                        "checkpoint": str(checkpoint),
                        "sha256": sha256(checkpoint / "model.safetensors"),
                        "seconds": round(time.monotonic() - began),
                    }
                )
            )
        return json.loads(done.read_text())["checkpoint"]

    @property
    def sha256(self):
        if "path" in self.definition["model"]:
            return None
        return json.loads((self.directory / "done.json").read_text())["sha256"]


class Training:
    """A run on this machine, from where it stands to its result file."""

    def __init__(self, run, model, directory, threads, programs):
        self.run, self.model, self.threads, self.programs = run, model, threads, programs
        self.directory = directory / run.name
        self.log = self.directory / "up.log"

    # What the run log says

    def records(self):
        """The lines of the run log so far; one that is being written is left for the next look."""
        log = self.directory / "run.jsonl"
        lines = log.read_text().split("\n")[:-1] if log.exists() else []
        return [json.loads(line) for line in lines]

    def steps(self):
        """The figures of each step; of one that was trained again those of the last time."""
        found = {}
        for record in self.records():
            if record["kind"] == "step":
                found[record["step"]] = record["values"]
        return [found[step] for step in sorted(found) if step < self.run.steps]

    def is_trained(self):
        events = [record.get("notes", {}).get("event") for record in self.records()]
        return [event for event in events if event in ("finished", "rewound")][-1:] == ["finished"]

    # From the beginning to the end

    def make(self, model_path, results_folder, watch):
        """Trains, has checkpoints answer, and writes the result."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.check_settings()
        if not self.is_trained():
            self.train(model_path, watch)
        entries = self.planned_evaluations()
        entries += self.later_evaluations(model_path)
        self.write(entries, results_folder)
        shutil.rmtree(self.directory / "checkpoints")

    def check_settings(self):
        kept = self.directory / "settings.yaml"
        if kept.exists() and kept.read_text() != self.run.settings:
            raise Failed(f"{self.directory} was begun with other settings; delete it to begin again")
        kept.write_text(self.run.settings)

    def train(self, model_path, watch):
        file = self.directory.with_suffix(".yaml")
        # Addresses may change from one start to the next: another program may have taken them.
        file.write_text(
            self.run.cluster_file(
                directory=self.directory, model=model_path, threads=self.threads,
                controller_port=self.programs.port(), learner_port=self.programs.port(),
            )
        )
        # 1: finished, and something is to be said about the run.
        self.programs.run(["up", file], self.log, watch, good=(0, 1))
        if not self.is_trained():
            raise Failed(f"{self.run.name} did not finish; see {self.log}")

    def planned_evaluations(self):
        """Those that the run made itself: at temperature 1."""
        entries = []
        for file in sorted((self.directory / "evaluations").glob("step-*.jsonl")):
            step = int(file.stem.removeprefix("step-"))
            if step <= self.run.steps:
                entries.append({"step": step, "law": "1", "on": "held-out", **results.graded(open(file))})
        return entries

    def later_evaluations(self, model_path):
        """The arm's own schedule at some steps, and harder problems after the last one."""
        chosen, run = self.run.definition, self.run
        one = {"kind": "constant", "temperature": 1}
        wanted = [(step, "own", "held-out", run.schedule, chosen["task"]) for step in chosen["own_law_at"]]
        if run.schedule.get("temperature") == 1:
            wanted = []
        wanted.append((run.steps, "1", "harder", one, {**chosen["task"], **chosen["harder"]}))
        entries = []
        for step, law, on, schedule, task in wanted:
            output = self.directory / f"answers-{step:06}-{law}-{on}.jsonl"
            if not output.exists():
                checkpoint = self.directory / "checkpoints" / f"step-{step:06}"
                answer(self.programs, self.log, output, chosen, task, schedule, run.seed, chosen["samples"], self.threads,
                       ["--checkpoint", checkpoint, "--model", model_path, "--step", step])
            entries.append({"step": step, "law": law, "on": on, **results.graded(open(output))})
        return entries

    def write(self, entries, results_folder):
        run, steps = self.run, self.steps()
        last = self.directory / "checkpoints" / f"step-{run.steps:06}" / "model.safetensors"
        sampled = [values["response_tokens"] * values["groups_sampled"] / run.definition["training"]["prompts_per_step"]
                   for values in steps]
        result = {
            "kind": "run",
            "definition": run.definition["name"],
            "run": run.name,
            "algorithm": run.algorithm,
            "schedule": run.schedule_name,
            "seed": run.seed,
            "steps": len(steps),
            "settings": run.settings,
            "initial_sha256": self.model.sha256,
            "final_sha256": sha256(last),
            "logprob_diff_max": max((values["logprob_diff_max"] for values in steps if "logprob_diff_max" in values), default=None),
            "steps_compared": sum("logprob_diff_max" in values for values in steps),
            "sampled_tokens": round(sum(sampled)),
            "seconds": round(sum(values["step_seconds"] for values in steps)),
            "commit": commit(),
            "machine": f"{machine()}, {self.threads} threads",
            "evaluations": entries,
            "metrics": results.thinned(steps),
        }
        results.write(result, results_folder / f"{run.name}.json")


def answer(programs, log, output, definition, task, schedule, seed, samples, threads, model):
    """Has a policy answer held-out problems, alone; the responses go to `output`, which is whole or not there."""
    task_flags = {"task": task["kind"], "held_out": task["held_out"], "task_seed": seed}
    if "difficulty" in task:
        task_flags["difficulty"] = task["difficulty"]
    programs.run(
        [
            "eval", *flags(task_flags), *flags(schedule), "--samples", samples, "--greedy", "--seed", seed,
            "--max-tokens", definition["max_tokens"], "--precision", definition["precision"], "--threads", threads,
            "--output", output, *model,
        ],
        log,
    )


def inference(definition, model, model_path, seed, directory, threads, programs, results_folder, say):
    """How the untrained policy answers under EAD and under fixed temperatures, with the mean entropy of each law."""
    from plan import Run

    chosen, laws = definition["inference"], []
    place = directory / f"{definition['name']}-inference-{seed}"
    place.mkdir(parents=True, exist_ok=True)
    names = [("ead", None)] + [(f"tau-{temperature}", temperature) for temperature in chosen["temperatures"]]
    for name, temperature in names:
        run = Run(definition, "grpo", "ead" if temperature is None else "tau-1.0", seed)
        if temperature is not None:
            run.schedule = {"kind": "constant", "temperature": temperature}
        say(f"inference, seed {seed}: {name}")
        output = place / f"{name}.jsonl"
        if not output.exists():
            answer(programs, place / "log", output, definition, definition["task"], run.schedule, seed, chosen["samples"],
                   threads, ["--model", model_path])
        # One step of training says how uncertain the law was, token by token.
        run.name, run.steps = f"entropy-{name}".replace(".", "_"), 1
        run.definition = {**definition, "every": 1, "samples": 1, "task": {**definition["task"], "held_out": 1}}
        training = Training(run, model, place, threads, programs)
        if not training.is_trained():
            training.directory.mkdir(exist_ok=True)
            training.train(model_path, lambda: None)
        values = training.steps()[0]
        laws.append({
            "law": name, "temperature": temperature, "entropy_sampled": values["entropy_sampled"],
            "entropy": values["entropy"], "temperature_mean": values["temperature_mean"], **results.graded(open(output)),
        })
    results.write(
        {
            "kind": "inference", "definition": definition["name"], "seed": seed, "initial_sha256": model.sha256,
            "commit": commit(), "machine": machine(), "evaluations": laws,
        },
        results_folder / f"{definition['name']}-inference-{seed}.json",
    )
