import EADConfiguration
import ServiceLifecycle

/// The life of a role's shell: its children run side by side until one of them ends, which ends the others.
package struct RoleLife: Sendable {
    /// How often the state machine learns what time it is.
    private static let tickInterval = Fixed.tick.value

    private let end: AsyncStream<Void>
    private let ending: AsyncStream<Void>.Continuation

    package init() { (self.end, self.ending) = AsyncStream.makeStream(of: Void.self) }

    /// The role has nothing left to do: `run` returns.
    package func finish() { self.ending.finish() }

    /// Runs the children until `finish`, or until the first of them ends or fails.
    ///
    /// - Parameters:
    ///   - tick: Called regularly.
    ///   - drain: Called once when the process is asked to leave; it decides when to finish.
    ///   - children: The role's own loops.
    /// - Throws: what the first child to fail throws.
    package func run(
        tick: @escaping @Sendable () async -> Void, drain: @escaping @Sendable () async -> Void,
        children: [@Sendable () async throws -> Void]
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for child in children { group.addTask { try await child() } }
            group.addTask {
                while !Task.isCancelled {
                    await tick()
                    try await Task.sleep(for: Self.tickInterval)
                }
            }
            group.addTask {
                try await gracefulShutdown()
                await drain()
                // The drain has only begun: to end here would end the others.
                while !Task.isCancelled { try await Task.sleep(for: .seconds(3600)) }
            }
            group.addTask { for await _ in self.end {} }
            // The first child to finish is the end: the others run until cancelled.
            try await group.next()
            group.cancelAll()
        }
    }
}
