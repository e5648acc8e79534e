/// A sequence of operations on this CPU: its threads, its kernels, and the ways into and out of device memory.
#include "compute.h"

#include <stdlib.h>
#include <string.h>

int ead_variant_supported(ead_variant variant) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    switch (variant) {
    case EAD_PORTABLE: return 1;
    case EAD_AVX2: return avx2;
    case EAD_AVX512: return avx512;
    case EAD_AVX512BF16: return avx512 && __builtin_cpu_supports("avx512bf16");
    }
    return 0;
#else
    return variant == EAD_PORTABLE;
#endif
}

ead_variant ead_best_variant(void) {
    for (int v = EAD_AVX512BF16; v > EAD_PORTABLE; v--) {
        if (ead_variant_supported((ead_variant)v)) return (ead_variant)v;
    }
    return EAD_PORTABLE;
}

static const ead_kernels *table(ead_variant variant) {
    switch (variant) {
#if defined(__x86_64__)
    case EAD_AVX2: return &ead_kernels_avx2;
    case EAD_AVX512: return &ead_kernels_avx512;
    case EAD_AVX512BF16: return &ead_kernels_avx512bf16;
#endif
    default: return &ead_kernels_portable;
    }
}

ead_compute *ead_compute_create(ead_device *device, int threads, size_t scratch_bytes) {
    ead_compute *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->device = device;
    c->kernels = table(ead_device_variant(device));
    if (ead_device_counts(device)) return c;
    c->pool = ead_pool_create(threads, scratch_bytes > EAD_GEMM_SCRATCH ? scratch_bytes : EAD_GEMM_SCRATCH);
    if (!c->pool) {
        free(c);
        return NULL;
    }
    return c;
}

void ead_compute_destroy(ead_compute *c) {
    if (c->pool) ead_pool_destroy(c->pool);
    free(c);
}

int ead_compute_reserve(ead_compute *c, size_t scratch_bytes) {
    return c->pool ? ead_pool_reserve(c->pool, scratch_bytes) : 0;
}

// MARK: transfers

static void *locate(ead_compute *c, ead_address address, size_t bytes, const char *transfer, const char *end) {
    if (!ead_device_is_biased(c->device)) return (void *)(uintptr_t)address;
    return ead_locate(c->device, (uintptr_t)address, bytes, transfer, end);
}

void ead_upload(ead_compute *c, const void *source, ead_address destination, size_t bytes) {
    if (!c->pool || bytes == 0) return;
    memcpy(locate(c, destination, bytes, __func__, "destination"), source, bytes);
}

void ead_download(ead_compute *c, ead_address source, void *destination, size_t bytes) {
    if (!c->pool || bytes == 0) return;
    memcpy(destination, locate(c, source, bytes, __func__, "source"), bytes);
}

void ead_download_bf16(ead_compute *c, ead_address source, uint16_t *destination, long count) {
    if (!c->pool || count == 0) return;
    ead_to_bf16(c, locate(c, source, (size_t)count * 4, __func__, "source"), destination, count);
}

ead_address ead_stage(ead_compute *c, const void *source, size_t bytes) {
    return ead_device_adopt(c->device, source, bytes);
}

void ead_finish(ead_compute *c) { (void)c; }

// MARK: host

void ead_to_bf16(ead_compute *c, const float *x, uint16_t *out, long count) {
    ead_to_bf16_args a = {x, out, count};
    ead_pool_run(c->pool, c->kernels->to_bf16_block, &a, ead_divide_up(count, EAD_ELEMENTS_PER_CHUNK));
}
