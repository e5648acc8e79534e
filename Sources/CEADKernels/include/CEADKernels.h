/// Dense math of the engine: plain C, no allocation inside an operation, a fixed order for every sum.
///
/// Vocabulary used in every comment:
/// - a *unit* is 32 bits: one float in f32 mode, two consecutive bfloat16 (first in the low half) in bf16 mode;
///   `units(k)` is k in f32 mode and ceil(k / 2) in bf16 mode, an odd last half being zero;
/// - *rows* hold one vector per token, row-major;
/// - *panels* hold a matrix for the other side of a product, 16 or 48 columns each, as suits the CPU variant that packs and
///   reads them: `[units][width]`, where the width is that number or, in the last panel, the columns that are left,
///   rounded up to 16; columns past the matrix are zero. A product reads a panel from its first word to its last.
///
/// Every operation splits its work into chunks for the thread pool such that no result depends on the split.
#ifndef CEADKERNELS_H
#define CEADKERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "ead_peaks.h"

#if defined(__cplusplus)
extern "C" {
#endif

// MARK: threads and CPU variant

/// A thread pool together with the kernels chosen for this CPU. Used by one thread at a time.
typedef struct ead_compute ead_compute;

typedef enum { EAD_PORTABLE = 0, EAD_AVX2 = 1, EAD_AVX512 = 2, EAD_AVX512BF16 = 3 } ead_variant;

/// The best variant this CPU can run.
ead_variant ead_best_variant(void);
/// Whether this CPU (and operating system) can run a variant.
int ead_variant_supported(ead_variant variant);
/// Starts `threads` - 1 threads; the caller is the other one. NULL when memory or threads are not to be had.
/// `scratch_bytes` per thread are reserved for attention over long contexts.
ead_compute *ead_compute_create(int threads, ead_variant variant, size_t scratch_bytes);
void ead_compute_destroy(ead_compute *compute);
int ead_compute_threads(const ead_compute *compute);
/// Makes the scratch memory of every thread at least this large. 0 on success.
int ead_compute_reserve(ead_compute *compute, size_t scratch_bytes);

// MARK: GEMM

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
    const void *a;
    /// Units from one row of `a` to the next (unused with `a_panels`).
    long a_stride;
    int a_panels;
    const void *panels;
    float *c;
    long c_stride;
    long rows, columns, units;
    ead_output_mode mode;
    int bf16;
} ead_gemm_args;
void ead_gemm(ead_compute *compute, ead_gemm_args args);

/// Panels of a weight matrix `w[rows][columns]` (f32), rounded to bf16 when asked. `transposed` = 0: panel columns are
/// the matrix rows (for x w^T); 1: panel columns are the matrix columns (for dy w).
typedef struct {
    const float *w;
    long w_stride;
    void *panels;
    long rows, columns;
    int transposed;
    int bf16;
} ead_pack_args;
void ead_pack(ead_compute *compute, ead_pack_args args);

/// As `ead_pack` with `transposed` = 0 from elements already stored as bf16.
typedef struct {
    const uint16_t *w;
    void *panels;
    long rows, columns;
} ead_pack_bf16_args;
void ead_pack_bf16(ead_compute *compute, ead_pack_bf16_args args);

/// Panels over tokens: from units rows `x[rows][columns]` (stride in units), panel columns are the columns of x and
/// units run over the rows, for dy^T x. `columns` <= the columns of x packs a part.
typedef struct {
    const void *x;
    long x_stride;
    void *panels;
    long rows, columns;
    int bf16;
} ead_pack_tokens_args;
void ead_pack_tokens(ead_compute *compute, ead_pack_tokens_args args);

/// Rows of f32 to rows of units.
typedef struct {
    const float *x;
    long x_stride;
    void *out;
    long out_stride;
    long rows, columns;
    int bf16;
} ead_convert_args;
void ead_convert(ead_compute *compute, ead_convert_args args);

/// out[r] = scale[r] * x[source[r]], units rows.
typedef struct {
    const void *x;
    const int32_t *source;
    const float *scale;
    void *out;
    long stride;
    long rows, columns;
    int bf16;
} ead_gather_args;
void ead_gather(ead_compute *compute, ead_gather_args args);

/// x[r] = a[r] x[r] + b[r] y[r], units rows.
typedef struct {
    void *x;
    const void *y;
    const float *a, *b;
    long stride;
    long rows, columns;
    int bf16;
} ead_mix_args;
void ead_mix(ead_compute *compute, ead_mix_args args);

// MARK: elementwise layers

/// out[r] = w * x[r] / sqrt(mean(x[r]^2) + epsilon), as units. Weights are rounded to bf16 first in bf16 mode.
typedef struct {
    const float *x;
    const float *w;
    void *out;
    long out_stride;
    long rows, columns;
    float epsilon;
    int bf16;
} ead_rmsnorm_args;
void ead_rmsnorm(ead_compute *compute, ead_rmsnorm_args args);

/// dx[r] += d loss / d x[r], dw += sum over rows in ascending order.
typedef struct {
    const float *x;
    const float *w;
    const float *dy;
    float *dx;
    float *dw;
    /// rows floats of scratch.
    float *rstd;
    long rows, columns;
    float epsilon;
    int bf16;
} ead_rmsnorm_backward_args;
void ead_rmsnorm_backward(ead_compute *compute, ead_rmsnorm_backward_args args);

/// x[r] += bias, f32 rows.
typedef struct {
    float *x;
    const float *bias;
    long rows, columns;
} ead_bias_args;
void ead_bias(ead_compute *compute, ead_bias_args args);

/// out += sum over rows of x[r] in ascending order, f32 rows: the gradient of a bias.
typedef struct {
    const float *x;
    float *out;
    long rows, columns;
} ead_bias_backward_args;
void ead_bias_backward(ead_compute *compute, ead_bias_backward_args args);

/// h[r] = silu(gate[r]) * up[r]; gate_up rows are [gate | up], each `columns` wide. Output as units.
typedef struct {
    const float *gate_up;
    void *out;
    long out_stride;
    long rows, columns;
    int bf16;
} ead_swiglu_args;
void ead_swiglu(ead_compute *compute, ead_swiglu_args args);

/// From gate_up (units rows) and dh (f32 rows): the gradient of gate_up, and h again for the weight gradient (units).
typedef struct {
    const void *gate_up;
    const float *dh;
    void *dgate_up;
    void *h;
    long rows, columns;
    int bf16;
} ead_swiglu_backward_args;
void ead_swiglu_backward(ead_compute *compute, ead_swiglu_backward_args args);

/// x[r] = row tokens[r] of the matrix in `panels` (as packed for x w^T).
typedef struct {
    const void *panels;
    /// Rows of the matrix, of `columns` elements each.
    long vocabulary;
    const uint32_t *tokens;
    float *x;
    long rows, columns;
    int bf16;
} ead_embedding_args;
void ead_embedding(ead_compute *compute, ead_embedding_args args);

/// out[target[r]] += scale[r] * x[r] (scale 1 when absent), rows in ascending order: the gradient of an embedding or
/// of a gather.
typedef struct {
    float *out;
    const uint32_t *target;
    const float *scale;
    const float *x;
    long rows, columns;
} ead_scatter_args;
void ead_scatter(ead_compute *compute, ead_scatter_args args);

// MARK: attention

/// Keys and values live in pages of 16 positions. For each layer and key/value head a page holds
/// keys `[units(head_size)][16 positions]` and then values `[units(16 positions)][head_size, padded to 16]`, in units.
/// Head sizes are even and at most 256.
/// A segment is a run of consecutive positions of one sequence among the rows of a batch.
typedef struct {
    /// First row in the batch, number of rows, position of the first row.
    int32_t row, rows, position;
    /// Row in the batch of position 0 of the shared prefix (backward only); positions below `position` are there.
    int32_t prefix_row;
    /// Page table of the sequence: page p holds positions 16 p ... 16 p + 15.
    uint8_t *const *pages;
} ead_segment;

typedef struct {
    int heads, kv_heads, head_size;
    int bf16;
    /// Bytes from the start of a page to this layer's part, and between its key/value heads.
    long layer_offset, head_bytes;
} ead_heads;

/// Rotates q and k (rotate-half) by the position of each row, writes q as units rows `[heads * head_size]` and k, v
/// into the pages. `qkv` rows are f32 `[(heads + 2 kv_heads) * head_size]`.
typedef struct {
    const float *qkv;
    void *q;
    long q_stride;
    /// cos and sin: `[position][head_size / 2]`.
    const float *cosines, *sines;
    const ead_segment *segments;
    long segment_count;
    ead_heads heads;
} ead_rope_args;
void ead_rope(ead_compute *compute, ead_rope_args args);

/// out[r] (units rows, `[heads * head_size]`) = softmax(q k^T / sqrt(head_size)) v over positions 0 ... own position.
///
/// Scores sum over the head size in order; the normaliser sums 16 lanes (position mod 16) in order and folds them by
/// halves; p (rounded to bf16 in bf16 mode) times v sums over positions in order.
typedef struct {
    const void *q;
    long q_stride;
    void *out;
    long out_stride;
    const ead_segment *segments;
    long segment_count;
    ead_heads heads;
} ead_attention_args;
void ead_attention(ead_compute *compute, ead_attention_args args);

/// Bytes of scratch per thread that attention needs for sequences of so many positions.
size_t ead_attention_scratch(long positions, int head_size, int backward);

/// dqkv rows (f32, as `qkv` of ead_rope, before rotation) from dout rows (f32). Segments come as families: a prefix
/// and the segments that continue it, `members[families[i] ..< families[i + 1]]`, reduced by one thread in that order.
typedef struct {
    const void *q;
    long q_stride;
    const float *dout;
    float *dqkv;
    const float *cosines, *sines;
    const ead_segment *segments;
    long segment_count;
    const int32_t *families, *members;
    long family_count;
    ead_heads heads;
} ead_attention_backward_args;
void ead_attention_backward(ead_compute *compute, ead_attention_backward_args args);

// MARK: vocabulary

/// For each row of logits: the log-probability of the target. With `gradient` also softmax - onehot as units rows; with
/// `entropies` the entropy H of the softmax p, and with `entropy_gradient` (needs `entropies`) also dH/dlogits =
/// -p (log p + H) as units rows. Rows whose logits are not finite get NaN.
typedef struct {
    const float *logits;
    long logits_stride;
    const uint32_t *targets;
    float *log_probs;
    void *gradient;
    /// Of both gradients, in units.
    long gradient_stride;
    float *entropies;
    void *entropy_gradient;
    long rows, columns;
    int bf16;
} ead_cross_entropy_args;
void ead_cross_entropy(ead_compute *compute, ead_cross_entropy_args args);

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
    const float *logits;
    long logits_stride;
    ead_draw *draws;
    long rows, columns;
} ead_sample_args;
void ead_sample(ead_compute *compute, ead_sample_args args);
size_t ead_sample_scratch(long columns);

// MARK: optimizer

/// sums[b] = sum of squares of block b of 65536 elements (16 lanes in order, folded by halves, in double); NaN or Inf
/// elements make it NaN or Inf.
typedef struct {
    const float *x;
    long count;
    double *sums;
} ead_squares_args;
void ead_squares(ead_compute *compute, ead_squares_args args);
#define EAD_SQUARES_BLOCK 65536L

/// Decoupled weight decay Adam: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
/// w = w (1 - decay) - step_size * m / (sqrt(v) / root + epsilon), with g = scale * gradient.
typedef struct {
    float *w, *m, *v;
    const float *gradient;
    long count;
    float beta1, beta2, epsilon;
    /// learning rate * weight decay; learning rate / (1 - beta1^t); sqrt(1 - beta2^t); gradient scale.
    float decay, step_size, root, scale;
} ead_adamw_args;
/// 1 when all new weights are finite.
int ead_adamw(ead_compute *compute, ead_adamw_args args);

/// Parallel memory set to zero.
void ead_zero(ead_compute *compute, void *memory, size_t bytes);
/// Rounds count floats to bf16 (nearest even).
void ead_to_bf16(ead_compute *compute, const float *x, uint16_t *out, long count);
/// 1 when all elements are finite; `bf16` selects the element type.
int ead_is_finite(ead_compute *compute, const void *x, long count, int bf16);

#if defined(__cplusplus)
}
#endif
#endif
