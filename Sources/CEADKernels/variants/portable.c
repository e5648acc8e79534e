/// The specification of the other variants: no instruction beyond the compiler's default target.
#define EAD_VARIANT ead_kernels_portable
#define EAD_TILE_ROWS 4
#define EAD_TILE_VECTORS 1
#define EAD_PANEL 48
#define EAD_TILE_SUMS 4
#define EAD_ATTENTION_ROWS 1
#define EAD_PAGE_VECTORS 1
#define EAD_HAS_DPBF16 0
#include "../kernels/all.inc"
