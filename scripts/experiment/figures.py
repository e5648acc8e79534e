"""The figures of docs/results, from result files alone."""
import math

from chart import COLOURS, Line, Panel, svg
from comparisons import mean, measured
from plan import definition, schedule
from results import evaluations

NAMES = {
    "ead": "EAD", "ead-x20": "EAD, clock x 20", "tau-0.6": "τ = 0.6", "tau-0.8": "τ = 0.8", "tau-1.0": "τ = 1",
    "tau-1.2": "τ = 1.2", "mean-matched": "mean of EAD, constant", "step-only": "mean of EAD, step by step", "reversed": "reversed",
    "ead-half": "EAD, d₀ / 2", "ead-double": "EAD, 2 d₀", "ead-1.1": "EAD, τ max 1.1", "ead-1.3": "EAD, τ max 1.3",
}
COLOUR_OF = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(NAMES)}
MAIN = ["ead", "tau-0.6", "tau-0.8", "tau-1.0", "tau-1.2"]
CONTROLS = ["ead", "ead-x20", "step-only", "mean-matched", "reversed", "tau-1.0"]


def band(per_seed):
    """Mean, smallest and largest over the seeds; of one seed there is no band."""
    points = []
    for x in sorted(set.intersection(*(set(curve) for curve in per_seed))):
        values = [curve[x] for curve in per_seed]
        spread = len(values) > 1
        points.append((x, min(values) if spread else None, mean(values), max(values) if spread else None))
    return points


def held_out(results, algorithm, name, measure):
    """An arm's figure over steps; None without runs."""
    runs = results.arm(algorithm, name).values()
    curves = [{step: mean(measured(entry, measure)) for step, entry in evaluations(run).items()} for run in runs]
    return Line(NAMES[name], band(curves), COLOUR_OF[name]) if curves else None


def metric(results, algorithm, name, key):
    runs = results.arm(algorithm, name).values()
    curves = [dict(map(tuple, run["metrics"][key])) for run in runs if key in run["metrics"]]
    return Line(NAMES[name], band(curves), COLOUR_OF[name]) if curves else None


def present(lines):
    return [line for line in lines if line is not None]


def annealing(name):
    """Figure 1: the temperature of each token at several steps, and on both clocks."""
    chosen = definition(name)
    panels = []
    for arm in ("ead", "ead-x20"):
        settings = schedule(arm, chosen["length"])
        clock = 20 if arm == "ead-x20" else 1
        lines = []
        for place, step in enumerate((0, 20, 100, 200, chosen["steps"])):
            decay = clock * (settings["d_0"] + settings["growth"] * step)
            points = [
                (t, None, max(1 + settings["tau_max"] - math.exp(t / decay), settings["tau_min"]), None)
                for t in range(chosen["max_tokens"] + 1)
            ]
            lines.append(Line(f"step {step}", points, COLOURS[place]))
        panels.append(Panel(f"Temperature: {NAMES[arm]}", "token", "", lines, from_zero=True))
    return svg(panels)


def over_steps(results, names, measures, algorithm="grpo"):
    panels = []
    for measure, title in measures:
        lines = present(held_out(results, algorithm, name, measure) for name in names)
        panels.append(Panel(title, "step", "", lines, percent=measure != "distinct"))
    return svg(panels)


def entropy(results):
    """Figure 3: at temperature 1, and under the law that samples."""
    panels = []
    for key, title in (("entropy", "Entropy at temperature 1, nats"), ("entropy_sampled", "Entropy of the sampling law, nats")):
        names = MAIN + ["ead-x20"]
        panels.append(Panel(title, "step", "", present(metric(results, "grpo", name, key) for name in names), from_zero=True))
    return svg(panels)


def algorithms(results):
    """Figure 4: EAD and temperature 1 under each algorithm."""
    panels = []
    for algorithm, title in (("grpo", "GRPO"), ("dapo", "DAPO"), ("clip-cov", "Clip-Cov"), ("kl-cov", "KL-Cov")):
        lines = present(held_out(results, algorithm, name, "pass@16") for name in ("ead", "tau-1.0"))
        if lines:
            panels.append(Panel(f"Pass@16 under {title}", "step", "", lines, percent=True))
    return svg(panels)


def untrained(results):
    """Pass@k without training: over k, and of 16 over the mean entropy of the law."""
    laws = {}
    for result in results.inference:
        for entry in result["evaluations"]:
            laws.setdefault(entry["law"], []).append(entry)
    over_k, fixed = [], []
    for place, (law, entries) in enumerate(laws.items()):
        sizes = [k for k in (1, 2, 4, 8, 16, 32, 64) if k <= entries[0]["samples"]]
        curves = [{math.log2(k): mean(measured(entry, f"pass@{k}")) for k in sizes} for entry in entries]
        title = "EAD" if law == "ead" else f"τ = {law.removeprefix('tau-')}"
        over_k.append(Line(title, band(curves), COLOURS[place % len(COLOURS)], dashed=law != "ead"))
        point = (mean(entry["entropy_sampled"] for entry in entries), None,
                 mean(mean(measured(entry, "pass@16")) for entry in entries), None)
        if law == "ead":
            across = 0.02 * point[0]
            ead = Line("EAD", [(point[0] - across, None, point[2], None), (point[0] + across, None, point[2], None)], COLOURS[place])
        else:
            fixed.append(point)
    return svg([
        Panel("Pass@k, untrained", "log₂ k", "", over_k, percent=True),
        Panel("Pass@16, untrained", "mean entropy of the law, nats", "",
              [Line("fixed temperatures", sorted(fixed), "#7f7f7f", dashed=True), ead], percent=True),
    ])


def write(results, name, folder):
    """All figures that there is data for; returns their files with what they show."""
    folder.mkdir(parents=True, exist_ok=True)
    two = [("pass@16", "Pass@16, held out"), ("worst@16", "Worst@16, held out")]
    wanted = [("01-schedule", "The annealing schedule on both clocks", lambda: annealing(name))]
    if results.runs:
        wanted += [
            ("02-held-out", "Pass@16 and worst@16 over steps, GRPO", lambda: over_steps(results, MAIN, two)),
            ("03-entropy", "Entropy over steps, GRPO", lambda: entropy(results)),
            ("04-algorithms", "EAD and a temperature of 1 under each algorithm", lambda: algorithms(results)),
            ("05-mean", "Mean and greedy accuracy over steps, GRPO",
             lambda: over_steps(results, MAIN, [("mean", "Mean of 16, held out"), ("greedy", "Greedy, held out")])),
            ("06-controls", "What else could explain a gain: pass@16 and different correct solutions of 16",
             lambda: over_steps(results, CONTROLS, [two[0], ("distinct", "Different correct solutions per problem")])),
        ]
    if results.inference:
        wanted.append(("07-untrained", "Without training: pass@k of EAD and fixed temperatures", lambda: untrained(results)))
    written = []
    for stem, caption, draw in wanted:
        (folder / f"{stem}.svg").write_text(draw())
        written.append((f"{stem}.svg", caption))
    return written
