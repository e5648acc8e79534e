/// Threads that take chunks of one job at a time.
#ifndef EAD_POOL_H
#define EAD_POOL_H

#include "kernels/table.h"

typedef struct ead_pool ead_pool;

/// `threads` >= 1 includes the caller of ead_pool_run. NULL when the system refuses threads or memory.
ead_pool *ead_pool_create(int threads, size_t scratch_bytes);
void ead_pool_destroy(ead_pool *pool);
int ead_pool_threads(const ead_pool *pool);
int ead_pool_reserve(ead_pool *pool, size_t scratch_bytes);
/// Runs `kernel(args, chunk, lane)` for every chunk in 0 ..< chunks and returns when all are done.
void ead_pool_run(ead_pool *pool, ead_kernel *kernel, const void *args, long chunks);

#endif
