import EADCore

extension EnvironmentKind {
    package static let command = EnvironmentKind(
        "command", Row(reads: "what a program of yours reads", rightIf: "it says so", strictIf: "it says so"),
        runsProgram: true
    ) { task, host throws(EnvironmentError) in
        try ProgramEnvironment(command: task.command, timeout: task.commandTimeout, host: host)
    }
}

/// The environment of one turn that has a program of the user's score responses, one at a time.
///
/// The program is started once. One that hangs, dies or answers wrongly is killed and started again after a pause, and
/// the response it was asked about has no verdict. A response is not tried twice: what kills the program would kill it
/// again.
actor ProgramEnvironment: Environment {
    private let executor: any SerialExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    private let command: [String]
    private let timeout: Duration
    private let notify: @Sendable (EnvironmentHost.Notice) -> Void
    private let complaints: Complaints
    /// Nil after a fault, until it is started again.
    private var program: VerifierProgram?
    private var backoff: Backoff
    private var lastID: UInt64 = 0

    /// Starts the program.
    /// - Parameters:
    ///   - command: The program and its arguments.
    ///   - timeout: How long it may take for one response; its own start counts towards the first.
    init(command: [String], timeout: Duration, host: EnvironmentHost) throws(EnvironmentError) {
        let complaints = Complaints(notify: host.notify)
        do throws(VerifierFault) {
            self.program = try VerifierProgram(command, onErrors: complaints.take)
        } catch {
            throw EnvironmentError("the verifier program \(command[0]) \(error); see task.command")
        }
        self.executor = host.executor
        self.command = command
        self.timeout = timeout
        self.backoff = host.backoff
        self.notify = host.notify
        self.complaints = complaints
    }

    func step(_ response: String, in episode: Episode) async -> Turn {
        .end(await self.verdict(on: response, episode.problem))
    }

    func close() async { self.program = nil }

    private func verdict(on response: String, _ problem: Problem) async -> Verdict? {
        do throws(VerifierFault) { try self.program?.checkQuiet() } catch { self.discard(error) }
        if self.program == nil { await self.startAgain() }
        guard let program = self.program else { return nil }
        self.lastID += 1
        do throws(VerifierFault) {
            let request = VerifierLine.request(self.lastID, problem, response: response)
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
        self.complaints.finish()
        guard fault != .interrupted else { return }
        self.notify(.fault("the verifier program \(self.command[0]) \(fault)"))
    }

    private func startAgain() async {
        // Only a cancelled wait throws, and then nothing is started any more.
        guard (try? await Task.sleep(for: self.backoff.next())) != nil else { return }
        do throws(VerifierFault) {
            let program = try VerifierProgram(self.command, onErrors: self.complaints.take)
            self.notify(.information("started the verifier program again as process \(program.id)"))
            self.program = program
        } catch {
            self.discard(error)
        }
    }
}

/// Passes on what a verifier program writes to its standard error; used by one thread.
private final class Complaints {
    private var lines = ErrorLines()
    private let notify: @Sendable (EnvironmentHost.Notice) -> Void

    init(notify: @escaping @Sendable (EnvironmentHost.Notice) -> Void) { self.notify = notify }

    func take(_ bytes: [UInt8]) { self.pass(self.lines.take(bytes, now: .now)) }

    func finish() { self.pass(self.lines.finish(now: .now)) }

    private func pass(_ lines: [String]) {
        for line in lines { self.notify(.information("verifier program: \(line)")) }
    }
}
