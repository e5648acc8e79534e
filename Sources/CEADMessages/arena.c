#include "ead/arena.h"

#include <stdint.h>
#include <stdlib.h>

enum { alignment = 16, block_size = 64 << 10 };

typedef struct arena_block {
    struct arena_block *next;
    size_t padding;  // keeps what follows aligned
} arena_block;

struct ead_arena {
    ProtobufCAllocator allocator;
    arena_block *blocks;
    uint8_t *cursor;
    size_t room;
    size_t used;
    size_t limit;
    bool exhausted;
};

static void *allocate(void *arena, size_t size) { return ead_arena_allocate(arena, size); }

static void keep(void *arena, void *pointer) {
    (void)arena;
    (void)pointer;
}

ead_arena *ead_arena_create(size_t limit) {
    ead_arena *arena = calloc(1, sizeof *arena);
    if (!arena) return NULL;
    arena->allocator = (ProtobufCAllocator){.alloc = allocate, .free = keep, .allocator_data = arena};
    arena->limit = limit;
    return arena;
}

void ead_arena_destroy(ead_arena *arena) {
    for (arena_block *block = arena->blocks; block;) {
        arena_block *next = block->next;
        free(block);
        block = next;
    }
    free(arena);
}

void *ead_arena_allocate(ead_arena *arena, size_t size) {
    if (size == 0) size = 1;  // NULL would mean failure
    if (size > arena->limit || arena->limit - size < alignment) {
        arena->exhausted = true;
        return NULL;
    }
    size = (size + alignment - 1) & ~(size_t)(alignment - 1);
    if (size > arena->limit - arena->used) {
        arena->exhausted = true;
        return NULL;
    }
    if (size > arena->room) {
        // A large request gets a block of its own and leaves the current one in use.
        size_t capacity = size > block_size / 4 ? size : block_size;
        arena_block *block = malloc(sizeof *block + capacity);
        if (!block) return NULL;
        block->next = arena->blocks;
        arena->blocks = block;
        uint8_t *start = (uint8_t *)(block + 1);
        if (capacity == size) {
            arena->used += size;
            return start;
        }
        arena->cursor = start;
        arena->room = capacity;
    }
    void *result = arena->cursor;
    arena->cursor += size;
    arena->room -= size;
    arena->used += size;
    return result;
}

bool ead_arena_is_exhausted(const ead_arena *arena) { return arena->exhausted; }

size_t ead_arena_used(const ead_arena *arena) { return arena->used; }

ProtobufCAllocator *ead_arena_allocator(ead_arena *arena) { return &arena->allocator; }
