import CEADKernels
package import EADCore

/// What this machine can do at best with so many threads, measured.
package struct MachinePeaks: Hashable, Sendable {
    /// f32 fused multiply-adds, in floating-point operations per second, two per fma; 0 where the CPU has none in vectors.
    package var f32: Double
    /// bf16 dot products, in floating-point operations per second; 0 where the CPU has none.
    package var bf16: Double
    /// Bytes per second read from memory larger than every cache; 0 when there was no memory to read.
    package var memoryRead: Double

    package init(f32: Double, bf16: Double, memoryRead: Double) {
        self.f32 = f32
        self.bf16 = bf16
        self.memoryRead = memoryRead
    }

    /// Measures for about a second; other work on the machine makes the figures smaller.
    ///
    /// - Parameters:
    ///   - threads: at least 1; more than 64 count as 64.
    ///   - memory: bytes that are allocated and read; several times the largest cache.
    ///   - before: called with the name of each measurement.
    package static func measure(
        threads: Int, memory: Int = 512 << 20, before: (String) -> Void = { _ in }
    ) -> MachinePeaks {
        precondition(threads >= 1 && memory > 0, "somebody measures something")
        let count = Int32(clamping: threads)
        before("f32 multiply-adds")
        let f32 = ead_peak_fma(count)
        before("bf16 dot products")
        let bf16 = ead_peak_bf16(count)
        before("reading memory")
        let read = Self.memoryRead(threads: threads, memory: memory)
        return MachinePeaks(f32: f32, bf16: bf16, memoryRead: read)
    }

    /// Measures `memoryRead` alone; every thread reads memory of its own.
    package static func memoryRead(threads: Int, memory: Int = 512 << 20) -> Double {
        precondition(threads >= 1 && memory > 0, "somebody measures something")
        return ead_peak_memory(Int32(clamping: threads), memory)
    }

    /// The peak of products of that precision; the f32 one where the CPU has no bf16 products.
    package func peak(_ precision: Precision) -> Double { precision == .bf16 && self.bf16 > 0 ? self.bf16 : self.f32 }

    /// The least time of a piece of work, and which resource sets it.
    package struct Limit: Hashable, Sendable {
        package var seconds: Double
        package var bound: String
    }

    /// Seconds that work takes at least: the longer of its arithmetic and its reading.
    package func limit(flops: Double, bytes: Double, _ precision: Precision) -> Limit {
        let arithmetic = flops / self.peak(precision)
        let reading = bytes / self.memoryRead
        let peak: Precision = self.bf16 > 0 ? precision : .f32
        return arithmetic >= reading
            ? Limit(seconds: arithmetic, bound: "\(peak) peak") : Limit(seconds: reading, bound: "memory")
    }

    /// Decoding a token for each of `batch` sequences: 2 operations per weight and sequence, weights read once.
    package func decoding(_ shape: ModelShape, _ precision: Precision, batch: Int) -> Limit {
        let weights = Double(shape.weightsPerToken)
        return self.limit(
            flops: Double(batch) * 2 * weights, bytes: weights * Double(precision.bytesPerParameter), precision)
    }

    /// Training on a response token, forward and backward: 6 operations per weight.
    package func training(_ shape: ModelShape, _ precision: Precision) -> Limit {
        self.limit(flops: 6 * Double(shape.weightsPerToken), bytes: 0, precision)
    }
}

extension ModelShape {
    /// Weights that a token is multiplied with in the layers.
    package var layerWeights: Int {
        let attention = (2 * self.heads + 2 * self.keyValueHeads) * self.headSize * self.hidden
        return self.layers * (attention + 3 * self.hidden * self.feedForward)
    }

    /// Weights of the output projection.
    package var headWeights: Int { self.vocabulary * self.hidden }

    /// Weights that a token is multiplied with, from its embedding to its logits.
    package var weightsPerToken: Int { self.layerWeights + self.headWeights }
}
