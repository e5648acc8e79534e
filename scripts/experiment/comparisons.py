"""Figures of evaluations, problem by problem, and differences of arms with intervals that hold seeds and problems."""
import math
import random

from results import decode, evaluations

ROUNDS = 4000
# The last evaluations, of which the mean is the figure at the end: single ones are noisy.
LAST = 3
# With fewer an interval says little about what another seed would have given.
SEEDS_FOR_A_VERDICT = 3


def pass_at(correct, samples, k):
    """The share of the subsets of k of the samples that hold a correct one: 1 - C(n - c, k) / C(n, k)."""
    return 1 - math.comb(samples - correct, k) / math.comb(samples, k)


def worst_at(correct, samples, k):
    """The share of the subsets of k of the samples that are correct throughout: C(c, k) / C(n, k)."""
    return math.comb(correct, k) / math.comb(samples, k)


def measured(entry, measure):
    """A figure of each problem of an evaluation: mean, pass@K, worst@K, greedy, distinct; tokens is one of all."""
    if measure in ("greedy", "distinct"):
        return [float(value) for value in decode(entry[measure])]
    counts, samples = decode(entry["correct"]), entry["samples"]
    if measure == "mean":
        return [count / samples for count in counts]
    name, k = measure.split("@")
    estimate = {"pass": pass_at, "worst": worst_at}[name]
    table = [estimate(count, samples, int(k)) for count in range(samples + 1)]
    return [table[count] for count in counts]


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def at_the_end(run, measure, law="1", on="held-out"):
    """A figure of each problem at the end of a run: the mean over its last evaluations under that law."""
    found = evaluations(run, law, on)
    if law == "1" and on == "held-out":
        steps = sorted(found)[-LAST:]
    else:
        steps = sorted(found)[-1:]
    columns = [measured(found[step], measure) for step in steps]
    return [mean(values) for values in zip(*columns)]


class Interval:
    """A mean and the central 95 % of what it would have been with other seeds and problems."""

    def __init__(self, value, low, high, seeds, problems):
        self.value, self.low, self.high, self.seeds, self.problems = value, low, high, seeds, problems

    def verdict(self):
        """Of the claim that it is above 0."""
        if self.seeds < SEEDS_FOR_A_VERDICT:
            return "undecided"
        if self.low > 0:
            return "confirmed"
        if self.high < 0:
            return "refuted"
        return "undecided"

    def text(self, scale=100, decimals=1, sign=True):
        kind = f"{'+' if sign else ''}.{decimals}f"
        return f"{self.value * scale:{kind}} ({self.low * scale:{kind}} to {self.high * scale:{kind}})"


def quantiles(values):
    ordered = sorted(values)

    def at(share):
        place = share * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (ordered[above] - ordered[below]) * (place - below)

    return at(0.025), at(0.975)


def bootstrap(per_seed, rounds=ROUNDS):
    """The mean over seeds of the means over problems: seeds are drawn with replacement, then problems of each seed.

    `per_seed` has a list of values, one for each problem, for each seed; of one seed the interval holds problems alone.
    """
    dice = random.Random(1)
    value = mean(mean(values) for values in per_seed)
    drawn = []
    for _ in range(rounds):
        seeds = dice.choices(per_seed, k=len(per_seed))
        drawn.append(sum(sum(dice.choices(values, k=len(values))) / len(values) for values in seeds) / len(seeds))
    low, high = quantiles(drawn)
    return Interval(value, low, high, len(per_seed), sum(len(values) for values in per_seed))


def paired(first, second, measure, law="1", on="held-out"):
    """First minus second at the end of the runs: of each common seed a value for each problem.

    `first` and `second` are the runs of two arms by seed.
    """
    pairs = []
    for seed in sorted(set(first) & set(second)):
        ends = []
        for run in (first[seed], second[seed]):
            own = law if evaluations(run, law, on) else "1"
            ends.append(at_the_end(run, measure, own, on))
        pairs.append([a - b for a, b in zip(*ends, strict=True)])
    return pairs


def difference(first, second, measure, law="1", on="held-out"):
    """First minus second, paired by seed and problem; None without a common seed."""
    return pooled([(first, second)], measure, law, on)


def pooled(pairs_of_arms, measure, law="1", on="held-out"):
    """The same over several pairs of arms, each seed of each pair one run with one weight; None without any."""
    pairs = [pair for first, second in pairs_of_arms for pair in paired(first, second, measure, law, on)]
    return bootstrap(pairs) if pairs else None


def crossing(run, measure, level, problems=None):
    """The first evaluation at which the mean over problems reaches a level; an `every` past the end if none does."""
    found = evaluations(run)
    steps = sorted(found)
    for step in steps:
        values = measured(found[step], measure)
        if mean(values if problems is None else (values[p] for p in problems)) >= level:
            return step
    return steps[-1] + (steps[-1] - steps[-2])


def steps_saved(first, second, measure, rounds=500):
    """How many steps fewer the first arm needs than the second to reach what the second has at its end."""
    seeds = sorted(set(first) & set(second))
    if not seeds:
        return None
    curves = {}
    for seed in seeds:
        curves[seed] = [
            [(step, measured(entry, measure)) for step, entry in sorted(evaluations(run).items())]
            for run in (first[seed], second[seed])
        ]

    def saved(seed, problems):
        def level(curve):
            return mean(mean(values[p] for p in problems) for _, values in curve[-LAST:])

        def reach(curve, goal):
            for step, values in curve:
                if mean(values[p] for p in problems) >= goal:
                    return step
            return 2 * curve[-1][0] - curve[-2][0]

        mine, other = curves[seed]
        goal = level(other)
        return reach(other, goal) - reach(mine, goal)

    def draw(dice):
        total = 0
        for seed in dice.choices(seeds, k=len(seeds)):
            count = len(curves[seed][0][0][1])
            total += saved(seed, dice.choices(range(count), k=count))
        return total / len(seeds)

    dice = random.Random(1)
    value = mean(saved(seed, range(len(curves[seed][0][0][1]))) for seed in seeds)
    low, high = quantiles([draw(dice) for _ in range(rounds)])
    return Interval(value, low, high, len(seeds), sum(len(curves[seed][0][0][1]) for seed in seeds))


def metric_difference(first, second, name):
    """First minus second of the mean of a metric over all steps, paired by seed; the interval holds seeds alone."""
    seeds = sorted(set(first) & set(second))
    if not seeds:
        return None

    def over_steps(run):
        return mean(value for _, value in run["metrics"][name])

    return bootstrap([[over_steps(first[seed]) - over_steps(second[seed])] for seed in seeds])


def at_equal_entropy(inference, k):
    """EAD minus the fixed temperature of the same mean entropy in pass@k, without training.

    Between two temperatures of the grid, figures of each problem are interpolated linearly in the entropy.
    """
    per_seed = []
    for result in inference:
        laws = {entry["law"]: entry for entry in result["evaluations"]}
        ead = laws.pop("ead")
        fixed = sorted(laws.values(), key=lambda entry: entry["entropy_sampled"])
        target = ead["entropy_sampled"]
        for below, above in zip(fixed, fixed[1:]):
            if below["entropy_sampled"] <= target <= above["entropy_sampled"]:
                break
        else:
            raise ValueError(f"no two temperatures have the entropy {target} of EAD between them")
        share = (target - below["entropy_sampled"]) / (above["entropy_sampled"] - below["entropy_sampled"])
        measure = f"pass@{k}"
        columns = (measured(entry, measure) for entry in (ead, below, above))
        per_seed.append([a - (b + share * (c - b)) for a, b, c in zip(*columns)])
    return bootstrap(per_seed) if per_seed else None
