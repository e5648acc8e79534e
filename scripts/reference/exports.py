"""Whether transformers and llama.cpp load what ead-ctl export writes, and compute what they should.

    python3 scripts/reference/exports.py .build/debug/ead-ctl [--trained]

Needs torch 2.15.0, transformers 5.24.0, safetensors and xllamacpp 2026.10 (llama.cpp as a wheel). Every fixture of
scripts/reference/families.py, with a vocabulary of 29 characters added, goes from its directory to GGUF, from there to another
directory, and once to a directory in bf16. Prints how far logits of both directories in transformers, and log-probabilities of the
GGUF file in llama.cpp, are from the fixture's logits; nothing may be missing or left over.

With --trained each fixture is trained for two steps by a cluster first, and greedy responses of up to 64 tokens to eight
prompts are compared: of the checkpoint here, of its directory in transformers, of its GGUF file in llama.cpp.
"""

import json
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
import transformers
import xllamacpp
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

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


def export(source, to, form, kind):
    subprocess.run([program, "export", *source, "--output", to, "--to", form, "--type", kind], check=True,
                   stdout=subprocess.DEVNULL)


def with_transformers(directory, tokens):
    model, found = AutoModelForCausalLM.from_pretrained(
        directory, attn_implementation="eager", dtype=torch.float64, output_loading_info=True)
    assert not any(found.values()), found
    with torch.no_grad():
        return model.eval()(tokens[None]).logits[0]


def llama_cpp_server(path):
    settings = xllamacpp.CommonParams()
    settings.model.path, settings.n_ctx, settings.n_parallel, settings.warmup = str(path), 256, 1, False
    settings.cache_type_k = settings.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    # With it, attention is computed in half precision.
    settings.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    return xllamacpp.Server(settings)


def with_llama_cpp(path, tokens):
    server = llama_cpp_server(path)
    answer = server.handle_completions(
        {"prompt": tokens.tolist(), "n_predict": 1, "temperature": -1, "logprobs": 29, "stream": False})
    answer = answer if isinstance(answer, dict) else json.loads(answer)
    return {choice["id"]: choice["logprob"] for choice in answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]}


def compare(fixture):
    """Logits of what is exported from a fixture as it is."""
    directory = scratch / fixture.name
    shutil.copytree(fixture, directory)
    add_tokenizer(directory)
    golden = load_file(fixture / "golden.safetensors")
    tokens = golden["tokens"].long()
    file, back, short = (scratch / (fixture.name + suffix) for suffix in (".gguf", "-back", "-bf16"))
    export(["--model", directory], file, "gguf", "f32")
    export(["--model", file], back, "hf", "f32")
    export(["--model", directory], short, "hf", "bf16")
    errors = [(with_transformers(place, tokens) - golden["logits"]).abs().max().item() for place in (back, short)]
    expected = torch.log_softmax(golden["logits"][-1].double(), 0)
    found = with_llama_cpp(file, tokens)
    assert len(found) == 29, found
    worst = max(abs(value - expected[token].item()) for token, value in found.items())
    print(f"{fixture.name}: transformers {errors[0]:.1e} through GGUF, {errors[1]:.1e} in bf16; llama.cpp {worst:.1e}")


CLUSTER = """
run: {name: trained, seed: 3, steps: 2, directory: RUN}
model: {path: MODEL, precision: f32}
task:
  kind: jsonl
  path: LINES
  held_out: 0
  verifier: command
  command: [python3, REWARD]
sampling: {schedule: {kind: constant, temperature: 1.0}, max_tokens: 12}
training: {prompts_per_step: 4, samples_per_prompt: 8, learning_rate: 1.0e-2}
checkpoint: {every: 1}
evaluation: {before: false, after: false}
nodes:
  controller: {endpoint: "tcp://127.0.0.1:PORT0"}
  learner: {endpoint: "tcp://127.0.0.1:PORT1", threads: 1}
  workers: [{name: w1, threads: 1}]
"""
# Rewards that responses differ in, whatever a random model says.
REWARD = """
import json, sys
for line in sys.stdin:
    task = json.loads(line)
    print(json.dumps({"id": task["id"], "reward": sum(map(ord, task["response"])) % 3 / 2}), flush=True)
"""
PROMPTS = ["1+2:", "#9*", "(4)-5", "7,8,9,", "0", "!!", "%3$", "2/2;"]


def train(directory):
    """The run that trained a model for two steps, and how far its weights went."""
    run = directory.parent / (directory.name + "-run")
    lines, reward, file = (directory.parent / (directory.name + suffix) for suffix in (".jsonl", ".py", ".yaml"))
    lines.write_text("".join(json.dumps({"prompt": prompt, "answer": "0"}) + "\n" for prompt in PROMPTS))
    reward.write_text(REWARD)
    text = CLUSTER
    port = random.randrange(20000, 50000)
    for name, value in (("RUN", run), ("MODEL", directory), ("LINES", lines), ("REWARD", reward), ("PORT0", port),
                        ("PORT1", port + 1)):
        text = text.replace(name, str(value))
    file.write_text(text)
    done = subprocess.run([program, "up", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    before, after = (load_file(place / "model.safetensors") for place in (directory, run / "checkpoints/step-000002"))
    moved = max((after[name].double() - before[name].double()).abs().max().item() for name in after)
    return run, moved


def greedy_here(run, prompt):
    settings = ["--precision", "f32", "--threads", "1", "--kind", "constant", "--temperature", "0", "--max-tokens", "64"]
    checkpoint = run / "checkpoints/step-000002"
    done = subprocess.run([program, "generate", prompt, "--model", checkpoint, *settings], check=True,
                          capture_output=True, text=True)
    return [ord(character) - 33 for character in done.stdout[:-1]]


def shown(reply):
    """The tokens of a reply that are characters: those of marks are not shown here."""
    return [token for token in reply if token < 27]


def greedy_with_transformers(directory, prompts):
    model = AutoModelForCausalLM.from_pretrained(directory, attn_implementation="eager", dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(directory)
    replies = []
    for prompt in prompts:
        inputs = tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
        assert inputs["input_ids"][0].tolist() == [ord(character) - 33 for character in prompt]
        out = model.generate(**inputs, do_sample=False, max_new_tokens=64, pad_token_id=28)
        reply = out[0][inputs["input_ids"].shape[1]:].tolist()
        replies.append(shown(reply))
    return replies


def greedy_with_llama_cpp(path, prompts):
    server = llama_cpp_server(path)
    replies = []
    for prompt in prompts:
        answer = server.handle_completions({"prompt": [ord(character) - 33 for character in prompt], "n_predict": 64,
                                            "temperature": -1, "logprobs": 1, "stream": False})
        answer = answer if isinstance(answer, dict) else json.loads(answer)
        reply = [token["id"] for token in answer["choices"][0]["logprobs"]["content"]]
        replies.append(shown(reply))
    return replies


def compare_trained(fixture):
    """The greedy tokens of a fixture that was trained for two steps, here and from both exports."""
    directory = scratch / (fixture.name + "-start")
    shutil.copytree(fixture, directory)
    add_tokenizer(directory)
    config = json.loads((directory / "config.json").read_text())
    # Room for 64 tokens; nothing else depends on it.
    (directory / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 256, "eos_token_id": 28}))
    run, moved = train(directory)
    hf, gguf = (scratch / (fixture.name + suffix) for suffix in ("-trained", "-trained.gguf"))
    export([run], hf, "hf", "f32")
    export([run], gguf, "gguf", "f32")
    here = [greedy_here(run, prompt) for prompt in PROMPTS]
    assert any(here) and moved > 0
    others = greedy_with_transformers(hf, PROMPTS), greedy_with_llama_cpp(gguf, PROMPTS)
    equal = [here == other for other in others]
    for name, other in zip(("transformers", "llama.cpp"), others):
        for ours, theirs in zip(here, other):
            if ours != theirs:
                print(f"  here {ours}\n  {name} {theirs}")
    words = ", ".join(f"{name} {'equal' if same else 'DIFFERENT'}" for name, same in
                      zip(("transformers", "llama.cpp"), equal))
    print(f"{fixture.name}: weights moved by up to {moved:.1e}; {len(here)} prompts, "
          f"{sum(map(len, here))} greedy tokens: {words}")
    return all(equal)


try:
    found = sorted(fixtures.iterdir())
    if "--trained" in sys.argv:
        results = [compare_trained(fixture) for fixture in found]
        sys.exit(0 if all(results) else 1)
    for fixture in found:
        compare(fixture)
finally:
    shutil.rmtree(scratch)
