#if defined(__linux__)
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif
#include "pool.h"

#include <limits.h>
#include <string.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/// Microseconds of spinning before sleeping: longer than the gap between two operations of a forward pass and than one
/// row's draw, short enough that another process that wants the core loses little.
#define SPIN_MICROSECONDS 150
/// Looks at the word between two looks at the clock.
#define SPINS_PER_LOOK 32

typedef struct {
    /// What nobody has taken of this thread's share of the chunks: (job number << 40) | (first << 20) | last + 1.
    _Alignas(64) _Atomic uint64_t share;
    ead_lane lane;
    ead_pool *pool;
    pthread_t thread;
} worker;

#define SHARE_BITS 20
#define SHARE_MASK ((1u << SHARE_BITS) - 1)

struct ead_pool {
    int threads;
    worker *workers;

    /// A job; valid while a chunk of it is not finished.
    _Alignas(64) _Atomic(ead_kernel *) kernel;
    _Atomic(const void *) args;
    _Atomic uint32_t total;
    /// Chunks finished; a futex for the caller.
    _Alignas(64) _Atomic uint32_t done;
    /// Whether the caller sleeps, or is about to.
    _Atomic int caller_sleeps;
    uint64_t job;
    /// Rings with every job; a futex for sleeping workers.
    _Alignas(64) _Atomic uint32_t bell;
    _Atomic uint32_t sleepers;
    _Atomic int stop;
};

static void relax(void) {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// Spins until the word is not (`until` = 0), or is (1), the value, or the time is over; whether it came to that.
static int spin(_Atomic uint32_t *word, uint32_t value, int until) {
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (;;) {
        for (int i = 0; i < SPINS_PER_LOOK; i++) {
            if ((atomic_load_explicit(word, memory_order_acquire) == value) == until) return 1;
            relax();
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
        long passed = (now.tv_sec - start.tv_sec) * 1000000L + (now.tv_nsec - start.tv_nsec) / 1000;
        if (passed >= SPIN_MICROSECONDS) return 0;
    }
}

static void futex_wait(_Atomic uint32_t *word, uint32_t value) {
#if defined(__linux__)
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
#else
    (void)word;
    (void)value;
    sched_yield();
#endif
}

static void futex_wake(_Atomic uint32_t *word, int count) {
#if defined(__linux__)
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
#else
    (void)word;
    (void)count;
#endif
}

/// Denormals are zero while kernels run, on every thread and CPU variant: what vdpbf16ps does anyway.
static unsigned long flush_denormals(void) {
#if defined(__x86_64__)
    unsigned int old = _mm_getcsr();
    _mm_setcsr(old | 0x8040);
    return old;
#elif defined(__aarch64__)
    unsigned long old;
    __asm__ volatile("mrs %0, fpcr" : "=r"(old));
    __asm__ volatile("msr fpcr, %0" : : "r"(old | 1UL << 24));
    return old;
#else
    return 0;
#endif
}

static void restore_denormals(unsigned long old) {
#if defined(__x86_64__)
    _mm_setcsr((unsigned int)old);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(old));
#else
    (void)old;
#endif
}

/// Takes a chunk of a share, the first or the last one, and computes it; whether there was one.
///
/// The exchange succeeds only while the job the fields were read for is live: a share names its job.
static int take(ead_pool *pool, worker *owner, int first, ead_lane *lane) {
    uint64_t share = atomic_load_explicit(&owner->share, memory_order_acquire);
    for (;;) {
        uint32_t begin = (uint32_t)(share >> SHARE_BITS) & SHARE_MASK, end = (uint32_t)share & SHARE_MASK;
        if (begin == end) return 0;
        ead_kernel *kernel = atomic_load_explicit(&pool->kernel, memory_order_relaxed);
        const void *args = atomic_load_explicit(&pool->args, memory_order_relaxed);
        uint32_t total = atomic_load_explicit(&pool->total, memory_order_relaxed);
        uint64_t rest = first ? share + (1u << SHARE_BITS) : share - 1;
        if (!atomic_compare_exchange_weak_explicit(
                &owner->share, &share, rest, memory_order_acq_rel, memory_order_acquire)) {
            continue;
        }
        kernel(args, first ? begin : end - 1, lane);
        // Sequentially consistent, as in `ead_pool_run`: the caller sees the last chunk done, or is seen sleeping.
        if (atomic_fetch_add(&pool->done, 1) + 1 == total && atomic_load(&pool->caller_sleeps)) {
            futex_wake(&pool->done, 1);
        }
        return 1;
    }
}

/// Computes a thread's own share from the front, then what the others have left from the back. Neighbouring chunks
/// read neighbouring memory, which the processor then fetches ahead: streaming weights is half as fast again as when
/// threads take turns.
static void work(ead_pool *pool, worker *self) {
    while (take(pool, self, 1, &self->lane)) {}
    for (int i = 1; i < pool->threads; i++) {
        worker *other = &pool->workers[(self->lane.index + i) % pool->threads];
        while (take(pool, other, 0, &self->lane)) {}
    }
}

static void *worker_main(void *pointer) {
    worker *self = pointer;
    ead_pool *pool = self->pool;
    flush_denormals();
    for (uint32_t heard = 0;;) {
        if (!spin(&pool->bell, heard, 0)) {
            atomic_fetch_add(&pool->sleepers, 1);
            while (atomic_load(&pool->bell) == heard) futex_wait(&pool->bell, heard);
            atomic_fetch_sub(&pool->sleepers, 1);
        }
        heard = atomic_load_explicit(&pool->bell, memory_order_acquire);
        if (atomic_load_explicit(&pool->stop, memory_order_acquire)) return NULL;
        work(pool, self);
    }
}

static void ring(ead_pool *pool) {
    atomic_fetch_add(&pool->bell, 1);
    if (atomic_load(&pool->sleepers) > 0) futex_wake(&pool->bell, INT_MAX);
}

static int reserve(ead_lane *lane, size_t bytes) {
    bytes = (bytes + 4095) & ~(size_t)4095;
    if (lane->scratch_bytes >= bytes) return 0;
    void *memory = NULL;
    if (posix_memalign(&memory, 4096, bytes) != 0) return -1;
    free(lane->scratch);
    lane->scratch = memory;
    lane->scratch_bytes = bytes;
    return 0;
}

int ead_pool_reserve(ead_pool *pool, size_t scratch_bytes) {
    for (int i = 0; i < pool->threads; i++) {
        if (reserve(&pool->workers[i].lane, scratch_bytes) != 0) return -1;
    }
    return 0;
}

ead_pool *ead_pool_create(int threads, size_t scratch_bytes) {
    void *memory = NULL;
    if (posix_memalign(&memory, 64, sizeof(ead_pool)) != 0) return NULL;
    ead_pool *pool = memory;
    memset(pool, 0, sizeof *pool);
    memory = NULL;
    if (posix_memalign(&memory, 64, (size_t)threads * sizeof(worker)) != 0) {
        free(pool);
        return NULL;
    }
    pool->workers = memory;
    memset(memory, 0, (size_t)threads * sizeof(worker));
    pool->threads = 1;
    int failed = reserve(&pool->workers[0].lane, scratch_bytes) != 0;
    for (int i = 1; i < threads && !failed; i++) {
        worker *w = &pool->workers[i];
        w->pool = pool;
        w->lane.index = i;
        failed = reserve(&w->lane, scratch_bytes) != 0 || pthread_create(&w->thread, NULL, worker_main, w) != 0;
        if (!failed) pool->threads++;
    }
    if (failed) {
        ead_pool_destroy(pool);
        return NULL;
    }
    return pool;
}

void ead_pool_destroy(ead_pool *pool) {
    atomic_store(&pool->stop, 1);
    atomic_fetch_add(&pool->bell, 1);
    futex_wake(&pool->bell, INT_MAX);
    for (int i = 0; i < pool->threads; i++) {
        if (i > 0) pthread_join(pool->workers[i].thread, NULL);
    }
    for (int i = 0; i < pool->threads; i++) free(pool->workers[i].lane.scratch);
    free(pool->workers);
    free(pool);
}

int ead_pool_threads(const ead_pool *pool) { return pool->threads; }

void ead_pool_run(ead_pool *pool, ead_kernel *kernel, const void *args, long chunks) {
    if (chunks <= 0) return;
    unsigned long control = flush_denormals();
    ead_lane *lane = &pool->workers[0].lane;
    if (pool->threads == 1 || chunks == 1) {
        for (long i = 0; i < chunks; i++) kernel(args, i, lane);
        restore_denormals(control);
        return;
    }
    // A programmer's error: a share has no room for so many, and none of the operations makes them.
    if (chunks > (long)SHARE_MASK) abort();
    atomic_store_explicit(&pool->kernel, kernel, memory_order_relaxed);
    atomic_store_explicit(&pool->args, args, memory_order_relaxed);
    atomic_store_explicit(&pool->total, (uint32_t)chunks, memory_order_relaxed);
    atomic_store_explicit(&pool->done, 0, memory_order_relaxed);
    pool->job++;
    for (int i = 0; i < pool->threads; i++) {
        uint64_t begin = (uint64_t)(chunks * i / pool->threads), end = (uint64_t)(chunks * (i + 1) / pool->threads);
        atomic_store_explicit(
            &pool->workers[i].share, pool->job << 2 * SHARE_BITS | begin << SHARE_BITS | end, memory_order_release);
    }
    ring(pool);
    work(pool, &pool->workers[0]);
    if (!spin(&pool->done, (uint32_t)chunks, 1)) {
        atomic_store(&pool->caller_sleeps, 1);
        for (uint32_t done; (done = atomic_load(&pool->done)) != (uint32_t)chunks;) futex_wait(&pool->done, done);
        atomic_store(&pool->caller_sleeps, 0);
    }
    restore_denormals(control);
}
