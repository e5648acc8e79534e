#ifndef EAD_DEQUANTIZE_H
#define EAD_DEQUANTIZE_H

#include <stddef.h>
#include <stdint.h>

/* Decoding of the tensor encodings of GGUF files (all little-endian) to 32-bit floats. `count` is in elements and, for
   the two block encodings, a multiple of 32. `source` needs no alignment. No two ranges may overlap. */

void ead_dequantize_f32(const void *source, float *destination, size_t count);
void ead_dequantize_f16(const void *source, float *destination, size_t count);
void ead_dequantize_bf16(const void *source, float *destination, size_t count);

/* Blocks of 34 bytes: f16 d, 32 signed bytes q; w = d * q. */
void ead_dequantize_q8_0(const void *source, float *destination, size_t count);

/* Blocks of 20 bytes: f16 d, f16 m, 16 bytes whose low nibbles are q[0..15] and high nibbles q[16..31];
   w = d * q + m, rounded after the product and after the sum. */
void ead_dequantize_q4_1(const void *source, float *destination, size_t count);

/* 1 when every value is finite. */
int ead_all_finite(const float *values, size_t count);

#endif
