/// What one CPU variant offers: a function per operation that computes one chunk of it.
#ifndef EAD_TABLE_H
#define EAD_TABLE_H

#define EAD_INSIDE
#include "CEADKernels.h"

/// A thread's place in the pool and its scratch memory (64-byte aligned).
typedef struct {
    int index;
    unsigned char *scratch;
    size_t scratch_bytes;
} ead_lane;

typedef void ead_kernel(const void *args, long chunk, ead_lane *lane);

/// The operations' kernels, and second ones of operations that need two.
#define EAD_KERNELS(X) \
    EAD_OPERATIONS(X) X(rmsnorm_backward_columns) X(head_norm_rstd) X(head_norm_backward_columns) \
    X(rope_backward) X(to_bf16_block)

#define EAD_MEMBER(name) ead_kernel *name;
typedef struct {
    EAD_KERNELS(EAD_MEMBER)
} ead_kernels;
#undef EAD_MEMBER

extern const ead_kernels ead_kernels_portable, ead_kernels_avx2, ead_kernels_avx512, ead_kernels_avx512bf16;

#define EAD_MAXIMUM_HEAD_SIZE 256

/// Longer sums of products are cut into equal blocks of units whose sums are added in order: less rounding, and a
/// block's panels fit a core's second-level cache.
#define EAD_UNIT_BLOCK 1024
/// Bytes of scratch memory for the split units of 16 rows.
#define EAD_GEMM_SCRATCH (16 * 2 * 4 * EAD_UNIT_BLOCK)

// Sizes of chunks; part of no promise.
#define EAD_ROW_BLOCK 144  // whole panels, for products whose rows come in panels
#define EAD_ELEMENTS_PER_CHUNK 65536L
#define EAD_BYTES_PER_CHUNK ((size_t)1 << 18)

typedef struct {
    const float *x;
    uint16_t *out;
    long count;
} ead_to_bf16_args;

static inline long ead_units(long k, int bf16) { return bf16 ? (k + 1) / 2 : k; }
/// Rows of a chunk of a row-wise operation: few when there are few, so that every thread has some.
static inline long ead_rows_per_chunk(long rows) { return rows >= 128 ? 8 : rows >= 32 ? 4 : rows >= 16 ? 2 : 1; }
static inline long ead_divide_up(long a, long b) { return (a + b - 1) / b; }
/// Columns that one chunk of a product, or of packing, covers: whole panels of every variant.
#define EAD_CHUNK_COLUMNS 48
/// Columns of the panel that begins at column `first`.
static inline long ead_panel_width(long columns, long first, long panel) {
    return columns - first >= panel ? panel : ead_divide_up(columns - first, 16) * 16;
}

#endif
