/// Rotary positions and grouped-query attention over pages of 16 positions.

#define PAGE 16

INLINE long page_value_offset(const ead_heads *h) { return ead_units(h->head_size, h->bf16) * 16; }
/// Columns of a value in a page: whole vectors.
INLINE long padded_size(long head_size) { return (head_size + 15) / 16 * 16; }

/// The segment that holds a row.
INLINE const ead_segment *segment_of(const ead_segment *segments, long count, long row) {
    long low = 0, high = count - 1;
    while (low < high) {
        long middle = (low + high + 1) / 2;
        if (segments[middle].row <= row) low = middle;
        else high = middle - 1;
    }
    return segments + low;
}

// MARK: rotary positions

/// x rotated by its position: (x1 cos - x2 sin, x2 cos + x1 sin); `sign` -1 rotates back.
INLINE void rotate(const float *x, float *y, const float *cosine, const float *sine, long half, float sign) {
    for (long k = 0; k < half; k++) {
        float a = x[k], b = x[k + half], s = sine[k] * sign;
        y[k] = __builtin_fmaf(-b, s, a * cosine[k]);
        y[k + half] = __builtin_fmaf(a, s, b * cosine[k]);
    }
}

INLINE void write_key(uint32_t *page, long lane, const float *key, const ead_heads *h) {
    if (h->bf16) {
        for (long u = 0; u < h->head_size / 2; u++) {
            page[u * 16 + lane] = pair(to_bf16(key[2 * u]), to_bf16(key[2 * u + 1]));
        }
    } else {
        for (long u = 0; u < h->head_size; u++) memcpy(page + u * 16 + lane, key + u, 4);
    }
}
INLINE void write_value(uint32_t *values, long lane, const float *value, const ead_heads *h) {
    if (h->bf16) {
        uint16_t *out = (uint16_t *)(values + lane / 2 * padded_size(h->head_size)) + lane % 2;
        for (long k = 0; k < h->head_size; k++) out[2 * k] = to_bf16(value[k]);
    } else {
        memcpy(values + lane * padded_size(h->head_size), value, (size_t)h->head_size * 4);
    }
}

/// Chunk: ead_rows_per_chunk rows.
static void rope(const void *pointer, long chunk, ead_lane *lane) {
    const ead_rope_args *p = pointer;
    const ead_heads *h = &p->heads;
    (void)lane;
    const ead_segment *last = p->segments + p->segment_count - 1;
    long size = h->head_size, half = size / 2, rows = last->row + last->rows;
    long per = ead_rows_per_chunk(rows), end = (chunk + 1) * per < rows ? (chunk + 1) * per : rows;
    float rotated[EAD_MAXIMUM_HEAD_SIZE] = {0};
    for (long r = chunk * per; r < end; r++) {
        const ead_segment *s = segment_of(p->segments, p->segment_count, r);
        long position = s->position + (r - s->row);
        const float *x = p->qkv + r * (h->heads + 2 * h->kv_heads) * size;
        const float *cosine = p->cosines + position * half, *sine = p->sines + position * half;
        for (long i = 0; i < h->heads; i++, x += size) {
            rotate(x, rotated, cosine, sine, half, 1);
            for (long k = 0; k < size; k += 16) {
                write_units(
                    (uint32_t *)p->q + r * p->q_stride, i * size + k, load(rotated + k), size - k, h->bf16);
            }
        }
        uint8_t *page = s->pages[position / PAGE] + h->layer_offset;
        for (long i = 0; i < h->kv_heads; i++, x += size) {
            rotate(x, rotated, cosine, sine, half, 1);
            write_key((uint32_t *)(page + i * h->head_bytes), position % PAGE, rotated, h);
        }
        for (long i = 0; i < h->kv_heads; i++, x += size) {
            uint32_t *values = (uint32_t *)(page + i * h->head_bytes) + page_value_offset(h);
            write_value(values, position % PAGE, x, h);
        }
    }
}

/// The q and k parts of dqkv rotated back, in place. Chunk: ead_rows_per_chunk rows.
static void rope_backward(const void *pointer, long chunk, ead_lane *lane) {
    const ead_attention_backward_args *p = pointer;
    const ead_heads *h = &p->heads;
    (void)lane;
    const ead_segment *last = p->segments + p->segment_count - 1;
    long size = h->head_size, half = size / 2, rows = last->row + last->rows;
    long per = ead_rows_per_chunk(rows), end = (chunk + 1) * per < rows ? (chunk + 1) * per : rows;
    float rotated[EAD_MAXIMUM_HEAD_SIZE] = {0};
    for (long r = chunk * per; r < end; r++) {
        const ead_segment *s = segment_of(p->segments, p->segment_count, r);
        long position = s->position + (r - s->row);
        float *x = p->dqkv + r * (h->heads + 2 * h->kv_heads) * size;
        for (long i = 0; i < h->heads + h->kv_heads; i++, x += size) {
            rotate(x, rotated, p->cosines + position * half, p->sines + position * half, half, -1);
            memcpy(x, rotated, (size_t)size * 4);
        }
    }
}

// MARK: scores

/// scores[r][0 ..< 16 pages] = scale q[r] . k, for R rows.
INLINE void score_tile(
    const int R, const int bf16, const uint32_t *const *q, uint8_t *const *pages, long page_offset, long page_count,
    long units, float scale, float *scores, long stride) {
    for (long p = 0; p < page_count; p += EAD_PAGE_VECTORS) {
        const uint32_t *k[EAD_PAGE_VECTORS];
        for (int c = 0; c < EAD_PAGE_VECTORS; c++) {
            long page = p + c < page_count ? p + c : page_count - 1;
            k[c] = (const uint32_t *)(pages[page] + page_offset);
        }
        v16 acc[EAD_ATTENTION_ROWS][EAD_PAGE_VECTORS];
#pragma clang loop unroll(full)
        for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
            for (int c = 0; c < EAD_PAGE_VECTORS; c++) acc[r][c] = splat(0);
        for (long u = 0; u < units; u++) {
            u16v w[EAD_PAGE_VECTORS];
#pragma clang loop unroll(full)
            for (int c = 0; c < EAD_PAGE_VECTORS; c++) w[c] = load_units(k[c] + u * 16);
#pragma clang loop unroll(full)
            for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
                for (int c = 0; c < EAD_PAGE_VECTORS; c++) acc[r][c] = step(acc[r][c], q[r][u], w[c], bf16);
        }
#pragma clang loop unroll(full)
        for (int r = 0; r < R; r++)
            for (int c = 0; c < EAD_PAGE_VECTORS && p + c < page_count; c++)
                store(scores + r * stride + (p + c) * 16, acc[r][c] * splat(scale));
    }
}

/// scores[0 ..< limit] become e^(s - max), the rest of the pages zero; returns their sum.
INLINE float softmax_row(float *scores, long limit, long page_count) {
    v16 m = splat(-__builtin_inff());
    for (long k = 0; k < limit; k += 16) m = max16(m, load_upto(scores + k, limit - k, -__builtin_inff()));
    v16 maximum = splat(maximum16(m)), sum = splat(0);
    for (long k = 0; k < page_count * 16; k += 16) {
        v16 e = splat(0);
        // Lanes past the limit are far below the maximum, so that their exponential is an exact zero.
        if (k < limit) e = exp16(load_upto(scores + k, limit - k, -__builtin_inff()) - maximum);
        sum += e;
        store(scores + k, e);
    }
    return sum16(sum);
}

// MARK: forward

/// out[r] = sum of p[r][j] v[j] / total[r] for one block of <= 64 columns.
INLINE void value_tile(
    const int R, const int C, const int bf16, const uint32_t *p, long p_stride, uint8_t *const *pages,
    long page_offset, long page_count, long units, long width, v16 acc[EAD_ATTENTION_ROWS][4]) {
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
        for (int c = 0; c < C; c++) acc[r][c] = splat(0);
    for (long page = 0; page < page_count; page++) {
        const uint32_t *v = (const uint32_t *)(pages[page] + page_offset);
        for (long u = 0; u < units; u++) {
            u16v w[4];
#pragma clang loop unroll(full)
            for (int c = 0; c < C; c++) w[c] = load_units(v + u * width + c * 16);
#pragma clang loop unroll(full)
            for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
                for (int c = 0; c < C; c++) acc[r][c] = step(acc[r][c], p[r * p_stride + u], w[c], bf16);
        }
        p += units;
    }
}

/// R query rows (same key/value head) of one segment.
INLINE void attention_tile(
    const int R, const int bf16, const ead_attention_args *a, const ead_segment *s, long head, long first,
    unsigned char *scratch) {
    const ead_heads *h = &a->heads;
    long group = h->heads / h->kv_heads, size = h->head_size, units = ead_units(size, bf16);
    const uint32_t *q[EAD_ATTENTION_ROWS];
    uint32_t *out[EAD_ATTENTION_ROWS];
    long limit[EAD_ATTENTION_ROWS], most = 0;
    for (int r = 0; r < R; r++) {
        long row = s->row + (first + r) / group, i = head * group + (first + r) % group;
        q[r] = (const uint32_t *)a->q + row * a->q_stride + i * units;
        out[r] = (uint32_t *)a->out + row * a->out_stride + i * units;
        limit[r] = s->position + (first + r) / group + 1;
        most = limit[r] > most ? limit[r] : most;
    }
    long page_count = ead_divide_up(most, PAGE), stride = page_count * PAGE;
    long offset = h->layer_offset + head * h->head_bytes;
    float *scores = (float *)scratch, total[EAD_ATTENTION_ROWS];
    score_tile(R, bf16, q, s->pages, offset, page_count, units, 1.0f / __builtin_sqrtf((float)size), scores, stride);
    for (int r = 0; r < R; r++) {
        float *row = scores + r * stride;
        total[r] = softmax_row(row, limit[r], page_count);
        // In place: a row of units never overtakes the floats it is made of.
        if (bf16) {
            for (long k = 0; k < stride; k += 16) write_units((uint32_t *)row, k, load(row + k), 16, 1);
        }
    }
    long page_units = ead_units(PAGE, bf16), values = offset + page_value_offset(h) * 4;
    long padded = padded_size(size);
    for (long c = 0; c < padded; c += 64) {
        v16 acc[EAD_ATTENTION_ROWS][4];
        const uint32_t *p = (const uint32_t *)scores;
        long vectors = (padded - c) / 16 < 4 ? (padded - c) / 16 : 4, at = values + c * 4;
        switch (vectors) {
        case 1: value_tile(R, 1, bf16, p, stride, s->pages, at, page_count, page_units, padded, acc); break;
        case 2: value_tile(R, 2, bf16, p, stride, s->pages, at, page_count, page_units, padded, acc); break;
        case 3: value_tile(R, 3, bf16, p, stride, s->pages, at, page_count, page_units, padded, acc); break;
        default: value_tile(R, 4, bf16, p, stride, s->pages, at, page_count, page_units, padded, acc);
        }
        for (int r = 0; r < R; r++)
            for (long j = 0; j < vectors; j++)
                write_units(out[r], c + j * 16, acc[r][j] / splat(total[r]), size - c - j * 16, bf16);
    }
}

#define ATTENTION_CASE(R, BF16) \
    case R: attention_tile(R, BF16, a, s, head, first, scratch); break;
#if EAD_ATTENTION_ROWS == 6
#define ATTENTION_CASES(BF16) \
    ATTENTION_CASE(1, BF16) ATTENTION_CASE(2, BF16) ATTENTION_CASE(3, BF16) ATTENTION_CASE(4, BF16) \
    ATTENTION_CASE(5, BF16) ATTENTION_CASE(6, BF16)
#else
#define ATTENTION_CASES(BF16) ATTENTION_CASE(1, BF16)
#endif
#define DEFINE_ATTENTION(NAME, BF16) \
    static void NAME( \
        int rows, const ead_attention_args *a, const ead_segment *s, long head, long first, unsigned char *scratch) { \
        switch (rows) { ATTENTION_CASES(BF16) } \
    }
DEFINE_ATTENTION(attention_f32, 0)
DEFINE_ATTENTION(attention_bf16, 1)

/// Chunk: ead_rows_per_chunk rows of the batch and one key/value head.
static void attention(const void *pointer, long chunk, ead_lane *lane) {
    const ead_attention_args *a = pointer;
    const ead_segment *stop = a->segments + a->segment_count;
    long per = ead_rows_per_chunk(stop[-1].row + stop[-1].rows), group = a->heads.heads / a->heads.kv_heads;
    long head = chunk % a->heads.kv_heads, begin = chunk / a->heads.kv_heads * per, end = begin + per;
    const ead_segment *s = segment_of(a->segments, a->segment_count, begin);
    for (; s < stop && s->row < end; s++) {
        long from = (begin > s->row ? begin - s->row : 0) * group;
        long to = (end - s->row < s->rows ? end - s->row : s->rows) * group;
        long tiles = ead_divide_up(to - from, EAD_ATTENTION_ROWS);
        for (long t = 0; t < tiles; t++) {
            long first = from + (to - from) * t / tiles, next = from + (to - from) * (t + 1) / tiles;
            (a->heads.bf16 ? attention_bf16 : attention_f32)((int)(next - first), a, s, head, first, lane->scratch);
        }
    }
}

// MARK: backward

/// Query rows handled together in the backward pass.
#define BACKWARD_ROWS 48

INLINE void backward_scores(
    int rows, const uint32_t *const *q, uint8_t *const *pages, long offset, long page_count, long units, int bf16,
    float scale, float *scores, long stride) {
    for (int r = 0; r < rows; r += EAD_ATTENTION_ROWS) {
        const uint32_t *padded[EAD_ATTENTION_ROWS];
        int n = rows - r < EAD_ATTENTION_ROWS ? rows - r : EAD_ATTENTION_ROWS;
        for (int i = 0; i < EAD_ATTENTION_ROWS; i++) padded[i] = q[r + (i < n ? i : n - 1)];
        float *out = scores + r * stride;
        if (n == EAD_ATTENTION_ROWS) {
            if (bf16) score_tile(EAD_ATTENTION_ROWS, 1, padded, pages, offset, page_count, units, scale, out, stride);
            else score_tile(EAD_ATTENTION_ROWS, 0, padded, pages, offset, page_count, units, scale, out, stride);
            continue;
        }
        for (int i = 0; i < n; i++, out += stride) {
            if (bf16) score_tile(1, 1, padded + i, pages, offset, page_count, units, scale, out, stride);
            else score_tile(1, 0, padded + i, pages, offset, page_count, units, scale, out, stride);
        }
    }
}

/// dkv[position of key][column] += p[rows]^T x[rows], over keys first ..< last, which live in rows of dqkv from `out`.
INLINE void backward_keys(
    const float *p, long p_stride, const float *x, long size, long padded, long rows, long first, long last,
    float *out, long out_stride) {
    if (last <= first) return;
    gemm_block(
        0, (left_operand){(const uint32_t *)(p + first), 1, p_stride, 0}, (const uint32_t *)x, 16, padded, rows, out,
        out_stride, last - first, size, EAD_CONTINUE, NULL);
}

/// One segment and key/value head: P from q and k as in the forward pass, then
/// dP = dO V^T, dS = P (dP - sum(P dP)) scale, dQ = dS K, dK += dS^T Q, dV += P^T dO, all in f32.
static void backward_segment(
    const ead_attention_backward_args *a, const ead_segment *s, long head, unsigned char *scratch) {
    const ead_heads *h = &a->heads;
    int bf16 = h->bf16;
    long group = h->heads / h->kv_heads, size = h->head_size, units = ead_units(size, bf16);
    long width = (h->heads + 2 * h->kv_heads) * size, key_column = (h->heads + head) * size;
    long value_column = key_column + h->kv_heads * size, offset = h->layer_offset + head * h->head_bytes;
    long pages = ead_divide_up(s->position + s->rows, PAGE), stride = pages * PAGE;
    float scale = 1.0f / __builtin_sqrtf((float)size);
    // scratch: K rows [keys][padded], V panels [pages][size][16], P and dS [rows][keys], Q and dO [rows][padded]
    long padded = padded_size(size);
    float *keys = (float *)scratch, *values = keys + stride * padded, *p = values + stride * padded;
    float *ds = p + BACKWARD_ROWS * stride, *q = ds + BACKWARD_ROWS * stride, *dout = q + BACKWARD_ROWS * padded;
    for (long page = 0; page < pages; page++) {
        const uint32_t *k = (const uint32_t *)(s->pages[page] + offset), *v = k + page_value_offset(h);
        float *to = keys + page * 16 * padded, *panel = values + page * 16 * size;
        for (long j = 0; j < 16; j++)
            for (long d = 0; d < size; d++) {
                uint32_t ku = k[(bf16 ? d / 2 : d) * 16 + j], vu = v[(bf16 ? j / 2 : j) * padded + d];
                if (bf16) {
                    to[j * padded + d] = from_bf16((uint16_t)(ku >> (d % 2 * 16)));
                    panel[d * 16 + j] = from_bf16((uint16_t)(vu >> (j % 2 * 16)));
                } else {
                    memcpy(to + j * padded + d, &ku, 4);
                    memcpy(panel + d * 16 + j, &vu, 4);
                }
            }
    }
    long block = BACKWARD_ROWS / group > 0 ? BACKWARD_ROWS / group : 1;
    for (long first = 0; first < s->rows; first += block) {
        long n = s->rows - first < block ? s->rows - first : block;
        int rows = (int)(n * group);
        const uint32_t *q_units[BACKWARD_ROWS];
        long used = ead_divide_up(s->position + first + n, PAGE);
        for (int r = 0; r < rows; r++) {
            long row = s->row + first + r / group, column = (head * group + r % group) * size;
            q_units[r] = (const uint32_t *)a->q + row * a->q_stride + (head * group + r % group) * units;
            for (long d = 0; d < size; d++) q[r * padded + d] = unit_element(q_units[r], d, bf16);
            memcpy(dout + r * padded, a->dout + row * h->heads * size + column, (size_t)size * 4);
        }
        backward_scores(rows, q_units, s->pages, offset, used, units, bf16, scale, p, stride);
        gemm_block(
            0, (left_operand){(const uint32_t *)dout, padded, 1, 0}, (const uint32_t *)values, size * 16, 16, size, ds,
            stride, rows, used * 16, EAD_SET, NULL);
        for (int r = 0; r < rows; r++) {
            float *pr = p + r * stride, *dr = ds + r * stride;
            v16 inverse = splat(1.0f / softmax_row(pr, s->position + first + r / group + 1, used)), dot = splat(0);
            for (long k = 0; k < used * 16; k += 16) {
                v16 e = load(pr + k) * inverse;
                store(pr + k, e);
                dot = fma16(e, load(dr + k), dot);
            }
            v16 d = splat(sum16(dot));
            for (long k = 0; k < used * 16; k += 16) store(dr + k, load(pr + k) * (load(dr + k) - d) * splat(scale));
        }
        for (long i = 0; i < n; i++) {
            gemm_block(
                0, (left_operand){(const uint32_t *)(ds + i * group * stride), stride, 1, 0}, (const uint32_t *)keys, 16,
                padded, used * 16, a->dqkv + (s->row + first + i) * width + head * group * size, size, group, size,
                EAD_SET, NULL);
        }
        float *own = a->dqkv + s->row * width, *prefix = a->dqkv + s->prefix_row * width;
        long end = s->position + first + n;
        backward_keys(ds, stride, q, size, padded, rows, 0, s->position, prefix + key_column, width);
        backward_keys(p, stride, dout, size, padded, rows, 0, s->position, prefix + value_column, width);
        backward_keys(ds, stride, q, size, padded, rows, s->position, end, own + key_column, width);
        backward_keys(p, stride, dout, size, padded, rows, s->position, end, own + value_column, width);
    }
}

/// Chunk: one family and key/value head. dqkv must be zero on entry.
static void attention_backward(const void *pointer, long chunk, ead_lane *lane) {
    const ead_attention_backward_args *a = pointer;
    long head = chunk % a->heads.kv_heads, family = chunk / a->heads.kv_heads;
    for (int32_t i = a->families[family]; i < a->families[family + 1]; i++) {
        backward_segment(a, a->segments + a->members[i], head, lane->scratch);
    }
}
