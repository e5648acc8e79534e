"""Losses, gradient norms and learning rates of a fine-tuning, computed in numpy: fixtures of its tests.

    python3 scripts/reference/finetune_curve.py Tests/EADFineTuningTests/Fixtures/curve.json

The model is the tied one of adamw_curve.py, in float64. A batch has all demonstrations, so their order says nothing; those held
out are given apart. Tokens are bytes plus 3, the texts have no pair that merges, and token 0 ends a text.

Loss: mean over all response tokens of the batch, the end included, of the negative log-likelihood in nats. losses[k] is the loss
after k updates, rates[k] what update k + 1 is made with: in warm-up (k + 1) / warmup of the peak, then down to the floor on half a
wave that is over after decay steps (math.cos).
"""
import json
import math
import sys

import numpy as np

import adamw_curve
import llama_numpy

STEPS, WARMUP, PEAK, FLOOR = 8, 3, 4e-3, 0.1
END = 0
TRAINING = [("12+34", "=46"), ("7", "1234567"), ("(99)", "9"), ("5*5*5*5*5*5*5*5*5*5*5", "=25*25*25*25*25*5"), ("#", "##")]
HELD_OUT = [("1", "=1"), ("1", "2222")]


def tokens(text):
    return [byte + 3 for byte in text.encode()]


def loss(weights, shape, demonstrations, gradients):
    count = sum(len(response) + 1 for _, response in demonstrations)
    total, sums = 0.0, None
    for prompt, response in demonstrations:
        sequence = tokens(prompt) + tokens(response) + [END]
        mean, _, grads = llama_numpy.loss_and_gradients(
            weights, shape, sequence, gradients=gradients, first=len(tokens(prompt)))
        share = (len(response) + 1) / count
        total += share * float(mean)
        if gradients:
            scaled = {name: share * g for name, g in grads.items()}
            sums = scaled if sums is None else {name: sums[name] + scaled[name] for name in sums}
    return total, sums


def rate(step):
    if step < WARMUP:
        return PEAK * (step + 1) / WARMUP
    return PEAK * (FLOOR + (1 - FLOOR) * (1 + math.cos(math.pi * (step - WARMUP) / (STEPS - WARMUP))) / 2)


def main():
    size = adamw_curve.TINY["hidden"] // adamw_curve.TINY["heads"]
    shape = llama_numpy.Shape(
        adamw_curve.TINY["layers"], adamw_curve.TINY["heads"], adamw_curve.TINY["key_value_heads"], size, 10_000.0, 1e-5)
    weights = adamw_curve.tiny_weights(True)
    settings = dict(beta1=0.9, beta2=0.99, epsilon=1e-8, weight_decay=0.05, clip=1.0)
    optimizer = llama_numpy.AdamW(weights, PEAK, **settings)
    result = {"optimizer": settings, "steps": STEPS, "warmup": WARMUP, "peak": PEAK, "floor": FLOOR,
              "training": TRAINING, "held_out": HELD_OUT, "losses": [], "gradient_norms": [], "rates": [],
              "held_out_losses": []}
    for step in range(STEPS + 1):
        result["held_out_losses"].append(loss(weights, shape, HELD_OUT, False)[0])
        if step == STEPS:
            break
        total, grads = loss(weights, shape, TRAINING, True)
        optimizer.rate = rate(step)
        result["losses"].append(total)
        result["rates"].append(optimizer.rate)
        result["gradient_norms"].append(optimizer.step(weights, grads))
    with open(sys.argv[1], "w") as file:
        json.dump(result, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
