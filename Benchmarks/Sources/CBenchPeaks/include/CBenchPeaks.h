#ifndef CBENCHPEAKS_H
#define CBENCHPEAKS_H

/// What the machine can do at best with so many threads; 0 where an instruction is missing.
/// f32 fused multiply-adds, in operations per second (two per fma and lane).
double bench_peak_fma(int threads);
/// bfloat16 dot products (vdpbf16ps), in operations per second.
double bench_peak_bf16(int threads);
/// Reading memory far larger than any cache, in bytes per second.
double bench_peak_memory(int threads);
/// Highest resident set of this process so far, in bytes.
double bench_peak_rss(void);
/// Processor time of this process, all threads, in seconds.
double bench_cpu_seconds(void);

#endif
