/// Passes over a row of logits: log-probabilities, their gradient, and the draw of a token.

/// Lowest value used for lanes past the end: finite, and its exponential is zero.
#define NO_LOGIT -1e30f
/// Elements whose sums are kept for the draw.
#define DRAW_BLOCK 512L

typedef struct {
    float maximum;
    /// sum of e^(l - maximum): four times 16 lanes (index mod 64) in order, (0 + 1) + (2 + 3), folded by halves.
    float sum;
    int finite;
} row_statistics;

INLINE int row_maximum(const float *logits, long n, float *maximum) {
    v16 m = splat(NO_LOGIT);
    u16v bad = (u16v)(0);
    for (long k = 0; k < n; k += 16) {
        v16 l = load_upto(logits + k, n - k, NO_LOGIT);
        bad |= (u16v)((as_units(l) & 0x7f800000u) == 0x7f800000u);
        m = max16(m, l);
    }
    uint32_t any = 0;
    for (int i = 0; i < 16; i++) any |= bad[i];
    *maximum = maximum16(m);
    return any == 0;
}

INLINE row_statistics statistics(const float *logits, long n) {
    row_statistics s;
    s.finite = row_maximum(logits, n, &s.maximum);
    v16 sum[4] = {splat(0), splat(0), splat(0), splat(0)}, m = splat(s.maximum);
    for (long k = 0; k < n; k += 64)
#pragma clang loop unroll(full)
        for (int i = 0; i < 4; i++)
            if (k + 16 * i < n) sum[i] += exp16(load_upto(logits + k + 16 * i, n - k - 16 * i, NO_LOGIT) - m);
    s.sum = sum16((sum[0] + sum[1]) + (sum[2] + sum[3]));
    return s;
}

/// log softmax(l)[token] from the row's statistics: the one formula of sampling and training.
INLINE float log_probability(float logit, float maximum, float sum) {
    return (float)((double)logit - (double)maximum - log_scalar((double)sum));
}

/// log(sum) - weighted / sum, the entropy of weights e^x with their sum and the sum of x e^x; rounding gives none < 0.
INLINE float entropy_of(double sum, double weighted) {
    double h = log_scalar(sum) - weighted / sum;
    return h > 0 ? (float)h : 0;
}

/// The entropy of softmax(l), with the sums in the order of `sample`.
INLINE float entropy(const float *logits, long n, row_statistics s) {
    v16 weighted[4] = {splat(0), splat(0), splat(0), splat(0)}, m = splat(s.maximum);
    for (long k = 0; k < n; k += 64)
#pragma clang loop unroll(full)
        for (int i = 0; i < 4; i++) {
            if (k + 16 * i >= n) continue;
            v16 x = load_upto(logits + k + 16 * i, n - k - 16 * i, NO_LOGIT) - m;
            weighted[i] = fma16(exp16(x), max16(x, splat(-1000)), weighted[i]);
        }
    return entropy_of((double)s.sum, (double)sum16((weighted[0] + weighted[1]) + (weighted[2] + weighted[3])));
}

/// dH/dl = -p (log p + H).
INLINE void entropy_gradient(const ead_cross_entropy_args *p, long row, const float *logits, row_statistics s) {
    uint32_t *out = (uint32_t *)p->entropy_gradient + row * p->gradient_stride;
    v16 m = splat(s.maximum), inverse = splat(1.0f / s.sum);
    v16 offset = splat((float)((double)p->entropies[row] - log_scalar((double)s.sum)));
    for (long k = 0; k < p->columns; k += 16) {
        long n = p->columns - k;
        v16 x = load_upto(logits + k, n, NO_LOGIT) - m;
        v16 g = exp16(x) * inverse * (max16(x, splat(-1000)) + offset);
        write_units(out, k, -g, n, p->bf16);
    }
    end_units(out, p->columns, p->bf16);
}

/// Chunk: one row.
static void cross_entropy(const void *pointer, long chunk, ead_lane *lane) {
    const ead_cross_entropy_args *p = pointer;
    (void)lane;
    const float *logits = p->logits + chunk * p->logits_stride;
    uint32_t target = p->targets[chunk];
    row_statistics s = statistics(logits, p->columns);
    p->log_probs[chunk] = s.finite ? log_probability(logits[target], s.maximum, s.sum) : __builtin_nanf("");
    if (p->entropies) p->entropies[chunk] = s.finite ? entropy(logits, p->columns, s) : __builtin_nanf("");
    if (p->entropy_gradient) entropy_gradient(p, chunk, logits, s);
    if (!p->gradient) return;
    uint32_t *out = (uint32_t *)p->gradient + chunk * p->gradient_stride;
    v16 m = splat(s.maximum), inverse = splat(1.0f / s.sum);
    for (long k = 0; k < p->columns; k += 16) {
        long n = p->columns - k;
        v16 g = exp16(load_upto(logits + k, n, NO_LOGIT) - m) * inverse;
        if ((long)target >= k && (long)target < k + 16) g[target - k] -= 1;
        write_units(out, k, g, n, p->bf16);
    }
    end_units(out, p->columns, p->bf16);
}

// MARK: draw

INLINE v16 annealed(const float *logits, long n, v16 maximum, v16 inverse_temperature) {
    return exp16((load_upto(logits, n, NO_LOGIT) - maximum) * inverse_temperature);
}

typedef struct {
    float logit;
    uint32_t token;
} candidate;

/// Whether a comes before b: higher logit, then lower token.
INLINE int before(candidate a, candidate b) { return a.logit > b.logit || (a.logit == b.logit && a.token < b.token); }

/// Heap sort, best first.
static void sort_candidates(candidate *c, long n) {
    for (long phase = n / 2 - 1, end = n; end > 1;) {
        long root;
        if (phase >= 0) {
            root = phase--;
        } else {
            end--;
            candidate t = c[0];
            c[0] = c[end];
            c[end] = t;
            root = 0;
        }
        for (long child; (child = 2 * root + 1) < end; root = child) {
            if (child + 1 < end && before(c[child], c[child + 1])) child++;
            if (!before(c[root], c[child])) break;
            candidate t = c[root];
            c[root] = c[child];
            c[child] = t;
        }
    }
}

/// The last candidate (in order of `before`) that top-k and top-p keep.
static candidate filter_cut(
    const float *logits, long n, const ead_draw *d, float maximum, double total, candidate *list) {
    float inverse = 1.0f / d->temperature;
    v16 m = splat(maximum), scale = splat(inverse);
    // Candidates within `depth` of the maximum (in annealed nats); deeper until they are enough.
    for (float depth = 8;; depth *= 2) {
        long count = 0;
        for (long i = 0; i < n; i++) {
            if ((maximum - logits[i]) * inverse > depth && depth <= 1e6f) continue;
            list[count++] = (candidate){logits[i], (uint32_t)i};
        }
        if (count < n && d->top_k > 0 && count < d->top_k) continue;
        sort_candidates(list, count);
        if (d->top_k > 0 && count > d->top_k) count = d->top_k;
        if (d->top_p >= 1) {
            if (d->top_k <= 0 && count < n) continue;
            return list[count - 1];
        }
        double mass = total, sum = 0;
        if (d->top_k > 0) {
            mass = 0;
            for (long i = 0; i < count; i++) mass += (double)annealed(&list[i].logit, 1, m, scale)[0];
        }
        for (long i = 0; i < count; i++) {
            sum += (double)annealed(&list[i].logit, 1, m, scale)[0];
            if (sum >= (double)d->top_p * mass) return list[i];
        }
        if (count == n || d->top_k > 0 || depth > 1e6f) return list[count - 1];
    }
}

/// Draws from the tokens that the filters keep, in ascending order of token.
static void draw_filtered(
    const float *logits, long n, ead_draw *d, float maximum, double total, unsigned char *scratch) {
    v16 m = splat(maximum), inverse = splat(1.0f / d->temperature);
    float *e = (float *)scratch;
    candidate *list = (candidate *)(e + (n + 15) / 16 * 16), cut = {NO_LOGIT, 0xffffffffu};
    if ((d->top_k > 0 && d->top_k < n) || d->top_p < 1) cut = filter_cut(logits, n, d, maximum, total, list);
    double mass = 0, weighted = 0;
    for (long k = 0; k < n; k += 16) {
        v16 x = annealed(logits + k, n - k, m, inverse);
        store(e + k, x);
        for (long i = k; i < n && i < k + 16; i++) {
            candidate c = {logits[i], (uint32_t)i};
            if (before(cut, c) || e[i] < d->min_p) e[i] = 0;
            if (e[i] == 0) continue;
            mass += (double)e[i];
            weighted += (double)e[i] * ((double)logits[i] - (double)maximum) * (double)inverse[0];
        }
    }
    d->behaviour_entropy = entropy_of(mass, weighted);
    double target = (double)d->uniform * mass, sum = 0;
    long token = 0;
    for (long i = 0; i < n; i++) {
        if (e[i] == 0) continue;
        token = i;
        sum += (double)e[i];
        if (sum > target) break;
    }
    d->token = (uint32_t)token;
    d->behaviour_log_prob = (float)(((double)logits[token] - (double)maximum) * (double)inverse[0] - log_scalar(mass));
}

/// The first token whose cumulative weight exceeds uniform * total: first the block, then inside it.
INLINE void draw_unfiltered(
    const float *logits, long n, ead_draw *d, float maximum, const double *blocks, double total) {
    v16 m = splat(maximum), inverse = splat(1.0f / d->temperature);
    double target = (double)d->uniform * total, sum = 0;
    long count = ead_divide_up(n, DRAW_BLOCK), b = 0;
    while (b < count - 1 && sum + blocks[b] <= target) sum += blocks[b++];
    long begin = b * DRAW_BLOCK, end = begin + DRAW_BLOCK < n ? begin + DRAW_BLOCK : n, token = -1;
    float e[16];
    for (long k = begin; k < end && !(token >= 0 && sum > target); k += 16) {
        store(e, annealed(logits + k, n - k, m, inverse));
        for (long i = k; i < end && i < k + 16; i++) {
            if (e[i - k] == 0) continue;
            token = i;
            sum += (double)e[i - k];
            if (sum > target) break;
        }
    }
    d->token = (uint32_t)token;
    d->behaviour_log_prob = (float)(((double)logits[token] - (double)maximum) * (double)inverse[0] - log_scalar(total));
}

/// Chunk: one row. Two passes: the maximum, then both normalisers, both entropies and the block sums together.
static void sample(const void *pointer, long chunk, ead_lane *lane) {
    const ead_sample_args *p = pointer;
    const float *logits = p->logits + chunk * p->logits_stride;
    ead_draw *d = p->draws + chunk;
    long n = p->columns;
    float maximum;
    d->finite = row_maximum(logits, n, &maximum);
    if (!d->finite) return;
    v16 m = splat(maximum), sum[4] = {splat(0), splat(0), splat(0), splat(0)};
    v16 weighted[4] = {splat(0), splat(0), splat(0), splat(0)};
    v16 cooled[4] = {splat(0), splat(0), splat(0), splat(0)};
    int annealing = !d->greedy, same = d->temperature == 1.0f;
    v16 inverse = splat(annealing ? 1.0f / d->temperature : 1.0f);
    double *blocks = (double *)lane->scratch, total = 0;
    for (long b = 0; b * DRAW_BLOCK < n; b++) {
        long end = (b + 1) * DRAW_BLOCK < n ? (b + 1) * DRAW_BLOCK : n;
        v16 block[4] = {splat(0), splat(0), splat(0), splat(0)};
        for (long k = b * DRAW_BLOCK; k < end; k += 64)
#pragma clang loop unroll(full)
            for (int i = 0; i < 4; i++) {
                if (k + 16 * i >= end) continue;
                v16 x = load_upto(logits + k + 16 * i, n - k - 16 * i, NO_LOGIT) - m, e = exp16(x);
                sum[i] += e;
                weighted[i] = fma16(e, max16(x, splat(-1000)), weighted[i]);
                if (!annealing) continue;
                v16 y = x * inverse, w = same ? e : exp16(y);
                block[i] += w;
                cooled[i] = fma16(w, max16(y, splat(-1000)), cooled[i]);
            }
        if (annealing) {
            blocks[b] = (double)sum16((block[0] + block[1]) + (block[2] + block[3]));
            total += blocks[b];
        }
    }
    float normaliser = sum16((sum[0] + sum[1]) + (sum[2] + sum[3]));
    d->entropy = entropy_of(
        (double)normaliser, (double)sum16((weighted[0] + weighted[1]) + (weighted[2] + weighted[3])));
    if (d->greedy) {
        long token = 0;
        while (logits[token] != maximum) token++;
        d->token = (uint32_t)token;
        d->behaviour_log_prob = 0;
        d->behaviour_entropy = 0;
    } else if (d->top_k > 0 || d->top_p < 1 || d->min_p > 0) {
        draw_filtered(logits, n, d, maximum, total, lane->scratch);
    } else {
        d->behaviour_entropy = entropy_of(total, (double)sum16((cooled[0] + cooled[1]) + (cooled[2] + cooled[3])));
        draw_unfiltered(logits, n, d, maximum, blocks, total);
    }
    d->policy_log_prob = log_probability(logits[d->token], maximum, normaliser);
}
