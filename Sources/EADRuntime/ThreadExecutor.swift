import Dispatch
import EADCore
import EADTransport
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
        let failure = DetachedThread.start(name: name, stackBytes: 8 << 20) { self.loop() }
        guard failure == 0 else {
            // Whoever waits for this executor would wait for ever.
            RoleRunner.fail(
                RoleFailure(
                    .unavailable,
                    "cannot start the thread \(name): \(String(cString: strerror(failure))); raise the limit of processes "
                        + "(ulimit -u), or that of the control group"))
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
