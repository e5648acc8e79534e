#ifndef CEADPOSIX_H
#define CEADPOSIX_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Each function returns 0, or the errno value of its failure.

/// Names the calling thread in ps, top and gdb; longer names are cut to 15 bytes.
int ead_name_current_thread(const char *name);

/// Takes the exclusive advisory lock of an open file without waiting; EWOULDBLOCK when another process holds it.
int ead_lock_file(int descriptor);

/// Gives the lock back; closing the descriptor, or dying, does so too.
int ead_unlock_file(int descriptor);

/// Has the kernel send `signal` to this process when the thread that started it ends. The parent may have ended
/// before the call: compare getppid() with the expected parent afterwards.
int ead_signal_on_parent_death(int signal);

/// Bytes that the application has read from a TCP connection since it was made, or a little less while more arrive;
/// ENOTSUP before Linux 4.1.
int ead_tcp_bytes_read(int descriptor, uint64_t *bytes);

/// A guarded program and this process's ends of its standard streams, which do not block.
struct ead_program {
    /// Of the guard, which ends as the program does.
    pid_t id;
    int input, output, errors;
    /// As long as this end is open the program may live. The kernel closes it when this process dies, however it does.
    int leash;
};

/// Starts the program arguments[0], looked for in PATH unless it has a slash, in a process group of its own, with no
/// other open files and with default signals, under a guard.
///
/// The guard is this executable started anew under the name ead-guard, and a parent to every descendant that loses its
/// own. When the program or the leash ends, it kills them all, whatever sessions they made, and ends.
int ead_start_program(const char *const *arguments, struct ead_program *program);

/// Writes to a pipe what fits without waiting; EPIPE, and no signal, when nobody reads any more.
int ead_write_pipe(int descriptor, const void *bytes, size_t count, size_t *written);

#endif
