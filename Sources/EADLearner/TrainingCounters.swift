import Synchronization

/// Counts what the engine has trained; readable from any thread while it is busy.
final class TrainingCounters: Sendable {
    final class Counter: Sendable {
        private let value = Atomic<UInt64>(0)
        var count: UInt64 { self.value.load(ordering: .relaxed) }
        func add(_ more: Int) { self.value.wrappingAdd(UInt64(more), ordering: .relaxed) }
    }

    /// Prompt and response tokens that went through forward and backward passes.
    let tokens = Counter()
}
