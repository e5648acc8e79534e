/// What the machine does at best, and what that allows a model at best.
package struct SpeedFacts: Hashable, Sendable {
    /// Threads measured with.
    package var threads: Int
    /// Operations per second; 0 where the CPU has no such instruction.
    package var f32: Double
    package var bf16: Double
    /// Bytes per second; 0 when there was no memory to measure with.
    package var memoryRead: Double

    package init(threads: Int, f32: Double, bf16: Double, memoryRead: Double) {
        self.threads = threads
        self.f32 = f32
        self.bf16 = bf16
        self.memoryRead = memoryRead
    }

    package var check: Check {
        func operations(_ value: Double) -> String { value > 0 ? Quantity.giga(value) : "none" }
        let found =
            "f32 FMA \(operations(self.f32)), bf16 dot \(operations(self.bf16)) GFLOP/s, reading "
            + "\(Quantity.giga(self.memoryRead)) GB/s, \(self.threads) threads"
        let values = ["f32_flops": self.f32, "bf16_flops": self.bf16, "memory_read_bytes": self.memoryRead]
        guard self.f32 > 0, self.memoryRead > 0 else {
            return Check(
                "peaks", .warn, found, advice: "this CPU lacks fused multiply-adds in vectors, or memory was refused",
                values: values)
        }
        return Check("peaks", .ok, found, values: values)
    }

    /// The most tokens per second that the peaks allow a model.
    ///
    /// - Parameters:
    ///   - decoding: by batch.
    ///   - training: of response tokens.
    package static func limits(precision: String, decoding: [(batch: Int, rate: Double)], training: Double) -> Check {
        let batches = decoding.map { Quantity.rate($0.rate) }.joined(separator: " / ")
        let names = decoding.map { "\($0.batch)" }.joined(separator: " / ")
        var values = ["training_tokens_per_second": training]
        for (batch, rate) in decoding { values["decoding_tokens_per_second_\(batch)"] = rate }
        return Check(
            "limits", .ok,
            "at most, \(precision): decode \(batches) tokens/s at batch \(names), train \(Quantity.rate(training))",
            values: values.filter { $0.value.isFinite })
    }
}
