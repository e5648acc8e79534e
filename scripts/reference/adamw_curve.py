"""Losses and gradients of a Llama over ten AdamW steps, computed in numpy: fixtures of the engine's tests.

    python3 scripts/reference/adamw_curve.py tiny Tests/EADTransformerTests/Fixtures/curve-tiny.json
    python3 scripts/reference/adamw_curve.py real Tests/EADTransformerTests/Fixtures/curve-real.json \
        --model SmolLM2-135M-Instruct.Q4_1.gguf --golden Tests/EADTransformerTests/Fixtures/grads.json

`tiny` takes the weights that TinyModel(layers: 2, hidden: 48, feedForward: 80, heads: 4, keyValueHeads: 2,
contextLength: 256, seed: 11) of EADTestKit has, tied and untied, in float64 (the initial weights are the exact float32
values). Weight number i in the order of the checkpoint is made from u(i) = (mix(11 + (i + 1) * 0x9E3779B97F4A7C15) >> 40,
as a signed 24-bit number minus 2^23) / 2^23 with SplitMix64's mix: 0.5 u for the embedding, 1 + 0.1 u for a norm,
sqrt(3 / columns) u for the others, each operation rounded to float32.

`real` takes SmolLM2-135M and the token sequence of grads.json (half a minute and 6 GB in float64).

Loss: mean negative log-likelihood of tokens 1 to n - 1 in nats. losses[k] is the loss after k updates;
gradient_norms[k] is the global norm before clipping of the gradient that update k + 1 uses.
"""

import argparse
import json
import time

import numpy as np

import llama_gguf
import llama_numpy

TINY = dict(layers=2, hidden=48, feed_forward=80, heads=4, key_value_heads=2, vocabulary=279, seed=11)
STEPS = 10
MASK = (1 << 64) - 1


def mix(start, count):
    """SplitMix64 outputs start + 1 to start + count of the seed, as numbers in [-1, 1) of float32."""
    index = np.arange(start + 1, start + count + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        word = np.uint64(TINY["seed"]) + index * np.uint64(0x9E3779B97F4A7C15)
        word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    word ^= word >> np.uint64(31)
    return ((word >> np.uint64(40)).astype(np.int64) - (1 << 23)).astype(np.float32) / np.float32(1 << 23)


def tiny_weights(tied):
    hidden, inner = TINY["hidden"], TINY["feed_forward"]
    keys = hidden // TINY["heads"] * TINY["key_value_heads"]
    entries = [("model.embed_tokens", TINY["vocabulary"], hidden)]
    for layer in range(TINY["layers"]):
        prefix = f"model.layers.{layer}."
        entries += [
            (prefix + "input_layernorm", 1, hidden),
            (prefix + "self_attn.q_proj", hidden, hidden),
            (prefix + "self_attn.k_proj", keys, hidden),
            (prefix + "self_attn.v_proj", keys, hidden),
            (prefix + "self_attn.o_proj", hidden, hidden),
            (prefix + "post_attention_layernorm", 1, hidden),
            (prefix + "mlp.gate_proj", inner, hidden),
            (prefix + "mlp.up_proj", inner, hidden),
            (prefix + "mlp.down_proj", hidden, inner),
        ]
    entries.append(("model.norm", 1, hidden))
    if not tied:
        entries.append(("lm_head", TINY["vocabulary"], hidden))
    weights, offset = {}, 0
    for name, rows, columns in entries:
        u = mix(offset, rows * columns)
        offset += rows * columns
        if name == "model.embed_tokens":
            values = np.float32(0.5) * u
        elif rows == 1:
            values = np.float32(1) + np.float32(0.1) * u
        else:
            values = np.sqrt(np.float32(3) / np.float32(columns)) * u
        assert values.dtype == np.float32
        weights[name + ".weight"] = values.reshape(rows, columns).astype(np.float64)
    return weights


def summary(gradient):
    flat = gradient.reshape(-1)
    return {
        "norm": float(np.sqrt(np.square(flat, dtype=np.float64).sum())),
        "sum": float(flat.sum(dtype=np.float64)),
        "first": [float(x) for x in flat[:4]],
        "last": [float(x) for x in flat[-4:]],
    }


def curve(weights, shape, tokens, settings, keep_gradients):
    optimizer = llama_numpy.AdamW(weights, **settings)
    result = {"losses": [], "gradient_norms": []}
    for step in range(STEPS + 1):
        start = time.time()
        loss, logits, grads = llama_numpy.loss_and_gradients(weights, shape, tokens, gradients=step < STEPS)
        result["losses"].append(float(loss))
        if step == 0 and keep_gradients:
            result["last_logits"] = [float(x) for x in logits[-1]]
            result["gradients"] = {name: summary(g) for name, g in grads.items()}
        if step < STEPS:
            result["gradient_norms"].append(optimizer.step(weights, grads))
        print(f"step {step}: loss {loss:.9f} ({time.time() - start:.1f} s)", flush=True)
    result["weights"] = {name: summary(w) for name, w in weights.items()} if keep_gradients else {}
    return result


def tiny(settings):
    size = TINY["hidden"] // TINY["heads"]
    shape = llama_numpy.Shape(TINY["layers"], TINY["heads"], TINY["key_value_heads"], size, 10_000.0, 1e-5)
    # 41 tokens of all kinds, some repeated.
    tokens = [int(x) for x in (mix(10**6, 41).astype(np.float64) * (1 << 23) + (1 << 23)).astype(np.int64) % 279]
    tokens[20:26] = tokens[3:9]
    check(tiny_weights(True), shape, tokens)
    return {
        "model": TINY,
        "optimizer": settings,
        "tokens": tokens,
        "tied": curve(tiny_weights(True), shape, tokens, settings, True),
        "untied": curve(tiny_weights(False), shape, tokens, settings, True),
    }


def check(weights, shape, tokens):
    """Compares the gradients with central differences, so that the reference itself is checked."""
    _, _, grads = llama_numpy.loss_and_gradients(weights, shape, tokens)
    generator = np.random.default_rng(1)
    worst = 0.0
    for name, w in weights.items():
        flat = w.reshape(-1)
        for index in generator.integers(0, flat.size, 4):
            value, width = flat[index], 1e-5
            losses = []
            for sign in (1, -1):
                flat[index] = value + sign * width
                losses.append(llama_numpy.loss_and_gradients(weights, shape, tokens, gradients=False)[0])
            flat[index] = value
            numeric = (losses[0] - losses[1]) / (2 * width)
            exact = grads[name].reshape(-1)[index]
            worst = max(worst, abs(numeric - exact) / max(abs(exact), 1e-4))
    print(f"largest relative difference to central differences: {worst:.2e}")
    assert worst < 1e-5


def real(settings, path, golden, dtype):
    metadata, weights = llama_gguf.read(path)
    shape = llama_numpy.Shape(
        metadata["llama.block_count"], metadata["llama.attention.head_count"],
        metadata["llama.attention.head_count_kv"], metadata["llama.rope.dimension_count"],
        metadata["llama.rope.freq_base"], metadata["llama.attention.layer_norm_rms_epsilon"],
    )
    with open(golden) as file:
        tokens = json.load(file)["ids"]
    weights = {name: w.astype(dtype) for name, w in weights.items()}
    result = curve(weights, shape, tokens, settings, False)
    return {"optimizer": settings, "dtype": dtype, "tokens": tokens, "losses": result["losses"],
            "gradient_norms": result["gradient_norms"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=["tiny", "real"])
    parser.add_argument("output")
    parser.add_argument("--model")
    parser.add_argument("--golden")
    parser.add_argument("--dtype", default="float64", choices=["float32", "float64"])
    options = parser.parse_args()
    settings = dict(beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01, clip=1.0)
    if options.which == "tiny":
        result = tiny(dict(learning_rate=2e-3, **settings))
    else:
        result = real(dict(learning_rate=1e-5, **settings), options.model, options.golden, options.dtype)
    with open(options.output, "w") as file:
        json.dump(result, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
