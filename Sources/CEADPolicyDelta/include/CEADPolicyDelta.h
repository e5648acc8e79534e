/// What a training step changed in the 16-bit words of a policy.
///
/// A block describes one run of words. After a step few of them differ, most by one unit in the last place, so it holds
/// two streams: how far it is to the next changed word (varint), and by how much its bit pattern, read as an integer,
/// grew modulo 2^16 (zigzag varint). Each stream is a zstd frame:
///
///     u32 changed words   u32 bytes of gaps   u32 bytes of growths   u32 bytes of the frame of gaps      little-endian
///     the frame of gaps   the frame of growths
#ifndef CEADPOLICYDELTA_H
#define CEADPOLICYDELTA_H
#include <stddef.h>
#include <stdint.h>

/// Memory that encoding and applying need; used by one thread at a time.
typedef struct ead_delta_codec ead_delta_codec;

/// For blocks of up to `words` words (at most 2^31); NULL without memory.
ead_delta_codec *ead_delta_codec_new(size_t words);
void ead_delta_codec_free(ead_delta_codec *codec);

/// The longest block of `words` words, in bytes.
size_t ead_delta_bound(size_t words);

/// Writes the block that makes `next` of `base`, both of `count` words, and returns its length in bytes; 0 if zstd fails.
size_t ead_delta_encode(
    ead_delta_codec *codec, const uint16_t *base, const uint16_t *next, size_t count, uint8_t *block, size_t capacity,
    size_t *changed);

/// What is wrong with a block.
typedef enum ead_delta_fault {
    EAD_DELTA_NONE,
    /// Its header and its length contradict each other, or the number of words.
    EAD_DELTA_HEADER,
    /// A frame does not decompress to the length the header says.
    EAD_DELTA_FRAME,
    /// A gap leads out of the words, a growth is none, or a stream ends early or late.
    EAD_DELTA_STREAM,
} ead_delta_fault;

/// Changes `count` words by a block, which may hold anything; after a fault some of them may be changed.
ead_delta_fault ead_delta_apply(
    ead_delta_codec *codec, uint16_t *words, size_t count, const uint8_t *block, size_t length);

#endif
