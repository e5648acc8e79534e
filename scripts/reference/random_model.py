#!/usr/bin/env python3
"""A directory as Hugging Face lays it out, of a real model's shape and tokenizer, with random weights in bf16.

    random_model.py qwen2.5-0.5b|llama-3.2-1b DIRECTORY

For what weights do not matter to: memory, and time to the first token. The tokenizer is the one that
tokenizers_oracle.py real has put into the cache. Needs numpy.
"""
import json
import os
import shutil
import sys

import numpy

QWEN = {
    "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": 896, "intermediate_size": 4864,
    "num_hidden_layers": 24, "num_attention_heads": 14, "num_key_value_heads": 2, "vocab_size": 151936,
    "max_position_embeddings": 32768, "rope_theta": 1000000.0, "rms_norm_eps": 1e-6, "tie_word_embeddings": True,
    "hidden_act": "silu", "torch_dtype": "bfloat16", "bos_token_id": 151643, "eos_token_id": 151645,
    "use_sliding_window": False, "sliding_window": 32768, "max_window_layers": 21, "attention_dropout": 0.0,
}
LLAMA = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 2048, "intermediate_size": 8192,
    "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 64, "vocab_size": 128256,
    "max_position_embeddings": 131072, "rope_theta": 500000.0, "rms_norm_eps": 1e-5, "tie_word_embeddings": True,
    "hidden_act": "silu", "torch_dtype": "bfloat16", "bos_token_id": 128000, "eos_token_id": 128009,
    "attention_bias": False, "mlp_bias": False,
    "rope_scaling": {
        "rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    },
}
SHAPES = {"qwen2.5-0.5b": (QWEN, "qwen2", True), "llama-3.2-1b": (LLAMA, "llama-bpe", False)}


def tensors(config, has_biases):
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    size = config.get("head_dim", hidden // config["num_attention_heads"])
    query, keys = config["num_attention_heads"] * size, config["num_key_value_heads"] * size
    yield "model.embed_tokens.weight", (config["vocab_size"], hidden)
    for layer in range(config["num_hidden_layers"]):
        place = f"model.layers.{layer}."
        for name, rows in (("q", query), ("k", keys), ("v", keys)):
            yield f"{place}self_attn.{name}_proj.weight", (rows, hidden)
            if has_biases:
                yield f"{place}self_attn.{name}_proj.bias", (rows,)
        yield f"{place}self_attn.o_proj.weight", (hidden, query)
        yield f"{place}mlp.gate_proj.weight", (inner, hidden)
        yield f"{place}mlp.up_proj.weight", (inner, hidden)
        yield f"{place}mlp.down_proj.weight", (hidden, inner)
        yield f"{place}input_layernorm.weight", (hidden,)
        yield f"{place}post_attention_layernorm.weight", (hidden,)
    yield "model.norm.weight", (hidden,)


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in SHAPES:
        sys.exit(__doc__)
    config, tokenizer, has_biases = SHAPES[sys.argv[1]]
    directory = sys.argv[2]
    os.makedirs(directory)
    with open(os.path.join(directory, "config.json"), "w") as file:
        json.dump(config, file)
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    place = os.path.join(base, "ead", "reference", "tokenizers", tokenizer, "tokenizer.json")
    shutil.copy(place, os.path.join(directory, "tokenizer.json"))
    entries = list(tensors(config, has_biases))
    header, offset = {}, 0
    for name, shape in entries:
        count = 2 * int(numpy.prod(shape))
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [offset, offset + count]}
        offset += count
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    generator = numpy.random.default_rng(1)
    with open(os.path.join(directory, "model.safetensors"), "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, shape in entries:
            if name.endswith("norm.weight"):
                values = numpy.ones(shape, numpy.float32)
            else:
                values = 0.02 * generator.standard_normal(shape, numpy.float32)
            file.write((values.view(numpy.uint32) >> 16).astype(numpy.uint16).tobytes())
    print(f"{directory}: {offset // 2} parameters")


if __name__ == "__main__":
    main()
