#include "CEADPolicyDelta.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum {
    HEADER_BYTES = 16,
    /// A varint of 32 bits, and a zigzag varint of 16.
    GAP_BYTES = 5,
    GROWTH_BYTES = 3,
    /// Higher levels gain nothing on these streams.
    LEVEL = 1,
};

struct ead_delta_codec {
    size_t words;
    ZSTD_CCtx *compressor;
    ZSTD_DCtx *decompressor;
    uint8_t *gaps;
    uint8_t *growths;
};

ead_delta_codec *ead_delta_codec_new(size_t words) {
    if (words == 0 || words > (size_t)1 << 31) return NULL;
    ead_delta_codec *codec = calloc(1, sizeof *codec);
    if (codec == NULL) return NULL;
    codec->words = words;
    codec->compressor = ZSTD_createCCtx();
    codec->decompressor = ZSTD_createDCtx();
    codec->gaps = malloc(words * GAP_BYTES);
    codec->growths = malloc(words * GROWTH_BYTES);
    if (codec->compressor == NULL || codec->decompressor == NULL || codec->gaps == NULL || codec->growths == NULL) {
        ead_delta_codec_free(codec);
        return NULL;
    }
    return codec;
}

void ead_delta_codec_free(ead_delta_codec *codec) {
    if (codec == NULL) return;
    ZSTD_freeCCtx(codec->compressor);
    ZSTD_freeDCtx(codec->decompressor);
    free(codec->gaps);
    free(codec->growths);
    free(codec);
}

size_t ead_delta_bound(size_t words) {
    return HEADER_BYTES + ZSTD_compressBound(words * GAP_BYTES) + ZSTD_compressBound(words * GROWTH_BYTES);
}

static uint8_t *put(uint8_t *at, uint32_t value) {
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}

/// The varint at `at`, or NULL when it does not end before `end` or has more than `most` bytes.
static const uint8_t *get(const uint8_t *at, const uint8_t *end, int most, uint32_t *value) {
    uint64_t sum = 0;
    for (int i = 0; i < most && at < end; i++) {
        uint8_t byte = *at++;
        sum |= (uint64_t)(byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            *value = (uint32_t)sum;
            return sum <= UINT32_MAX ? at : NULL;
        }
    }
    return NULL;
}

static void put_u32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get_u32(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

size_t ead_delta_encode(
    ead_delta_codec *codec, const uint16_t *base, const uint16_t *next, size_t count, uint8_t *block, size_t capacity,
    size_t *changed) {
    if (count > codec->words || capacity < HEADER_BYTES) return 0;
    uint8_t *gap = codec->gaps;
    uint8_t *growth = codec->growths;
    size_t expected = 0, found = 0, i = 0;
    while (i < count) {
        // Most words are equal: four at a time.
        uint64_t old_words, new_words;
        if (count - i >= 4) {
            memcpy(&old_words, base + i, 8);
            memcpy(&new_words, next + i, 8);
            if (old_words == new_words) {
                i += 4;
                continue;
            }
        }
        size_t end = count - i >= 4 ? i + 4 : count;
        for (; i < end; i++) {
            if (base[i] == next[i]) continue;
            gap = put(gap, (uint32_t)(i - expected));
            int32_t difference = (int16_t)(uint16_t)(next[i] - base[i]);
            growth = put(growth, (uint32_t)difference << 1 ^ (uint32_t)(difference >> 31));
            expected = i + 1;
            found++;
        }
    }
    size_t gap_bytes = (size_t)(gap - codec->gaps), growth_bytes = (size_t)(growth - codec->growths);
    uint8_t *at = block + HEADER_BYTES;
    size_t first = ZSTD_compressCCtx(codec->compressor, at, capacity - HEADER_BYTES, codec->gaps, gap_bytes, LEVEL);
    if (ZSTD_isError(first)) return 0;
    size_t second = ZSTD_compressCCtx(
        codec->compressor, at + first, capacity - HEADER_BYTES - first, codec->growths, growth_bytes, LEVEL);
    if (ZSTD_isError(second)) return 0;
    put_u32(block, (uint32_t)found);
    put_u32(block + 4, (uint32_t)gap_bytes);
    put_u32(block + 8, (uint32_t)growth_bytes);
    put_u32(block + 12, (uint32_t)first);
    *changed = found;
    return HEADER_BYTES + first + second;
}

/// Decompresses one frame to exactly `bytes` bytes, and never writes more than those.
static int unpack(ZSTD_DCtx *context, uint8_t *out, size_t bytes, const uint8_t *frame, size_t length) {
    if (ZSTD_getFrameContentSize(frame, length) != bytes || ZSTD_findFrameCompressedSize(frame, length) != length) {
        return -1;
    }
    return ZSTD_decompressDCtx(context, out, bytes, frame, length) == bytes ? 0 : -1;
}

ead_delta_fault ead_delta_apply(
    ead_delta_codec *codec, uint16_t *words, size_t count, const uint8_t *block, size_t length) {
    if (count > codec->words || length < HEADER_BYTES) return EAD_DELTA_HEADER;
    size_t changed = get_u32(block), gap_bytes = get_u32(block + 4), growth_bytes = get_u32(block + 8);
    size_t first = get_u32(block + 12);
    if (changed > count || gap_bytes < changed || gap_bytes > changed * GAP_BYTES || growth_bytes < changed
        || growth_bytes > changed * GROWTH_BYTES || first > length - HEADER_BYTES) {
        return EAD_DELTA_HEADER;
    }
    const uint8_t *frames = block + HEADER_BYTES;
    if (unpack(codec->decompressor, codec->gaps, gap_bytes, frames, first) != 0
        || unpack(codec->decompressor, codec->growths, growth_bytes, frames + first, length - HEADER_BYTES - first) != 0) {
        return EAD_DELTA_FRAME;
    }
    const uint8_t *gap = codec->gaps, *growth = codec->growths;
    const uint8_t *gaps_end = gap + gap_bytes, *growths_end = growth + growth_bytes;
    size_t place = 0;
    for (size_t i = 0; i < changed; i++) {
        uint32_t distance, zigzag;
        if ((gap = get(gap, gaps_end, GAP_BYTES, &distance)) == NULL
            || (growth = get(growth, growths_end, GROWTH_BYTES, &zigzag)) == NULL || distance >= count - place || zigzag == 0
            || zigzag > UINT16_MAX) {
            return EAD_DELTA_STREAM;
        }
        place += distance;
        words[place] = (uint16_t)(words[place] + (uint16_t)((zigzag >> 1) ^ (0 - (zigzag & 1))));
        place++;
    }
    return gap == gaps_end && growth == growths_end ? EAD_DELTA_NONE : EAD_DELTA_STREAM;
}
