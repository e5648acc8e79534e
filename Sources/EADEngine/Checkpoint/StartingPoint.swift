import EADCore
import Glibc

/// The weights and moments that training starts with: those of a checkpoint, or of a policy that was not trained.
package struct StartingPoint: ~Copyable {
    private let memory: UnsafeMutableBufferPointer<Float>
    private let count: Int
    /// Nil when nothing was trained.
    package let checkpoint: Checkpoint?

    /// - Parameters:
    ///   - count: Of weights.
    ///   - fill: Writes weights and moments, which are zero before, and says which checkpoint they are of.
    /// - Throws: What `fill` throws, and `RoleFailure` without memory.
    package init(
        count: Int,
        _ fill: (
            _ parameters: UnsafeMutableBufferPointer<Float>, _ first: UnsafeMutableBufferPointer<Float>,
            _ second: UnsafeMutableBufferPointer<Float>
        ) throws -> Checkpoint?
    ) throws {
        // Zeroed without being touched: the moments of a run without a checkpoint are zero.
        guard let zeros = calloc(3 * count, MemoryLayout<Float>.stride) else {
            throw RoleFailure(
                .io,
                "the system refused \(3 * count * 4) bytes of memory for weights and moments; ead-ctl doctor adds up what "
                    + "this host needs")
        }
        let memory = UnsafeMutableBufferPointer(
            start: zeros.bindMemory(to: Float.self, capacity: 3 * count), count: 3 * count)
        func part(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
            UnsafeMutableBufferPointer(rebasing: memory[index * count..<(index + 1) * count])
        }
        let checkpoint: Checkpoint?
        do { checkpoint = try fill(part(0), part(1), part(2)) } catch {
            free(memory.baseAddress)
            throw error
        }
        self.count = count
        self.memory = memory
        self.checkpoint = checkpoint
    }

    deinit { free(self.memory.baseAddress) }

    package var parameters: UnsafeBufferPointer<Float> { self.part(0) }

    /// Borrowed from this value.
    package var state: TrainingState {
        TrainingState(
            parameters: self.part(0), firstMoments: self.part(1), secondMoments: self.part(2),
            updates: Int(self.checkpoint?.state.updates ?? 0))
    }

    private func part(_ index: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(rebasing: self.memory[index * self.count..<(index + 1) * self.count])
    }
}
