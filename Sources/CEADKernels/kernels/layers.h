/// Row-wise layers, each backward beside its forward.

// MARK: RMSNorm

/// 1 / sqrt(mean(x^2) + epsilon): squares summed in 16 lanes.
INLINE float row_rstd(const float *x, long columns, float epsilon) {
    v16 sum = splat(0);
    for (long k = 0; k < columns; k += 16) {
        v16 v = load_upto(x + k, columns - k, 0);
        sum = fma16(v, v, sum);
    }
    return 1.0f / __builtin_sqrtf(sum16(sum) / (float)columns + epsilon);
}
INLINE v16 norm_weight(const float *w, long n, int bf16) {
    v16 v = load_upto(w, n, 0);
    return bf16 ? round16_bf16(v) : v;
}

/// Chunk: ead_rows_per_chunk rows.
static void rmsnorm(const void *pointer, long chunk, ead_lane *lane) {
    const ead_rmsnorm_args *p = pointer;
    (void)lane;
    long per = ead_rows_per_chunk(p->rows), end = (chunk + 1) * per < p->rows ? (chunk + 1) * per : p->rows;
    for (long r = chunk * per; r < end; r++) {
        const float *x = p->x + r * p->columns;
        v16 rstd = splat(row_rstd(x, p->columns, p->epsilon));
        for (long k = 0; k < p->columns; k += 16) {
            long n = p->columns - k;
            v16 y = load_upto(x + k, n, 0) * rstd * norm_weight(p->w + k, n, p->bf16);
            write_units((uint32_t *)p->out + r * p->out_stride, k, y, n, p->bf16);
        }
        end_units((uint32_t *)p->out + r * p->out_stride, p->columns, p->bf16);
    }
}

/// dx = rstd (w dy) - x rstd^3 / n sum(w dy x). Chunk: ead_rows_per_chunk rows.
static void rmsnorm_backward_rows(const void *pointer, long chunk, ead_lane *lane) {
    const ead_rmsnorm_backward_args *p = pointer;
    (void)lane;
    long per = ead_rows_per_chunk(p->rows), end = (chunk + 1) * per < p->rows ? (chunk + 1) * per : p->rows;
    for (long r = chunk * per; r < end; r++) {
        const float *x = p->x + r * p->columns, *dy = p->dy + r * p->columns;
        float *dx = p->dx + r * p->columns;
        float rstd = row_rstd(x, p->columns, p->epsilon);
        p->rstd[r] = rstd;
        v16 sum = splat(0);
        for (long k = 0; k < p->columns; k += 16) {
            long n = p->columns - k;
            v16 g = load_upto(dy + k, n, 0) * norm_weight(p->w + k, n, p->bf16);
            sum = fma16(g, load_upto(x + k, n, 0), sum);
        }
        v16 a = splat(rstd), b = splat(-(rstd * rstd * rstd) / (float)p->columns * sum16(sum));
        for (long k = 0; k < p->columns; k += 16) {
            long n = p->columns - k;
            v16 g = load_upto(dy + k, n, 0) * norm_weight(p->w + k, n, p->bf16);
            v16 d = fma16(load_upto(x + k, n, 0), b, g * a);
            store_upto(dx + k, load_upto(dx + k, n, 0) + d, n);
        }
    }
}

/// dw += sum over rows of dy x rstd. Chunk: 64 columns.
static void rmsnorm_backward_columns(const void *pointer, long chunk, ead_lane *lane) {
    const ead_rmsnorm_backward_args *p = pointer;
    (void)lane;
    for (long k = chunk * 64; k < p->columns && k < (chunk + 1) * 64; k += 16) {
        long n = p->columns - k;
        v16 sum = splat(0);
        for (long r = 0; r < p->rows; r++) {
            v16 x = load_upto(p->x + r * p->columns + k, n, 0) * splat(p->rstd[r]);
            sum = fma16(load_upto(p->dy + r * p->columns + k, n, 0), x, sum);
        }
        store_upto(p->dw + k, load_upto(p->dw + k, n, 0) + sum, n);
    }
}

// MARK: bias

/// Chunk: ead_rows_per_chunk rows.
static void bias(const void *pointer, long chunk, ead_lane *lane) {
    const ead_bias_args *p = pointer;
    (void)lane;
    long per = ead_rows_per_chunk(p->rows), end = (chunk + 1) * per < p->rows ? (chunk + 1) * per : p->rows;
    for (long r = chunk * per; r < end; r++) {
        float *x = p->x + r * p->columns;
        for (long k = 0; k < p->columns; k += 16) {
            long n = p->columns - k;
            store_upto(x + k, load_upto(x + k, n, 0) + load_upto(p->bias + k, n, 0), n);
        }
    }
}

/// Chunk: 64 columns.
static void bias_backward(const void *pointer, long chunk, ead_lane *lane) {
    const ead_bias_backward_args *p = pointer;
    (void)lane;
    for (long k = chunk * 64; k < p->columns && k < (chunk + 1) * 64; k += 16) {
        long n = p->columns - k;
        v16 sum = splat(0);
        for (long r = 0; r < p->rows; r++) sum += load_upto(p->x + r * p->columns + k, n, 0);
        store_upto(p->out + k, load_upto(p->out + k, n, 0) + sum, n);
    }
}

// MARK: SwiGLU

INLINE v16 sigmoid16(v16 x) { return splat(1) / (splat(1) + exp16(-x)); }

/// Chunk: ead_rows_per_chunk rows.
static void swiglu(const void *pointer, long chunk, ead_lane *lane) {
    const ead_swiglu_args *p = pointer;
    (void)lane;
    long per = ead_rows_per_chunk(p->rows), end = (chunk + 1) * per < p->rows ? (chunk + 1) * per : p->rows;
    for (long r = chunk * per; r < end; r++) {
        const float *gate = p->gate_up + r * 2 * p->columns, *up = gate + p->columns;
        for (long k = 0; k < p->columns; k += 16) {
            long n = p->columns - k;
            v16 g = load_upto(gate + k, n, 0);
            v16 h = g * sigmoid16(g) * load_upto(up + k, n, 0);
            write_units((uint32_t *)p->out + r * p->out_stride, k, h, n, p->bf16);
        }
        end_units((uint32_t *)p->out + r * p->out_stride, p->columns, p->bf16);
    }
}

/// d gate = dh up (s + g s (1 - s)), d up = dh g s, with s = sigmoid(g). Chunk: ead_rows_per_chunk rows.
static void swiglu_backward(const void *pointer, long chunk, ead_lane *lane) {
    const ead_swiglu_backward_args *p = pointer;
    (void)lane;
    long per = ead_rows_per_chunk(p->rows), end = (chunk + 1) * per < p->rows ? (chunk + 1) * per : p->rows;
    long wide = ead_units(2 * p->columns, p->bf16), narrow = ead_units(p->columns, p->bf16);
    for (long r = chunk * per; r < end; r++) {
        const uint32_t *gate_up = (const uint32_t *)p->gate_up + r * wide;
        uint32_t *out = (uint32_t *)p->dgate_up + r * wide, *h = (uint32_t *)p->h + r * narrow;
        for (long k = 0; k < p->columns; k += 16) {
            long n = p->columns - k;
            v16 g = read_units(gate_up, k, n, p->bf16), u = read_units(gate_up, p->columns + k, n, p->bf16);
            v16 d = load_upto(p->dh + r * p->columns + k, n, 0);
            v16 s = sigmoid16(g), gs = g * s;
            write_units(h, k, gs * u, n, p->bf16);
            write_units(out, k, d * u * fma16(gs, splat(1) - s, s), n, p->bf16);
            write_units(out, p->columns + k, d * gs, n, p->bf16);
        }
        end_units(h, p->columns, p->bf16);
    }
}

// MARK: embedding

/// Chunk: ead_rows_per_chunk rows.
static void embedding(const void *pointer, long chunk, ead_lane *lane) {
    const ead_embedding_args *p = pointer;
    (void)lane;
    long units = ead_units(p->columns, p->bf16);
    long per = ead_rows_per_chunk(p->rows), end = (chunk + 1) * per < p->rows ? (chunk + 1) * per : p->rows;
    for (long r = chunk * per; r < end; r++) {
        long token = p->tokens[r];
        long width, place = panel_place(token / 16 * 16, p->vocabulary, units, &width);
        const uint32_t *unit = (const uint32_t *)p->panels + place + token % 16;
        float *x = p->x + r * p->columns;
        if (p->bf16) {
            for (long k = 0; k < p->columns; k++) {
                x[k] = from_bf16((uint16_t)(unit[k / 2 * width] >> (k % 2 * 16)));
            }
        } else {
            for (long k = 0; k < p->columns; k++) memcpy(x + k, unit + k * width, 4);
        }
    }
}

/// Chunk: 64 columns.
static void scatter(const void *pointer, long chunk, ead_lane *lane) {
    const ead_scatter_args *p = pointer;
    (void)lane;
    long begin = chunk * 64, end = begin + 64 < p->columns ? begin + 64 : p->columns;
    for (long r = 0; r < p->rows; r++) {
        float *out = p->out + (long)p->target[r] * p->columns;
        const float *x = p->x + r * p->columns;
        v16 scale = splat(p->scale ? p->scale[r] : 1);
        for (long k = begin; k < end; k += 16) {
            long n = end - k;
            store_upto(out + k, fma16(scale, load_upto(x + k, n, 0), load_upto(out + k, n, 0)), n);
        }
    }
}
