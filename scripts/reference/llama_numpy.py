"""A Llama forward and backward pass and AdamW in plain numpy: the independent reference of the engine's arithmetic.

Weights are a dict {Hugging Face name: array}. Everything is computed in the type of the weights.
"""

import numpy as np


class Shape:
    def __init__(self, layers, heads, key_value_heads, head_size, rope_base, norm_epsilon):
        self.layers, self.heads, self.key_value_heads = layers, heads, key_value_heads
        self.head_size, self.rope_base, self.norm_epsilon = head_size, rope_base, norm_epsilon


def norm_forward(x, gain, epsilon):
    scale = 1 / np.sqrt((x * x).mean(axis=1, keepdims=True) + epsilon)
    return x * scale * gain, (x, scale)


def norm_backward(dy, gain, saved):
    x, scale = saved
    dgain = (dy * x * scale).sum(axis=0)
    dz = dy * gain
    return scale * dz - x * scale**3 * (dz * x).mean(axis=1, keepdims=True), dgain


def rotation(length, shape, dtype):
    """Cosines and sines [length, 1, head_size], each frequency twice: rotate-half order."""
    frequencies = shape.rope_base ** (-np.arange(0, shape.head_size, 2, dtype=np.float64) / shape.head_size)
    angles = np.outer(np.arange(length), frequencies)
    angles = np.concatenate([angles, angles], axis=1)[:, None, :]
    return np.cos(angles).astype(dtype), np.sin(angles).astype(dtype)


def rotate(x, cosines, sines):
    first, second = np.split(x, 2, axis=2)
    return x * cosines + np.concatenate([-second, first], axis=2) * sines


def rotate_back(dy, cosines, sines):
    first, second = np.split(dy * sines, 2, axis=2)
    return dy * cosines + np.concatenate([second, -first], axis=2)


def attention_forward(q, k, v):
    """q [time, heads, size], k and v [time, key_value_heads, size]; causal."""
    length, heads, size = q.shape
    share = heads // k.shape[1]
    k, v = np.repeat(k, share, axis=1), np.repeat(v, share, axis=1)
    scores = np.einsum("ihd,jhd->hij", q, k) / np.sqrt(np.asarray(size, q.dtype))
    scores = np.where(np.tril(np.ones((length, length), bool)), scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    return np.einsum("hij,jhd->ihd", weights, v), (q, k, v, weights, share)


def attention_backward(dout, saved):
    q, k, v, weights, share = saved
    dv = np.einsum("hij,ihd->jhd", weights, dout)
    dweights = np.einsum("ihd,jhd->hij", dout, v)
    dscores = weights * (dweights - (dweights * weights).sum(axis=2, keepdims=True))
    dscores /= np.sqrt(np.asarray(q.shape[2], q.dtype))
    dq = np.einsum("hij,jhd->ihd", dscores, k)
    dk = np.einsum("hij,ihd->jhd", dscores, q)
    length, heads, size = q.shape
    fold = lambda x: x.reshape(length, heads // share, share, size).sum(axis=2)
    return dq, fold(dk), fold(dv)


def loss_and_gradients(weights, shape, tokens, gradients=True, first=1):
    """Mean negative log-likelihood of tokens[first:], the logits [time, vocabulary], and {name: gradient}."""
    tokens = np.asarray(tokens)
    length = len(tokens)
    embedding = weights["model.embed_tokens.weight"]
    head_name = "lm_head.weight" if "lm_head.weight" in weights else "model.embed_tokens.weight"
    cosines, sines = rotation(length, shape, embedding.dtype)
    x = embedding[tokens]
    saved = []
    for layer in range(shape.layers):
        w = lambda name: weights[f"model.layers.{layer}.{name}.weight"]
        h, norm1 = norm_forward(x, w("input_layernorm").reshape(-1), shape.norm_epsilon)
        split = lambda y, n: y.reshape(length, n, shape.head_size)
        q = rotate(split(h @ w("self_attn.q_proj").T, shape.heads), cosines, sines)
        k = rotate(split(h @ w("self_attn.k_proj").T, shape.key_value_heads), cosines, sines)
        v = split(h @ w("self_attn.v_proj").T, shape.key_value_heads)
        mixed, attention = attention_forward(q, k, v)
        mixed = mixed.reshape(length, -1)
        x = x + mixed @ w("self_attn.o_proj").T
        h2, norm2 = norm_forward(x, w("post_attention_layernorm").reshape(-1), shape.norm_epsilon)
        gate, up = h2 @ w("mlp.gate_proj").T, h2 @ w("mlp.up_proj").T
        sigmoid = 1 / (1 + np.exp(-gate))
        inner = gate * sigmoid * up
        x = x + inner @ w("mlp.down_proj").T
        saved.append((h, norm1, attention, mixed, h2, norm2, gate, up, sigmoid, inner))
    last, norm = norm_forward(x, weights["model.norm.weight"].reshape(-1), shape.norm_epsilon)
    logits = last @ weights[head_name].T
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows, targets = np.arange(first - 1, length - 1), tokens[first:]
    loss = -log_probs[rows, targets].mean()
    if not gradients:
        return loss, logits, None

    dlogits = np.zeros_like(log_probs)
    dlogits[rows] = np.exp(log_probs[rows])
    dlogits[rows, targets] -= 1
    dlogits /= len(rows)
    grads = {head_name: dlogits.T @ last}
    dx, grads["model.norm.weight"] = norm_backward(
        dlogits @ weights[head_name], weights["model.norm.weight"].reshape(-1), norm
    )
    for layer in reversed(range(shape.layers)):
        prefix = f"model.layers.{layer}."
        w = lambda name: weights[f"{prefix}{name}.weight"]
        h, norm1, attention, mixed, h2, norm2, gate, up, sigmoid, inner = saved[layer]

        def linear(name, dy, source):
            grads[f"{prefix}{name}.weight"] = dy.T @ source
            return dy @ w(name)

        dinner = linear("mlp.down_proj", dx, inner)
        dup = dinner * gate * sigmoid
        dgate = dinner * up * sigmoid * (1 + gate * (1 - sigmoid))
        dh2 = linear("mlp.gate_proj", dgate, h2) + linear("mlp.up_proj", dup, h2)
        dnorm, grads[prefix + "post_attention_layernorm.weight"] = norm_backward(
            dh2, w("post_attention_layernorm").reshape(-1), norm2
        )
        dx = dx + dnorm
        dmixed = linear("self_attn.o_proj", dx, mixed).reshape(length, shape.heads, shape.head_size)
        dq, dk, dv = attention_backward(dmixed, attention)
        dh = linear("self_attn.q_proj", rotate_back(dq, cosines, sines).reshape(length, -1), h)
        dh = dh + linear("self_attn.k_proj", rotate_back(dk, cosines, sines).reshape(length, -1), h)
        dh = dh + linear("self_attn.v_proj", dv.reshape(length, -1), h)
        dnorm, grads[prefix + "input_layernorm.weight"] = norm_backward(
            dh, w("input_layernorm").reshape(-1), norm1
        )
        dx = dx + dnorm
    if head_name == "model.embed_tokens.weight":
        np.add.at(grads[head_name], tokens, dx)
    else:
        grads["model.embed_tokens.weight"] = np.zeros_like(embedding)
        np.add.at(grads["model.embed_tokens.weight"], tokens, dx)
    return loss, logits, {name: grads[name].reshape(weights[name].shape) for name in weights}


def global_norm(grads):
    return float(np.sqrt(sum(np.square(g, dtype=np.float64).sum() for g in grads.values())))


class AdamW:
    """Loshchilov and Hutter 2019, as PyTorch computes it: decay first, then the step with bias correction.

    The gradient is scaled by min(1, clip / (norm + 1e-6)) before; decay applies to every parameter.
    """

    def __init__(self, weights, learning_rate, beta1, beta2, epsilon, weight_decay, clip):
        self.rate, self.beta1, self.beta2 = learning_rate, beta1, beta2
        self.epsilon, self.decay, self.clip = epsilon, weight_decay, clip
        self.first = {name: np.zeros_like(w) for name, w in weights.items()}
        self.second = {name: np.zeros_like(w) for name, w in weights.items()}
        self.updates = 0

    def step(self, weights, grads):
        """Updates the weights in place and returns the gradient norm before clipping."""
        norm = global_norm(grads)
        scale = min(1.0, self.clip / (norm + 1e-6))
        self.updates += 1
        correction1 = 1 - self.beta1**self.updates
        correction2 = 1 - self.beta2**self.updates
        for name, w in weights.items():
            g, m, v = grads[name], self.first[name], self.second[name]
            g *= scale
            w *= 1 - self.rate * self.decay
            m *= self.beta1
            m += (1 - self.beta1) * g
            v *= self.beta2
            v += (1 - self.beta2) * g * g
            w -= (self.rate / correction1) * m / (np.sqrt(v / correction2) + self.epsilon)
        return norm
