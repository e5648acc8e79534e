"""Times llama.cpp, built for this machine by llama-cpp-python, on the model file requantised to bf16 and f32.

Tokens are drawn by llama.cpp's own sampler at temperature 1 over the whole vocabulary.
"""
import ctypes
import os
import random
import sys
import tempfile
import time

import llama_cpp as llama

from bench import BATCHES, PROMPT, VOCABULARY, Bench

CONTEXT = 256
bench = Bench(__doc__)
dice = random.Random(1)


def converted(directory: str, precision: str) -> bytes:
    path = os.path.join(directory, f"{precision}.gguf").encode()
    parameters = llama.llama_model_quantize_default_params()
    parameters.ftype = llama.LLAMA_FTYPE_MOSTLY_BF16 if precision == "bf16" else llama.LLAMA_FTYPE_ALL_F32
    parameters.allow_requantize = True
    parameters.nthread = bench.threads
    if llama.llama_model_quantize(bench.model.encode(), path, ctypes.byref(parameters)) != 0:
        sys.exit(f"llama.cpp could not convert {bench.model} to {precision}")
    return path


class Session:
    """A context for so many sequences of at most 256 tokens, and a sampler for each."""

    def __init__(self, model, sequences: int):
        parameters = llama.llama_context_default_params()
        parameters.n_ctx = CONTEXT * sequences
        parameters.n_batch = 4096
        parameters.n_seq_max = sequences
        parameters.n_threads = parameters.n_threads_batch = bench.threads
        self.context = llama.llama_init_from_model(model, parameters)
        if not self.context:
            sys.exit("llama.cpp made no context")
        self.batch = llama.llama_batch_init(4096, 0, 1)
        self.samplers = [llama.llama_sampler_init_dist(seed) for seed in range(sequences)]

    def close(self) -> None:
        for sampler in self.samplers:
            llama.llama_sampler_free(sampler)
        llama.llama_batch_free(self.batch)
        llama.llama_free(self.context)

    def feed(self, rows: list[tuple[int, int, int, bool]]) -> None:
        """Computes rows of (token, position, sequence, whether its logits are wanted)."""
        for index, (token, position, sequence, wanted) in enumerate(rows):
            self.batch.token[index] = token
            self.batch.pos[index] = position
            self.batch.n_seq_id[index] = 1
            self.batch.seq_id[index][0] = sequence
            self.batch.logits[index] = wanted
        self.batch.n_tokens = len(rows)
        if llama.llama_decode(self.context, self.batch) != 0:
            sys.exit("llama.cpp could not decode")

    def draw(self, sequence: int, row: int) -> int:
        return llama.llama_sampler_sample(self.samplers[sequence], self.context, row)


def prompt(sequence: int, count: int) -> list[tuple[int, int, int, bool]]:
    return [(dice.randrange(VOCABULARY), position, sequence, position == count - 1) for position in range(count)]


def decode(model, sequences: int, new: int) -> float:
    """Tokens per second after the prompts."""
    session = Session(model, sequences)
    session.feed([row for sequence in range(sequences) for row in prompt(sequence, PROMPT)])
    tokens = [session.draw(sequence, PROMPT * sequence + PROMPT - 1) for sequence in range(sequences)]
    start = time.perf_counter()
    for step in range(new):
        session.feed([(token, PROMPT + step, sequence, True) for sequence, token in enumerate(tokens)])
        tokens = [session.draw(sequence, sequence) for sequence in range(sequences)]
    seconds = time.perf_counter() - start
    session.close()
    return sequences * new / seconds


def prefill(model) -> float:
    session = Session(model, 16)
    rows = [row for sequence in range(16) for row in prompt(sequence, 256)]
    start = time.perf_counter()
    session.feed(rows)
    seconds = time.perf_counter() - start
    session.close()
    return len(rows) / seconds


llama.llama_backend_init()
quiet = llama.llama_log_callback(lambda level, text, data: None)
llama.llama_log_set(quiet, ctypes.c_void_p(0))
with tempfile.TemporaryDirectory() as directory:
    for precision, batches in BATCHES.items():
        path = converted(directory, precision)
        model = llama.llama_model_load_from_file(path, llama.llama_model_default_params())
        if not model:
            sys.exit(f"llama.cpp could not load its own {precision} file")
        decode(model, 8, 2)
        for batch in batches:
            bench.measure(
                f"decode, batch {batch}, {precision}", "tokens/s",
                lambda: decode(model, batch, bench.new_tokens(batch)))
        if precision == "bf16":
            bench.measure("prefill, bf16", "tokens/s", lambda: prefill(model))
        llama.llama_model_free(model)
