"""Times whole steps of TRL's GRPOTrainer with random weights of the model's shape: 8 prompts x 8 responses, 64 + 64.

bf16 under autocast, no reference model, no checkpointing of activations (TRL's default, which is slower), loss over
micro-batches of 8.
"""
import os
import random
import resource
import tempfile
import time

os.environ.update(HF_HUB_OFFLINE="1", TRL_EXPERIMENTAL_SILENCE="1")
import datasets  # noqa: E402: it reads the environment when imported
import tokenizers  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
import trl  # noqa: E402

from bench import PROMPT, SHAPE, VOCABULARY, Bench  # noqa: E402

bench = Bench(__doc__)
torch.set_num_threads(bench.threads)
torch.manual_seed(1)
dice = random.Random(1)
NEW = 8 if bench.quick else 64
# The first step pays for page faults and imports.
STEPS = 1 if bench.quick else 1 + 3


def tokenizer() -> transformers.PreTrainedTokenizerFast:
    """One word for each token, so that a prompt of 64 words is one of 64 tokens."""
    words = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({f"t{number}": number for number in range(VOCABULARY)}, unk_token="t0"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token="t0", eos_token="t1", pad_token="t2", padding_side="left")


class Clock(transformers.TrainerCallback):
    """When each step ended; the first entry is the beginning of training."""

    def __init__(self):
        self.moments: list[float] = []

    def on_train_begin(self, *_, **__):
        self.moments.append(time.perf_counter())

    def on_step_end(self, *_, **__):
        self.moments.append(time.perf_counter())


lengths: list[int] = []


def reward(completions, completion_ids, **_) -> list[float]:
    """Half of a group right: every group has an advantage."""
    lengths.extend(len(tokens) for tokens in completion_ids)
    return [float(index % 2) for index in range(len(completions))]


prompts = [" ".join(f"t{dice.randrange(3, VOCABULARY)}" for _ in range(PROMPT)) for _ in range(8 * STEPS)]
clock = Clock()
with tempfile.TemporaryDirectory() as directory:
    trainer = trl.GRPOTrainer(
        model=transformers.LlamaForCausalLM(transformers.LlamaConfig(**SHAPE)),
        processing_class=tokenizer(),
        reward_funcs=reward,
        train_dataset=datasets.Dataset.from_dict({"prompt": prompts}),
        callbacks=[clock],
        args=trl.GRPOConfig(
            output_dir=directory, use_cpu=True, bf16=True, max_steps=STEPS, num_generations=8,
            per_device_train_batch_size=8, gradient_accumulation_steps=8, max_completion_length=NEW, temperature=1.0,
            learning_rate=1e-7, beta=0.0, gradient_checkpointing=False, report_to="none", save_strategy="no",
            logging_strategy="no", disable_tqdm=True, seed=1))
    trainer.train()
steps = [end - begin for begin, end in zip(clock.moments, clock.moments[1:])]
assert len(steps) == STEPS, "TRL made another number of steps than it was asked for"
suffix = f"8 prompts x 8, 64 + {NEW}, bf16"
bench.report(f"GRPO step, {suffix}", "s", steps if bench.quick else steps[1:])
bench.report(f"response tokens in a GRPO step, {suffix}", "tokens", [sum(lengths) / STEPS])
# Linux counts in KiB.
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
bench.report(f"peak memory of a GRPO step, {suffix}", "GB", [peak])
