#ifndef CEAD_TENSOR_FORMATS_H
#define CEAD_TENSOR_FORMATS_H

#include <stddef.h>
#include <stdint.h>

/// Decoding of the tensor encodings of GGUF files (all little-endian) to 32-bit floats. `count` is in elements and, for
/// block encodings, a multiple of the block's. `source` needs no alignment. No two ranges may overlap.

void ead_dequantize_f32(const void *source, float *destination, size_t count);
void ead_dequantize_f16(const void *source, float *destination, size_t count);
void ead_dequantize_bf16(const void *source, float *destination, size_t count);

/// Blocks of 34 bytes: f16 d, 32 signed bytes q; w = d * q.
void ead_dequantize_q8_0(const void *source, float *destination, size_t count);

/// Blocks of 20 bytes: f16 d, f16 m, 16 bytes whose low nibbles are q[0..15] and high nibbles q[16..31];
/// w = d * q + m, rounded after the product and after the sum.
void ead_dequantize_q4_1(const void *source, float *destination, size_t count);

/// As gguf-py decodes them: products, then sums, each rounded. `count` is a multiple of 32.
void ead_dequantize_q4_0(const void *source, float *destination, size_t count);
void ead_dequantize_q5_0(const void *source, float *destination, size_t count);
void ead_dequantize_q5_1(const void *source, float *destination, size_t count);

/// Likewise; `count` is a multiple of 256.
void ead_dequantize_q2_k(const void *source, float *destination, size_t count);
void ead_dequantize_q3_k(const void *source, float *destination, size_t count);
void ead_dequantize_q4_k(const void *source, float *destination, size_t count);
void ead_dequantize_q5_k(const void *source, float *destination, size_t count);
void ead_dequantize_q6_k(const void *source, float *destination, size_t count);

/// The other way, rounded to nearest even. `destination` needs no alignment.
void ead_encode_f32(const float *source, void *destination, size_t count);
void ead_encode_f16(const float *source, void *destination, size_t count);
void ead_encode_bf16(const float *source, void *destination, size_t count);
/// As llama.cpp: d is the largest size / 127, and q the nearest level, half away from zero.
void ead_encode_q8_0(const float *source, void *destination, size_t count);

/// 1 when every value is finite.
int ead_all_finite(const float *values, size_t count);

/// Rows of a tensor of a model file, decoded to f32 or bf16 (rounded to nearest even).
typedef struct {
    void (*decode)(const void *source, float *destination, size_t count);
    const uint8_t *source;
    long row_bytes;
    long columns;
    /// Above 0: rows come in heads of this size as rotary pairs (row 2i + j of a head goes to row j * size / 2 + i).
    long rotary;
    void *out;
    int bf16;
} ead_decode_args;

/// Decodes the rows from `begin` up to `end`; `row` is scratch of `columns` floats. Returns the first row with an element
/// that is NaN or infinite, -1 without one.
long ead_decode_rows(const ead_decode_args *args, long begin, long end, float *row);

#endif
