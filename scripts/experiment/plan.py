"""What is run: the arms of cluster/experiments/arms.json with the model and the task of a definition such as countdown.json."""
import itertools
import json
import pathlib
import string

root = pathlib.Path(__file__).resolve().parent.parent.parent
folder = root / "cluster" / "experiments"
arms = json.loads((folder / "arms.json").read_text())

FIXED = ["tau-0.6", "tau-0.8", "tau-1.0", "tau-1.2"]


def definition(name, small=False):
    """The definition of that name; the small one has fewer steps, problems and arms."""
    found = json.loads((folder / f"{name}.json").read_text())
    found["name"] = name
    if small:
        parts = dict(found["small"])
        found["task"] = {**found["task"], "held_out": parts.pop("held_out")}
        found["harder"] = {**found["harder"], "held_out": found["task"]["held_out"]}
        found.update(parts)
        found["name"] = f"{name}-small"
    return found


def schedule(name, length):
    """The settings of a schedule; a value such as "1.83 L" is a multiple of the usual length of a response."""

    def value(setting, text):
        if not (isinstance(text, str) and text.endswith(" L")):
            return text
        tokens = float(text[:-2]) * length
        return round(tokens) if setting == "horizon" else round(tokens, 3)

    return {setting: value(setting, text) for setting, text in arms["schedules"][name].items()}


class Run:
    """One arm with one seed."""

    def __init__(self, chosen, algorithm, schedule_name, seed):
        self.definition, self.algorithm, self.schedule_name, self.seed = chosen, algorithm, schedule_name, seed
        self.name = f"{chosen['name']}-{algorithm}-{schedule_name}-{seed}".replace(".", "_")
        self.schedule = schedule(schedule_name, chosen["length"])
        self.steps = chosen["steps"]

    def cluster_file(self, **local):
        """The run's cluster file; `local` is what changes no result: directory, model, ports, threads."""
        chosen, algorithm = self.definition, arms["algorithms"][self.algorithm]
        return string.Template((folder / "template.yaml").read_text()).substitute(
            name=self.name,
            seed=self.seed,
            steps=self.steps,
            every=chosen["every"],
            samples=chosen["samples"],
            precision=chosen["precision"],
            max_tokens=chosen["max_tokens"],
            task=json.dumps({**chosen["task"], "seed": self.seed}),
            schedule=json.dumps(self.schedule),
            algorithm=json.dumps(algorithm["settings"]),
            training=json.dumps({**chosen["training"], **{k: v for k, v in algorithm.items() if k != "settings"}}),
            **local,
        )

    @property
    def settings(self):
        """The cluster file as far as results depend on it."""
        return self.cluster_file(directory="-", model="-", controller_port=0, learner_port=0, threads=1)


def runs(chosen, blocks=None, schedules=None, algorithms=None, seeds=None):
    """The runs in the order in which they are made: that of the plan, seed by seed, each once."""
    parts = arms["plan"]
    if "schedules" in chosen:
        parts = [{"block": "small", **{key: chosen[key] for key in ("schedules", "algorithms", "seeds")}}]
    if blocks:
        parts = [part for part in parts if part["block"] in blocks]
    if schedules or algorithms or seeds:
        whole = {key: list(dict.fromkeys(v for part in parts for v in part[key])) for key in ("schedules", "algorithms", "seeds")}
        if schedules and algorithms and seeds:
            parts = [{"schedules": schedules, "algorithms": algorithms, "seeds": seeds}]
        else:
            wanted = {
                "schedules": schedules or whole["schedules"],
                "algorithms": algorithms or whole["algorithms"],
                "seeds": seeds or whole["seeds"],
            }
            parts = [{key: [v for v in part[key] if v in wanted[key]] for key in wanted} for part in parts]
    found = {}
    for part in parts:
        for seed, algorithm, name in itertools.product(part["seeds"], part["algorithms"], part["schedules"]):
            run = Run(chosen, algorithm, name, seed)
            found.setdefault(run.name, run)
    return list(found.values())
