import Synchronization

/// Counts finished pieces of work (a layer of a pass, a token), readable from any thread: a heartbeat that shows that
/// the engine moves.
package final class EngineProgress: Sendable {
    private let counter = Atomic<UInt64>(0)

    package init() {}

    package var value: UInt64 { self.counter.load(ordering: .relaxed) }

    package func advance(by count: UInt64 = 1) { self.counter.wrappingAdd(count, ordering: .relaxed) }
}
