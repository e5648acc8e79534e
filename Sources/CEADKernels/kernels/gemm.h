/// Packed products. One accumulator per output element walks the units in ascending order, so that an element depends
/// on its row, its column and nothing else.

/// c[r][0 ..< 16 C] from a[R rows] . w[C vectors of 16 columns], for constant R and C.
INLINE void gemm_tile(
    const int R, const int C, const int bf16, const uint32_t *a, long a_row, long a_step, const uint32_t *w,
    long w_column, long w_step, long units, float *c, long c_stride, long columns, ead_output_mode mode) {
    v16 acc[EAD_TILE_ROWS][EAD_TILE_VECTORS];
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
        for (int j = 0; j < C; j++) {
            acc[r][j] = splat(0);
            if (mode == EAD_CONTINUE) acc[r][j] = load_upto(c + r * c_stride + 16 * j, columns - 16 * j, 0);
        }
    for (long u = 0; u < units; u++) {
        u16v wv[EAD_TILE_VECTORS];
#pragma clang loop unroll(full)
        for (int j = 0; j < C; j++) wv[j] = load_units(w + j * w_column);
#pragma clang loop unroll(full)
        for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
            for (int j = 0; j < C; j++) acc[r][j] = step(acc[r][j], a[r * a_row], wv[j], bf16);
        a += a_step;
        w += w_step;
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
        for (int j = 0; j < C; j++) {
            float *out = c + r * c_stride + 16 * j;
            long n = columns - 16 * j;
            v16 value = acc[r][j];
            if (mode == EAD_ADD) value = load_upto(out, n, 0) + value;
            store_upto(out, value, n);
        }
}

#define TILE_CASE(R, C) \
    case R * 4 + C: \
        gemm_tile(R, C, bf16, a, a_row, a_step, w, w_column, w_step, units, c, c_stride, columns, mode); \
        break;
#if EAD_TILE_VECTORS == 3
#define TILE_CASES(R) TILE_CASE(R, 1) TILE_CASE(R, 2) TILE_CASE(R, 3)
#else
#define TILE_CASES(R) TILE_CASE(R, 1)
#endif

/// Any number of rows (<= EAD_TILE_ROWS) and vectors (<= EAD_TILE_VECTORS).
#define DEFINE_TILES(NAME, BF16) \
    static void NAME( \
        int rows, int vectors, const uint32_t *a, long a_row, long a_step, const uint32_t *w, long w_column, \
        long w_step, long units, float *c, long c_stride, long columns, ead_output_mode mode) { \
        const int bf16 = BF16; \
        switch (rows * 4 + vectors) { TILE_ALL_ROWS } \
    }
#define TILE_FOUR_ROWS TILE_CASES(1) TILE_CASES(2) TILE_CASES(3) TILE_CASES(4)
#if EAD_TILE_ROWS == 8
#define TILE_ALL_ROWS TILE_FOUR_ROWS TILE_CASES(5) TILE_CASES(6) TILE_CASES(7) TILE_CASES(8)
#elif EAD_TILE_ROWS == 6
#define TILE_ALL_ROWS TILE_FOUR_ROWS TILE_CASES(5) TILE_CASES(6)
#else
#define TILE_ALL_ROWS TILE_FOUR_ROWS
#endif
DEFINE_TILES(tiles_f32, 0)
DEFINE_TILES(tiles_bf16, 1)

/// rows x vectors of any size from tiles as even as possible: as many rows as have registers, then as many vectors.
INLINE void gemm_block(
    const int bf16, const uint32_t *a, long a_row, long a_step, const uint32_t *w, long w_column, long w_step,
    long units, float *c, long c_stride, long rows, long columns, ead_output_mode mode) {
    long vectors = ead_divide_up(columns, 16), sums = EAD_TILE_SUMS(bf16);
    long row_tiles = ead_divide_up(rows, sums < EAD_TILE_ROWS ? sums : EAD_TILE_ROWS);
    long most = sums / ead_divide_up(rows, row_tiles), groups = ead_divide_up(vectors, EAD_TILE_VECTORS);
    if (most < EAD_TILE_VECTORS) groups = ead_divide_up(vectors, most);
    for (long g = 0; g < groups; g++) {
        long v0 = vectors * g / groups, v1 = vectors * (g + 1) / groups;
        for (long t = 0; t < row_tiles; t++) {
            long r0 = rows * t / row_tiles, r1 = rows * (t + 1) / row_tiles;
            (bf16 ? tiles_bf16 : tiles_f32)(
                (int)(r1 - r0), (int)(v1 - v0), a + r0 * a_row, a_row, a_step, w + v0 * w_column, w_column, w_step,
                units, c + r0 * c_stride + v0 * 16, c_stride, columns - v0 * 16, mode);
        }
    }
}

/// Longer sums are cut into equal blocks whose sums are added in order: less rounding, and a block's panels fit a
/// core's second-level cache.
#define UNIT_BLOCK 1024

/// Chunk: one panel x EAD_ROW_BLOCK rows; row blocks of the same panel are neighbours.
static void gemm(const void *pointer, long chunk, ead_lane *lane) {
    const ead_gemm_args *g = pointer;
    (void)lane;
    long blocks = ead_divide_up(g->rows, EAD_ROW_BLOCK);
    long row = chunk % blocks * EAD_ROW_BLOCK, column = chunk / blocks * EAD_PANEL;
    long rows = g->rows - row < EAD_ROW_BLOCK ? g->rows - row : EAD_ROW_BLOCK;
    long width = ead_panel_width(g->columns, column);
    long columns = g->columns - column < width ? g->columns - column : width;
    const uint32_t *panel = (const uint32_t *)g->panels + column * g->units, *a = g->a;
    float *c = g->c + row * g->c_stride + column;
    ead_output_mode mode = g->mode;
    long unit_blocks = ead_divide_up(g->units, UNIT_BLOCK);
    for (long b = 0; b < unit_blocks; b++) {
        long u = g->units * b / unit_blocks, units = g->units * (b + 1) / unit_blocks - u;
        if (b > 0 && mode == EAD_SET) mode = EAD_ADD;
        const uint32_t *w = panel + u * width;
        if (!g->a_panels) {
            gemm_block(
                g->bf16, a + row * g->a_stride + u, g->a_stride, 1, w, 16, width, units, c, g->c_stride, rows, columns,
                mode);
            continue;
        }
        for (long r = row; r < row + rows; r += EAD_PANEL) {
            long step = ead_panel_width(g->rows, r), left = row + rows - r;
            gemm_block(
                g->bf16, a + r * g->units + u * step, 1, step, w, 16, width, units, c + (r - row) * g->c_stride,
                g->c_stride, left < EAD_PANEL ? left : EAD_PANEL, columns, mode);
        }
    }
}
