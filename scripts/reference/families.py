"""Tiny random models of every family as transformers computes them: fixtures of the engine's tests.

    python3 scripts/reference/families.py Tests/EADTransformerTests/Fixtures/families

Needs torch 2.15.0, transformers 5.24.0 and safetensors. Writes a directory for each model: config.json and model.safetensors as
transformers saves them (weights that bf16 holds exactly; norms and biases are random, matrices larger than at the start of a
training, so that every option moves the results), and golden.safetensors with

    tokens               the sequence, which is longer than original_max_position_embeddings
    logits               [position][vocabulary]
    loss                 the mean negative log-likelihood of tokens 1 to n - 1
    gradient.NAME        its gradient
    updated.NAME         the weights after three steps of AdamW, whose settings are below

computed in float64 with eager attention, except norms, softmax and rotation, which transformers computes in float32.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import (AutoModelForCausalLM, LlamaConfig, Qwen2Config, Qwen3Config, SmolLM3Config)

sizes = dict(vocab_size=29, hidden_size=20, intermediate_size=14, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=64, attn_implementation="eager")
configurations = {
    "llama3": LlamaConfig(
        **sizes, head_dim=12, tie_word_embeddings=True, rms_norm_eps=1e-5, rope_parameters={
            "rope_type": "llama3", "rope_theta": 100.0, "factor": 8.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 32}),
    "llama-bias": LlamaConfig(**sizes, head_dim=10, attention_bias=True, tie_word_embeddings=False),
    "qwen2": Qwen2Config(**{**sizes, "hidden_size": 24}, use_sliding_window=False, tie_word_embeddings=True),
    "qwen3": Qwen3Config(**sizes, head_dim=14, tie_word_embeddings=False),
    "smollm3": SmolLM3Config(
        **{**sizes, "hidden_size": 16, "num_hidden_layers": 4}, pad_token_id=0, bos_token_id=1, eos_token_id=2),
}
optimizer = dict(lr=3e-3, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)

for number, (name, config) in enumerate(configurations.items()):
    torch.manual_seed(100 + number)
    model = AutoModelForCausalLM.from_config(config)
    # Transformers leaves the embedding of the padding token without a gradient; nothing is padded here.
    model.model.embed_tokens.padding_idx = None
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            width = 0.5 if "bias" in key else 1.7 / parameter.shape[-1] ** 0.5
            values = 1 + 0.3 * torch.randn_like(parameter) if "norm" in key else width * torch.randn_like(parameter)
            parameter.copy_(values.bfloat16())
    directory = Path(sys.argv[1]) / name
    directory.mkdir(parents=True, exist_ok=True)
    config.dtype = torch.bfloat16
    config.architectures = [type(model).__name__]
    (directory / "config.json").write_text(config.to_json_string(use_diff=True))
    save_file({key: p.detach().bfloat16() for key, p in model.named_parameters()}, directory / "model.safetensors",
              metadata={"format": "pt"})
    model = model.double().train()
    tokens = torch.randint(0, 29, (1, 45))

    def loss_of(logits):
        return torch.nn.functional.cross_entropy(logits[0, :-1], tokens[0, 1:])

    logits = model(tokens).logits
    loss = loss_of(logits)
    loss.backward()
    golden = {"tokens": tokens[0].float(), "logits": logits[0].detach().float(), "loss": loss.detach().float().reshape(1)}
    golden |= {f"gradient.{key}": p.grad.float().clone() for key, p in model.named_parameters()}
    steps = torch.optim.AdamW(model.parameters(), **optimizer)
    for _ in range(3):
        steps.zero_grad()
        loss_of(model(tokens).logits).backward()
        steps.step()
    golden |= {f"updated.{key}": p.detach().float() for key, p in model.named_parameters()}
    save_file(golden, directory / "golden.safetensors")
    print(name, f"loss {loss.item():.4f}", json.loads((directory / "config.json").read_text()))
