import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    /// The n-th open, write, flush or rename of a role fails, for one n after the other, until it gets to the end of the run.
    ///
    /// What fails is the system's call itself, whoever makes it: a library of the test's is loaded before all others.
    @Suite(.enabled(if: FailingCalls.compiler != nil, "a C compiler builds the library")) struct FailingCallsTests {
        @Test(arguments: ["controller", "learner"], ["open", "write", "flush", "rename"])
        func noCallThatFailsLosesOrRepeatsAGroup(role: String, call: String) async throws {
            let outcome = try await ProcessCluster.with(ProcessClusterFile(oneWorker: true)) { cluster in
                let library = try FailingCalls.build(in: cluster)
                let others = try ["controller", "learner", "worker-1"].filter { $0 != role }.map {
                    try cluster.start($0)
                }
                var number = 0
                while true {
                    number += 1
                    let child = try cluster.start(
                        role,
                        prefix: [
                            "/usr/bin/env", "LD_PRELOAD=\(library)", "EAD_FAILING_ROOT=\(cluster.run.path)/",
                            "EAD_FAILING_CALL=\(call)", "EAD_FAILING_NUMBER=\(number)",
                        ])
                    let ending = try await cluster.endingOrStandstill(of: child)
                    if ending == .exited(0) { break }
                    // It says what failed, and leaves everything as it was before.
                    #expect(ending == .exited(74) || ending == .exited(65), "call \(number): \(ending as Any)")
                    guard number < 400 else {
                        Issue.record("\(role) never gets to the end")
                        break
                    }
                }
                // A short run has more than a handful of each.
                #expect(number > (call == "rename" ? 2 : 5), "only \(number - 1) calls failed")
                for other in others { #expect(try await cluster.endingOrStandstill(of: other) == .exited(0)) }
                return try Outcome(cluster)
            }
            #expect(try await outcome == CalmRun.shared.outcome())
        }
    }
}

extension ProcessCluster {
    /// How a process ended that is expected to end by itself at some time.
    fileprivate func endingOrStandstill(of child: ProcessClusterChild) async throws -> ProcessClusterChild.Ending? {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            if let ending = child.poll() { return ending }
            try await Task.sleep(for: .milliseconds(20))
        }
        return nil
    }
}

enum FailingCalls {
    /// The compiler that comes with Swift, or the system's.
    static let compiler = ["/usr/bin/clang", "/opt/swift/usr/bin/clang", "/usr/bin/cc"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// Builds the library and returns its path.
    static func build(in cluster: ProcessCluster) throws -> String {
        let source = try cluster.write(Self.source, to: "failing.c")
        let library = cluster.directory.appending(path: "failing.so").path
        let process = Process()
        process.executableURL = URL(filePath: Self.compiler ?? "")
        process.arguments = ["-shared", "-fPIC", "-O1", "-o", library, source.path, "-ldl"]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "the library does not compile")
        return library
    }

    private static let source = #"""
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <stdarg.h>
        #include <stdatomic.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>

        static atomic_long calls;

        static int is_meant(const char *path) {
            const char *root = getenv("EAD_FAILING_ROOT");
            return root != NULL && strncmp(path, root, strlen(root)) == 0 && strstr(path, ".log") == NULL;
        }

        static int is_file_meant(int file) {
            char link[64], path[4096];
            if (file <= 2) return 0;
            snprintf(link, sizeof link, "/proc/self/fd/%d", file);
            const ssize_t count = readlink(link, path, sizeof path - 1);
            if (count <= 0) return 0;
            path[count] = 0;
            return is_meant(path);
        }

        /// Whether this call is the one that fails.
        static int fails(const char *call, int meant) {
            const char *wanted = getenv("EAD_FAILING_CALL"), *number = getenv("EAD_FAILING_NUMBER");
            if (!meant || wanted == NULL || number == NULL || strcmp(call, wanted) != 0) return 0;
            if (atomic_fetch_add(&calls, 1) + 1 != atol(number)) return 0;
            errno = EIO;
            return 1;
        }

        #define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

        int open(const char *path, int flags, ...) {
            va_list rest;
            va_start(rest, flags);
            const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
            va_end(rest);
            if (fails("open", (flags & O_ACCMODE) != O_RDONLY && is_meant(path))) return -1;
            return NEXT(open)(path, flags, mode);
        }

        ssize_t write(int file, const void *bytes, size_t count) {
            if (fails("write", is_file_meant(file))) return -1;
            return NEXT(write)(file, bytes, count);
        }

        int fsync(int file) { return fails("flush", is_file_meant(file)) ? -1 : NEXT(fsync)(file); }
        int fdatasync(int file) { return fails("flush", is_file_meant(file)) ? -1 : NEXT(fdatasync)(file); }
        int rename(const char *old, const char *new) { return fails("rename", is_meant(old)) ? -1 : NEXT(rename)(old, new); }
        """#
}
