"""What the peers have in common: options, the model's shape, repetitions, and figures under engine-bench's names."""
import argparse
import json
import statistics
import time

# SmolLM2-135M.
SHAPE = dict(
    vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
    num_key_value_heads=3, max_position_embeddings=8192, rms_norm_eps=1e-5, rope_theta=100000.0,
    tie_word_embeddings=True)
VOCABULARY = SHAPE["vocab_size"]
BATCHES = {"bf16": [1, 8, 64], "f32": [64]}
PROMPT = 64
# A figure is repeated for so many seconds, within these bounds.
SECONDS, LEAST, MOST = 20, 2, 5


class Bench:
    """Measures one peer and prints each figure as one JSON object."""

    def __init__(self, description: str):
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("--threads", type=int, default=2)
        parser.add_argument("--model", help="the GGUF file; only llama.cpp reads it")
        parser.add_argument("--quick", action="store_true", help="one short repetition of everything")
        options = parser.parse_args()
        self.threads, self.model, self.quick = options.threads, options.model, options.quick

    def new_tokens(self, batch: int) -> int:
        """Tokens that a decoding figure draws for each sequence, as in engine-bench."""
        return 8 if self.quick else 64 if batch == 1 else 128

    def measure(self, name: str, unit: str, body) -> None:
        """body() returns one value."""
        begin, values = time.perf_counter(), []
        while True:
            values.append(body())
            elapsed = time.perf_counter() - begin
            if self.quick or len(values) == MOST:
                break
            if len(values) >= LEAST and elapsed * (1 + 1 / len(values)) > SECONDS:
                break
        self.report(name, unit, values)

    def report(self, name: str, unit: str, values: list[float]) -> None:
        figure = {"name": name, "median": statistics.median(values), "minimum": min(values), "maximum": max(values),
                  "unit": unit, "repetitions": len(values)}
        print(json.dumps(figure), flush=True)
