#!/usr/bin/env python3
"""Golden values of EADAlgorithms, from the published formulas in numpy and double precision.

Writes Tests/EADAlgorithmsTests/Fixtures/objective.json. Losses are computed on padded matrices with masks; gradients
are central differences of the loss in which everything that carries no gradient is frozen at the point of evaluation.
"""

import json
import pathlib

import numpy as np

FIXTURE = pathlib.Path(__file__).resolve().parents[2] / "Tests/EADAlgorithmsTests/Fixtures/objective.json"


# --- advantages -------------------------------------------------------------------------------------------------


def grpo(groups, lengths):
    out = []
    for rewards in groups:
        r = np.array(rewards)
        if len(r) == 1:
            out.append((r / (1 + 1e-6)).tolist())
        else:
            out.append(((r - r.mean()) / (r.std(ddof=1) + 1e-6)).tolist())
    return out


def per_group(rule):
    return lambda groups, lengths: [np.asarray(rule(np.array(g, dtype=float))).tolist() for g in groups]


def dr_grpo(r):
    return r if len(r) == 1 else r - r.mean()


def rloo(r):
    return r if len(r) == 1 else np.array([r[i] - np.delete(r, i).mean() for i in range(len(r))])


def whitened(groups, lengths):
    """Rewards repeated on every token, then brought to mean 0 and deviation 1 over all tokens."""
    tokens = np.concatenate([np.repeat(r, n) for g, m in zip(groups, lengths) for r, n in zip(g, m)])
    scale = np.sqrt(tokens.var(ddof=1) + 1e-8)
    return [[(r - tokens.mean()) / scale for r in g] for g in groups]


ADVANTAGES = {
    "grpo": grpo,
    "dr-grpo": per_group(dr_grpo),
    "rloo": per_group(rloo),
    "reinforce++": whitened,
    "reinforce++-baseline": lambda groups, lengths: whitened(per_group(dr_grpo)(groups, lengths), lengths),
    "raft": per_group(lambda r: np.maximum(r, 0)),
    "reinforce-rej": per_group(lambda r: r if len(set(r)) > 1 else 0 * r),
}


# --- losses: (config, frozen, logp, old, advantage, mask, selected) -> matrix ------------------------------------
# `frozen` is logp at the point of evaluation, for what carries no gradient.


def log_ratio(a, b):
    return np.clip(a - b, -20, 20)


def clipped(c, r, adv):
    return np.maximum(-adv * r, -adv * np.clip(r, 1 - c["clipLow"], 1 + c["clipHigh"]))


def vanilla(c, frozen, logp, old, adv, mask, selected):
    loss = clipped(c, np.exp(log_ratio(logp, old)), adv)
    if c["dualClip"]:
        loss = np.where(adv < 0, np.minimum(-adv * c["dualClip"], loss), loss)
    return loss


def gspo(c, frozen, logp, old, adv, mask, selected):
    mean = ((frozen - old) * mask).sum(1, keepdims=True) / mask.sum(1, keepdims=True)
    return clipped(c, np.exp(np.minimum(mean + logp - frozen, 10)), adv)


def cispo(c, frozen, logp, old, adv, mask, selected):
    return -np.clip(np.exp(log_ratio(frozen, old)), 1 - c["clipLow"], 1 + c["clipHigh"]) * adv * logp


def clip_cov(c, frozen, logp, old, adv, mask, selected):
    return clipped(c, np.exp(log_ratio(logp, old)), adv) * (1 - selected)


def kl_cov(c, frozen, logp, old, adv, mask, selected):
    return -adv * np.exp(log_ratio(logp, old)) + selected * c["covariancePenalty"] * np.abs(logp - old)


LOSSES = {"vanilla": vanilla, "gspo": gspo, "cispo": cispo, "clip-cov": clip_cov, "kl-cov": kl_cov}


def covariance(logp, adv, mask):
    valid = mask > 0
    return (adv - adv[valid].mean()) * (logp - logp[valid].mean())


def largest_covariance(c, logp, adv, mask):
    """The tokens KL-Cov chooses."""
    cov = np.where(mask > 0, covariance(logp, adv, mask), -np.inf)
    chosen = np.zeros_like(mask)
    k = max(1, int(mask.sum() * c["covarianceRatio"]))
    chosen.flat[np.argsort(-cov, axis=None, kind="stable")[:k]] = 1
    return chosen


def kl(c, frozen, logp, reference):
    """The estimate of KL(pi_theta || pi_ref), or the straight-through form of one with a plus."""
    d = np.clip(logp - reference, -20, 20)
    k2 = d**2 / 2
    value = {"k1": d, "k2": k2, "k3": np.minimum(np.exp(-d) + d - 1, 10)}[c["klEstimator"].rstrip("+")]
    if c["klEstimator"].endswith("+"):
        at = np.clip(frozen - reference, -20, 20)
        fixed = {"k1": at, "k3": np.minimum(np.exp(-at) + at - 1, 10)}[c["klEstimator"].rstrip("+")]
        return fixed + k2 - at**2 / 2
    return value


# --- correction weights ----------------------------------------------------------------------------------------


def distance(measure, ell):
    k = measure[-2:]
    return {"k1": ell, "k2": ell**2 / 2, "k3": np.exp(np.clip(ell, -20, 20)) - 1 - ell}[k]


def second_moment(squares, mask, high):
    """M2PO's masking of one response: the largest squares go until the mean of the others is low enough."""
    kept = mask.copy()
    while kept.any() and (squares * kept).sum() / kept.sum() > high:
        kept[np.where(kept > 0, squares, -1).argmax()] = 0
    return kept


def keeps(rule, old, behaviour, mask):
    """Where a rejection rule keeps the tokens."""
    if rule["measure"] == "token-m2":
        return np.stack([second_moment(row, m, rule["high"]) for row, m in zip((old - behaviour) ** 2, mask)])
    d, name = distance(rule["measure"], (old - behaviour)) * mask, rule["measure"]
    if name.startswith("seq-sum"):
        d = d.sum(1, keepdims=True)
    elif name.startswith("seq-mean"):
        d = d.sum(1, keepdims=True) / mask.sum(1, keepdims=True)
    elif name.startswith("seq-max"):
        d = np.where(mask > 0, d, -np.inf).max(1, keepdims=True)
    if name.endswith("k1"):
        kept = (np.exp(d) >= rule["low"]) & (np.exp(d) <= rule["high"])
    else:
        kept = d <= rule["high"]
    return np.broadcast_to(kept, mask.shape).astype(float)


def weights(c, old, behaviour, mask):
    rho = np.exp(log_ratio(old, behaviour))
    whole = np.exp(np.clip(((old - behaviour) * mask).sum(1, keepdims=True), -20, 20)) * np.ones_like(rho)
    low, high, kind = c["correctionLow"], c["correctionHigh"], c["correction"]
    w = {
        "none": np.ones_like(rho),
        "tempered-old": np.ones_like(rho),
        "token-truncated": np.minimum(rho, c["correctionCap"]),
        "sequence-truncated": np.minimum(whole, c["correctionCap"]),
        "token-masked": np.where((rho >= low) & (rho <= high), rho, 0),
        "sequence-masked": np.where((whole >= low) & (whole <= high), whole, 0),
    }[kind]
    for rule in c["rejections"]:
        w = w * keeps(rule, old, behaviour, mask)
    return w


# --- aggregation --------------------------------------------------------------------------------------------------


def aggregate(c, matrix, mask, totals):
    sums = (matrix * mask).sum(1)
    return {
        "token-mean": sums.sum() / totals["tokens"],
        "seq-mean-token-sum": sums.sum() / totals["sequences"],
        "seq-mean-token-mean": (sums / mask.sum(1)).sum() / totals["sequences"],
        "constant-norm": sums.sum() / totals["sequences"] / c["normTokens"],
    }[c["aggregation"]]


# --- one case -------------------------------------------------------------------------------------------------------

DEFAULTS = {
    "advantage": "grpo", "loss": "vanilla", "clipLow": 0.2, "clipHigh": 0.2, "dualClip": 3.0,
    "covarianceRatio": 0.0002, "covariancePenalty": 1.0, "aggregation": "token-mean", "normTokens": 1024,
    "correction": "none", "correctionCap": 2.0, "correctionLow": 0.5, "correctionHigh": 5.0, "rejections": [],
    "klCoefficient": 0.0, "klEstimator": "k3", "entropyCoefficient": 0.0,
}


def pad(rows):
    out = np.zeros((len(rows), max(map(len, rows))))
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


def evaluate(overrides, batch, totals):
    c = {**DEFAULTS, **overrides}
    names = ("logProbs", "oldLogProbs", "behaviourLogProbs", "referenceLogProbs", "entropies")
    logp, old, behaviour, reference, entropies = (pad(batch[k]) for k in names)
    mask = pad([[1.0] * len(row) for row in batch["logProbs"]])
    adv = np.array(batch["advantages"])[:, None] * mask
    w = weights(c, old, behaviour, mask)
    selected = pad([[float(x) for x in row] for row in batch["isSelected"]])
    base = behaviour if c["correction"] == "tempered-old" else old

    def loss(at):
        terms = LOSSES[c["loss"]](c, logp, at, base, adv, mask, selected) * w
        if c["klCoefficient"]:
            terms = terms + c["klCoefficient"] * kl(c, logp, at, reference)
        return aggregate(c, terms - c["entropyCoefficient"] * entropies, mask, totals)

    gradient, h = [], 1e-6
    for i, row in enumerate(batch["logProbs"]):
        for t in range(len(row)):
            up, down = logp.copy(), logp.copy()
            up[i, t] += h
            down[i, t] -= h
            gradient.append((loss(up) - loss(down)) / (2 * h))
    flat = mask > 0
    rho, r = np.exp(old - behaviour)[flat], np.exp(logp - old)[flat]
    metrics = {
        "ratioMean": r.mean(), "ratioMax": r.max(), "approximateKL": (old - logp)[flat].mean(),
        "approximateKLLowVariance": (r - 1 - np.log(r)).mean(), "importanceMean": rho.mean(),
        "importanceMax": rho.max(), "weightMean": w[flat].mean(),
        "effectiveSampleShare": w[flat].sum() ** 2 / max((w[flat] ** 2).sum(), 1e-300) / flat.sum(),
        "rejectedFraction": (w[flat] == 0).mean(),
    }
    return {
        "configuration": overrides, "totals": totals, "loss": loss(logp), "gradient": gradient,
        "metrics": {k: float(v) for k, v in metrics.items()},
    }


def batch(rng, lengths, spread, gap):
    """Log-probabilities that are exact in 32 bits."""
    def exact(x):
        return (np.round(np.asarray(x) * 2**16) / 2**16).tolist()

    out = {name: [] for name in (
        "logProbs", "oldLogProbs", "behaviourLogProbs", "advantages", "referenceLogProbs", "entropies", "isSelected")}
    for n in lengths:
        old = -rng.exponential(1.0, n)
        out["oldLogProbs"].append(exact(old))
        out["logProbs"].append(exact(old + spread * rng.standard_normal(n)))
        out["behaviourLogProbs"].append(exact(old + gap * rng.standard_normal(n)))
        out["advantages"].append(exact([rng.standard_normal()])[0])
        out["referenceLogProbs"].append(exact(old + 0.3 * rng.standard_normal(n)))
        out["entropies"].append(exact(rng.exponential(1.0, n)))
        out["isSelected"].append((rng.random(n) < 0.3).tolist())
    return out


def main():
    rng = np.random.default_rng(20261123)
    data = batch(rng, [7, 1, 12, 5, 3, 9], 0.5, 0.8)
    tokens, sequences = sum(map(len, data["logProbs"])), len(data["logProbs"])
    whole, part = {"tokens": tokens, "sequences": sequences}, {"tokens": 3 * tokens + 1, "sequences": 2 * sequences}
    cases = [
        ({}, whole),
        ({}, part),
        ({"clipHigh": 0.28}, whole),
        ({"dualClip": 0.0}, whole),
        ({"dualClip": 1.3}, whole),
        ({"clipLow": 0.05, "clipHigh": 0.1, "correction": "token-truncated"}, whole),
        ({"correction": "token-truncated", "correctionCap": 0.7}, part),
        ({"loss": "gspo"}, whole),
        ({"loss": "gspo", "clipLow": 3e-4, "clipHigh": 4e-4, "aggregation": "seq-mean-token-mean"}, part),
        ({"loss": "cispo", "clipHigh": 0.28, "correction": "token-truncated"}, whole),
        ({"loss": "clip-cov"}, whole),
        ({"loss": "clip-cov", "clipLow": 1.0, "clipHigh": 1.0}, part),
        ({"loss": "kl-cov"}, whole),
        ({"loss": "kl-cov", "covariancePenalty": 0.1, "correction": "token-truncated"}, part),
        ({"aggregation": "seq-mean-token-sum"}, part),
        ({"aggregation": "seq-mean-token-mean"}, whole),
        ({"aggregation": "constant-norm", "normTokens": 32}, part),
        ({"correction": "sequence-truncated"}, whole),
        ({"correction": "sequence-truncated", "correctionCap": 0.5}, part),
        ({"correction": "token-masked"}, whole),
        ({"correction": "token-masked", "correctionLow": 0.8, "correctionHigh": 1.5}, part),
        ({"correction": "sequence-masked"}, whole),
        ({"correction": "tempered-old"}, whole),
        ({"klCoefficient": 0.1, "klEstimator": "k1"}, whole),
        ({"klCoefficient": 0.1, "klEstimator": "k2"}, part),
        ({"klCoefficient": 0.1, "klEstimator": "k3"}, whole),
        ({"klCoefficient": 0.1, "klEstimator": "k1+", "aggregation": "seq-mean-token-mean"}, whole),
        ({"klCoefficient": 0.1, "klEstimator": "k3+"}, whole),
        ({"entropyCoefficient": 0.01, "aggregation": "seq-mean-token-mean"}, part),
    ]
    for measure, low, high in [
        ("token-k1", 0.6, 1.6), ("token-k2", 0, 0.2), ("token-k3", 0, 0.2), ("seq-sum-k1", 0.3, 3.0),
        ("seq-sum-k2", 0, 2.0), ("seq-sum-k3", 0, 2.0), ("seq-mean-k1", 0.8, 1.25), ("seq-mean-k2", 0, 0.3),
        ("seq-mean-k3", 0, 0.3), ("seq-max-k2", 0, 1.0), ("seq-max-k3", 0, 1.0),
        ("token-m2", 0, 0.04), ("token-m2", 0, 0.4),
    ]:
        cases.append(({"rejections": [{"measure": measure, "low": low, "high": high}]}, whole))
    cases.append(({
        "correction": "sequence-truncated", "rejections": [
            {"measure": "seq-sum-k1", "low": 0.2, "high": 5.0}, {"measure": "token-k2", "low": 0, "high": 0.5}],
    }, part))
    groups = [
        [1, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0], [0.5, -1, 2.25, 0.125, 0], [1, 0], [0.75], [0.1, 0.1, 0.1], [0],
    ]
    lengths = [rng.integers(1, 40, len(g)).tolist() for g in groups]
    ones = pad([[1.0] * len(row) for row in data["logProbs"]])
    fixture = {
        "batch": data,
        "cases": [evaluate(c, data, totals) for c, totals in cases],
        "groups": [[{"reward": r, "tokens": t} for r, t in zip(g, n)] for g, n in zip(groups, lengths)],
        "advantages": {name: f(groups, lengths) for name, f in ADVANTAGES.items()},
        "largestCovariance": {
            str(ratio): largest_covariance(
                {"covarianceRatio": ratio}, pad(data["oldLogProbs"]), np.array(data["advantages"])[:, None] * ones, ones
            )[ones > 0].astype(bool).tolist()
            for ratio in (0.0002, 0.1, 0.4)
        },
        "covariances": covariance(
            pad(data["oldLogProbs"]), np.array(data["advantages"])[:, None] * ones, ones)[ones > 0].tolist(),
    }
    FIXTURE.write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main()
