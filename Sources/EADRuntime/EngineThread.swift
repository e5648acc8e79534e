import Synchronization

/// What runs on an engine thread, and is used by that thread alone.
package protocol EngineWork<Command, Event> {
    associatedtype Command: Sendable
    associatedtype Event: Sendable

    /// Carries out a command; commands come in the order they were posted.
    mutating func perform(_ command: Command, report: (Event) -> Void) throws

    /// Goes on for a moment with what there is to do; false when there is nothing.
    mutating func advance(report: (Event) -> Void) throws -> Bool
}

extension EngineWork {
    package mutating func advance(report: (Event) -> Void) throws -> Bool { false }
}

/// Work on a thread of its own: commands go in, events come out, and nothing of the work leaves it.
package actor EngineThread<Command: Sendable, Event: Sendable> {
    private let executor: ThreadExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    private var work: any EngineWork<Command, Event>
    /// Commands wait here until the work has a moment.
    private nonisolated let inbox = Mutex<[Command]>([])
    private nonisolated let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private nonisolated let report: @Sendable (Event) -> Void

    /// - Parameters:
    ///   - name: Shown by debuggers and `top -H`.
    ///   - report: Takes every event, on this thread; it must only hand it on.
    package init(
        name: String, _ work: sending any EngineWork<Command, Event>, report: @escaping @Sendable (Event) -> Void
    ) {
        self.executor = ThreadExecutor(name: name)
        self.work = work
        self.report = report
    }

    package nonisolated func post(_ command: Command) {
        self.inbox.withLock { $0.append(command) }
        self.wake.yield()
    }

    /// Runs until cancelled, or until the work fails.
    package func run() async throws {
        for await _ in self.wakes {
            while !Task.isCancelled {
                for command in self.takeCommands() { try self.work.perform(command, report: self.report) }
                if try !self.work.advance(report: self.report) { break }
            }
        }
    }

    private func takeCommands() -> [Command] {
        self.inbox.withLock { commands in
            let taken = commands
            commands = []
            return taken
        }
    }
}
