/// Every operation of one CPU variant. The including file sets the target and defines
/// - EAD_VARIANT, the name of the table, and EAD_HAS_DPBF16;
/// - EAD_TILE_ROWS and EAD_TILE_VECTORS, the largest tile of a product each way, and EAD_TILE_SUMS, how many of its
///   vectors of sums registers hold;
/// - EAD_PANEL, how many columns of a panel lie side by side: a tile's vectors, or 16 when most tiles have one;
/// - EAD_ATTENTION_ROWS and EAD_PAGE_VECTORS, the same for attention scores.
#pragma clang diagnostic ignored "-Wpsabi"  // every vector function is inlined: no ABI is at stake
#include "table.h"
#include "simd.h"
#include "gemm.h"
#include "pack.h"
#include "layers.h"
#include "attention.h"
#include "vocabulary.h"
#include "optimizer.h"

const ead_kernels EAD_VARIANT = {
    .gemm = gemm,
    .pack = pack,
    .pack_bf16 = pack_bf16,
    .convert = convert,
    .rmsnorm = rmsnorm,
    .rmsnorm_backward_rows = rmsnorm_backward_rows,
    .rmsnorm_backward_columns = rmsnorm_backward_columns,
    .bias = bias,
    .bias_backward = bias_backward,
    .swiglu = swiglu,
    .swiglu_backward = swiglu_backward,
    .embedding = embedding,
    .scatter = scatter,
    .gather = gather,
    .mix = mix,
    .pack_tokens = pack_tokens,
    .rope = rope,
    .rope_backward = rope_backward,
    .attention = attention,
    .attention_backward = attention_backward,
    .cross_entropy = cross_entropy,
    .sample = sample,
    .squares = squares,
    .adamw = adamw,
    .to_bf16 = to_bf16_block,
    .finite = finite,
};
