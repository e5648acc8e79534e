#ifndef EAD_ARENA_H
#define EAD_ARENA_H
#include <stdbool.h>
#include <stddef.h>
#include <protobuf-c/protobuf-c.h>

/// Memory that is taken piece by piece, limited in total, and given back all at once.
///
/// protobuf-c allocates one object per submessage, string and unknown field, up to a hundred times the size of a
/// crafted input; the limit turns that into a failed unpack.
typedef struct ead_arena ead_arena;

/// An arena that hands out at most `limit` bytes; NULL when out of memory.
ead_arena *ead_arena_create(size_t limit);

void ead_arena_destroy(ead_arena *arena);

/// `size` bytes aligned to 16, or NULL past the limit or when out of memory. The contents are undefined.
void *ead_arena_allocate(ead_arena *arena, size_t size);

/// Whether an allocation was refused because of the limit.
bool ead_arena_is_exhausted(const ead_arena *arena);

/// Bytes handed out so far, rounding included.
size_t ead_arena_used(const ead_arena *arena);

/// Valid while the arena lives; its `free` does nothing.
ProtobufCAllocator *ead_arena_allocator(ead_arena *arena);

#endif
