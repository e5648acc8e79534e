import CEADPosix
import Dispatch
import EADCore
import EADFiles
import Glibc
import Synchronization

/// A serial executor with a thread of its own, for actors that block or compute.
///
/// The cooperative pool has as many threads as cores; two blocking jobs on a two-core host would stop heartbeats and
/// make a healthy node look dead. Actors that write files or drive the engine run here instead.
package final class ThreadExecutor: SerialExecutor {
    private struct Queue {
        /// Jobs in the order they were enqueued; `head` is the next to run.
        var jobs: [UnownedJob] = []
        var head = 0

        mutating func pop() -> UnownedJob? {
            guard self.head < self.jobs.count else { return nil }
            defer {
                self.head += 1
                if self.head == self.jobs.count {
                    self.jobs.removeAll(keepingCapacity: true)
                    self.head = 0
                }
            }
            return self.jobs[self.head]
        }
    }

    private let queue = Mutex(Queue())
    private let wake = DispatchSemaphore(value: 0)

    /// Starts the thread; it lives as long as the process, as do the actors that run on it.
    /// - Parameter name: Shown by debuggers and `top -H`; cut to 15 bytes by the system.
    package init(name: String) {
        let start = Unmanaged.passRetained(Start(name: name, executor: self))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 8 << 20)
        defer { pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        let failure = Shortage.wait("to start the thread \(name)", while: Shortage.isPassingForProcesses) {
            pthread_create(
                &thread, &attributes,
                { argument in
                    guard let argument else { return nil }
                    let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                    // Failing to set the name changes nothing.
                    _ = ead_name_current_thread(start.name)
                    start.executor.loop()
                }, start.toOpaque())
        }
        guard failure == 0 else {
            // Whoever waits for this executor would wait for ever.
            RoleRunner.fail(
                RoleFailure(
                    .unavailable,
                    "cannot start the thread \(name): \(String(cString: strerror(failure))); raise the limit of processes "
                        + "(ulimit -u), or that of the control group"))
        }
    }

    /// What the thread is started with.
    private final class Start: Sendable {
        let name: String
        let executor: ThreadExecutor

        init(name: String, executor: ThreadExecutor) {
            self.name = name
            self.executor = executor
        }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.queue.withLock { $0.jobs.append(job) }
        self.wake.signal()
    }

    private func loop() -> Never {
        while true {
            self.wake.wait()
            guard let job = self.queue.withLock({ $0.pop() }) else { continue }
            job.runSynchronously(on: self.asUnownedSerialExecutor())
        }
    }
}
