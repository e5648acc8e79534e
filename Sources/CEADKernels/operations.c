/// The operations on this CPU: where their operands are, how many chunks each has, and the kernel that computes one.
#include "compute.h"

#include <stdlib.h>

/// Makes a field of the arguments `a` a pointer that the CPU can follow. Only a device with biased addresses has it
/// looked up, and checks that it is the start of so many bytes.
#define LOCATE(field, bytes) \
    if (ead_device_is_biased(c->device)) \
    a.field = ead_locate(c->device, (uintptr_t)a.field, (size_t)(bytes), __func__, #field)

/// Runs a kernel of this CPU's variant with the arguments `a`.
#define RUN(kernel, chunks) ead_pool_run(c->pool, c->kernels->kernel, &a, chunks)

/// A device that only counts has nothing to compute with.
#define BEGIN \
    if (!c->pool) return

// MARK: sizes

static long rows_chunks(long rows) { return ead_divide_up(rows, ead_rows_per_chunk(rows)); }
static long element_chunks(long count) { return ead_divide_up(count, EAD_ELEMENTS_PER_CHUNK); }
static long byte_chunks(size_t bytes) { return (long)((bytes + EAD_BYTES_PER_CHUNK - 1) / EAD_BYTES_PER_CHUNK); }
static long column_chunks(long columns) { return ead_divide_up(columns, EAD_CHUNK_COLUMNS); }

/// Bytes of elements in units, without padding.
static long elements(long count, int bf16) { return count * (bf16 ? 2 : 4); }
/// Bytes of rows of floats, or of units, of which one begins `stride` words behind the other.
static long float_rows(long rows, long stride, long columns) { return rows > 0 ? 4 * ((rows - 1) * stride + columns) : 0; }
static long unit_rows(long rows, long stride, long columns, int bf16) {
    return float_rows(rows, stride, ead_units(columns, bf16));
}
static long panel_bytes(long columns, long units) { return 4 * ead_divide_up(columns, 16) * 16 * units; }

/// One more than the highest index; negative ones count as high.
static long highest(const void *indices, long count) {
    const uint32_t *index = indices;
    long most = 0;
    for (long i = 0; i < count; i++) most = (long)index[i] + 1 > most ? (long)index[i] + 1 : most;
    return most;
}

// MARK: memory

void ead_zero(ead_compute *c, ead_zero_args a) {
    BEGIN;
    LOCATE(memory, a.bytes);
    RUN(zero, byte_chunks(a.bytes));
}

void ead_copy(ead_compute *c, ead_copy_args a) {
    BEGIN;
    LOCATE(source, a.bytes);
    LOCATE(destination, a.bytes);
    RUN(copy, byte_chunks(a.bytes));
}

void ead_copy_rows(ead_compute *c, ead_copy_rows_args a) {
    BEGIN;
    LOCATE(index, 4 * a.rows);
    LOCATE(source, highest(a.index, a.rows) * a.row_bytes);
    LOCATE(destination, a.rows * a.row_bytes);
    RUN(copy_rows, rows_chunks(a.rows));
}

// MARK: products

void ead_gemm(ead_compute *c, ead_gemm_args a) {
    BEGIN;
    LOCATE(a, a.a_panels ? panel_bytes(a.rows, a.units) : float_rows(a.rows, a.a_stride, a.units));
    LOCATE(panels, panel_bytes(a.columns, a.units));
    LOCATE(c, float_rows(a.rows, a.c_stride, a.columns));
    RUN(gemm, column_chunks(a.columns) * ead_divide_up(a.rows, EAD_ROW_BLOCK));
}

void ead_pack(ead_compute *c, ead_pack_args a) {
    BEGIN;
    LOCATE(w, float_rows(a.rows, a.w_stride, a.columns));
    LOCATE(panels, a.transposed ? panel_bytes(a.columns, ead_units(a.rows, a.bf16))
                                : panel_bytes(a.rows, ead_units(a.columns, a.bf16)));
    RUN(pack, column_chunks(a.transposed ? a.columns : a.rows));
}

void ead_pack_bf16(ead_compute *c, ead_pack_bf16_args a) {
    BEGIN;
    LOCATE(w, 2 * a.rows * a.columns);
    LOCATE(panels, panel_bytes(a.rows, ead_units(a.columns, 1)));
    RUN(pack_bf16, column_chunks(a.rows));
}

void ead_pack_vector(ead_compute *c, ead_pack_vector_args a) {
    BEGIN;
    LOCATE(x, 4 * a.count);
    LOCATE(out, 4 * a.count);
    RUN(pack_vector, element_chunks(a.count));
}

void ead_pack_vector_bf16(ead_compute *c, ead_pack_vector_bf16_args a) {
    BEGIN;
    LOCATE(x, 2 * a.count);
    LOCATE(out, 4 * a.count);
    RUN(pack_vector_bf16, element_chunks(a.count));
}

void ead_pack_tokens(ead_compute *c, ead_pack_tokens_args a) {
    BEGIN;
    LOCATE(x, 4 * (a.rows - 1) * a.x_stride + elements(a.columns, a.bf16));
    LOCATE(panels, panel_bytes(a.columns, ead_units(a.rows, a.bf16)));
    RUN(pack_tokens, column_chunks(a.columns));
}

void ead_convert(ead_compute *c, ead_convert_args a) {
    BEGIN;
    LOCATE(x, float_rows(a.rows, a.x_stride, a.columns));
    LOCATE(out, unit_rows(a.rows, a.out_stride, a.columns, a.bf16));
    RUN(convert, rows_chunks(a.rows));
}

void ead_gather(ead_compute *c, ead_gather_args a) {
    BEGIN;
    LOCATE(source, 4 * a.rows);
    LOCATE(scale, 4 * a.rows);
    LOCATE(x, unit_rows(highest(a.source, a.rows), a.stride, a.columns, a.bf16));
    LOCATE(out, unit_rows(a.rows, a.stride, a.columns, a.bf16));
    RUN(gather, rows_chunks(a.rows));
}

void ead_mix(ead_compute *c, ead_mix_args a) {
    BEGIN;
    LOCATE(x, unit_rows(a.rows, a.stride, a.columns, a.bf16));
    LOCATE(y, unit_rows(a.rows, a.stride, a.columns, a.bf16));
    LOCATE(a, 4 * a.rows);
    LOCATE(b, 4 * a.rows);
    RUN(mix, rows_chunks(a.rows));
}

// MARK: layers

void ead_rmsnorm(ead_compute *c, ead_rmsnorm_args a) {
    BEGIN;
    LOCATE(x, 4 * a.rows * a.columns);
    LOCATE(w, 4 * a.columns);
    LOCATE(out, unit_rows(a.rows, a.out_stride, a.columns, a.bf16));
    RUN(rmsnorm, rows_chunks(a.rows));
}

void ead_rmsnorm_backward(ead_compute *c, ead_rmsnorm_backward_args a) {
    BEGIN;
    LOCATE(x, 4 * a.rows * a.columns);
    LOCATE(w, 4 * a.columns);
    LOCATE(dy, 4 * a.rows * a.columns);
    LOCATE(dx, 4 * a.rows * a.columns);
    LOCATE(dw, 4 * a.columns);
    LOCATE(rstd, 4 * a.rows);
    RUN(rmsnorm_backward, rows_chunks(a.rows));
    RUN(rmsnorm_backward_columns, ead_divide_up(a.columns, 64));
}

void ead_head_norm(ead_compute *c, ead_head_norm_args a) {
    BEGIN;
    LOCATE(x, float_rows(a.rows, a.x_stride, a.heads * a.head_size));
    LOCATE(w, 4 * a.head_size);
    RUN(head_norm, rows_chunks(a.rows));
}

void ead_head_norm_backward(ead_compute *c, ead_head_norm_backward_args a) {
    BEGIN;
    LOCATE(x, unit_rows(a.rows, a.x_stride, a.heads * a.head_size, a.bf16));
    LOCATE(w, 4 * a.head_size);
    LOCATE(dy, float_rows(a.rows, a.dy_stride, a.heads * a.head_size));
    LOCATE(dw, 4 * a.head_size);
    LOCATE(rstd, 4 * a.rows * a.heads);
    RUN(head_norm_rstd, rows_chunks(a.rows));
    RUN(head_norm_backward_columns, ead_divide_up(a.head_size, 16));
    RUN(head_norm_backward, rows_chunks(a.rows));
}

void ead_bias(ead_compute *c, ead_bias_args a) {
    BEGIN;
    LOCATE(x, 4 * a.rows * a.columns);
    LOCATE(bias, 4 * a.columns);
    RUN(bias, rows_chunks(a.rows));
}

void ead_bias_backward(ead_compute *c, ead_bias_backward_args a) {
    BEGIN;
    LOCATE(x, 4 * a.rows * a.columns);
    LOCATE(out, 4 * a.columns);
    RUN(bias_backward, ead_divide_up(a.columns, 64));
}

void ead_swiglu(ead_compute *c, ead_swiglu_args a) {
    BEGIN;
    LOCATE(gate_up, 4 * a.rows * 2 * a.columns);
    LOCATE(out, unit_rows(a.rows, a.out_stride, a.columns, a.bf16));
    RUN(swiglu, rows_chunks(a.rows));
}

void ead_swiglu_backward(ead_compute *c, ead_swiglu_backward_args a) {
    BEGIN;
    LOCATE(gate_up, 4 * a.rows * ead_units(2 * a.columns, a.bf16));
    LOCATE(dh, 4 * a.rows * a.columns);
    LOCATE(dgate_up, 4 * a.rows * ead_units(2 * a.columns, a.bf16));
    LOCATE(h, 4 * a.rows * ead_units(a.columns, a.bf16));
    RUN(swiglu_backward, rows_chunks(a.rows));
}

void ead_embedding(ead_compute *c, ead_embedding_args a) {
    BEGIN;
    LOCATE(panels, panel_bytes(a.vocabulary, ead_units(a.columns, a.bf16)));
    LOCATE(tokens, 4 * a.rows);
    LOCATE(x, 4 * a.rows * a.columns);
    RUN(embedding, rows_chunks(a.rows));
}

void ead_scatter(ead_compute *c, ead_scatter_args a) {
    BEGIN;
    LOCATE(target, 4 * a.rows);
    LOCATE(out, 4 * highest(a.target, a.rows) * a.columns);
    LOCATE(scale, 4 * a.rows);
    LOCATE(x, 4 * a.rows * a.columns);
    RUN(scatter, ead_divide_up(a.columns, 64));
}

// MARK: attention

/// Segments of a biased device with their page tables, as pointers that the CPU can follow; to be freed.
static ead_segment *located_segments(
    ead_compute *c, const ead_segment *segments, long count, ead_heads heads, const char *operation) {
    segments = ead_locate(c->device, (uintptr_t)segments, (size_t)count * sizeof *segments, operation, "segments");
    size_t page_bytes = (size_t)(heads.layer_offset + heads.kv_heads * heads.head_bytes);
    long pages = 0;
    for (long i = 0; i < count; i++) pages += ead_divide_up(segments[i].position + segments[i].rows, 16);
    ead_segment *copies = malloc((size_t)count * sizeof *copies + (size_t)pages * sizeof(ead_page));
    if (!copies) abort();
    ead_page *table = (ead_page *)(void *)(copies + count);
    for (long i = 0; i < count; i++) {
        long own = ead_divide_up(segments[i].position + segments[i].rows, 16);
        const ead_page *from = ead_locate(
            c->device, (uintptr_t)segments[i].pages, (size_t)own * sizeof *from, operation, "segments.pages");
        for (long p = 0; p < own; p++) {
            table[p] = ead_locate(c->device, (uintptr_t)from[p], page_bytes, operation, "a page");
        }
        copies[i] = segments[i];
        copies[i].pages = table;
        table += own;
    }
    return copies;
}

/// Makes the segments of `a`, and the tables of rotations they need, pointers that the CPU can follow.
#define LOCATE_SEGMENTS \
    ead_segment *located = NULL; \
    if (ead_device_is_biased(c->device)) \
    a.segments = located = located_segments(c, a.segments, a.segment_count, a.heads, __func__)
#define LOCATE_ROTATIONS \
    long positions = ead_device_is_biased(c->device) ? last_position(a.segments, a.segment_count) : 0; \
    LOCATE(cosines, 4 * positions * (a.heads.head_size / 2)); \
    LOCATE(sines, 4 * positions * (a.heads.head_size / 2))

static long last_position(const ead_segment *segments, long count) {
    long most = 0;
    for (long i = 0; i < count; i++) {
        long end = segments[i].position + segments[i].rows;
        most = end > most ? end : most;
    }
    return most;
}

static long joined_columns(ead_heads h) { return (h.heads + 2 * h.kv_heads) * h.head_size; }

void ead_rope(ead_compute *c, ead_rope_args a) {
    BEGIN;
    LOCATE_SEGMENTS;
    LOCATE_ROTATIONS;
    LOCATE(qkv, 4 * a.rows * joined_columns(a.heads));
    LOCATE(q, unit_rows(a.rows, a.q_stride, a.heads.heads * a.heads.head_size, a.heads.bf16));
    RUN(rope, rows_chunks(a.rows));
    free(located);
}

void ead_attention(ead_compute *c, ead_attention_args a) {
    BEGIN;
    LOCATE_SEGMENTS;
    LOCATE(q, unit_rows(a.rows, a.q_stride, a.heads.heads * a.heads.head_size, a.heads.bf16));
    LOCATE(out, unit_rows(a.rows, a.out_stride, a.heads.heads * a.heads.head_size, a.heads.bf16));
    RUN(attention, rows_chunks(a.rows) * a.heads.kv_heads);
    free(located);
}

void ead_attention_backward(ead_compute *c, ead_attention_backward_args a) {
    BEGIN;
    size_t gradient_bytes = (size_t)(4 * a.rows * joined_columns(a.heads));
    ead_zero(c, (ead_zero_args){a.dqkv, gradient_bytes});
    LOCATE_SEGMENTS;
    LOCATE_ROTATIONS;
    LOCATE(q, unit_rows(a.rows, a.q_stride, a.heads.heads * a.heads.head_size, a.heads.bf16));
    LOCATE(dout, 4 * a.rows * a.heads.heads * a.heads.head_size);
    LOCATE(dqkv, gradient_bytes);
    LOCATE(families, 4 * (a.family_count + 1));
    LOCATE(members, 4 * a.segment_count);
    RUN(attention_backward, a.family_count * a.heads.kv_heads);
    if (a.cosines) RUN(rope_backward, rows_chunks(a.rows));
    free(located);
}

size_t ead_attention_scratch(long positions, int head_size, int backward) {
    size_t keys = (size_t)ead_divide_up(positions, 16) * 16, size = (size_t)ead_divide_up(head_size, 16) * 16;
    // Forward: 6 rows of scores. Backward: keys, values, two blocks of scores, two of queries (see backward_segment).
    return 4 * (backward ? 2 * keys * size + 2 * 48 * keys + 2 * 48 * size : 6 * keys);
}

// MARK: vocabulary

void ead_cross_entropy(ead_compute *c, ead_cross_entropy_args a) {
    BEGIN;
    LOCATE(logits, float_rows(a.rows, a.logits_stride, a.columns));
    LOCATE(targets, 4 * a.rows);
    LOCATE(log_probs, 4 * a.rows);
    LOCATE(gradient, unit_rows(a.rows, a.gradient_stride, a.columns, a.bf16));
    LOCATE(entropies, 4 * a.rows);
    LOCATE(entropy_gradient, unit_rows(a.rows, a.gradient_stride, a.columns, a.bf16));
    RUN(cross_entropy, a.rows);
}

void ead_sample(ead_compute *c, ead_sample_args a) {
    BEGIN;
    LOCATE(logits, float_rows(a.rows, a.logits_stride, a.columns));
    LOCATE(draws, a.rows * (long)sizeof(ead_draw));
    RUN(sample, a.rows);
}

size_t ead_sample_scratch(long columns) { return (size_t)(columns + 16) * 12; }

// MARK: optimizer

void ead_squares(ead_compute *c, ead_squares_args a) {
    BEGIN;
    long blocks = ead_divide_up(a.count, EAD_SQUARES_BLOCK);
    LOCATE(x, 4 * a.count);
    LOCATE(sums, 8 * blocks);
    RUN(squares, blocks);
}

void ead_adamw(ead_compute *c, ead_adamw_args a) {
    BEGIN;
    LOCATE(w, 4 * a.count);
    LOCATE(m, 4 * a.count);
    LOCATE(v, 4 * a.count);
    LOCATE(gradient, 4 * a.count);
    LOCATE(fault, 4);
    RUN(adamw, element_chunks(a.count));
}

void ead_check_finite(ead_compute *c, ead_check_finite_args a) {
    BEGIN;
    LOCATE(x, elements(a.count, a.bf16));
    LOCATE(fault, 4);
    RUN(check_finite, element_chunks(a.count));
}
