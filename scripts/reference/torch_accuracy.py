"""What bf16 costs torch on the inputs of the engine's accuracy tests: the measure that docs/numerics.md puts beside ours.

    python3 scripts/reference/torch_accuracy.py --model SmolLM2-135M-Instruct.Q4_1.gguf \
        --fixtures Tests/EADTransformerTests/Fixtures

Needs torch 2.15.0, transformers 5.23.0 and numpy; some minutes. Writes accuracy.json into the fixtures:

    sequences   token ids whose mean negative log-likelihood (of all but the first token of each) is trained on
    optimizer   settings of AdamW, as in curve-real.json
    arms        f32; autocast: f32 weights, products in bf16 (training); bf16: weights, moments and arithmetic in bf16 (inference)

and for each arm, against logits.json and grads.json, which are transformers in f32:

    logits      largest and mean absolute error at the recorded entries
    gradients   norm: largest relative error of a tensor's norm; entries: root mean square, over the recorded entries of all
                tensors, of the error relative to the tensor's root mean square
    losses, gradient_norms   of twenty steps: losses[k] after k updates
"""

import argparse
import json
import math
from contextlib import nullcontext
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

import llama_gguf

STEPS = 20
ARMS = {"f32": (torch.float32, False), "autocast": (torch.float32, True), "bf16": (torch.bfloat16, False)}
# Lines of tokens.jsonl: a chat, code, sums, English and a formula.
LINES = [6, 8, 14, 61, 76]


def load(path, dtype):
    metadata, weights = llama_gguf.read(path)
    value = lambda key: metadata["llama." + key]
    embedding = weights["model.embed_tokens.weight"]
    config = LlamaConfig(
        vocab_size=embedding.shape[0], hidden_size=value("embedding_length"),
        intermediate_size=value("feed_forward_length"), num_hidden_layers=value("block_count"),
        num_attention_heads=value("attention.head_count"), num_key_value_heads=value("attention.head_count_kv"),
        max_position_embeddings=value("context_length"), rms_norm_eps=value("attention.layer_norm_rms_epsilon"),
        rope_theta=value("rope.freq_base"), tie_word_embeddings="lm_head.weight" not in weights)
    model = LlamaForCausalLM(config)
    state = {name: torch.from_numpy(w.copy()) for name, w in weights.items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model.tie_weights()
    return model.to(dtype)


def precision(autocast):
    return torch.autocast("cpu", dtype=torch.bfloat16) if autocast else nullcontext()


def logit_errors(model, autocast, golden):
    errors = []
    for prompt in golden["prompts"]:
        with torch.no_grad(), precision(autocast):
            logits = model(torch.tensor([prompt["ids"]])).logits[0].float()
        for row, probes, ids, top in zip(logits, prompt["probe_logits"], prompt["top10_ids"], prompt["top10_logits"]):
            errors.append((row[golden["probe_ids"]] - torch.tensor(probes)).abs())
            errors.append((row[ids] - torch.tensor(top)).abs())
    errors = torch.cat(errors)
    return {"largest": errors.max().item(), "mean": errors.mean().item()}


def accumulate(model, autocast, sequences):
    """Adds the gradient of the mean negative log-likelihood and returns it."""
    count = sum(len(ids) - 1 for ids in sequences)
    total = 0.0
    for ids in sequences:
        tokens = torch.tensor([ids])
        with precision(autocast):
            logits = model(tokens).logits[0, :-1].float()
        loss = torch.nn.functional.cross_entropy(logits, tokens[0, 1:], reduction="sum") / count
        loss.backward()
        total += loss.item()
    return total


def gradient_errors(model, autocast, golden):
    model.zero_grad()
    loss = accumulate(model, autocast, [golden["ids"]])
    gradients = {name: p.grad.float().reshape(-1) for name, p in model.named_parameters()}
    assert len(gradients) == len(golden["grads"])
    norm, squares, count = 0.0, 0.0, 0
    for name, reference in golden["grads"].items():
        g = gradients[name]
        norm = max(norm, abs(g.norm().item() - reference["norm"]) / reference["norm"])
        scale = reference["norm"] / math.sqrt(g.numel())
        ends = torch.cat([g[:4], g[-4:]]).double()
        expected = torch.tensor(reference["first"] + reference["last"], dtype=torch.float64)
        squares += ((ends - expected) / scale).square().sum().item()
        count += 8
    return {"loss": loss - golden["loss"], "norm": norm, "entries": math.sqrt(squares / count)}


def curve(model, autocast, sequences, settings):
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings["learning_rate"], betas=(settings["beta1"], settings["beta2"]),
        eps=settings["epsilon"], weight_decay=settings["weight_decay"])
    losses, norms = [], []
    for step in range(STEPS + 1):
        optimizer.zero_grad()
        losses.append(accumulate(model, autocast, sequences))
        print(f"  step {step}: loss {losses[-1]:.6f}", flush=True)
        if step < STEPS:
            norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), settings["clip"]).item())
            optimizer.step()
    return losses, norms


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--fixtures", type=Path, required=True)
    options = parser.parse_args()
    torch.manual_seed(1)
    fixture = lambda name: json.loads((options.fixtures / name).read_text())
    logits, grads, settings = fixture("logits.json"), fixture("grads.json"), fixture("curve-real.json")["optimizer"]
    lines = (options.fixtures / "tokens.jsonl").read_text().splitlines()
    sequences = [grads["ids"]] + [json.loads(lines[index])["ids"] for index in LINES]
    result = {"torch": torch.__version__.split("+")[0], "optimizer": settings, "sequences": sequences, "arms": {}}
    for name, (dtype, autocast) in ARMS.items():
        model = load(options.model, dtype)
        arm = {"logits": logit_errors(model, autocast, logits), "gradients": gradient_errors(model, autocast, grads)}
        print(name, arm, flush=True)
        arm["losses"], arm["gradient_norms"] = curve(model, autocast, sequences, settings)
        result["arms"][name] = arm
        del model
    with open(options.fixtures / "accuracy.json", "w") as file:
        json.dump(result, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
