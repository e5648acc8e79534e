/// The contract of a device that computes: memory of its own, ways into and out of it, and the operations of a
/// transformer, each with a fixed order for every sum. This CPU is the one device that computes so far.
///
/// Vocabulary used in every comment:
/// - *device memory* is what `ead_allocate` and `ead_stage` hand out. Only this library follows its addresses: elsewhere
///   they are numbers (`ead_address`), to which offsets in bytes may be added;
/// - a *unit* is 32 bits: one float in f32 mode, two consecutive bfloat16 (first in the low half) in bf16 mode;
///   `units(k)` is k in f32 mode and ceil(k / 2) in bf16 mode, an odd last half being zero;
/// - *rows* hold one vector per token, row-major;
/// - *panels* hold a matrix for the other side of a product, 16 or 48 columns each, as suits the CPU variant that packs and
///   reads them: `[units][width]`, where the width is that number or, in the last panel, the columns that are left,
///   rounded up to 16; columns past the matrix are zero. A product reads a panel from its first word to its last.
///
/// An operation `ead_NAME` takes its `ead_NAME_args`; they are listed at the end. It allocates nothing, and no result
/// depends on how its work is split. Operations and transfers of one `ead_compute` take effect in the order of the calls,
/// but a device may run them later: what they wrote is on the host after `ead_download`, and not before.
#ifndef CEADKERNELS_H
#define CEADKERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "ead_peaks.h"

#if defined(__cplusplus)
extern "C" {
#endif

/// An address in device memory; 0 is none.
typedef uint64_t ead_address;

/// A pointer into device memory: one that the CPU's kernels follow, and a mere number to everybody else.
#if defined(EAD_INSIDE)
#define EAD_DEVICE(type) type *
#else
#define EAD_DEVICE(type) ead_address
#endif

// MARK: device

/// The instruction sets the kernels are compiled for.
typedef enum { EAD_PORTABLE = 0, EAD_AVX2 = 1, EAD_AVX512 = 2, EAD_AVX512BF16 = 3 } ead_variant;

/// The best variant this CPU can run.
ead_variant ead_best_variant(void);
/// Whether this CPU (and operating system) can run a variant.
int ead_variant_supported(ead_variant variant);

typedef struct {
    ead_variant variant;
    /// Other than 0: the device counts what is allocated and hands out addresses without memory. Operations and transfers
    /// do nothing.
    int counts;
    /// For tests: added to every address handed out and taken off by the operations, which then abort unless all of an
    /// operand lies in one live allocation. 2^46 makes addresses that fault when the host follows them.
    uint64_t bias;
} ead_device_options;

/// Where arrays live and operations run. Any number of threads may use it at once.
typedef struct ead_device ead_device;

/// NULL when memory is not to be had.
ead_device *ead_device_open(ead_device_options options);
/// Closes a device of which nothing is in use any more.
void ead_device_close(ead_device *device);

/// Zeroed device memory, aligned to 64 bytes at least; 0 when there is not so much.
ead_address ead_allocate(ead_device *device, size_t bytes);
/// Gives back what `ead_allocate` or `ead_stage` handed out. Operations called before may still use it.
void ead_free(ead_device *device, ead_address memory);
/// Bytes of all that is allocated.
size_t ead_allocated(ead_device *device);

// MARK: compute

/// A sequence of operations on a device, on this CPU computed by a pool of threads. Used by one thread at a time.
typedef struct ead_compute ead_compute;

/// Starts `threads` - 1 threads; the caller is the other one. NULL when memory or threads are not to be had.
/// `scratch_bytes` per thread are reserved for attention over long contexts.
ead_compute *ead_compute_create(ead_device *device, int threads, size_t scratch_bytes);
void ead_compute_destroy(ead_compute *compute);
/// Makes the scratch memory of every thread at least this large. 0 on success.
int ead_compute_reserve(ead_compute *compute, size_t scratch_bytes);

// MARK: transfers

/// Host memory to device memory; the source may change as soon as the call returns.
void ead_upload(ead_compute *compute, const void *source, ead_address destination, size_t bytes);
/// Device memory to host memory, when all operations before are done.
void ead_download(ead_compute *compute, ead_address source, void *destination, size_t bytes);
/// As `ead_download`, of floats that are rounded to bf16 (nearest even) on the way.
void ead_download_bf16(ead_compute *compute, ead_address source, uint16_t *destination, long count);
/// Host memory as the device reads it, until `ead_free`: a copy, or on this CPU the memory itself, which must not change
/// meanwhile. 0 when the device has no room.
ead_address ead_stage(ead_compute *compute, const void *source, size_t bytes);
/// Returns when all operations before are done.
void ead_finish(ead_compute *compute);

typedef struct {
    EAD_DEVICE(void) memory;
    size_t bytes;
} ead_zero_args;

typedef struct {
    EAD_DEVICE(const void) source;
    EAD_DEVICE(void) destination;
    size_t bytes;
} ead_copy_args;

/// destination[r] = source[index[r]], rows of so many bytes that lie one behind the other.
typedef struct {
    EAD_DEVICE(const void) source;
    EAD_DEVICE(const int32_t) index;
    EAD_DEVICE(void) destination;
    long rows, row_bytes;
} ead_copy_rows_args;

// MARK: products

/// What a product does with what is already in its output.
typedef enum {
    /// c = product.
    EAD_SET = 0,
    /// c = c + product.
    EAD_ADD = 1,
    /// The sum goes on from c: c, then the units, in order.
    EAD_CONTINUE = 2
} ead_output_mode;

/// c[r][n] from sum over u of a(r, u) . panel(n, u), one accumulator per element, units in ascending order. Sums of
/// more than 1024 units are cut into the fewest blocks of at most that many, as equal as possible, added in order.
///
/// bf16: a unit is added as fma(hi, hi, acc) and then fma(lo, lo, acc), denormals flushed, which is what one
/// vdpbf16ps does.
typedef struct {
    /// Row-major units; with `a_panels` panels whose columns are the rows of the product.
    EAD_DEVICE(const void) a;
    /// Units from one row of `a` to the next (unused with `a_panels`).
    long a_stride;
    int a_panels;
    EAD_DEVICE(const void) panels;
    EAD_DEVICE(float) c;
    long c_stride;
    long rows, columns, units;
    ead_output_mode mode;
    int bf16;
} ead_gemm_args;

/// Panels of a weight matrix `w[rows][columns]` (f32), rounded to bf16 when asked. `transposed` = 0: panel columns are
/// the matrix rows (for x w^T); 1: panel columns are the matrix columns (for dy w).
typedef struct {
    EAD_DEVICE(const float) w;
    long w_stride;
    EAD_DEVICE(void) panels;
    long rows, columns;
    int transposed;
    int bf16;
} ead_pack_args;

/// As `ead_pack` with `transposed` = 0 from elements already stored as bf16.
typedef struct {
    EAD_DEVICE(const uint16_t) w;
    EAD_DEVICE(void) panels;
    long rows, columns;
} ead_pack_bf16_args;

/// out = x, rounded to the nearest bf16 when asked: norms and biases as the other operations read them.
typedef struct {
    EAD_DEVICE(const float) x;
    EAD_DEVICE(float) out;
    long count;
    int bf16;
} ead_pack_vector_args;

/// As `ead_pack_vector` from elements already stored as bf16.
typedef struct {
    EAD_DEVICE(const uint16_t) x;
    EAD_DEVICE(float) out;
    long count;
} ead_pack_vector_bf16_args;

/// Panels over tokens: from units rows `x[rows][columns]` (stride in units), panel columns are the columns of x and
/// units run over the rows, for dy^T x. `columns` <= the columns of x packs a part.
typedef struct {
    EAD_DEVICE(const void) x;
    long x_stride;
    EAD_DEVICE(void) panels;
    long rows, columns;
    int bf16;
} ead_pack_tokens_args;

/// Rows of f32 to rows of units.
typedef struct {
    EAD_DEVICE(const float) x;
    long x_stride;
    EAD_DEVICE(void) out;
    long out_stride;
    long rows, columns;
    int bf16;
} ead_convert_args;

/// out[r] = scale[r] * x[source[r]], units rows.
typedef struct {
    EAD_DEVICE(const void) x;
    EAD_DEVICE(const int32_t) source;
    EAD_DEVICE(const float) scale;
    EAD_DEVICE(void) out;
    long stride;
    long rows, columns;
    int bf16;
} ead_gather_args;

/// x[r] = a[r] x[r] + b[r] y[r], units rows.
typedef struct {
    EAD_DEVICE(void) x;
    EAD_DEVICE(const void) y;
    EAD_DEVICE(const float) a;
    EAD_DEVICE(const float) b;
    long stride;
    long rows, columns;
    int bf16;
} ead_mix_args;

// MARK: layers

/// out[r] = w * x[r] / sqrt(mean(x[r]^2) + epsilon), as units. Weights are rounded to bf16 first in bf16 mode.
typedef struct {
    EAD_DEVICE(const float) x;
    EAD_DEVICE(const float) w;
    EAD_DEVICE(void) out;
    long out_stride;
    long rows, columns;
    float epsilon;
    int bf16;
} ead_rmsnorm_args;

/// dx[r] += d loss / d x[r], dw += sum over rows in ascending order.
typedef struct {
    EAD_DEVICE(const float) x;
    EAD_DEVICE(const float) w;
    EAD_DEVICE(const float) dy;
    EAD_DEVICE(float) dx;
    EAD_DEVICE(float) dw;
    /// rows floats of scratch.
    EAD_DEVICE(float) rstd;
    long rows, columns;
    float epsilon;
    int bf16;
} ead_rmsnorm_backward_args;

/// RMSNorm of each of the heads at the front of f32 rows, in place, all with the one weight `w[head_size]`:
/// x[r][i] = w * x[r][i] / sqrt(mean(x[r][i]^2) + epsilon).
typedef struct {
    EAD_DEVICE(float) x;
    /// Floats from one row to the next.
    long x_stride;
    EAD_DEVICE(const float) w;
    long rows, heads, head_size;
    float epsilon;
} ead_head_norm_args;

/// dy becomes d loss / d x, in place; dw += sum over rows, and over the heads of a row, in ascending order.
typedef struct {
    /// What was normalised, as units rows.
    EAD_DEVICE(const void) x;
    /// Units from one row to the next.
    long x_stride;
    EAD_DEVICE(const float) w;
    EAD_DEVICE(float) dy;
    /// Floats from one row to the next.
    long dy_stride;
    EAD_DEVICE(float) dw;
    /// rows * heads floats of scratch.
    EAD_DEVICE(float) rstd;
    long rows, heads, head_size;
    float epsilon;
    int bf16;
} ead_head_norm_backward_args;

/// x[r] += bias, f32 rows.
typedef struct {
    EAD_DEVICE(float) x;
    EAD_DEVICE(const float) bias;
    long rows, columns;
} ead_bias_args;

/// out += sum over rows of x[r] in ascending order, f32 rows: the gradient of a bias.
typedef struct {
    EAD_DEVICE(const float) x;
    EAD_DEVICE(float) out;
    long rows, columns;
} ead_bias_backward_args;

/// h[r] = silu(gate[r]) * up[r]; gate_up rows are [gate | up], each `columns` wide. Output as units.
typedef struct {
    EAD_DEVICE(const float) gate_up;
    EAD_DEVICE(void) out;
    long out_stride;
    long rows, columns;
    int bf16;
} ead_swiglu_args;

/// From gate_up (units rows) and dh (f32 rows): the gradient of gate_up, and h again for the weight gradient (units).
typedef struct {
    EAD_DEVICE(const void) gate_up;
    EAD_DEVICE(const float) dh;
    EAD_DEVICE(void) dgate_up;
    EAD_DEVICE(void) h;
    long rows, columns;
    int bf16;
} ead_swiglu_backward_args;

/// x[r] = row tokens[r] of the matrix in `panels` (as packed for x w^T).
typedef struct {
    EAD_DEVICE(const void) panels;
    /// Rows of the matrix, of `columns` elements each.
    long vocabulary;
    EAD_DEVICE(const uint32_t) tokens;
    EAD_DEVICE(float) x;
    long rows, columns;
    int bf16;
} ead_embedding_args;

/// out[target[r]] += scale[r] * x[r] (scale 1 when absent), rows in ascending order: the gradient of an embedding or
/// of a gather.
typedef struct {
    EAD_DEVICE(float) out;
    EAD_DEVICE(const uint32_t) target;
    EAD_DEVICE(const float) scale;
    EAD_DEVICE(const float) x;
    long rows, columns;
} ead_scatter_args;

// MARK: attention

/// A place for the keys and values of 16 positions. For each layer and key/value head a page holds
/// keys `[units(head_size)][16 positions]` and then values `[units(16 positions)][head_size, padded to 16]`, in units.
/// Head sizes are even and at most 256.
typedef EAD_DEVICE(uint8_t) ead_page;

/// A run of consecutive positions of one sequence among the rows of a batch.
typedef struct {
    /// First row in the batch, number of rows, position of the first row.
    int32_t row, rows, position;
    /// Row in the batch of position 0 of the shared prefix (backward only); positions below `position` are there.
    int32_t prefix_row;
    /// Page table of the sequence: page p holds positions 16 p ... 16 p + 15.
    EAD_DEVICE(const ead_page) pages;
} ead_segment;

typedef struct {
    int heads, kv_heads, head_size;
    int bf16;
    /// Bytes from the start of a page to this layer's part, and between its key/value heads.
    long layer_offset, head_bytes;
} ead_heads;

/// Rotates q and k (rotate-half) by the position of each row, or leaves them where there is no table of rotations, writes
/// q as units rows `[heads * head_size]` and k, v into the pages. `qkv` rows are f32 `[(heads + 2 kv_heads) * head_size]`.
typedef struct {
    EAD_DEVICE(const float) qkv;
    EAD_DEVICE(void) q;
    long q_stride;
    /// cos and sin: `[position][head_size / 2]`; 0 for a layer without rotation.
    EAD_DEVICE(const float) cosines;
    EAD_DEVICE(const float) sines;
    /// In ascending order of row, one behind the other: `rows` in all.
    EAD_DEVICE(const ead_segment) segments;
    long segment_count, rows;
    ead_heads heads;
} ead_rope_args;

/// out[r] (units rows, `[heads * head_size]`) = softmax(q k^T / sqrt(head_size)) v over positions 0 ... own position.
///
/// Scores sum over the head size in order; the normaliser sums 16 lanes (position mod 16) in order and folds them by
/// halves; p (rounded to bf16 in bf16 mode) times v sums over positions in order.
typedef struct {
    EAD_DEVICE(const void) q;
    long q_stride;
    EAD_DEVICE(void) out;
    long out_stride;
    EAD_DEVICE(const ead_segment) segments;
    long segment_count, rows;
    ead_heads heads;
} ead_attention_args;

/// Bytes of scratch per thread that attention needs for sequences of so many positions.
size_t ead_attention_scratch(long positions, int head_size, int backward);

/// dqkv rows (f32, as `qkv` of ead_rope, before rotation) from dout rows (f32). Segments come as families: a prefix
/// and the segments that continue it, `members[families[i] ..< families[i + 1]]`, reduced by one thread in that order.
typedef struct {
    EAD_DEVICE(const void) q;
    long q_stride;
    EAD_DEVICE(const float) dout;
    EAD_DEVICE(float) dqkv;
    EAD_DEVICE(const float) cosines;
    EAD_DEVICE(const float) sines;
    EAD_DEVICE(const ead_segment) segments;
    long segment_count, rows;
    EAD_DEVICE(const int32_t) families;
    EAD_DEVICE(const int32_t) members;
    long family_count;
    ead_heads heads;
} ead_attention_backward_args;

// MARK: vocabulary

/// For each row of logits: the log-probability of the target. With `gradient` also softmax - onehot as units rows; with
/// `entropies` the entropy H of the softmax p, and with `entropy_gradient` (needs `entropies`) also dH/dlogits =
/// -p (log p + H) as units rows. Rows whose logits are not finite get NaN.
typedef struct {
    EAD_DEVICE(const float) logits;
    long logits_stride;
    EAD_DEVICE(const uint32_t) targets;
    EAD_DEVICE(float) log_probs;
    EAD_DEVICE(void) gradient;
    /// Of both gradients, in units.
    long gradient_stride;
    EAD_DEVICE(float) entropies;
    EAD_DEVICE(void) entropy_gradient;
    long rows, columns;
    int bf16;
} ead_cross_entropy_args;

/// How to draw one token and what came out.
typedef struct {
    // in
    float temperature;
    /// In [0, 1).
    float uniform;
    int32_t greedy;
    /// 0 = off.
    int32_t top_k;
    /// 1 = off.
    float top_p;
    /// 0 = off.
    float min_p;
    // out
    uint32_t token;
    float behaviour_log_prob, policy_log_prob;
    /// Entropy of the softmax, and of the law the token is drawn from (0 when greedy), in nats, >= 0.
    float entropy, behaviour_entropy;
    /// 0 when a logit is NaN or infinite; nothing else is then valid.
    int32_t finite;
} ead_draw;

/// Draws one token per row from softmax(logits / temperature), after top-k, top-p and min-p in this order.
typedef struct {
    EAD_DEVICE(const float) logits;
    long logits_stride;
    EAD_DEVICE(ead_draw) draws;
    long rows, columns;
} ead_sample_args;

/// Bytes of scratch per thread that a draw from so many logits needs.
size_t ead_sample_scratch(long columns);

// MARK: optimizer

/// sums[b] = sum of squares of block b of 65536 elements: runs of 1024 in 16 lanes of f32, in order, folded by halves,
/// then the runs in order in double. NaN or Inf elements make it NaN or Inf.
typedef struct {
    EAD_DEVICE(const float) x;
    long count;
    EAD_DEVICE(double) sums;
} ead_squares_args;
#define EAD_SQUARES_BLOCK 65536L

/// Decoupled weight decay Adam: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
/// w = w (1 - decay) - step_size * m / (sqrt(v) / root + epsilon), with g = scale * gradient.
typedef struct {
    EAD_DEVICE(float) w;
    EAD_DEVICE(float) m;
    EAD_DEVICE(float) v;
    EAD_DEVICE(const float) gradient;
    long count;
    float beta1, beta2, epsilon;
    /// learning rate * weight decay; learning rate / (1 - beta1^t); sqrt(1 - beta2^t); gradient scale.
    float decay, step_size, root, scale;
    /// Becomes 1 when a weight becomes NaN or infinite, and else stays as it is.
    EAD_DEVICE(int32_t) fault;
} ead_adamw_args;

/// Looks for NaN and infinity; `bf16` selects the element type.
typedef struct {
    EAD_DEVICE(const void) x;
    long count;
    int bf16;
    /// Becomes 1 when there is one, and else stays as it is.
    EAD_DEVICE(int32_t) fault;
} ead_check_finite_args;

// MARK: operations

/// All operations, each once.
#define EAD_OPERATIONS(X) \
    X(zero) X(copy) X(copy_rows) \
    X(gemm) X(pack) X(pack_bf16) X(pack_vector) X(pack_vector_bf16) X(pack_tokens) X(convert) X(gather) X(mix) \
    X(rmsnorm) X(rmsnorm_backward) X(head_norm) X(head_norm_backward) X(bias) X(bias_backward) X(swiglu) X(swiglu_backward) X(embedding) X(scatter) \
    X(rope) X(attention) X(attention_backward) \
    X(cross_entropy) X(sample) \
    X(squares) X(adamw) X(check_finite)

#define EAD_DECLARE(name) void ead_##name(ead_compute *compute, ead_##name##_args args);
EAD_OPERATIONS(EAD_DECLARE)
#undef EAD_DECLARE

// MARK: host

/// Rounds floats of the host to bf16 (nearest even).
void ead_to_bf16(ead_compute *compute, const float *x, uint16_t *out, long count);

#if defined(__cplusplus)
}
#endif
#endif
