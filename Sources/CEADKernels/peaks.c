#include "ead_peaks.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif
#include <time.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define ROUNDS 40000000L
#define MOST_THREADS 64

typedef double body(void *argument, int thread);

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct {
    body *run;
    void *argument;
    int thread;
    double work;
} job;

static void *start(void *pointer) {
    job *j = pointer;
    j->work = j->run(j->argument, j->thread);
    return NULL;
}

/// Total work of all threads by the time of the slowest; the best of three.
static double rate(body *run, void *argument, int threads) {
    double best = 0;
    for (int repetition = 0; repetition < 3; repetition++) {
        pthread_t thread[MOST_THREADS];
        job jobs[MOST_THREADS];
        int n = threads < MOST_THREADS ? threads : MOST_THREADS;
        double begin = seconds(), work = 0;
        int started = 0;
        for (; started < n; started++) {
            jobs[started] = (job){run, argument, started, 0};
            if (pthread_create(&thread[started], NULL, start, &jobs[started]) != 0) break;
        }
        for (int i = 0; i < started; i++) pthread_join(thread[i], NULL);
        if (started < n) return 0;
        double time = seconds() - begin;
        for (int i = 0; i < n; i++) work += jobs[i].work;
        if (work / time > best) best = work / time;
    }
    return best;
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static double fma512(void *argument, int thread) {
    (void)argument, (void)thread;
    // Unknown to the compiler, which would turn a product with 1 into an addition.
    volatile float factor = 0.9999f;
    __m512 a = _mm512_set1_ps(factor), b = _mm512_set1_ps(1e-9f), x[16];
    for (int i = 0; i < 16; i++) x[i] = _mm512_set1_ps((float)i);
    for (long r = 0; r < ROUNDS / 16; r++) {
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) x[i] = _mm512_fmadd_ps(x[i], a, b);
    }
    __m512 sum = x[0];
    for (int i = 1; i < 16; i++) sum = _mm512_add_ps(sum, x[i]);
    volatile float sink = _mm512_reduce_add_ps(sum);
    (void)sink;
    return (double)ROUNDS * 32;
}

__attribute__((target("avx512f,avx512bf16"))) static double bf16(void *argument, int thread) {
    (void)argument, (void)thread;
    __m512 x[16];
    __m512i one = _mm512_set1_epi32(0x3f803f80);
    for (int i = 0; i < 16; i++) x[i] = _mm512_set1_ps((float)i);
    for (long r = 0; r < ROUNDS / 16; r++) {
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) x[i] = _mm512_dpbf16_ps(x[i], (__m512bh)one, (__m512bh)one);
    }
    __m512 sum = x[0];
    for (int i = 1; i < 16; i++) sum = _mm512_add_ps(sum, x[i]);
    volatile float sink = _mm512_reduce_add_ps(sum);
    (void)sink;
    return (double)ROUNDS * 64;
}

__attribute__((target("avx2,fma"))) static double fma256(void *argument, int thread) {
    (void)argument, (void)thread;
    volatile float factor = 0.9999f;
    __m256 a = _mm256_set1_ps(factor), b = _mm256_set1_ps(1e-9f), x[12];
    for (int i = 0; i < 12; i++) x[i] = _mm256_set1_ps((float)i);
    for (long r = 0; r < ROUNDS / 12; r++) {
#pragma clang loop unroll(full)
        for (int i = 0; i < 12; i++) x[i] = _mm256_fmadd_ps(x[i], a, b);
    }
    __m256 sum = x[0];
    for (int i = 1; i < 12; i++) sum = _mm256_add_ps(sum, x[i]);
    float lanes[8];
    _mm256_storeu_ps(lanes, sum);
    volatile float sink = lanes[0];
    (void)sink;
    return (double)ROUNDS * 16;
}
#endif

/// Each thread reads a part of its own: what one has read, another would find in a cache they share.
typedef struct {
    const char *start;
    size_t part;
} region;

static double read_memory(void *argument, int thread) {
    typedef uint64_t lanes __attribute__((vector_size(64)));
    const region *memory = argument;
    const lanes *p = (const void *)(memory->start + (size_t)thread * memory->part);
    lanes sum[4] = {{0}};
    size_t count = memory->part / sizeof(lanes);
    for (size_t i = 0; i < count; i += 4) {
        for (int k = 0; k < 4; k++) sum[k] += p[i + (size_t)k];
    }
    volatile uint64_t sink = sum[0][0] + sum[1][0] + sum[2][0] + sum[3][0];
    (void)sink;
    return (double)(count * sizeof(lanes));
}

double ead_peak_fma(int threads) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) return rate(fma512, NULL, threads);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return rate(fma256, NULL, threads);
#endif
    (void)threads;
    return 0;
}

double ead_peak_bf16(int threads) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512bf16")) return rate(bf16, NULL, threads);
#endif
    (void)threads;
    return 0;
}

double ead_peak_memory(int threads, size_t bytes) {
    void *memory = NULL;
    if (posix_memalign(&memory, 1 << 21, bytes) != 0) return 0;
#if defined(__linux__)
    // As the engine's own weights are read.
    (void)madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    memset(memory, 1, bytes);
    size_t readers = threads < MOST_THREADS ? (size_t)threads : MOST_THREADS;
    region parts = {memory, bytes / readers / 256 * 256};
    double result = rate(read_memory, &parts, threads);
    free(memory);
    return result;
}
