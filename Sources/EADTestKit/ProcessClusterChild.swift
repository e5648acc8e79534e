package import Foundation
import Glibc

/// One process that a test started; what it prints is appended to a file.
package final class ProcessClusterChild {
    /// How a process ended.
    package enum Ending: Hashable, Sendable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    package let name: String
    package let id: pid_t
    private var ending: Ending?
    /// Whether a test sent it a signal that ends it.
    private(set) var wasSignalled = false

    /// - Parameter output: Takes standard output and standard error.
    package init(_ arguments: [String], name: String, output: URL) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output.path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var id = pid_t()
        let failure = posix_spawn(&id, arguments[0], &actions, nil, &words, environ)
        guard failure == 0 else {
            throw ProcessClusterError("cannot start \(arguments[0]): \(String(cString: strerror(failure)))")
        }
        self.id = id
        self.name = name
    }

    /// Sends a signal; does nothing once the process has been seen to end.
    package func signal(_ number: Int32) {
        guard self.poll() == nil else { return }
        if number != SIGSTOP && number != SIGCONT { self.wasSignalled = true }
        kill(self.id, number)
    }

    /// How the process ended; nil while it runs.
    package func poll() -> Ending? {
        if let ending = self.ending { return ending }
        var status: Int32 = 0
        guard waitpid(self.id, &status, WNOHANG) == self.id else { return nil }
        let signal = status & 0x7f
        self.ending = signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal: signal)
        return self.ending
    }

    /// Resident memory in bytes, 0 once it has ended.
    package var residentBytes: Int {
        // The second field counts resident pages; a process that has ended has no such file.
        let text = (try? String(contentsOfFile: "/proc/\(self.id)/statm", encoding: .utf8)) ?? ""
        let fields = text.split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
    }

    /// Ends the process at once and waits for that.
    func destroy() {
        guard self.poll() == nil else { return }
        kill(self.id, SIGKILL)
        var status: Int32 = 0
        if waitpid(self.id, &status, 0) == self.id { self.ending = .killed(signal: SIGKILL) }
    }
}

/// Why a test's cluster did not do what the test waits for, with the last lines of its logs.
package struct ProcessClusterError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
