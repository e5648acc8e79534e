"""Times transformers on torch with random weights of the model's shape.

Decoding is a plain loop over the model with its cache, which spares the overhead of generate(); training is mixed
precision as users run it: f32 weights, bf16 products under autocast.
"""
import time

import torch
import transformers

from bench import BATCHES, PROMPT, SHAPE, VOCABULARY, Bench

bench = Bench(__doc__)
torch.set_num_threads(bench.threads)
torch.manual_seed(1)


def draw(logits: torch.Tensor) -> torch.Tensor:
    return torch.multinomial(torch.softmax(logits[:, -1].float(), -1), 1)


@torch.inference_mode()
def decode(model, batch: int, new: int) -> float:
    """Tokens per second after the prompts."""
    output = model(torch.randint(0, VOCABULARY, (batch, PROMPT)), use_cache=True, logits_to_keep=1)
    token = draw(output.logits)
    start = time.perf_counter()
    for _ in range(new):
        output = model(token, past_key_values=output.past_key_values, use_cache=True)
        token = draw(output.logits)
    return batch * new / (time.perf_counter() - start)


@torch.inference_mode()
def prefill(model) -> float:
    tokens = torch.randint(0, VOCABULARY, (16, 256))
    start = time.perf_counter()
    model(tokens, use_cache=True, logits_to_keep=1)
    return tokens.numel() / (time.perf_counter() - start)


def update(model, optimizer, precision: str) -> float:
    """Tokens per second of forward, backward and AdamW over 8 x 192 tokens."""
    tokens = torch.randint(0, VOCABULARY, (8, 192))
    start = time.perf_counter()
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
        logits = model(tokens, use_cache=False).logits
    torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1).float(), tokens[:, 1:].flatten()).backward()
    optimizer.step()
    return tokens.numel() / (time.perf_counter() - start)


for precision, batches in BATCHES.items():
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**SHAPE))
    model = model.to(torch.bfloat16 if precision == "bf16" else torch.float32).eval()
    decode(model, 8, 2)
    for batch in batches:
        bench.measure(
            f"decode, batch {batch}, {precision}", "tokens/s", lambda: decode(model, batch, bench.new_tokens(batch)))
    if precision == "bf16":
        bench.measure("prefill, bf16", "tokens/s", lambda: prefill(model))
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**SHAPE)).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6)
    if not bench.quick:
        update(model, optimizer, precision)
    bench.measure(
        f"forward, backward, AdamW, 8 x 192, {precision}", "tokens/s", lambda: update(model, optimizer, precision))
