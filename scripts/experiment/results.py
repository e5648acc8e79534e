"""What is kept of a finished run: a JSON file of some kilobytes, from which every table and figure is made.

Of each evaluation it has one character per problem: how many of the samples are correct, how many different correct
solutions there are among them (both 0 to 9, a to z for 10 to 35, A to Z for 36 to 61, then + / =), and whether the greedy
response is correct.
"""
import json
import pathlib

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/="
METRICS = [
    "reward", "pass_at_k", "entropy", "entropy_sampled", "temperature_mean", "response_tokens_mean", "gradient_norm",
    "importance_mean", "importance_truncated_share", "kl_to_old", "groups_with_advantage", "step_seconds",
]
THINNING = 10


def encode(counts):
    return "".join(DIGITS[count] for count in counts)


def decode(text):
    return [DIGITS.index(digit) for digit in text]


def graded(lines):
    """The evaluation of a file of responses, problem by problem."""
    correct, greedy, solutions, tokens = {}, {}, {}, []
    samples = 0
    for record in map(json.loads, lines):
        problem, right = record["problem"], record["reward"] >= 1
        if record["greedy"]:
            greedy[problem] = int(right)
            continue
        correct[problem] = correct.get(problem, 0) + int(right)
        tokens.append(record["tokens"])
        samples = max(samples, record["sample"] + 1)
        found = solutions.setdefault(problem, set())
        if right:
            found.add(record.get("prediction"))
    problems = sorted(correct or greedy)
    evaluation = {"problems": len(problems), "samples": samples}
    if correct:
        evaluation["correct"] = encode(correct[problem] for problem in problems)
        evaluation["distinct"] = encode(len(solutions[problem]) for problem in problems)
        evaluation["tokens"] = round(sum(tokens) / len(tokens), 2)
    if greedy:
        evaluation["greedy"] = encode(greedy[problem] for problem in problems)
    return evaluation


def thinned(steps):
    """Means of the metrics over ten steps each, at the last of them; what was not measured is left out."""
    series = {}
    for first in range(0, len(steps), THINNING):
        group = steps[first : first + THINNING]
        for name in METRICS:
            values = [values[name] for values in group if name in values]
            if values:
                series.setdefault(name, []).append([first + len(group), float(f"{sum(values) / len(values):.4g}")])
    return series


def write(result, path):
    """One line for each evaluation and each metric, so that differences between versions are readable."""

    def lines(members, indent):
        pad = " " * indent
        return ",\n".join(f"{pad}{member}" for member in members)

    parts = []
    for key, value in result.items():
        if key == "evaluations":
            text = "[\n" + lines([json.dumps(entry) for entry in value], 4) + "\n  ]"
        elif key == "metrics":
            text = "{\n" + lines([f"{json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()], 4) + "\n  }"
        else:
            text = json.dumps(value)
        parts.append(f"  {json.dumps(key)}: {text}")
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text("{\n" + ",\n".join(parts) + "\n}\n")
    temporary.replace(path)


class Results:
    """The finished runs of a definition that a folder holds."""

    def __init__(self, folder, name):
        self.runs = [
            run for run in (json.loads(path.read_text()) for path in sorted(pathlib.Path(folder).glob("*.json")))
            if run["definition"] == name and run["kind"] == "run"
        ]
        self.inference = [
            run for run in (json.loads(path.read_text()) for path in sorted(pathlib.Path(folder).glob("*.json")))
            if run["definition"] == name and run["kind"] == "inference"
        ]

    def arms(self):
        """(algorithm, schedule) in the order in which they first occur in the plan."""
        return list(dict.fromkeys((run["algorithm"], run["schedule"]) for run in self.runs))

    def arm(self, algorithm, schedule):
        """The runs of an arm by seed."""
        return {
            run["seed"]: run for run in self.runs if (run["algorithm"], run["schedule"]) == (algorithm, schedule)
        }


def evaluations(run, law="1", on="held-out"):
    """The evaluations of a run under a law ("1": temperature 1, "own": the arm's schedule), by step."""
    return {
        entry["step"]: entry for entry in run["evaluations"] if (entry["law"], entry["on"]) == (law, on)
    }
