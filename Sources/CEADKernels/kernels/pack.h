/// Moving matrices into the layouts the products read.

/// Asks for `rows` rows, 16 below: a matrix walked down a few columns leaves a row before the hardware sees where it
/// is going.
INLINE void ask_below(const void *x, long stride, int rows) {
    for (int r = 0; r < rows; r++) __builtin_prefetch((const char *)x + (16 + r) * stride);
}

INLINE uint32_t pair(uint16_t low, uint16_t high) { return (uint32_t)low | (uint32_t)high << 16; }

/// Rows become columns: four rounds of interleaving row i with row i + 8.
INLINE void transpose_units(u16v m[16]) {
#pragma clang loop unroll(full)
    for (int round = 0; round < 4; round++) {
        u16v t[16];
#pragma clang loop unroll(full)
        for (int i = 0; i < 8; i++) {
            t[2 * i] = __builtin_shufflevector(m[i], m[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            t[2 * i + 1] =
                __builtin_shufflevector(m[i], m[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        memcpy(m, t, sizeof t);
    }
}

/// Sixteen units of one row of the source, which is f32 (rounded to bf16 when asked) or already in units.
INLINE u16v row_units(const void *row, long unit, int from_f32, int bf16) {
    if (!from_f32 || !bf16) return load_units((const uint32_t *)row + unit);
    const float *x = (const float *)row + 2 * unit;
    h16 halves[2] = {to_bf16_16(load(x)), to_bf16_16(load(x + 16))};
    u16v units;
    memcpy(&units, halves, 64);
    return units;
}

/// One unit of a row; an odd last half is zero.
INLINE uint32_t row_unit(const void *row, long unit, long depth, int from_f32, int bf16) {
    uint32_t value;
    if (!bf16) {
        memcpy(&value, (const float *)row + unit, 4);
        return value;
    }
    uint16_t half[2] = {0, 0};
    for (long k = 2 * unit; k < depth && k < 2 * unit + 2; k++) {
        half[k % 2] = from_f32 ? to_bf16(((const float *)row)[k]) : ((const uint16_t *)row)[k];
    }
    return pair(half[0], half[1]);
}

/// Sixteen columns of a panel from rows 0 ..< n (<= 16) of a source whose rows are `stride` bytes apart.
INLINE void pack_rows(
    const void *source, long stride, uint32_t *out, long width, long n, long depth, int from_f32, int bf16) {
    const char *rows = source;
    long units = ead_units(depth, bf16), u = 0;
    if (n == 16) {
        for (; (u + 16) * (bf16 ? 2 : 1) <= depth; u += 16) {
            u16v m[16];
            for (int i = 0; i < 16; i++) m[i] = row_units(rows + i * stride, u, from_f32, bf16);
            transpose_units(m);
            for (int i = 0; i < 16; i++) memcpy(out + (u + i) * width, &m[i], 64);
        }
    }
    for (; u < units; u++) {
        for (long i = 0; i < 16; i++) {
            out[u * width + i] = i < n ? row_unit(rows + i * stride, u, depth, from_f32, bf16) : 0;
        }
    }
}

/// Chunk: EAD_CHUNK_COLUMNS columns.
static void pack(const void *pointer, long chunk, ead_lane *lane) {
    const ead_pack_args *p = pointer;
    (void)lane;
    long columns = p->transposed ? p->columns : p->rows, depth = p->transposed ? p->rows : p->columns, step;
    long units = ead_units(depth, p->bf16), first = chunk * EAD_CHUNK_COLUMNS, last = first + EAD_CHUNK_COLUMNS;
    if (last > columns) last = columns;
    if (!p->transposed) {
        for (long k = first; k < last; k += 16) {
            const float *w = p->w + k * p->w_stride;
            uint32_t *out = (uint32_t *)p->panels + panel_place(k, columns, units, &step);
            long n = columns - k < 16 ? columns - k : 16;
            if (p->bf16) pack_rows(w, p->w_stride * 4, out, step, n, depth, 1, 1);
            else pack_rows(w, p->w_stride * 4, out, step, n, depth, 1, 0);
        }
        return;
    }
    for (long u = 0; u < units; u++) {
        const float *x = p->w + (p->bf16 ? 2 * u : u) * p->w_stride;
        for (long k = first; k < last; k += 16) {
            uint32_t *out = (uint32_t *)p->panels + panel_place(k, columns, units, &step) + u * step;
            long n = columns - k;
            ask_below(x + k, 4 * p->w_stride, p->bf16 ? 2 : 1);
            u16v unit = as_units(load_upto(x + k, n, 0));
            if (p->bf16) {
                v16 high = 2 * u + 1 < depth ? load_upto(x + p->w_stride + k, n, 0) : splat(0);
                unit = bf16_high(as_float(unit)) >> 16 | (bf16_high(high) & 0xffff0000u);
            }
            memcpy(out, &unit, 64);
        }
    }
}

/// Chunk: EAD_CHUNK_COLUMNS columns.
static void pack_bf16(const void *pointer, long chunk, ead_lane *lane) {
    const ead_pack_bf16_args *p = pointer;
    (void)lane;
    long units = ead_units(p->columns, 1), first = chunk * EAD_CHUNK_COLUMNS, last = first + EAD_CHUNK_COLUMNS, step;
    if (last > p->rows) last = p->rows;
    for (long k = first; k < last; k += 16) {
        uint32_t *out = (uint32_t *)p->panels + panel_place(k, p->rows, units, &step);
        long n = p->rows - k < 16 ? p->rows - k : 16;
        pack_rows(p->w + k * p->columns, p->columns * 2, out, step, n, p->columns, 0, 1);
    }
}

/// Chunk: EAD_CHUNK_COLUMNS columns.
static void pack_tokens(const void *pointer, long chunk, ead_lane *lane) {
    const ead_pack_tokens_args *p = pointer;
    (void)lane;
    long units = ead_units(p->rows, p->bf16), first = chunk * EAD_CHUNK_COLUMNS, last = first + EAD_CHUNK_COLUMNS;
    if (last > p->columns) last = p->columns;
    for (long u = 0; u < units; u++) {
        const uint32_t *x = (const uint32_t *)p->x + (p->bf16 ? 2 * u : u) * p->x_stride;
        for (long k = first, step; k < last; k += 16) {
            uint32_t *out = (uint32_t *)p->panels + panel_place(k, p->columns, units, &step) + u * step;
            long n = p->columns - k;
            ask_below((const char *)x + k * (p->bf16 ? 2 : 4), 4 * p->x_stride, p->bf16 ? 2 : 1);
            u16v unit = as_units(read_units(x, k, n, p->bf16));
            if (p->bf16) {
                u16v high = (u16v)(0);
                if (2 * u + 1 < p->rows) high = as_units(read_units(x + p->x_stride, k, n, 1));
                unit = unit >> 16 | high;
            }
            memcpy(out, &unit, 64);
        }
    }
}

/// Chunk: ead_rows_per_chunk rows.
static void gather(const void *pointer, long chunk, ead_lane *lane) {
    const ead_gather_args *p = pointer;
    (void)lane;
    long per = ead_rows_per_chunk(p->rows), end = (chunk + 1) * per < p->rows ? (chunk + 1) * per : p->rows;
    for (long r = chunk * per; r < end; r++) {
        const uint32_t *x = (const uint32_t *)p->x + p->source[r] * p->stride;
        uint32_t *out = (uint32_t *)p->out + r * p->stride;
        for (long k = 0; k < p->columns; k += 16) {
            long n = p->columns - k;
            write_units(out, k, read_units(x, k, n, p->bf16) * splat(p->scale[r]), n, p->bf16);
        }
        end_units(out, p->columns, p->bf16);
    }
}

/// Chunk: ead_rows_per_chunk rows.
static void mix(const void *pointer, long chunk, ead_lane *lane) {
    const ead_mix_args *p = pointer;
    (void)lane;
    long per = ead_rows_per_chunk(p->rows), end = (chunk + 1) * per < p->rows ? (chunk + 1) * per : p->rows;
    for (long r = chunk * per; r < end; r++) {
        uint32_t *x = (uint32_t *)p->x + r * p->stride;
        const uint32_t *y = (const uint32_t *)p->y + r * p->stride;
        v16 a = splat(p->a[r]), b = splat(p->b[r]);
        for (long k = 0; k < p->columns; k += 16) {
            long n = p->columns - k;
            v16 sum = fma16(b, read_units(y, k, n, p->bf16), a * read_units(x, k, n, p->bf16));
            write_units(x, k, sum, n, p->bf16);
        }
    }
}

/// Chunk: ead_rows_per_chunk rows.
static void convert(const void *pointer, long chunk, ead_lane *lane) {
    const ead_convert_args *p = pointer;
    (void)lane;
    long per = ead_rows_per_chunk(p->rows), end = (chunk + 1) * per < p->rows ? (chunk + 1) * per : p->rows;
    for (long r = chunk * per; r < end; r++) {
        const float *x = p->x + r * p->x_stride;
        uint32_t *out = (uint32_t *)p->out + r * p->out_stride;
        for (long k = 0; k < p->columns; k += 16) {
            long n = p->columns - k;
            write_units(out, k, load_upto(x + k, n, 0), n, p->bf16);
        }
        end_units(out, p->columns, p->bf16);
    }
}

/// Chunk: EAD_ELEMENTS_PER_CHUNK elements.
static void to_bf16_block(const void *pointer, long chunk, ead_lane *lane) {
    const ead_to_bf16_args *p = pointer;
    (void)lane;
    long begin = chunk * EAD_ELEMENTS_PER_CHUNK, end = begin + EAD_ELEMENTS_PER_CHUNK;
    if (end > p->count) end = p->count;
    for (long k = begin; k < end; k += 16) {
        long n = end - k;
        h16 h = to_bf16_16(load_upto(p->x + k, n, 0));
        memcpy(p->out + k, &h, (size_t)(n < 16 ? n : 16) * 2);
    }
}

/// Chunk: EAD_ELEMENTS_PER_CHUNK elements; sets *found when one is NaN or infinite.
static void finite(const void *pointer, long chunk, ead_lane *lane) {
    const ead_finite_args *p = pointer;
    (void)lane;
    long begin = chunk * EAD_ELEMENTS_PER_CHUNK, end = begin + EAD_ELEMENTS_PER_CHUNK;
    if (end > p->count) end = p->count;
    uint32_t bad = 0;
    if (p->bf16) {
        const uint16_t *x = p->x;
        for (long k = begin; k < end; k++) bad |= (x[k] & 0x7f80) == 0x7f80;
    } else {
        const uint32_t *x = p->x;
        for (long k = begin; k < end; k++) bad |= (x[k] & 0x7f800000u) == 0x7f800000u;
    }
    if (bad) __atomic_store_n(p->found, 1, __ATOMIC_RELAXED);
}
