import EADEngine
import Synchronization

/// Counts what the engine has trained; readable from any thread while it is busy, and before there is an engine.
final class TrainingCounters: Sendable {
    final class Counter: Sendable {
        private let value = Atomic<UInt64>(0)
        var count: UInt64 { self.value.load(ordering: .relaxed) }
        func add(_ more: Int) { self.value.wrappingAdd(UInt64(more), ordering: .relaxed) }
    }

    /// Prompt and response tokens that went through forward and backward passes.
    let tokens = Counter()
    private let engine = Mutex<EngineProgress?>(nil)

    /// Advances with the engine's work; 0 before there is one.
    var progress: UInt64 { self.engine.withLock { $0?.value ?? 0 } }

    /// This engine does the work from here on.
    func follow(_ engine: EngineProgress) { self.engine.withLock { $0 = engine } }
}
