#ifndef CEADPOSIX_H
#define CEADPOSIX_H
#include <stdint.h>

/* Each function returns 0, or the errno value of its failure. */

/* Names the calling thread in ps, top and gdb; longer names are cut to 15 bytes. */
int ead_name_current_thread(const char *name);

/* Takes the exclusive advisory lock of an open file without waiting; EWOULDBLOCK when another process holds it. */
int ead_lock_file(int descriptor);

/* Gives the lock back; closing the descriptor, or dying, does so too. */
int ead_unlock_file(int descriptor);

/* Has the kernel send `signal` to this process when the thread that started it ends. The parent may have ended
 * before the call: compare getppid() with the expected parent afterwards. */
int ead_signal_on_parent_death(int signal);

/* Bytes that the application has read from a TCP connection since it was made, or a little less while more arrive;
 * ENOTSUP before Linux 4.1. */
int ead_tcp_bytes_read(int descriptor, uint64_t *bytes);

#endif
