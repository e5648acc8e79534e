/// The public operations: how many chunks each has, and the kernel of this CPU that computes one.
#include "pool.h"

#include <stdlib.h>
#include <string.h>

struct ead_compute {
    ead_pool *pool;
    const ead_kernels *kernels;
};

int ead_variant_supported(ead_variant variant) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    switch (variant) {
    case EAD_PORTABLE: return 1;
    case EAD_AVX2: return avx2;
    case EAD_AVX512: return avx512;
    case EAD_AVX512BF16: return avx512 && __builtin_cpu_supports("avx512bf16");
    }
    return 0;
#else
    return variant == EAD_PORTABLE;
#endif
}

ead_variant ead_best_variant(void) {
    for (int v = EAD_AVX512BF16; v > EAD_PORTABLE; v--) {
        if (ead_variant_supported((ead_variant)v)) return (ead_variant)v;
    }
    return EAD_PORTABLE;
}

static const ead_kernels *table(ead_variant variant) {
    switch (variant) {
#if defined(__x86_64__)
    case EAD_AVX2: return &ead_kernels_avx2;
    case EAD_AVX512: return &ead_kernels_avx512;
    case EAD_AVX512BF16: return &ead_kernels_avx512bf16;
#endif
    default: return &ead_kernels_portable;
    }
}

ead_compute *ead_compute_create(int threads, ead_variant variant, size_t scratch_bytes) {
    ead_compute *c = malloc(sizeof *c);
    if (!c) return NULL;
    c->kernels = table(variant);
    c->pool = ead_pool_create(threads, scratch_bytes > EAD_GEMM_SCRATCH ? scratch_bytes : EAD_GEMM_SCRATCH);
    if (!c->pool) {
        free(c);
        return NULL;
    }
    return c;
}

void ead_compute_destroy(ead_compute *c) {
    ead_pool_destroy(c->pool);
    free(c);
}

int ead_compute_threads(const ead_compute *c) { return ead_pool_threads(c->pool); }
int ead_compute_reserve(ead_compute *c, size_t scratch_bytes) { return ead_pool_reserve(c->pool, scratch_bytes); }

static long rows_chunks(long rows) { return ead_divide_up(rows, ead_rows_per_chunk(rows)); }
static long element_chunks(long count) { return ead_divide_up(count, EAD_ELEMENTS_PER_CHUNK); }
static long segment_rows(const ead_segment *s, long count) { return count ? s[count - 1].row + s[count - 1].rows : 0; }

void ead_gemm(ead_compute *c, ead_gemm_args a) {
    long chunks = ead_divide_up(a.columns, EAD_CHUNK_COLUMNS) * ead_divide_up(a.rows, EAD_ROW_BLOCK);
    ead_pool_run(c->pool, c->kernels->gemm, &a, chunks);
}
void ead_pack(ead_compute *c, ead_pack_args a) {
    ead_pool_run(c->pool, c->kernels->pack, &a, ead_divide_up(a.transposed ? a.columns : a.rows, EAD_CHUNK_COLUMNS));
}
void ead_pack_bf16(ead_compute *c, ead_pack_bf16_args a) {
    ead_pool_run(c->pool, c->kernels->pack_bf16, &a, ead_divide_up(a.rows, EAD_CHUNK_COLUMNS));
}
void ead_convert(ead_compute *c, ead_convert_args a) {
    ead_pool_run(c->pool, c->kernels->convert, &a, rows_chunks(a.rows));
}
void ead_rmsnorm(ead_compute *c, ead_rmsnorm_args a) {
    ead_pool_run(c->pool, c->kernels->rmsnorm, &a, rows_chunks(a.rows));
}
void ead_rmsnorm_backward(ead_compute *c, ead_rmsnorm_backward_args a) {
    ead_pool_run(c->pool, c->kernels->rmsnorm_backward_rows, &a, rows_chunks(a.rows));
    ead_pool_run(c->pool, c->kernels->rmsnorm_backward_columns, &a, ead_divide_up(a.columns, 64));
}
void ead_bias(ead_compute *c, ead_bias_args a) { ead_pool_run(c->pool, c->kernels->bias, &a, rows_chunks(a.rows)); }
void ead_bias_backward(ead_compute *c, ead_bias_backward_args a) {
    ead_pool_run(c->pool, c->kernels->bias_backward, &a, ead_divide_up(a.columns, 64));
}
void ead_swiglu(ead_compute *c, ead_swiglu_args a) {
    ead_pool_run(c->pool, c->kernels->swiglu, &a, rows_chunks(a.rows));
}
void ead_swiglu_backward(ead_compute *c, ead_swiglu_backward_args a) {
    ead_pool_run(c->pool, c->kernels->swiglu_backward, &a, rows_chunks(a.rows));
}
void ead_embedding(ead_compute *c, ead_embedding_args a) {
    ead_pool_run(c->pool, c->kernels->embedding, &a, rows_chunks(a.rows));
}
void ead_scatter(ead_compute *c, ead_scatter_args a) {
    ead_pool_run(c->pool, c->kernels->scatter, &a, ead_divide_up(a.columns, 64));
}
void ead_gather(ead_compute *c, ead_gather_args a) {
    ead_pool_run(c->pool, c->kernels->gather, &a, rows_chunks(a.rows));
}
void ead_mix(ead_compute *c, ead_mix_args a) { ead_pool_run(c->pool, c->kernels->mix, &a, rows_chunks(a.rows)); }
void ead_pack_tokens(ead_compute *c, ead_pack_tokens_args a) {
    ead_pool_run(c->pool, c->kernels->pack_tokens, &a, ead_divide_up(a.columns, EAD_CHUNK_COLUMNS));
}
void ead_rope(ead_compute *c, ead_rope_args a) {
    ead_pool_run(c->pool, c->kernels->rope, &a, rows_chunks(segment_rows(a.segments, a.segment_count)));
}
void ead_attention(ead_compute *c, ead_attention_args a) {
    long blocks = rows_chunks(segment_rows(a.segments, a.segment_count));
    ead_pool_run(c->pool, c->kernels->attention, &a, blocks * a.heads.kv_heads);
}
void ead_attention_backward(ead_compute *c, ead_attention_backward_args a) {
    long rows = segment_rows(a.segments, a.segment_count);
    ead_zero(c, a.dqkv, (size_t)(rows * (a.heads.heads + 2 * a.heads.kv_heads) * a.heads.head_size) * 4);
    ead_pool_run(c->pool, c->kernels->attention_backward, &a, a.family_count * a.heads.kv_heads);
    ead_pool_run(c->pool, c->kernels->rope_backward, &a, rows_chunks(rows));
}
size_t ead_attention_scratch(long positions, int head_size, int backward) {
    size_t keys = (size_t)ead_divide_up(positions, 16) * 16, size = (size_t)ead_divide_up(head_size, 16) * 16;
    // Forward: 6 rows of scores. Backward: keys, values, two blocks of scores, two of queries (see backward_segment).
    return 4 * (backward ? 2 * keys * size + 2 * 48 * keys + 2 * 48 * size : 6 * keys);
}
void ead_cross_entropy(ead_compute *c, ead_cross_entropy_args a) {
    ead_pool_run(c->pool, c->kernels->cross_entropy, &a, a.rows);
}
void ead_sample(ead_compute *c, ead_sample_args a) { ead_pool_run(c->pool, c->kernels->sample, &a, a.rows); }
size_t ead_sample_scratch(long columns) { return (size_t)(columns + 16) * 12; }
void ead_squares(ead_compute *c, ead_squares_args a) {
    ead_pool_run(c->pool, c->kernels->squares, &a, ead_divide_up(a.count, EAD_SQUARES_BLOCK));
}
int ead_adamw(ead_compute *c, ead_adamw_args a) {
    int found = 0;
    ead_adamw_job job = {a, &found};
    ead_pool_run(c->pool, c->kernels->adamw, &job, element_chunks(a.count));
    return !found;
}

typedef struct {
    unsigned char *memory;
    size_t bytes;
} zero_args;
static void zero(const void *pointer, long chunk, ead_lane *lane) {
    const zero_args *z = pointer;
    (void)lane;
    size_t begin = (size_t)chunk << 20, left = z->bytes - begin;
    memset(z->memory + begin, 0, left < 1 << 20 ? left : 1 << 20);
}
void ead_zero(ead_compute *c, void *memory, size_t bytes) {
    zero_args z = {memory, bytes};
    ead_pool_run(c->pool, zero, &z, (long)((bytes + (1 << 20) - 1) >> 20));
}
void ead_to_bf16(ead_compute *c, const float *x, uint16_t *out, long count) {
    ead_to_bf16_args a = {x, out, count};
    ead_pool_run(c->pool, c->kernels->to_bf16, &a, element_chunks(count));
}
int ead_is_finite(ead_compute *c, const void *x, long count, int bf16) {
    int found = 0;
    ead_finite_args a = {x, count, bf16, &found};
    ead_pool_run(c->pool, c->kernels->finite, &a, element_chunks(count));
    return !found;
}
