#include "CEADPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/// What the guard has as open files: the program's standard streams, and these.
enum { LEASH = 3, REPORT = 4, GUARD_FILES = 5 };

static const char guard_name[] = "ead-guard";

// MARK: The guard

/// Sends SIGKILL to the children there are; new ones come while theirs die.
static void kill_children(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *list = fopen(path, "re");
    if (list == NULL) return;
    int child;
    while (fscanf(list, "%d", &child) == 1) kill(child, SIGKILL);
    fclose(list);
}

static void kill_descendants(void) {
    do {
        kill_children();
    } while (waitpid(-1, NULL, 0) > 0 || errno == EINTR);
}

static _Noreturn void end_as(int status) {
    if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
    // No second core file.
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    signal(WTERMSIG(status), SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    kill(getpid(), WTERMSIG(status));
    _exit(128 + WTERMSIG(status));
}

static _Noreturn void run(char **arguments, const sigset_t *none) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    setpgid(0, 0);
    sigprocmask(SIG_SETMASK, none, NULL);
    close(LEASH);
    fcntl(REPORT, F_SETFD, FD_CLOEXEC);
    execvp(arguments[0], arguments);
    const int failure = errno;
    // Fails only when nobody wants to know.
    if (write(REPORT, &failure, sizeof failure) < 0) _exit(126);
    _exit(127);
}

static _Noreturn void guard(char **arguments) {
    sigset_t none, all, children;
    sigemptyset(&none);
    sigfillset(&all);
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_SETMASK, &all, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    const int ended = signalfd(-1, &children, SFD_CLOEXEC);
    const pid_t program = ended < 0 ? -1 : fork();
    if (program == 0) run(arguments, &none);
    if (program < 0) {
        const int failure = errno;
        _exit(write(REPORT, &failure, sizeof failure) < 0 ? 126 : 127);
    }
    close(REPORT);
    for (int stream = 0; stream < 3; stream++) close(stream);
    int status = 0, has_ended = 0;
    struct pollfd events[2] = {{.fd = LEASH, .events = POLLIN}, {.fd = ended, .events = POLLIN}};
    for (int over = 0; !over;) {
        if (poll(events, 2, -1) < 0) continue;
        // Nobody writes to the leash: it can only have ended.
        over = events[0].revents != 0;
        struct signalfd_siginfo signal;
        if (events[1].revents != 0 && read(ended, &signal, sizeof signal) < 0) over = 1;
        // Also those that others left.
        int other;
        for (pid_t child; (child = waitpid(-1, &other, WNOHANG)) > 0;) {
            if (child == program) status = other, has_ended = over = 1;
        }
    }
    // One that is ending by itself, and has closed its streams already, keeps its own status.
    if (!has_ended) {
        kill(program, SIGKILL);
        while (waitpid(program, &status, 0) < 0 && errno == EINTR) {}
    }
    kill_descendants();
    end_as(status);
}

/// Runs before main: under its name the process is a guard and nothing else.
__attribute__((constructor)) static void guard_if_named(int count, char **arguments) {
    if (count > 1 && strcmp(arguments[0], guard_name) == 0) guard(arguments + 1);
}

// MARK: Starting one

static void close_all(const int *files, int count) {
    for (int index = 0; index < count; index++) {
        if (files[index] >= 0) close(files[index]);
    }
}

/// A pipe whose end for the guard is above all that the guard will have.
static int make_pipe(int reads, int *own, int *given) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    *own = ends[reads ? 1 : 0];
    *given = fcntl(ends[reads ? 0 : 1], F_DUPFD_CLOEXEC, GUARD_FILES);
    const int failure = *given < 0 ? errno : 0;
    close(ends[reads ? 0 : 1]);
    return failure;
}

static int spawn_guard(const char *const *arguments, const int *given, pid_t *id) {
    size_t count = 0;
    while (arguments[count] != NULL) count++;
    char **words = calloc(count + 2, sizeof *words);
    if (words == NULL) return ENOMEM;
    words[0] = (char *)guard_name;
    memcpy(words + 1, arguments, count * sizeof *words);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure == 0) {
        failure = posix_spawnattr_init(&attributes);
        if (failure == 0) {
            for (int file = 0; file < GUARD_FILES && failure == 0; file++) {
                failure = posix_spawn_file_actions_adddup2(&actions, given[file], file);
            }
            if (failure == 0) failure = posix_spawn_file_actions_addclosefrom_np(&actions, GUARD_FILES);
            if (failure == 0) failure = posix_spawnattr_setsigmask(&attributes, &none);
            if (failure == 0) failure = posix_spawnattr_setsigdefault(&attributes, &all);
            if (failure == 0) {
                failure = posix_spawnattr_setflags(
                    &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
            }
            if (failure == 0) failure = posix_spawn(id, "/proc/self/exe", &actions, &attributes, words, environ);
            posix_spawnattr_destroy(&attributes);
        }
        posix_spawn_file_actions_destroy(&actions);
    }
    free(words);
    return failure;
}

int ead_start_program(const char *const *arguments, struct ead_program *program) {
    int own[GUARD_FILES], given[GUARD_FILES];
    memset(own, -1, sizeof own);
    memset(given, -1, sizeof given);
    int failure = 0;
    for (int file = 0; file < GUARD_FILES && failure == 0; file++) {
        failure = make_pipe(file == 0 || file == LEASH, &own[file], &given[file]);
    }
    for (int stream = 0; stream < 3 && failure == 0; stream++) {
        if (fcntl(own[stream], F_SETFL, O_NONBLOCK) != 0) failure = errno;
    }
    if (failure == 0) failure = spawn_guard(arguments, given, &program->id);
    close_all(given, GUARD_FILES);
    if (failure == 0) {
        // Ends without a word as soon as the program runs.
        int reason = 0;
        ssize_t count;
        while ((count = read(own[REPORT], &reason, sizeof reason)) < 0 && errno == EINTR) {}
        if (count == sizeof reason) {
            failure = reason;
            while (waitpid(program->id, NULL, 0) < 0 && errno == EINTR) {}
        }
    }
    if (failure != 0) {
        close_all(own, GUARD_FILES);
        return failure;
    }
    close(own[REPORT]);
    program->input = own[0];
    program->output = own[1];
    program->errors = own[2];
    program->leash = own[LEASH];
    return 0;
}
