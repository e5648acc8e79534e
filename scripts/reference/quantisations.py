"""Blocks of every quantisation that is read, as gguf-py decodes them: a fixture of the model files' tests.

    python3 scripts/reference/quantisations.py Tests/EADModelsTests/Fixtures/quantisations.json

Needs gguf 0.19.0. Writes for each type a few blocks of random bits (the half-precision scales are finite numbers) and the
float32 values, both as hexadecimal digits of their bytes; under "to TYPE" numbers and what they are encoded as.
"""

import json
import sys

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf.quants import dequantize, quantize

#: Bytes of a block, and where its half-precision numbers are.
forms = {
    Type.Q4_0: (18, [0]), Type.Q4_1: (20, [0, 2]), Type.Q5_0: (22, [0]), Type.Q5_1: (24, [0, 2]), Type.Q8_0: (34, [0]),
    Type.Q2_K: (84, [80, 82]), Type.Q3_K: (110, [108]), Type.Q4_K: (144, [0, 2]), Type.Q5_K: (176, [0, 2]),
    Type.Q6_K: (210, [208]), Type.F16: (2, [0]), Type.BF16: (2, []),
}
random = np.random.default_rng(11)
result = {}
for kind, (size, halves) in forms.items():
    count = 3 if size > 40 else 24 if size == 2 else 6
    blocks = random.integers(0, 256, (count, size), dtype=np.uint8)
    for place in halves:
        numbers = (random.standard_normal(count) * 10.0 ** random.integers(-6, 2, count)).astype(np.float16)
        blocks[:, place:place + 2] = numbers.reshape(-1, 1).view(np.uint8)
    if kind == Type.BF16:
        blocks[:, 1] &= 0xBF
    values = dequantize(blocks.reshape(-1), kind).astype(np.float32)
    assert np.isfinite(values).all()
    result[kind.name] = {"blocks": blocks.tobytes().hex(), "values": values.tobytes().hex()}
# What is written: floats of many sizes, ties and subnormal halves among them, and the bytes.
numbers = np.concatenate([
    random.standard_normal(160) * 10.0 ** random.integers(-9, 4, 160), np.zeros(32), np.arange(64) / 127 - 0.25,
    [65504, -65504, 65519.99, 5.96e-8, 2.98e-8, 2.99e-8, 6.1e-5, 6.0975552e-5], np.arange(24) * 2.0 ** -25,
]).astype(np.float32)
for kind in (Type.F16, Type.BF16, Type.Q8_0):
    bytes_ = numbers.astype(np.float16) if kind == Type.F16 else quantize(numbers.reshape(-1, 32), kind)
    result["to " + kind.name] = {"blocks": bytes_.tobytes().hex(), "values": numbers.tobytes().hex()}
with open(sys.argv[1], "w") as file:
    json.dump(result, file, indent=1)
    file.write("\n")
