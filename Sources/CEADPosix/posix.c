#include "CEADPosix.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

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
    /* An older kernel returns a shorter structure. */
    if (length < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received) return ENOTSUP;
    /* Asked for last: what arrives between the calls makes the result too small, and nothing makes it too large. */
    if (ioctl(descriptor, FIONREAD, &unread) != 0) return errno;
    uint64_t received = info.tcpi_bytes_received;
    *bytes = received > (uint64_t)unread ? received - (uint64_t)unread : 0;
    return 0;
}
