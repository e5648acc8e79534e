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
