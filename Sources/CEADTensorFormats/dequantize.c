#include "CEADTensorFormats.h"

#include <string.h>

/// A fused multiply-add would give other weights on processors that have one.
#pragma STDC FP_CONTRACT OFF

static inline float from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint16_t load_u16(const uint8_t *p) { return (uint16_t)(p[0] | (uint16_t)p[1] << 8); }

static inline float from_f16(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    const uint32_t magnitude = half & 0x7fffu;
    if (magnitude >= 0x7c00u) return from_bits(sign | 0x7f800000u | (magnitude & 0x3ffu) << 13);
    if (magnitude >= 0x0400u) return from_bits(sign | ((magnitude << 13) + 0x38000000u));
    // Subnormal: magnitude * 2^-24 is exact.
    const float value = (float)magnitude * 0x1p-24f;
    return sign ? -value : value;
}

void ead_dequantize_f32(const void *source, float *destination, size_t count) {
    memcpy(destination, source, count * sizeof(float));
}

void ead_dequantize_f16(const void *source, float *destination, size_t count) {
    const uint8_t *p = source;
    for (size_t i = 0; i < count; i++) destination[i] = from_f16(load_u16(p + 2 * i));
}

void ead_dequantize_bf16(const void *source, float *destination, size_t count) {
    const uint8_t *p = source;
    for (size_t i = 0; i < count; i++) destination[i] = from_bits((uint32_t)load_u16(p + 2 * i) << 16);
}

void ead_dequantize_q8_0(const void *source, float *restrict destination, size_t count) {
    const uint8_t *p = source;
    for (size_t block = 0; block < count / 32; block++, p += 34, destination += 32) {
        const float d = from_f16(load_u16(p));
        const int8_t *q = (const int8_t *)(p + 2);
        for (int i = 0; i < 32; i++) destination[i] = d * (float)q[i];
    }
}

void ead_dequantize_q4_1(const void *source, float *restrict destination, size_t count) {
    const uint8_t *p = source;
    for (size_t block = 0; block < count / 32; block++, p += 20, destination += 32) {
        const float d = from_f16(load_u16(p));
        const float m = from_f16(load_u16(p + 2));
        const uint8_t *q = p + 4;
        for (int i = 0; i < 16; i++) {
            destination[i] = d * (float)(q[i] & 15) + m;
            destination[i + 16] = d * (float)(q[i] >> 4) + m;
        }
    }
}

void ead_dequantize_q4_0(const void *source, float *restrict destination, size_t count) {
    const uint8_t *p = source;
    for (size_t block = 0; block < count / 32; block++, p += 18, destination += 32) {
        const float d = from_f16(load_u16(p));
        const uint8_t *q = p + 2;
        for (int i = 0; i < 16; i++) {
            destination[i] = d * (float)((q[i] & 15) - 8);
            destination[i + 16] = d * (float)((q[i] >> 4) - 8);
        }
    }
}

/// Bit `i` of 32 bits, stored little-endian, as 16 or 0.
static inline int fifth_bit(const uint8_t *bits, int i) { return (bits[i / 8] >> i % 8 & 1) << 4; }

void ead_dequantize_q5_0(const void *source, float *restrict destination, size_t count) {
    const uint8_t *p = source;
    for (size_t block = 0; block < count / 32; block++, p += 22, destination += 32) {
        const float d = from_f16(load_u16(p));
        const uint8_t *q = p + 6;
        for (int i = 0; i < 16; i++) {
            destination[i] = d * (float)(((q[i] & 15) | fifth_bit(p + 2, i)) - 16);
            destination[i + 16] = d * (float)(((q[i] >> 4) | fifth_bit(p + 2, i + 16)) - 16);
        }
    }
}

void ead_dequantize_q5_1(const void *source, float *restrict destination, size_t count) {
    const uint8_t *p = source;
    for (size_t block = 0; block < count / 32; block++, p += 24, destination += 32) {
        const float d = from_f16(load_u16(p)), m = from_f16(load_u16(p + 2));
        const uint8_t *q = p + 8;
        for (int i = 0; i < 16; i++) {
            destination[i] = d * (float)((q[i] & 15) | fifth_bit(p + 4, i)) + m;
            destination[i + 16] = d * (float)((q[i] >> 4) | fifth_bit(p + 4, i + 16)) + m;
        }
    }
}

// Blocks of 256, with a scale for each 16 or 32 of them. Two bits of element i are those from 2 (i / 32 % 4) on of byte
// i / 128 * 32 + i % 32.

static inline int two_bits(const uint8_t *q, int i) { return q[i / 128 * 32 + i % 32] >> 2 * (i / 32 % 4) & 3; }

void ead_dequantize_q2_k(const void *source, float *restrict destination, size_t count) {
    const uint8_t *p = source;
    for (size_t block = 0; block < count / 256; block++, p += 84, destination += 256) {
        const float d = from_f16(load_u16(p + 80)), m = from_f16(load_u16(p + 82));
        for (int i = 0; i < 256; i++) {
            const float scale = d * (float)(p[i / 16] & 15), low = m * (float)(p[i / 16] >> 4);
            destination[i] = scale * (float)two_bits(p + 16, i) - low;
        }
    }
}

void ead_dequantize_q3_k(const void *source, float *restrict destination, size_t count) {
    const uint8_t *p = source;
    for (size_t block = 0; block < count / 256; block++, p += 110, destination += 256) {
        const uint8_t *scales = p + 96;
        const float d = from_f16(load_u16(p + 108));
        for (int i = 0; i < 256; i++) {
            const int k = i / 16, low = k < 8 ? scales[k] & 15 : scales[k - 8] >> 4;
            const int high = scales[8 + k % 4] >> 2 * (k / 4) & 3;
            const int four = p[i % 32] >> i / 32 & 1 ? 0 : 4;
            destination[i] = d * (float)((low | high << 4) - 32) * (float)(two_bits(p + 32, i) - four);
        }
    }
}

/// Scale and minimum k of 8 in 12 bytes, of six bits each.
static inline int k_scale(const uint8_t *s, int k) {
    return k < 4 ? s[k] & 63 : (s[k + 4] & 15) | (s[k - 4] >> 2 & 0x30);
}
static inline int k_minimum(const uint8_t *s, int k) {
    return k < 4 ? s[k + 4] & 63 : s[k + 4] >> 4 | (s[k] >> 2 & 0x30);
}
/// Four bits of element i: 64 elements share 32 bytes, the first half of them the low nibbles.
static inline int four_bits(const uint8_t *q, int i) { return q[i / 64 * 32 + i % 32] >> 4 * (i / 32 % 2) & 15; }

void ead_dequantize_q4_k(const void *source, float *restrict destination, size_t count) {
    const uint8_t *p = source;
    for (size_t block = 0; block < count / 256; block++, p += 144, destination += 256) {
        const float d = from_f16(load_u16(p)), m = from_f16(load_u16(p + 2));
        for (int i = 0; i < 256; i++) {
            const float scale = d * (float)k_scale(p + 4, i / 32), low = m * (float)k_minimum(p + 4, i / 32);
            destination[i] = scale * (float)four_bits(p + 16, i) - low;
        }
    }
}

void ead_dequantize_q5_k(const void *source, float *restrict destination, size_t count) {
    const uint8_t *p = source;
    for (size_t block = 0; block < count / 256; block++, p += 176, destination += 256) {
        const float d = from_f16(load_u16(p)), m = from_f16(load_u16(p + 2));
        for (int i = 0; i < 256; i++) {
            const float scale = d * (float)k_scale(p + 4, i / 32), low = m * (float)k_minimum(p + 4, i / 32);
            const int fifth = (p[16 + i % 32] >> i / 32 & 1) << 4;
            destination[i] = scale * (float)(four_bits(p + 48, i) | fifth) - low;
        }
    }
}

void ead_dequantize_q6_k(const void *source, float *restrict destination, size_t count) {
    const uint8_t *p = source;
    for (size_t block = 0; block < count / 256; block++, p += 210, destination += 256) {
        const float d = from_f16(load_u16(p + 208));
        for (int i = 0; i < 256; i++) {
            const float scale = d * (float)(int8_t)p[192 + i / 16];
            const int low = p[i / 128 * 64 + i % 64] >> 4 * (i / 64 % 2) & 15;
            destination[i] = scale * (float)((low | two_bits(p + 128, i) << 4) - 32);
        }
    }
}

int ead_all_finite(const float *values, size_t count) {
    uint32_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        bits &= 0x7fffffffu;
        largest = bits > largest ? bits : largest;
    }
    return largest < 0x7f800000u;
}

long ead_decode_rows(const ead_decode_args *args, long begin, long end, float *row) {
    long bad = -1;
    for (long r = begin; r < end; r++) {
        long target = r;
        if (args->rotary > 0) {
            const long within = r % args->rotary;
            target = r - within + within % 2 * (args->rotary / 2) + within / 2;
        }
        float *decoded = args->bf16 ? row : (float *)args->out + target * args->columns;
        args->decode(args->source + r * args->row_bytes, decoded, (size_t)args->columns);
        if (bad < 0 && !ead_all_finite(decoded, (size_t)args->columns)) bad = r;
        if (!args->bf16) continue;
        uint16_t *out = (uint16_t *)args->out + target * args->columns;
        for (long k = 0; k < args->columns; k++) {
            uint32_t bits;
            memcpy(&bits, decoded + k, sizeof bits);
            out[k] = (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
        }
    }
    return bad;
}
