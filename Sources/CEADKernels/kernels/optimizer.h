/// AdamW and the gradient norm.

/// Chunk: one block of EAD_SQUARES_BLOCK elements.
static void squares(const void *pointer, long chunk, ead_lane *lane) {
    const ead_squares_args *p = pointer;
    (void)lane;
    long begin = chunk * EAD_SQUARES_BLOCK, end = begin + EAD_SQUARES_BLOCK;
    if (end > p->count) end = p->count;
    double total = 0;
    for (long k = begin; k < end; k += 1024) {
        v16 sum = splat(0);
        for (long i = k; i < k + 1024 && i < end; i += 16) {
            v16 x = load_upto(p->x + i, end - i, 0);
            sum = fma16(x, x, sum);
        }
        total += (double)sum16(sum);
    }
    p->sums[chunk] = total;
}

/// Chunk: EAD_ELEMENTS_PER_CHUNK elements.
static void adamw(const void *pointer, long chunk, ead_lane *lane) {
    const ead_adamw_job *job = pointer;
    const ead_adamw_args *p = &job->args;
    (void)lane;
    long begin = chunk * EAD_ELEMENTS_PER_CHUNK, end = begin + EAD_ELEMENTS_PER_CHUNK;
    if (end > p->count) end = p->count;
    v16 b1 = splat(p->beta1), b2 = splat(p->beta2), c1 = splat(1 - p->beta1), c2 = splat(1 - p->beta2);
    v16 keep = splat(1 - p->decay), scale = splat(p->scale), step_size = splat(p->step_size);
    v16 root = splat(p->root), epsilon = splat(p->epsilon);
    i16 bad = (i16)(0);
    for (long k = begin; k < end; k += 16) {
        long n = end - k;
        v16 g = load_upto(p->gradient + k, n, 0) * scale;
        v16 m = fma16(b1, load_upto(p->m + k, n, 0), c1 * g);
        v16 v = fma16(b2, load_upto(p->v + k, n, 0), c2 * g * g);
        v16 w = load_upto(p->w + k, n, 0) * keep;
        w = w - step_size * (m / (__builtin_elementwise_sqrt(v) / root + epsilon));
        store_upto(p->m + k, m, n);
        store_upto(p->v + k, v, n);
        store_upto(p->w + k, w, n);
        // Lanes past the end may hold anything finite: their moments and gradients are zero.
        bad |= (i16)((as_units(w) & 0x7f800000u) == 0x7f800000u);
    }
    int any = 0;
    for (int i = 0; i < 16; i++) any |= bad[i];
    if (any) __atomic_store_n(job->found, 1, __ATOMIC_RELAXED);
}
