"""Times vLLM's CPU build on random weights of the model's shape (load format "dummy")."""
import itertools
import json
import os
import pathlib
import random
import time

from bench import BATCHES, PROMPT, SHAPE, VOCABULARY, Bench

bench = Bench(__doc__)
# Engine in this process, on the cores of the other peers; GiB of cache; nothing fetched, nothing reported.
os.environ.update(
    VLLM_ENABLE_V1_MULTIPROCESSING="0", VLLM_CPU_OMP_THREADS_BIND=f"0-{bench.threads - 1}", VLLM_CPU_KVCACHE_SPACE="2",
    HF_HUB_OFFLINE="1", VLLM_NO_USAGE_STATS="1", DO_NOT_TRACK="1", VLLM_LOGGING_LEVEL="WARNING")
# vLLM compiles the model, once for each directory that it lies in.
model = pathlib.Path(os.environ.setdefault("VLLM_CACHE_ROOT", os.path.expanduser("~/.cache/vllm")), "smollm2-shape")
from vllm import LLM, SamplingParams  # noqa: E402: it reads the environment when imported

dice = random.Random(1)
numbers = itertools.count()


def run(engine, batch: int, prompt: int, new: int) -> tuple[float, float]:
    """Seconds until every sequence has its first token, and tokens per second from then on."""
    sampling = SamplingParams(temperature=1.0, top_p=1.0, top_k=0, max_tokens=new, ignore_eos=True, detokenize=False)
    for _ in range(batch):
        tokens = [dice.randrange(VOCABULARY) for _ in range(prompt)]
        engine.add_request(str(next(numbers)), {"prompt_token_ids": tokens}, sampling)
    drawn: dict[str, int] = {}
    start, first, before = time.perf_counter(), None, 0
    while engine.has_unfinished_requests():
        for output in engine.step():
            drawn[output.request_id] = len(output.outputs[0].token_ids)
        if first is None and len(drawn) == batch:
            first, before = time.perf_counter(), sum(drawn.values())
    end, total = time.perf_counter(), sum(drawn.values())
    assert total == batch * new, "vLLM drew fewer tokens than it was asked for"
    return first - start, (total - before) / (end - first) if new > 1 else 0.0


model.mkdir(parents=True, exist_ok=True)
configuration = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", **SHAPE}
(model / "config.json").write_text(json.dumps(configuration))
for precision, batches in BATCHES.items():
    llm = LLM(
        model=str(model), load_format="dummy", skip_tokenizer_init=True,
        dtype="bfloat16" if precision == "bf16" else "float32", max_model_len=512, max_num_seqs=64,
        max_num_batched_tokens=4096, enable_prefix_caching=False, seed=1)
    engine = llm.llm_engine
    run(engine, 8, PROMPT, 3)
    for batch in batches:
        bench.measure(
            f"decode, batch {batch}, {precision}", "tokens/s",
            lambda: run(engine, batch, PROMPT, 1 + bench.new_tokens(batch))[1])
    if precision == "bf16":
        bench.measure("prefill, bf16", "tokens/s", lambda: 16 * 256 / run(engine, 16, 256, 1)[0])
    del engine, llm
