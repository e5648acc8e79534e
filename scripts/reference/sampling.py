#!/usr/bin/env python3
"""Golden values of EADSampling, from the published formulas and 50-digit decimals.

Prints the rows of the tables in Tests/EADSamplingTests; needs the standard library only.
"""

from decimal import Decimal, getcontext

getcontext().prec = 50


def annealed(t, s, maximum="1.2", minimum="0.1", d0="25", alpha="5", limit="40000", warmup=10, clock="1"):
    """tau_t of position t in step s."""
    if t < warmup:
        return Decimal(1)
    decay = min(Decimal(d0) + Decimal(alpha) * s, Decimal(limit))
    return max(1 + Decimal(maximum) - (Decimal(t) / (Decimal(clock) * decay)).exp(), Decimal(minimum))


def shape(name, t, s, clock, d0, alpha, limit, horizon, hi="1.2", lo="0.1"):
    """tau_t of the other shapes, without warm-up; means are taken numerically, by Simpson's rule."""
    hi, lo, d0, clock = Decimal(hi), Decimal(lo), Decimal(d0), Decimal(clock)
    decay = clock * min(d0 + Decimal(alpha) * s, Decimal(limit))
    x = Decimal(t) / decay

    def mean(end, n=2000):
        # In two parts, since the floor makes a kink.
        kink, total = min(end, (1 + hi - lo).ln()), Decimal(0)
        step = kink / n
        for i in range(n + 1):
            total += (1 if i in (0, n) else 4 if i % 2 else 2) * (1 + hi - (i * step).exp())
        return (total * step / 3 + lo * (end - kink)) / end

    return {
        "reverse": lambda: min(lo + x.exp(), hi),
        "linear": lambda: max(hi - (hi - lo) * x, lo),
        "two-stage": lambda: hi if x < Decimal("0.5") else lo,
        "mean-matched": lambda: mean(Decimal(1)),
        "step-only": lambda: mean(Decimal(horizon) / decay),
        "exponential": lambda: lo + (hi - lo) * (-x).exp(),
        "exponential-both": lambda: lo + (hi * (-s / d0).exp() - lo) * (-Decimal(t) / (clock * d0)).exp(),
        "step-decay": lambda: lo + (hi - lo) * (-s / d0).exp(),
        "step-growth": lambda: min(hi + (lo - hi) * (-s / d0).exp(), Decimal(1)),
    }[name]()


def law(logits, tau, top_k=0, top_p="1", min_p="0"):
    """Probabilities after temperature, top-k, top-p and min-p, in that order."""
    weight = {i: (Decimal(x) / Decimal(tau)).exp() for i, x in enumerate(logits)}
    ranked = sorted(weight, key=lambda i: (-weight[i], i))
    if top_k:
        ranked = ranked[:top_k]
    if Decimal(top_p) < 1:
        total, kept, mass = sum(weight[i] for i in ranked), [], Decimal(0)
        for i in ranked:
            kept.append(i)
            mass += weight[i]
            if mass >= Decimal(top_p) * total:
                break
        ranked = kept
    ranked = [i for i in ranked if weight[i] >= Decimal(min_p) * weight[ranked[0]]]
    total = sum(weight[i] for i in ranked)
    return [weight[i] / total if i in ranked else Decimal(0) for i in range(len(logits))]


def philox(counter, key):
    """Philox4x32-10 of four counter words and two key words."""
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b % 2**32, (a >> 32) ^ c[3] ^ k[1], a % 2**32]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return c


def key_words(seed, stream):
    z = (seed + 0x9E3779B97F4A7C15) % 2**64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    z = (z ^ (z >> 31)) ^ stream
    return z % 2**32, z >> 32


def permutation(count, seed, stream):
    """Fisher-Yates from the last place down, with 64-bit numbers taken low word first and Lemire's bounded draw."""
    def numbers():
        block = 0
        while True:
            w = philox((block % 2**32, block >> 32, 0, 0), key_words(seed, stream))
            yield w[0] | w[1] << 32
            yield w[2] | w[3] << 32
            block += 1

    source, order = numbers(), list(range(count))
    for last in range(count - 1, 0, -1):
        bound = last + 1
        product = next(source) * bound
        while product % 2**64 < (2**64 - bound) % bound:
            product = next(source) * bound
        j = product >> 64
        order[last], order[j] = order[j], order[last]
    return order


if __name__ == "__main__":
    print("# permutation of 10 by seed 5, stream 0:", permutation(10, 5, 0))
    print("# uniforms: seed, step, position, sample, problem, domain (1 training, 2 evaluation), 2^24 u")
    for seed, step, position, sample, problem, domain in [
        (0, 0, 0, 0, 0, 1), (0, 0, 0, 0, 0, 2), (42, 7, 3, 5, 11, 1), (2**64 - 1, 2**40, 3071, 15, 2**32 - 1, 2),
    ]:
        u = philox((position, sample, problem, domain), key_words(seed, step))[0] >> 8
        print(f"({seed}, {step}, {position}, {sample}, {problem}, {domain}, {u}),")
    print("# selections: seed, step, mini-batch, first two numbers")
    for seed, step, batch in [(5, 0, 0), (5, 0, 1), (5, 7, 1), (6, 7, 1)]:
        w = philox((0, 0, batch, 3), key_words(seed, step))
        print(f"({seed}, {step}, {batch}, 0x{w[0] | w[1] << 32:016x}, 0x{w[2] | w[3] << 32:016x}),")
    print("# clock, warmup, step, position, tau")
    for clock, warmup, s, t in [
        ("1", 0, 0, 0), ("1", 0, 0, 4), ("1", 0, 0, 5), ("1", 0, 0, 18), ("1", 0, 0, 19), ("1", 10, 0, 9),
        ("1", 10, 0, 10), ("1", 10, 10, 14), ("1", 10, 10, 15), ("1", 10, 50, 203), ("1", 10, 100, 3071),
        ("20", 10, 0, 10), ("20", 10, 0, 91), ("20", 10, 0, 92), ("20", 10, 0, 371), ("20", 10, 50, 3072),
        ("20", 10, 100, 3072), ("20", 10, 440, 3072), ("1", 10, 7995, 20000), ("1", 10, 10**9, 20000),
    ]:
        print(f'({clock}, {warmup}, {s}, {t}, {annealed(t, s, clock=clock, warmup=warmup):.12f}),')
    print("# shape, clock, d0, alpha, limit, horizon, step, position, tau")
    for name, rows in {
        "reverse": [(1, 8, 5, 40000, 1, 0, 0), (20, 25, 5, 40000, 1, 3, 10), (1, 8, 0, 40000, 1, 0, 1)],
        "linear": [(1, 8, 5, 40000, 1, 0, 3), (20, 25, 5, 40000, 1, 10, 700), (1, 8, 0, 40000, 1, 0, 9)],
        "two-stage": [(1, 8, 0, 40000, 1, 0, 3), (1, 8, 0, 40000, 1, 0, 4), (20, 25, 5, 40000, 1, 1, 299)],
        "mean-matched": [(1, 8, 5, 40000, 1, 0, 0), (20, 25, 5, 40000, 1, 9, 900)],
        "step-only": [(1, 8, 1, 40000, 15, 0, 7), (1, 8, 1, 40000, 15, 20, 7), (20, 25, 5, 40000, 3072, 100, 0)],
        "exponential": [(20, 25, 0, 40000, 1, 50, 300), (20, 25, 5, 2000, 1, 1000, 300), (1, 8, 5, 40000, 1, 0, 0)],
        "exponential-both": [(20, 25, 5, 40000, 1, 0, 0), (20, 25, 5, 40000, 1, 40, 0), (20, 25, 5, 40000, 1, 10, 99)],
        "step-decay": [(1, 50, 5, 40000, 1, 0, 9), (20, 50, 5, 40000, 1, 70, 9)],
        "step-growth": [(1, 50, 5, 40000, 1, 0, 9), (20, 50, 5, 40000, 1, 70, 9), (1, 50, 5, 40000, 1, 200, 9)],
    }.items():
        for clock, d0, alpha, limit, horizon, s, t in rows:
            tau = shape(name, t, s, clock, d0, alpha, limit, horizon)
            case = name.split("-")[0] + "".join(w.title() for w in name.split("-")[1:])
            print(f"(.{case}, {clock}, {d0}, {alpha}, {limit}, {horizon}, {s}, {t}, {tau:.12f}),")
    print("# filters")
    logits = ["2", "1", "0.5", "-1", "1", "-3"]
    for tau, k, p, m in [
        ("1", 0, "1", "0"), ("0.5", 0, "1", "0"), ("1.2", 0, "1", "0"), ("1.2", 3, "1", "0"),
        ("1.2", 2, "1", "0"), ("1", 0, "0.8", "0"), ("1.2", 4, "0.6", "0"), ("1.2", 0, "1", "0.3"),
        ("0.7", 5, "0.99", "0.05"),
    ]:
        row = ", ".join(f"{x:.12f}" for x in law(logits, tau, k, p, m))
        print(f"({tau}, {k}, {p}, {m}, [{row}]),")
