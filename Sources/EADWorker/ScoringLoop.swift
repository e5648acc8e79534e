import EADCore
import EADEngine
import EADEnvironments
import EADRuntime
import EADTelemetry
import Logging
import Synchronization

/// Has the task's environment judge responses, one at a time, on a thread of its own.
actor ScoringLoop {
    /// Responses of episodes that began alike.
    struct Job: Sendable {
        let number: UInt64
        let purpose: Purpose
        let episode: Episode
        let samples: [GeneratedSample]
    }

    /// One verdict per response; nil where the environment failed.
    struct Scored: Sendable {
        let number: UInt64
        let episode: Episode
        let verdicts: [Verdict?]
    }

    /// Readable from any thread while the environment is waited for.
    final class Counters: Sendable {
        /// Responses that were scored or given up.
        let responses = Atomic<UInt64>(0)
        /// How often the environment failed.
        let faults = Atomic<UInt64>(0)
        /// What it complained of last.
        fileprivate let complaint = Mutex(Complaint())
    }

    /// A fault, with what the environment had said before it.
    fileprivate struct Complaint {
        private static let limit = 500
        var words = ""
        var text = ""

        mutating func fault(_ fault: String) {
            let told = self.words.isEmpty ? fault : "\(fault); \(self.words)"
            self.text = String(told.prefix(Self.limit))
            self.words = ""
        }
    }

    private struct Inbox {
        var jobs: [Job] = []
        var cancelled: Set<UInt64> = []
    }

    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    private let sampler: Sampler
    nonisolated let environment: any Environment

    nonisolated let counters: Counters
    private nonisolated let inbox = Mutex(Inbox())
    private nonisolated let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    nonisolated let (results, report) = AsyncStream.makeStream(of: Scored.self)

    /// - Throws: `RoleFailure` when the environment cannot be made.
    init(
        task: TaskConfiguration, sampler: Sampler, backoff: Backoff,
        executor: ThreadExecutor = ThreadExecutor(name: "environment"),
        logger: Logger
    ) throws(RoleFailure) {
        let counters = Counters()
        let host = EnvironmentHost(executor: executor, backoff: backoff) { notice in
            switch notice {
            case .information(let text):
                counters.complaint.withLock { $0.words = text }
                logger.info("\(text)")
            case .fault(let text):
                counters.faults.add(1, ordering: .relaxed)
                counters.complaint.withLock { $0.fault(text) }
                logger.warning("\(text)")
            }
        }
        do {
            self.environment = try EnvironmentKind.environment(of: task, host: host)
        } catch {
            throw RoleFailure(.configuration, error.description)
        }
        self.sampler = sampler
        self.counters = counters
        self.executor = executor
    }

    /// What happened so far, for the worker's heartbeat.
    nonisolated var counted: MetricCounters {
        var counters = MetricCounters()
        counters[\.verifierResponses] = self.counters.responses.load(ordering: .relaxed)
        counters[\.verifierFaults] = self.counters.faults.load(ordering: .relaxed)
        return counters
    }

    /// What the environment complained of last; empty when it never did.
    nonisolated var complaint: String { self.counters.complaint.withLock { $0.text } }

    /// Grows with every response that was scored or given up.
    nonisolated var progress: UInt64 { self.counters.responses.load(ordering: .relaxed) }

    nonisolated func post(_ job: Job) {
        self.inbox.withLock { $0.jobs.append(job) }
        self.wake.yield()
    }

    /// The result is not wanted any more.
    nonisolated func cancel(_ number: UInt64) {
        self.inbox.withLock { inbox in
            let waiting = inbox.jobs.count
            inbox.jobs.removeAll { $0.number == number }
            if inbox.jobs.count == waiting { inbox.cancelled.insert(number) }
        }
    }

    /// Runs until cancelled; the environment ends with it.
    func run() async {
        for await _ in self.wakes {
            while !Task.isCancelled, let job = self.nextJob() { await self.perform(job) }
        }
        await self.environment.close()
    }

    private func nextJob() -> Job? {
        self.inbox.withLock { inbox in
            inbox.cancelled = []
            return inbox.jobs.isEmpty ? nil : inbox.jobs.removeFirst()
        }
    }

    private func perform(_ job: Job) async {
        var verdicts: [Verdict?] = []
        for sample in job.samples {
            verdicts.append(
                await self.sampler.verdict(
                    on: sample, purpose: job.purpose, in: job.episode, by: self.environment))
            if Task.isCancelled || self.inbox.withLock({ $0.cancelled.contains(job.number) }) { return }
            self.counters.responses.add(1, ordering: .relaxed)
        }
        self.report.yield(Scored(number: job.number, episode: job.episode, verdicts: verdicts))
    }
}
