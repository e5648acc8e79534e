/// The CPU's memory as a device's: allocations, their count, and what stands in for it in tests and estimates.
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "device.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

_Static_assert(sizeof(void *) == sizeof(ead_address), "a pointer and its address are interchangeable");

/// Where a device that only counts hands out addresses: none of them is one of the host's.
#define COUNTED_ADDRESSES ((ead_address)1 << 46)
#define PAGE_BYTES ((size_t)4096)
#define HUGE_PAGE_BYTES ((size_t)2 << 20)

typedef struct {
    ead_address address;
    size_t bytes;
    /// What to give back to the system; nothing of adopted or counted memory.
    void *mapping;
    size_t mapping_bytes;
    int is_counted;
} allocation;

struct ead_device {
    ead_device_options options;
    pthread_mutex_t lock;
    /// In ascending order of address.
    allocation *allocations;
    size_t count, capacity;
    size_t bytes;
    /// What a counting device hands out next.
    ead_address next;
};

ead_device *ead_device_open(ead_device_options options) {
    ead_device *d = calloc(1, sizeof *d);
    if (!d) return NULL;
    d->options = options;
    d->next = COUNTED_ADDRESSES;
    pthread_mutex_init(&d->lock, NULL);
    return d;
}

static void unmap(const allocation *a) {
    if (a->mapping) munmap(a->mapping, a->mapping_bytes);
}

void ead_device_close(ead_device *d) {
    for (size_t i = 0; i < d->count; i++) unmap(&d->allocations[i]);
    free(d->allocations);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

ead_variant ead_device_variant(const ead_device *d) { return d->options.variant; }
int ead_device_counts(const ead_device *d) { return d->options.counts; }
int ead_device_is_biased(const ead_device *d) { return d->options.bias != 0; }

size_t ead_allocated(ead_device *d) {
    pthread_mutex_lock(&d->lock);
    size_t bytes = d->bytes;
    pthread_mutex_unlock(&d->lock);
    return bytes;
}

/// How many allocations begin at or below an address.
static size_t rank(const ead_device *d, ead_address address) {
    size_t low = 0, high = d->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (d->allocations[middle].address <= address) low = middle + 1;
        else high = middle;
    }
    return low;
}

/// 0 on success.
static int insert(ead_device *d, allocation a) {
    if (d->count == d->capacity) {
        size_t capacity = d->capacity ? 2 * d->capacity : 64;
        allocation *larger = realloc(d->allocations, capacity * sizeof *larger);
        if (!larger) return -1;
        d->allocations = larger;
        d->capacity = capacity;
    }
    size_t place = rank(d, a.address);
    memmove(d->allocations + place + 1, d->allocations + place, (d->count - place) * sizeof a);
    d->allocations[place] = a;
    d->count++;
    if (a.is_counted) d->bytes += a.bytes;
    return 0;
}

/// Zeroed memory from the system. Large pieces ask for huge pages: weights and key/value pages are walked with strides
/// that small ones are bad at.
static int map(size_t bytes, allocation *a) {
    size_t rounded = (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    if (rounded < bytes || rounded > SIZE_MAX - HUGE_PAGE_BYTES) return -1;
    int is_large = rounded >= HUGE_PAGE_BYTES;
    // Room to start at a multiple of a huge page.
    a->mapping_bytes = is_large ? rounded + HUGE_PAGE_BYTES : rounded;
    a->mapping = mmap(NULL, a->mapping_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (a->mapping == MAP_FAILED) return -1;
    a->address = (uintptr_t)a->mapping;
    if (is_large) {
        a->address = (a->address + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
#if defined(__linux__)
        // Only advice: without huge pages everything works, more slowly.
        (void)madvise((void *)(uintptr_t)a->address, rounded, MADV_HUGEPAGE);
#endif
    }
    return 0;
}

ead_address ead_allocate(ead_device *d, size_t bytes) {
    if (bytes == 0) bytes = 1;
    allocation a = {.bytes = bytes, .is_counted = 1};
    if (!d->options.counts && map(bytes, &a) != 0) return 0;
    pthread_mutex_lock(&d->lock);
    if (d->options.counts) {
        a.address = d->next;
        d->next += (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    } else {
        a.address += d->options.bias;
    }
    int failed = insert(d, a);
    pthread_mutex_unlock(&d->lock);
    if (!failed) return a.address;
    unmap(&a);
    return 0;
}

ead_address ead_device_adopt(ead_device *d, const void *memory, size_t bytes) {
    allocation a = {.address = (uintptr_t)memory + d->options.bias, .bytes = bytes};
    pthread_mutex_lock(&d->lock);
    int failed = insert(d, a);
    pthread_mutex_unlock(&d->lock);
    return failed ? 0 : a.address;
}

/// A programmer's error: says what was wrong with an operand, and ends the process.
static void refuse(
    ead_address address, size_t bytes, const char *operation, const char *operand, const char *complaint) {
    fprintf(
        stderr, "%s: %s, %zu bytes at 0x%" PRIx64 ", %s\n", operation, operand, bytes, address, complaint);
    abort();
}

void ead_free(ead_device *d, ead_address memory) {
    if (memory == 0) return;
    pthread_mutex_lock(&d->lock);
    size_t after = rank(d, memory);
    if (after == 0 || d->allocations[after - 1].address != memory) {
        refuse(memory, 0, "ead_free", "memory", "was not handed out by this device");
    }
    allocation a = d->allocations[after - 1];
    memmove(d->allocations + after - 1, d->allocations + after, (d->count - after) * sizeof a);
    d->count--;
    if (a.is_counted) d->bytes -= a.bytes;
    pthread_mutex_unlock(&d->lock);
    unmap(&a);
}

void *ead_locate(ead_device *d, uintptr_t address, size_t bytes, const char *operation, const char *operand) {
    if (address == 0 || bytes == 0) return NULL;
    pthread_mutex_lock(&d->lock);
    size_t after = rank(d, address);
    if (after == 0) refuse(address, bytes, operation, operand, "is not device memory");
    const allocation *a = &d->allocations[after - 1];
    size_t offset = (size_t)(address - a->address);
    if (offset >= a->bytes) refuse(address, bytes, operation, operand, "is not device memory");
    if (bytes > a->bytes - offset) refuse(address, bytes, operation, operand, "runs past its allocation");
    pthread_mutex_unlock(&d->lock);
    return (void *)(address - d->options.bias);
}
