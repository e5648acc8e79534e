#ifndef EAD_PEAKS_H
#define EAD_PEAKS_H

#include <stddef.h>

/// What the machine can do at best with so many threads (up to 64), the best of three runs; 0 where an instruction, a
/// thread or the memory is missing. Takes part in no computation.

/// f32 fused multiply-adds, in operations per second (two per fma and lane).
double ead_peak_fma(int threads);

/// bfloat16 dot products (vdpbf16ps), in operations per second.
double ead_peak_bf16(int threads);

/// Reading `bytes` of memory, in bytes per second; to mean anything, larger than every cache.
double ead_peak_memory(int threads, size_t bytes);

#endif
