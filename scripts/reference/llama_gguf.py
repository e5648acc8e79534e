"""Reads a Llama model in GGUF format into numpy, independently of the Swift reader it is used to check.

Only what the reference scripts need: version 3, F32, F16, BF16, Q8_0 and Q4_1, Hugging Face names and row order.
"""

import struct

import numpy as np

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
SUFFIXES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
TOP = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def scalar(self, code):
        value = struct.unpack_from("<" + code, self.data, self.at)[0]
        self.at += struct.calcsize(code)
        return value

    def text(self):
        size = self.scalar("Q")
        self.at += size
        return bytes(self.data[self.at - size : self.at]).decode()

    def value(self, kind):
        if kind == 8:
            return self.text()
        if kind == 9:
            element, count = self.scalar("I"), self.scalar("Q")
            return [self.value(element) for _ in range(count)]
        return self.scalar(SCALARS[kind])


def decode(raw, kind, count):
    """The elements of a tensor as float32, in stored order."""
    if kind == 0:
        return raw[: 4 * count].view("<f4").copy()
    if kind == 1:
        return raw[: 2 * count].view("<f2").astype(np.float32)
    if kind == 30:
        return (raw[: 2 * count].view("<u2").astype(np.uint32) << 16).view(np.float32)
    if kind == 8:
        blocks = raw[: count // 32 * 34].reshape(-1, 34)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
        return (scale * blocks[:, 2:].view(np.int8).astype(np.float32)).reshape(-1)
    if kind == 3:
        blocks = raw[: count // 32 * 20].reshape(-1, 20)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
        low = blocks[:, 2:4].copy().view("<f2").astype(np.float32)
        levels = np.concatenate([blocks[:, 4:] & 15, blocks[:, 4:] >> 4], axis=1).astype(np.float32)
        return (scale * levels + low).reshape(-1)
    raise ValueError(f"tensor type {kind}")


def read(path):
    """Returns (metadata, {name: float32 array}) in Hugging Face names and row order."""
    data = np.memmap(path, dtype=np.uint8, mode="r")
    reader = Reader(data)
    assert bytes(data[:4]) == b"GGUF"
    reader.at = 4
    assert reader.scalar("I") == 3
    tensors, pairs = reader.scalar("Q"), reader.scalar("Q")
    metadata = {}
    for _ in range(pairs):
        key = reader.text()
        metadata[key] = reader.value(reader.scalar("I"))
    entries = []
    for _ in range(tensors):
        name = reader.text()
        shape = [reader.scalar("Q") for _ in range(reader.scalar("I"))][::-1]
        entries.append((name, shape, reader.scalar("I"), reader.scalar("Q")))
    alignment = metadata.get("general.alignment", 32)
    start = -(-reader.at // alignment) * alignment
    weights = {}
    for name, shape, kind, offset in entries:
        values = decode(data[start + offset :], kind, int(np.prod(shape))).reshape(shape)
        parts = name.split(".")
        if parts[0] != "blk":
            weights[TOP[parts[0]] + ".weight"] = values
            continue
        suffix = SUFFIXES[parts[2]]
        if parts[2] in ("attn_q", "attn_k"):
            heads = metadata["llama.attention.head_count" + ("_kv" if parts[2] == "attn_k" else "")]
            rows, columns = shape
            values = values.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)
        weights[f"model.layers.{parts[1]}.{suffix}.weight"] = values
    return metadata, weights
