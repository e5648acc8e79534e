#!/usr/bin/env python3
"""Compares the golden values of EADAlgorithms with verl itself.

    pip download --no-deps verl==0.9.1
    python scripts/reference/verl_oracle.py verl-0.9.1-py3-none-any.whl

Runs verl's core_algos and rollout_corr_helper on the batch of objective.json and prints, for every case, the largest
difference of loss and gradient. Needs torch, numpy and omegaconf; whatever else verl imports is replaced by mocks.
"""

import importlib.abc
import importlib.machinery
import json
import pathlib
import sys
from types import SimpleNamespace
from unittest.mock import MagicMock

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import algorithms


class Mocks(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for every module that is not installed."""

    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = MagicMock(name=spec.name)
        module.__path__ = []
        return module

    def exec_module(self, module):
        pass


class Part:
    """A verl configuration: attributes with defaults, and dictionary access."""

    def __init__(self, **fields):
        self.__dict__.update(fields)

    def get(self, name, default=None):
        return getattr(self, name, default)


def load(wheel):
    """verl's two modules, with its heavy packages replaced."""
    sys.path.insert(0, wheel)
    for name in ("verl", "verl.trainer", "verl.trainer.ppo", "verl.utils"):
        module = type(sys)(name)
        module.__path__ = [f"{wheel}/{name.replace('.', '/')}"]
        sys.modules[name] = module
    config, workers = type(sys)("verl.trainer.config"), type(sys)("verl.workers.config")
    config.AlgoConfig = type("AlgoConfig", (), {})
    workers.ActorConfig = Part
    config.__path__ = workers.__path__ = []
    sys.modules["verl.trainer.config"], sys.modules["verl.workers.config"] = config, workers
    sys.modules["verl.workers"] = type(sys)("verl.workers")
    sys.meta_path.append(Mocks())
    import verl.utils.groupwise as groupwise

    sys.modules["verl.utils"].as_torch_index = groupwise.as_torch_index
    sys.modules["verl.utils"].group_mean_std = groupwise.group_mean_std
    import verl.trainer.ppo.core_algos as core
    import verl.trainer.ppo.rollout_corr_helper as correction

    return core, correction


MODES = {"constant-norm": "seq-mean-token-sum-norm"}


def evaluate(core, correction, case, batch):
    """Loss and gradient of one case by verl, or the reason why verl has no such case."""
    c = {**algorithms.DEFAULTS, **case["configuration"]}
    if c["loss"] == "clip-cov":
        return "verl chooses the tokens itself"
    if c["loss"] == "kl-cov":
        return "verl chooses the tokens itself"
    if c["entropyCoefficient"]:
        return "verl's actor adds the bonus"
    matrix = lambda name: torch.tensor(algorithms.pad(batch[name]), dtype=torch.float64)
    logp, old, behaviour, reference = map(
        matrix, ("logProbs", "oldLogProbs", "behaviourLogProbs", "referenceLogProbs"))
    logp.requires_grad_()
    mask = torch.tensor(algorithms.pad([[1.0] * len(r) for r in batch["logProbs"]]), dtype=torch.float64)
    advantages = torch.tensor(batch["advantages"], dtype=torch.float64)[:, None] * mask
    weights, kept = None, mask
    if c["correction"] not in ("none", "tempered-old"):
        level, kind = c["correction"].split("-")
        bounds = f"{c['correctionLow']}_{c['correctionHigh']}"
        weights, _ = correction.compute_rollout_correction_weights(
            (old - behaviour) * mask, mask, rollout_is=level,
            rollout_is_threshold=c["correctionCap"] if kind == "truncated" else bounds)
    for rule in c["rejections"]:
        name = rule["measure"].replace("-", "_")
        bounds = f"{1 / rule['high']}_{1 / rule['low']}" if name.endswith("k1") else str(rule["high"])
        keeps, _ = correction.compute_rollout_rejection_mask((old - behaviour) * mask, mask, name, bounds)
        kept = kept * keeps
    if c["rejections"]:
        weights = kept * (1 if weights is None else weights)
    totals = case["totals"]
    aggregation = dict(
        batch_num_tokens=totals["tokens"], global_batch_size=totals["sequences"], loss_scale_factor=c["normTokens"])
    config = Part(
        clip_ratio=None, clip_ratio_low=c["clipLow"], clip_ratio_high=c["clipHigh"],
        clip_ratio_c=c["dualClip"] or 1e30, global_batch_info=aggregation, policy_loss=None)
    mode = MODES.get(c["aggregation"], c["aggregation"])
    base = behaviour if c["correction"] == "tempered-old" else old
    loss, _ = core.get_policy_loss_fn(c["loss"])(
        old_log_prob=base, log_prob=logp, advantages=advantages, response_mask=mask, loss_agg_mode=mode,
        config=config, rollout_is_weights=weights)
    if c["klCoefficient"]:
        kld = core.kl_penalty(logp, reference, c["klEstimator"])
        loss = loss + c["klCoefficient"] * core.agg_loss(kld, mask, mode, **aggregation)
    loss.backward()
    return loss.item(), logp.grad[mask > 0].numpy()


def advantages(core, golden):
    """The largest difference of every advantage verl has."""
    rewards = [r["reward"] for g in golden["groups"] for r in g]
    lengths = [r["tokens"] for g in golden["groups"] for r in g]
    index = np.array([i for i, g in enumerate(golden["groups"]) for _ in g])
    mask = torch.tensor(algorithms.pad([[1.0] * n for n in lengths]), dtype=torch.float64)
    scores = torch.zeros_like(mask)
    scores[range(len(rewards)), [n - 1 for n in lengths]] = torch.tensor(rewards, dtype=torch.float64)
    common = dict(token_level_rewards=scores.clone(), response_mask=mask, index=index)
    results = {
        "grpo": core.compute_grpo_outcome_advantage(**common),
        "dr-grpo": core.compute_grpo_outcome_advantage(**common, norm_adv_by_std_in_grpo=False),
        "rloo": core.compute_rloo_outcome_advantage(**common),
        "reinforce++": core.compute_reinforce_plus_plus_outcome_advantage(
            scores.clone(), mask, config=SimpleNamespace(gamma=1.0)),
        "reinforce++-baseline": core.compute_reinforce_plus_plus_baseline_outcome_advantage(**common),
    }
    for name, (found, _) in results.items():
        wanted = torch.tensor([a for g in golden["advantages"][name] for a in g], dtype=torch.float64)
        print(f"{name:22} {((found - wanted[:, None]) * mask).abs().max():.1e}")


def covariance(core, golden):
    """Whether verl's KL-Cov penalises the tokens of the golden selection, seen from its gradient."""
    batch = golden["batch"]
    matrix = lambda name: torch.tensor(algorithms.pad(batch[name]), dtype=torch.float64)
    mask = torch.tensor(algorithms.pad([[1.0] * len(r) for r in batch["logProbs"]]), dtype=torch.float64)
    adv = torch.tensor(batch["advantages"], dtype=torch.float64)[:, None] * mask
    for ratio, wanted in golden["largestCovariance"].items():
        logp = matrix("oldLogProbs").requires_grad_()
        moved = logp.detach() - 1  # every token moved up by one since sampling
        config = Part(
            policy_loss=Part(kl_cov_ratio=float(ratio), ppo_kl_coef=7.0),
            global_batch_info={"batch_num_tokens": 1})
        loss, _ = core.get_policy_loss_fn("kl_cov")(
            old_log_prob=moved, log_prob=logp, advantages=adv, response_mask=mask, config=config)
        loss.backward()
        penalised = ((logp.grad + adv * np.e).abs() > 1)[mask > 0].tolist()
        print(f"kl-cov selection {ratio:6} {'equal' if penalised == wanted else 'DIFFERENT'}")


def main():
    core, correction = load(sys.argv[1])
    golden = json.loads(algorithms.FIXTURE.read_text())
    advantages(core, golden)
    covariance(core, golden)
    for case in golden["cases"]:
        result = evaluate(core, correction, case, golden["batch"])
        if isinstance(result, str):
            print(f"{result:38} {case['configuration']}")
            continue
        loss, gradient = result
        worst = np.abs(gradient - np.array(case["gradient"])).max()
        print(f"loss {abs(loss - case['loss']):.1e}  gradient {worst:.1e}    {case['configuration']}")


if __name__ == "__main__":
    main()
