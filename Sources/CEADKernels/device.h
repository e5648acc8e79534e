/// Device memory as the CPU sees it.
#ifndef EAD_DEVICE_H
#define EAD_DEVICE_H

#include "kernels/table.h"

ead_variant ead_device_variant(const ead_device *device);
/// Whether the device only counts, so that there is nothing to compute with.
int ead_device_counts(const ead_device *device);
/// Whether addresses are biased, so that operands have to be looked up.
int ead_device_is_biased(const ead_device *device);

/// Where the CPU finds so many bytes of a biased device's memory; none for address 0 or no bytes. Aborts, naming the
/// operation and the operand, unless all of them lie in one live allocation.
void *ead_locate(ead_device *device, uintptr_t address, size_t bytes, const char *operation, const char *operand);

/// Makes host memory known as if it were allocated, without counting it; its address, 0 when memory runs out.
ead_address ead_device_adopt(ead_device *device, const void *memory, size_t bytes);

#endif
