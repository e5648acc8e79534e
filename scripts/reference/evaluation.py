#!/usr/bin/env python3
"""Golden values of EADEvaluation, by brute force: every subset and every order of the responses is looked at.

Prints the JSON of Tests/EADEvaluationTests/Fixtures/statistics.json. Needs numpy.

usage: evaluation.py > Tests/EADEvaluationTests/Fixtures/statistics.json
"""
import itertools
import json
import random

import numpy as np

from sampling import key_words, philox


def numbers(seed, stream):
    """64-bit numbers of PhiloxGenerator."""
    block = 0
    while True:
        w = philox((block % 2**32, block >> 32, 0, 0), key_words(seed, stream))
        yield w[0] | w[1] << 32
        yield w[2] | w[3] << 32
        block += 1


def below(source, bound):
    product = next(source) * bound
    while product % 2**64 < (2**64 - bound) % bound:
        product = next(source) * bound
    return product >> 64


def majority(order, predictions, correct):
    """Score of the most frequent answer of an ordered draw, ties by first seen; 0 without any answer."""
    votes = {}
    for i in order:
        if predictions[i] is not None:
            votes[predictions[i]] = votes.get(predictions[i], 0) + 1
    if not votes:
        return 0.0
    best = max(votes, key=lambda answer: votes[answer])  # max keeps the first of equals
    return float(correct[predictions.index(best)])


def figures(rewards, predictions, sizes):
    n = len(rewards)
    correct = [r >= 1 for r in rewards]
    share = sum(correct) / n
    row = {"mean": float(np.mean(rewards))}
    for k in sizes:
        subsets = [[correct[i] for i in s] for s in itertools.combinations(range(n), k)]
        row[f"pass_at_{k}"] = float(np.mean([any(s) for s in subsets]))
        row[f"worst_at_{k}"] = float(np.mean([all(s) for s in subsets]))
        row[f"bootstrap_best_at_{k}"] = 1 - (1 - share) ** k
        row[f"bootstrap_worst_at_{k}"] = share**k
        orders = itertools.permutations(range(n), k)
        row[f"maj_at_{k}"] = float(np.mean([majority(o, predictions, correct) for o in orders]))
    return row


def evaluation(problems, n, seed, failures=0.0):
    rng = random.Random(seed)
    sizes = sorted({1, 2, 4, n} & set(range(1, n + 1)))
    graded, rows = [], []
    for _ in range(problems):
        answers = rng.choice([["7"], ["7", "8"], ["7", "8", "9", None], ["8", None], ["1", "2", "3", "4", "5", "7"]])
        responses = []
        for greedy in [False] * n + [True]:
            prediction = rng.choice(answers)
            right = prediction == "7"
            responses.append({
                "greedy": greedy, "prediction": prediction, "reward": float(right),
                "strict": float(right and rng.random() < 0.5), "tokens": rng.randrange(1, 30), "scored": True})
            if failures and rng.random() < failures:
                responses[-1].update(prediction=None, reward=0.0, strict=0.0, scored=False)
        drawn = [r for r in responses[:n] if r["scored"]]
        row = {}
        if drawn:
            row = figures(
                [r["reward"] for r in drawn], [r["prediction"] for r in drawn], [k for k in sizes if k <= len(drawn)])
            row["strict_mean"] = float(np.mean([r["strict"] for r in drawn]))
        row["response_tokens_mean"] = float(np.mean([r["tokens"] for r in responses[:n]]))
        if responses[n]["scored"]:
            row["greedy_accuracy"], row["strict_greedy_accuracy"] = responses[n]["reward"], responses[n]["strict"]
        graded.append(responses)
        rows.append(row)
    names = set().union(*rows)
    table = {name: np.array([row.get(name, np.nan) for row in rows]) for name in names}
    values = {name: float(np.nanmean(table[name])) for name in names}
    source = numbers(0, 0x6576616C)
    draws = np.array([[below(source, problems) for _ in range(problems)] for _ in range(2000)])
    for name in sorted(names):
        if name in ("greedy_accuracy", "mean") or name.startswith(("pass", "worst", "maj")):
            drawn = table[name][draws]
            means = np.nanmean(drawn[~np.isnan(drawn).all(axis=1)], axis=1)
            low, high = np.percentile(means, [2.5, 97.5])
            values[name + "_low"], values[name + "_high"] = float(low), float(high)
    return {"problems": graded, "values": values | {
        "problems": problems, "samples": n,
        "unscored_responses": sum(not r["scored"] for responses in graded for r in responses)}}


if __name__ == "__main__":
    cases = [evaluation(7, 7, 1), evaluation(1, 4, 2), evaluation(5, 1, 3), evaluation(12, 6, 4), evaluation(6, 5, 5, 0.3)]
    print(json.dumps(cases, indent=1, sort_keys=True))
