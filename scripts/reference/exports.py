"""Whether transformers and llama.cpp load what ead-ctl export writes, and compute what they should.

    python3 scripts/reference/exports.py .build/debug/ead-ctl

Needs torch 2.15.0, transformers 5.24.0, safetensors and xllamacpp 2026.10 (llama.cpp as a wheel). Every fixture of
scripts/reference/families.py, with a vocabulary of 29 characters added, goes from its directory to GGUF, from there to another
directory, and once to a directory in bf16. Prints how far logits of both directories in transformers, and log-probabilities of the
GGUF file in llama.cpp, are from the fixture's logits; nothing may be missing or left over.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
import transformers
import xllamacpp
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
program = sys.argv[1]
fixtures = Path(__file__).parents[2] / "Tests/EADTransformerTests/Fixtures/families"
scratch = Path(tempfile.mkdtemp())


def add_tokenizer(directory):
    """A byte-level tokenizer of single characters, as SmolLM2's cuts words."""
    added = [{"id": i, "content": text, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
              "special": True} for i, text in ((27, "<|a|>"), (28, "<|end|>"))]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
        "pre_tokenizer": {"type": "Sequence",
                          "pretokenizers": [{"type": "Digits", "individual_digits": True}, byte_level]},
        "post_processor": None, "decoder": byte_level,
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "",
                  "end_of_word_suffix": "", "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                  "vocab": {chr(33 + i): i for i in range(27)}, "merges": []}}
    (directory / "tokenizer.json").write_text(json.dumps(tokenizer))
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>"}
    (directory / "tokenizer_config.json").write_text(json.dumps(settings))


def export(model, to, form, kind):
    subprocess.run([program, "export", "--model", model, "--output", to, "--to", form, "--type", kind], check=True,
                   stdout=subprocess.DEVNULL)


def with_transformers(directory, tokens):
    model, found = AutoModelForCausalLM.from_pretrained(
        directory, attn_implementation="eager", dtype=torch.float64, output_loading_info=True)
    assert not any(found.values()), found
    with torch.no_grad():
        return model.eval()(tokens[None]).logits[0]


def with_llama_cpp(path, tokens):
    settings = xllamacpp.CommonParams()
    settings.model.path, settings.n_ctx, settings.n_parallel, settings.warmup = str(path), 128, 1, False
    settings.cache_type_k = settings.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    # With it, attention is computed in half precision.
    settings.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    server = xllamacpp.Server(settings)
    answer = server.handle_completions(
        {"prompt": tokens.tolist(), "n_predict": 1, "temperature": -1, "logprobs": 29, "stream": False})
    answer = answer if isinstance(answer, dict) else json.loads(answer)
    return {choice["id"]: choice["logprob"] for choice in answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]}


for fixture in sorted(fixtures.iterdir()):
    directory = scratch / fixture.name
    shutil.copytree(fixture, directory)
    add_tokenizer(directory)
    golden = load_file(fixture / "golden.safetensors")
    tokens = golden["tokens"].long()
    file, back, short = (scratch / (fixture.name + suffix) for suffix in (".gguf", "-back", "-bf16"))
    export(directory, file, "gguf", "f32")
    export(file, back, "hf", "f32")
    export(directory, short, "hf", "bf16")
    errors = [(with_transformers(place, tokens) - golden["logits"]).abs().max().item() for place in (back, short)]
    expected = torch.log_softmax(golden["logits"][-1].double(), 0)
    found = with_llama_cpp(file, tokens)
    assert len(found) == 29, found
    worst = max(abs(value - expected[token].item()) for token, value in found.items())
    print(f"{fixture.name}: transformers {errors[0]:.1e} through GGUF, {errors[1]:.1e} in bf16; llama.cpp {worst:.1e}")
shutil.rmtree(scratch)
