import Foundation
import Synchronization

/// Two hosts on one machine: network namespaces joined by a virtual cable. Needs root and iproute2.
struct VirtualHosts {
    struct Failure: Error { var command: String }

    static let serverAddress = "10.231.77.1"
    let server: VirtualHost
    let client: VirtualHost

    /// Why they cannot be made here; nil when they can.
    static let obstacle: String? = {
        guard geteuid() == 0 else { return "making network namespaces needs root" }
        do {
            let hosts = try VirtualHosts()
            hosts.remove()
            return nil
        } catch {
            return "making network namespaces failed: \(error)"
        }
    }()

    init() throws {
        let names = ["ead-\(getpid())-a", "ead-\(getpid())-b"]
        do {
            for name in names { try Self.ip("netns add \(name)") }
            // Interface names have at most 15 bytes.
            let cable = ["ea\(getpid())", "eb\(getpid())"]
            try Self.ip("link add \(cable[0]) netns \(names[0]) type veth peer name \(cable[1]) netns \(names[1])")
            for (index, name) in names.enumerated() {
                try Self.ip("-n \(name) addr add 10.231.77.\(index + 1)/24 dev \(cable[index])")
                try Self.ip("-n \(name) link set \(cable[index]) up")
            }
        } catch {
            // What was made is taken away again; what was not cannot be.
            for name in names { try? Self.ip("netns del \(name)") }
            throw error
        }
        self.server = try VirtualHost(name: names[0])
        self.client = try VirtualHost(name: names[1])
    }

    /// Ends the hosts and what connects them.
    func remove() {
        for host in [self.server, self.client] {
            host.end()
            // A namespace left behind is harmless, and its name is of this process alone.
            try? Self.ip("netns del \(host.name)")
        }
    }

    private static func ip(_ arguments: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["ip"] + arguments.split(separator: " ").map(String.init)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(command: "ip \(arguments)") }
    }
}

/// A thread inside a network namespace: threads started by the tasks that run here are on that host too.
final class VirtualHost: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var hasEnded = false
    }

    let name: String
    private let state = Mutex(State())
    private let arrivals = DispatchSemaphore(value: 0)

    init(name: String) throws {
        self.name = name
        let descriptor = open("/run/netns/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw VirtualHosts.Failure(command: "open /run/netns/\(name)") }
        let entered = DispatchSemaphore(value: 0)
        let outcome = Outcome()
        Thread.detachNewThread {
            outcome.status.withLock { $0 = Self.enter(descriptor) }
            close(descriptor)
            entered.signal()
            self.work()
        }
        entered.wait()
        guard outcome.status.withLock({ $0 }) == 0 else { throw VirtualHosts.Failure(command: "setns") }
    }

    private final class Outcome: Sendable {
        let status = Mutex<Int32>(-1)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.state.withLock { $0.jobs.append(job) }
        self.arrivals.signal()
    }

    func end() {
        self.state.withLock { $0.hasEnded = true }
        self.arrivals.signal()
    }

    private func work() {
        while true {
            self.arrivals.wait()
            let job = self.state.withLock { $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }
            if let job {
                job.runSynchronously(on: self.asUnownedTaskExecutor())
            } else if self.state.withLock({ $0.hasEnded }) {
                return
            }
        }
    }

    /// setns(2), which Swift's Glibc module does not show.
    private static func enter(_ descriptor: Int32) -> Int32 {
        typealias SetNamespace = @convention(c) (Int32, Int32) -> Int32
        guard let symbol = dlsym(nil, "setns") else { return -1 }
        return unsafeBitCast(symbol, to: SetNamespace.self)(descriptor, 0)
    }
}
