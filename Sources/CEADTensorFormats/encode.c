#include "CEADTensorFormats.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

static inline uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline void store_u16(uint8_t *p, uint16_t value) {
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

/// Rounds to nearest even; beyond the range comes infinity.
static uint16_t to_f16(float value) {
    const uint32_t bits = bits_of(value), sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return (uint16_t)(sign | 0x7e00u);
    if (magnitude >= 0x477ff000u) return (uint16_t)(sign | 0x7c00u);
    if (magnitude >= 0x38800000u) {
        const uint32_t rounded = magnitude + 0xfffu + (magnitude >> 13 & 1);
        return (uint16_t)(sign | (rounded - 0x38000000u) >> 13);
    }
    // Subnormal: a multiple of 2^-24; adding 0.5 leaves it, rounded, in the low bits.
    float small;
    memcpy(&small, &magnitude, sizeof small);
    return (uint16_t)(sign | (bits_of(small + 0.5f) - 0x3f000000u));
}

void ead_encode_f32(const float *source, void *destination, size_t count) {
    memcpy(destination, source, count * sizeof(float));
}

void ead_encode_f16(const float *source, void *destination, size_t count) {
    for (size_t i = 0; i < count; i++) store_u16((uint8_t *)destination + 2 * i, to_f16(source[i]));
}

void ead_encode_bf16(const float *source, void *destination, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = bits_of(source[i]);
        store_u16((uint8_t *)destination + 2 * i, (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16));
    }
}

void ead_encode_q8_0(const float *source, void *destination, size_t count) {
    uint8_t *p = destination;
    for (size_t block = 0; block < count / 32; block++, p += 34, source += 32) {
        float most = 0;
        for (int i = 0; i < 32; i++) {
            const float size = source[i] < 0 ? -source[i] : source[i];
            most = size > most ? size : most;
        }
        const float scale = most / 127, inverse = scale != 0 ? 1 / scale : 0;
        store_u16(p, to_f16(scale));
        for (int i = 0; i < 32; i++) {
            const float level = source[i] * inverse, size = level < 0 ? -level : level;
            // Half away from zero, as roundf.
            const int whole = (int)size, rounded = whole + (size - (float)whole >= 0.5f);
            p[2 + i] = (uint8_t)(int8_t)(level < 0 ? -rounded : rounded);
        }
    }
}
