"""Logits and gradients of a tiny random Qwen2, whose q, k and v have biases, by transformers: fixtures of the engine's tests.

    python3 scripts/reference/qwen2_bias.py Tests/EADTransformerTests/Fixtures

Needs torch 2.15.0, transformers 5.23.0 and safetensors. Writes qwen2-tiny.safetensors (weights that bf16 holds exactly, as
transformers names them) and qwen2-tiny.json: the tokens, the logits [position][vocabulary] in float32, the loss (mean negative
log-likelihood of tokens 1 to n - 1) and the gradient of every parameter [elements], computed in float64 except the norms, the
softmax and the rotation, which transformers computes in float32.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import Qwen2Config, Qwen2ForCausalLM

torch.manual_seed(3)
config = Qwen2Config(
    vocab_size=29, hidden_size=18, intermediate_size=14, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-6, rope_theta=10000.0,
    tie_word_embeddings=False, use_sliding_window=False, attn_implementation="eager")
config.head_dim = 6
model = Qwen2ForCausalLM(config)
with torch.no_grad():
    for name, parameter in model.named_parameters():
        width = 0.5 if "bias" in name else 1.7 / parameter.shape[-1] ** 0.5
        values = 1 + 0.3 * torch.randn_like(parameter) if "norm" in name else width * torch.randn_like(parameter)
        parameter.copy_(values.bfloat16())
tokens = torch.randint(0, 29, (1, 21))
model = model.double().train()
logits = model(tokens).logits
loss = torch.nn.functional.cross_entropy(logits[0, :-1], tokens[0, 1:])
loss.backward()
directory = Path(sys.argv[1])
save_file({name: p.detach().bfloat16() for name, p in model.named_parameters()}, directory / "qwen2-tiny.safetensors",
          metadata={"format": "pt"})


def rounded(values):
    return [float(f"{x:.7g}") for x in values]


result = {
    "tokens": tokens[0].tolist(),
    "logits": [rounded(row) for row in logits[0].tolist()],
    "loss": loss.item(),
    "gradients": {name: rounded(p.grad.reshape(-1).tolist()) for name, p in model.named_parameters()},
}
with open(directory / "qwen2-tiny.json", "w") as file:
    json.dump(result, file, separators=(",", ":"))
    file.write("\n")
