"""What the paper claims, as differences that are above 0 where it is right; stated before the first run.

cluster/experiments/README.md says the same in words, and a test compares the two.
"""
from plan import FIXED
from comparisons import at_equal_entropy, at_the_end, difference, mean, metric_difference, pooled, steps_saved

ALGORITHMS = ["dapo", "clip-cov", "kl-cov"]


def best_fixed(results, measure, algorithm="grpo"):
    """The fixed temperature whose arm ends highest, over the seeds that all of them have; None without any."""
    arms = {name: results.arm(algorithm, name) for name in FIXED}
    arms = {name: runs for name, runs in arms.items() if runs}
    if not arms:
        return None
    seeds = set.intersection(*(set(runs) for runs in arms.values()))
    if not seeds:
        return None
    return max(arms, key=lambda name: mean(mean(at_the_end(arms[name][seed], measure)) for seed in seeds))


class Hypothesis:
    """A claim, and the difference that decides it."""

    def __init__(self, number, claim, measure, evaluate, scale=100, unit="points", decimals=1):
        self.number, self.claim, self.measure, self.evaluate = number, claim, measure, evaluate
        self.scale, self.unit, self.decimals = scale, unit, decimals

    def interval(self, results):
        """None while the runs are not there."""
        return self.evaluate(results)


def against_best(measure, compare=difference):
    def evaluate(results):
        best = best_fixed(results, measure)
        return compare(results.arm("grpo", "ead"), results.arm("grpo", best), measure) if best else None

    return evaluate


def against(first, second, measure, **where):
    """Two arms, each an algorithm with a schedule."""
    return lambda results: difference(results.arm(*first), results.arm(*second), measure, **where)


EAD = ("grpo", "ead")

HYPOTHESES = [
    Hypothesis("H1", "EAD ends above the best fixed temperature", "pass@16", against_best("pass@16")),
    Hypothesis("H2", "and so it does in the worst of 16", "worst@16", against_best("worst@16")),
    Hypothesis("H3", "and in the mean", "mean", against_best("mean")),
    Hypothesis(
        "H4", "EAD reaches what the best fixed temperature has at its end in fewer steps", "pass@16",
        against_best("pass@16", steps_saved), scale=1, unit="steps",
    ),
    Hypothesis(
        "H5", "EAD keeps the policy more uncertain than a fixed temperature of 1", "entropy at temperature 1, mean over steps",
        lambda results: metric_difference(results.arm(*EAD), results.arm("grpo", "tau-1.0"), "entropy"),
        scale=1, unit="nats", decimals=3,
    ),
    Hypothesis(
        "H6", "it is the shape within a response: EAD ends above the same mean temperature everywhere", "pass@16",
        against(EAD, ("grpo", "mean-matched"), "pass@16"),
    ),
    Hypothesis(
        "H7", "it is not the change over steps: EAD ends above the step's mean temperature at each step", "pass@16",
        against(EAD, ("grpo", "step-only"), "pass@16"),
    ),
    Hypothesis(
        "H8", "heating up in the place of cooling down is worse than a fixed temperature of 1", "pass@16",
        against(("grpo", "tau-1.0"), ("grpo", "reversed"), "pass@16"),
    ),
    Hypothesis(
        "H9", "with truncated importance weights EAD ends above EAD without", "pass@16",
        against(EAD, ("grpo-uncorrected", "ead"), "pass@16"),
    ),
    Hypothesis(
        "H10", "with the clock of the published code, too, it ends above a fixed temperature of 1", "pass@16",
        against(("grpo", "ead-x20"), ("grpo", "tau-1.0"), "pass@16"),
    ),
    *(
        Hypothesis(
            f"H{11 + place}", f"under {name} EAD ends above a fixed temperature of 1", "pass@16",
            against((name, "ead"), (name, "tau-1.0"), "pass@16"),
        )
        for place, name in enumerate(ALGORITHMS)
    ),
    Hypothesis(
        "H14", "what EAD learns carries over to harder problems: it ends above a fixed temperature of 1 there", "pass@16, harder",
        against(EAD, ("grpo", "tau-1.0"), "pass@16", on="harder"),
    ),
    Hypothesis(
        "H15", "each arm sampled by its own law, EAD ends above the best fixed temperature", "mean, own law",
        lambda results: (best := best_fixed(results, "mean")) and difference(
            results.arm(*EAD), results.arm("grpo", best), "mean", law="own"
        ),
    ),
    Hypothesis(
        "H16", "untrained, EAD finds more than a fixed temperature of the same mean entropy: of 16", "pass@16, untrained",
        lambda results: at_equal_entropy(results.inference, 16),
    ),
    Hypothesis(
        "H17", "and of 64", "pass@64, untrained", lambda results: at_equal_entropy(results.inference, 64),
    ),
    Hypothesis(
        "H18", "samples of the newest policy pay: EAD ends above EAD that samples while it trains, up to two steps behind", "mean",
        against(EAD, ("grpo-stale", "ead"), "mean"),
    ),
]


def under_every_algorithm(measure):
    """EAD against a temperature of 1, all algorithms together."""

    def evaluate(results):
        arms = [tuple(results.arm(name, law) for law in ("ead", "tau-1.0")) for name in ["grpo", *ALGORITHMS]]
        return pooled(arms, measure) if all(first and second for first, second in arms) else None

    return evaluate


# Asked when results were there already: no verdict can come of them.
AFTERWARDS = [
    Hypothesis(
        f"A{1 + place}", "under all four algorithms together EAD ends above a fixed temperature of 1", measure,
        under_every_algorithm(measure),
    )
    for place, measure in enumerate(["pass@16", "mean", "worst@16"])
]
