#include "CEADPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int ead_name_current_thread(const char *name) {
    char cut[16] = {0};
    strncpy(cut, name, sizeof cut - 1);
    return pthread_setname_np(pthread_self(), cut);
}

int ead_lock_file(int descriptor) { return flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? 0 : errno; }

int ead_unlock_file(int descriptor) { return flock(descriptor, LOCK_UN) == 0 ? 0 : errno; }

int ead_signal_on_parent_death(int signal) {
    return prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0, 0, 0) == 0 ? 0 : errno;
}

int ead_tcp_bytes_read(int descriptor, uint64_t *bytes) {
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    int unread = 0;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return errno;
    // An older kernel returns a shorter structure.
    if (length < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received) return ENOTSUP;
    // Asked for last: what arrives between the calls makes the result too small, and nothing makes it too large.
    if (ioctl(descriptor, FIONREAD, &unread) != 0) return errno;
    uint64_t received = info.tcpi_bytes_received;
    *bytes = received > (uint64_t)unread ? received - (uint64_t)unread : 0;
    return 0;
}

int ead_write_pipe(int descriptor, const void *bytes, size_t count, size_t *written) {
    sigset_t broken, before, pending;
    sigemptyset(&broken);
    sigaddset(&broken, SIGPIPE);
    sigpending(&pending);
    int failure = pthread_sigmask(SIG_BLOCK, &broken, &before);
    if (failure != 0) return failure;
    ssize_t result = write(descriptor, bytes, count);
    failure = result < 0 ? errno : 0;
    *written = result < 0 ? 0 : (size_t)result;
    // The signal is pending on this thread; taken here, it is never delivered.
    if (failure == EPIPE && !sigismember(&pending, SIGPIPE)) {
        const struct timespec now = {0};
        while (sigtimedwait(&broken, NULL, &now) < 0 && errno == EINTR) {}
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure;
}
