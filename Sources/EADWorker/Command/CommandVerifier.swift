import EADConfiguration
import EADEnvironments
import EADProtocol
import EADRuntime
import Logging
import Synchronization

/// The verifier `command`: has a program score responses, one at a time, on a thread of its own.
///
/// The program is started once. One that hangs, dies or answers wrongly is killed and started again after a pause, and
/// the response it was asked about has no score. A response is not tried twice: what kills the program would kill it
/// again.
actor CommandVerifier {
    /// The responses to one prompt.
    struct Job: Sendable {
        let number: UInt64
        let prompt: String
        let answer: String
        let responses: [String]
    }

    /// One verdict per response; nil where the program failed.
    struct Scored: Sendable {
        let number: UInt64
        let verdicts: [Verdict?]
    }

    /// Readable from any thread while the program is waited for.
    final class Counters: Sendable {
        /// Responses that were scored or given up.
        let responses = Atomic<UInt64>(0)
        /// How often the program had to be killed, or could not be started again.
        let faults = Atomic<UInt64>(0)
    }

    private struct Inbox {
        var jobs: [Job] = []
        var cancelled: Set<UInt64> = []
    }

    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    private let command: [String]
    private let timeout: Duration
    private let logger: Logger
    private let errors: ErrorLog
    /// Nil after a fault, until it is started again.
    private var program: VerifierProgram?
    private var backoff: Backoff
    private var lastID: UInt64 = 0

    nonisolated let counters = Counters()
    private nonisolated let inbox = Mutex(Inbox())
    private nonisolated let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    nonisolated let (results, report) = AsyncStream.makeStream(of: Scored.self)

    /// Starts the program.
    /// - Parameters:
    ///   - command: The program and its arguments.
    ///   - timeout: How long it may take for one response; its own start counts towards the first.
    /// - Throws: `RoleFailure` when it cannot be started at all.
    init(
        executor: ThreadExecutor, command: [String], timeout: Duration, backoff: Backoff, logger: Logger
    ) throws(RoleFailure) {
        let errors = ErrorLog(logger: logger)
        do throws(VerifierFault) {
            self.program = try VerifierProgram(command, onErrors: errors.take)
        } catch {
            throw RoleFailure(.configuration, "the verifier program \(command[0]) \(error); see task.command")
        }
        self.executor = executor
        self.command = command
        self.timeout = timeout
        self.backoff = backoff
        self.logger = logger
        self.errors = errors
    }

    /// The verifier of the node's task; nil if it has a rule of its own.
    init?(context: RoleContext) throws(RoleFailure) {
        let task = context.configuration.task
        guard task.verifier == .command else { return nil }
        try self.init(
            executor: ThreadExecutor(name: "verifier"), command: task.command, timeout: task.commandTimeout,
            backoff: Backoff(context.configuration.protocol.backoff, seed: context.configuration.run.seed),
            logger: context.logger)
    }

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

    /// Runs until cancelled; the program ends with it.
    func run() async {
        defer { self.program = nil }
        for await _ in self.wakes {
            while !Task.isCancelled, let job = self.nextJob() { await self.perform(job) }
        }
    }

    private func nextJob() -> Job? {
        self.inbox.withLock { inbox in
            inbox.cancelled = []
            return inbox.jobs.isEmpty ? nil : inbox.jobs.removeFirst()
        }
    }

    private func perform(_ job: Job) async {
        var verdicts: [Verdict?] = []
        for response in job.responses {
            verdicts.append(await self.score(response, of: job))
            if Task.isCancelled || self.inbox.withLock({ $0.cancelled.contains(job.number) }) { return }
            self.counters.responses.add(1, ordering: .relaxed)
        }
        self.report.yield(Scored(number: job.number, verdicts: verdicts))
    }

    private func score(_ response: String, of job: Job) async -> Verdict? {
        do throws(VerifierFault) { try self.program?.checkQuiet() } catch { self.discard(error) }
        if self.program == nil { await self.startAgain() }
        guard let program = self.program else { return nil }
        self.lastID += 1
        do throws(VerifierFault) {
            let request = VerifierLine.request(
                self.lastID, prompt: job.prompt, response: response, answer: job.answer)
            let line = try program.exchange(request, within: self.timeout, unless: { Task.isCancelled })
            let verdict = try VerifierLine.verdict(line, id: self.lastID)
            self.backoff.reset()
            return verdict
        } catch {
            self.discard(error)
            return nil
        }
    }

    private func discard(_ fault: VerifierFault) {
        self.program?.kill()
        self.program = nil
        self.errors.finish()
        guard fault != .interrupted else { return }
        self.counters.faults.add(1, ordering: .relaxed)
        self.logger.warning("the verifier program \(self.command[0]) \(fault)")
    }

    private func startAgain() async {
        // Only a cancelled wait throws, and then nothing is started any more.
        guard (try? await Task.sleep(for: self.backoff.next())) != nil else { return }
        do throws(VerifierFault) {
            let program = try VerifierProgram(self.command, onErrors: self.errors.take)
            self.logger.info("started the verifier program again as process \(program.id)")
            self.program = program
        } catch {
            self.discard(error)
        }
    }
}

/// Passes what a verifier program complains about on to the log; used by one thread.
private final class ErrorLog {
    private var lines = ErrorLines()
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    func take(_ bytes: [UInt8]) { self.log(self.lines.take(bytes, now: .now)) }

    func finish() { self.log(self.lines.finish(now: .now)) }

    private func log(_ lines: [String]) {
        for line in lines { self.logger.info("verifier program: \(line)") }
    }
}
