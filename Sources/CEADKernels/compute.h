/// What the operations share.
#ifndef EAD_COMPUTE_H
#define EAD_COMPUTE_H

#include "device.h"
#include "pool.h"

struct ead_compute {
    ead_device *device;
    /// None on a device that only counts.
    ead_pool *pool;
    const ead_kernels *kernels;
};

#endif
