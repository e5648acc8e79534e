/// Packed products. One accumulator per output element walks the units in ascending order, so that an element depends
/// on its row, its column and nothing else.

/// Where 16 columns from `column` on begin among panels; `step` is from one of their units to the next.
INLINE long panel_place(long column, long columns, long units, long *step) {
    long first = column / EAD_PANEL * EAD_PANEL;
    *step = ead_panel_width(columns, first, EAD_PANEL);
    return first * units + column - first;
}

/// Whether the units of `a` are split into floats, high and low halves apart, before a tile multiplies them: where two
/// fma stand for one vdpbf16ps.
#define SPLITS(bf16) ((bf16) && !EAD_HAS_DPBF16)

/// An operand whose rows, and the units of a row, lie at any distances; `low` is from a split unit's high half to its
/// low half.
typedef struct {
    const uint32_t *units;
    long row, step, low;
} left_operand;

/// Memory that a tile asks for while it multiplies what is there: `step` bytes with each unit.
typedef struct {
    const char *bytes;
    long step;
} memory_ahead;

/// c[r][0 ..< 16 C] from a[R rows] . w[C vectors of 16 columns], for constant R and C.
INLINE void gemm_tile(
    const int R, const int C, const int bf16, left_operand left, const uint32_t *w, long w_column, long w_step,
    long units, float *c, long c_stride, long columns, ead_output_mode mode, memory_ahead ahead) {
    const uint32_t *a = left.units;
    v16 acc[EAD_TILE_ROWS][EAD_TILE_VECTORS];
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
        for (int j = 0; j < C; j++) {
            const float *sum = c + r * c_stride + 16 * j;
            acc[r][j] = splat(0);
            if (mode == EAD_CONTINUE) acc[r][j] = load_upto(sum, columns - 16 * j, 0);
            else __builtin_prefetch(sum, 1);  // stores that miss would stall the next tile
        }
    for (long u = 0; u < units; u++) {
        u16v wv[EAD_TILE_VECTORS];
        if (SPLITS(bf16)) {
#pragma clang loop unroll(full)
            for (int high = 1; high >= 0; high--) {
                v16 halves[EAD_TILE_VECTORS];
#pragma clang loop unroll(full)
                for (int j = 0; j < C; j++) halves[j] = unit_half(load_units(w + j * w_column), high);
#pragma clang loop unroll(full)
                for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
                    for (int j = 0; j < C; j++)
                        acc[r][j] = step_f32(acc[r][j], a[r * left.row + (high ? 0 : left.low)], as_units(halves[j]));
                // One half after the other: both at once do not fit the registers.
                __asm__ volatile("" ::: "memory");
            }
        } else {
            __builtin_prefetch(ahead.bytes, 0, 2);
            if (ahead.step > 64)
#pragma clang loop unroll(full)
                for (int j = 1; j < C; j++) __builtin_prefetch(ahead.bytes + 64 * j, 0, 2);
            ahead.bytes += ahead.step;
#pragma clang loop unroll(full)
            for (int j = 0; j < C; j++) wv[j] = load_units(w + j * w_column);
#pragma clang loop unroll(full)
            for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
                for (int j = 0; j < C; j++) acc[r][j] = step(acc[r][j], a[r * left.row], wv[j], bf16);
        }
        a += left.step;
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
        gemm_tile(R, C, bf16, a, w, w_column, w_step, units, c, c_stride, columns, mode, ahead); \
        break;
#if EAD_TILE_VECTORS == 3
#define TILE_CASES(R) TILE_CASE(R, 1) TILE_CASE(R, 2) TILE_CASE(R, 3)
#else
#define TILE_CASES(R) TILE_CASE(R, 1)
#endif

/// Any number of rows (<= EAD_TILE_ROWS) and vectors (<= EAD_TILE_VECTORS).
#define DEFINE_TILES(NAME, BF16) \
    static void NAME( \
        int rows, int vectors, left_operand a, const uint32_t *w, long w_column, long w_step, long units, float *c, \
        long c_stride, long columns, ead_output_mode mode, memory_ahead ahead) { \
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

/// Splits units of rows into floats: all high halves of a row, then all low ones.
INLINE left_operand split_rows(left_operand a, long rows, long units, unsigned char *scratch) {
    float *out = (float *)(void *)scratch;
    for (long r = 0; r < rows; r++, out += 2 * units) {
        for (long u = 0; u < units; u += 16) {
            u16v x = as_units(load_upto((const float *)a.units + r * a.row + u, units - u, 0));
            store_upto(out + u, unit_half(x, 1), units - u);
            store_upto(out + units + u, unit_half(x, 0), units - u);
        }
    }
    return (left_operand){(const uint32_t *)(void *)scratch, 2 * units, 1, units};
}
/// The same for 16 rows side by side in a panel: 16 high halves, then 16 low ones, per unit.
INLINE left_operand split_panel(left_operand a, long units, unsigned char *scratch) {
    float *out = (float *)(void *)scratch;
    for (long u = 0; u < units; u++, out += 32) {
        u16v x = load_units(a.units + u * a.step);
        store(out, unit_half(x, 1));
        store(out + 16, unit_half(x, 0));
    }
    return (left_operand){(const uint32_t *)(void *)scratch, 1, 32, 16};
}

/// rows x vectors of any size from tiles as even as possible: as many rows as have registers, then as many vectors.
/// Rows side by side in a panel are at most 16 where they are split.
INLINE void gemm_block(
    const int bf16, left_operand a, const uint32_t *w, long w_column, long w_step, long units, float *c, long c_stride,
    long rows, long columns, ead_output_mode mode, unsigned char *scratch) {
    long vectors = ead_divide_up(columns, 16);
    long row_tiles = ead_divide_up(rows, EAD_TILE_SUMS < EAD_TILE_ROWS ? EAD_TILE_SUMS : EAD_TILE_ROWS);
    long most = EAD_TILE_SUMS / ead_divide_up(rows, row_tiles), groups = ead_divide_up(vectors, EAD_TILE_VECTORS);
    if (most < EAD_TILE_VECTORS) groups = ead_divide_up(vectors, most);
    int split = SPLITS(bf16), in_panel = a.step != 1;
    // Rows of tiles share the panel's memory that comes next; with one row of them memory sets the pace either way.
    long ahead_step = row_tiles > 1 ? 4 * w_step / row_tiles : 0;
    if (split && in_panel) a = split_panel(a, units, scratch);
    for (long t = 0; t < row_tiles; t++) {
        long r0 = rows * t / row_tiles, r1 = rows * (t + 1) / row_tiles;
        left_operand tile = a;
        tile.units += r0 * a.row;
        if (split && !in_panel) tile = split_rows(tile, r1 - r0, units, scratch);
        memory_ahead ahead = {(const char *)(w + units * w_step) + t * units * ahead_step, ahead_step};
        for (long g = 0; g < groups; g++) {
            long v0 = vectors * g / groups, v1 = vectors * (g + 1) / groups;
            (bf16 ? tiles_bf16 : tiles_f32)(
                (int)(r1 - r0), (int)(v1 - v0), tile, w + v0 * w_column, w_column, w_step, units,
                c + r0 * c_stride + v0 * 16, c_stride, columns - v0 * 16, mode, ahead);
        }
    }
}

/// Chunk: EAD_CHUNK_COLUMNS columns x EAD_ROW_BLOCK rows. Neighbours share the longer operand's part, so that it is the
/// shorter one that is read again and again.
static void gemm(const void *pointer, long chunk, ead_lane *lane) {
    const ead_gemm_args *g = pointer;
    long down = ead_divide_up(g->rows, EAD_ROW_BLOCK), across = ead_divide_up(g->columns, EAD_CHUNK_COLUMNS);
    int by_rows = g->rows > g->columns;
    long row = (by_rows ? chunk / across : chunk % down) * EAD_ROW_BLOCK;
    long column = (by_rows ? chunk % across : chunk / down) * EAD_CHUNK_COLUMNS;
    long rows = g->rows - row < EAD_ROW_BLOCK ? g->rows - row : EAD_ROW_BLOCK;
    long columns = g->columns - column < EAD_CHUNK_COLUMNS ? g->columns - column : EAD_CHUNK_COLUMNS;
    long w_step, w_column = EAD_PANEL == 16 ? 16 * g->units : 16;
    const uint32_t *panels = (const uint32_t *)g->panels + panel_place(column, g->columns, g->units, &w_step);
    float *c = g->c + row * g->c_stride + column;
    long unit_blocks = ead_divide_up(g->units, EAD_UNIT_BLOCK);
    for (long b = 0; b < unit_blocks; b++) {
        long u = g->units * b / unit_blocks, units = g->units * (b + 1) / unit_blocks - u;
        ead_output_mode mode = b > 0 && g->mode == EAD_SET ? EAD_ADD : g->mode;
        const uint32_t *w = panels + u * w_step;
        if (!g->a_panels) {
            left_operand a = {(const uint32_t *)g->a + row * g->a_stride + u, g->a_stride, 1, 0};
            gemm_block(
                g->bf16, a, w, w_column, w_step, units, c, g->c_stride, rows, columns, mode, lane->scratch);
            continue;
        }
        long most = SPLITS(g->bf16) ? 16 : EAD_PANEL, step;
        for (long r = row; r < row + rows; r += most) {
            const uint32_t *units_of_r = (const uint32_t *)g->a + panel_place(r, g->rows, g->units, &step);
            left_operand a = {units_of_r + u * step, 1, step, 0};
            long left = row + rows - r;
            gemm_block(
                g->bf16, a, w, w_column, w_step, units, c + (r - row) * g->c_stride, g->c_stride,
                left < most ? left : most, columns, mode, lane->scratch);
        }
    }
}
