/// x86-64 with AVX2 and FMA.
#if defined(__x86_64__)
#include <immintrin.h>
#include "../kernels/table.h"

#define EAD_VARIANT ead_kernels_avx2
#define EAD_TILE_ROWS 6
#define EAD_TILE_VECTORS 3
#define EAD_PANEL 16
#define EAD_TILE_SUMS 6  // two registers each, of sixteen
#define EAD_ATTENTION_ROWS 1
#define EAD_PAGE_VECTORS 4
#define EAD_HAS_DPBF16 0
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2"))), apply_to = function)
#include "../kernels/all.inc"
#pragma clang attribute pop
#endif
