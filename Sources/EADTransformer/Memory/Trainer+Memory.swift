import EADCore
import EADEngine

/// What a trainer's buffers take.
extension Trainer {
    /// Weights, gradients and moments in f32.
    var stateBytes: Int { [self.master, self.gradient, self.mean, self.square].map(\.bytes).reduce(0, +) }
    /// The weights as the products read them.
    var panelBytes: Int { self.weights.bytes + self.transposed.bytes }
    /// What the largest micro-batch so far needed, without its keys and values.
    var batchBytes: Int {
        self.forward.bytes + self.forward.rotary.bytes + self.head.bytes + self.normed.bytes
            + (self.store?.bytes ?? 0) + (self.backward?.bytes ?? 0)
    }

    /// Makes all room that a micro-batch will need, without writing to it.
    func reserve(for batch: MicroBatch, parts: HeadPass.Parts) throws(EngineError) {
        let (rows, targets) = (batch.tokens.count, batch.targets.count)
        try self.reserve(rows: rows)
        try self.reserveNormed(rows: rows)
        try self.forward.reserve(
            rows: max(batch.promptRows, rows - batch.promptRows), positions: batch.positions)
        try self.head.reserve(targets: targets, parts: parts)
        try self.head.reserveBackward(targets: targets, rows: rows)
    }
}
